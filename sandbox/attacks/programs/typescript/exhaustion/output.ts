import { writeSync } from "node:fs";
for (;;) writeSync(1, "x".repeat(65_536));
