// Verdicts on the files of tests/vectors/v1 (its README.md says what they mean).

import { Bad, Key, base64, demand, isHex64, isObject, isSignedBy, isText, leafHash, postQuantum, readCanonical,
  readEntry, readNote, splitNote, treeRoot } from "./forms.mjs";
import { enrolment } from "./keyring.mjs";

const known = (pairs) => (pairs.length ? (pairs.every((good) => good) ? "ok" : "bad-signature") : "unknown-key");

function entry(data, header) {
  const { signatures, message } = readEntry(data);
  const keys = new Map(header.key.map(Key.read, Key).map((key) => [key.id, key]));
  return known(signatures.filter(({ key }) => keys.has(key)).map(({ key, sig }) => keys.get(key).isSigned(message, sig)));
}

function sealed(data, header) {
  const record = readCanonical(data);
  demand(isObject(record) && isText(record.salt) && /^[0-9a-f]{32}$/.test(record.salt), "no salt");
  return leafHash(data).toString("hex") === header.commitment[0] ? "ok" : "wrong-commitment";
}

function checkpoint(data, header) {
  const note = readNote(data), verdicts = [];
  for (const vkey of header.key) {
    const [name, , ...body] = vkey.split("+"), raw = base64(body.join("+")), kind = raw[0];
    // Every key here is a log's: it signs under the log's name.
    const named = { ...note, origin: name };
    if (kind === 6) verdicts.push(note.origin === name ? postQuantum(note, raw.subarray(1)) : null);
    else if (kind === 1) {
      const spki = Buffer.concat([Buffer.from("302a300506032b6570032100", "hex"), raw.subarray(1)]);
      verdicts.push(isSignedBy(named, new Key(spki)));
    } else verdicts.push(isSignedBy(named, new Key(raw.subarray(1))));
  }
  const found = known(verdicts.filter((verdict) => verdict !== null));
  if (found !== "ok") return found;
  if (note.origin !== header.origin[0]) return "wrong-origin";
  const leaves = (header.leaf ?? []).map((leaf) => Buffer.from(leaf, "hex"));
  return note.size === leaves.length && note.root.equals(treeRoot(leaves)) ? "ok" : "wrong-root";
}

/** A key object as it stands in an entry (section 6.3). */
function enrol(data, header) {
  enrolment(readCanonical(data), header.origin[0]);
  return "ok";
}

/** An annotate entry that answers another (section 6.3). */
function answer(data, header) {
  const verdict = entry(data, header);
  if (verdict !== "ok") return verdict;
  const { body } = readEntry(data), [seq, leaf, actor] = header.waiting[0].split(" ");
  demand(Number.isInteger(body.facts.seq) && isHex64(body.facts.entry), "it names no entry");
  const right = String(body.facts.seq) === seq && body.facts.entry === leaf && body.actor !== actor;
  return right ? "ok" : "wrong-answer";
}

/** A cosignature file (section 9): signature lines of a note, without the note. */
function cosignatures(data) {
  demand(data.length > 0 && data.length <= 65536, "its size is not right");
  splitNote(Buffer.concat([Buffer.from("-\n\n"), data]), "-\n");
  return "ok";
}

const JUDGES = { answer, checkpoint, cosignatures, enrolment: enrol, entry, sealed };

export function judgeVector(file) {
  const cut = file.indexOf("\n\n"), header = {};
  for (const line of file.subarray(0, cut).toString("ascii").split("\n")) {
    const [name, ...value] = line.split(": ");
    (header[name] ??= []).push(value.join(": "));
  }
  let data = file.subarray(cut + 2);
  if (header.encoding[0] === "base64") data = base64(data.toString("ascii").trim());
  try {
    return JUDGES[header.kind[0]](data, header);
  } catch (error) {
    if (error instanceof Bad) return "malformed";
    throw error;
  }
}
