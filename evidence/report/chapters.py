"""The chapters of a report in the order they are printed, and references to them."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from evidence.report.i18n import N_, _

if TYPE_CHECKING:
    from evidence.report.model import Report


class Chapter(StrEnum):
    """Titles, in order: first what the record says, then how to read and check it."""

    SCOPE = N_("Scope and how to read this report")
    CASE = N_("Case and legal basis")
    PERSONS = N_("Persons and keys")
    EXHIBITS = N_("Exhibits")
    CUSTODY = N_("Chronological custody table")
    VERIFICATION = N_("Verification result")
    DEVIATIONS = N_("What was not acquired, deviations and errors")
    FACTS = N_("Facts")
    ASSESSMENTS = N_("Assessments")
    LABELS = N_("Labels and corrections")
    CASEWORK = N_("Decisions, interference and corroboration")
    LOSSES = N_("Presumed harm and proceeds")
    ACCESS = N_("Access")
    COMPARISON = N_("Comparison with laws and standards")
    HAND_CHECK = N_("How to check this by hand")
    WITHHELD = N_("What this variant of the report withholds")
    GLOSSARY = N_("Glossary")
    CERTIFICATION = N_("Certification")


def numbers(report: Report) -> dict[Chapter, int]:
    """Return the number of each chapter that `report` has, from 1."""
    there = [c for c in Chapter if c is not Chapter.COMPARISON or report.checks]
    return {chapter: number for number, chapter in enumerate(there, 1)}


def with_numbers(text: str, report: Report, **more: object) -> str:
    """Translate, and fill ``{facts}`` and the like with numbers of chapters."""
    found = {chapter.name.lower(): n for chapter, n in numbers(report).items()}
    return _(text).format_map({**found, **more})
