// Reference verifier of format version 1, written from docs/spec/manifest-v1.md alone.
//
//   node verify.mjs CASE [--key KEYID]... [--checkpoint NOTE]...   -> JSON, exit as the tool
//   node verify.mjs --vectors FILE...                              -> verdict, name
//
// Node.js 18 or newer, no dependencies. File names are kept as bytes ("latin1").

import fs from "node:fs";
import { createHash } from "node:crypto";
import { Bad, TYPES, demand, isObject, isSignedBy, isText, isTime, leafHash, postQuantum,
  readEntry, readNote, treeRoot, sha256 } from "./forms.mjs";
import { Keyring } from "./keyring.mjs";
import { judgeVector } from "./vectors.mjs";

const TOP = `custody.toml .lock manifest private exhibits identities staging quarantine reports packages`.split(" ");
const COMPANION = /^(\d{10})\.[a-z0-9-]{1,64}\.(?:cosig|tsr|p7s)$/;
const LIST_TOKEN = /^(\d{10})\.sha512\.[a-z0-9-]{1,64}\.tsr$/;
const LIST_LINE = /^([0-9a-f]{128})  (-|(?:exhibits|identities|manifest|private)(?:\/[A-Za-z0-9][A-Za-z0-9._-]{0,127}){1,2})$/;
const EXITS = { intact: 10, complete: 11, consistent: 12, signed: 20, trusted: 21 };
const QUARANTINES = ["quarantine", "manifest/quarantine"];
const MAX_RECORD = 8388608;

class Stop extends Error {
  constructor(code, text) {
    super(text);
    this.code = code;
  }
}

const bytes = (text) => Buffer.from(text, "utf8").toString("latin1");
const place = (...parts) => Buffer.concat(parts.flatMap((p, i) => [Buffer.from(i ? "/" : ""), Buffer.from(p, "latin1")]));

function statOf(path) {
  try {
    return fs.lstatSync(path);
  } catch (error) {
    if (error.code === "ENOENT" || error.code === "ENOTDIR") return null;
    throw error;
  }
}

/** A regular file's bytes; null: nothing there; false: something else, or unreadable. */
function plain(path, limit = Infinity) {
  const found = statOf(path);
  if (!found) return null;
  if (!found.isFile()) return false;
  try {
    return limit < found.size ? fs.readFileSync(path).subarray(0, limit) : fs.readFileSync(path);
  } catch {
    return false;
  }
}

function digest(path, algorithm = "sha256") {
  const hash = createHash(algorithm), chunk = Buffer.alloc(1 << 20), file = fs.openSync(path, "r");
  let size = 0;
  try {
    for (let n; (n = fs.readSync(file, chunk, 0, chunk.length, null)) > 0; size += n) hash.update(chunk.subarray(0, n));
  } finally {
    fs.closeSync(file);
  }
  return { [algorithm]: hash.digest("hex"), size };
}

function namesIn(path) {
  try {
    return fs.readdirSync(path, { encoding: "buffer" }).map((name) => name.toString("latin1")).sort();
  } catch (error) {
    if (error.code === "ENOENT" || error.code === "ENOTDIR") return [];
    throw error;
  }
}

const isName = (name) => name !== "" && name !== "." && name !== ".." && !/[\0/]/.test(name) && name.length <= 255;

class Verifier {
  constructor(folder, outside, trusted) {
    Object.assign(this, { folder: bytes(folder), outside, trusted, findings: [] });
    this.find = (axis, code, subject, fails = true) => this.findings.push({ axis, code, subject, fails });
    this.holding = { signed: 0, checkpoints: 0, outside: 0 };
  }

  at(...parts) {
    return place(this.folder, ...parts);
  }

  run() {
    this.settings();
    this.keyring = new Keyring(this.origin, this.find);
    this.readNotes();
    this.readLog();
    this.takeEffect();
    for (const exhibit of this.exhibits.values())
      if (this.erased.has(exhibit.id)) this.tombstone(exhibit);
      else this.exhibit(exhibit);
    this.sealed();
    this.unopened();
    this.reports();
    this.setAside();
    for (const [seq, facts] of this.lists) this.renewed(seq, facts);
    this.surroundings();
    this.trust();
    const failed = new Set(this.findings.filter((f) => f.fails).map((f) => f.axis));
    const axes = {};
    for (const axis of Object.keys(EXITS)) axes[axis] = failed.has(axis) ? "fail" : "pass";
    if (!this.trusted.length || !this.keyring.held.size) axes.trusted = failed.has("trusted") ? "fail" : "not checked";
    axes.timestamped = axes.witnessed = "not checked";
    const first = Object.keys(EXITS).find((axis) => axes[axis] === "fail");
    return {
      origin: this.origin, entries: this.leaves.length, root: treeRoot(this.leaves).toString("hex"),
      axes, holding: this.holding, findings: this.findings, exit: first ? EXITS[first] : 0,
    };
  }

  // step 1: as much TOML as the settings of this format need
  settings() {
    const found = statOf(this.at("custody.toml"));
    if (!found) throw new Stop(39, "no case folder");
    const text = fs.readFileSync(this.at("custody.toml"), "utf8").split(/^[ \t]*\[/m)[0];
    const one = (name, pattern) => new RegExp(`^[ \\t]*${name}[ \\t]*=[ \\t]*${pattern}[ \\t]*(?:#.*)?$`, "m").exec(text)?.[1];
    const format = one("format", "(\\d+)");
    this.origin = one("origin", '"([^"\\\\\\n]*)"');
    if (format === undefined || !this.origin) throw new Stop(39, "no settings of this format");
    if (format !== "1") throw new Stop(32, "a newer format");
  }

  // step 2
  readNotes() {
    const names = namesIn(this.at("manifest", "checkpoints"));
    const notes = names.filter((name) => name.endsWith(".note"));
    this.kept = [];
    for (const [name, path, outside] of [
      ...notes.map((name) => [name, this.at("manifest", "checkpoints", name), false]),
      ...this.outside.map((path) => [path.split("/").pop(), Buffer.from(path), true]),
    ]) {
      let note;
      try {
        const data = outside ? fs.readFileSync(path) : plain(path);
        demand(data, "not a file");
        note = readNote(data);
        demand(note.size > 0, "it covers nothing");
      } catch (error) {
        if (!(error instanceof Bad)) throw error;
        this.find("consistent", "CHECKPOINT_MALFORMED", name);
        continue;
      }
      if (note.origin !== this.origin) {
        this.find("consistent", "CHECKPOINT_FOREIGN", name);
        continue;
      }
      if (!outside && name !== `${String(note.size).padStart(10, "0")}.note`)
        this.find("consistent", "CHECKPOINT_MISNAMED", name);
      this.kept.push({ ...note, name, outside, reached: false });
    }
    this.beside = new Map();
    for (const name of names) {
      const match = COMPANION.exec(name);
      if (!match) continue;
      const own = this.beside.get(Number(match[1])) ?? [];
      this.beside.set(Number(match[1]), own);
      if (own.length < 64) own.push(name);
      else this.find("consistent", "COMPANION_MALFORMED", name);
    }
  }

  // steps 3 to 9
  readLog() {
    const data = plain(this.at("manifest", "entries.jsonl"));
    if (!data) throw new Stop(45, "the log cannot be read");
    Object.assign(this, {
      leaves: [], seen: new Map(), last: -1, before: "0".repeat(64), time: "", unordered: false,
      exhibits: new Map(), sealedBy: new Map(), ageRecords: new Map(), encrypted: false, issued: new Map(), quarantined: new Map(),
      lists: new Map(), log: data, erasures: [], about: new Map(),
    });
    let from = 0;
    for (let to; (to = data.indexOf(10, from)) >= 0; from = to + 1) {
      const line = data.subarray(from, to), leaf = leafHash(line);
      try {
        this.entry(readEntry(line), leaf.toString("hex"));
      } catch (error) {
        if (!(error instanceof Bad)) throw error;
        this.last += 1;
        this.find("consistent", "ENTRY_MALFORMED", `entry ${this.last}`);
        if (!this.seen.has(this.last)) this.seen.set(this.last, leaf.toString("hex"));
      }
      this.before = leaf.toString("hex");
      this.leaves.push(leaf);
      this.compare();
    }
    const rest = data.length - from, subject = `entry ${this.last + 1}`;
    if (rest > 65535) this.find("consistent", "ENTRY_MALFORMED", subject);
    else if (rest) this.find("consistent", "ENTRY_TORN", subject, false);
    let low = -1;
    for (const number of [...this.seen.keys()].sort((a, b) => a - b)) {
      if (number > low + 1) this.find("consistent", "ENTRY_MISSING", `entry ${low + 1}`);
      low = number;
    }
    if (!this.keyring.opening) this.find("consistent", "NO_CASE_OPEN", "entry 0");
    for (const seq of this.keyring.waiting.keys()) this.find("signed", "APPROVAL_PENDING", `entry ${seq}`, false);
    for (const seq of this.keyring.refused) this.find("signed", "APPROVAL_REFUSED", `entry ${seq}`, false);
    this.afterwards();
  }

  entry({ body, signatures, message }, leaf) {
    const subject = `entry ${body.seq}`, bad = (code) => this.find("consistent", code, subject);
    if (typeof body.v === "number" && body.v > 1) throw new Stop(32, "a newer version wrote it");
    if (body.v !== 1 || !isTime(body.time)) bad("ENTRY_MALFORMED");
    if (body.log !== this.origin) bad("ENTRY_FOREIGN");
    if (!TYPES.has(body.type)) bad("ENTRY_UNKNOWN");
    if (this.seen.has(body.seq)) bad(this.seen.get(body.seq) === leaf ? "ENTRY_DOUBLED" : "ENTRY_FORKED");
    else if (body.seq <= this.last) {
      bad("ENTRY_SWAPPED");
      this.unordered = true;
    } else if (body.seq === this.last + 1 && body.prev !== this.before) bad("CHAIN_BROKEN");
    if (!this.seen.has(body.seq)) this.seen.set(body.seq, leaf);
    const placed = body.log === this.origin && body.seq > this.last;
    this.last = Math.max(this.last, body.seq);
    this.keyring.open(body, leaf);
    if (this.signatures(body, signatures, message, subject) && placed) {
      this.keyring.apply(body, leaf);
      if (body.type === "erase") this.erasure(body, subject);
    }
    if (body.time < this.time) this.find("consistent", "TIME_BACKWARDS", subject, false);
    this.time = body.time;
    this.collect(body, subject);
  }

  signatures(body, signatures, message, subject) {
    const objection = this.keyring.objection(body);
    if (objection) this.find("signed", objection, subject);
    if (objection === "SIGNER_UNKNOWN") return false;
    const { key } = this.keyring.held.get(body.actor);
    const wrong = signatures.flatMap(({ key: name, sig }) =>
      name !== body.actor ? ["SIGNER_UNKNOWN"] : key.isSigned(message, sig) ? [] : ["SIGNATURE_WRONG"]);
    if (!signatures.some(({ key: name }) => name === body.actor)) wrong.push("SIGNATURE_WRONG");
    for (const code of wrong) this.find("signed", code, subject);
    if (objection || wrong.length) return false;
    this.holding.signed += 1;
    return true;
  }

  // erasure-v1, section 2: its form
  erasure(body, subject) {
    const { exhibits, authority, facts: { reason, reports = null } } = body;
    const good = isText(reason) && reason.length <= 40 && /^[a-z][a-z0-9]*(?:-[a-z0-9]+)*$/.test(reason) &&
      (authority == null || (isText(authority) && /^(?:AU|CO)-[0-9]{4,9}$/.test(authority))) &&
      exhibits.length > 0 && exhibits.every((name) => /^EX-[0-9]{4,9}$/.test(name)) &&
      new Set(exhibits).size === exhibits.length && (reports === null || (Array.isArray(reports) && reports.every(isText)));
    if (good) this.erasures.push(body);
    else this.find("consistent", "ENTRY_MALFORMED", subject);
  }

  // section 3: what takes effect, and what it takes away
  takeEffect() {
    this.erased = new Map();
    this.erasedReports = new Set();
    const { held, waiting, refused, approved, twoPerson } = this.keyring;
    for (const { seq, actor, time, exhibits, facts } of this.erasures) {
      const { voidFrom } = held.get(actor);
      if ((voidFrom !== null && time >= voidFrom) || waiting.has(seq) || refused.has(seq)) continue;
      if (!approved.has(seq) && twoPerson.includes("erase")) continue;
      const effect = approved.get(seq)?.approval.seq ?? seq;
      for (const name of facts.reports ?? []) this.erasedReports.add(name);
      for (const id of exhibits)
        if (this.exhibits.has(id) && this.exhibits.get(id).seq < effect)
          this.erased.set(id, Math.min(effect, this.erased.get(id) ?? effect));
    }
    this.erasedRecords = new Set([...this.about].filter(([seq, names]) =>
      names.length && names.every((id) => seq < (this.erased.get(id) ?? -1))).map(([seq]) => seq));
  }

  // section 4: nothing of it may be there
  tombstone({ id, payload }) {
    this.find("complete", "ERASED", id, false);
    const isAge = payload.name.endsWith(".age");
    for (const name of [payload.name, isAge ? "inventory.jsonl.age" : "inventory.jsonl"])
      if (statOf(this.at("exhibits", id, name))) this.find("complete", "ERASED_STILL_PRESENT", id);
    if (isAge && this.isKeyThere(`${id}.age`)) this.find("complete", "ERASED_STILL_PRESENT", id);
  }

  isKeyThere(name) {
    return Boolean(fs.statSync(this.at("keys", name), { throwIfNoEntry: false })?.isFile());
  }

  collect(body, subject) {
    const { facts, seq } = body;
    if (body.private != null && !this.sealedBy.has(seq)) {
      if (body.type !== "erase") this.about.set(seq, body.exhibits);
      this.sealedBy.set(seq, body.private);
      const file = body.private_file;
      if (file != null) {
        const good = isObject(file) && Number.isInteger(file.bytes) && file.bytes >= 0 && isText(file.sha256) &&
          /^[0-9a-f]{64}$/.test(file.sha256) && isText(file.key) && /^(?:case|EX-[0-9]{4,9})$/.test(file.key);
        if (good) this.ageRecords.set(seq, file);
        else this.find("consistent", "ENTRY_MALFORMED", subject);
      }
    }
    if (body.type === "case_open" && seq === 0 && isObject(facts.encryption)) this.encrypted = true;
    if (body.type === "recovery" && Array.isArray(facts.quarantined)) {
      for (const item of facts.quarantined.filter((i) => isObject(i) && isText(i.name)))
        this.quarantined.set(item.name, `${item.digest} ${item.files} ${item.bytes}`);
    } else if (body.type === "report_issue" && isText(facts.file) && isText(facts.sha256)) {
      this.issued.set(facts.file, facts.sha256);
    } else if (body.type === "renew" && facts.kind === "rehash") {
      const { algorithm, list, sha256: one, sha512: two, files, bytes: size, entries } = facts;
      const good = algorithm === "sha512" && list === `${String(seq).padStart(10, "0")}.sha512` && entries === seq &&
        isText(one) && /^[0-9a-f]{64}$/.test(one) && isText(two) && /^[0-9a-f]{128}$/.test(two) &&
        [files, size].every((count) => Number.isInteger(count) && count >= 0);
      if (!good) this.find("consistent", "ENTRY_MALFORMED", subject);
      else if (!this.lists.has(seq)) this.lists.set(seq, facts);
    } else if (body.type === "acquire") {
      const { payload, inventory } = facts, [id] = body.exhibits;
      const good = body.exhibits.length === 1 && /^EX-[0-9]{4,9}$/.test(id) && isObject(payload) && isObject(inventory) &&
        ["payload", "payload.tar", "payload.age", "payload.tar.age"].includes(payload.name) &&
        (!payload.name.endsWith(".age") || (inventory.name === "inventory.jsonl.age" &&
          Number.isInteger(inventory.bytes) && isText(inventory.sha256))) && Number.isInteger(payload.bytes) &&
        Number.isInteger(inventory.records) && isText(payload.sha256) && isText(inventory.root);
      if (!good) this.find("consistent", "ENTRY_MALFORMED", subject);
      else if (this.exhibits.has(id)) {
        if (this.exhibits.get(id).seq !== seq) this.find("consistent", "ENTRY_FORKED", id);
      } else {
        const next = `EX-${String(this.exhibits.size + 1).padStart(4, "0")}`;
        if (id !== next && !this.unordered) this.find("complete", "EXHIBIT_GAP", id);
        this.exhibits.set(id, { id, seq, payload, inventory });
      }
    }
  }

  // step 9, for the notes over the lines so far
  compare() {
    const size = this.leaves.length;
    for (const note of this.kept.filter((n) => n.size === size)) {
      note.reached = true;
      let holds = note.root.equals(treeRoot(this.leaves));
      if (!holds) this.find("consistent", note.outside ? "ROLLBACK" : "CHECKPOINT_ROOT", note.name);
      const signers = this.keyring.inForce().filter((held) => isSignedBy(note, held.key));
      if (!signers.length) {
        this.find("signed", "CHECKPOINT_SIGNATURE", note.name);
        holds = false;
      }
      for (const held of signers) {
        held.heads.push({ name: note.name, time: this.time });
        if (held.until && this.time >= held.until) {
          this.find("signed", "KEY_EXPIRED", note.name);
          holds = false;
        }
        const second = held.pq ? postQuantum(note, held.pq) : true;
        if (second === null) this.find("signed", "POST_QUANTUM_ABSENT", note.name, false);
        else if (!second) {
          this.find("signed", "CHECKPOINT_SIGNATURE", note.name);
          holds = false;
        }
      }
      if (holds && note.outside) this.holding.outside = Math.max(this.holding.outside, size);
      else if (holds) this.holding.checkpoints += 1;
    }
  }

  afterwards() {
    const size = this.leaves.length, inside = this.kept.filter((n) => !n.outside);
    for (const note of this.kept.filter((n) => !n.reached))
      this.find("consistent", note.outside ? "ROLLBACK" : "CHECKPOINT_BEYOND", note.name);
    for (const [number, names] of this.beside)
      if (!this.kept.some((n) => n.size === number))
        for (const name of names) this.find("consistent", "COMPANION_ALONE", name, false);
    const newest = Math.max(0, ...inside.map((n) => n.size));
    if (!newest && size) this.find("consistent", "CHECKPOINT_NONE", "checkpoints");
    else if (newest < size) this.find("consistent", "CHECKPOINT_LAGS", `entries from ${newest}`, false);
  }

  // steps 10 and 11
  exhibit({ id, payload, inventory }) {
    const path = this.at("exhibits", id, payload.name), found = statOf(path);
    if (!found) this.find("complete", "PAYLOAD_MISSING", id);
    else if (!found.isFile()) this.find("intact", "UNREADABLE", id);
    else {
      const now = digest(path);
      if (now.size !== payload.bytes || now.sha256 !== payload.sha256) this.find("intact", "PAYLOAD_MODIFIED", id);
    }
    const isAge = payload.name.endsWith(".age");
    const data = plain(this.at("exhibits", id, isAge ? "inventory.jsonl.age" : "inventory.jsonl"));
    if (data === null) this.find("complete", "INVENTORY_MISSING", id);
    else if (data === false) this.find("intact", "UNREADABLE", id);
    else if (isAge) {
      if (data.length !== inventory.bytes || sha256(data).toString("hex") !== inventory.sha256)
        this.find("intact", "INVENTORY_MODIFIED", id);
    }
    else {
      const leaves = [];
      let from = 0, long = false;
      for (let to; (to = data.indexOf(10, from)) >= 0; from = to + 1) {
        leaves.push(leafHash(data.subarray(from, to)));
        long ||= to - from > MAX_RECORD;
      }
      const same = leaves.length === inventory.records && treeRoot(leaves).toString("hex") === inventory.root;
      if (!same || long || from !== data.length) this.find("intact", "INVENTORY_MODIFIED", id);
    }
  }

  recordName(seq) {
    return `${String(seq).padStart(10, "0")}.json${this.ageRecords.has(seq) ? ".age" : ""}`;
  }

  keyFiles() {
    const names = [...this.exhibits.values()].filter((x) => x.payload.name.endsWith(".age")).map((x) => `${x.id}.age`);
    return this.encrypted ? ["case.age", ...names] : names;
  }

  // encryption-v1, section 6: without a key
  unopened() {
    for (const name of this.keyFiles())
      if (!this.erased.has(name.slice(0, -4)) && !this.isKeyThere(name))
        this.find("complete", "KEY_FILE_MISSING", name);
    if (this.keyFiles().length || this.ageRecords.size) this.find("intact", "PLAINTEXT_UNCHECKED", "the case", false);
  }

  // step 12
  sealed() {
    for (const [seq, commitment] of this.sealedBy) {
      const file = this.ageRecords.get(seq);
      const data = plain(this.at("private", this.recordName(seq)), MAX_RECORD + 65537);
      const subject = `entry ${seq}`;
      if (this.erasedRecords.has(seq)) {
        if (data !== null) this.find("complete", "ERASED_STILL_PRESENT", subject);
        continue;
      }
      if (data === null) this.find("complete", "PRIVATE_MISSING", subject);
      else if (data === false) this.find("intact", "UNREADABLE", subject);
      else if (file ? sha256(data).toString("hex") !== file.sha256 : leafHash(data).toString("hex") !== commitment) this.find("intact", "PRIVATE_MODIFIED", subject);
    }
  }

  reports() {
    for (const [name, recorded] of this.issued) {
      const raw = bytes(name), path = isName(raw) && this.at("reports", raw), found = path && statOf(path);
      if (this.erasedReports.has(name)) {
        if (found) this.find("complete", "ERASED_STILL_PRESENT", name);
        continue;
      }
      if (!found) this.find("complete", "REPORT_MISSING", name, false);
      else if (!found.isFile() || digest(path).sha256 !== recorded) this.find("intact", "REPORT_MODIFIED", name);
    }
  }

  setAside() {
    for (const [name, recorded] of this.quarantined) {
      const raw = bytes(name), cut = raw.lastIndexOf("/"), base = raw.slice(cut + 1);
      const usual = QUARANTINES.includes(raw.slice(0, Math.max(cut, 0))) && isName(base);
      const found = usual && statOf(this.at(raw));
      if (!found) {
        this.find("complete", "QUARANTINE_MISSING", name, false);
        continue;
      }
      const files = [];
      const walk = (path, parts) => {
        const what = fs.lstatSync(path);
        if (what.isFile()) files.push({ parts, ...digest(path) });
        else if (what.isDirectory())
          for (const inner of namesIn(path)) walk(place(path.toString("latin1"), inner), [...parts, inner]);
      };
      if (found.isFile()) files.push({ parts: [base], ...digest(this.at(raw)) });
      else walk(this.at(raw), []);
      const order = (a, b) => {
        for (let i = 0; ; i++) if (a.parts[i] !== b.parts[i]) return a.parts[i] < b.parts[i] ? -1 : 1;
      };
      files.sort(order);
      const lines = files.map((f) => Buffer.from(`${f.sha256}  ${f.parts.join("/")}\n`, "latin1"));
      const now = `${sha256(...lines).toString("hex")} ${files.length} ${files.reduce((sum, f) => sum + f.size, 0)}`;
      if (now !== recorded) this.find("intact", "QUARANTINE_MODIFIED", name);
    }
  }

  // a list of second digests, and the files it names
  renewed(seq, { list, sha256: one, sha512: two, files }) {
    const path = this.at("manifest", "renewals", list), data = plain(path);
    if (data === null) return this.find("complete", "RENEWAL_MISSING", list);
    if (data === false) return this.find("intact", "UNREADABLE", list);
    const both = (what) => createHash("sha512").update(what).digest("hex");
    if (sha256(data).toString("hex") !== one || both(data) !== two) return this.find("intact", "RENEWAL_MODIFIED", list);
    const lines = data.toString("latin1").split("\n"), tail = lines.pop();
    const read = lines.map((line) => LIST_LINE.exec(line));
    const good = tail === "" && read.length - 1 === files && data.length <= 2 ** 28 && read.every((line, i) =>
      line && (line[2] === "-") === (i === 0) && (i < 2 || line[2] > read[i - 1]?.[2]));
    if (!good) return this.find("intact", "RENEWAL_MALFORMED", list);
    for (const [, hex, name] of read) {
      if (name === "-") {
        let end = 0;
        for (let n = 0; n < seq && end >= 0; n++) end = this.log.indexOf(10, end) + 1 || -1;
        if (both(end < 0 ? this.log : this.log.subarray(0, end)) !== hex) this.find("intact", "RENEWED_MODIFIED", "entries.jsonl");
        continue;
      }
      const file = this.at(name), found = statOf(file), apart = /^(?:exhibits|private)\//.test(name);
      let now = null;
      try {
        now = found?.isFile() ? digest(file, "sha512").sha512 : null;
      } catch {}
      if (now !== null && now !== hex) this.find("intact", "RENEWED_MODIFIED", name);
      else if (now === null && !apart) this.find(found ? "intact" : "complete", found ? "UNREADABLE" : "RENEWED_MISSING", name);
    }
  }

  // step 13
  surroundings() {
    const unlisted = (subject) => this.find("complete", "UNLISTED", subject);
    const unfinished = (subject) => this.find("complete", "UNFINISHED", subject, false);
    const named = {
      "": this.keyFiles().length ? [...TOP, "keys"] : TOP,
      keys: this.keyFiles(),
      manifest: ["entries.jsonl", "checkpoints", "quarantine", "pending", "renewals"],
      private: [...this.sealedBy.keys()].map((seq) => this.recordName(seq)),
      identities: [...this.keyring.named].map((id) => `${id}.json`),
      exhibits: [...this.exhibits.keys()],
    };
    for (const [folder, names] of Object.entries(named))
      for (const name of namesIn(this.at(folder))) {
        const path = folder ? `${folder}/${name}` : name;
        const moved = ["", "manifest", "exhibits"].includes(folder) && statOf(this.at(path))?.isSymbolicLink();
        if (name.startsWith(".incomplete-")) unfinished(path);
        else if (!names.includes(name) || moved) unlisted(path);
      }
    for (const { id, payload } of this.exhibits.values())
      for (const name of namesIn(this.at("exhibits", id)))
        if (name !== payload.name && name !== (payload.name.endsWith(".age") ? "inventory.jsonl.age" : "inventory.jsonl"))
          unlisted(`exhibits/${id}/${name}`);
    const lists = new Set([...this.lists.values()].map(({ list }) => list)), stamps = new Map();
    for (const name of namesIn(this.at("manifest", "renewals"))) {
      const owner = Number(LIST_TOKEN.exec(name)?.[1] ?? -1);
      stamps.set(owner, (stamps.get(owner) ?? 0) + 1);
      if (name.startsWith(".incomplete-")) unfinished(name);
      else if (!lists.has(name) && !(this.lists.has(owner) && stamps.get(owner) <= 64)) unlisted(`manifest/renewals/${name}`);
    }
    for (const name of namesIn(this.at("manifest", "checkpoints")))
      if (name.startsWith(".incomplete-")) unfinished(name);
      else if ((!name.endsWith(".note") || name === ".note") && !COMPANION.test(name)) unlisted(name);
    for (const name of namesIn(this.at("staging"))) unfinished(name);
    const known = new Set([...this.quarantined.keys()].map(bytes));
    for (const folder of QUARANTINES)
      for (const name of namesIn(this.at(folder))) if (!known.has(`${folder}/${name}`)) unfinished(name);
  }

  // step 14
  trust() {
    if (!this.trusted.length) return;
    for (const id of this.keyring.held.keys())
      if (!this.trusted.includes(id)) this.find("trusted", "KEY_NOT_ANCHORED", `key ${id}`);
  }
}

function main(words) {
  if (words[0] === "--vectors") {
    for (const file of words.slice(1)) console.log(`${judgeVector(fs.readFileSync(file))}\t${file.split("/").pop()}`);
    return 0;
  }
  const [folder, ...rest] = words, outside = [], trusted = [];
  for (let i = 0; i < rest.length; i += 2) (rest[i] === "--checkpoint" ? outside : trusted).push(rest[i + 1]);
  try {
    const found = new Verifier(folder, outside, trusted).run();
    console.log(JSON.stringify(found, null, 1));
    return found.exit;
  } catch (error) {
    if (!(error instanceof Stop)) throw error;
    console.error(error.message);
    return error.code;
  }
}

process.exitCode = main(process.argv.slice(2));
