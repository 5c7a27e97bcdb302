// @ts-nocheck
/** Make each attempt, and print what came of it: "done…" when it worked, else why it did not. */
export async function attempts(table: Record<string, () => unknown>): Promise<void> {
  const answers: Record<string, string> = {};
  for (const [name, attempt] of Object.entries(table)) {
    try {
      const outcome = await Promise.race([attempt(), new Promise((_, no) => setTimeout(no, 1500, new Error("no answer")))]);
      answers[name] = `done ${String(outcome).slice(0, 60)}`;
    } catch (problem) {
      answers[name] = `${problem?.code ?? ""} ${problem?.message ?? problem}`;
    }
  }
  console.log(JSON.stringify(answers));
  process.exit(0);
}
