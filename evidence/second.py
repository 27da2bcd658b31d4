"""Second digests as they are now: lists made by a renewal, and what they name.

The verifier's side; `evidence.rehashing` makes the lists. Payloads, inventories and
sealed records are hashed by `evidence.checking` in the read it makes anyway.
"""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from evidence.case import IDENTITIES, MANIFEST, Case
from evidence.hashing import hash_file
from manifests import ledger
from manifests.errors import CustodyError, MalformedError
from manifests.verifying.checkpoints import is_companion
from manifests.verifying.heads import MAX_COMPANION_BYTES
from manifests.verifying.reading import LogReading
from manifests.verifying.rehashed import (
    MAX_LINE_BYTES,
    MAX_LIST_BYTES,
    MAX_TOKENS,
    PREFIX,
    Rehash,
    SeenList,
    read_lines,
    token_owner,
)

FOLDER = f"{MANIFEST}/{ledger.RENEWALS}"
_BUFFER = 1 << 20
_ALGORITHMS = ("sha256", "sha384", "sha512")


@dataclass(slots=True)
class SecondDigests:
    """SHA-512 of what lists name, or of everything.

    Attributes:
        everything: for a new list: every file that is evidence is wanted.
        lists: those that are there, by number of their entry.
        found: path below the case to SHA-512 (hex), "" when it cannot be read.
    """

    case: Case
    log: LogReading
    everything: bool = False
    lists: dict[int, SeenList] = field(default_factory=dict)
    found: dict[str, str] = field(default_factory=dict)
    _wanted: set[str] = field(default_factory=set)

    def read_lists(self) -> None:
        """Look at the lists the log names, before the files they name."""
        tokens = self._tokens() if self.log.rehashes else {}
        for seq, rehash in self.log.rehashes.items():
            seen = _look(self.case, rehash, tokens.get(seq, []))
            if seen is not None:
                self.lists[seq] = seen
                self._wanted.update(seen.lines)
        self._wanted.discard(PREFIX)

    def wants(self, name: str) -> bool:
        """Tell whether the SHA-512 of this path below the case is wanted."""
        return self.everything or name in self._wanted

    def take(self, name: str, digest: str) -> None:
        """Keep what a file came to, if that was computed."""
        if digest:
            self.found[name] = digest

    def finish(self) -> None:
        """Hash what is wanted and nobody else read, and the log's first lines."""
        if self.everything:
            self._wanted.update(self._others())
        for name in sorted(self._wanted - self.found.keys()):
            self.hash(name)
        sizes = {s: r.name for s, r in self.log.rehashes.items() if s in self.lists}
        self.found |= {
            PREFIX + sizes[size]: digest
            for size, digest in prefixes(self.case, sorted(sizes)).items()
        }

    def _others(self) -> Iterator[str]:
        """Yield what is evidence and neither an exhibit nor a sealed record."""
        for key in self.log.named_keys:
            yield f"{IDENTITIES}/{key}.json"
        folder = self.case.manifest / ledger.CHECKPOINTS
        for path in folder.iterdir() if folder.is_dir() else ():
            if path.suffix == ".note" or is_companion(path.name):
                yield f"{MANIFEST}/{ledger.CHECKPOINTS}/{path.name}"
        for name in self.allowed():
            yield f"{FOLDER}/{name}"

    def hash(self, name: str) -> None:
        """Hash one file by its path below the case; nothing if it is not there."""
        path = self.case.path / name
        try:
            plain = stat.S_ISREG(path.lstat().st_mode)
            self.found[name] = hash_file(path, second=True).sha512 if plain else ""
        except (FileNotFoundError, NotADirectoryError):
            return
        except (OSError, CustodyError):
            self.found[name] = ""

    def allowed(self) -> frozenset[str]:
        """Return the names that belong into the folder of lists."""
        names = {rehash.name for rehash in self.log.rehashes.values()}
        for tokens in self._tokens().values():
            names.update(tokens)
        return frozenset(names)

    def _tokens(self) -> dict[int, list[str]]:
        """Return the names of the tokens over each list the log names."""
        found: dict[int, list[str]] = {}
        try:
            paths = sorted((self.case.path / FOLDER).iterdir())
        except OSError:
            return found
        for path in paths:
            owner = token_owner(path.name)
            if owner is None or owner not in self.log.rehashes:
                continue
            own = found.setdefault(owner, [])
            if len(own) < MAX_TOKENS:
                own.append(path.name)
        return found


def _look(case: Case, rehash: Rehash, tokens: list[str]) -> SeenList | None:
    path = case.path / FOLDER / rehash.name
    try:
        if not stat.S_ISREG(path.lstat().st_mode):
            return SeenList(error="it is not a regular file")
        digests = _digest(path)
        stamps = tuple((name, _token(path.with_name(name))) for name in tokens)
        if (digests["sha256"], digests["sha512"]) != (rehash.sha256, rehash.sha512):
            return SeenList(digests=digests)
        if path.stat().st_size > MAX_LIST_BYTES:
            return SeenList(malformed="it is too long", digests=digests)
        with path.open("rb") as stream:
            lines = dict(read_lines(_lines(stream)))
    except FileNotFoundError:
        return None
    except OSError as error:
        reason = os.strerror(error.errno) if error.errno else type(error).__name__
        return SeenList(error=reason)
    except MalformedError as error:
        return SeenList(malformed=str(error.facts["reason"]), digests=digests)
    if len(lines) - 1 != rehash.files:
        reason = "its entry names another number of files"
        return SeenList(malformed=reason, digests=digests)
    return SeenList(digests=digests, lines=lines, tokens=stamps)


def _digest(path: Path) -> dict[str, str]:
    hashes = [hashlib.new(name) for name in _ALGORITHMS]
    with path.open("rb") as stream:
        while piece := stream.read(_BUFFER):
            for own in hashes:
                own.update(piece)
    return {own.name: own.hexdigest() for own in hashes}


def _lines(stream: BinaryIO) -> Iterator[bytes]:
    while line := stream.readline(MAX_LINE_BYTES + 1):
        yield line


def _token(path: Path) -> bytes:
    """Return a token's bytes, cut; b"" (which is none) for what cannot be read."""
    try:
        if not stat.S_ISREG(path.lstat().st_mode):
            return b""
        with path.open("rb") as stream:
            return stream.read(MAX_COMPANION_BYTES + 1)
    except OSError:
        return b""


def prefixes(case: Case, sizes: list[int]) -> dict[int, str]:
    """Return the SHA-512 (hex) of the log's first lines, by their number.

    Of a log that is shorter it is the SHA-512 of the whole: what ``head -n`` gives.

    Args:
        sizes: ascending.

    Raises:
        OSError: the log cannot be read.
    """
    found: dict[int, str] = {}
    if not sizes:
        return found
    whole, count, wanted = hashlib.sha512(), 0, iter(sizes)
    size = next(wanted, None)
    for line in ledger.read_lines(case.manifest / ledger.ENTRIES):
        while size is not None and count >= size:
            found[size] = whole.hexdigest()
            size = next(wanted, None)
        if size is None:
            return found
        whole.update(line)
        count += line.endswith(b"\n")
    return found | {rest: whole.hexdigest() for rest in sizes if rest not in found}
