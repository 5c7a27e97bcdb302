// The signed lines of `frames.py`: `<mac> <json>\n`, numbered from 0. And the block with its length before it.

import { readSync, writeSync } from "node:fs";
import { macOf } from "./mac.mjs";

const quote = JSON.stringify;
const isArray = Array.isArray;
const keysOf = Object.keys;
const codeAt = Function.prototype.call.bind(String.prototype.charCodeAt);
const hexOf = Function.prototype.call.bind(Number.prototype.toString);
const fromText = Buffer.from;

/** JSON in ASCII. Only plain values go through JSON.stringify: it would ask objects, and their prototypes, for toJSON. */
export function toJson(value) {
  if (typeof value === "string") return quoted(value);
  if (value === null || typeof value !== "object") return quote(value) ?? "null";
  let text = "";
  if (isArray(value)) {
    for (let i = 0; i < value.length; i++) text += (i ? "," : "") + toJson(value[i]);
    return `[${text}]`;
  }
  const keys = keysOf(value);
  for (let i = 0; i < keys.length; i++) text += `${i ? "," : ""}${quoted(keys[i])}:${toJson(value[keys[i]])}`;
  return `{${text}}`;
}

function quoted(text) {
  const raw = quote(text);
  let ascii = "";
  for (let i = 0; i < raw.length; i++) {
    const code = codeAt(raw, i);
    if (code < 0x80) {
      ascii += raw[i];
      continue;
    }
    const hex = hexOf(code, 16);
    ascii += `\\u${"0000".slice(hex.length)}${hex}`;
  }
  return ascii;
}

/** Writes frames to a descriptor. The returned function holds the key; nothing else does. */
export function frameWriter(fd, keyHex) {
  const mac = macOf(keyHex);
  let seq = 0;
  return (kind, fields) => {
    const body = toJson([seq++, kind, fields]);
    writeAll(fd, fromText(`${mac(body)} ${body}\n`, "latin1"));
  };
}

/** Takes chunks of text, and hands over each frame that was written with the key, in order. Throws for any other. */
export function frameReader(keyHex, take) {
  const mac = macOf(keyHex);
  let seq = 0;
  let rest = "";
  return (chunk) => {
    const lines = (rest + chunk).split("\n");
    rest = lines.pop();
    for (const line of lines) {
      const body = line.slice(33);
      if (line[32] !== " " || mac(body) !== line.slice(0, 32)) throw new Error("a line of the report was forged");
      const [number, kind, fields] = JSON.parse(body);
      if (number !== seq++) throw new Error("a line of the report is missing or repeated");
      take(kind, fields);
    }
  };
}

function writeAll(fd, data) {
  let done = 0;
  while (done < data.length) {
    try {
      done += writeSync(fd, data, done);
    } catch (problem) {
      if (problem.code !== "EAGAIN") throw problem;
    }
  }
}

export function withLength(value) {
  const body = Buffer.from(JSON.stringify(value), "utf8");
  return Buffer.concat([Buffer.from(String(body.length).padStart(12, "0")), body]);
}

/** Reads one block that begins with its own length in twelve digits, as JSON. */
export function readBlock(fd) {
  return JSON.parse(readExactly(fd, Number(readExactly(fd, 12).toString("latin1"))).toString("utf8"));
}

function readExactly(fd, size) {
  const data = Buffer.alloc(size);
  let done = 0;
  while (done < size) {
    try {
      const count = readSync(fd, data, done, size - done, null);
      if (count === 0) throw new Error("the orders ended early");
      done += count;
    } catch (problem) {
      if (problem.code !== "EAGAIN") throw problem;
    }
  }
  return data;
}
