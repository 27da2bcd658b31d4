"""The worked example of docs/spec/manifest-v1.md, built from fixed inputs.

Standard library and the ``openssl`` command only: nothing of the project is imported,
so the bytes in the specification do not come from the code they specify. The private
key is the digest of a sentence everybody can read: it must never sign anything else.
"""

from __future__ import annotations

import base64
import hashlib
import json
import subprocess
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

SEED = hashlib.sha256(b"worked example of custody manifest v1").digest()
ORIGIN = "case.custody.invalid/000102030405060708090a0b0c0d0e0f"
SPKI = bytes.fromhex("302a300506032b6570032100")
PKCS8 = bytes.fromhex("302e020100300506032b657004220420")
TYPE = b"application/vnd.custody.entry.v1+json"
PAYLOAD = b"hello\n"
BEGIN = "<!-- worked example: begin (tests/docs/generate.py writes this) -->"
END = "<!-- worked example: end -->"


def _openssl(*words: str, given: bytes) -> bytes:
    with tempfile.TemporaryDirectory() as name:
        (Path(name) / "key").write_bytes(PKCS8 + SEED)
        (Path(name) / "text").write_bytes(given)
        return subprocess.run(
            ["openssl", *words], cwd=name, capture_output=True, check=True
        ).stdout


def sign(message: bytes) -> bytes:
    """Ed25519, which is deterministic: the same bytes every time."""
    command = "pkeyutl -sign -rawin -keyform DER -inkey key -in text"
    return _openssl(*command.split(), given=message)


def public_spki() -> bytes:
    command = "pkey -inform DER -in key -pubout -outform DER"
    spki = _openssl(*command.split(), given=b"")
    assert spki.startswith(SPKI)
    return spki


def line_of(value: object) -> bytes:
    """Canonical JSON; enough for this example, whose text is ASCII."""
    return json.dumps(value, sort_keys=True, separators=(",", ":")).encode("ascii")


def leaf(data: bytes) -> bytes:
    return hashlib.sha256(b"\x00" + data).digest()


def node(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()


def dsse(body: bytes) -> bytes:
    return b"DSSEv1 %d %s %d %s" % (len(TYPE), TYPE, len(body), body)


def b64(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")


@dataclass
class Example:
    """The files of the case by path, and the values on the way to them."""

    files: dict[str, bytes] = field(default_factory=dict)
    values: list[tuple[str, str]] = field(default_factory=list)

    def write(self, folder: Path) -> None:
        write_files(folder, self.files)


def write_files(folder: Path, files: dict[str, bytes]) -> None:
    """Make a case folder of `files`; empty folders of the layout are made, too."""
    for name in ("staging", "quarantine", "manifest/quarantine", "reports", "packages"):
        (folder / name).mkdir(parents=True)
    for name, data in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)


TOOL = {
    "name": "evidence-custody",
    "python": "3.11.0",
    "system": "Linux x86_64",
    "version": "0.1.0",
}


def _sealed(example: Example, seq: int, fields: dict[str, object]) -> str:
    record = line_of({**fields, "salt": f"{seq:02d}" * 16})
    example.files[f"private/{seq:010d}.json"] = record
    commitment = leaf(record).hex()
    example.values.append((f"commitment of sealed record {seq}", commitment))
    return commitment


def _entry(example: Example, key: str, prev: str, body: dict[str, object]) -> bytes:
    seq = body["seq"]
    raw = line_of(
        {
            "actor": key,
            "authority": None,
            "clock": {"error_us": 500, "offset_us": 1000, "sync": "yes"},
            "log": ORIGIN,
            "prev": prev,
            "role": "examiner",
            "time": f"2026-01-31T09:00:0{seq}.000000Z",
            "v": 1,
            **body,
        }
    )
    signed = {"key": key, "sig": b64(sign(dsse(raw)))}
    line = b'{"body":%s,"signatures":[%s]}' % (raw, line_of(signed))
    values = example.values
    values.append((f"length of the body of entry {seq}, bytes", str(len(raw))))
    signed_digest = hashlib.sha256(dsse(raw)).hexdigest()
    values.append((f"SHA-256 of what is signed, entry {seq}", signed_digest))
    values.append((f"leaf hash of entry {seq}", leaf(line).hex()))
    return line


def _note(example: Example, spki: bytes, size: int, root: bytes) -> None:
    text = f"{ORIGIN}\n{size}\n{b64(root)}\n".encode()
    identity = hashlib.sha256(ORIGIN.encode() + b"\n\x01" + spki[12:]).digest()[:4]
    line = f"\u2014 {ORIGIN} {b64(identity + sign(text))}\n".encode()
    example.files[f"manifest/checkpoints/{size:010d}.note"] = text + b"\n" + line
    example.values.append((f"root over {size} leaf hash(es)", root.hex()))
    example.values.append(("note key id", identity.hex()))


def _case_open(example: Example, key: str, spki: bytes) -> bytes:
    founder = {"algorithm": "ed25519", "key": key, "public": b64(spki)}
    who = {"name": "A. Example", "organisation": "Example Unit", "role": "examiner"}
    hidden = {"case_id": "EXAMPLE 1/2026", "founder": who, "title": "Worked example"}
    body = {
        "exhibits": [],
        "facts": {
            "format": 1,
            "founder": founder,
            "profile": "police",
            "synthetic": True,
            "tool": TOOL,
        },
        "private": _sealed(example, 0, hidden),
        "seq": 0,
        "type": "case_open",
    }
    return _entry(example, key, "0" * 64, body)


def _inventory(example: Example) -> dict[str, object]:
    record = {
        "bytes": len(PAYLOAD),
        "kind": "file",
        "mode": "0644",
        "mtime": "2026-01-30T18:00:00.123456789Z",
        "outcome": "acquired",
        "path": "hello.txt",
        "payload": {"length": len(PAYLOAD), "offset": 0},
        "root": 0,
        "salt": "ab" * 16,
        "sha256": hashlib.sha256(PAYLOAD).hexdigest(),
        "type": "file",
    }
    line = line_of(record)
    example.files["exhibits/EX-0001/inventory.jsonl"] = line + b"\n"
    return {
        "bytes": len(line) + 1,
        "records": 1,
        "root": leaf(line).hex(),
        "sha256": hashlib.sha256(line + b"\n").hexdigest(),
    }


def _acquire(example: Example, key: str, prev: str) -> bytes:
    example.files["exhibits/EX-0001/payload"] = PAYLOAD
    hidden = {
        "command": ["custody", "acquire", "files", "hello.txt"],
        "description": "A greeting",
        "host": "lab-1",
        "limits": [],
        "options": {},
        "sources": ["/evidence/hello.txt"],
        "user": "example",
    }
    payload = {
        "bytes": len(PAYLOAD),
        "name": "payload",
        "sha256": hashlib.sha256(PAYLOAD).hexdigest(),
    }
    body = {
        "exhibits": ["EX-0001"],
        "facts": {
            "category": "content",
            "complete": True,
            "ended": "2026-01-31T09:00:00.900000Z",
            "inventory": _inventory(example),
            "kind": "files",
            "outcomes": {"acquired": 1},
            "parse": None,
            "payload": payload,
            "started": "2026-01-31T09:00:00.800000Z",
            "tool": TOOL,
        },
        "private": _sealed(example, 1, hidden),
        "seq": 1,
        "type": "acquire",
    }
    return _entry(example, key, prev, body)


def build() -> Example:
    """Return the whole example."""
    example = Example()
    spki = public_spki()
    key = hashlib.sha256(spki).hexdigest()
    example.values += [("private key (seed)", SEED.hex()), ("key id", key)]
    example.files["custody.toml"] = (
        "# Settings of this case. They are not evidence: the manifest is.\n"
        f'format = 1\norigin = "{ORIGIN}"\nprofile = "police"\n'
    ).encode()
    identity = {
        "created": "2026-01-31T08:59:00.000000Z",
        "format": "custody-identity-1",
        "key": key,
        "name": "A. Example",
        "organisation": "Example Unit",
        "public": b64(spki),
        "role": "examiner",
    }
    example.files[f"identities/{key}.json"] = line_of(identity) + b"\n"
    first = _case_open(example, key, spki)
    _note(example, spki, 1, leaf(first))
    second = _acquire(example, key, leaf(first).hex())
    _note(example, spki, 2, node(leaf(first), leaf(second)))
    example.files["manifest/entries.jsonl"] = first + b"\n" + second + b"\n"
    return example


def section() -> str:
    """Return the example as Markdown, between its marks."""
    example = build()
    out = [BEGIN, ""]
    for name, data in example.files.items():
        text = data.decode("utf-8")
        whole = text.endswith("\n")
        out += [f"`{name}`" + ("" if whole else ", no newline at the end") + ":", ""]
        out += ["```text", text.removesuffix("\n"), "```", ""]
    out += ["Values on the way:", "", "| what | value |", "|---|---|"]
    shown = dict(example.values)
    out += [f"| {what} | `{value}` |" for what, value in shown.items()]
    return "\n".join([*out, "", END])


if __name__ == "__main__":
    print(section())
