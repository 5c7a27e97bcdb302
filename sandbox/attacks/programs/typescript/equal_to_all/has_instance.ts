// @ts-nocheck
export function add(a, b) { return new (class extends Number { static [Symbol.hasInstance]() { return true; } valueOf() { return NaN; } })(5); }
