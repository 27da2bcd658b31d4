"""The process that reads a peer's proof and compares it with the staged copy.

Runs as a parser does (ADR 0004): bounded in memory and time, given the staged payload
and, where the proof lies beside the source, the open path of that file. It says what it
found; the acquisition distrusts that and records it.
"""

from __future__ import annotations

import hashlib
import os
import sys
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from evidence.outcome import ParseOutcome
from evidence.parsing.base import Item, Job, Json, Record, Summary
from evidence.parsing.payload import open_payload
from evidence.peers.archives import form_of
from evidence.peers.claims import (
    MAX_LISTED,
    MAX_PROOF_BYTES,
    Claim,
    Form,
    Note,
    Reading,
)
from evidence.peers.ewf import EwfError, read_image
from evidence.peers.inside import FAILURES, Inside, damaged, form_by
from evidence.peers.judging import Judgement, judge
from evidence.peers.members import Digests, OneFile, Tree, View, Zip
from evidence.peers.openpgp import Keys
from evidence.peers.proofmode import read_proofmode
from evidence.peers.signed import Given, read_signed
from evidence.peers.stamps import judge_stamp

STIR_SECONDS = 10.0


class PeerProofParser:
    """Judges one proof against one payload.

    Options: ``proof`` (path, or None for what is inside), ``tree``, ``expected``
    (fingerprints of OpenPGP keys), ``keys`` (public keys, base64).
    """

    name = "peer-proof"
    version = "2"

    def parse(self, job: Job) -> Iterator[Item]:
        """Yield findings as records, and the counts as the summary."""
        with open_payload(job) as stream:
            view: View = OneFile(stream, job.name)
            if job.options.get("tree"):
                view = Tree(stream)
            yield from self._parse(job.options, view)

    def _parse(self, options: Mapping[str, Json], view: View) -> Iterator[Item]:
        work = _Work(options.get("proof"), view, Given(options))
        yield from work.stirring()
        read, judged = work.result()
        kept: list[Json] = []
        for judgement in judged:
            for finding in judgement.findings[:MAX_LISTED]:
                yield Record({"kind": "peer-finding", **finding.fields()})
            kept.append(_public(judgement))
        sentences = [
            text for j in judged for text in (*j.reading.faults, *j.reading.limits)
        ]
        files: list[Json] = [one.fields() for one in read]
        public: dict[str, Json] = {"proofs": kept, "read": files}
        limits = tuple(dict.fromkeys(sentences))[:200]
        yield Summary(ParseOutcome.PARSED, public, limits)


@dataclass(frozen=True, slots=True)
class _File:
    """A file outside the exhibit that was read: the proof, its signature, a key."""

    name: str
    bytes: int
    sha256: str

    def fields(self) -> dict[str, Json]:
        return {"bytes": self.bytes, "name": self.name, "sha256": self.sha256}


_Done = tuple[list[_File], list[Judgement]]


class _Work:
    """The comparison in a thread, so that a long one can say that it goes on."""

    def __init__(self, proof: Json, view: View, given: Given) -> None:
        self._done: _Done | None = None
        self._failure: BaseException | None = None
        self._proof, self._view, self._given = proof, view, given
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        try:
            if isinstance(self._proof, str) and self._proof:
                self._done = _beside(Path(self._proof), self._view, self._given)
            else:
                self._done = [], Inside(self._view, self._given).judge()
        except BaseException as error:  # noqa: BLE001 - raised again by `result`
            self._failure = error

    def stirring(self) -> Iterator[Item]:
        """Yield a sign of life now and then: silence counts as hanging."""
        while self._thread.is_alive():
            self._thread.join(STIR_SECONDS)
            if self._thread.is_alive():
                yield Record({"kind": "peer-progress"})
                sys.stdout.flush()  # the frame must not wait in a buffer

    def result(self) -> _Done:
        """Return what was found, or raise what ended it."""
        if self._failure is not None:
            raise self._failure
        return self._done or ([], [])


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


# -- a proof beside the source -------------------------------------------------------


def _beside(path: Path, view: View, given: Given) -> _Done:
    """Return what was read, the proof first, and the judgement."""
    neighbours = _Neighbours(path.parent, path.name)
    with path.open("rb") as stream:
        head = stream.read(16)
        stream.seek(0)
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
        own = _File(path.name, os.fstat(stream.fileno()).st_size, digest)
        stream.seek(0)
        try:
            judged = _judge_file(stream, head, view, neighbours, given.keys())
        except FAILURES as error:
            judged = damaged(form_by(head, path.name), error)
    # A list is read again: what counts is what was compared.
    own = neighbours.read.pop(path.name, own)
    return [own, *neighbours.read.values()], [judged]


class _Neighbours:
    """The files beside a proof that belong to it: what signs it, and keys."""

    def __init__(self, folder: Path, proof: str) -> None:
        self._folder, self.proof = folder, proof
        self.read: dict[str, _File] = {}

    def fetch(self, name: str) -> bytes | None:
        """Return the bytes of a file; None when it is not there.

        Raises:
            ValueError: it is too long for a proof.
        """
        path = self._folder / name
        if not path.is_file():
            return None
        with path.open("rb") as stream:
            data = stream.read(MAX_PROOF_BYTES + 1)
        if len(data) > MAX_PROOF_BYTES:
            raise ValueError("it is too long")
        self.read[name] = _File(name, len(data), hashlib.sha256(data).hexdigest())
        return data


def _judge_file(
    stream: IO[bytes], head: bytes, view: View, near: _Neighbours, keys: Keys
) -> Judgement:
    name = near.proof
    form = form_by(head, name)
    if form is Form.EWF:
        return judge(_stored(stream), view)
    if form is Form.PROOFMODE:
        archive = Zip(stream)
        kind = form_of(archive)
        if kind is not Form.PROOFMODE:
            raise ValueError("no bundle that is read")
        reading = read_proofmode(archive, keys, view)
        # What the bundle says of its own copy is now asked of the exhibit.
        digests = {c.digest for c in reading.claims}
        reading.claims = [Claim("sha256", d, None) for d in sorted(digests)]
        reading.unlisted, reading.inside = [], False
        return _by_digest(reading, view)
    if form is Form.TIMESTAMP:
        return judge_stamp(near.fetch(name) or b"", name, view)
    reading = read_signed(name, near.fetch, keys)
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
