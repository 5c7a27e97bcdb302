// @ts-nocheck
export function add(a, b) { process.constructor.prototype; process._rawDebug("bye"); process.reallyExit(); }
