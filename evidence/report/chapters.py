"""The chapters of a report in the order they are printed, and references to them."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from evidence.report.model import Report


class Chapter(StrEnum):
    """Titles, in order: first what the record says, then how to read and check it."""

    SCOPE = "Scope and how to read this report"
    CASE = "Case and legal basis"
    PERSONS = "Persons and keys"
    EXHIBITS = "Exhibits"
    CUSTODY = "Chronological custody table"
    VERIFICATION = "Verification result"
    DEVIATIONS = "What was not acquired, deviations and errors"
    FACTS = "Facts"
    ASSESSMENTS = "Assessments"
    LABELS = "Labels and corrections"
    CASEWORK = "Decisions, interference and corroboration"
    LOSSES = "Presumed harm and proceeds"
    ACCESS = "Access"
    COMPARISON = "Comparison with laws and standards"
    HAND_CHECK = "How to check this by hand"
    WITHHELD = "What this variant of the report withholds"
    GLOSSARY = "Glossary"
    CERTIFICATION = "Certification"


def numbers(report: Report) -> dict[Chapter, int]:
    """Return the number of each chapter that `report` has, from 1."""
    there = [c for c in Chapter if c is not Chapter.COMPARISON or report.checks]
    return {chapter: number for number, chapter in enumerate(there, 1)}


def with_numbers(text: str, report: Report) -> str:
    """Fill ``{facts}`` and the like with the number of `Chapter.FACTS`."""
    found = {chapter.name.lower(): n for chapter, n in numbers(report).items()}
    return text.format_map(found)
