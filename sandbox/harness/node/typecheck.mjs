// The type check: one run of the compiler over the project's files, in a process of its own beside the tests.

import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, writeFileSync } from "node:fs";
import { TSC, TYPESCRIPT, WORK } from "./layout.mjs";
import { isTest, textOf } from "./files.mjs";
import { clean } from "./text.mjs";

const STRICT = {
  target: "ES2023",
  lib: ["ES2023", "DOM", "DOM.Iterable"],
  module: "ESNext",
  moduleResolution: "Bundler",
  moduleDetection: "force",
  jsx: "react-jsx",
  strict: true,
  resolveJsonModule: true,
  allowImportingTsExtensions: true,
};
const ALWAYS = { noEmit: true, skipLibCheck: true, composite: false, incremental: false, emitDeclarationOnly: false };
const REMOVED = /Option '(\w+)(?:=[^']*)?' has been removed/g;
const IMPORTS_ITS_TESTS = /from\s*["'](?:vitest|@jest\/globals|node:test|test)["']|require\(["']node:test["']\)/;
const MOST_SHOWN = 20;

/** Start the check. Resolves to the errors as text, empty when there are none; `stop` ends it early. */
export function startTypeCheck(files, pristine) {
  // Settings of tools name packages that tests do not need.
  const checked = files.filter((path) => TYPESCRIPT.test(path) && !/\.config\.[cm]?ts$/.test(path));
  if (checked.length === 0) return { errors: Promise.resolve(""), stop() {} };
  const folder = mkdtempSync("/tmp/types-");
  const config = `${folder}/tsconfig.json`;
  const environment = `${folder}/box.d.ts`;
  const project = existsSync(`${WORK}/tsconfig.json`) && textOf(`${WORK}/tsconfig.json`, pristine);
  writeFileSync(environment, declarations(checked.filter(isTest).map((path) => textOf(path, pristine))));
  const write = (overrides) => {
    const options = { ...(project ? {} : STRICT), ...ALWAYS, typeRoots: roots(), ...overrides };
    // Compilers before 6 took in all types that are installed, and projects without a word about them rely on it.
    if (!project || !/"types"\s*:/.test(project)) options.types = project ? ["*"] : ["node"];
    const extended = project ? { extends: `${WORK}/tsconfig.json` } : {};
    const all = { ...extended, compilerOptions: options, files: [...checked, environment], include: [] };
    writeFileSync(config, JSON.stringify(all));
  };
  write({});
  let running = run(config);
  const errors = running.done.then(async ({ code, output }) => {
    const removed = [...output.matchAll(REMOVED)].map((match) => match[1]);
    if (removed.length === 0) return { code, output };
    write(replaced(removed));
    running = run(config);
    return running.done;
  });
  return { errors: errors.then(shown), stop: () => running.child.kill("SIGKILL") };
}

const roots = () => [`${WORK}/node_modules/@types`, "/node_modules/@types"];

/** What test files may use without an import of their own. */
function declarations(texts) {
  const all = texts.join("\n");
  const lines = [];
  const refer = (path) => lines.push(`/// <reference path="/node_modules/${path}" />`);
  if (texts.some((text) => !IMPORTS_ITS_TESTS.test(text))) refer("vitest/globals.d.ts");
  if (/\.toBeInTheDocument\(|\.toHaveTextContent\(/.test(all)) refer("@testing-library/jest-dom/vitest.d.ts");
  if (/\bjest\b/.test(all)) lines.push(JEST);
  return lines.join("\n");
}

const JEST = `declare const jest: typeof import("vitest").vi;
declare module "@jest/globals" {
  export { describe, it, test, expect, beforeAll, beforeEach, afterAll, afterEach } from "vitest";
  export const jest: typeof import("vitest").vi;
}`;

/** Stand-ins for options of older compilers: what comes closest, or nothing. */
function replaced(removed) {
  const options = Object.fromEntries(removed.map((name) => [name, null]));
  if ("moduleResolution" in options) Object.assign(options, { module: "ESNext", moduleResolution: "Bundler" });
  if ("module" in options) options.module = "ESNext";
  if ("target" in options) options.target = "ES2022";
  return options;
}

function run(config) {
  const child = spawn(TSC, ["--project", config, "--pretty", "false"], {
    cwd: WORK,
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, GOMAXPROCS: "2" },
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8");
    stream.on("data", (chunk) => {
      if (output.length < 200_000) output += chunk;
    });
  }
  const done = new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code, signal) => resolve({ code: signal ? -1 : code, output }));
  });
  return { child, done };
}

function shown({ code, output }) {
  if (code === 0) return "";
  if (code === -1) return "The type check was ended from outside.";
  const lines = output.split("\n").filter((line) => line.trim());
  const more = lines.length > MOST_SHOWN ? [`... and ${lines.length - MOST_SHOWN} lines more`] : [];
  return clean([...lines.slice(0, MOST_SHOWN), ...more].join("\n")) || `The compiler ended with status ${code}.`;
}
