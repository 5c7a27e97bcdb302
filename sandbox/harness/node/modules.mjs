// How vite finds modules for the tests: protected files from memory, test libraries from the toolchain alone.

import { MODULES, own } from "./layout.mjs";

const OURS = /^(?:vitest|@vitest\/[\w-]+|chai)(?:\/.*)?$/;
const STAND_INS = { "node:test": own("node_test.mjs"), "@jest/globals": own("jest_globals.mjs") };
const JEST_CALL = /\bjest\.(?=[a-z])/g;

export function plugin(pristine, specs) {
  const tests = new Set(specs);
  return {
    name: "nexus",
    enforce: "pre",
    async resolveId(id, importer) {
      if (Object.hasOwn(STAND_INS, id)) return { id: STAND_INS[id], external: true };
      if (OURS.test(id) && importer !== INSIDE) return this.resolve(id, INSIDE, { skipSelf: true });
      return null;
    },
    load(id) {
      const path = id.split("?")[0];
      return Object.hasOwn(pristine, path) ? pristine[path] : null;
    },
    transform(code, id) {
      // vitest lifts `vi.mock` above the imports, and does not know `jest.mock`.
      if (!tests.has(id.split("?")[0]) || !JEST_CALL.test(code) || /\bimport\b.*\bjest\b/.test(code)) return null;
      return { code: code.replace(JEST_CALL, "vi."), map: null };
    },
  };
}

const INSIDE = `${MODULES}/vitest/package.json`;
