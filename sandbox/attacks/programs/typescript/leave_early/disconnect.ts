// @ts-nocheck
export function add(a, b) { process.disconnect(); return a - b; }
