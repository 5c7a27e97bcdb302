// @ts-nocheck
export function add(a, b) { process.abort(); }
