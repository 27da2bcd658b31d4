"""The process that reads a peer's proof and compares it with the staged copy.

Runs as a parser does (ADR 0004): bounded in memory and time, given the staged payload
and, where the proof lies beside the source, the open path of that file. It says what it
found; the acquisition distrusts that and records it.
"""

from __future__ import annotations

import hashlib
import os
import struct
import sys
import tarfile
import threading
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from evidence.outcome import ParseOutcome
from evidence.parsing.base import Item, Job, Json, Record, Summary
from evidence.parsing.payload import open_payload
from evidence.peers.archives import form_of, read_proofmode, read_wacz
from evidence.peers.bags import find_bags, read_bag
from evidence.peers.claims import (
    MAX_LISTED,
    MAX_PROOF_BYTES,
    Claim,
    Form,
    Note,
    Reading,
)
from evidence.peers.ewf import EwfError, is_ewf, judge_image, read_image
from evidence.peers.judging import Judgement, judge
from evidence.peers.members import OneFile, Tree, View, Zip, read_small
from evidence.peers.stamps import judge_stamp
from evidence.peers.sums import read_sums

STIR_SECONDS = 10.0
_ZIP = b"PK\x03\x04"
_FAILURES = (
    *(OSError, ValueError, KeyError, EOFError, struct.error, zlib.error),
    *(zipfile.BadZipFile, tarfile.TarError, RuntimeError),
)
_LIST_NAMES = ("sha256sums", "sha512sums", "sha1sums", "md5sums", "hashdeep")


class PeerProofParser:
    """Judges one proof against one payload; options: ``proof``, ``tree``."""

    name = "peer-proof"
    version = "1"

    def parse(self, job: Job) -> Iterator[Item]:
        """Yield findings as records, and the counts as the summary."""
        with open_payload(job) as stream:
            view: View = OneFile(stream, job.name)
            if job.options.get("tree"):
                view = Tree(stream)
            yield from self._parse(job.options.get("proof"), view)

    def _parse(self, proof: Json, view: View) -> Iterator[Item]:
        work = _Work(proof, view)
        yield from work.stirring()
        digest, size, judged = work.result()
        kept: list[Json] = []
        for judgement in judged:
            for finding in judgement.findings[:MAX_LISTED]:
                yield Record({"kind": "peer-finding", **finding.fields()})
            kept.append(_public(judgement))
        sentences = [
            text for j in judged for text in (*j.reading.faults, *j.reading.limits)
        ]
        public: dict[str, Json] = {"bytes": size, "proofs": kept, "sha256": digest}
        limits = tuple(dict.fromkeys(sentences))[:200]
        yield Summary(ParseOutcome.PARSED, public, limits)


class _Work:
    """The comparison in a thread, so that a long one can say that it goes on."""

    def __init__(self, proof: Json, view: View) -> None:
        self._done: tuple[str, int, list[Judgement]] | None = None
        self._failure: BaseException | None = None
        self._proof, self._view = proof, view
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        try:
            if isinstance(self._proof, str) and self._proof:
                self._done = _beside(Path(self._proof), self._view)
            else:
                self._done = "", 0, _inside(self._view)
        except BaseException as error:  # noqa: BLE001 - raised again by `result`
            self._failure = error

    def stirring(self) -> Iterator[Item]:
        """Yield a sign of life now and then: silence counts as hanging."""
        while self._thread.is_alive():
            self._thread.join(STIR_SECONDS)
            if self._thread.is_alive():
                yield Record({"kind": "peer-progress"})
                sys.stdout.flush()  # the frame must not wait in a buffer

    def result(self) -> tuple[str, int, list[Judgement]]:
        """Return what was found, or raise what ended it."""
        if self._failure is not None:
            raise self._failure
        return self._done or ("", 0, [])


def _public(judgement: Judgement) -> Json:
    reading = judgement.reading
    return {
        "algorithms": [*sorted(judgement.algorithms)],
        "counts": {word: n for word, n in judgement.counts.items() if n},
        "faults": len(reading.faults),
        "form": reading.form.value,
        "notes": [*sorted(note.value for note in reading.notes)],
        "result": judgement.result.value,
        "signature": reading.signature.value,
    }


def _damaged(form: Form, error: BaseException) -> Judgement:
    reading = Reading(form, damaged=True)
    reading.faults.append(f"It cannot be read ({type(error).__name__}).")
    return Judgement(reading)


# -- a proof beside the source -------------------------------------------------------


def _beside(path: Path, view: View) -> tuple[str, int, list[Judgement]]:
    """Return SHA-256 and size of the proof that was read, and the judgement."""
    with path.open("rb") as stream:
        head = stream.read(16)
        stream.seek(0)
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
        size = os.fstat(stream.fileno()).st_size
        stream.seek(0)
        try:
            judged = _judge_file(stream, head, path.name, view)
        except _FAILURES as error:
            judged = _damaged(_form(head, path.name), error)
    return digest, size, [judged]


def _form(head: bytes, name: str) -> Form:
    if is_ewf(head):
        return Form.EWF
    if head.startswith(_ZIP):
        return Form.PROOFMODE
    if name.lower().endswith((".tsr", ".tst")):
        return Form.TIMESTAMP
    return Form.SUMS


def _judge_file(stream: IO[bytes], head: bytes, name: str, view: View) -> Judgement:
    form = _form(head, name)
    if form is Form.EWF:
        return judge(_stored(stream), view)
    if form is Form.PROOFMODE:
        archive = Zip(stream)
        kind = form_of(archive)
        reading = read_proofmode(archive) if kind is Form.PROOFMODE else None
        if reading is None:
            raise ValueError("no bundle that is read")
        # What the bundle says of its own copy is now asked of the exhibit.
        digests = {c.digest for c in reading.claims}
        reading.claims = [Claim("sha256", d, None) for d in sorted(digests)]
        reading.unlisted, reading.inside = [], False
        return _by_digest(reading, view)
    data = stream.read(MAX_PROOF_BYTES + 1)
    if len(data) > MAX_PROOF_BYTES:
        raise ValueError("it is too long")
    if form is Form.TIMESTAMP:
        return judge_stamp(data, name, view)
    reading = read_sums(data, name=name)
    if not reading.claims and reading.unread:
        reading.form, reading.damaged = Form.UNKNOWN, True
        reading.faults.append("It is no proof of a form that is read.")
    return judge(reading, view)


def _stored(stream: IO[bytes]) -> Reading:
    """The hashes stored in an E01, asked of a raw image."""
    reading = Reading(Form.EWF)
    try:
        image = read_image([stream])
    except EwfError as error:
        reading.damaged = True
        reading.faults.append(f"The image cannot be read: {error}.")
        return reading
    for name, value in (("md5", image.md5), ("sha1", image.sha1)):
        if value:
            reading.add(Claim(name, value, None, image.media_bytes))
    reading.notes.add(Note.STORED_ONLY)
    return reading


def _by_digest(reading: Reading, view: View) -> Judgement:
    """Look for any of the digests in the exhibit; a bundle names no paths."""
    wanted = {c.digest for c in reading.claims}
    judgement = Judgement(reading)
    if reading.faults:
        return judgement
    from evidence.peers.members import Digests

    digests = Digests(view)
    own = {digests.of(name, ["sha256"])["sha256"] for name in view.names()}
    judgement.counts["matched"] = len(wanted & own)
    judgement.counts["elsewhere"] = len(wanted - own)
    if wanted & own:
        judgement.algorithms.add("sha256")
    elif wanted and not view.tree:
        name = view.names()[0]
        judgement.found("mismatched", name, "no digest in the bundle is this file's")
    return judgement


# -- a proof inside the exhibit ------------------------------------------------------


def _inside(view: View) -> list[Judgement]:
    """Judge what the exhibit carries itself; an empty list when it carries nothing."""
    return _inside_tree(view) if view.tree else _inside_file(view)


def _inside_file(view: View) -> list[Judgement]:
    name = view.names()[0]
    with view.open(name) as stream:
        head = stream.read(16)
    if is_ewf(head):
        return [judge_image([view.open(name)], name)]
    if not head.startswith(_ZIP):
        return []
    try:
        return _inside_zip(view.open(name))
    except _FAILURES as error:
        # A zip that is no proof is none of this check's business.
        lower = name.lower()
        return [_damaged(Form.WACZ, error)] if lower.endswith(".wacz") else []


def _inside_zip(stream: IO[bytes]) -> list[Judgement]:
    archive = Zip(stream)
    form = form_of(archive)
    if form is Form.WACZ:
        return [judge(read_wacz(archive), archive)]
    if form is Form.PROOFMODE:
        return [judge(read_proofmode(archive), archive)]
    return []


def _inside_tree(view: View) -> list[Judgement]:
    found: list[Judgement] = []
    bags = find_bags(view)
    for base in bags:
        try:
            found.append(judge(read_bag(view, base), view))
        except _FAILURES as error:
            found.append(_damaged(Form.BAGIT, error))
    for name in view.names():
        if any(name.startswith(base) for base in bags):
            continue
        try:
            found += _member(name, view)
        except _FAILURES as error:
            found.append(_damaged(_form(b"", name), error))
    return found


def _member(name: str, view: View) -> list[Judgement]:
    """Judge one file of a tree if its name says that it is a proof."""
    folder, slash, last = name.rpartition("/")
    lower, base = last.lower(), folder + slash
    stem = lower.removesuffix(".txt").removesuffix(".asc")
    if stem in _LIST_NAMES or lower.rpartition(".")[2] in (
        *("sha256", "sha512", "sha1", "md5", "sha256sum", "md5sum"),
    ):
        data = read_small(view, name, MAX_PROOF_BYTES)
        return [judge(read_sums(data, name=last, base=base), view)]
    if lower.endswith((".tsr", ".tst")):
        data = read_small(view, name, MAX_PROOF_BYTES)
        one = _Only(view, base + last.rpartition(".")[0])
        return [judge_stamp(data, last, one)] if one.there else []
    if lower.endswith(".e01"):
        return [judge_image(_segments(name, view), name)]
    if lower.endswith((".wacz", ".zip")):
        return _inside_zip(view.open(name))
    return []


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
