// What `node:test` exports, run by vitest's runner, so that its tests are reported and guarded like all others.
// A subtest is a part of the test it is in and has no row of its own.

import assert from "node:assert";
import { mock as realMock } from "node:test";
import { afterAll, afterEach, beforeAll, beforeEach, describe as suiteOf, test as testOf } from "vitest";

const named = (values) => {
  const body = values.find((value) => typeof value === "function") ?? (() => {});
  const options = values.find((value) => value && typeof value === "object") ?? {};
  const name = typeof values[0] === "string" ? values[0] : body.name || "<anonymous>";
  return { name, options, body };
};

function register(how) {
  return (...values) => {
    const { name, options, body } = named(values);
    const kind = options.skip ? how.skip : options.todo ? how.todo : options.only ? how.only : how;
    const timeout = Number.isFinite(options.timeout) ? options.timeout : undefined;
    if (how === suiteOf) kind(name, () => body({ name }));
    else kind(name, (context) => inside(name, context, body), timeout);
  };
}

async function inside(name, context, body) {
  const ends = [];
  const after = [];
  const before = [];
  const t = {
    name,
    fullName: name,
    assert,
    mock: realMock,
    signal: context.signal,
    diagnostic: () => {},
    plan: () => {},
    skip: (why) => context.skip(why),
    todo: () => {},
    after: (fn) => ends.push(fn),
    before: (fn) => fn(t),
    beforeEach: (fn) => before.push(fn),
    afterEach: (fn) => after.push(fn),
    runOnly: () => {},
    async test(...values) {
      const part = named(values);
      if (part.options.skip || part.options.todo) return;
      for (const fn of before) await fn(t);
      await inside(`${name} > ${part.name}`, { ...context, skip: () => {} }, part.body);
      for (const fn of after) await fn(t);
    },
  };
  try {
    if (body.length > 1) await new Promise((done, fail) => body(t, (error) => (error ? fail(error) : done())));
    else await body(t);
  } finally {
    for (const fn of ends.reverse()) await fn(t);
    realMock.restoreAll();
  }
}

function withModes(how) {
  const kinds = ["skip", "todo", "only"];
  const call = register(how);
  for (const kind of kinds) call[kind] = (name, ...rest) => how[kind](name, ...rest.filter((one) => typeof one === "function"));
  return call;
}

export const test = withModes(testOf);
export const it = test;
export const describe = withModes(suiteOf);
export const suite = describe;
export const before = (fn) => beforeAll(() => fn());
export const after = (fn) => afterAll(() => fn());
const eachBefore = (fn) => beforeEach((context) => fn({ name: context.task.name }));
const eachAfter = (fn) => afterEach((context) => fn({ name: context.task.name }));
export { eachBefore as beforeEach, eachAfter as afterEach };
export const mock = realMock;
export default Object.assign(test, { test, it, describe, suite, before, after, mock });
