// The process that tests run in. It loads vitest, locks what tested code could bend, and only then takes work.

import { frameWriter, readBlock } from "./frames.mjs";

const CHANNEL = 4;
const { key, ...orders } = readBlock(CHANNEL);
const send = frameWriter(CHANNEL, key);

const { init, runBaseTests, setupEnvironment } = await import("vitest/worker");
const { expect, vi } = await import("vitest");
const { keepAccount } = await import("./runner.mjs");
const { makeHonest } = await import("./honest.mjs");
const { lockLanguage } = await import("./lock.mjs");

keepAccount(orders, expect, send);
makeHonest(expect);
globalThis.jest = vi;
lockLanguage();

const post = process.send.bind(process);
const on = process.on.bind(process);
const off = process.off.bind(process);
init({
  post: (message) => post(message),
  on: (take) => on("message", take),
  off: (take) => off("message", take),
  runTests: (state, traces) => runBaseTests("run", state, traces),
  collectTests: (state, traces) => runBaseTests("collect", state, traces),
  setup: setupEnvironment,
});
