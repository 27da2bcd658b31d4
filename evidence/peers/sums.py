"""Lists of digests: coreutils and BSD style, md5deep, hashdeep.

Forms: ``sha256sum`` and its kin (GNU coreutils manual, "md5 invocation", with escaped
names), ``sha256 --tag`` and BSD ``md5``, ``md5deep -z``, HASHDEEP-1.0 (hashdeep(1)).
"""

from __future__ import annotations

import csv
import re

from evidence.peers.claims import (
    ALGORITHMS,
    Claim,
    Form,
    Note,
    Reading,
    is_digest,
)

_GNU = re.compile(r"(\\?)([0-9a-fA-F]{32,128}) (?:[ *]?)(.+)")
_BSD = re.compile(r"(\\?)([A-Za-z0-9/-]+) ?\((.+)\) ?= ?([0-9a-fA-F]{32,128})")
_SIZED = re.compile(r" *(\d{1,19}) +([0-9a-fA-F]{32,128})  (.+)")
_ESCAPED = re.compile(r"\\([\\nr])")
_MEANING = {"\\": "\\", "n": "\n", "r": "\r"}
_MAX_LINE = 8192
HASHDEEP = "%%%% HASHDEEP-1."


def text_of(data: bytes) -> str:
    """Decode a list: UTF-8 with or without a mark, UTF-16 by its mark (PowerShell).

    Bytes that are no text are kept as surrogates: names are compared as bytes.
    """
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return data.decode("utf-16", "replace")
    return data.decode("utf-8", "surrogateescape").removeprefix("\ufeff")


def read_sums(data: bytes, *, name: str = "", base: str = "") -> Reading:
    """Read a list of digests, or one of hashdeep.

    Args:
        name: of the list; tells the algorithm where a line's length does not.
        base: folder its paths count from.
    """
    text = text_of(data)
    if text.startswith(HASHDEEP):
        return _read_hashdeep(text, base)
    found = Reading(Form.SUMS)
    for line in text.split("\n"):
        line = line.removesuffix("\r")  # noqa: PLW2901 - a line without its end
        if not line.strip() or line.startswith("#"):
            continue
        if len(line) > _MAX_LINE or not _read_line(line, found, name, base):
            found.unread += 1
    return found


def _read_line(line: str, found: Reading, name: str, base: str) -> bool:
    """Keep what one line says; False when it says nothing that is known."""
    bsd = _BSD.fullmatch(line)
    if bsd is not None:
        algorithm = bsd[2].lower().replace("sha2-", "sha").replace("-", "")
        if is_digest(bsd[4], algorithm):
            path = _unescaped(bsd[3]) if bsd[1] else bsd[3]
            found.add(Claim(algorithm, bsd[4].lower(), path, base=base))
            return True
        found.notes.add(Note.ALGORITHM)
        return False
    gnu = _GNU.fullmatch(line)
    if gnu is not None and is_digest(gnu[2]):
        path = _unescaped(gnu[3]) if gnu[1] else gnu[3]
        found.add(Claim(is_digest(gnu[2]), gnu[2].lower(), path, base=base))
        return True
    sized = _SIZED.fullmatch(line)
    if sized is not None and is_digest(sized[2]):
        claim = Claim(is_digest(sized[2]), sized[2].lower(), sized[3], int(sized[1]))
        found.add(claim)
        return True
    bare = line.strip()
    if is_digest(bare):
        found.add(Claim(is_digest(bare), bare.lower(), _named_by(name), base=base))
        return True
    return False


def _named_by(name: str) -> str | None:
    """Return of what ``photo.jpg.sha256`` speaks that holds a digest alone."""
    stem, dot, ending = name.rpartition(".")
    return stem if dot and ending.lower() in ALGORITHMS else None


def _unescaped(text: str) -> str:
    return _ESCAPED.sub(lambda found: _MEANING[found[1]], text)


def _read_hashdeep(text: str, base: str) -> Reading:
    found = Reading(Form.HASHDEEP)
    lines = text.split("\n")
    header = lines[1].removeprefix("%%%% ").strip() if len(lines) > 1 else ""
    columns = header.split(",")
    if columns[:1] != ["size"] or columns[-1:] != ["filename"]:
        found.damaged = True
        found.faults.append("Its second line names no columns hashdeep writes.")
        return found
    if not set(columns[1:-1]) <= set(ALGORITHMS):
        found.notes.add(Note.ALGORITHM)  # tiger, whirlpool
    for line in lines[2:]:
        line = line.removesuffix("\r")  # noqa: PLW2901 - a line without its end
        if line.startswith("#") or not line.strip():
            continue
        if len(line) > _MAX_LINE or not _read_row(line, columns, found, base):
            found.unread += 1
    return found


def _read_row(line: str, columns: list[str], found: Reading, base: str) -> bool:
    # The name is last and is not quoted: commas in it belong to it.
    parts = line.split(",", len(columns) - 1)
    if len(parts) != len(columns) or not parts[0].isdecimal() or len(parts[0]) > 19:
        return False
    for algorithm, digest in zip(columns[1:-1], parts[1:-1], strict=True):
        if algorithm not in ALGORITHMS:
            continue
        if not is_digest(digest, algorithm):
            return False
        claim = Claim(algorithm, digest.lower(), parts[-1], int(parts[0]), base)
        found.add(claim)
    return True


def read_csv(text: str) -> list[list[str]]:
    """Return the rows of a small CSV file, at most 10,000.

    Raises:
        csv.Error: it is none.
    """
    rows: list[list[str]] = []
    for row in csv.reader(text.splitlines()):
        rows.append(row)
        if len(rows) >= 10_000:
            break
    return rows
