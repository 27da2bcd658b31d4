"""Searches files for identifiers: names and bytes here, what is inside them apart.

Bytes as such are read in this process. PDF, archives, compressed files and pictures
are taken apart in the parser's process (`parsing.outgoing`), which is told none of the
identifiers; what it sends is searched here.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from hashlib import sha256
from pathlib import Path

from evidence.lint import decoding
from evidence.lint.findings import Finding, Result, Unread, finding_id
from evidence.lint.identifiers import Identifier
from evidence.lint.matching import Matcher
from evidence.outcome import ParseOutcome
from evidence.parsing.base import Content, FileEnd, FileStart, Job, Record, Summary
from evidence.parsing.sandbox import parse

_BLOCK = 2 << 20
_OVERLAP = 1 << 14
_SMALL, _MOST_CLEAN = 1024, 20_000  # bytes; pieces remembered as clean
_CHANCE = 8  # folded characters from which compressed bytes do not write a word
_PDF_BYTES_PER_SECOND = 16 << 10  # pages cost far more than bytes
_HELD = (
    (0, b"PK\x03\x04"), (0, b"PK\x05\x06"), (0, b"\x1f\x8b\x08"), (0, b"BZh"),
    (0, b"\xfd7zXZ\x00"), (0, b"\x78"), (257, b"ustar"), (0, b"Rar!"),
    (0, b"7z\xbc\xaf\x27\x1c"), (0, b"\x28\xb5\x2f\xfd"), (0, b"age-encryption.org/"),
    (0, b"-----BEGIN AGE ENCRYPTED"), (0, b"-----BEGIN PGP MESSAGE"),
    (0, b"\x89PNG"), (0, b"\xff\xd8\xff"), (0, b"GIF8"), (8, b"WEBP"), (0, b"BM"),
    (0, b"II"), (0, b"MM"), (0, b"\xff\x0a"), (4, b"JXL "), (4, b"ftyp"),
)  # fmt: skip
# Of a case, what is meant for others; the rest holds evidence and names.
PUBLIC_PARTS = ("custody.toml", "manifest", "reports", "packages")
CASE_LIMIT = (
    "Of the case folder: manifest, reports, packages and settings only. Folders with "
    "exhibits, sealed records and identities hold names and must not leave as they are."
)


@dataclass(slots=True)
class Search:
    """One search; gathers findings file by file.

    Args:
        identifiers: what to look for.
        allowed: ids of findings somebody let stand.
        known: what was found in pieces searched before, for the same identifiers, by
            the SHA-256 of the piece (see `evidence.lint.ahead`).
    """

    identifiers: Sequence[Identifier]
    allowed: frozenset[str] = frozenset()
    known: Mapping[bytes, Iterable[tuple[int, bool, int]]] = field(default_factory=dict)
    result: Result = field(default_factory=Result)
    _matcher: Matcher = field(init=False)
    _digest: str = ""
    _found: dict[tuple[int, str, bool], list[int]] = field(default_factory=dict)
    _clean: set[tuple[bytes, bool]] = field(default_factory=set)

    def __post_init__(self) -> None:
        self._matcher = Matcher(self.identifiers)

    def paths(self, paths: Iterable[Path]) -> Result:
        """Search files and folders; links are not followed."""
        for path in paths:
            for file, names in walk(path, self.result):
                self.file(file, names)
        return self.result

    def file(self, path: Path, names: str, *, raw: bool = True) -> None:
        """Search one file, its names and everything inside it.

        Args:
            names: that it would leave under, "" for none.
            raw: search the bytes as they stand, too, of what is taken apart: dear, and
                needless for what this program has just made.
        """
        self._begin()
        try:
            status = path.lstat()
            if stat.S_ISLNK(status.st_mode):
                names += "\n" + str(path.readlink())
            self._digest = _digest(path) if stat.S_ISREG(status.st_mode) else ""
            self._text(names, "name")
            if stat.S_ISREG(status.st_mode):
                held = _is_held(path)
                if raw or not held:
                    self._raw(path, packed=held)
                if held:
                    self._inside(Job(str(path)), status.st_size)
            elif not stat.S_ISLNK(status.st_mode):
                self._unread("", "it is not a regular file")
        except OSError as error:
            self._unread("", f"it cannot be read ({type(error).__name__})")
        self._end()

    def document(self, data: bytes, *, pages: bool = True) -> None:
        """Search a document that is in no file: everything inside it.

        Its bytes as they stand are not searched: this program has just made it, and
        all its parts are read for themselves.

        Args:
            pages: read the text of a PDF's pages. Without, what draws them is not
                searched either: numbers of glyphs, in which nothing can be found.
        """
        options = {"drawn": pages, "pages": pages}
        self._begin()
        self._digest = sha256(data).hexdigest()
        try:
            self._inside(Job("", options=options, data=data), len(data))
        except OSError as error:
            self._unread("", f"it cannot be read ({type(error).__name__})")
        self._end()

    def texts(self, texts: Iterable[str], *, digest: str, place: str = "text") -> None:
        """Search texts that will be set in a document, as one file."""
        self._begin()
        self._digest = digest
        for base, piece in _pieces(texts):
            self._text(piece, place, base)
        self._end()

    def _begin(self) -> None:
        self.result.files += 1
        self._found = {}

    def _end(self) -> None:
        """Turn what was found in this file into findings."""
        sure = {(number, place) for number, place, doubt in self._found if not doubt}
        for (number, place, doubtful), offsets in self._found.items():
            if doubtful and (number, place) in sure:
                continue
            identifier = self.identifiers[number]
            finding = Finding(
                finding_id(identifier, self._digest, place),
                identifier.kind.value,
                identifier.of,
                identifier.number,
                self.result.files,
                place,
                min(offsets),
                len(set(offsets)),
                doubtful,
            )
            allowed = finding.id in self.allowed
            self.result.findings.append(replace(finding, allowed=allowed))

    def _text(self, text: str, place: str, base: int = 0) -> None:
        for form in decoding.wrapped(text):
            self._hits(form, place, base)

    def _hits(
        self, text: str, place: str, base: int = 0, *, packed: bool = False
    ) -> None:
        for hit in self._matcher.find(text):
            # Compressed bytes hold every short word by chance.
            doubtful = hit.doubtful or (packed and hit.size < _CHANCE)
            key = (hit.identifier, place, doubtful)
            self._found.setdefault(key, []).append(base + hit.offset)

    def _bytes(
        self, data: bytes, place: str, base: int = 0, *, packed: bool = False
    ) -> None:
        for text in decoding.texts(data):
            self._hits(text, place, base, packed=packed)

    def _raw(self, path: Path, *, packed: bool) -> None:
        base, tail = 0, b""
        with path.open("rb") as stream:
            while block := stream.read(_BLOCK):
                at = base - len(tail)
                self._bytes(tail + block, "", at, packed=packed)
                base += len(block)
                tail = block[-_OVERLAP:]

    def _inside(self, job: Job, size: int) -> None:
        """Search what the parser's process finds inside `size` bytes."""
        place, form, ended = "", "bytes", False
        seconds = 60 + size // _PDF_BYTES_PER_SECOND
        for item in parse("outgoing", job, seconds=seconds):
            if isinstance(item, FileStart):
                place = item.name.decode("ascii", "replace")[:200]
                form = str(item.fields.get("form"))
            elif isinstance(item, Content):
                self._piece(item.data, place, raw=form == "bytes")
                if form == "name":
                    place = f"{place}, name"
            elif isinstance(item, Record):
                steps = item.fields.get("place")
                where = ", ".join(map(str, steps if isinstance(steps, list) else []))
                self._unread(where[:200], str(item.fields.get("reason"))[:200])
            elif isinstance(item, Summary):
                ended = item.outcome == ParseOutcome.PARSED
                if ended:
                    self.result.limits.update(item.limits)
                else:
                    self._unread("", " ".join(item.limits) or "it cannot be opened")
            elif isinstance(item, FileEnd):
                place = ""
        if not ended and not self.result.unread:
            self._unread("", "it cannot be opened")

    def _piece(self, data: bytes, place: str, *, raw: bool) -> None:
        """Search a piece; one that was seen before and held nothing is not repeated.

        A tagged PDF has thousands of small objects that are all alike.
        """
        known = (data, raw)
        if known in self._clean:
            return
        ahead = self._searched(data) if raw else None
        if ahead is not None:
            for number, doubtful, offset in ahead:
                self._found.setdefault((number, place, doubtful), []).append(offset)
            return
        before = sum(map(len, self._found.values()))
        self._bytes(data, place, packed=raw and not decoding.is_text(data))
        found = sum(map(len, self._found.values())) - before
        if not found and len(data) <= _SMALL and len(self._clean) < _MOST_CLEAN:
            self._clean.add(known)

    def _searched(self, data: bytes) -> Iterable[tuple[int, bool, int]] | None:
        """Return what is known of a piece; None when it has to be searched."""
        if not self.known or len(data) <= _SMALL:
            return None
        return self.known.get(sha256(data).digest())

    def hits(self, piece: bytes) -> list[tuple[int, bool, int]]:
        """Return what is in a piece of bytes: identifier, doubtful, offset."""
        self._found = {}
        self._piece(piece, "", raw=True)
        return [
            (number, doubtful, offset)
            for (number, _, doubtful), offsets in self._found.items()
            for offset in offsets
        ]

    def _unread(self, place: str, reason: str) -> None:
        self.result.unread.append(Unread(self.result.files, place, reason))


def _pieces(texts: Iterable[str]) -> Iterator[tuple[int, str]]:
    """Yield texts a blank line apart, in pieces that overlap, with their offsets."""
    base, size = 0, 0
    waiting: list[str] = []
    for text in texts:
        waiting.append(text)
        size += len(text) + 2
        if size > _BLOCK:
            piece = "\n\n".join(waiting)
            yield base, piece
            tail = piece[-_OVERLAP:]
            base += len(piece) - len(tail)
            waiting, size = [tail], len(tail)
    yield base, "\n\n".join(waiting)


def _digest(path: Path) -> str:
    digest = sha256()
    with path.open("rb") as stream:
        while block := stream.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()


def _is_held(path: Path) -> bool:
    """Tell whether a file may hold more than its bytes say as such."""
    with path.open("rb") as stream:
        head = stream.read(1024)
    return b"%PDF-" in head or any(
        head[at : at + len(magic)] == magic for at, magic in _HELD
    )


def walk(path: Path, result: Result) -> Iterator[tuple[Path, str]]:
    """Yield each file below `path` with the names it would leave under.

    The order is that of the names' bytes. Of a case only `PUBLIC_PARTS` are yielded. A
    folder that cannot be read is said in `result`.
    """
    if path.is_dir() and not path.is_symlink():
        if (path / "custody.toml").is_file():
            result.limits.add(CASE_LIMIT)
            for part in PUBLIC_PARTS:
                if os.path.lexists(path / part):
                    yield from _below(path / part, part, result)
            return
        yield from _below(path, path.name, result)
        return
    yield path, path.name


def _below(path: Path, names: str, result: Result) -> Iterator[tuple[Path, str]]:
    if path.is_symlink() or not path.is_dir():
        yield path, names
        return
    try:
        children = sorted(path.iterdir(), key=lambda child: os.fsencode(child.name))
    except OSError as error:
        result.files += 1
        reason = f"a folder cannot be read ({type(error).__name__})"
        result.unread.append(Unread(result.files, "", reason))
        return
    for child in children:
        yield from _below(child, f"{names}/{child.name}", result)
