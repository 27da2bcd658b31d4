"""Proof files: one exhibit checked with no access to the rest of its case.

The outer form is C2SP tlog-proof v1: ``c2sp.org/tlog-proof@v1``, ``extra BASE64``,
``index N``, the hashes of an inclusion proof (base64, one a line, leaf side first), an
empty line, and a checkpoint. `extra` is canonical JSON of the form `FORMAT`: the entry
itself, the entries that say which keys may sign, records of the exhibit's inventory
that are disclosed, and time-stamp tokens. Nothing in it is authenticated by itself;
`manifests.verifying.proofs` judges it. Only the forms are here.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Sequence
from dataclasses import dataclass

from manifests import canonical
from manifests.canonical import Json, base64_bytes
from manifests.checkpoint import Checkpoint, read_checkpoint
from manifests.entries import FORMAT_VERSION, Entry, EntryType, read_entry
from manifests.errors import (
    MalformedError,
    NewerFormatError,
    ProofTooLargeError,
)
from manifests.merkle import HASH_BYTES
from manifests.note import SignedNote, read_note
from manifests.sealing import unseal
from manifests.warrants import APPROVALS

HEADER = "c2sp.org/tlog-proof@v1"
FORMAT = "custody-proof-1"
SUFFIX = ".tlog-proof"
MAX_PROOF_BYTES = 8 << 20
MAX_PATH = 63  # hashes of one inclusion proof: more leaves cannot be numbered
MAX_STANDING = 64
MAX_RECORDS = 64
MAX_TOKENS = 8
MAX_TOKEN_BYTES = 1 << 16
_INDEX = re.compile(r"0|[1-9][0-9]{0,14}", re.ASCII)
_TOKEN_NAME = re.compile(r"[0-9]{10}\.[a-z0-9\-]{1,64}\.tsr", re.ASCII)
_FAMILY = re.compile(r"c2sp\.org/tlog-proof@v([0-9]{1,6})", re.ASCII)
_WHAT = "a proof"


@dataclass(frozen=True, slots=True)
class Placed:
    """A line and its place in a tree.

    Attributes:
        line: the exact bytes, no newline.
        index: leaf index; path: inclusion proof, leaf side first.
    """

    line: bytes
    index: int
    path: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class ExhibitProof:
    """What a proof file holds.

    Attributes:
        subject: the exhibit's acquire entry.
        standing: entries about keys, in order of their numbers, the first entry first.
        records: lines of the exhibit's inventory, in order; their paths lead to the
            inventory's root.
        tokens: (file name, DER) of RFC 3161 tokens over the checkpoint's note with
            the log's own signature lines only.
        note: the checkpoint with all its signature lines.
    """

    subject: Placed
    standing: tuple[Placed, ...]
    note: bytes
    records: tuple[Placed, ...] = ()
    tokens: tuple[tuple[str, bytes], ...] = ()

    @property
    def entry(self) -> Entry:
        """The acquire entry, read."""
        return read_entry(self.subject.line)

    @property
    def signed(self) -> SignedNote:
        """The note, read."""
        return read_note(self.note)

    @property
    def checkpoint(self) -> Checkpoint:
        """What the note says."""
        return read_checkpoint(self.signed.text)


# -- writing -----------------------------------------------------------------------


def write_proof(proof: ExhibitProof) -> bytes:
    """Return the bytes of a proof file.

    Raises:
        ProofTooLargeError: more than the format allows.
        MalformedError: it would not be read back as given.
    """
    subject = proof.subject
    extra: dict[str, Json] = {
        "entry": subject.line.decode("utf-8"),
        "format": FORMAT,
        "standing": [placed(item, "entry") for item in proof.standing],
    }
    if proof.records:
        extra["records"] = [placed(item, "record") for item in proof.records]
    if proof.tokens:
        extra["tokens"] = [
            {"name": name, "token": _base64(token)} for name, token in proof.tokens
        ]
    lines = [
        HEADER,
        f"extra {_base64(canonical.encode(extra, what=_WHAT))}",
        f"index {subject.index}",
        *map(_base64, subject.path),
    ]
    data = "\n".join(lines).encode("ascii") + b"\n\n" + proof.note
    if len(data) > MAX_PROOF_BYTES:
        raise ProofTooLargeError(reason=f"longer than {MAX_PROOF_BYTES} bytes")
    if read_proof(data) != proof:
        raise MalformedError(what=_WHAT, reason="it would be read differently")
    return data


def placed(item: Placed, name: str) -> dict[str, Json]:
    """Return a placed line as it stands in canonical JSON, the line under `name`."""
    path: list[Json] = [_base64(value) for value in item.path]
    return {"index": item.index, name: item.line.decode("utf-8"), "proof": path}


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")


# -- reading -----------------------------------------------------------------------


def is_proof(beginning: bytes) -> bool:
    """Tell whether a file that begins so means to be a tlog-proof (any version)."""
    return b"c2sp.org/tlog-proof@" in beginning[:64]


def read_proof(data: bytes) -> ExhibitProof:
    """Read a proof file without judging any hash or signature.

    Raises:
        MalformedError: not the prescribed form.
        ProofTooLargeError: longer than the format allows.
        NewerFormatError: of a newer version of this format.
    """
    if len(data) > MAX_PROOF_BYTES:
        raise ProofTooLargeError(reason=f"longer than {MAX_PROOF_BYTES} bytes")
    top, separator, note = data.partition(b"\n\n")
    try:
        lines = top.decode("ascii").split("\n")
    except UnicodeDecodeError as error:
        raise _malformed("its first part is not ASCII") from error
    _check_header(lines[0])
    if not separator:
        raise _malformed("it holds no checkpoint")
    if len(lines) < 2 or not lines[1].startswith("extra "):
        raise _malformed("it does not hold the entry ('extra')")
    if len(lines) < 3 or not lines[2].startswith("index "):
        raise _malformed("it lacks its index")
    number = lines[2].removeprefix("index ")
    if not _INDEX.fullmatch(number):
        raise _malformed("its index is not a number")
    proof = _read_extra(
        _bytes(lines[1].removeprefix("extra ")), int(number), _path(lines[3:]), note
    )
    read_checkpoint(read_note(note).text)
    return proof


def _check_header(line: str) -> None:
    if line == HEADER:
        return
    family = _FAMILY.fullmatch(line)
    if family is not None and int(family[1]) > 1:
        raise NewerFormatError(what=_WHAT, found=family[1], known=1)
    raise _malformed(f"its first line is not {HEADER}")


def _malformed(reason: str, what: str = _WHAT) -> MalformedError:
    return MalformedError(what=what, reason=reason)


def read_placed(value: Json, name: str, *, what: str = _WHAT) -> Placed:
    """Read what `placed` writes: ``index``, ``proof`` and the line under `name`.

    Args:
        what: how an error names the file.

    Raises:
        MalformedError: not of that form.
    """
    if not isinstance(value, dict) or set(value) != {"index", "proof", name}:
        raise _malformed(f"a placed {name} has not the prescribed members", what)
    index, line, path = value["index"], value[name], value["proof"]
    if not isinstance(index, int) or isinstance(index, bool) or index < 0:
        raise _malformed("an index is not a number", what)
    if not isinstance(line, str) or not isinstance(path, list):
        raise _malformed(f"a placed {name} is not text with a list", what)
    return Placed(line.encode("utf-8"), index, _path(path, what))


def _bytes(text: str, what: str = _WHAT) -> bytes:
    try:
        return base64_bytes(text)
    except ValueError as error:
        raise _malformed("a part of it is not base64", what) from error


def _path(texts: Sequence[Json], what: str = _WHAT) -> tuple[bytes, ...]:
    if len(texts) > MAX_PATH:
        raise _malformed(f"more than {MAX_PATH} hashes lead to one root", what)
    path = tuple(_bytes(t, what) if isinstance(t, str) else b"" for t in texts)
    if any(len(value) != HASH_BYTES for value in path):
        raise _malformed("a hash is not 32 bytes", what)
    return path


def _read_extra(
    data: bytes, index: int, path: tuple[bytes, ...], note: bytes
) -> ExhibitProof:
    value = canonical.decode_object(
        data, what="a proof's extra data", max_bytes=MAX_PROOF_BYTES
    )
    form = value.get("format")
    if isinstance(form, str) and re.fullmatch(r"custody-proof-[0-9]{1,6}", form):
        found = int(form.rpartition("-")[2])
        if found > 1:
            raise NewerFormatError(what=_WHAT, found=found, known=1)
    if form != FORMAT:
        raise _malformed(f"its extra data are not of the form {FORMAT}")
    needed, more = {"entry", "format", "standing"}, {"records", "tokens"}
    if not needed <= set(value) or not set(value) <= needed | more:
        raise _malformed("its extra data have not the prescribed members")
    proof = ExhibitProof(
        subject=Placed(_text(value["entry"]), index, path),
        standing=_placed_all(value["standing"], "entry", MAX_STANDING),
        note=note,
        records=_placed_all(value.get("records", []), "record", MAX_RECORDS),
        tokens=_tokens(value.get("tokens", [])),
    )
    for name in more & set(value):
        if not value[name]:
            raise _malformed(f"its list of {name} is empty")
    _check_entries(proof)
    for record in proof.records:
        unseal(record.line)
    return proof


def _text(value: Json) -> bytes:
    if not isinstance(value, str):
        raise _malformed("a line is not text")
    return value.encode("utf-8")


def _list(value: Json, limit: int) -> list[Json]:
    if not isinstance(value, list):
        raise _malformed("a list is none")
    if len(value) > limit:
        raise _malformed(f"a list is longer than {limit}")
    return value


def _placed_all(value: Json, name: str, limit: int) -> tuple[Placed, ...]:
    found: list[Placed] = []
    for item in _list(value, limit):
        one = read_placed(item, name)
        if found and one.index <= found[-1].index:
            raise _malformed("its lines do not stand in the order of their numbers")
        found.append(one)
    return tuple(found)


def _tokens(value: Json) -> tuple[tuple[str, bytes], ...]:
    found: list[tuple[str, bytes]] = []
    for item in _list(value, MAX_TOKENS):
        if not isinstance(item, dict) or set(item) != {"name", "token"}:
            raise _malformed("a token has not the prescribed members")
        name, token = item["name"], item["token"]
        if not isinstance(name, str) or not _TOKEN_NAME.fullmatch(name):
            raise _malformed("a token has no proper name")
        if found and name <= found[-1][0]:
            raise _malformed("its tokens do not stand in the order of their names")
        raw = _bytes(token) if isinstance(token, str) else b""
        if not 0 < len(raw) <= MAX_TOKEN_BYTES:
            raise _malformed("a token has not a proper size")
        found.append((name, raw))
    return tuple(found)


def _check_entries(proof: ExhibitProof) -> None:
    """Let in nothing that says more than which keys may sign."""
    if proof.entry.type != EntryType.ACQUIRE:
        raise _malformed("its entry does not acquire an exhibit")
    _check_version(proof.entry)
    for item in proof.standing:
        entry = read_entry(item.line)
        _check_version(entry)
        if item.index == proof.subject.index:
            raise _malformed("an entry stands in it twice")
        if not is_about_keys(entry) and not is_erasure(entry, proof.entry):
            raise _malformed("it holds an entry that says nothing about keys")


def is_erasure(entry: Entry, subject: Entry) -> bool:
    """Tell whether an entry can say that the exhibit of `subject` was erased."""
    common = not set(entry.exhibits).isdisjoint(subject.exhibits)
    return entry.type == EntryType.ERASE and common


def is_about_keys(entry: Entry) -> bool:
    """Tell whether an entry can say who may sign: it may stand in a proof."""
    if entry.type == EntryType.ANNOTATE:
        return entry.facts.get("kind") in APPROVALS
    kinds = (EntryType.CASE_OPEN, EntryType.KEY_ENROL, EntryType.KEY_REVOKE)
    return entry.type in kinds


def _check_version(entry: Entry) -> None:
    version = entry.body.get("v")
    if not isinstance(version, int) or isinstance(version, bool):
        raise _malformed("an entry has no format version")
    if version > FORMAT_VERSION:
        raise NewerFormatError(what="an entry", found=version, known=FORMAT_VERSION)
    if version != FORMAT_VERSION:
        raise _malformed("an entry has no known format version")
