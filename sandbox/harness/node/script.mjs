// Runs one program and reports how it ended; its type check goes on beside it.

import { existsSync } from "node:fs";
import { own, WORK } from "./layout.mjs";
import { sourceFiles } from "./files.mjs";
import { endLike, start } from "./processes.mjs";
import { withLength } from "./frames.mjs";
import { startTypeCheck } from "./typecheck.mjs";
import { clean } from "./text.mjs";
import { transpile } from "./transpile.mjs";

const PROBLEM = "problem";

export async function run(orders, send) {
  const entry = `${WORK}/${orders.entry}`;
  const files = sourceFiles();
  const check = startTypeCheck(files, orders.pristine);
  const { sources, errors } = await transpile(files, orders.pristine);
  if (!existsSync(entry) || errors) {
    check.stop();
    return end(send, "compile_error", errors || `There is no file ${orders.entry}.`);
  }
  const types = await check.errors;
  if (types) return end(send, "compile_error", types);
  const child = start(own("program.mjs"), orders.memory_mb, { ipc: false });
  const channel = child.stdio[4];
  let thrown = "";
  channel.setEncoding("utf8");
  channel.on("data", (chunk) => (thrown = (thrown + chunk).slice(0, 100_000)));
  channel.on("error", () => {});
  channel.write(withLength({ entry, sources }));
  const [code, signal] = await new Promise((done) => child.on("close", (...how) => done(how)));
  if (child.ranOutOfMemory() && (signal || code)) {
    send(PROBLEM, { sort: "runtime_error", message: "It ran out of memory.", memory: true });
  } else if (signal) {
    return endLike(code, signal);
  } else if (code) {
    send(PROBLEM, { sort: "runtime_error", message: clean(thrown) || `It ended with status ${code}.` });
  }
  send("finish", {});
  process.exitCode = code ?? 1;
}

function end(send, sort, message) {
  process.stderr.write(`${message}\n`);
  send(PROBLEM, { sort, message: clean(message) });
  send("finish", {});
  process.exitCode = 1;
}
