"""Proofs that an exhibit carries inside: found by name, judged one by one."""

from __future__ import annotations

import struct
import tarfile
import zipfile
import zlib
from typing import IO

from evidence.peers.archives import form_of, read_wacz
from evidence.peers.bags import find_bags, read_bag
from evidence.peers.claims import MAX_PROOF_BYTES, Form, Reading
from evidence.peers.ewf import is_ewf, judge_image
from evidence.peers.judging import Judgement, judge
from evidence.peers.members import View, Zip, read_small
from evidence.peers.openpgp import clear_text
from evidence.peers.proofmode import read_proofmode
from evidence.peers.signed import Given, read_signed, unsigned
from evidence.peers.stamps import judge_stamp

ZIP = b"PK\x03\x04"
_LIST_NAMES = ("sha256sums", "sha512sums", "sha1sums", "md5sums", "hashdeep")
_LIST_ENDINGS = ("sha256", "sha512", "sha1", "md5", "sha256sum", "md5sum")
FAILURES = (
    *(OSError, ValueError, KeyError, EOFError, struct.error, zlib.error),
    *(zipfile.BadZipFile, tarfile.TarError, RuntimeError),
)


def damaged(form: Form, error: BaseException) -> Judgement:
    """Judge a proof that could not be read."""
    reading = Reading(form, damaged=True)
    reading.faults.append(f"It cannot be read ({type(error).__name__}).")
    return Judgement(reading)


def form_by(head: bytes, name: str) -> Form:
    """Tell what a proof is by its first bytes and its name."""
    if is_ewf(head):
        return Form.EWF
    if head.startswith(ZIP):
        return Form.PROOFMODE
    if name.lower().endswith((".tsr", ".tst")):
        return Form.TIMESTAMP
    return Form.SUMS


class Inside:
    """Judges what the exhibit carries itself; an empty list when it carries nothing."""

    def __init__(self, view: View, given: Given) -> None:
        self._view, self._given = view, given
        self._names = set(view.names())

    def judge(self) -> list[Judgement]:
        """Judge all of it."""
        return self._tree() if self._view.tree else self._file()

    def _file(self) -> list[Judgement]:
        name = self._view.names()[0]
        with self._view.open(name) as stream:
            head = stream.read(16)
        if is_ewf(head):
            return [judge_image([self._view.open(name)], name)]
        if not head.startswith(ZIP):
            return []
        try:
            return self._zip(self._view.open(name))
        except FAILURES as error:
            # A zip that is no proof is none of this check's business.
            lower = name.lower()
            return [damaged(Form.WACZ, error)] if lower.endswith(".wacz") else []

    def _zip(self, stream: IO[bytes]) -> list[Judgement]:
        archive = Zip(stream)
        form = form_of(archive)
        if form is Form.WACZ:
            return [judge(read_wacz(archive), archive)]
        if form is Form.PROOFMODE:
            return [judge(read_proofmode(archive, self._given.keys()), archive)]
        return []

    def _tree(self) -> list[Judgement]:
        found: list[Judgement] = []
        bags = find_bags(self._view)
        for base in bags:
            try:
                found.append(judge(read_bag(self._view, base), self._view))
            except FAILURES as error:
                found.append(damaged(Form.BAGIT, error))
        for name in self._view.names():
            if any(name.startswith(base) for base in bags):
                continue
            try:
                found += self._member(name)
            except FAILURES as error:
                found.append(damaged(form_by(b"", name), error))
        return found

    def _member(self, name: str) -> list[Judgement]:
        """Judge one file of a tree if its name says that it is a proof."""
        folder, slash, last = name.rpartition("/")
        lower, base = last.lower(), folder + slash
        if _is_list(unsigned(lower)):
            return self._list(last, base)
        if lower.endswith((".tsr", ".tst")):
            data = read_small(self._view, name, MAX_PROOF_BYTES)
            one = _Only(self._view, base + last.rpartition(".")[0])
            return [judge_stamp(data, last, one)] if one.there else []
        if lower.endswith(".e01"):
            return [judge_image(_segments(name, self._view), name)]
        if lower.endswith((".wacz", ".zip")):
            return self._zip(self._view.open(name))
        return []

    def _list(self, last: str, base: str) -> list[Judgement]:
        def fetch(name: str) -> bytes | None:
            if base + name not in self._names:
                return None
            return read_small(self._view, base + name, MAX_PROOF_BYTES)

        plain = unsigned(last)
        if plain != last and base + plain in self._names:
            raw = fetch(last)
            if raw is not None and clear_text(raw) is None:
                return []  # judged with the list it signs
        reading = read_signed(last, fetch, self._given.keys(), base=base)
        return [judge(reading, self._view)]


def _is_list(lower: str) -> bool:
    stem, ending = lower.removesuffix(".txt"), lower.rpartition(".")[2]
    return stem in _LIST_NAMES or ending in _LIST_ENDINGS


class _Only:
    """One file of a view, as a view."""

    tree = False

    def __init__(self, view: View, name: str) -> None:
        self._view, self._name = view, name
        self.there = name in set(view.names())

    def names(self) -> list[str]:
        return [self._name]

    def open(self, name: str) -> IO[bytes]:
        return self._view.open(name)

    def size(self, name: str) -> int:
        return self._view.size(name)


def _segments(name: str, view: View) -> list[IO[bytes]]:
    """Open image.E01, .E02, ... of one folder in their order."""
    stem, names = name[:-2], set(view.names())
    found = []
    for number in range(1, 100):
        segment = f"{stem}{number:02d}"
        if segment not in names:
            break
        found.append(view.open(segment))
    return found
