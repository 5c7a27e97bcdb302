import assert from "node:assert";
import { describe, expect, test } from "vitest";
import { add } from "./solution";

describe("add", () => {
  test("small", () => {
    expect(add(2, 3)).toBe(5);
  });
  test("large", () => {
    expect({ sum: add(40_000, 2) }).toEqual({ sum: 40_002 });
  });
  test("below zero", () => {
    assert.strictEqual(add(-4, 1), -3);
    assert.deepEqual([add(-4, -1)], [-5]);
  });
});
