"""Errors of labels, corrections, decisions and statements."""

from __future__ import annotations

from manifests.errors import InputError, IntegrityError, TrustError


class DataFileError(InputError):
    """A file of codes or definitions cannot be used."""

    code = "DATA_FILE_REFUSED"
    exit_code = 32
    template = "{what} cannot be used: {reason}."
    safe = "Nothing was recorded."
    advice = "Compare it with the form in docs/spec/annotations-v1.md."


class LabelRefusedError(InputError):
    """A label cannot be given as asked."""

    code = "LABEL_REFUSED"
    exit_code = 35
    template = "The label cannot be given: {reason}."
    safe = "Nothing was recorded; the labels in force stay."
    advice = "List the codes with 'custody label sets'."


class CaseworkRefusedError(InputError):
    """A decision, statement, link or correction cannot be recorded as asked."""

    code = "CASEWORK_REFUSED"
    exit_code = 35
    template = "{what} cannot be recorded: {reason}."
    safe = "Nothing was recorded."
    advice = "Mend what the sentence names and run the command again."


class CaseworkUnknownError(InputError):
    """The case has nothing of that number."""

    code = "CASEWORK_UNKNOWN"
    exit_code = 37
    template = "The case has no {number}."
    safe = "Nothing was recorded."
    advice = "List what there is with 'custody log'."


class EndorsementRefusedError(TrustError):
    """A decision cannot be countersigned by this person."""

    code = "ENDORSEMENT_REFUSED"
    exit_code = 24
    template = "{number} cannot be countersigned: {reason}."
    safe = "No countersignature was recorded; the decision itself stays."
    advice = "Have another person whose key is in force in this case sign it."


class PassageChangedError(IntegrityError):
    """The bytes of a statement are not those that were recorded."""

    code = "PASSAGE_CHANGED"
    exit_code = 11
    template = "{number} is not what was recorded: {reason}."
    safe = "Nothing was recorded; nothing was changed."
    advice = "Run 'custody verify' for all findings; use another copy of the case."
