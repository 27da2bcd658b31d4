// Forms of format version 1: canonical JSON, base64, keys, notes, tree (sections 3 to 9).

import { createHash, createPublicKey, verify } from "node:crypto";
import { isSigned as isSignedMlDsa } from "./mldsa44.mjs";

export class Bad extends Error {}

export function demand(truth, reason) {
  if (!truth) throw new Bad(reason);
}

export const TYPES = new Set(`case_open key_enrol key_revoke authority_add consent_add consent_withdraw identify collect
  acquire import verify seal unseal checkout checkin transfer_out transfer_in consult copy derive analyse annotate
  combine disclose transmit restrict lift_restriction rectify review_retention erase renew correction_notice recovery
  report_issue report_supersede case_close`.split(/\s+/));

export const sha256 = (...parts) => createHash("sha256").update(Buffer.concat(parts)).digest();
export const isObject = (value) => value !== null && typeof value === "object" && !Array.isArray(value);
export const isText = (value) => typeof value === "string";
export const isHex64 = (value) => isText(value) && /^[0-9a-f]{64}$/.test(value);
export const isTime = (value) => isText(value) && /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/.test(value);
export const isCount = (value) => Number.isInteger(value) && value >= 0;

// --- section 3 ------------------------------------------------------------------------

export function decode(bytes) {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new Bad("not UTF-8");
  }
}

/** Read canonical JSON; every other spelling is refused on the way. */
export function readCanonical(bytes) {
  const text = decode(bytes);
  let at = 0;
  const short = { '"': '"', "\\": "\\", b: "\b", t: "\t", n: "\n", f: "\f", r: "\r" };
  const take = (expected) => {
    demand(text.startsWith(expected, at), `no ${expected} at ${at}`);
    at += expected.length;
  };
  const string = () => {
    let out = "";
    take('"');
    for (;;) {
      demand(at < text.length, "a string does not end");
      const char = text[at++];
      if (char === '"') return out;
      demand(char >= " ", "a raw control character");
      if (char !== "\\") {
        out += char;
        continue;
      }
      const next = text[at++];
      if (next in short) {
        out += short[next];
        continue;
      }
      const hex = /^u(00[01][0-9a-f])/.exec(text.slice(at - 1, at + 4));
      demand(hex, "an escape that is not canonical");
      const point = parseInt(hex[1], 16);
      demand(![8, 9, 10, 12, 13].includes(point), "an escape that is not canonical");
      out += String.fromCharCode(point);
      at += 4;
    }
  };
  const value = (depth) => {
    const char = text[at];
    if (char === '"') return string();
    if (char === "{" || char === "[") {
      demand(depth < 32, "nested too deeply");
      const list = char === "[", out = list ? [] : Object.create(null);
      const end = list ? "]" : "}";
      let before = null;
      at++;
      if (text[at] === end) return at++, out;
      for (;;) {
        if (list) out.push(value(depth + 1));
        else {
          const key = string();
          demand(/^[\x00-\x7f]*$/.test(key), "a key that is not ASCII");
          demand(before === null || before < key, "keys out of order, or twice");
          take(":");
          out[key] = value(depth + 1);
          before = key;
        }
        if (text[at] === end) return at++, out;
        take(",");
      }
    }
    for (const [word, meaning] of [["null", null], ["true", true], ["false", false]])
      if (text.startsWith(word, at)) return (at += word.length), meaning;
    const number = /^(?:0|-?[1-9][0-9]{0,15})(?![0-9.eE])/.exec(text.slice(at, at + 20));
    demand(number && Number.isSafeInteger(Number(number[0])), "not a value of this profile");
    at += number[0].length;
    return Number(number[0]);
  };
  const whole = value(0);
  demand(at === text.length, "something follows");
  return whole;
}

export function base64(text) {
  demand(isText(text), "not text");
  const raw = Buffer.from(text, "base64");
  demand(raw.toString("base64") === text, "not canonical base64");
  return raw;
}

// --- section 5 ------------------------------------------------------------------------

const ED25519 = Buffer.from("302a300506032b6570032100", "hex");
const P256 = Buffer.from("3059301306072a8648ce3d020106082a8648ce3d03010703420004", "hex");
const ORDER = 2n ** 252n + 27742317777372353535851937790883648493n;
const FIELD = 2n ** 255n - 19n;
const P256_ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;
const SMALL = new Set([
  0n, 1n, FIELD - 1n,
  0x05fc536d880238b13933c6d305acdfd5f098eff289f4c345b027b2c28f95e826n,
  0x7a03ac9277fdc74ec6cc392cfa53202a0f67100d760b3cba4fd84d3d706a17c7n,
]);
const little = (bytes) => BigInt(`0x${Buffer.from(bytes).reverse().toString("hex")}`);
const big = (bytes) => (bytes.length ? BigInt(`0x${bytes.toString("hex")}`) : 0n);

export class Key {
  constructor(spki) {
    this.spki = spki;
    this.isP256 = spki.length === 91 && spki.subarray(0, 27).equals(P256);
    demand(this.isP256 || (spki.length === 44 && spki.subarray(0, 12).equals(ED25519)), "not a key");
    try {
      this.object = createPublicKey({ key: spki, format: "der", type: "spki" });
    } catch {
      throw new Bad("not a key");
    }
    this.algorithm = this.isP256 ? "ecdsa-p256" : "ed25519";
    this.id = sha256(spki).toString("hex");
  }

  static read(text) {
    return new Key(base64(text));
  }

  noteId(name) {
    if (this.isP256) return sha256(this.spki).subarray(0, 4);
    return sha256(Buffer.from(name), Buffer.from("\n\x01"), this.spki.subarray(12)).subarray(0, 4);
  }

  isSigned(message, signature) {
    if (this.isP256)
      return isStrict(signature) && verify("sha256", message, { key: this.object, dsaEncoding: "der" }, signature);
    if (signature.length !== 64 || little(signature.subarray(32)) >= ORDER) return false;
    if (isWeak(this.spki.subarray(12)) || isWeak(signature.subarray(0, 32))) return false;
    return verify(null, message, this.object, signature);
  }
}

/** A point of small order, or not in canonical encoding. */
function isWeak(raw) {
  const y = little(raw) & (2n ** 255n - 1n);
  return y >= FIELD || SMALL.has(y);
}

/** DER of r and s in its one form, s in the lower half of the group. */
function isStrict(sig) {
  if (sig.length < 8 || sig.length > 72 || sig[0] !== 0x30 || sig[1] !== sig.length - 2 || sig[2] !== 2) return false;
  const middle = 4 + sig[3];
  if (middle + 2 > sig.length || sig[middle] !== 2 || middle + 2 + sig[middle + 1] !== sig.length) return false;
  const both = [sig.subarray(4, middle), sig.subarray(middle + 2)];
  for (const part of both) {
    if (!part.length || part[0] & 0x80) return false;
    if (part.length > 1 && part[0] === 0 && !(part[1] & 0x80)) return false;
  }
  const [r, s] = both.map(big);
  return r > 0n && r < P256_ORDER && s > 0n && s <= P256_ORDER / 2n;
}

export const ENTRY = "application/vnd.custody.entry.v1+json";
export const POSSESSION = "application/vnd.custody.possession.v1+json";
export function dsse(type, body) {
  return Buffer.concat([Buffer.from(`DSSEv1 ${type.length} ${type} ${body.length} `), body]);
}

// --- section 6.1 and step 4 -----------------------------------------------------------

export function readEntry(line) {
  demand(line.length <= 65535, "too long");
  const whole = readCanonical(line);
  demand(isObject(whole) && Object.keys(whole).join() === "body,signatures", "not an entry");
  const { body, signatures } = whole;
  demand(isObject(body) && Array.isArray(signatures), "not an entry");
  demand(signatures.length >= 1 && signatures.length <= 16, "not 1 to 16 signatures");
  const signed = signatures.map((item) => {
    demand(isObject(item) && Object.keys(item).join() === "key,sig" && isText(item.key), "not a signature");
    return { key: item.key, sig: base64(item.sig) };
  });
  demand(isCount(body.seq) && isText(body.type) && isText(body.time) && isText(body.actor), "a member is wrong");
  demand(Array.isArray(body.exhibits) && body.exhibits.every(isText), "a member is wrong");
  demand(isObject(body.facts), "a member is wrong");
  demand(body.private === undefined || body.private === null || isHex64(body.private), "a member is wrong");
  const end = line.lastIndexOf(',"signatures":[');
  return { body, signatures: signed, message: dsse(ENTRY, line.subarray(8, end)) };
}

// --- section 8 ------------------------------------------------------------------------

export const leafHash = (data) => sha256(Buffer.from([0]), data);

export function treeRoot(leaves) {
  if (leaves.length < 2) return leaves.length ? leaves[0] : sha256();
  let k = 1;
  while (2 * k < leaves.length) k *= 2;
  return sha256(Buffer.from([1]), treeRoot(leaves.slice(0, k)), treeRoot(leaves.slice(k)));
}

// --- section 9 ------------------------------------------------------------------------

/** The text and the signature lines of a note; `expected`: the text it must have. */
export function splitNote(bytes, expected = null) {
  demand(bytes.length <= 1048576, "too long");
  const whole = decode(bytes);
  demand(!/[\x00-\x09\x0b-\x1f]/.test(whole), "control characters");
  const cut = whole.lastIndexOf("\n\n");
  demand(cut >= 0 && whole.length > cut + 2 && whole.endsWith("\n"), "no signature block");
  const text = whole.slice(0, cut + 1), lines = whole.slice(cut + 2, -1).split("\n");
  demand(lines.length <= 64, "too many signatures");
  const signatures = lines.map((line) => {
    const found = /^\u2014 ([^ ]+) ([A-Za-z0-9+/=]*)$/.exec(line);
    demand(found && !/[+\s\x85]/u.test(found[1].replace(/\ufeff/g, "")), "not a signature line");
    const raw = base64(found[2]);
    demand(raw.length >= 5, "a signature is too short");
    return { name: found[1], id: raw.subarray(0, 4), sig: raw.subarray(4) };
  });
  demand(expected === null || text === expected, "another text");
  return { text, signatures };
}

export function readNote(bytes) {
  const { text, signatures } = splitNote(bytes);
  const [origin, size, root, ...rest] = text.slice(0, -1).split("\n");
  demand(origin && size && root && rest.every((line) => line), "a line is missing");
  demand(/^(?:0|[1-9][0-9]{0,14})$/.test(size), "not a size");
  const hash = base64(root);
  demand(hash.length === 32, "not a root");
  return { text: Buffer.from(text), origin, size: Number(size), root: hash, signatures };
}

/** true or false: all lines of that key hold, or not; null: it has no line. */
export function judgeLines(note, name, id, isGood) {
  const own = note.signatures.filter((line) => line.name === name && line.id.equals(id));
  return own.length ? own.every((line) => isGood(line.sig)) : null;
}

export function isSignedBy(note, key) {
  return judgeLines(note, note.origin, key.noteId(note.origin), (sig) => key.isSigned(note.text, sig));
}

export function postQuantum(note, raw) {
  const name = Buffer.from(note.origin);
  const id = sha256(name, Buffer.from("\n\x06"), raw).subarray(0, 4);
  const own = Buffer.concat([Buffer.from([name.length]), name]), size = Buffer.alloc(8);
  size.writeBigUInt64BE(BigInt(note.size));
  return judgeLines(note, note.origin, id, (sig) => {
    if (sig.length !== 2428 || sig[0] & 0x80) return false;
    const message = Buffer.concat([
      Buffer.from("subtree/v1\n\0"), own, sig.subarray(0, 8), own, Buffer.alloc(8), size, note.root]);
    return isSignedMlDsa(raw, message, sig.subarray(8));
  });
}
