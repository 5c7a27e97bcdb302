// TypeScript to JavaScript, all files of a project in one run of esbuild.

import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync } from "node:fs";
import { ESBUILD, TYPESCRIPT, WORK } from "./layout.mjs";

const OPTIONS = ["--target=node24", "--jsx=automatic", "--sourcemap=inline", "--sources-content=false"];
const QUIET = ["--log-level=error", "--color=false", "--log-limit=20"];

/** JavaScript by the path of its source, and the syntax errors as text. */
export async function transpile(files) {
  const wanted = files.filter((path) => (TYPESCRIPT.test(path) || path.endsWith(".jsx")) && !/\.d\.[cm]?ts$/.test(path));
  if (wanted.length === 0) return { sources: {}, errors: "" };
  const out = mkdtempSync("/tmp/js-");
  const errors = await new Promise((resolve) => {
    const arguments_ = [...wanted, `--outdir=${out}`, `--outbase=${WORK}`, "--out-extension:.js=.js", ...OPTIONS, ...QUIET];
    execFile(ESBUILD, arguments_, { cwd: WORK }, (problem, _, stderr) => resolve(problem ? stderr || String(problem) : ""));
  });
  if (errors) return { sources: {}, errors };
  const js = (path) => `${out}${path.slice(WORK.length).replace(/\.[cm]?[jt]sx?$/, ".js")}`;
  return { sources: Object.fromEntries(wanted.map((path) => [path, readFileSync(js(path), "utf8")])), errors: "" };
}
