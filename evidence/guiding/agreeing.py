"""From the answers of a run to a recorded consent, or to none.

What is recorded is never more than was said: keeping only, these exhibits only. Without
an agreement the case stands on the organisation's own initiative, which lets nothing
out.
"""

from __future__ import annotations

from evidence.case import CaseWriter
from evidence.consent.ledger import read_ledger
from evidence.consent.recording import Wish, add_consent
from evidence.consent.texts import consent_text
from evidence.consent.words import Age, Giver
from evidence.guiding.course import Course, next_aliases

PRESERVATION_ONLY = "preservation-only"


def is_agreed(course: Course) -> bool:
    """Tell whether the answers are an agreement that may be recorded.

    A minor, or whose age is unknown, needs an adult who certainly gains nothing.
    """
    answers = course.answers
    if answers.get("age") == Age.ADULT:
        return answers.get("consent") == "agreed"
    safe = answers.get("conflict") == "none"
    return answers.get("guardian") == "agreed" and safe


def is_refused(course: Course) -> bool:
    """Tell whether the person, or who speaks for them, said no."""
    return "refused" in (course.answers.get("consent"), course.answers.get("guardian"))


def basis_word(course: Course) -> str:
    """Return on what keeping stands, as a closed word."""
    if is_agreed(course):
        return "consent"
    given = course.answers.get("basis", "")
    return given if given in ("vital-interests", "legal-claims") else PRESERVATION_ONLY


def settle(writer: CaseWriter, course: Course) -> str:
    """Record the consent the answers tell of, once; return its number or "".

    Raises:
        ConsentUnsoundError, GuardianConflictError, ...: as `add_consent`.
    """
    if not is_agreed(course) or not course.exhibits:
        return ""
    exhibits = tuple(course.exhibits)
    ledger = read_ledger(writer.case)
    for number, consent in ledger.consents.items():
        if consent.covered.exhibits == exhibits:
            return number  # recorded by a run that was interrupted later
    fresh = next_aliases(writer.case)
    subject = course.alias or fresh[0]
    adult = course.answers.get("age") == Age.ADULT
    minor = course.answers.get("age") == Age.MINOR
    guardian = next(alias for alias in fresh if alias != subject)
    language = paper_language(course)
    text = consent_text(language, minor=not adult).text
    wish = Wish(
        subject=subject,
        levels=("preserve-only",),
        purposes=(),
        recipients=(),
        language=language,
        wording=text.encode(),  # shipped with the tool: in no file on the way
        given_by=Giver.SELF if adult else Giver.GUARDIAN,
        age=Age.ADULT if adult else Age.MINOR if minor else Age.UNKNOWN,
        exhibits=exhibits,
        guardian="" if adult else guardian,
        guardian_conflict="" if adult else "none",
    )
    entry = add_consent(writer, wish)
    return str(entry.facts["number"])


def paper_language(course: Course) -> str:
    """Return the language of what the person gets."""
    chosen = course.answers.get("paper", "")
    return chosen if len(chosen) == 2 else course.language
