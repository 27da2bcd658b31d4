"""Catalogues of duties, and the table a case makes of one.

A catalogue is data: one `Duty` a row, with the article it comes from, the duty in one
plain sentence and a small predicate. A predicate looks at a `Dossier` and answers with
an outcome, why, and what proves it: numbers of entries, or axes of the verdict.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING

from manifests.verifying.verdict import Axis, Status

if TYPE_CHECKING:
    from evidence.conformity.dossier import Dossier

NO_ADVICE = (
    "This table compares what is recorded with what the articles named ask for. It is "
    "no legal advice, and it makes no statement on whether any evidence is to be "
    "admitted or what weight it has: that is for the court."
)

# Whoever can add a line nobody signed could else have it counted as proof.
_BROKEN = "The log does not verify (signed, consistent), so its entries prove nothing."


class Outcome(StrEnum):
    """What became of a row; "not shown" is neither good nor bad."""

    MET = "met"
    MISSING = "missing"
    NOT_APPLICABLE = "not applicable"
    NOT_SHOWN = "not shown"


@dataclass(frozen=True, slots=True)
class Answer:
    """What a predicate says.

    Attributes:
        why: one or two sentences without personal data.
        entries: sequence numbers of the entries that prove it, or that lack something.
        axes: axes of the verdict it rests on.
    """

    outcome: Outcome
    why: str
    entries: tuple[int, ...] = ()
    axes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Duty:
    """One row of a catalogue.

    Attributes:
        id: stable in its catalogue, e.g. ``13-1``.
        article: where the duty stands, e.g. ``Art. 13(1)``.
        text: the duty, one plain sentence.
        outside: it is fulfilled outside a case (by an organisation, a provider, a
            court), so that no case can show it.
    """

    id: str
    article: str
    text: str
    judge: Callable[[Dossier], Answer]
    outside: bool = False


@dataclass(frozen=True, slots=True)
class Catalogue:
    """The duties of one law or standard.

    Attributes:
        name: as on the command line.
        source: the law or standard, in full.
        note: what a reader of its table has to know.
    """

    name: str
    source: str
    note: str
    duties: tuple[Duty, ...]


@dataclass(frozen=True, slots=True)
class Line:
    """One row of a table."""

    duty: Duty
    answer: Answer

    @property
    def proof(self) -> str:
        """What it rests on, for people: entries as ranges, axes by name."""
        parts = []
        if self.answer.entries:
            noun = "entry" if len(self.answer.entries) == 1 else "entries"
            parts.append(f"{noun} {ranges(self.answer.entries)}")
        if self.answer.axes:
            parts.append(f"verify: {', '.join(self.answer.axes)}")
        return "; ".join(parts)


@dataclass(frozen=True, slots=True)
class Table:
    """A catalogue applied to a case at a time (UTC, as `clock.utc_text` writes it)."""

    catalogue: Catalogue
    at: str
    lines: tuple[Line, ...]

    @property
    def counts(self) -> dict[str, int]:
        """Outcomes to numbers, all four."""
        found = Counter(line.answer.outcome for line in self.lines)
        return {outcome.value: found[outcome] for outcome in Outcome}

    def lacks(self, *, strict: bool = False) -> tuple[Line, ...]:
        """Return the rows on which something is missing.

        Args:
            strict: also those a case could show, and this one does not.
        """
        return tuple(
            line
            for line in self.lines
            if line.answer.outcome is Outcome.MISSING
            or (
                strict
                and line.answer.outcome is Outcome.NOT_SHOWN
                and not line.duty.outside
            )
        )


def judge(catalogue: Catalogue, dossier: Dossier) -> Table:
    """Apply a catalogue to a case."""
    broken = any(
        dossier.verdict.axes[axis].status is Status.FAIL
        for axis in (Axis.SIGNED, Axis.CONSISTENT)
    )
    lines = []
    for duty in catalogue.duties:
        answer = duty.judge(dossier)
        if broken and answer.outcome is Outcome.MET:
            answer = replace(answer, outcome=Outcome.NOT_SHOWN, why=_BROKEN)
        lines.append(Line(duty, answer))
    return Table(catalogue, dossier.at, tuple(lines))


def ranges(numbers: tuple[int, ...], most: int = 12) -> str:
    """Return numbers as text, neighbours joined: ``1-3, 7``; a long tail counted."""
    spans: list[list[int]] = []
    for number in sorted(set(numbers)):
        if spans and number == spans[-1][1] + 1:
            spans[-1][1] = number
        else:
            spans.append([number, number])
    told = [str(a) if a == b else f"{a}-{b}" for a, b in spans[:most]]
    if len(spans) > most:
        told.append("and others")
    return ", ".join(told)
