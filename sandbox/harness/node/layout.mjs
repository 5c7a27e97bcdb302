// Where things are in the box; the same as `layout.py`.

import { fileURLToPath } from "node:url";

export const WORK = "/work";
/** The packages of the project under test; below a folder of this name, for they find each other by it. */
export const PACKAGES = "/opt/nexus/site/node_modules";
export const TOOLCHAIN = "/opt/nexus/toolchain";
export const MODULES = `${TOOLCHAIN}/node_modules`;
const ARCH = process.arch;
export const TSC = `${MODULES}/@typescript/typescript-linux-${ARCH}/lib/tsc`;
export const ESBUILD = `${MODULES}/@esbuild/linux-${ARCH}/bin/esbuild`;

/** Absolute path of another file of the harness. */
export const own = (name) => fileURLToPath(new URL(name, import.meta.url));

export const TYPESCRIPT = /\.[cm]?tsx?$/;
export const SOURCE = /\.[cm]?[jt]sx?$/;
