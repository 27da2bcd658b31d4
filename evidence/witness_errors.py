"""Errors of witnesses and of remembered heads (codes: see `manifests.errors`)."""

from __future__ import annotations

from manifests.errors import (
    InputError,
    IntegrityError,
    KeyProblemError,
    StorageError,
    StorageFailedError,
    TrustError,
)


class HeadsUnreadableError(StorageError):
    """What this machine remembers of a log's head cannot be used."""

    code = "HEADS_UNREADABLE"
    exit_code = 47
    template = "The remembered head {path} cannot be used: {reason}."
    safe = "Nothing was changed."
    advice = "Ask who changed it; move it away only when you know. See the how-to."


class HeadNotRememberedError(StorageFailedError):
    """The entries are recorded; only this machine's memory of the head was refused."""

    code = "HEAD_NOT_REMEMBERED"
    exit_code = 48
    template = "The act is recorded, but its head was not remembered: {reason}."
    safe = "Everything is recorded, this act included: do not repeat it."
    advice = "Check the disk that holds your keys, then run 'custody recover'."


class NotRestoredError(InputError):
    """A restore was claimed of a case that holds all this machine knows of."""

    code = "NOT_RESTORED"
    exit_code = 30
    template = "The case holds everything this machine has vouched for."
    safe = "Nothing was recorded."
    advice = "Leave out --restored."


class WitnessBusyError(StorageError):
    """Another process is cosigning with the same memory."""

    code = "WITNESS_BUSY"
    exit_code = 41
    template = "Another command is cosigning: {owner}."
    safe = "Nothing was cosigned."
    advice = "Wait until the other command ends, then run this one again."


class WitnessStateError(StorageError):
    """A witness's own memory of a log cannot be used; it never starts anew itself."""

    code = "WITNESS_STATE"
    exit_code = 47
    template = "This witness's memory {path} cannot be used: {reason}."
    safe = "Nothing was cosigned."
    advice = "Restore it from your backup. Do not delete it: a fork could hide."


class WitnessKeyRefusedError(KeyProblemError):
    """An identity cannot be a witness, or not under that name."""

    code = "WITNESS_KEY_REFUSED"
    exit_code = 50
    template = "This identity cannot witness so: {reason}."
    safe = "Nothing was cosigned."
    advice = "Use an Ed25519 identity, and always the same witness name with it."


class WitnessLogUnknownError(TrustError):
    """The witness was never told whose key signs this log."""

    code = "WITNESS_LOG_UNKNOWN"
    exit_code = 21
    template = "The log {origin} is new here, and nobody said whose key signs it."
    safe = "Nothing was cosigned."
    advice = "Get the key from the person and give it: --log IDENTITY.json or VKEY."


class WitnessLogSignatureError(TrustError):
    """No key accepted for the log signed the checkpoint."""

    code = "WITNESS_LOG_SIGNATURE"
    exit_code = 20
    template = "No key accepted for the log {origin} signed this checkpoint."
    safe = "Nothing was cosigned."
    advice = "Ask for the request again; if the log's key changed, give it with --log."


class WitnessRollbackError(IntegrityError):
    """The checkpoint is older than one cosigned before."""

    code = "WITNESS_ROLLBACK"
    exit_code = 15
    template = (
        "The checkpoint covers {size} entries; {known} were cosigned here before: "
        "entries are missing."
    )
    safe = "Nothing was cosigned, and what was cosigned before is remembered."
    advice = "Ask the sender what became of the later entries; keep your memory."


class WitnessForkError(IntegrityError):
    """The checkpoint does not extend the one cosigned before."""

    code = "WITNESS_FORK"
    exit_code = 16
    template = "The checkpoint is refused: {reason}. It is kept as {kept}."
    safe = "Nothing was cosigned, and what was cosigned before is remembered."
    advice = "Keep both notes: two signed heads of one size are proof of two records."


class WitnessProofMissingError(InputError):
    """The request holds no proof from the size cosigned last."""

    code = "WITNESS_PROOF_MISSING"
    exit_code = 30
    template = "The request has no proof from the {known} entries cosigned last."
    safe = "Nothing was cosigned."
    advice = (
        "Ask for one with that number (custody witness request --old NUMBER), cosign "
        "it, then run this again."
    )


class WitnessClockError(TrustError):
    """The machine's clock is behind the time of the last cosignature."""

    code = "WITNESS_CLOCK"
    exit_code = 22
    template = "The clock says {now}; the last cosignature for this log said {last}."
    safe = "Nothing was cosigned."
    advice = "Set the clock right, then run the command again."


class WitnessUnknownError(InputError):
    """No witness answers to a name or address in the case's settings."""

    code = "WITNESS_UNKNOWN"
    exit_code = 30
    template = "No witness {wanted} can be asked: {reason}."
    safe = "Nothing was changed and nothing was sent."
    advice = "Give an address with http:// or https://, and --witness VKEY."


class CosignatureRefusedError(TrustError):
    """No cosignature in a file fits a checkpoint of the case."""

    code = "COSIGNATURE_REFUSED"
    exit_code = 23
    template = "No cosignature of {what} was added: {reason}."
    safe = "Nothing was changed."
    advice = "Give the witness's key with --witness VKEY or --witness IDENTITY.json."


class WitnessConflictError(IntegrityError):
    """A witness's server knows a history of the log that this case does not extend."""

    code = "WITNESS_CONFLICT"
    exit_code = 15
    template = "The witness knows another history of this log: {reason}."
    safe = "Nothing was changed; the case is as it was."
    advice = "Look for a newer copy of the case; run 'custody verify' on this one."


class WitnessRefusedError(TrustError):
    """A witness's server did not cosign."""

    code = "WITNESS_REFUSED"
    exit_code = 23
    template = "The witness did not cosign: {reason}."
    safe = "Nothing was changed; the case is as it was."
    advice = "Ask who runs the witness; the answer's number says what it objects to."


class WitnessAnswerError(TrustError):
    """What a witness's server answered is not what the protocol says."""

    code = "WITNESS_ANSWER"
    exit_code = 23
    template = "The answer of the witness cannot be used: {reason}."
    safe = "Nothing was changed; the case is as it was."
    advice = "Check the address and the witness's key, then send it again."
