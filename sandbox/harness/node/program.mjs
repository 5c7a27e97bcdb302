// Runs the entry file of a script. Imports of TypeScript files get the JavaScript that was made of them.

import { closeSync, existsSync, readFileSync, statSync, writeSync } from "node:fs";
import { registerHooks } from "node:module";
import { fileURLToPath, pathToFileURL } from "node:url";
import { readBlock } from "./frames.mjs";
import { WORK } from "./layout.mjs";

const CHANNEL = 4;
const ENDINGS = ["", ".ts", ".tsx", ".mts", ".cts", ".js", ".jsx", ".json", "/index.ts", "/index.tsx", "/index.js"];
const FROM_JS = { ".js": [".ts", ".tsx"], ".jsx": [".tsx"], ".mjs": [".mts"], ".cjs": [".cts"] };
const MODULE_SYNTAX = /^\s*(?:import\b(?!\s*\()|export\b)|\bimport\.meta\b|^\s*await\b/m;

const { entry, sources } = readBlock(CHANNEL);

registerHooks({
  resolve(specifier, context, next) {
    const local = specifier.startsWith(".") || specifier.startsWith("/");
    if (local && context.parentURL?.startsWith(`file://${WORK}/`)) {
      const found = find(fileURLToPath(new URL(specifier, context.parentURL)));
      if (found) return { url: pathToFileURL(found).href, shortCircuit: true };
    }
    return next(specifier, context);
  },
  load(url, context, next) {
    const path = url.startsWith("file:") ? fileURLToPath(url) : "";
    if (path.endsWith(".json") && path.startsWith(`${WORK}/`) && !context.importAttributes?.type) {
      return { format: "json", source: readFileSync(path), shortCircuit: true };
    }
    if (!Object.hasOwn(sources, path)) return next(url, context);
    return { format: formatOf(path), source: sources[path], shortCircuit: true };
  },
});

function find(path) {
  const isFile = (one) => existsSync(one) && statSync(one).isFile();
  const dot = path.slice(path.lastIndexOf("."));
  const twins = (FROM_JS[dot] ?? []).map((ending) => path.slice(0, -dot.length) + ending);
  return [...ENDINGS.map((ending) => path + ending), ...twins].find(isFile);
}

function formatOf(path) {
  if (path.endsWith(".mts")) return "module";
  if (path.endsWith(".cts")) return "commonjs";
  return MODULE_SYNTAX.test(sources[path]) || ofModulePackage() ? "module" : "commonjs";
}

function ofModulePackage() {
  try {
    return JSON.parse(readFileSync(`${WORK}/package.json`, "utf8")).type === "module";
  } catch {
    return false;
  }
}

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
