"""Errors of retention, restriction and erasure (codes: `manifests.errors`)."""

from __future__ import annotations

from manifests.errors import InputError, StorageError


class ExhibitErasedError(InputError):
    """The exhibit was erased; nothing of its content is there."""

    code = "EXHIBIT_ERASED"
    exit_code = 37
    template = "{exhibit} was erased (entry {entry}, {time}): {reason}."
    safe = "Nothing was changed; entry, digests and proofs of it remain."
    advice = "Use another exhibit; 'custody show' tells what remains of this one."


class LegalHoldError(InputError):
    """An exhibit is under a legal hold."""

    code = "LEGAL_HOLD"
    exit_code = 38
    template = "{exhibits} is under the legal hold {hold} (entry {entry})."
    safe = "Nothing was recorded and nothing was destroyed."
    advice = "Whoever set it can lift it with 'custody hold --lift'."


class TransferOpenError(InputError):
    """An exhibit is being handed over."""

    code = "TRANSFER_OPEN"
    exit_code = 38
    template = "{exhibits} is being handed over (entry {entry}) without an answer yet."
    safe = "Nothing was recorded and nothing was destroyed."
    advice = "Record the receiver's answer first, or that there will be none."


class DerivedExhibitsError(InputError):
    """Exhibits derived from the one to be erased were not named."""

    code = "DERIVED_EXHIBITS"
    exit_code = 38
    template = "{derived} was derived from what is to be erased and holds parts of it."
    safe = "Nothing was recorded and nothing was destroyed."
    advice = "Name it, too, or keep all of it."


class CopyRefusedError(InputError):
    """A folder is no copy of this case."""

    code = "COPY_REFUSED"
    exit_code = 38
    template = "{path} is not taken as a copy of this case: {reason}."
    safe = "Nothing was recorded and nothing was destroyed."
    advice = "Name a folder that was copied from this case, and no other."


class RetentionRefusedError(InputError):
    """A decision on keeping, holding or restricting makes no sense."""

    code = "RETENTION_REFUSED"
    exit_code = 30
    template = "It cannot be recorded: {reason}."
    safe = "Nothing was recorded."
    advice = "See 'custody retain show'."


class NothingToCarryOutError(InputError):
    """No erasure is in force that could be carried out."""

    code = "NO_ERASURE"
    exit_code = 30
    template = "No erasure is in force."
    safe = "Nothing was destroyed."
    advice = "One that waits needs 'custody approve' by a second person first."


class ErasureUnfinishedError(StorageError):
    """An erasure is recorded, but not everything could be destroyed yet."""

    code = "ERASURE_UNFINISHED"
    exit_code = 46
    template = "The erasure is recorded (entry {entry}), but not finished: {reason}."
    safe = "What was destroyed stays destroyed; nothing else was touched."
    advice = "Mend the cause and run 'custody erase --carry-out'."
