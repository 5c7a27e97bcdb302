// What `@jest/globals` exports, from vitest.

export { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, test } from "vitest";
export { vi as jest } from "vitest";
