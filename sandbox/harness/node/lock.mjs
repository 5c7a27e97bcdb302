// Makes what tests and the harness rely on unchangeable, before tested code is loaded: a program that could replace
// Object.is, a matcher or an assertion could make its own failing tests pass.

import assert from "node:assert";

/** Names that programs assign on their own objects, which would fail if an inherited one could not be written. */
const FREE = new Set([
  ...["constructor", "toString", "toLocaleString", "valueOf", "toJSON", "name", "message", "cause"],
  "prepareStackTrace", // vite sets it, to show lines of the source
]);
const GLOBALS = [
  ...["Object", "Function", "Array", "Promise", "Map", "Set", "WeakMap", "WeakSet", "WeakRef", "Reflect", "Proxy"],
  ...["Symbol", "String", "Number", "Boolean", "BigInt", "RegExp", "Error", "TypeError", "RangeError", "SyntaxError"],
  "AggregateError",
];
/** Their names are given to others by jsdom. */
const BINARY = [ArrayBuffer, DataView, Uint8Array, Uint32Array, Int32Array, Float64Array];
const { defineProperty, getOwnPropertyDescriptor, getPrototypeOf } = Object;
const { ownKeys } = Reflect;

/** Lock the functions that `owner` has of its own; what is added later is left alone. */
export function lock(owner, free = FREE) {
  for (const name of ownKeys(owner)) {
    if (free.has(name)) continue;
    const found = getOwnPropertyDescriptor(owner, name);
    if (!found.configurable && !found.writable) continue;
    if (found.get || found.set) defineProperty(owner, name, { configurable: false });
    else if (typeof found.value === "function") defineProperty(owner, name, { configurable: false, writable: false });
  }
}

/** The language itself, and node:assert. Math, JSON, Date and timers stay free: tests replace those on purpose. */
export function lockLanguage() {
  const iterator = getPrototypeOf(getPrototypeOf([][Symbol.iterator]()));
  const asynchronous = async function* () {};
  const owners = [
    ...[...GLOBALS.map((name) => globalThis[name]), ...BINARY].flatMap((one) => [one, one.prototype]),
    ...[getPrototypeOf(Uint8Array), getPrototypeOf(Uint8Array.prototype), iterator],
    ...[[], new Map(), new Set(), ""].map((one) => getPrototypeOf(one[Symbol.iterator]())),
    ...[getPrototypeOf(function* () {}.prototype), getPrototypeOf(asynchronous.prototype)],
  ].filter((one) => one && one !== Object.prototype);
  for (const owner of owners) lock(owner);
  for (const name of ["hasOwnProperty", "isPrototypeOf", "propertyIsEnumerable"]) {
    defineProperty(Object.prototype, name, { configurable: false, writable: false });
  }
  inheritButKeep(Object.prototype, "toString");
  for (const name of GLOBALS) defineProperty(globalThis, name, { configurable: false, writable: false });
  for (const owner of [assert, assert.strict, assert.AssertionError.prototype]) lock(owner);
}

/** A method that stays as it is, while objects that inherit it can still be given one of their own. */
export function inheritButKeep(owner, name) {
  const method = owner[name];
  defineProperty(owner, name, {
    configurable: false,
    get: () => method,
    set(value) {
      if (this === owner) throw new TypeError(`${name} cannot be replaced here`);
      defineProperty(this, name, { value, configurable: true, enumerable: true, writable: true });
    },
  });
}
