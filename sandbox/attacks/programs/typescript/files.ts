// @ts-nocheck
import fs from "node:fs";
import { attempts } from "./attempts";

const bait = JSON.parse(fs.readFileSync("bait.json", "utf8"));
const write = (path) => () => fs.writeFileSync(path, "x");
const targets = ["/etc/passwd", "/usr/bin/x", "/x", "/opt/nexus/lib/x", "/opt/nexus/toolchain/x", "/node_modules/vitest/x"];
const harness = "/opt/nexus/lib/nexus_harness/node/";

await attempts({
  ...Object.fromEntries(targets.map((path) => [`write ${path}`, write(path)])),
  ...Object.fromEntries(fs.readdirSync(harness).map((name) => [`change ${name}`, write(harness + name)])),
  "change node": () => fs.chmodSync("/opt/nexus/toolchain/bin/node", 0o755),
  "read node": () => fs.readFileSync("/opt/nexus/toolchain/bin/node").length,
  shadow: () => fs.readFileSync("/etc/shadow"),
  "kernel setting": () => fs.openSync("/proc/sys/kernel/core_pattern", "w"),
  device: () => fs.openSync("/dev/mem"),
  ...Object.fromEntries(bait.files.map((path) => [`read ${path}`, () => fs.readFileSync(path)])),
});
