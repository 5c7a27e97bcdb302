// First program of a TypeScript box: takes its orders from the supervisor, has tested code run in other processes,
// and reports. Nothing of the tested code is ever loaded here, and nobody can look into this process: its program
// file may be executed but not read, which makes the kernel keep others out of its memory and descriptors.

import { closeSync } from "node:fs";
import { frameWriter, readBlock } from "./frames.mjs";
import { linkPackages } from "./files.mjs";

const CONFIG_FD = 3;
const ROWS_FD = 4;

const { key, ...orders } = readBlock(CONFIG_FD);
closeSync(CONFIG_FD);
const send = frameWriter(ROWS_FD, key);
linkPackages();
const { run } = await import({ tests: "./tests.mjs", probe: "./probe.mjs", script: "./script.mjs" }[orders.kind]);
await run(orders, send);
