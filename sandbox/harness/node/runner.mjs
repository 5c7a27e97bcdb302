// What the harness adds to vitest's runner, in the process of the tests: it keeps its own account of every test,
// mixes the control tests in, and reports over a channel of its own. vitest's word for an outcome is not enough: the
// code under test can write into vitest's tasks.

import assert from "node:assert";
import { getFn, test as register } from "@vitest/runner";
import { getNames } from "@vitest/runner/utils";
import { TestRunner } from "vitest";
import { WORK } from "./layout.mjs";
import { inheritButKeep } from "./lock.mjs";
import { describe } from "./text.mjs";

const { apply, getOwnPropertyDescriptor } = Reflect;
const random = crypto.getRandomValues.bind(crypto);
const Words = Uint32Array;
const HOOKS = ["importFile", "onCollected", "runTask", "onAfterRetryTask", "onAfterRunTask", "onAfterRunFiles"];

/** Put the account into vitest's runner. `send` reports, `expect` is what control tests use. */
export function keepAccount({ canaries, select, protected: files }, expect, send) {
  const proto = TestRunner.prototype;
  const before = Object.fromEntries(HOOKS.map((name) => [name, getOwnPropertyDescriptor(proto, name)?.value]));
  const account = new Account(canaries, select, new Set(files), expect, send);
  const then = (name, self, values) => before[name] && apply(before[name], self, values);
  Object.assign(proto, {
    importFile(path, source) {
      if (source === "collect") account.registerCanaries();
      return then("importFile", this, [path, source]);
    },
    onCollected(collected) {
      for (const file of collected) account.collect(file);
      return then("onCollected", this, [collected]);
    },
    runTask: (test) => account.run(test),
    onAfterRetryTask(test, options) {
      if (test.result.state === "skip") account.finish(test);
      return then("onAfterRetryTask", this, [test, options]);
    },
    onAfterRunTask(test) {
      account.finish(test);
      return then("onAfterRunTask", this, [test]);
    },
    onAfterRunFiles(ran) {
      for (const file of ran) account.close(file);
      return then("onAfterRunFiles", this, [ran]);
    },
  });
  for (const name of HOOKS) inheritButKeep(proto, name);
}

class Account {
  #canaries;
  #select;
  #protected;
  #expect;
  #send;
  #entries = new Map();

  constructor(canaries, select, files, expect, send) {
    this.#canaries = new Map(Object.entries(canaries));
    this.#select = select;
    this.#protected = files;
    this.#expect = expect;
    this.#send = send;
  }

  registerCanaries() {
    for (const [name, text] of this.#canaries) {
      const body = new Function("expect", "assert", text);
      register(name, () => body(this.#expect, assert));
    }
  }

  /** Take down every test of a file as it is now: what it is called, what it runs, whether it is meant to fail. */
  collect(file) {
    const path = file.filepath.slice(WORK.length + 1);
    const canaries = file.tasks.filter((task) => this.#canaries.has(task.name));
    file.tasks = file.tasks.filter((task) => !this.#canaries.has(task.name));
    if (file.result?.state === "fail") {
      this.#send("row", { ...collector(path), message: describe(file.result.errors?.[0]) });
      file.tasks = [];
      return;
    }
    const tests = testsOf(file);
    const names = new Map();
    let count = 0;
    for (const test of tests) {
      const plain = `${path}::${getNames(test).slice(1).join(" > ")}`;
      const times = (names.get(plain) ?? 0) + 1;
      names.set(plain, times);
      const id = times > 1 ? `${plain} (${times})` : plain;
      if (!this.#wanted(id, path)) {
        test.mode = "skip";
        continue;
      }
      count++;
      const skipped = test.mode !== "run" && test.mode !== "queued";
      this.#entries.set(test, { id, fn: getFn(test), fails: Boolean(test.fails), reported: skipped, returned: false });
      if (skipped) this.#row(id, "skipped", 0, "");
    }
    leaveOutEmpty(file);
    if (count > 0) this.#mixIn(file, canaries);
    this.#send("collected", { file: path, count });
  }

  #wanted(id, path) {
    if (this.#select.length === 0) return true;
    return this.#select.some(
      (one) => one === path || path.startsWith(`${one.replace(/\/$/, "")}/`) || id === one || id.startsWith(`${one} > `),
    );
  }

  #mixIn(file, canaries) {
    for (const canary of canaries) {
      canary.mode = "run";
      canary.suite = undefined;
      this.#entries.set(canary, { id: canary.name, fn: getFn(canary), fails: false, reported: false, returned: false });
      file.tasks.splice(random(new Words(1))[0] % (file.tasks.length + 1), 0, canary);
    }
    file.mode = "run";
  }

  async run(test) {
    const entry = this.#entries.get(test);
    if (!entry) throw new Error("This test was not there when tests were collected.");
    entry.returned = false;
    entry.ran = true;
    entry.error = undefined;
    try {
      await entry.fn();
      entry.returned = true;
    } catch (error) {
      entry.error = error;
      throw error;
    }
  }

  finish(test) {
    const entry = this.#entries.get(test);
    if (!entry || entry.reported) return;
    entry.reported = true;
    const [outcome, message] = this.#judge(test, entry);
    this.#row(entry.id, outcome, test.result?.duration ?? 0, message);
  }

  #judge(test, entry) {
    const state = test.result?.state;
    const error = test.result?.errors?.[0];
    if (state === "skip") {
      const way = String(entry.error?.stack ?? "");
      if (entry.ran && this.#leadsThroughTestedCode(test, way)) {
        return ["failed", "The test was skipped by the code under test, not by the test."];
      }
      return ["skipped", describe({ name: "Skipped", message: test.result.note ?? "" })];
    }
    if (state !== "pass") return [entry.ran ? "failed" : "error", describe(error ?? entry.error, error?.diff)];
    if (entry.ran && entry.returned !== entry.fails) return ["passed", ""];
    return ["failed", "The test did not end as it was reported to have ended."];
  }

  #leadsThroughTestedCode(test, stack) {
    const files = stack.match(/\/work\/[^\s:)?]+/g) ?? [];
    return files.some((file) => file !== test.file.filepath && !this.#protected.has(file) && !file.includes("/node_modules/"));
  }

  /** Report what the runner did not: tests that a failing hook kept from running, and hooks that failed after them. */
  close(file) {
    const path = file.filepath.slice(WORK.length + 1);
    for (const suite of suitesOf(file)) {
      const error = suite.result?.errors?.[0];
      if (!error || (suite === file && file.tasks.length === 0)) continue;
      const waiting = testsOf(suite).filter((test) => this.#entries.get(test)?.reported === false);
      const message = describe(error, error.diff);
      if (waiting.length === 0) this.#send("row", { ...collector(`${path}::${suite.name}`), message });
      for (const test of waiting) this.#unrun(test, message);
    }
    for (const test of testsOf(file)) {
      if (this.#entries.get(test)?.reported === false) this.#unrun(test, "The test was not run.");
    }
    this.#send("done", { file: path });
  }

  #unrun(test, message) {
    const entry = this.#entries.get(test);
    entry.reported = true;
    this.#row(entry.id, "error", 0, message);
  }

  #row(test, outcome, duration, message) {
    this.#send("row", { test, outcome, duration_ms: Math.floor(duration), message });
  }
}

const collector = (test) => ({ test, outcome: "error", duration_ms: 0, collector: true, sort: "" });

function testsOf(suite) {
  return suite.tasks.flatMap((task) => (task.type === "test" ? [task] : testsOf(task)));
}

function suitesOf(suite) {
  return [suite, ...suite.tasks.filter((task) => task.type === "suite").flatMap(suitesOf)];
}

/** A suite of which nothing is to run must not run its hooks either. */
function leaveOutEmpty(suite) {
  for (const task of suite.tasks) if (task.type === "suite") leaveOutEmpty(task);
  const idle = (task) => task.mode !== "run" && task.mode !== "queued";
  if (suite.tasks.length > 0 && suite.tasks.every(idle)) suite.mode = "skip";
}
