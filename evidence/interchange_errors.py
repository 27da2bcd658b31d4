"""Errors of what a case gives to others' programs and to a court."""

from __future__ import annotations

from manifests.errors import InputError, StorageError


class BundleUnfinishedError(StorageError):
    """A court bundle's disclosure was recorded, but the bundle was not written."""

    code = "BUNDLE_UNFINISHED"
    exit_code = 49
    template = "Entry {entry} records a court bundle that was not written: {reason}."
    safe = "The case is whole, and nothing of the bundle is left."
    advice = "Mend that and make the bundle again: it is a new entry."


class BundleRefusedError(InputError):
    """What was given for a court bundle does not suit it."""

    code = "BUNDLE_REFUSED"
    exit_code = 35
    template = "No court bundle can be made: {reason}."
    safe = "Nothing was recorded and nothing was written."
    advice = "Make the report with 'custody report' and name exhibits of the case."


class ListInClearError(InputError):
    """A list of what is inside an encrypted exhibit would leave in plaintext."""

    code = "LIST_IN_CLEAR"
    exit_code = 32
    template = "{exhibit} is encrypted, and this list would say what is inside it."
    safe = "Nothing was recorded and nothing was written."
    advice = (
        "Give --in-clear if it may stand in plaintext where you write it: the entry "
        "says so. 'custody disclose --no-payload --encrypt-to' gives it encrypted."
    )
