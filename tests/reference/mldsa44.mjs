// ML-DSA-44 verification (FIPS 204), for Node.js 18 or newer, without dependencies.

import { createHash } from "node:crypto";

const Q = 8380417, D = 13, TAU = 39, GAMMA1 = 1 << 17, GAMMA2 = (Q - 1) / 88;
const ROWS = 4, COLUMNS = 4, BETA = 78, OMEGA = 80;

function power(base, exponent) {
  let out = 1;
  for (; exponent; exponent >>= 1, base = (base * base) % Q) if (exponent & 1) out = (out * base) % Q;
  return out;
}

const ZETAS = Array.from({ length: 256 }, (_, i) =>
  power(1753, parseInt(i.toString(2).padStart(8, "0").split("").reverse().join(""), 2)));

const modulo = (x) => ((x % Q) + Q) % Q;
const shake = (name, data, outputLength) => createHash(name, { outputLength }).update(data).digest();

function unpack(bytes, bits) {
  const out = [];
  let held = 0, count = 0;
  for (const byte of bytes) {
    held += byte * 2 ** count;
    count += 8;
    while (count >= bits) {
      out.push(held % 2 ** bits);
      held = Math.floor(held / 2 ** bits);
      count -= bits;
    }
  }
  return out;
}

function transform(values) {
  const w = values.slice();
  for (let m = 0, length = 128; length; length >>= 1)
    for (let start = 0; start < 256; start += 2 * length) {
      const zeta = ZETAS[++m];
      for (let j = start; j < start + length; j++) {
        const t = (zeta * w[j + length]) % Q;
        w[j + length] = modulo(w[j] - t);
        w[j] = (w[j] + t) % Q;
      }
    }
  return w;
}

function back(values) {
  const w = values.slice();
  for (let m = 256, length = 1; length < 256; length <<= 1)
    for (let start = 0; start < 256; start += 2 * length) {
      const zeta = ZETAS[--m];
      for (let j = start; j < start + length; j++) {
        const t = w[j];
        w[j] = (t + w[j + length]) % Q;
        w[j + length] = modulo(-zeta * modulo(t - w[j + length]));
      }
    }
  return w.map((x) => (x * 8347681) % Q);
}

function matrixPart(rho, row, column) {
  const stream = shake("shake128", Buffer.concat([rho, Buffer.from([column, row])]), 1800);
  const out = [];
  for (let at = 0; out.length < 256; at += 3) {
    const value = stream.readUIntLE(at, 3) & 0x7fffff;
    if (value < Q) out.push(value);
  }
  return out;
}

function challenge(seed) {
  const stream = shake("shake256", seed, 2008), c = new Array(256).fill(0);
  const signs = stream.readBigUInt64LE(0);
  for (let i = 256 - TAU, at = 8; i < 256; i++, at++) {
    while (stream[at] > i) at++;
    const j = stream[at];
    c[i] = c[j];
    c[j] = (signs >> BigInt(i + TAU - 256)) & 1n ? Q - 1 : 1;
  }
  return c;
}

function hintsOf(bytes) {
  const out = [];
  let at = 0;
  for (let row = 0; row < ROWS; row++) {
    const end = bytes[OMEGA + row], marks = new Array(256).fill(false);
    if (end < at || end > OMEGA) return null;
    for (let first = at; at < end; at++) {
      if (at > first && bytes[at] <= bytes[at - 1]) return null;
      marks[bytes[at]] = true;
    }
    out.push(marks);
  }
  return bytes.subarray(at, OMEGA).some((x) => x) ? null : out;
}

function high(value, hint) {
  let low = value % (2 * GAMMA2);
  if (low > GAMMA2) low -= 2 * GAMMA2;
  let top = (value - low) / (2 * GAMMA2);
  if (value - low === Q - 1) [top, low] = [0, low - 1];
  return hint ? (top + (low > 0 ? 1 : 43)) % 44 : top;
}

/** Whether `signature` (2,420 bytes) over `message` verifies, with an empty context. */
export function isSigned(key, message, signature) {
  if (key.length !== 1312 || signature.length !== 2420) return false;
  const rho = key.subarray(0, 32), seed = signature.subarray(0, 32);
  const z = Array.from({ length: COLUMNS }, (_, i) =>
    unpack(signature.subarray(32 + 576 * i, 608 + 576 * i), 18).map((x) => GAMMA1 - x));
  const hints = hintsOf(signature.subarray(2336));
  if (!hints || z.flat().some((x) => Math.abs(x) >= GAMMA1 - BETA)) return false;
  const mu = shake("shake256", Buffer.concat([shake("shake256", key, 64), Buffer.alloc(2), message]), 64);
  const c = transform(challenge(seed)), zs = z.map((poly) => transform(poly.map(modulo)));
  const parts = [mu];
  for (let row = 0; row < ROWS; row++) {
    const t = transform(unpack(key.subarray(32 + 320 * row, 352 + 320 * row), 10).map((x) => (x * 2 ** D) % Q));
    const a = Array.from({ length: COLUMNS }, (_, column) => matrixPart(rho, row, column));
    const w = back(t.map((x, i) => {
      let sum = modulo(-c[i] * x);
      for (let j = 0; j < COLUMNS; j++) sum = (sum + a[j][i] * zs[j][i]) % Q;
      return sum;
    }));
    const tops = w.map((x, i) => high(x, hints[row][i])), packed = Buffer.alloc(192);
    for (let i = 0; i < 256; i += 4)
      packed.writeUIntLE(tops[i] + tops[i + 1] * 64 + tops[i + 2] * 4096 + tops[i + 3] * 262144, (i / 4) * 3, 3);
    parts.push(packed);
  }
  return shake("shake256", Buffer.concat(parts), 32).equals(seed);
}
