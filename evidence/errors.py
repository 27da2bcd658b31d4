"""Errors of acquiring, cases, proofs and reports (codes: see `manifests.errors`)."""

from __future__ import annotations

from manifests.errors import (
    CustodyError,
    InputError,
    IntegrityError,
    StorageError,
    TrustError,
)


class SourceMissingError(InputError):
    """A path given as source does not exist."""

    code = "SOURCE_MISSING"
    exit_code = 33
    template = "There is nothing at {path}."
    safe = "Nothing was taken from it, and nothing was changed."
    advice = "Check the path and run the command again."


class SourceUnsuitableError(InputError):
    """A source is of a kind the command does not take."""

    code = "SOURCE_UNSUITABLE"
    exit_code = 35
    template = "{path} cannot be acquired this way: {reason}."
    safe = "Nothing of it was acquired; the source was not changed."
    advice = "Use the command that fits, for example 'custody acquire files'."


class SourceInsideCaseError(InputError):
    """The source lies inside the case that would receive it."""

    code = "SOURCE_INSIDE_CASE"
    exit_code = 36
    template = "{path} lies inside the case folder itself."
    safe = "Nothing of it was acquired."
    advice = "Choose a source outside the case."


class PayloadTouchedError(IntegrityError):
    """A parser's process wrote to the staged copy it should only read."""

    code = "PAYLOAD_TOUCHED"
    exit_code = 14
    template = "The copy was written to while the parser {parser} read it."
    safe = "Nothing was recorded; the copy was removed and the source is unchanged."
    advice = "Take the source with 'custody acquire files' and report this."


class ExhibitUnknownError(InputError):
    """The case has no such exhibit."""

    code = "EXHIBIT_UNKNOWN"
    exit_code = 37
    template = "The case has no exhibit {exhibit}."
    advice = "List the exhibits with 'custody log'."


class RecordUnknownError(InputError):
    """An inventory has no such record."""

    code = "RECORD_UNKNOWN"
    exit_code = 37
    template = "The inventory of {exhibit} has no record {record}."
    safe = "Nothing was written."
    advice = "Records are numbered from 1; see 'custody show EX-0001 --sealed'."


class CheckpointUnknownError(InputError):
    """The case has no checkpoint of that size."""

    code = "CHECKPOINT_UNKNOWN"
    exit_code = 37
    template = "The case has no checkpoint over {size} entries."
    safe = "Nothing was written."
    advice = "See the file names in the case's folder manifest/checkpoints."


class RehashRefusedError(IntegrityError):
    """A case that does not verify gets no second digests."""

    code = "REHASH_REFUSED"
    exit_code = 17
    template = "The digests of this case are not renewed: {reason}."
    safe = "No renewal was recorded; the exhibits were not touched."
    advice = "Run 'custody verify' for all findings and compare with another copy."


class ProofImpossibleError(IntegrityError):
    """The case does not hold what a proof of an exhibit needs."""

    code = "PROOF_IMPOSSIBLE"
    exit_code = 12
    template = "No proof of {exhibit} can be made: {reason}."
    safe = "Nothing was written."
    advice = "Run 'custody verify' for all findings; 'custody recover' tidies."


class OutputExistsError(InputError):
    """A file that would be written exists already."""

    code = "OUTPUT_EXISTS"
    exit_code = 38
    template = "{path} exists already and is not overwritten."
    safe = "Nothing was changed."
    advice = "Choose another name."


class OutputBusyError(StorageError):
    """Another process is writing the same thing."""

    code = "OUTPUT_BUSY"
    exit_code = 41
    template = "Another process is writing {path}."
    safe = "Nothing was changed."
    advice = "Wait until it has ended, or stop it first."


class OutputForbiddenError(InputError):
    """A file would be written to a place that holds evidence."""

    code = "OUTPUT_FORBIDDEN"
    exit_code = 38
    template = "{path} is in a part of the case that holds evidence."
    safe = "Nothing was changed."
    advice = "Write it outside the case or into its 'reports' folder."


class TimezoneUnknownError(InputError):
    """A time zone name is not in the IANA database."""

    code = "TIMEZONE_UNKNOWN"
    exit_code = 30
    template = "{name} is not a time zone of the IANA database."
    safe = "Nothing was acquired."
    advice = "Use a name such as Europe/Rome."


class NotACaseError(InputError):
    """The folder is not a case."""

    code = "NOT_A_CASE"
    exit_code = 39
    template = "{path} is not a case folder: {reason}."
    safe = "Nothing was changed."
    advice = "Name the case with -C CASE, or make one with 'custody init CASE'."


class FolderNotEmptyError(StorageError):
    """A new case or demo would be mixed with other files."""

    code = "FOLDER_NOT_EMPTY"
    exit_code = 44
    template = "{path} exists and is not empty."
    safe = "Nothing was changed."
    advice = "Choose a new folder."


class CaseUnreadableError(StorageError):
    """A file of the case cannot be read."""

    code = "CASE_UNREADABLE"
    exit_code = 45
    template = "{what} of the case cannot be read: {reason}."
    safe = "Nothing was changed."
    advice = "Check the medium and its permissions; use another copy of the case."


class UnsealableError(CustodyError):
    """Something sealed cannot be read; each reason has its class and family."""


class SealedRecordError(UnsealableError, IntegrityError):
    """A sealed record is missing or is not the one committed to."""

    code = "SEALED_RECORD"
    exit_code = 13
    template = "The sealed record of entry {entry} cannot be used: {reason}."
    safe = "Nothing was changed."
    advice = "Run 'custody verify' for all findings."


class SignerNotAllowedError(TrustError):
    """The identity may not sign in this case."""

    code = "SIGNER_NOT_ALLOWED"
    exit_code = 24
    template = "The key {key} may not sign in this case."
    safe = "Nothing was recorded."
    advice = "Choose an identity whose key is in force there with --as NAME."


class SelfTestFailedError(IntegrityError):
    """The tool's own check found something wrong."""

    code = "SELFTEST_FAILED"
    exit_code = 15
    template = "The self-test failed: {count} check(s) gave a wrong answer."
    safe = "No exhibit was touched; what was recorded before is not affected."
    advice = "Do not acquire with this installation; install it again and repeat."
