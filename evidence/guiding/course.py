"""A guided run as the entries of its case tell it: what was taken, answered, left.

Nothing is kept outside the manifest. A run is ``annotate`` entries with the fact
``kind`` ``guided``: ``start`` (the paths, sealed), one for each answer, ``done``.
Closed words are public; free words, paths and the code on the paper are sealed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from evidence.acquire import readable
from evidence.case import Case, CaseWriter
from evidence.consent.ledger import read_ledger
from evidence.consent.words import same_party
from manifests.canonical import Json
from manifests.entries import Entry, EntryType

KIND = "guided"
START, DONE = "start", "done"
GIVEN = "given"  # public in the place of free words


@dataclass(slots=True)
class Course:
    """One run.

    Attributes:
        number: of the run in its case, from 1.
        language: of the questions.
        sources: absolute paths asked for; what cannot be decoded is spelled out.
        exhibits: exhibit to its acquire entry's facts, in order.
        taken: sources in an exhibit of this run.
        refused: sources that could not be taken, with the error's code.
        answers: closed words by step; `SKIPPED` for skipped ones.
        words: free answers by step.
    """

    number: int
    language: str = "en"
    sources: list[str] = field(default_factory=list)
    exhibits: dict[str, Mapping[str, Json]] = field(default_factory=dict)
    taken: set[str] = field(default_factory=set)
    refused: dict[str, str] = field(default_factory=dict)
    answers: dict[str, str] = field(default_factory=dict)
    words: dict[str, str] = field(default_factory=dict)
    done: bool = False

    @property
    def left(self) -> list[str]:
        """Sources that are neither taken nor refused."""
        return [s for s in self.sources if s not in self.taken | self.refused.keys()]

    @property
    def alias(self) -> str:
        """What the person is called; "" when that was skipped."""
        return self.words.get("alias", "")


def newest_course(case: Case) -> Course | None:
    """Return the newest run of a case, None when there is none.

    Raises:
        CaseUnreadableError, MalformedError, SealedRecordError: it cannot be read.
    """
    course: Course | None = None
    count = 0
    for entry in case.entries():
        if entry.type == EntryType.ANNOTATE and entry.facts.get("kind") == KIND:
            if entry.facts.get("step") == START:
                count += 1
                course = _started(case, entry, count)
            elif course is not None:
                _take(course, case, entry)
        elif entry.type == EntryType.ACQUIRE and course is not None:
            _acquired(course, case, entry)
    return course


def _texts(value: Json) -> list[str]:
    members = value if isinstance(value, list) else []
    return [member for member in members if isinstance(member, str)]


def _started(case: Case, entry: Entry, number: int) -> Course:
    sealed = case.sealed(entry)
    language = str(sealed.get("language"))
    return Course(number, language, _texts(sealed.get("sources")))


def _take(course: Course, case: Case, entry: Entry) -> None:
    step, answer = entry.facts.get("step"), entry.facts.get("answer")
    if step == DONE:
        course.done = True
    elif step == "refused":
        source = case.sealed(entry).get("source")
        course.refused[str(source)] = str(entry.facts.get("code"))
    elif isinstance(step, str) and isinstance(answer, str):
        course.answers[step] = answer
        if answer == GIVEN:
            course.words[step] = str(case.sealed(entry).get("text"))


def _acquired(course: Course, case: Case, entry: Entry) -> None:
    """Take an exhibit of one source this run asked for."""
    if entry.facts.get("kind") == "document" or course.done:
        return
    found = set(_texts(case.sealed(entry).get("sources")))
    if found and found <= set(course.sources):
        course.taken |= found
        course.exhibits[entry.exhibits[0]] = entry.facts


def spelled(path: Path) -> str:
    """Return an absolute path as sealed records spell it."""
    return readable(str(path.absolute()))


def start(writer: CaseWriter, sources: list[Path], *, language: str) -> None:
    """Record that a run begins, before anything is read.

    Raises:
        StorageFailedError: it was not recorded.
    """
    _record(
        writer,
        {"files": len(sources), "step": START},
        {"language": language, "sources": [spelled(path) for path in sources]},
    )


def refuse(writer: CaseWriter, source: str, code: str) -> None:
    """Record that a source could not be taken; the path is sealed."""
    _record(writer, {"code": code, "step": "refused"}, {"source": source})


def answer(writer: CaseWriter, step: str, word: str) -> None:
    """Record a closed word, or that the step was skipped."""
    _record(writer, {"answer": word, "step": step}, None)


def answer_in_words(writer: CaseWriter, step: str, text: str) -> None:
    """Record a free answer; the words are sealed."""
    _record(writer, {"answer": GIVEN, "step": step}, {"text": text})


def finish(writer: CaseWriter, *, code: str, paper_sha256: str) -> None:
    """Record the end of the run; the code on the paper leads to a person: sealed."""
    facts: dict[str, Json] = {"step": DONE}
    _record(writer, facts, {"code": code, "paper_sha256": paper_sha256})


def _record(
    writer: CaseWriter, facts: dict[str, Json], private: dict[str, Json] | None
) -> None:
    writer.record(EntryType.ANNOTATE, facts={"kind": KIND, **facts}, private=private)


def next_aliases(case: Case, count: int = 2) -> list[str]:
    """Return the next neutral names nobody in the case has: A1, A2, ..."""
    ledger = read_ledger(case)
    used = {consent.subject for consent in ledger.consents.values()}
    used |= {consent.guardian for consent in ledger.consents.values()}
    used |= {deposit.subject for deposit in ledger.deposits.values()}
    used |= set(ledger.situation.no_contact)
    for entry in case.entries():
        if entry.facts.get("kind") == KIND and entry.facts.get("step") == "alias":
            used.add(str(case.sealed(entry).get("text")))
    found: list[str] = []
    number = 0
    while len(found) < count:
        number += 1
        alias = f"A{number}"
        if not any(same_party(alias, other) for other in used):
            found.append(alias)
    return found
