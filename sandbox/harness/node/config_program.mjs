// Evaluates a project's test configuration, in a process that knows nothing else, and tells its plain values.
// Plugins are left out: the toolchain transforms all that tests need. One that is not installed is no obstacle.

import { writeSync } from "node:fs";
import { dirname } from "node:path";
import { pathToFileURL } from "node:url";
import { readBlock } from "./frames.mjs";
import { serve } from "./hooks.mjs";
import { WORK } from "./layout.mjs";

const CHANNEL = 4;
const NAMED = /import\s+(?:[\w$]+\s*,\s*)?\{([^}]*)\}\s*from\s*["']([^"']+)["']/g;

const { entry, sources } = readBlock(CHANNEL);
serve(sources, (specifier) => `data:text/javascript,${encodeURIComponent(standIn(specifier))}`);
// As vite has it for every configuration file.
Object.assign(globalThis, { __dirname: dirname(entry), __filename: entry });
const found = await import(pathToFileURL(entry).href);
const given = found.default ?? found;
const config = (await (typeof given === "function" ? given({ mode: "test", command: "serve" }) : given)) ?? {};
const own = config.test ?? (/jest/.test(entry) ? fromJest(config) : {});
const alias = aliases(own.alias ?? config.resolve?.alias);
writeSync(CHANNEL, JSON.stringify({ ...plain(own), alias }));
process.exit(0);

function standIn(specifier) {
  const names = Object.values(sources).flatMap((text) => [...text.matchAll(NAMED)].filter((one) => one[2] === specifier));
  const exported = new Set(names.flatMap((one) => one[1].split(",").map((name) => name.trim().split(/\s+as\s+/)[0])));
  const lines = [...exported].filter((name) => /^[\w$]+$/.test(name)).map((name) => `export const ${name} = nothing;`);
  return `const nothing = (value) => value ?? {};\nexport default nothing;\n${lines.join("\n")}`;
}

function plain({ environment, setupFiles, testTimeout, hookTimeout }) {
  return { environment, setupFiles: [setupFiles ?? []].flat(), testTimeout, hookTimeout };
}

function aliases(alias) {
  const entries = Array.isArray(alias) ? alias : Object.entries(alias ?? {}).map(([find, to]) => ({ find, replacement: to }));
  return entries.map(({ find, replacement }) => ({
    find: find instanceof RegExp ? { source: find.source, flags: find.flags } : String(find),
    replacement: String(replacement),
  }));
}

function fromJest(config) {
  const rooted = (text) => String(text).replaceAll("<rootDir>", WORK);
  const mapped = Object.entries(config.moduleNameMapper ?? {}).filter(([, to]) => typeof to === "string");
  return {
    environment: config.testEnvironment?.replace("jest-environment-", ""),
    setupFiles: [...(config.setupFiles ?? []), ...(config.setupFilesAfterEnv ?? [])].map(rooted),
    testTimeout: config.testTimeout,
    alias: mapped.map(([find, to]) => ({ find: new RegExp(find), replacement: rooted(to) })),
  };
}
