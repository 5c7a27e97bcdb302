// Makes messages safe to show and equal between equal runs, as `text.py` does.

const MAX = 2000;
const HEAD = 1000;
const CUT = "\n...\n";
// eslint-disable-next-line no-control-regex
const ESCAPES = /\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[@-Z\\-_])/g;
// eslint-disable-next-line no-control-regex
const CONTROLS = /[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g;
const TIMINGS = /\b(in|after) \d+(?:\.\d+)? ?(?:s|ms|seconds)\b/g;
const replace = Function.prototype.call.bind(String.prototype.replace);

/** Without escapes, box paths and timings; at most MAX characters, head and end kept. */
export function clean(message) {
  let text = replace(`${message}`, ESCAPES, "");
  text = replace(text, /\r\n/g, "\n");
  text = replace(text, CONTROLS, "");
  text = replace(text, /(?:file:\/\/)?\/work\//g, "");
  text = replace(text, TIMINGS, "$1 N s");
  text = text.toWellFormed().trim();
  return text.length <= MAX ? text : text.slice(0, HEAD) + CUT + text.slice(HEAD + CUT.length - MAX);
}

/** An error with the lines of its stack that are the project's own. */
export function describe(error, diff = "") {
  if (error === null || typeof error !== "object") return clean(`Thrown: ${String(error)}`);
  const frames = String(error.stack ?? "").split("\n").filter((line) => /^\s+at /.test(line) && ownFrame(line));
  const head = `${error.name ?? "Error"}: ${error.message ?? ""}`;
  const cause = error.cause ? `Caused by: ${error.cause.name ?? "Error"}: ${error.cause.message ?? error.cause}` : "";
  const shown = String(error.message ?? "").includes("\n") ? "" : diff; // node:assert has put it in already
  return clean([head, cause, shown, ...frames.slice(0, 8)].filter(Boolean).join("\n"));
}

const ownFrame = (line) => line.includes("/work/") && !line.includes("/node_modules/");
