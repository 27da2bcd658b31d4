"""Errors of the register of persons and of the search for identifiers."""

from __future__ import annotations

from manifests.errors import CustodyError, InputError


class PersonUnknownError(InputError):
    """The register has no such person."""

    code = "PERSON_UNKNOWN"
    exit_code = 37
    template = "The register has no person {person}."
    safe = "Nothing was recorded."
    advice = "List the pseudonyms with 'custody person list'."


class PersonRefusedError(InputError):
    """What was given about a person cannot be recorded."""

    code = "PERSON_REFUSED"
    exit_code = 34
    template = "The person cannot be recorded so: {reason}."
    safe = "Nothing was recorded."
    advice = "See 'custody person add --help' for the fields and their form."


class JustificationMissingError(InputError):
    """Sealed content was asked for without saying why."""

    code = "JUSTIFICATION_MISSING"
    exit_code = 34
    template = "Nobody may look at this without a justification."
    safe = "Nothing was shown and nothing was recorded."
    advice = (
        "Say what for with --purpose WORD and why with --because TEXT "
        "(Directive (EU) 2016/680, Art. 25)."
    )


class IdentifierFoundError(InputError):
    """An identifier of a person stands in what is about to leave."""

    code = "IDENTIFIER_FOUND"
    exit_code = 34
    template = "{count} identifier(s) stand in {what}: {where}."
    safe = "It was not put in place; nothing left."
    advice = (
        "Take them out, or let it through with a reason that is recorded "
        "(--let-through REASON)."
    )


class LintIncompleteError(CustodyError):
    """What is about to leave could not be searched wholly."""

    code = "LINT_INCOMPLETE"
    exit_code = 3
    template = "{what} could not be searched wholly: {where}."
    safe = "It was not put in place; nothing left."
    advice = "Mend what could not be read, or let it through with --let-through REASON."


class FindingUnknownError(InputError):
    """A finding to be allowed was not found."""

    code = "FINDING_UNKNOWN"
    exit_code = 37
    template = "There is no finding {finding} in what was searched."
    safe = "Nothing was recorded."
    advice = "Take the number from the output of 'custody lint' on the same files."
