// Runs the entry file of a script.

import { closeSync, writeSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { readBlock } from "./frames.mjs";
import { serve } from "./hooks.mjs";

const CHANNEL = 4;
const { entry, sources } = readBlock(CHANNEL);

serve(sources);
process.on("uncaughtExceptionMonitor", (error) => {
  try {
    writeSync(CHANNEL, String(error?.stack ?? error).slice(0, 50_000));
    closeSync(CHANNEL);
  } catch {
    // The reason is printed all the same.
  }
});
process.argv[1] = entry;
await import(pathToFileURL(entry).href);
