// @ts-nocheck
import fs from "node:fs";
import { attempts } from "./attempts";

const allowed = /^(PATH|HOME|TMPDIR|LANG|LC_ALL|TZ|PYTHON\w+|SOURCE_DATE_EPOCH|UV_USE_IO_URING|NODE_\w+|HOSTNAME)$/;
const token = fs.readFileSync("token", "utf8");

await attempts({
  "foreign variables": () => {
    const foreign = Object.keys(process.env).filter((name) => !allowed.test(name));
    if (foreign.length === 0) throw new Error("none");
    return foreign.join();
  },
  "a secret in a command line": () => {
    for (const pid of fs.readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
      const line = fs.readFileSync(`/proc/${pid}/cmdline`, "latin1");
      if (line.includes("nexus-canary") || line.includes(token)) return line;
    }
    throw new Error("none");
  },
});
