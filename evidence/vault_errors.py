"""Errors of encrypted cases (codes: `manifests.errors`)."""

from __future__ import annotations

from evidence.errors import UnsealableError
from manifests.errors import InputError, IntegrityError, KeyProblemError


class LockedError(UnsealableError, KeyProblemError):
    """Something is encrypted and no key was opened."""

    code = "LOCKED"
    exit_code = 57
    template = "The content of this case is encrypted and was not opened: {reason}."
    safe = "Nothing was changed; whatever needs no key works as before."
    advice = "Act as a custodian of the case (--as NAME) and give the passphrase."


class NotARecipientError(UnsealableError, KeyProblemError):
    """The age identity opens none of the keys of this case."""

    code = "NOT_A_RECIPIENT"
    exit_code = 58
    template = "{file} is not encrypted to the key of {name}."
    safe = "Nothing was changed."
    advice = (
        "See 'custody recipient list' who can open the case; one of them can add you."
    )


class KeyFileError(UnsealableError, KeyProblemError):
    """A file in ``keys/`` is missing, damaged, or holds the key of something else."""

    code = "KEY_FILE"
    exit_code = 59
    template = "{file} cannot be used: {reason}."
    safe = "Nothing was changed."
    advice = "Put the file back from a copy of the case; 'custody verify' tells more."


class CiphertextError(IntegrityError):
    """An age file is cut off, altered, or not one."""

    code = "CIPHERTEXT"
    exit_code = 10
    template = "{file} cannot be decrypted: {reason}."
    safe = "Nothing was changed; no part of it was taken for evidence."
    advice = "Run 'custody verify', and put the file back from a copy of the case."


class RecipientRefusedError(InputError):
    """A recipient cannot be added, removed or used."""

    code = "RECIPIENT_REFUSED"
    exit_code = 30
    template = "The recipient cannot be used: {reason}."
    safe = "Nothing was recorded."
    advice = "See 'custody recipient list'; an age recipient begins with age1."


class NotEncryptedError(InputError):
    """The case is not encrypted."""

    code = "NOT_ENCRYPTED"
    exit_code = 30
    template = "This case is not encrypted."
    safe = "Nothing was changed."
    advice = "Whether a case is encrypted is decided by 'custody init --encrypt'."


class AgeIdentityError(KeyProblemError):
    """A file does not hold an age identity that can be used."""

    code = "AGE_IDENTITY"
    exit_code = 56
    template = "The age identity {name} cannot be used: {reason}."
    safe = "Nothing was changed."
    advice = "It is a file with one line AGE-SECRET-KEY-1..., as age-keygen writes it."
