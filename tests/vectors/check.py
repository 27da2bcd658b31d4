"""Reaches the verdict of every vector (README.md) without the project.

Python standard library and the ``openssl`` command only (keys and ML-DSA-44: the two
stand-alone modules in tests/docs). The reader of canonical JSON
below accepts the canonical form directly, character by character, instead of parsing
anything and comparing; it shares neither code nor approach with the project.

Usage: python -I check.py FILE...     exit 0: every verdict is the expected one
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import sys
from pathlib import Path
from typing import NoReturn

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "docs"))

import mldsa44
from independent_keys import Bad, Key, enrolment

SPKI = bytes.fromhex("302a300506032b6570032100")
ENTRY_TYPE = b"application/vnd.custody.entry.v1+json"
SHORT = {'"': '"', "\\": "\\", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}


class Refused(Exception):
    """The verdict and the fault found first."""

    def __init__(self, fault: str, verdict: str = "malformed") -> None:
        super().__init__(verdict, fault)
        self.verdict, self.fault = verdict, fault


def base64_bytes(text: bytes, fault: str = "base64") -> bytes:
    try:
        raw = base64.b64decode(text, validate=True)
    except binascii.Error as error:
        raise Refused(fault) from error
    if base64.b64encode(raw) != text:
        raise Refused(fault)
    return raw


class Reader:
    """Reads one canonical JSON text; any other spelling is refused."""

    def __init__(self, data: bytes) -> None:
        try:
            self.text = data.decode("utf-8")
        except UnicodeDecodeError as error:
            raise Refused("not-utf8") from error
        self.at = 0

    def whole(self) -> object:
        value = self.value(0)
        if self.at != len(self.text):
            self.stop()
        return value

    def stop(self) -> NoReturn:
        """Something else than the canonical next character stands here."""
        space = self.peek() != "" and self.peek() in " \t\r\n"
        raise Refused("not-canonical" if space else "not-json")

    def peek(self) -> str:
        return self.text[self.at : self.at + 1]

    def take(self, word: str) -> None:
        if not self.text.startswith(word, self.at):
            self.stop()
        self.at += len(word)

    def value(self, depth: int) -> object:
        first = self.peek()
        if first == '"':
            return self.string()
        if first in ("{", "["):
            if depth == 32:
                raise Refused("too-deep")
            return self.object(depth + 1) if first == "{" else self.list(depth + 1)
        for word, meaning in (("true", True), ("false", False), ("null", None)):
            if self.text.startswith(word, self.at):
                self.at += len(word)
                return meaning
        return self.number()

    def number(self) -> int:
        start = self.at
        if self.peek() == "-":
            self.at += 1
        digits = self.at
        while self.peek() != "" and self.peek() in "0123456789":
            self.at += 1
        count = self.at - digits
        if count == 0 or (count > 1 and self.text[digits] == "0"):
            self.at = start
            self.stop()
        if self.peek() != "" and self.peek() in ".eE":
            raise Refused("float")
        if self.text[start : self.at] == "-0":
            raise Refused("not-canonical")
        if count > 16 or int(self.text[digits : self.at]) >= 2**53:
            raise Refused("integer-range")
        return int(self.text[start : self.at])

    def string(self) -> str:
        self.take('"')
        out = []
        while self.peek() != '"':
            char = self.peek()
            if char == "" or char < " ":
                raise Refused("not-json")
            self.at += 1
            out.append(self.escape() if char == "\\" else char)
        self.at += 1
        return "".join(out)

    def escape(self) -> str:
        letter = self.peek()
        self.at += 1
        if letter in SHORT:
            return SHORT[letter]
        if letter == "/":
            raise Refused("not-canonical")
        digits = self.text[self.at : self.at + 4]
        hexadecimal = all(char in "0123456789abcdefABCDEF" for char in digits)
        if letter != "u" or len(digits) != 4 or not hexadecimal:
            raise Refused("not-json")
        code = int(digits, 16)
        if 0xD800 <= code <= 0xDFFF:
            follows = self.text[self.at + 4 : self.at + 6] == "\\u"
            raise Refused("not-canonical" if follows else "lone-surrogate")
        short = any(char == chr(code) for char in SHORT.values())
        if code >= 0x20 or short or digits != f"{code:04x}":
            raise Refused("not-canonical")
        self.at += 4
        return chr(code)

    def list(self, depth: int) -> list[object]:
        self.take("[")
        out: list[object] = []
        while not (self.peek() == "]" and not out):
            out.append(self.value(depth))
            if self.peek() == "]":
                break
            self.take(",")
        self.at += 1
        return out

    def key(self, taken: dict[str, object]) -> str:
        key_start = self.at
        try:
            key = self.string()
        except Refused as refused:
            # An escape hides which key it is; a repeated one is the graver fault.
            if refused.fault == "not-canonical" and self.hidden(key_start) in taken:
                raise Refused("duplicate-key") from refused
            raise
        if not key.isascii():
            raise Refused("key-not-ascii")
        if key in taken:
            raise Refused("duplicate-key")
        if any(key < other for other in taken):
            raise Refused("not-canonical")
        return key

    def hidden(self, start: int) -> str | None:
        """The key behind escapes, as the standard library reads it."""
        try:
            return str(json.JSONDecoder().raw_decode(self.text, start)[0])
        except json.JSONDecodeError:
            return None

    def object(self, depth: int) -> dict[str, object]:
        self.take("{")
        out: dict[str, object] = {}
        while not (self.peek() == "}" and not out):
            key = self.key(out)
            self.take(":")
            out[key] = self.value(depth)
            if self.peek() == "}":
                break
            self.take(",")
        self.at += 1
        return out


def judge_signatures(verdicts: list[bool]) -> None:
    """`verdicts` of the lines that name a known key."""
    if not verdicts:
        raise Refused("unknown-key", "unknown-key")
    if not all(verdicts):
        raise Refused("signature", "bad-signature")


def is_hex(value: object, length: int) -> bool:
    text = value if isinstance(value, str) else ""
    return len(text) == length and all(char in "0123456789abcdef" for char in text)


def demand(truth: object, fault: str = "shape") -> None:
    if not truth:
        raise Refused(fault)


def judge_entry(data: bytes, header: dict[str, list[str]]) -> None:
    demand(len(data) <= 65_535, "too-long")
    entry = Reader(data).whole()
    demand(isinstance(entry, dict) and set(entry) == {"body", "signatures"})
    assert isinstance(entry, dict)
    body, signatures = entry["body"], entry["signatures"]
    demand(isinstance(body, dict) and isinstance(signatures, list))
    demand(1 <= len(signatures) <= 16)
    parsed = []
    for item in signatures:
        demand(isinstance(item, dict) and set(item) == {"key", "sig"})
        demand(isinstance(item["key"], str) and isinstance(item["sig"], str))
        parsed.append((item["key"], base64_bytes(item["sig"].encode("utf-8"))))
    demand(type(body.get("seq")) is int and body["seq"] >= 0)
    demand(all(isinstance(body.get(n), str) for n in ("type", "time", "actor")))
    exhibits, private = body.get("exhibits"), body.get("private")
    demand(isinstance(exhibits, list) and all(isinstance(e, str) for e in exhibits))
    demand(isinstance(body.get("facts"), dict))
    demand(private is None or is_hex(private, 64))
    known = {key.id: key for key in map(Key.read, header["key"])}
    # The signatures hold no text that could look like this separator.
    signed = data[8 : data.rindex(b',"signatures":')]
    size = b"%d %s %d " % (len(ENTRY_TYPE), ENTRY_TYPE, len(signed))
    message = b"DSSEv1 " + size + signed
    judge_signatures(
        [known[name].is_signed(message, sig) for name, sig in parsed if name in known]
    )


def judge_answer(data: bytes, header: dict[str, list[str]]) -> None:
    judge_entry(data, header)
    body = json.loads(data)["body"]
    seq, leaf, actor = header["waiting"][0].split(" ")
    facts = body["facts"]
    formed = type(facts.get("seq")) is int and is_hex(facts.get("entry"), 64)
    demand(formed, "answer-form")
    if (str(facts["seq"]), facts["entry"]) != (seq, leaf) or body["actor"] == actor:
        raise Refused("answer", "wrong-answer")


FAULTS = {
    "not a key of this format": "public",
    "key, algorithm and key id disagree": "key",
    "the key did not sign that it takes part": "possession",
    "not roles": "roles",
    "not rights": "rights",
    "not a validity": "validity",
    "not an ML-DSA-44 key": "post-quantum",
    "not text": "base64",
    "not base64": "base64",
    "a second spelling of base64": "base64",
}


def judge_enrolment(data: bytes, header: dict[str, list[str]]) -> None:
    try:
        enrolment(Reader(data).whole(), header["origin"][0])
    except Bad as bad:
        raise Refused(FAULTS[str(bad)]) from bad


def judge_sealed(data: bytes, header: dict[str, list[str]]) -> None:
    record = Reader(data).whole()
    demand(isinstance(record, dict) and is_hex(record.get("salt"), 32))
    if hashlib.sha256(b"\0" + data).hexdigest() != header["commitment"][0]:
        raise Refused("commitment", "wrong-commitment")


def root_of(leaves: list[bytes]) -> bytes:
    """RFC 6962 section 2.1, by its recursive definition."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    half = 1
    while half * 2 < len(leaves):
        half *= 2
    left, right = root_of(leaves[:half]), root_of(leaves[half:])
    return hashlib.sha256(b"\1" + left + right).digest()


def signature_line(line: bytes) -> tuple[str, bytes]:
    parts = line.decode("utf-8").split(" ", 2)
    demand(len(parts) == 3 and parts[0] == "—" and parts[1], "signature-line")
    name = parts[1]
    demand("+" not in name and len(name.split()) == 1, "signature-line")
    raw = base64_bytes(parts[2].encode("utf-8"))
    demand(len(raw) > 4, "signature-line")
    return name, raw


def judge_head(text: bytes) -> tuple[bytes, int, bytes]:
    lines = text.split(b"\n")
    demand(lines.pop() == b"" and len(lines) >= 3 and all(lines), "lines")
    size = lines[1]
    demand(size.isdigit() and str(int(size)).encode() == size, "size")
    demand(len(size) <= 15, "size")
    root = base64_bytes(lines[2], "root")
    demand(len(root) == 32, "root")
    return lines[0], int(size), root


def signature_block(data: bytes) -> tuple[bytes, list[tuple[str, bytes]]]:
    """The text of a note, and its signature lines: name, and id and signature."""
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Refused("not-utf8") from error
    demand(all(byte >= 0x20 or byte == 0x0A for byte in data), "control-character")
    cut = data.rfind(b"\n\n")
    block = data[cut + 2 :] if cut >= 0 else b""
    demand(block.endswith(b"\n"), "no-signature-block")
    lines = block.split(b"\n")[:-1]
    demand(len(lines) <= 64, "too-many-signatures")
    return data[: cut + 1], [signature_line(line) for line in lines]


def judge_cosignatures(data: bytes, header: dict[str, list[str]]) -> None:
    """Signature lines alone: what stands after the blank line of a note."""
    demand(data[:1] != b"\n", "no-signature-block")
    signature_block(b"-\n\n" + data)


def judge_line(vkey: str, raw: bytes, text: bytes) -> bool:
    name, _, body = vkey.split("+", 2)
    kind, key = base64.b64decode(body)[0], base64.b64decode(body)[1:]
    if kind == 1:
        return Key(SPKI + key).is_signed(text, raw)
    if kind == 2:
        return Key(key).is_signed(text, raw)
    origin, size, root = judge_head(text)
    message = b"subtree/v1\n\0" + bytes([len(name)]) + name.encode() + raw[:8]
    message += bytes([len(origin)]) + origin + bytes(8) + size.to_bytes(8, "big") + root
    return raw[:1] < b"\x80" and mldsa44.is_signed(key, message, raw[8:])


def judge_checkpoint(data: bytes, header: dict[str, list[str]]) -> None:
    text, signatures = signature_block(data)
    origin, size, root = judge_head(text)
    verdicts = []
    for vkey in header["key"]:
        name, number, _ = vkey.split("+", 2)
        mine = (name, bytes.fromhex(number))
        verdicts += [
            judge_line(vkey, raw[4:], text)
            for by, raw in signatures
            if (by, raw[:4]) == mine
        ]
    judge_signatures(verdicts)
    if origin.decode("utf-8") != header["origin"][0]:
        raise Refused("origin", "wrong-origin")
    leaves = [bytes.fromhex(leaf) for leaf in header.get("leaf", [])]
    if (size, root) != (len(leaves), root_of(leaves)):
        raise Refused("root", "wrong-root")


JUDGES = {
    "answer": judge_answer,
    "checkpoint": judge_checkpoint,
    "cosignatures": judge_cosignatures,
    "enrolment": judge_enrolment,
    "entry": judge_entry,
    "sealed": judge_sealed,
}


def read(path: Path) -> tuple[dict[str, list[str]], bytes]:
    """Return the header (values in order) and the bytes under test."""
    top, _, data = path.read_bytes().partition(b"\n\n")
    header: dict[str, list[str]] = {}
    for line in top.decode("ascii").split("\n"):
        name, _, value = line.partition(": ")
        header.setdefault(name, []).append(value)
    if header["encoding"] == ["base64"]:
        data = base64.b64decode(data)
    return header, data


def verdict(path: Path) -> tuple[str, str]:
    """Return (verdict, fault) of a vector."""
    header, data = read(path)
    try:
        JUDGES[header["kind"][0]](data, header)
    except Refused as refused:
        return refused.verdict, refused.fault
    return "ok", "none"


def main() -> int:
    """Check the files named on the command line."""
    wrong = 0
    for name in sys.argv[1:]:
        header, _ = read(Path(name))
        found, expected = verdict(Path(name)), (header["expect"][0], header["fault"][0])
        wrong += found != expected
        mark = "same" if found == expected else f"expected {' '.join(expected)}"
        print(f"{found[0]}\t{found[1]}\t{mark}\t{Path(name).name}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
