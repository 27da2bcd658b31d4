"""Verifies a case folder from docs/spec/manifest-v1.md alone.

Standard library and the ``openssl`` command only; nothing of the project is imported
(`independent_keys.py` and `mldsa44.py` beside it are parts of it). It is written for
reading next to the specification: "step 5" below is step 5 there. It finds what a
verifier must find, and shows it as JSON:

    python -I independent_verifier.py CASE [--checkpoint NOTE ...]

Exit 0: no axis failed; 1: an axis failed; 2: the folder is no case of version 1.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import stat
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

import mldsa44
from independent_keys import (
    ENTRY_TYPES,
    HEX64,
    TIME,
    Act,
    Bad,
    Holding,
    Keyring,
    dsse,
    unbase64,
)

EXHIBIT = re.compile(r"EX-[0-9]{4,9}\Z")
MAX_LINE = 65_535
MAX_RECORD = 8 << 20
_TOP = """
custody.toml .lock manifest private exhibits identities staging quarantine reports
packages
"""
TOP = frozenset(_TOP.split())
QUARANTINES = ("quarantine", "manifest/quarantine")
AXES = ("complete", "intact", "consistent", "signed")
LIST_TOKEN = re.compile(r"([0-9]{10})\.sha512\.[a-z0-9-]{1,64}\.tsr\Z")
LIST_LINE = re.compile(
    rb"([0-9a-f]{128})  (-|(?:exhibits|identities|manifest|private)"
    rb"(?:/[A-Za-z0-9][A-Za-z0-9._-]{0,127}){1,2})\Z"
)
ERASE_WORD = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*\Z")
ERASE_GROUND = re.compile(r"(AU|CO)-[0-9]{4,9}\Z")
COMPANION = re.compile(r"([0-9]{10})\.[a-z0-9-]{1,64}\.(cosig|tsr|p7s)\Z")


# --- section 3: canonical JSON --------------------------------------------------------


def no_twins(pairs: list[tuple[str, object]]) -> dict[str, object]:
    if len(dict(pairs)) != len(pairs):
        raise Bad("a key stands twice")
    return dict(pairs)


def refuse(text: str) -> object:
    raise Bad(f"{text[:20]} is not an integer")


def integer(text: str) -> int:
    if len(text) > 17:
        raise Bad("an integer is too large")
    return int(text)


def write_text(text: str) -> str:
    short = {0x22: '\\"', 0x5C: "\\\\", 8: "\\b", 9: "\\t", 10: "\\n", 12: "\\f"}
    short[13] = "\\r"
    out = []
    for char in text:
        point = ord(char)
        if 0xD800 <= point <= 0xDFFF:
            raise Bad("a lone surrogate")
        if point in short:
            out.append(short[point])
        else:
            out.append(f"\\u{point:04x}" if point < 0x20 else char)
    return f'"{"".join(out)}"'


def canonical(value: object, depth: int = 0) -> str:
    if value is None or value is True or value is False:
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, str):
        return write_text(value)
    if isinstance(value, int):
        if abs(value) >= 2**53:
            raise Bad("an integer is too large")
        return str(value)
    if depth == 32:
        raise Bad("nested too deeply")
    if isinstance(value, list):
        return f"[{','.join(canonical(v, depth + 1) for v in value)}]"
    assert isinstance(value, dict)
    if not all(key.isascii() for key in value):
        raise Bad("a key is not ASCII")
    members = (
        f"{write_text(key)}:{canonical(value[key], depth + 1)}" for key in sorted(value)
    )
    return f"{{{','.join(members)}}}"


def read_json(data: bytes) -> object:
    try:
        value = json.loads(
            data.decode("utf-8"),
            object_pairs_hook=no_twins,
            parse_int=integer,
            parse_float=refuse,
            parse_constant=refuse,
        )
        again = canonical(value).encode("utf-8")
    except (ValueError, RecursionError) as error:
        raise Bad("not JSON") from error
    if again != data:
        raise Bad("not canonical")
    return value


# --- section 8: tree ------------------------------------------------------------------


def leaf(data: bytes) -> bytes:
    return hashlib.sha256(b"\x00" + data).digest()


def root(leaves: list[bytes]) -> bytes:
    """RFC 6962 section 2.1, as it is written there."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    both = root(leaves[:split]) + root(leaves[split:])
    return hashlib.sha256(b"\x01" + both).digest()


# --- section 9: checkpoint notes ------------------------------------------------------


class Note:
    """A signed note that holds a checkpoint."""

    def __init__(self, data: bytes) -> None:
        if len(data) > 1 << 20:
            raise Bad("too long")
        try:
            whole = data.decode("utf-8")
        except UnicodeDecodeError as error:
            raise Bad("not UTF-8") from error
        if any(ord(c) < 0x20 and c != "\n" for c in whole):
            raise Bad("control characters")
        text, blank, tail = whole.rpartition("\n\n")
        if not blank or not tail.endswith("\n"):
            raise Bad("no signature block")
        self.text = (text + "\n").encode()
        self.lines = [self.signature(s) for s in tail[:-1].split("\n")]
        if len(self.lines) > 64:
            raise Bad("too many signatures")
        head = text.split("\n")
        if len(head) < 3 or not all(head):
            raise Bad("a line is missing")
        if not re.fullmatch(r"0|[1-9][0-9]{0,14}", head[1]):
            raise Bad("not a size")
        self.origin, self.size = head[0], int(head[1])
        self.root = unbase64(head[2])
        if len(self.root) != 32:
            raise Bad("not a root")

    def signature(self, line: str) -> tuple[str, bytes, bytes]:
        dash, name, body = [*line.split(" ", 2), "", ""][:3]
        if dash != "\u2014" or not name or "+" in name or len(name.split()) != 1:
            raise Bad("not a signature line")
        raw = unbase64(body)
        if len(raw) < 5:
            raise Bad("a signature is too short")
        return name, raw[:4], raw[4:]

    def is_signed_by(self, held: Holding) -> bool:
        wanted = (self.origin, held.key.note_id(self.origin))
        found = [s for n, i, s in self.lines if (n, i) == wanted]
        return bool(found) and all(held.key.is_signed(self.text, s) for s in found)

    def post_quantum(self, raw: bytes) -> bool | None:
        """Whether the ML-DSA-44 lines of a key hold; None when there are none."""
        name = self.origin.encode()
        wanted = (self.origin, hashlib.sha256(name + b"\n\x06" + raw).digest()[:4])
        found = [s for n, i, s in self.lines if (n, i) == wanted]
        if not found:
            return None
        own = bytes([len(name)]) + name
        head = own + bytes(8) + self.size.to_bytes(8, "big") + self.root
        return all(
            line[:8] < b"\x80"
            and mldsa44.is_signed(
                raw, b"subtree/v1\n\0" + own + line[:8] + head, line[8:]
            )
            for line in found
        )


# --- section 6.3: the digest of a recovery entry --------------------------------------


def listing(path: Path) -> str:
    """Digest, number of files and bytes of a quarantined thing."""
    found: list[tuple[list[str], str, Path]] = []
    mode = path.lstat().st_mode
    if stat.S_ISREG(mode):
        found.append(([], path.name, path))
    for folder, _, names in os.walk(path) if stat.S_ISDIR(mode) else ():
        for name in names:
            file = Path(folder, name)
            if stat.S_ISREG(file.lstat().st_mode):
                parts = file.relative_to(path).parts
                found.append((list(parts), "/".join(parts), file))
    whole, total = hashlib.sha256(), 0
    for _, name, file in sorted(found):
        data = file.read_bytes()
        total += len(data)
        own = hashlib.sha256(data).hexdigest()
        whole.update(f"{own}  {name}\n".encode("utf-8", "surrogateescape"))
    return f"{whole.hexdigest()} {len(found)} {total}"


# --- section 13: verification ---------------------------------------------------------


def is_name(name: str) -> bool:
    """One file's name, short enough to exist."""
    plain = name not in ("", ".", "..") and not set("/\0") & set(name)
    return plain and len(name.encode("utf-8", "surrogatepass")) <= 255


NAMES = ("payload", "payload.tar", "payload.age", "payload.tar.age")


def is_private_file(file: object) -> bool:
    """The member `private_file` of a body (encryption-v1, section 4)."""
    return (
        isinstance(file, dict)
        and type(file.get("bytes")) is int
        and file["bytes"] >= 0
        and isinstance(file.get("sha256"), str)
        and bool(HEX64.match(file["sha256"]))
        and isinstance(file.get("key"), str)
        and bool(re.fullmatch(r"case|EX-[0-9]{4,9}", file["key"], re.ASCII))
    )


def is_age_inventory(payload: dict, inventory: dict) -> bool:
    """With an encrypted payload, the inventory is an age file with a digest."""
    return not payload["name"].endswith(".age") or (
        inventory.get("name") == "inventory.jsonl.age"
        and type(inventory.get("bytes")) is int
        and isinstance(inventory.get("sha256"), str)
    )


class Verifier:
    """One case; `run` fills `findings` with (axis, code, subject, fails)."""

    def __init__(self, case: Path, outside: list[Path]) -> None:
        self.case, self.outside = case, outside
        self.findings: list[tuple[str, str, str, bool]] = []
        self.leaves: list[bytes] = []
        self.exhibits: dict[str, dict] = {}
        self.private: dict[int, str] = {}
        self.private_files: dict[int, dict] = {}
        self.encrypted = False
        self.reports: dict[str, str] = {}
        self.quarantined: dict[str, str] = {}
        self.lists: dict[int, dict] = {}
        self.erasures: list[dict] = []
        self.about: dict[int, list[str]] = {}
        # What was confirmed: signed entries, checkpoints, entries known outside.
        self.holding = {"signed": 0, "checkpoints": 0, "outside": 0}

    def find(
        self, axis: str, code: str, subject: object, *, fails: bool = True
    ) -> None:
        self.findings.append((axis, code, str(subject), fails))

    def run(self) -> dict[str, object]:
        self.settings()
        self.keyring = Keyring(self.origin)
        self.compared = 0
        self.companions()
        self.pending = self.notes()
        self.all_notes = list(self.pending)
        self.log()
        self.checkpoints()
        self.erased_things()
        for name, facts in self.exhibits.items():
            if name in self.erased:
                self.tombstone(name, facts)
                continue
            self.payload(name, facts["payload"])
            self.inventory(name, facts["inventory"])
        self.sealed()
        self.unopened()
        self.issued()
        self.set_aside()
        for number, facts in self.lists.items():
            self.renewed(number, facts)
        self.surroundings()
        failed = {axis for axis, _, _, fails in self.findings if fails}
        return {
            "origin": self.origin,
            "entries": len(self.leaves),
            "root": root(self.leaves).hex(),
            "axes": {a: "fail" if a in failed else "pass" for a in AXES},
            "holding": self.holding,
            "findings": [
                dict(zip(("axis", "code", "subject", "fails"), f, strict=True))
                for f in self.findings
            ],
        }

    def settings(self) -> None:
        """Step 1."""
        settings = tomllib.loads((self.case / "custody.toml").read_text("utf-8"))
        if settings.get("format") != 1 or not isinstance(settings.get("origin"), str):
            raise SystemExit(2)
        self.origin = settings["origin"]

    def notes(self) -> list[tuple[str, Note, bool]]:
        """Step 2."""
        inside = sorted((self.case / "manifest/checkpoints").glob("*.note"))
        found = []
        for path in [*inside, *self.outside]:
            try:
                if path in inside and not stat.S_ISREG(path.lstat().st_mode):
                    raise Bad("not a file")
                note = Note(path.read_bytes())
                if note.size == 0:
                    raise Bad("it covers nothing")
            except Bad:
                self.find("consistent", "CHECKPOINT_MALFORMED", path.name)
                continue
            if note.origin != self.origin:
                self.find("consistent", "CHECKPOINT_FOREIGN", path.name)
                continue
            kept_outside = path in self.outside
            if not kept_outside and path.name != f"{note.size:010d}.note":
                self.find("consistent", "CHECKPOINT_MISNAMED", path.name)
            found.append((path.name, note, kept_outside))
        return found

    # -- steps 3 to 8: the log

    def log(self) -> None:
        try:
            path = self.case / "manifest/entries.jsonl"
            if not stat.S_ISREG(path.lstat().st_mode):
                raise SystemExit(2)
            data = path.read_bytes()
        except OSError:
            raise SystemExit(2) from None
        *lines, tail = data.split(b"\n")
        self.seen: dict[int, bytes] = {}
        self.last = -1
        self.before = "0" * 64
        self.time = ""
        self.unordered = False
        for line in lines:
            own = leaf(line)
            try:
                self.entry(line, own)
            except Bad:
                self.find("consistent", "ENTRY_MALFORMED", f"entry {self.last + 1}")
                self.last += 1
                self.seen.setdefault(self.last, own)
            self.before = own.hex()
            self.leaves.append(own)
            self.compare()
        subject = f"entry {self.last + 1}"
        if len(tail) > MAX_LINE:
            self.find("consistent", "ENTRY_MALFORMED", subject)
        elif tail:
            self.find("consistent", "ENTRY_TORN", subject, fails=False)
        if not self.keyring.opened:
            self.find("consistent", "NO_CASE_OPEN", "entry 0")
        for waits in self.keyring.waiting:
            self.find("signed", "APPROVAL_PENDING", f"entry {waits}", fails=False)
        for number in self.keyring.refused:
            self.find("signed", "APPROVAL_REFUSED", f"entry {number}", fails=False)
        numbers = sorted(self.seen)
        for low, high in zip([-1, *numbers], numbers, strict=False):
            if high > low + 1:
                self.find("consistent", "ENTRY_MISSING", f"entry {low + 1}")

    def entry(self, line: bytes, own: bytes) -> None:
        body, signatures = self.shape(line)
        seq, subject = body["seq"], f"entry {body['seq']}"
        if isinstance(body.get("v"), int) and body["v"] > 1:
            raise SystemExit(2)
        version = body.get("v")
        if type(version) is not int or version != 1 or not TIME.match(body["time"]):
            self.find("consistent", "ENTRY_MALFORMED", subject)
        # step 5: place
        if body.get("log") != self.origin:
            self.find("consistent", "ENTRY_FOREIGN", subject)
        if body["type"] not in ENTRY_TYPES:
            self.find("consistent", "ENTRY_UNKNOWN", subject)
        if seq in self.seen:
            twice = self.seen[seq] == own
            code = "ENTRY_DOUBLED" if twice else "ENTRY_FORKED"
            self.find("consistent", code, subject)
        elif seq < self.last + 1:
            self.find("consistent", "ENTRY_SWAPPED", subject)
            self.unordered = True
        elif seq == self.last + 1 and body.get("prev") != self.before:
            self.find("consistent", "CHAIN_BROKEN", subject)
        self.seen.setdefault(seq, own)
        self.placed = body.get("log") == self.origin and seq > self.last
        self.last = max(self.last, seq)
        # step 6: signatures
        if body["type"] == "case_open" and seq == 0 and not self.keyring.opened:
            try:
                self.keyring.open(body["facts"], own.hex())
            except Bad:
                self.find("signed", "SIGNER_UNKNOWN", "entry 0")
        self.signed(subject, line, body, signatures)
        # step 7: time
        if body["time"] < self.time:
            self.find("consistent", "TIME_BACKWARDS", subject, fails=False)
        self.time = body["time"]
        # step 8: what it names
        self.collect(body, subject)

    def shape(self, line: bytes) -> tuple[dict, list[tuple[str, bytes]]]:
        """Step 4."""
        if len(line) > MAX_LINE:
            raise Bad("too long")
        value = read_json(line)
        if not isinstance(value, dict) or set(value) != {"body", "signatures"}:
            raise Bad("not an entry")
        body, raw = value["body"], value["signatures"]
        if not isinstance(body, dict) or not isinstance(raw, list):
            raise Bad("not an entry")
        if not 1 <= len(raw) <= 16:
            raise Bad("not 1 to 16 signatures")
        signatures = []
        for item in raw:
            if not isinstance(item, dict) or set(item) != {"key", "sig"}:
                raise Bad("not a signature")
            if not isinstance(item["key"], str):
                raise Bad("not a signature")
            signatures.append((item["key"], unbase64(item["sig"])))
        texts = all(isinstance(body.get(n), str) for n in ("type", "time", "actor"))
        seq, names = body.get("seq"), body.get("exhibits")
        counted = isinstance(seq, int) and not isinstance(seq, bool) and seq >= 0
        listed = isinstance(names, list) and all(isinstance(n, str) for n in names)
        hidden = body.get("private")
        committed = hidden is None or (isinstance(hidden, str) and HEX64.match(hidden))
        facts = isinstance(body.get("facts"), dict)
        if not (texts and counted and listed and committed and facts):
            raise Bad("a member of the body is missing or of another type")
        return body, signatures

    def signed(
        self, subject: str, line: bytes, body: dict, signatures: list[tuple[str, bytes]]
    ) -> None:
        known = ("seq", "type", "time", "actor")
        act = Act(
            *(body[name] for name in known),
            role=body.get("role"),
            facts=body["facts"],
            leaf=leaf(line).hex(),
        )
        objection = self.keyring.objection(act)
        if objection:
            self.find("signed", objection, subject)
        if objection == "SIGNER_UNKNOWN":
            return
        key = self.keyring.holdings[body["actor"]].key
        message = dsse(line[8 : line.rindex(b',"signatures":[')])
        good = not objection
        for name, signature in signatures:
            if name != body["actor"]:
                self.find("signed", "SIGNER_UNKNOWN", subject)
            elif not key.is_signed(message, signature):
                self.find("signed", "SIGNATURE_WRONG", subject)
            else:
                continue
            good = False
        if body["actor"] not in [name for name, _ in signatures]:
            self.find("signed", "SIGNATURE_WRONG", subject)
            good = False
        if good:
            self.holding["signed"] += 1
            for code, about in self.keyring.apply(act) if self.placed else ():
                self.find("signed", code, about)
            if self.placed and body["type"] == "erase":
                self.erasure(body, subject)

    def erasure(self, body: dict, subject: str) -> None:
        """Erasure-v1, section 2: the form of an erase entry."""
        reason, names = body["facts"].get("reason"), body["exhibits"]
        ground, reports = body.get("authority"), body["facts"].get("reports")
        reports = [] if reports is None else reports
        if (
            isinstance(reason, str)
            and len(reason) <= 40
            and ERASE_WORD.match(reason)
            and (ground is None or (type(ground) is str and ERASE_GROUND.match(ground)))
            and names
            and all(EXHIBIT.match(name) for name in names)
            and len(set(names)) == len(names)
            and isinstance(reports, list)
            and all(isinstance(name, str) for name in reports)
        ):
            self.erasures.append({**body, "reports": reports})
        else:
            self.find("consistent", "ENTRY_MALFORMED", subject)

    def erased_things(self) -> None:
        """Erasure-v1, section 3: what takes effect, and what it takes away."""
        self.erased: dict[str, int] = {}
        self.erased_reports: set[str] = set()
        keyring = self.keyring
        for body in self.erasures:
            seq, held = body["seq"], keyring.holdings[body["actor"]]
            if not held.counts_at(body["time"]):
                continue
            if seq in keyring.waiting or seq in keyring.refused:
                continue
            if seq in keyring.approved:
                effect = keyring.approved[seq][1].seq
            elif "erase" in keyring.two_person:
                continue
            else:
                effect = seq
            self.erased_reports.update(body["reports"])
            for name in body["exhibits"]:
                if name in self.exhibits and self.exhibits[name]["seq"] < effect:
                    self.erased[name] = min(effect, self.erased.get(name, effect))
        self.erased_records = {
            seq
            for seq, names in self.about.items()
            if names and all(seq < self.erased.get(name, -1) for name in names)
        }

    def tombstone(self, name: str, facts: dict) -> None:
        """Erasure-v1, section 4: nothing of an erased exhibit may be there."""
        self.find("complete", "ERASED", name, fails=False)
        folder = self.case / "exhibits" / name
        inventory = "inventory.jsonl" + (".age" if self.is_age(name) else "")
        key = self.case / "keys" / f"{name}.age"
        there = [folder / facts["payload"]["name"], folder / inventory]
        for path in there:
            if os.path.lexists(path):
                self.find("complete", "ERASED_STILL_PRESENT", name)
        if self.is_age(name) and key.is_file():
            self.find("complete", "ERASED_STILL_PRESENT", name)

    def collect(self, body: dict, subject: str) -> None:
        facts = body["facts"]
        if body.get("private") is not None:
            if body["seq"] not in self.private and body.get("private_file") is not None:
                file = body["private_file"]
                if is_private_file(file):
                    self.private_files[body["seq"]] = file
                else:
                    self.find("consistent", "ENTRY_MALFORMED", subject)
            if body["seq"] not in self.private and body["type"] != "erase":
                self.about[body["seq"]] = body["exhibits"]
            self.private.setdefault(body["seq"], body["private"])
        if body["type"] == "case_open" and body["seq"] == 0:
            self.encrypted |= isinstance(facts.get("encryption"), dict)
        if body["type"] == "recovery":
            listed = facts.get("quarantined")
            items = listed if isinstance(listed, list) else []
            for item in (i for i in items if isinstance(i, dict)):
                told = (item.get(k) for k in ("digest", "files", "bytes"))
                self.quarantined[str(item.get("name"))] = " ".join(map(str, told))
        file, digest = facts.get("file"), facts.get("sha256")
        if body["type"] == "report_issue" and type(file) is type(digest) is str:
            self.reports[file] = digest
        if body["type"] == "renew" and facts.get("kind") == "rehash":
            if self.is_rehash(facts, body["seq"]):
                self.lists.setdefault(body["seq"], facts)
            else:
                self.find("consistent", "ENTRY_MALFORMED", subject)
        if body["type"] != "acquire":
            return
        names = body["exhibits"]
        if len(names) != 1 or not EXHIBIT.match(names[0]) or not self.numbers(facts):
            self.find("consistent", "ENTRY_MALFORMED", subject)
        elif names[0] in self.exhibits:
            if self.exhibits[names[0]]["seq"] != body["seq"]:
                self.find("consistent", "ENTRY_FORKED", names[0])
        else:
            if names[0] != f"EX-{len(self.exhibits) + 1:04d}" and not self.unordered:
                self.find("complete", "EXHIBIT_GAP", names[0])
            self.exhibits[names[0]] = {**facts, "seq": body["seq"]}

    def numbers(self, facts: dict) -> bool:
        payload, inventory = facts.get("payload"), facts.get("inventory")
        if not isinstance(payload, dict) or not isinstance(inventory, dict):
            return False
        return (
            payload.get("name") in NAMES
            and is_age_inventory(payload, inventory)
            and type(payload.get("bytes")) is int
            and type(inventory.get("records")) is int
            and isinstance(payload.get("sha256"), str)
            and isinstance(inventory.get("root"), str)
        )

    def is_rehash(self, facts: dict, seq: int) -> bool:
        short, long = facts.get("sha256"), facts.get("sha512")
        if not isinstance(short, str) or not isinstance(long, str):
            return False
        counts = [facts.get(name) for name in ("files", "bytes", "entries")]
        return (
            facts.get("algorithm") == "sha512"
            and facts.get("list") == f"{seq:010d}.sha512"
            and re.fullmatch("[0-9a-f]{64}", short) is not None
            and re.fullmatch("[0-9a-f]{128}", long) is not None
            and all(type(count) is int and count >= 0 for count in counts)
            and facts["entries"] == seq
        )

    def compare(self) -> None:
        """Step 9 for the notes over the lines so far, by the keys in force here."""
        size = len(self.leaves)
        now = [item for item in self.pending if item[1].size == size]
        if not now:
            return
        self.pending = [item for item in self.pending if item[1].size != size]
        whole = root(self.leaves)
        for name, note, outside in now:
            good = note.root == whole
            if not good:
                code = "ROLLBACK" if outside else "CHECKPOINT_ROOT"
                self.find("consistent", code, name)
            signers = [h for h in self.keyring.in_force() if note.is_signed_by(h)]
            if not signers:
                self.find("signed", "CHECKPOINT_SIGNATURE", name)
                good = False
            for held in signers:
                held.heads.append((name, self.time))
                if held.not_after and self.time >= held.not_after:
                    self.find("signed", "KEY_EXPIRED", name)
                    good = False
                if held.post_quantum is not None:
                    holds = note.post_quantum(held.post_quantum)
                    if holds is None:
                        self.find("signed", "POST_QUANTUM_ABSENT", name, fails=False)
                    elif not holds:
                        self.find("signed", "CHECKPOINT_SIGNATURE", name)
                        good = False
            if good and outside:
                self.holding["outside"] = max(self.holding["outside"], size)
            self.holding["checkpoints"] += good and not outside

    def checkpoints(self) -> None:
        """Step 9, at the end of the log."""
        size = len(self.leaves)
        for name, _, outside in self.pending:
            code = "ROLLBACK" if outside else "CHECKPOINT_BEYOND"
            self.find("consistent", code, name)
        reached = {n.size for _, n, _ in self.all_notes}
        for number, names in self.beside.items():
            for name in names if number not in reached else ():
                self.find("consistent", "COMPANION_ALONE", name, fails=False)
        inside = [note.size for _, note, outside in self.all_notes if not outside]
        if not inside and size:
            self.find("consistent", "CHECKPOINT_NONE", "checkpoints")
        elif inside and max(inside) < size:
            self.find("consistent", "CHECKPOINT_LAGS", "entries", fails=False)

    def companions(self) -> None:
        """Step 2: what stands beside checkpoints."""
        self.beside: dict[int, list[str]] = {}
        for path in self.inside("manifest/checkpoints"):
            if found := COMPANION.match(path.name):
                names = self.beside.setdefault(int(found[1]), [])
                if len(names) < 64:
                    names.append(path.name)
                else:
                    self.find("consistent", "COMPANION_MALFORMED", path.name)

    # -- steps 10 to 13: the files

    def plain(self, path: Path, missing: tuple[str, str], subject: str) -> bool:
        """A regular file that can be read; anything else is a finding."""
        try:
            mode = path.lstat().st_mode
        except (FileNotFoundError, NotADirectoryError):
            self.find(*missing, subject)
            return False
        if not stat.S_ISREG(mode) or not os.access(path, os.R_OK):
            self.find("intact", "UNREADABLE", subject)
            return False
        return True

    def payload(self, name: str, expected: dict) -> None:
        path = self.case / "exhibits" / name / expected["name"]
        if not self.plain(path, ("complete", "PAYLOAD_MISSING"), name):
            return
        with path.open("rb") as stream:
            digest = hashlib.file_digest(stream, "sha256").hexdigest()
        found = (path.stat().st_size, digest)
        if found != (expected["bytes"], expected["sha256"]):
            self.find("intact", "PAYLOAD_MODIFIED", name)

    def inventory(self, name: str, expected: dict) -> None:
        file = expected.get("name", "") if self.is_age(name) else "inventory.jsonl"
        path = self.case / "exhibits" / name / file
        if not self.plain(path, ("complete", "INVENTORY_MISSING"), name):
            return
        if self.is_age(name):
            data = path.read_bytes()
            digest = hashlib.sha256(data).hexdigest()
            if (len(data), digest) != (expected["bytes"], expected["sha256"]):
                self.find("intact", "INVENTORY_MODIFIED", name)
            return
        *lines, tail = path.read_bytes().split(b"\n")
        found = (len(lines), root([leaf(line) for line in lines]).hex())
        wrong = found != (expected["records"], expected["root"])
        if tail or wrong or any(len(line) > MAX_RECORD for line in lines):
            self.find("intact", "INVENTORY_MODIFIED", name)

    def is_age(self, name: str) -> bool:
        return self.exhibits[name]["payload"]["name"].endswith(".age")

    def private_name(self, seq: int) -> str:
        return f"{seq:010d}.json" + (".age" if seq in self.private_files else "")

    def key_files(self) -> set[str]:
        names = {f"{name}.age" for name in self.exhibits if self.is_age(name)}
        return names | ({"case.age"} if self.encrypted else set())

    def unopened(self) -> None:
        """Encryption-v1, section 6: what can be said without a key."""
        for name in self.key_files():
            if name.removesuffix(".age") in self.erased:
                continue
            if not (self.case / "keys" / name).is_file():
                self.find("complete", "KEY_FILE_MISSING", name)
        if self.key_files() or self.private_files:
            self.find("intact", "PLAINTEXT_UNCHECKED", "the case", fails=False)

    def sealed(self) -> None:
        for seq, commitment in self.private.items():
            path = self.case / "private" / self.private_name(seq)
            subject = f"entry {seq}"
            if seq in self.erased_records:
                if os.path.lexists(path):
                    self.find("complete", "ERASED_STILL_PRESENT", subject)
                continue
            if not self.plain(path, ("complete", "PRIVATE_MISSING"), subject):
                continue
            data = path.read_bytes()
            if seq in self.private_files:
                same = hashlib.sha256(data).hexdigest()
                same = same == self.private_files[seq]["sha256"]
            else:
                same = leaf(data).hex() == commitment
            if not same:
                self.find("intact", "PRIVATE_MODIFIED", subject)

    def issued(self) -> None:
        for name, digest in self.reports.items():
            path = self.case / "reports" / name
            if name in self.erased_reports:
                if is_name(name) and os.path.lexists(path):
                    self.find("complete", "ERASED_STILL_PRESENT", name)
                continue
            if not is_name(name) or not os.path.lexists(path):
                self.find("complete", "REPORT_MISSING", name, fails=False)
                continue
            plain = stat.S_ISREG(path.lstat().st_mode)  # a link is not followed
            if not plain or hashlib.sha256(path.read_bytes()).hexdigest() != digest:
                self.find("intact", "REPORT_MODIFIED", name)

    def set_aside(self) -> None:
        for name, digest in self.quarantined.items():
            folder, _, base = name.rpartition("/")
            path = self.case / name
            usual = folder in QUARANTINES and is_name(base)
            if not usual or not os.path.lexists(path):
                self.find("complete", "QUARANTINE_MISSING", name, fails=False)
            elif listing(path) != digest:
                self.find("intact", "QUARANTINE_MODIFIED", name)

    def renewed(self, number: int, facts: dict) -> None:
        """A list of second digests, and the files it names."""
        name = facts["list"]
        path = self.case / "manifest/renewals" / name
        if not self.plain(path, ("complete", "RENEWAL_MISSING"), name):
            return
        data = path.read_bytes()
        own = (hashlib.sha256(data).hexdigest(), hashlib.sha512(data).hexdigest())
        if own != (facts["sha256"], facts["sha512"]):
            self.find("intact", "RENEWAL_MODIFIED", name)
            return
        *lines, tail = data.split(b"\n")
        read = [LIST_LINE.match(line) for line in lines]
        names = [m[2] for m in read if m]
        rest = names[1:]
        good = not tail and all(read) and len(data) <= 1 << 28
        ordered = rest == sorted(set(rest)) and b"-" not in rest
        counted = len(rest) == facts["files"]
        if not (good and ordered and counted) or names[:1] != [b"-"]:
            self.find("intact", "RENEWAL_MALFORMED", name)
        else:
            for line in read:
                assert line is not None
                self.second(line[2].decode(), line[1].decode(), number)

    def second(self, name: str, digest: str, number: int) -> None:
        """One line of a list."""
        if name == "-":
            log = (self.case / "manifest/entries.jsonl").read_bytes()
            parts = log.split(b"\n", number)
            first = log[: len(log) - len(parts[-1])] if len(parts) > number else log
            own = hashlib.sha512(first).hexdigest()
            if own != digest:
                self.find("intact", "RENEWED_MODIFIED", "entries.jsonl")
            return
        path = self.case / name
        apart = name.startswith(("exhibits/", "private/"))  # judged in steps 10 to 12
        if apart:
            try:
                if not stat.S_ISREG(path.lstat().st_mode):
                    return
            except (FileNotFoundError, NotADirectoryError):
                return
            if not os.access(path, os.R_OK):
                return
        elif not self.plain(path, ("complete", "RENEWED_MISSING"), name):
            return
        with path.open("rb") as stream:
            if hashlib.file_digest(stream, "sha512").hexdigest() != digest:
                self.find("intact", "RENEWED_MODIFIED", name)

    def surroundings(self) -> None:
        """Step 13."""
        named = {
            ".": TOP | ({"keys"} if self.key_files() else set()),
            "keys": self.key_files(),
            "manifest": {
                *("entries.jsonl", "checkpoints", "quarantine", "pending", "renewals")
            },
            "private": {self.private_name(seq) for seq in self.private},
            "identities": {f"{key}.json" for key in self.keyring.named},
            "exhibits": set(self.exhibits),
        }
        for name, facts in self.exhibits.items():
            inventory = "inventory.jsonl" + (".age" if self.is_age(name) else "")
            named[f"exhibits/{name}"] = {facts["payload"]["name"], inventory}
        for folder, names in named.items():
            for path in self.inside(folder):
                moved = folder in (".", "manifest", "exhibits") and path.is_symlink()
                if path.name.startswith(".incomplete-") and "/" not in folder:
                    self.find("complete", "UNFINISHED", path.name, fails=False)
                elif path.name not in names or moved:
                    self.find("complete", "UNLISTED", path.relative_to(self.case))
        stamps: dict[int, int] = {}
        for path in self.inside("manifest/renewals"):
            token = LIST_TOKEN.match(path.name)
            owner = int(token[1]) if token else -1
            stamps[owner] = stamps.get(owner, 0) + 1
            listed = path.name in [facts["list"] for facts in self.lists.values()]
            stamped = owner in self.lists and stamps[owner] <= 64
            if path.name.startswith(".incomplete-"):
                self.find("complete", "UNFINISHED", path.name, fails=False)
            elif not listed and not stamped:
                self.find("complete", "UNLISTED", path.relative_to(self.case))
        for path in self.inside("manifest/checkpoints"):
            if path.name.startswith(".incomplete-"):
                self.find("complete", "UNFINISHED", path.name, fails=False)
            elif path.suffix != ".note" and not COMPANION.match(path.name):
                self.find("complete", "UNLISTED", path.relative_to(self.case))
        for path in self.inside("staging"):
            self.find("complete", "UNFINISHED", path.name, fails=False)
        for folder in QUARANTINES:
            for path in self.inside(folder):
                if f"{folder}/{path.name}" not in self.quarantined:
                    self.find("complete", "UNFINISHED", path.name, fails=False)

    def inside(self, folder: str) -> Iterator[Path]:
        path = self.case / folder
        if path.is_dir():
            yield from sorted(path.iterdir())


def main() -> int:
    case, *rest = sys.argv[1:]
    outside = [Path(word) for word in rest if word != "--checkpoint"]
    found = Verifier(Path(case), outside).run()
    print(json.dumps(found, indent=1))
    return 1 if "fail" in str(found["axes"]) else 0


if __name__ == "__main__":
    sys.exit(main())
