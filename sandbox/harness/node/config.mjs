// The project's own test configuration, where it is protected: its plain values, checked. Nothing of it is run here.

import { withLength } from "./frames.mjs";
import { own, WORK } from "./layout.mjs";
import { start } from "./processes.mjs";
import { transpile } from "./transpile.mjs";

const NAMES = ["vitest.config", "vite.config", "jest.config"];
const ENDINGS = [".ts", ".mts", ".cts", ".js", ".mjs", ".cjs"];
const ENVIRONMENTS = { node: "node", jsdom: "jsdom", "happy-dom": "jsdom" };
const DEADLINE_MS = 15_000;

/** Settings for vitest and for vite; empty when the project has none, or none that can be read. */
export async function projectSettings(files, { protected: known, memory_mb: memory }) {
  const trusted = new Set(known);
  const entry = NAMES.flatMap((name) => ENDINGS.map((ending) => `${WORK}/${name}${ending}`)).find((path) => trusted.has(path));
  if (!entry) return { test: {}, alias: [] };
  const { sources } = await transpile(files.filter((path) => trusted.has(path)));
  const told = await tell(start(own("config_program.mjs"), memory, { ipc: false }), { entry, sources });
  if (told) return checked(told, trusted);
  process.stderr.write(`The settings of ${entry.slice(WORK.length + 1)} could not be read; the tests run without them.\n`);
  return { test: {}, alias: [] };
}

async function tell(child, orders) {
  let text = "";
  const channel = child.stdio[4];
  channel.setEncoding("utf8");
  channel.on("data", (chunk) => (text += chunk));
  channel.on("error", () => {});
  channel.write(withLength(orders));
  const timer = setTimeout(() => child.kill("SIGKILL"), DEADLINE_MS);
  await new Promise((done) => child.on("close", done));
  clearTimeout(timer);
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Setup files count only where they are protected, for a candidate could have written them. */
function checked(told, trusted) {
  const test = {};
  if (Object.hasOwn(ENVIRONMENTS, told.environment ?? "")) test.environment = ENVIRONMENTS[told.environment];
  for (const name of ["testTimeout", "hookTimeout"]) if (Number.isFinite(told[name])) test[name] = told[name];
  const paths = told.setupFiles.map((path) => (String(path).startsWith("/") ? path : `${WORK}/${String(path).replace(/^\.\//, "")}`));
  test.setupFiles = paths.filter((path) => trusted.has(path));
  const alias = told.alias.map(({ find, replacement }) => ({
    find: typeof find === "string" ? find : new RegExp(find.source, find.flags),
    replacement: replacement.startsWith("./") ? `${WORK}/${replacement.slice(2)}` : replacement,
  }));
  return { test, alias };
}
