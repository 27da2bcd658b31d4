"""Errors of the guided command."""

from __future__ import annotations

from manifests.errors import InputError


class AnswersRefusedError(InputError):
    """A file with answers is not of its form."""

    code = "ANSWERS_REFUSED"
    exit_code = 30
    template = "The file with answers cannot be used: {reason}."
    safe = "Nothing was acquired and nothing was asked."
    advice = "See 'custody preserve --answers-template' for its form."


class NothingToContinueError(InputError):
    """The case holds no guided run that was interrupted."""

    code = "NOTHING_TO_CONTINUE"
    exit_code = 37
    template = "There is no interrupted 'custody preserve' in this case."
    safe = "Nothing was changed."
    advice = "Give the files: custody -C CASE preserve FILE..."
