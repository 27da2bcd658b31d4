"""Comparing what a proof says with the acquired bytes."""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from dataclasses import dataclass, field

from evidence.peers.claims import (
    ALGORITHMS,
    Claim,
    Finding,
    Note,
    Reading,
    Result,
    Signature,
)
from evidence.peers.members import Digests, View

COUNTS = ("matched", "mismatched", "missing", "elsewhere", "unlisted", "unchecked")


@dataclass(slots=True)
class Judgement:
    """What a proof and the acquired bytes say together; numbers count claims' files."""

    reading: Reading
    counts: dict[str, int] = field(default_factory=lambda: dict.fromkeys(COUNTS, 0))
    findings: list[Finding] = field(default_factory=list)
    algorithms: set[str] = field(default_factory=set)

    def found(self, word: str, path: str, detail: str) -> None:
        """Count and list one finding."""
        self.counts[word] += 1
        self.findings.append(Finding(word, path, detail))

    @property
    def result(self) -> Result:
        """The worst of what was found."""
        reading, counts = self.reading, self.counts
        bad = reading.signature is Signature.INVALID
        if counts["mismatched"] or reading.faults or counts["unlisted"] or bad:
            return Result.UNREADABLE if reading.damaged else Result.MISMATCHED
        if reading.damaged:
            return Result.UNREADABLE
        if reading.unread or reading.short or counts["missing"] or counts["unchecked"]:
            return Result.INCOMPLETE
        return Result.MATCHED if counts["matched"] else Result.ELSEWHERE


def judge(reading: Reading, view: View) -> Judgement:
    """Compare every claim; each file is read once."""
    judgement = Judgement(reading)
    index = _Index(view)
    by_file: dict[str, list[Claim]] = defaultdict(list)
    for claim in reading.claims:
        names = index.find(claim)
        if len(names) > 1:
            reading.notes.add(Note.AMBIGUOUS)
            detail = "several files of the exhibit could be meant"
            judgement.found("unchecked", claim.path or "", detail)
        elif names:
            by_file[names[0]].append(claim)
        else:
            _absent(claim, index, judgement)
    digests = Digests(view)
    for name, claims in by_file.items():
        _compare(name, claims, view, digests, judgement)
    if not view.tree and not by_file and reading.claims:
        _by_content(reading, view, digests, judgement)
    for path in reading.unlisted:
        judgement.found("unlisted", path, "the proof must list it and does not")
    if reading.unread:
        reading.notes.add(Note.LINES)
    used = judgement.algorithms
    if judgement.counts["matched"] and not any(ALGORITHMS[a] for a in used):
        reading.notes.add(Note.WEAK)
    return judgement


def _compare(
    name: str, claims: list[Claim], view: View, digests: Digests, into: Judgement
) -> None:
    try:
        own = digests.of(name, {claim.algorithm for claim in claims})
        size = view.size(name)
    except (OSError, ValueError, EOFError, RuntimeError) as error:
        into.found("unchecked", name, f"it cannot be read ({type(error).__name__})")
        return
    by_path: dict[str, list[Claim]] = defaultdict(list)
    for claim in claims:
        by_path[claim.path or ""].append(claim)
    wrong = {path: _wrong(said, own, size) for path, said in by_path.items()}
    fitting = [path for path, problems in wrong.items() if not problems]
    if not fitting:
        told = dict.fromkeys(p for problems in wrong.values() for p in problems)
        into.found("mismatched", name, "; ".join(told))
        return
    # Lists of whole devices hold the same name in other folders: those are others.
    into.counts["elsewhere"] += len(wrong) - len(fitting)
    into.counts["matched"] += 1
    into.algorithms.update(own)


def _wrong(claims: list[Claim], own: dict[str, str], size: int) -> list[str]:
    found = [
        f"{c.algorithm} {own[c.algorithm]}, the proof says {c.digest}"
        for c in claims
        if own[c.algorithm] != c.digest
    ]
    found += [
        f"{size} bytes, the proof says {c.bytes}"
        for c in claims
        if c.bytes is not None and c.bytes != size
    ]
    return found


def _absent(claim: Claim, index: _Index, into: Judgement) -> None:
    path = claim.path or ""
    if index.is_beyond(claim, inside=into.reading.inside):
        into.counts["elsewhere"] += 1
        return
    into.found("missing", path, "the proof lists it; it is not in the exhibit")


def _by_content(reading: Reading, view: View, own: Digests, into: Judgement) -> None:
    """A file may have been renamed since: look for it by its digest."""
    name = view.names()[0]
    made = own.of(name, {c.algorithm for c in reading.claims})
    fitting = [c for c in reading.claims if made[c.algorithm] == c.digest]
    if fitting:
        reading.notes.add(Note.RENAMED)
        into.counts["matched"] += 1
        into.counts["elsewhere"] -= min(into.counts["elsewhere"], len(fitting))
        into.algorithms.update(c.algorithm for c in fitting)
        into.findings.append(
            Finding("renamed", fitting[0].path or "", "the exhibit bears another name")
        )


class _Index:
    """Finds the file a claim's path means, whatever folder the list was made in."""

    def __init__(self, view: View) -> None:
        self._view = view
        self._names = view.names()
        self._whole = set(self._names)
        self._by_base: dict[str, list[tuple[str, ...]]] = defaultdict(list)
        self._tops: set[str] = set()
        for name in self._names:
            parts = tuple(name.split("/"))
            self._tops.add(parts[0])
            self._by_base[_normal(parts[-1])].append(parts)

    def find(self, claim: Claim) -> list[str]:
        """Return the names that can be meant: none, one, or several."""
        if claim.path is None:
            return self._names if not self._view.tree else []
        parts = path_parts(claim.path)
        if ".." in parts or not parts:
            return []
        exact = claim.base + "/".join(parts)
        if exact in self._whole:
            return [exact]
        if claim.base:
            # In a folder's own list a path means this file and no other.
            return [
                "/".join(p)
                for p in self._by_base.get(_normal(parts[-1]), [])
                if _normal("/".join(p)) == _normal(exact)
            ]
        best: dict[int, list[str]] = defaultdict(list)
        for own in self._by_base.get(_normal(parts[-1]), []):
            length = _common_end(own, parts)
            if length == min(len(own), len(parts)):
                best[length].append("/".join(own))
        return best[max(best)] if best else []

    def is_beyond(self, claim: Claim, *, inside: bool) -> bool:
        """Tell whether a path lies outside what was acquired."""
        if not self._view.tree:
            return True
        if inside or claim.base:
            return False
        return not self._tops & set(path_parts(claim.path or ""))


def path_parts(path: str) -> tuple[str, ...]:
    """Split a path as any system writes it, without "." and drive."""
    if "\\" in path and "/" not in path:
        path = path.replace("\\", "/")
    return tuple(part for part in path.split("/") if part not in ("", "."))


def _normal(text: str) -> str:
    return unicodedata.normalize("NFC", text)


def _common_end(one: tuple[str, ...], other: tuple[str, ...]) -> int:
    count = 0
    for a, b in zip(reversed(one), reversed(other), strict=False):
        if _normal(a) != _normal(b):
            break
        count += 1
    return count
