// Honest matchers: a value under test that brings a method `asymmetricMatch` decides itself what it is equal to.
// Such values belong on the side of the test; on the other side they fail the assertion.

import { chai } from "@vitest/expect";
import { lock } from "./lock.mjs";

const COMPARING = [
  ...["toEqual", "toStrictEqual", "toMatchObject", "toContainEqual", "toContain", "toHaveProperty", "toBeOneOf"],
  ...["toHaveBeenCalledWith", "toHaveBeenLastCalledWith", "toHaveBeenNthCalledWith", "toHaveBeenCalledExactlyOnceWith"],
  ...["toHaveReturnedWith", "toHaveLastReturnedWith", "toHaveNthReturnedWith", "toHaveResolvedWith"],
  ...["toHaveLastResolvedWith", "toHaveNthResolvedWith", "toThrow", "toThrowError", "eql", "eqls", "members"],
];
const MOST_VALUES = 10_000;
const { apply, getOwnPropertyDescriptor, ownKeys } = Reflect;
const { defineProperty } = Object;
const isArray = Array.isArray;
const AssertionError = chai.AssertionError;

/** Put the question before every comparing matcher, then lock all of chai. */
export function makeHonest(expect) {
  const proto = chai.Assertion.prototype;
  for (const name of COMPARING) {
    const found = getOwnPropertyDescriptor(proto, name);
    const matcher = found?.value;
    if (typeof matcher !== "function") continue;
    defineProperty(proto, name, {
      ...found,
      value(...values) {
        question(this._obj);
        return apply(matcher, this, values);
      },
    });
  }
  for (const owner of [proto, chai.Assertion, expect]) lock(owner, new Set());
}

function question(value) {
  const seen = new Set();
  const open = [value];
  while (open.length > 0 && seen.size < MOST_VALUES) {
    const one = open.pop();
    if (one === null || (typeof one !== "object" && typeof one !== "function") || seen.has(one)) continue;
    seen.add(one);
    if (claims(one)) throw new AssertionError("the value under test decides itself what it is equal to");
    if (typeof one === "function" && !one.mock) continue;
    if (typeof one === "function") open.push(one.mock.calls, one.mock.results, one.mock.settledResults);
    else push(open, one);
  }
}

function claims(value) {
  try {
    return "asymmetricMatch" in value && typeof value.asymmetricMatch === "function";
  } catch {
    return false;
  }
}

function push(open, value) {
  try {
    if (isArray(value)) {
      for (let i = 0; i < value.length && i < MOST_VALUES; i++) open.push(value[i]);
      return;
    }
    if (value instanceof Map || value instanceof Set) for (const entry of value) open.push(entry);
    for (const key of ownKeys(value)) {
      const found = getOwnPropertyDescriptor(value, key);
      if (found && "value" in found) open.push(found.value);
    }
  } catch {
    // A value that cannot be walked through is compared as it is.
  }
}
