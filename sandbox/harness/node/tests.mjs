// Runs the tests of a project with vitest, under our configuration and no other, and reports each as it ends.

import { randomBytes } from "node:crypto";
import { Writable } from "node:stream";
import { projectSettings } from "./config.mjs";
import { frameReader, withLength } from "./frames.mjs";
import { isTest, sourceFiles, textOf } from "./files.mjs";
import { own, WORK } from "./layout.mjs";
import { plugin } from "./modules.mjs";
import { endLike, start } from "./processes.mjs";
import { clean, describe } from "./text.mjs";
import { startTypeCheck } from "./typecheck.mjs";

const DRAIN_MS = 5000;
const NEEDS_DOM = /@testing-library\/(?!jest-dom)|\bdocument\.|\bwindow\.|@vitest-environment jsdom|react-dom\/client/;

export async function run(orders, send) {
  const files = sourceFiles();
  const check = startTypeCheck(files, orders.pristine);
  const specs = chosen(files, orders.select);
  // It starts a process for the tests at once, which loads vitest while it is loaded here.
  const ledger = new Ledger(orders, send, specs.length);
  const failure = check.errors.then((errors) => errors && stop(send, errors));
  const trouble = specs.length > 0 ? await runAll(files, specs, orders, ledger) : [];
  if (await failure) return;
  if (trouble.length > 0) send("problem", { sort: "runtime_error", message: describe(trouble[0]) });
  send("collected", { count: ledger.collected });
  send("finish", { status: 0, violations: ledger.violations });
  process.exit(0);
}

/** The type check has failed: nothing that the tests say counts any more. */
function stop(send, errors) {
  process.stderr.write(`${errors}\n`);
  send("problem", { sort: "compile_error", message: clean(errors) });
  send("finish", { status: 0, violations: [] });
  // Not `process.exit`: it can wait for ever for libraries of vitest that are just being loaded.
  process.kill(process.pid, "SIGKILL");
}

function chosen(files, select) {
  const named = select.map((name) => `${WORK}/${name.split("::")[0].replace(/\/$/, "")}`);
  if (named.length === 0) return files.filter(isTest);
  return files.filter((path) => named.includes(path) || (isTest(path) && named.some((one) => path.startsWith(`${one}/`))));
}

async function runAll(files, specs, orders, ledger) {
  const [{ createVitest }, settings] = await Promise.all([import("vitest/node"), projectSettings(files, orders)]);
  const dom = specs.some((path) => /\.[jt]sx$/.test(path) || NEEDS_DOM.test(textOf(path, orders.pristine)));
  const silent = new Writable({ write: (_, __, done) => done() });
  const vitest = await createVitest(
    "test",
    {
      root: WORK,
      config: false,
      watch: false,
      globals: true,
      environment: dom ? "jsdom" : "node",
      include: specs,
      reporters: [{}],
      // A slow machine is not a wrong answer; the run as a whole has its own limit.
      testTimeout: 30_000,
      hookTimeout: 30_000,
      cache: false,
      fileParallelism: false,
      maxWorkers: 1,
      pool: { name: "nexus", createPoolWorker: () => ledger.worker() },
      server: { deps: { external: [/^\/opt\/nexus\//] } },
      snapshotFormat: {},
      disableConsoleIntercept: true,
      sequence: { seed: orders.seed },
      ...settings.test,
    },
    {
      configFile: false,
      root: WORK,
      envDir: false,
      cacheDir: "/tmp/vite",
      logLevel: "silent",
      publicDir: false,
      css: { postcss: { plugins: [] } },
      oxc: { jsx: { runtime: "automatic" } },
      resolve: { tsconfigPaths: true, alias: settings.alias },
      optimizeDeps: { noDiscovery: true, include: [] },
      server: { watch: null, ws: false, hmr: false },
      plugins: [plugin(orders.pristine, specs)],
    },
    { stdout: silent, stderr: silent },
  );
  const project = vitest.getRootProject();
  const outcome = await vitest.runTestSpecifications(specs.map((path) => project.createSpecification(path)));
  await ledger.end();
  if (outcome.unhandledErrors.length === 0) ledger.checkAllDone(specs);
  return outcome.unhandledErrors;
}

/** What the processes of the tests say, put together. */
class Ledger {
  collected = 0;
  violations = [];
  #orders;
  #send;
  #left;
  #ready;
  #done = new Set();
  #controls = new Map();
  #said = [];
  #isLost = false;

  constructor(orders, send, files) {
    this.#orders = orders;
    this.#send = send;
    this.#left = files;
    this.#prepare();
  }

  /** A process for the next test file; the one after that is started ahead of its use. */
  worker() {
    if (!this.#ready) this.#left++;
    this.#prepare();
    const next = this.#ready;
    this.#ready = undefined;
    this.#prepare();
    return next;
  }

  #prepare() {
    if (this.#ready || this.#left === 0) return;
    this.#left--;
    const take = (kind, fields) => this.#take(kind, fields);
    const broken = (problem) => this.violations.push(problem.message);
    this.#ready = new TestProcess(this.#orders, take, broken, (...how) => this.#lost(...how));
    this.#said.push(this.#ready.said);
  }

  /** All that the processes said has arrived. Never comes when one was lost: this process then ends like that one. */
  async end() {
    let timer;
    const late = new Promise((done) => (timer = setTimeout(done, DRAIN_MS)));
    await Promise.race([Promise.all(this.#said), late]);
    clearTimeout(timer);
    if (this.#isLost) await new Promise(() => {});
  }

  #lost(process_, code, signal) {
    this.#isLost = true;
    // What it printed at last may still be on its way.
    setTimeout(() => {
      if (process_.ranOutOfMemory()) {
        this.#send("problem", { sort: "runtime_error", message: "It ran out of memory.", memory: true });
      }
      endLike(code, signal);
    }, 50);
  }

  #take(kind, fields) {
    if (kind === "collected") {
      this.collected += fields.count;
    } else if (kind === "done") {
      this.#done.add(fields.file);
    } else if (!Object.hasOwn(this.#orders.canaries, fields.test)) {
      this.#send(kind, fields);
    } else if (!this.#controls.has(fields.test)) {
      this.#controls.set(fields.test, fields.outcome);
      this.collected++;
      this.#send(kind, fields);
    } else if (this.#controls.get(fields.test) !== fields.outcome) {
      this.violations.push("a control test ended in two ways");
    }
  }

  checkAllDone(specs) {
    const missing = specs.map((path) => path.slice(WORK.length + 1)).filter((path) => !this.#done.has(path));
    if (missing.length > 0) this.violations.push(`${missing[0]} did not come to its end`);
  }
}

/** One process for one test file, in the form that vitest asks of the workers of a pool. */
class TestProcess {
  name = "nexus";
  /** Comes when the last of its frames has arrived. */
  said;
  #child;
  #wanted = true;

  constructor(orders, take, broken, lost) {
    const key = randomBytes(32).toString("hex");
    this.#child = start(own("worker.mjs"), orders.memory_mb, { ipc: true });
    const channel = this.#child.stdio[4];
    const feed = frameReader(key, take);
    channel.setEncoding("latin1");
    channel.on("data", (chunk) => {
      try {
        feed(chunk);
      } catch (problem) {
        broken(problem);
      }
    });
    channel.on("error", () => {});
    this.said = new Promise((done) => channel.on("close", done));
    this.#child.on("exit", (code, signal) => this.#wanted && lost(this.#child, code, signal));
    const { canaries, select } = orders;
    channel.write(withLength({ key, canaries, select, protected: orders.protected }));
  }

  on(event, take) {
    this.#child.on(event, take);
  }

  off(event, take) {
    this.#child.off(event, take);
  }

  send(message) {
    if (this.#child.connected) this.#child.send(message, () => {});
  }

  deserialize(message) {
    return message;
  }

  canReuse() {
    return false;
  }

  async start() {}

  async stop() {
    this.#wanted = false;
    this.#child.kill("SIGKILL");
  }
}
