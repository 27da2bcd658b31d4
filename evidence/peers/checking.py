"""Peers' proofs at an acquisition: where they are looked for, and what is recorded.

The comparison runs in a process of its own (`evidence.peers.parser`) over the staged
copy. Whatever it finds, the copy is acquired as it is; the entry says what was found.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from evidence.acquire import PAYLOAD_TAR, Method, Request, Work, readable
from evidence.copying import Written
from evidence.errors import SourceMissingError
from evidence.parsing.base import Job, Json, Record, Summary
from evidence.parsing.sandbox import parse
from evidence.peer_errors import PeerKeyError
from evidence.peers.claims import (
    ALGORITHMS,
    MAX_LISTED,
    MAX_PROOF_BYTES,
    Form,
    Note,
    Result,
    Signature,
)
from evidence.peers.judging import COUNTS
from evidence.peers.signed import ENDINGS, KEY_FILES, unsigned

AUTO = "auto"
_BESIDE = (
    *(".sha256", ".sha512", ".sha1", ".md5", ".sha256sum", ".sha512sum"),
    *(".sha1sum", ".md5sum", ".tsr", ".tst", ".hashdeep"),
)
_LISTS = ("SHA256SUMS", "SHA512SUMS", "SHA1SUMS", "MD5SUMS", "hashdeep.txt")
_MAX_PROOFS = 100  # in one exhibit


@dataclass(frozen=True, slots=True)
class Checked:
    """One proof's result, as the entry and the sealed record hold it.

    Attributes:
        path: the file beside the source; None for what the exhibit carries itself.
        keep: files to be kept as documents of the exhibit, with their SHA-256 as they
            were read: the proof, if it is small enough, what signs it, and keys.
    """

    path: Path | None
    public: dict[str, Json]
    sealed: dict[str, Json]
    keep: tuple[tuple[Path, str], ...] = ()

    @property
    def result(self) -> str:
        """The worst that was found."""
        return str(self.public["result"])


@dataclass(frozen=True, slots=True)
class Signer:
    """Whose OpenPGP keys should have signed the proofs, known from elsewhere.

    Attributes:
        expected: fingerprints of their primary keys, hex in lower case.
        keys: files with public keys.
    """

    expected: tuple[str, ...] = ()
    keys: tuple[bytes, ...] = ()

    @classmethod
    def read(cls, words: Sequence[str]) -> Signer:
        """Read fingerprints and files with public keys.

        Raises:
            PeerKeyError: one is neither.
        """
        from evidence.peers.openpgp import MAX_KEYS_BYTES, Keys, fingerprint_of

        expected: list[str] = []
        keys: list[bytes] = []
        for word in words:
            fingerprint = fingerprint_of(word)
            if fingerprint:
                expected.append(fingerprint)
                continue
            try:
                with Path(word).open("rb") as stream:
                    data = stream.read(MAX_KEYS_BYTES + 1)
            except (OSError, ValueError) as error:
                raise PeerKeyError(word=readable(word)) from error
            found = (made := Keys()).add(data)
            if made.refused or not found:
                raise PeerKeyError(word=readable(word))
            expected += sorted(found)
            keys.append(data)
        return cls(tuple(dict.fromkeys(expected)), tuple(keys))

    def options(self) -> dict[str, Json]:
        """As a parser's job holds them."""
        data: list[Json] = [base64.b64encode(key).decode() for key in self.keys]
        return {"expected": list[Json](self.expected), "keys": data}


@dataclass(slots=True)
class Peers:
    """The proofs asked for at one acquisition, and what became of them."""

    wanted: tuple[str, ...]
    signer: Signer = field(default_factory=Signer)
    checked: list[Checked] = field(default_factory=list)

    def around(self, method: Method) -> Method:
        """Return `method`, followed by the check of the staged copy."""

        def run(work: Work) -> Written:
            places = self.places(work.request)
            written = method(work)
            for place in places:
                self.checked += check(work, place, self.signer)
            work.more["peers"] = [one.public for one in self.checked]
            work.more_sealed["peers"] = [one.sealed for one in self.checked]
            return written

        return run

    def places(self, request: Request) -> list[Path | None]:
        """Return where proofs are: named files, or with ``auto`` what is found.

        Raises:
            SourceMissingError: a named file is not there.
        """
        found: list[Path | None] = []
        for word in self.wanted:
            if word == AUTO:
                found += [None, *beside(request.sources)]
                continue
            path = Path(word)
            if not path.is_file():
                raise SourceMissingError(path=word)
            found.append(path)
        return list(dict.fromkeys(found))

    @property
    def is_unsigned(self) -> bool:
        """Whether a signer was named, and no signature by it that holds was found."""
        note = Note.EXPECTED.value
        told = [one.public.get("notes") for one in self.checked]
        found = any(isinstance(notes, list) and note in notes for notes in told)
        return bool(self.signer.expected) and not found

    def count(self, *results: Result) -> int:
        """Return how many proofs had one of these results."""
        return sum(one.result in results for one in self.checked)


def beside(sources: Sequence[Path]) -> list[Path]:
    """Return the proofs that lie beside sources under their usual names."""
    found: list[Path] = []
    for source in sources:
        folder = source.absolute().parent
        names = [source.name + ending for ending in _BESIDE]
        for name in _LISTS:
            names += [name, name.lower(), f"{name}.txt", f"{name.lower()}.txt"]
        # Clear-signed lists; a signature beside its list is found with the list.
        here = {name for name in names if (folder / name).is_file()}
        names += [f"{name}.asc" for name in names if name not in here]
        own = {path.name for path in sources}
        found += [
            folder / name
            for name in names
            if name not in own and (folder / name).is_file()
        ]
    return list(dict.fromkeys(found))


def check(
    work: Work, proof: Path | None, signer: Signer | None = None
) -> list[Checked]:
    """Have one place's proofs compared with the staged copy."""
    options: dict[str, Json] = {
        "proof": str(proof.absolute()) if proof else None,
        **(signer or Signer()).options(),
        "tree": work.payload_name.startswith(PAYLOAD_TAR),
    }
    sealed = work.key.reading(work.payload) if work.key is not None else None
    name = work.request.sources[0].name
    job = Job(str(work.payload), name, options=options, sealed=sealed)
    findings: list[Json] = []
    summary: Summary | None = None
    for item in parse("peer-proof", job):
        if isinstance(item, Record):
            told = item.fields.get("kind") == "peer-finding"
            if told and len(findings) < MAX_LISTED:
                findings.append(_finding(item.fields))
        elif isinstance(item, Summary):
            summary = item
    return _read(proof, findings, summary)


def _finding(fields: Mapping[str, Json]) -> Json:
    return {name: str(fields.get(name, "")) for name in ("word", "path", "detail")}


def _read(
    proof: Path | None, findings: list[Json], summary: Summary | None
) -> list[Checked]:
    """Take what the process said, word by word: it read hostile input."""
    public = summary.public if summary else {}
    proofs = public.get("proofs")
    limits: list[Json] = list(summary.limits) if summary else []
    read = _files(proof, public.get("read"))
    digest, size = (read[0][1], read[0][2]) if read else ("", 0)
    place = "beside" if proof else "inside"
    if not isinstance(proofs, list):
        # Killed, out of memory or time: nothing was found, nothing is held against it.
        failed: dict[str, Json] = {"result": "incomplete", "signature": "not-checked"}
        proofs = [{**failed, "form": "unknown", "notes": [Note.NOT_COMPARED.value]}]
    sealed: dict[str, Json] = {
        "bytes": size,
        "findings": findings,
        "name": readable(str(proof)) if proof else "",
        "sentences": limits,
        "sha256": digest,
    }
    if len(proofs) > _MAX_PROOFS:
        limits.append(f"{len(proofs)} proofs were found; the worst are recorded.")
        order = [one.value for one in Result]
        proofs = sorted(proofs, key=lambda one: order.index(str(_clean(one)["result"])))
    return [
        Checked(
            proof,
            {**_clean(one), "place": place},
            sealed if not index else {"name": sealed["name"]},
            tuple((p, sha) for p, sha, n in read if 0 < n <= MAX_PROOF_BYTES),
        )
        for index, one in enumerate(proofs[:_MAX_PROOFS])
    ]


def _files(proof: Path | None, told: Json) -> list[tuple[Path, str, int]]:
    """Return path, SHA-256 and size of what was read beside the source, proof first."""
    if proof is None or not isinstance(told, list):
        return []
    stem = unsigned(proof.name)
    allowed = {proof.name, stem, *KEY_FILES, *(proof.name + end for end in ENDINGS)}
    return [
        (proof.parent / str(one["name"]), str(one.get("sha256")), _count(one["bytes"]))
        for one in told
        if isinstance(one, dict) and one.get("name") in allowed and "bytes" in one
    ]


def _clean(told: Json) -> dict[str, Json]:
    """Return the facts of one proof in closed words and counts only."""
    one = told if isinstance(told, dict) else {}
    counts = one.get("counts")
    counted = counts if isinstance(counts, dict) else {}
    return {
        "algorithms": _words(one.get("algorithms"), ALGORITHMS),
        "counts": {w: _count(counted.get(w)) for w in COUNTS if counted.get(w)},
        "faults": _count(one.get("faults")),
        "form": _word(one.get("form"), Form, Form.UNKNOWN),
        "notes": _words(one.get("notes"), [note.value for note in Note]),
        "result": _word(one.get("result"), Result, Result.UNREADABLE),
        "signature": _word(one.get("signature"), Signature, Signature.NOT_CHECKED),
    }


def _count(value: Json) -> int:
    whole = isinstance(value, int) and not isinstance(value, bool)
    return min(max(int(str(value)), 0), 2**52) if whole else 0


def _word(value: Json, kind: type[Form | Result | Signature], other: str) -> str:
    return str(value) if value in [one.value for one in kind] else other


def _words(value: Json, known: Sequence[str] | Mapping[str, bool]) -> list[Json]:
    found = value if isinstance(value, list) else []
    return [word for word in sorted({str(v) for v in found}) if word in known]
