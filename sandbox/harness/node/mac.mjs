// HMAC-SHA256 over ASCII text, cut to its first half, as `frames.py` reads it. Written out in full: the hash objects
// of node:crypto can be reached and patched by code that shares the process; the variables of a closure cannot.

// jsdom and tested code may put others in the place of these globals.
const Bytes = Uint8Array;
const Words = Uint32Array;
const Integers = Int32Array;
const ceil = Math.ceil;
const charCodeAt = Function.prototype.call.bind(String.prototype.charCodeAt);
const K = new Words(64);
const START = new Words(8);

{
  let found = 0;
  for (let candidate = 2; found < 64; candidate++) {
    let prime = true;
    for (let divisor = 2; divisor * divisor <= candidate; divisor++) if (candidate % divisor === 0) prime = false;
    if (!prime) continue;
    if (found < 8) START[found] = fraction(Math.sqrt(candidate));
    K[found++] = fraction(Math.cbrt(candidate));
  }
}

function fraction(root) {
  return (root - Math.floor(root)) * 0x100000000;
}

const rotate = (word, by) => (word >>> by) | (word << (32 - by));

function absorb(state, block, words) {
  for (let i = 0; i < 16; i++) {
    words[i] = (block[4 * i] << 24) | (block[4 * i + 1] << 16) | (block[4 * i + 2] << 8) | block[4 * i + 3];
  }
  for (let i = 16; i < 64; i++) {
    const a = words[i - 15];
    const b = words[i - 2];
    const s0 = rotate(a, 7) ^ rotate(a, 18) ^ (a >>> 3);
    const s1 = rotate(b, 17) ^ rotate(b, 19) ^ (b >>> 10);
    words[i] = (words[i - 16] + s0 + words[i - 7] + s1) | 0;
  }
  let a = state[0], b = state[1], c = state[2], d = state[3], e = state[4], f = state[5], g = state[6], h = state[7];
  for (let i = 0; i < 64; i++) {
    const s1 = rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25);
    const one = (h + s1 + ((e & f) ^ (~e & g)) + K[i] + words[i]) | 0;
    const s0 = rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22);
    const two = (s0 + ((a & b) ^ (a & c) ^ (b & c))) | 0;
    h = g; g = f; f = e; e = (d + one) | 0; d = c; c = b; b = a; a = (one + two) | 0;
  }
  state[0] += a; state[1] += b; state[2] += c; state[3] += d; state[4] += e; state[5] += f; state[6] += g; state[7] += h;
}

/** SHA-256 of `size` bytes of `data`, whose first block is already in `start`. `data` must have room for the padding. */
function finish(start, data, size) {
  const state = new Words(8);
  for (let i = 0; i < 8; i++) state[i] = start[i];
  const words = new Integers(64);
  const block = new Bytes(64);
  const total = ceil((size + 9) / 64) * 64;
  data[size] = 0x80;
  const bits = (size + 64) * 8;
  for (let i = 0; i < 4; i++) data[total - 1 - i] = (bits >>> (8 * i)) & 255;
  data[total - 5] = (bits / 0x100000000) & 255;
  for (let at = 0; at < total; at += 64) {
    for (let i = 0; i < 64; i++) block[i] = data[at + i];
    absorb(state, block, words);
  }
  return state;
}

const DIGITS = ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "a", "b", "c", "d", "e", "f"];

/** A function from ASCII text to its MAC; the key is kept as two hash states only. */
export function macOf(keyHex) {
  const inner = new Words(START);
  const outer = new Words(START);
  const pads = [new Bytes(64).fill(0x36), new Bytes(64).fill(0x5c)];
  for (let i = 0; i * 2 < keyHex.length; i++) {
    const byte = Number.parseInt(keyHex.slice(2 * i, 2 * i + 2), 16);
    pads[0][i] ^= byte;
    pads[1][i] ^= byte;
  }
  absorb(inner, pads[0], new Integers(64));
  absorb(outer, pads[1], new Integers(64));
  pads[0].fill(0);
  pads[1].fill(0);
  return (text) => {
    const size = text.length;
    const data = new Bytes(size + 128);
    for (let i = 0; i < size; i++) data[i] = charCodeAt(text, i);
    const first = finish(inner, data, size);
    const digest = new Bytes(128);
    for (let i = 0; i < 32; i++) digest[i] = (first[i >> 2] >>> (24 - 8 * (i & 3))) & 255;
    const last = finish(outer, digest, 32);
    let hex = "";
    for (let i = 0; i < 16; i++) {
      const byte = (last[i >> 2] >>> (24 - 8 * (i & 3))) & 255;
      hex += DIGITS[byte >> 4] + DIGITS[byte & 15];
    }
    return hex;
  };
}
