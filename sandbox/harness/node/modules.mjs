// How vite finds modules for the tests: protected files from memory, test libraries from the toolchain alone.

import { MODULES, own, WORK } from "./layout.mjs";

const OURS = /^(?:vitest|@vitest\/[\w-]+|chai)(?:\/.*)?$/;
const STAND_INS = { "@jest/globals": own("jest_globals.mjs") };
// Modules of Node itself are loaded without asking a plugin.
const NODE_TEST = /(\bfrom\s*|\bimport\s*\(?\s*|\brequire\s*\(\s*)(["'])node:test\2/g;
const NODE_TEST_STAND_IN = own("node_test.mjs");
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
      const path = id.split("?")[0];
      if (!path.startsWith(`${WORK}/`)) return null;
      let text = code.replace(NODE_TEST, (_, before, quote) => `${before}${quote}${NODE_TEST_STAND_IN}${quote}`);
      // vitest lifts `vi.mock` above the imports, and does not know `jest.mock`.
      if (tests.has(path) && !/\bimport\b.*\bjest\b/.test(text)) text = text.replace(JEST_CALL, "vi.");
      return text === code ? null : { code: text, map: null };
    },
  };
}

const INSIDE = `${MODULES}/vitest/package.json`;
