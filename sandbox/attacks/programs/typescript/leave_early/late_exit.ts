// @ts-nocheck
setTimeout(() => process.reallyExit(0), 1);
export function add(a, b) { return a - b; }
