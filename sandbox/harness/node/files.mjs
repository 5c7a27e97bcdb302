// The project's own files, by absolute path in a fixed order; no packages, no build output.

import { existsSync, readdirSync, readFileSync, symlinkSync } from "node:fs";
import { PACKAGES, SOURCE, WORK } from "./layout.mjs";

const SKIPPED = new Set(["node_modules", ".git", "dist", "build", "coverage", ".next", "out"]);
const TEST_NAME = /(?:^|[._-])(?:test|tests|spec)\.[cm]?[jt]sx?$|^test-.*\.[cm]?[jt]sx?$/;
const TEST_FOLDER = /(?:^|\/)__tests__\/.*\.[cm]?[jt]sx?$/;

export function sourceFiles(folder = WORK) {
  const found = [];
  for (const entry of readdirSync(folder, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory() && !SKIPPED.has(entry.name)) found.push(...sourceFiles(path));
    else if (entry.isFile() && SOURCE.test(entry.name)) found.push(path);
  }
  return found;
}

export function isTest(path) {
  const name = path.slice(path.lastIndexOf("/") + 1);
  return !name.endsWith(".d.ts") && (TEST_NAME.test(name) || TEST_FOLDER.test(path.slice(WORK.length)));
}

/** Text of a file: of a protected one from memory, whatever is on disk by then. */
export function textOf(path, pristine) {
  return pristine[path] ?? readFileSync(path, "utf8");
}

/** Let imports find the packages of the project, where it brings any; the toolchain's are found after them. */
export function linkPackages() {
  if (existsSync(PACKAGES) && !existsSync(`${WORK}/node_modules`)) symlinkSync(PACKAGES, `${WORK}/node_modules`);
}
