// @ts-nocheck
export function add(a, b) { process.kill(process.pid, "SIGKILL"); }
