// Describes what code in the box can import besides its own files.

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { builtinModules } from "node:module";
import { MODULES, PACKAGES } from "./layout.mjs";

export async function run(_, send) {
  const installed = new Set([MODULES, PACKAGES].filter((folder) => existsSync(folder)).flatMap(packages));
  send("environment", {
    version: process.versions.node.split(".").map(Number).slice(0, 2),
    stdlib: builtinModules,
    installed: [...installed].sort(),
    tools: { node: process.versions.node, typescript: version("typescript"), vitest: version("vitest") },
  });
  send("finish", {});
}

function packages(folder) {
  return readdirSync(folder)
    .filter((name) => !name.startsWith("."))
    .flatMap((name) => (name.startsWith("@") ? readdirSync(`${folder}/${name}`).map((one) => `${name}/${one}`) : [name]));
}

const version = (name) => JSON.parse(readFileSync(`${MODULES}/${name}/package.json`, "utf8")).version;
