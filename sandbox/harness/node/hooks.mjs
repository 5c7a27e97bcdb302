// How Node finds and loads the TypeScript files of a project: the JavaScript that was made of them, by their paths.

import { existsSync, readFileSync, statSync } from "node:fs";
import { registerHooks } from "node:module";
import { fileURLToPath, pathToFileURL } from "node:url";
import { WORK } from "./layout.mjs";

const ENDINGS = ["", ".ts", ".tsx", ".mts", ".cts", ".js", ".jsx", ".json", "/index.ts", "/index.tsx", "/index.js"];
const FROM_JS = { ".js": [".ts", ".tsx"], ".jsx": [".tsx"], ".mjs": [".mts"], ".cjs": [".cts"] };
const MODULE_SYNTAX = /^\s*(?:import\b(?!\s*\()|export\b)|\bimport\.meta\b|^\s*await\b/m;

/** `sources`: JavaScript by path. `missing`: called for a package that is not there, returns a URL or nothing. */
export function serve(sources, missing = () => undefined) {
  registerHooks({
    resolve(specifier, context, next) {
      const local = specifier.startsWith(".") || specifier.startsWith("/");
      if (local && context.parentURL?.startsWith(`file://${WORK}/`)) {
        const found = find(fileURLToPath(new URL(specifier, context.parentURL)));
        if (found) return { url: pathToFileURL(found).href, shortCircuit: true };
      }
      try {
        return next(specifier, context);
      } catch (problem) {
        const url = local ? undefined : missing(specifier, context);
        if (url) return { url, shortCircuit: true };
        throw problem;
      }
    },
    load(url, context, next) {
      const path = url.startsWith("file:") ? fileURLToPath(url) : "";
      if (path.endsWith(".json") && path.startsWith(`${WORK}/`) && !context.importAttributes?.type) {
        return { format: "json", source: readFileSync(path), shortCircuit: true };
      }
      if (!Object.hasOwn(sources, path)) return next(url, context);
      return { format: formatOf(path, sources[path]), source: sources[path], shortCircuit: true };
    },
  });
}

function find(path) {
  const isFile = (one) => existsSync(one) && statSync(one).isFile();
  const dot = path.slice(path.lastIndexOf("."));
  const twins = (FROM_JS[dot] ?? []).map((ending) => path.slice(0, -dot.length) + ending);
  return [...ENDINGS.map((ending) => path + ending), ...twins].find(isFile);
}

function formatOf(path, source) {
  if (path.endsWith(".mts")) return "module";
  if (path.endsWith(".cts")) return "commonjs";
  return MODULE_SYNTAX.test(source) || ofModulePackage() ? "module" : "commonjs";
}

function ofModulePackage() {
  try {
    return JSON.parse(readFileSync(`${WORK}/package.json`, "utf8")).type === "module";
  } catch {
    return false;
  }
}
