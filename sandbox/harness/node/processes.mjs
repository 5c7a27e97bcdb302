// The processes that tested code runs in: their environment and limits, and what their end means.

import { spawn } from "node:child_process";

const HEAP_SHARE = 0.75;
const HEAP_FULL = /heap out of memory|Reached heap limit|MEMORY_ALLOCATION_FAILED|buffer allocation failed/;

function flags(memoryMb) {
  const heap = memoryMb ? [`--max-old-space-size=${Math.max(64, Math.floor(memoryMb * HEAP_SHARE))}`] : [];
  return [...heap, "--no-warnings", "--disable-sigusr1"];
}

/** Start a program of the harness. Its descriptor 4 is a channel of ours, besides the one of Node. */
export function start(program, memoryMb, { ipc }) {
  const child = spawn(process.execPath, [...flags(memoryMb), ...(ipc ? [] : ["--enable-source-maps"]), program], {
    stdio: ["ignore", "inherit", "pipe", ipc ? "ipc" : "ignore", "pipe"],
    serialization: "advanced",
  });
  let tail = "";
  child.stderr.on("data", (chunk) => {
    process.stderr.write(chunk);
    tail = (tail + chunk.toString("latin1")).slice(-4000);
  });
  child.ranOutOfMemory = () => HEAP_FULL.test(tail);
  return child;
}

/** End like a process that was ended: the supervisor reads the verdict off this. */
export function endLike(code, signal) {
  if (!signal) process.exit(code ?? 1);
  process.kill(process.pid, signal);
  setTimeout(() => process.exit(1), 1000);
}
