"""Errors of handing over: packages, offers and their answers."""

from __future__ import annotations

from manifests.errors import InputError, IntegrityError, StorageError, TrustError


class TransferUnsoundError(InputError):
    """What was given does not make an offer or an answer that can be recorded."""

    code = "TRANSFER_UNSOUND"
    exit_code = 34
    template = "This cannot be recorded: {reason}."
    safe = "Nothing was recorded and nothing left."
    advice = "See 'custody transfer --help'."


class TransferReportError(InputError):
    """A report cannot go along with an offer."""

    code = "TRANSFER_REPORT"
    exit_code = 34
    template = "The report cannot go along: {reason}."
    safe = "Nothing was recorded and nothing left."
    advice = (
        "Issue it first, with 'custody report --issue -o FILE', and name that file; "
        "what is encrypted goes with --sealed or --to-certificate."
    )


class AliasOtherKeyError(InputError):
    """An alias stood for another key in an earlier hand-over of the case."""

    code = "ALIAS_OTHER_KEY"
    exit_code = 34
    template = "{alias} stood for another key in entry {entry}."
    safe = "Nothing was recorded and nothing left."
    advice = "Compare the key with its holder; a new key gets a consent of its own."


class PackageMalformedError(IntegrityError):
    """A folder is no package, or one built to do harm."""

    code = "PACKAGE_MALFORMED"
    exit_code = 16
    template = "This is no package that can be taken: {reason}."
    safe = "Nothing of it was used and nothing was recorded."
    advice = "Ask for it again; decline it, or record what happened as 'informal'."


class PackageUnpackableError(InputError):
    """A file of the case cannot go into a package under its name."""

    code = "PACKAGE_UNPACKABLE"
    exit_code = 34
    template = "A package cannot hold {path}: {reason}."
    safe = "Nothing was recorded and nothing left."
    advice = "Look with 'custody verify' what it is; move it out of the case."


class PackageUnfinishedError(StorageError):
    """An offer was recorded, but its package could not be written."""

    code = "PACKAGE_UNFINISHED"
    exit_code = 49
    template = "Entry {entry} records an offer whose package is not whole: {reason}."
    safe = "The case is whole. What was written stays in a folder that ends in .part."
    advice = "Make room, or put the medium in again, and 'custody transfer continue'."


class NotContinuedError(InputError):
    """An offer's package cannot be finished, or made again."""

    code = "TRANSFER_NOT_CONTINUED"
    exit_code = 34
    template = "{number} is not continued: {reason}."
    safe = "Nothing was recorded; what an earlier try wrote is where it was."
    advice = "Offer again: it is a new entry, on a ground that holds now."


class PartUnknownError(InputError):
    """An unfinished package holds what no package of this offer has."""

    code = "PART_UNKNOWN"
    exit_code = 34
    template = "{path} is in the unfinished package and not of this offer."
    safe = "Nothing was changed or recorded."
    advice = "Look what it is; move the folder away, and all is copied anew."


class NotYourPackageError(TrustError):
    """A package was offered to another key, or by one that is not trusted."""

    code = "NOT_YOUR_PACKAGE"
    exit_code = 25
    template = "This package is not taken: {reason}."
    safe = "Nothing was recorded and nothing was imported."
    advice = (
        "Compare key ids with the sender on another way; letterheads prove nothing."
    )


class PlaintextRefusedError(InputError):
    """What came encrypted would stand in plaintext in the receiver's case."""

    code = "PLAINTEXT_REFUSED"
    exit_code = 32
    template = "{exhibit} came encrypted; this case would hold it in clear."
    safe = "Nothing was taken and nothing was recorded."
    advice = (
        "Take it into a case made with 'custody init --encrypt'; or give --in-clear, "
        "which the answer then says."
    )


class OfferAnsweredError(InputError):
    """The case has answered this offer before."""

    code = "OFFER_ANSWERED"
    exit_code = 38
    template = "Entry {entry} of this case answered this offer before ({result})."
    safe = "Nothing was recorded."
    advice = "Write the receipt again with 'custody transfer export'; or use --again."


class ReceiptRefusedError(TrustError):
    """A receipt does not hold, or not for an offer of this case."""

    code = "RECEIPT_REFUSED"
    exit_code = 26
    template = "This receipt is not taken: {reason}."
    safe = "Nothing was recorded; the receipt is where it was."
    advice = (
        "Look at it with 'custody verify RECEIPT'; ask its sender for the right one."
    )


class ReceiptKnownError(InputError):
    """The case holds this very answer already."""

    code = "RECEIPT_KNOWN"
    exit_code = 38
    template = "Entry {entry} of this case holds this very answer already."
    safe = "Nothing was recorded a second time."
    advice = "See 'custody transfer status'."


class TransferUnknownError(InputError):
    """The case has no such transfer."""

    code = "TRANSFER_UNKNOWN"
    exit_code = 37
    template = "The case has no transfer {number}."
    safe = "Nothing was written."
    advice = "List them with 'custody transfer status'."
