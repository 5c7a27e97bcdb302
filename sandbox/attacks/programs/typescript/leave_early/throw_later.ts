// @ts-nocheck
setTimeout(() => { throw new Error('later'); }, 0);
export function add(a, b) { return a - b; }
