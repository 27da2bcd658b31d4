"""Error families, their stable codes and exit codes.

Every error a user can meet is a class here or in a module ``evidence.*errors``. A class
carries:

* ``code``      - stable, never re-used, printed in brackets and in ``--json``;
* ``exit_code`` - of the process (DESIGN 7: 10-19 integrity, 20-29 trust, 30-39 input,
  40-49 storage, 50-59 keys);
* ``template``  - what happened, filled from the facts;
* ``safe``      - what is safe now;
* ``advice``    - what to do.

Facts may hold text from evidence: whoever prints an error escapes it first
(`evidence.visible`).
"""

from __future__ import annotations

from typing import ClassVar

Fact = str | int | bool | None


class CustodyError(Exception):
    """Root of all errors this project raises on purpose.

    Args:
        facts: values of the template's fields; kept as attributes for ``--json``.

    Attributes:
        done: what the same command had finished before, as a sentence, or empty;
            whoever prints `safe` prints this first.
    """

    done: str = ""

    code: ClassVar[str] = "UNEXPECTED"
    exit_code: ClassVar[int] = 1
    template: ClassVar[str] = "Something unexpected happened: {reason}."
    safe: ClassVar[str] = "Nothing that was recorded before is affected."
    advice: ClassVar[str] = "Report this with the code and the command used."

    def __init__(self, **facts: Fact) -> None:
        self.facts = facts
        super().__init__(self.template.format(**facts))

    @property
    def what(self) -> str:
        """One sentence that says what happened (unescaped)."""
        return self.template.format(**self.facts)


class IntegrityError(CustodyError):
    """Bytes, order or completeness of the record are not what they must be (10-19)."""

    exit_code = 10


class TrustError(CustodyError):
    """A signature, key, time or anchor does not hold (20-29)."""

    exit_code = 20


class InputError(CustodyError):
    """A source, file or argument cannot be used as asked (30-39)."""

    exit_code = 30


class StorageError(CustodyError):
    """The case folder, lock, space or file system stopped the work (40-49)."""

    exit_code = 40


class KeyProblemError(CustodyError):
    """A private key or its passphrase cannot be used (50-59)."""

    exit_code = 50


class MalformedError(InputError):
    """A signed or stored structure does not have its prescribed form."""

    code = "MALFORMED"
    exit_code = 31
    template = "{what} is not well formed: {reason}."
    safe = "Nothing was changed."
    advice = "Compare the file with the one the sender holds."


class ProofTooLargeError(InputError):
    """A proof would be, or is, longer than the format allows."""

    code = "PROOF_TOO_LARGE"
    exit_code = 31
    template = "The proof is too large: {reason}."
    safe = "Nothing was changed."
    advice = "Make a proof with fewer records."


class NewerFormatError(InputError):
    """The case was written by a newer version of the format."""

    code = "FORMAT_NEWER"
    exit_code = 32
    template = "{what} uses format version {found}; this tool knows up to {known}."
    safe = "Nothing was changed."
    advice = "Install a newer release of custody and run the command again."


class BrokenManifestError(IntegrityError):
    """The manifest cannot be continued because it does not verify."""

    code = "MANIFEST_BROKEN"
    exit_code = 12
    template = "The manifest does not verify at entry {entry}: {reason}."
    safe = "Nothing was written; the exhibits were not touched."
    advice = "Run 'custody verify' for all findings and compare with another copy."


class KeyNotInForceError(TrustError):
    """A key may not do an act in this case, now."""

    code = "KEY_NOT_IN_FORCE"
    exit_code = 24
    template = "Key {key} may not do this in the case: {reason}."
    safe = "Nothing was recorded."
    advice = "See 'custody key list'; let somebody act whose key is in force."


class SignatureLibraryError(TrustError):
    """The library that checks signatures is not there, or not the one it must be."""

    code = "SIGNATURE_LIBRARY"
    exit_code = 29
    template = "Signatures cannot be checked with this installation: {reason}."
    safe = "Nothing was verified and nothing was changed."
    advice = (
        "Install custody again, with the locked version of PyNaCl (libsodium), and run "
        "'custody selftest'."
    )


class CaseLockedError(StorageError):
    """Another process is writing to the case."""

    code = "CASE_LOCKED"
    exit_code = 41
    template = "The case is being written by {owner}."
    safe = "Nothing was changed by this command."
    advice = "Wait until the other command ends, then run this one again."


class StorageFailedError(StorageError):
    """The operating system refused to store something."""

    code = "STORAGE_FAILED"
    exit_code = 42
    template = "{what} could not be stored: {reason}."
    safe = "Everything recorded before is safe; this act was not recorded."
    advice = "Check the disk and its free space, then run the command again."


class RecordUnclearError(StorageFailedError):
    """Storing an entry failed, and so did undoing the attempt."""

    code = "RECORD_UNCLEAR"
    exit_code = 42
    template = "{what} could not be stored, nor cut back to what it held: {reason}."
    safe = "Everything recorded before is safe; this act may or may not be recorded."
    advice = "Check the disk, run 'custody recover', then look at 'custody log'."


class CheckpointMissingError(StorageFailedError):
    """The entries are recorded; only the checkpoint over them was refused."""

    code = "CHECKPOINT_MISSING"
    exit_code = 46
    template = "The act is recorded, but not its checkpoint: {reason}."
    safe = "Everything is recorded, this act included: do not repeat it."
    advice = "Free some space or check the disk, then run 'custody recover'."


class NoSpaceError(StorageFailedError):
    """The disk that holds the case is full."""

    code = "NO_SPACE"
    exit_code = 43
    template = "The disk is full: {what} could not be stored."
    advice = "Free some space or move the case to a larger disk, then run it again."
