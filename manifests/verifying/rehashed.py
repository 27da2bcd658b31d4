"""Lists of second digests (RFC 4998 5.3): their form, and what files say of them.

Written apart from `evidence.rehashing`, which makes them. A list names files of the
case with their SHA-512; a `renew` entry of kind `rehash` holds the list's own digests.
So a file whose SHA-256 was made to match by a broken SHA-256 still differs here.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from manifests.canonical import Json
from manifests.entries import Entry
from manifests.errors import MalformedError
from manifests.verifying.expected import ExpectedExhibit
from manifests.verifying.verdict import Axis, Code, Finding

KIND = "rehash"
FOLDER = "renewals"
PREFIX = "-"  # the first line's name: the log's first lines, as sha512sum calls stdin
MAX_LIST_BYTES = 1 << 28
MAX_TOKENS = 64  # of one list
_TOKEN = re.compile(r"(\d{10})\.sha512\.[a-z0-9-]{1,64}\.tsr", re.ASCII)
_PART = rb"/[A-Za-z0-9][A-Za-z0-9._-]{0,127}"
_LINE = re.compile(
    rb"([0-9a-f]{128})  (-|(?:exhibits|identities|manifest|private)"
    rb"(?:" + _PART + rb"){1,2})\n"
)
MAX_LINE_BYTES = 128 + 2 + 10 + 2 * 129 + 1
_JUDGED = ("exhibits/", "private/")  # missing or unreadable: the log's own steps say


@dataclass(frozen=True, slots=True)
class Rehash:
    """What a `renew` entry of kind `rehash` says.

    Attributes:
        seq: number of the entry, which is that of the entries the list covers.
        sha256, sha512: of the list, lower-case hex.
        files: lines of the list but the first.
    """

    seq: int
    sha256: str
    sha512: str
    files: int

    @property
    def name(self) -> str:
        """File name of the list."""
        return f"{self.seq:010d}.sha512"


@dataclass(frozen=True, slots=True)
class SeenList:
    """A list as it is now, and what its lines came to.

    Attributes:
        error: why it could not be read; malformed: what is wrong with its form.
        digests: of the file, by name of the algorithm: sha256, sha384, sha512 (hex).
        lines: name to SHA-512 (hex), empty unless the list is the entry's.
        tokens: (file name, bytes) of the time stamps over it.
    """

    error: str = ""
    malformed: str = ""
    digests: Mapping[str, str] = field(default_factory=dict)
    lines: Mapping[str, str] = field(default_factory=dict)
    tokens: tuple[tuple[str, bytes], ...] = ()


def read_rehash(entry: Entry) -> Rehash | None:
    """Return what a `renew` entry says of a list; None when it is of another kind.

    Raises:
        MalformedError: it is of kind `rehash`, but not of its form.
    """
    facts = entry.facts
    if facts.get("kind") != KIND:
        return None
    found = Rehash(
        entry.seq,
        _hex(facts.get("sha256"), 64),
        _hex(facts.get("sha512"), 128),
        _count(facts.get("files")),
    )
    _count(facts.get("bytes"))
    told = (facts.get("algorithm"), facts.get("list"), facts.get("entries"))
    if told != ("sha512", found.name, entry.seq) or type(told[2]) is not int:
        raise _malformed()
    return found


def _hex(value: Json, length: int) -> str:
    if isinstance(value, str) and re.fullmatch(f"[0-9a-f]{{{length}}}", value):
        return value
    raise _malformed()


def _count(value: Json) -> int:
    if type(value) is int and value >= 0:
        return value
    raise _malformed()


def _malformed() -> MalformedError:
    return MalformedError(what="a renewal", reason="its facts are not of their form")


def token_owner(name: str) -> int | None:
    """Return whose list's token has this file name; None when none's can."""
    match = _TOKEN.fullmatch(name)
    return int(match[1]) if match else None


def read_lines(lines: Iterable[bytes]) -> Iterator[tuple[str, str]]:
    """Yield (name, SHA-512 hex) of a list's lines.

    Args:
        lines: each with its newline and at most `MAX_LINE_BYTES` long.

    Raises:
        MalformedError: it is not the prescribed form: the log's first lines first,
            then files in ascending order of their names' bytes, no name twice.
    """
    before: bytes | None = None
    for line in lines:
        match = _LINE.fullmatch(line)
        if match is None:
            raise _wrong("a line has not the form of sha512sum, or names no evidence")
        digest, name = match.groups()
        if (before is None) != (name == b"-"):
            raise _wrong("its first line, and no other, is that of the log")
        if before is not None and name <= before:
            raise _wrong("its names are not in order")
        before = name
        yield name.decode("ascii"), digest.decode("ascii")
    if before is None:
        raise _wrong("it is empty")


def _wrong(reason: str) -> MalformedError:
    return MalformedError(what="a list of second digests", reason=reason)


def holds(rehash: Rehash, seen: SeenList | None, files: Mapping[str, str]) -> bool:
    """Tell whether a list is the entry's, and the log it covers the one there is."""
    return (
        seen is not None
        and not (seen.error or seen.malformed)
        and _is_own(rehash, seen)
        and seen.lines.get(PREFIX) == files.get(PREFIX + rehash.name)
    )


def _is_own(rehash: Rehash, seen: SeenList) -> bool:
    told = (seen.digests.get("sha256"), seen.digests.get("sha512"))
    return told == (rehash.sha256, rehash.sha512)


def judge_lists(
    rehashes: Mapping[int, Rehash],
    lists: Mapping[int, SeenList],
    files: Mapping[str, str],
) -> Iterator[Finding]:
    """Judge lists against their entries, and files against lists.

    Args:
        lists: those that are there.
        files: path below the case to SHA-512 (hex) as it is now, "" when it is there
            but cannot be read; `PREFIX` and a list's name stand for the log's lines.
    """
    told: set[tuple[str, str]] = set()
    for seq, rehash in rehashes.items():
        subject = rehash.name
        seen = lists.get(seq)
        if seen is None:
            text = "The list of second digests that an entry names is not there."
            yield Finding(Axis.COMPLETE, Code.RENEWAL_MISSING, subject, text)
        elif seen.error:
            text = f"The list of second digests could not be read: {seen.error}."
            yield Finding(Axis.INTACT, Code.UNREADABLE, subject, text)
        elif not _is_own(rehash, seen):
            text = "The list of second digests is not the one its entry names."
            yield Finding(Axis.INTACT, Code.RENEWAL_MODIFIED, subject, text)
        elif seen.malformed:
            text = f"The list of second digests has not its form: {seen.malformed}."
            yield Finding(Axis.INTACT, Code.RENEWAL_MALFORMED, subject, text)
        else:
            yield from _judge_files(rehash, seen, files, told)


def _judge_files(
    rehash: Rehash,
    seen: SeenList,
    files: Mapping[str, str],
    told: set[tuple[str, str]],
) -> Iterator[Finding]:
    for name, digest in seen.lines.items():
        place = PREFIX + rehash.name if name == PREFIX else name
        now = files.get(place)
        if now == digest:
            continue
        subject = "entries.jsonl" if name == PREFIX else name
        if (subject, digest) in told:  # by an earlier list
            continue
        told.add((subject, digest))
        if now is None:
            if not name.startswith(_JUDGED):
                text = f"{rehash.name} names it, but it is not there."
                yield Finding(Axis.COMPLETE, Code.RENEWED_MISSING, subject, text)
        elif now:
            text = f"It has not the SHA-512 that {rehash.name} gives."
            yield Finding(Axis.INTACT, Code.RENEWED_MODIFIED, subject, text)
        elif not name.startswith(_JUDGED):
            text = f"{rehash.name} names it, but it could not be read."
            yield Finding(Axis.INTACT, Code.UNREADABLE, subject, text)


def left_out(
    rehash: Rehash,
    seen: SeenList,
    exhibits: Iterable[ExpectedExhibit],
    *,
    payloads: Container[str],
    inventories: Container[str],
    private: Iterable[int],
    encrypted: Container[int],
) -> int:
    """Return how many files of the entries a list covers are there but not in it.

    Args:
        payloads, inventories: exhibits whose file is there; private: entries whose
            sealed record is; encrypted: those whose record is an age file.
    """
    names = [
        f"private/{seq:010d}.json{'.age' if seq in encrypted else ''}"
        for seq in private
        if seq < rehash.seq
    ]
    for exhibit in exhibits:
        if exhibit.entry < rehash.seq:
            folder = f"exhibits/{exhibit.id}"
            if exhibit.id in payloads:
                names.append(f"{folder}/{exhibit.payload_name}")
            if exhibit.id in inventories:
                names.append(f"{folder}/{exhibit.inventory_name}")
    return sum(name not in seen.lines for name in names)
