"""Errors of acquiring, cases, identities, reports (codes: see `manifests.errors`)."""

from __future__ import annotations

from manifests.errors import (
    InputError,
    IntegrityError,
    KeyProblemError,
    StorageError,
    StorageFailedError,
    TrustError,
)


class SourceMissingError(InputError):
    """A path given as source does not exist."""

    code = "SOURCE_MISSING"
    exit_code = 33
    template = "There is nothing at {path}."
    safe = "Nothing was acquired and nothing was changed."
    advice = "Check the path and run the command again."


class SourceUnsuitableError(InputError):
    """A source is of a kind the command does not take."""

    code = "SOURCE_UNSUITABLE"
    exit_code = 35
    template = "{path} cannot be acquired this way: {reason}."
    safe = "Nothing was acquired; the source was not changed."
    advice = "Use the command that fits, for example 'custody acquire files'."


class SourceInsideCaseError(InputError):
    """The source lies inside the case that would receive it."""

    code = "SOURCE_INSIDE_CASE"
    exit_code = 36
    template = "{path} lies inside the case folder itself."
    safe = "Nothing was acquired."
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
    advice = "Records are numbered from 1; see 'custody show EX-0001'."


class CheckpointUnknownError(InputError):
    """The case has no checkpoint of that size."""

    code = "CHECKPOINT_UNKNOWN"
    exit_code = 37
    template = "The case has no checkpoint over {size} entries."
    safe = "Nothing was written."
    advice = "See the file names in the case's folder manifest/checkpoints."


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


class SealedRecordError(IntegrityError):
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
    template = "The identity {name} may not sign in this case."
    safe = "Nothing was recorded."
    advice = "Choose an identity whose key is in force there with --as NAME."


class FingerprintRefusedError(TrustError):
    """A fingerprint is not one, or not that of the key."""

    code = "FINGERPRINT_REFUSED"
    exit_code = 24
    template = "The fingerprint does not confirm the key: {reason}."
    safe = "Nothing was changed; the key is not trusted and not enrolled."
    advice = "Have the person read the words of their key to you once more."


class TrustUnclearError(TrustError):
    """The folder of trusted keys cannot be relied on."""

    code = "TRUST_UNCLEAR"
    exit_code = 24
    template = "The trusted key {name} cannot be relied on: {reason}."
    safe = "Nothing was changed; no key in that folder was used."
    advice = "Look who can write to the folder 'trusted' of your key store; mend it."


class JoinRefusedError(InputError):
    """A request to join a case does not fit this case."""

    code = "JOIN_REFUSED"
    exit_code = 30
    template = "The request of {name} cannot be used here: {reason}."
    safe = "Nothing was recorded."
    advice = "Let the person run 'custody key request' for this very case."


class TimeRefusedError(InputError):
    """A time given on the command line does not name one moment."""

    code = "TIME_REFUSED"
    exit_code = 30
    template = "{text} is not a time that can be used: {reason}."
    safe = "Nothing was recorded."
    advice = "Write date, time and zone: 2026-03-01T14:30:00+01:00, or ...Z for UTC."


class KeyChangeRefusedError(TrustError):
    """A change of who may sign, or an answer, does not fit the case."""

    code = "KEY_CHANGE_REFUSED"
    exit_code = 24
    template = "This cannot be recorded: {reason}."
    safe = "Nothing was recorded."
    advice = "See 'custody key list' for the keys and the acts that wait."


class NoIdentityError(KeyProblemError):
    """There is no identity to act as."""

    code = "NO_IDENTITY"
    exit_code = 51
    template = "There is no identity yet."
    safe = "Nothing was changed."
    advice = "Make one: custody identity new --name 'Your Name' --role examiner."


class IdentityUnknownError(KeyProblemError):
    """No identity, or more than one, answers to a name."""

    code = "IDENTITY_UNKNOWN"
    exit_code = 52
    template = "{count} identities answer to {name}."
    safe = "Nothing was changed."
    advice = "See 'custody identity list' and choose with --as NAME or the key id."


class IdentityExistsError(KeyProblemError):
    """An identity of that name exists."""

    code = "IDENTITY_EXISTS"
    exit_code = 53
    template = "An identity named {name} exists already."
    safe = "Nothing was changed."
    advice = "Use it, or choose a name that tells the two apart."


class WrongPassphraseError(KeyProblemError):
    """The passphrase does not open the private key."""

    code = "WRONG_PASSPHRASE"
    exit_code = 54
    template = "The passphrase does not open the key of {name}."
    safe = "Nothing was recorded."
    advice = "Try again; a lost passphrase cannot be recovered."


class PassphraseNeededError(KeyProblemError):
    """A passphrase is needed and there is nobody to ask."""

    code = "PASSPHRASE_NEEDED"
    exit_code = 55
    template = "The key of {name} needs its passphrase and there is no terminal."
    safe = "Nothing was recorded."
    advice = "Use --passphrase-file FILE or the variable CUSTODY_PASSPHRASE."


class KeyUnusableError(KeyProblemError):
    """A private key file is damaged, of another kind, or open to others."""

    code = "KEY_UNUSABLE"
    exit_code = 56
    template = "The private key of {name} cannot be used: {reason}."
    safe = "Nothing was recorded."
    advice = "Restore the key from its backup."


class KeyUriRefusedError(KeyProblemError):
    """A key URI is not one this tool opens."""

    code = "KEY_URI_REFUSED"
    exit_code = 50
    template = "The key URI was refused: {reason}."
    safe = "Nothing was changed and no key was used."
    advice = "Write file:PATH or pkcs11:token=..;object=..?module-path=/..; see docs."


class TokenModuleError(KeyProblemError):
    """The PKCS#11 library of a token cannot be loaded."""

    code = "TOKEN_MODULE"
    exit_code = 59
    template = "The PKCS#11 library {path} cannot be used: {reason}."
    safe = "Nothing was recorded; no PIN was sent."
    advice = "Install the token's library and give its path as module-path."


class TokenMissingError(KeyProblemError):
    """No token answers to the URI."""

    code = "TOKEN_MISSING"
    exit_code = 59
    template = "No token that fits the key URI is connected (tokens seen: {seen})."
    safe = "Nothing was recorded; no PIN was sent."
    advice = "Connect the token, and compare its label and serial with the key URI."


class TokenAmbiguousError(KeyProblemError):
    """More than one token answers to the URI."""

    code = "TOKEN_AMBIGUOUS"
    exit_code = 59
    template = "{count} connected tokens fit the key URI."
    safe = "Nothing was recorded; no PIN was sent."
    advice = "Add serial=... to the key URI, or take the other token out."


class TokenKeyUnknownError(KeyProblemError):
    """Not exactly one private key on the token answers to the URI."""

    code = "TOKEN_KEY_UNKNOWN"
    exit_code = 59
    template = "{count} private keys on the token {token} fit the key URI."
    safe = "Nothing was recorded."
    advice = "Compare object=... and id=... with 'pkcs11-tool --login --list-objects'."


class TokenKeyUnusableError(KeyProblemError):
    """The key on the token is of another kind, or does not fit what is beside it."""

    code = "TOKEN_KEY_UNUSABLE"
    exit_code = 56
    template = "The key on the token {token} cannot be used: {reason}."
    safe = "Nothing was recorded."
    advice = "Use an Ed25519 or a P-256 key whose public key is on the token, too."


class WrongPinError(KeyProblemError):
    """The token refused the PIN. Never tried again by itself: tokens lock."""

    code = "WRONG_PIN"
    exit_code = 54
    template = "The token {token} refused the PIN; {left}."
    safe = "Nothing was recorded. The PIN was tried once and is not tried again."
    advice = "Check the PIN first: after a few wrong ones the token locks for good."


class TokenLockedError(KeyProblemError):
    """The token takes no PIN any more, or has none yet."""

    code = "TOKEN_LOCKED"
    exit_code = 54
    template = "The token {token} takes no PIN: {reason}."
    safe = "Nothing was recorded; the key is still on the token."
    advice = "Unblock or set the PIN with the tools of the token's maker."


class TokenFailedError(KeyProblemError):
    """A token or its library reported a failure."""

    code = "TOKEN_FAILED"
    exit_code = 59
    template = "The token {token} failed: {reason}."
    safe = "What was recorded before is safe; this act was not recorded."
    advice = "Check that the token is connected, then run the command again."


class CertificateRefusedError(KeyProblemError):
    """A certificate cannot stand beside a key."""

    code = "CERTIFICATE_REFUSED"
    exit_code = 50
    template = "The certificate was refused: {reason}."
    safe = "Nothing was stored."
    advice = "Give a PEM certificate of the identity's key, or its own key with --key."


class CertificateUnknownError(KeyProblemError):
    """Not exactly one certificate answers."""

    code = "CERTIFICATE_UNKNOWN"
    exit_code = 52
    template = "{count} certificates of {name} answer to {wanted}."
    safe = "Nothing was changed."
    advice = "See 'custody identity certificate NAME' and choose by its SHA-256."


class AlreadyCertifiedError(InputError):
    """A certificate's signature over a checkpoint is there already."""

    code = "ALREADY_CERTIFIED"
    exit_code = 38
    template = "The certificate has signed {checkpoint} before: {path} is there."
    safe = "Nothing was changed."
    advice = "Nothing needs to be done; certify again after the next act."


class PassphraseRefusedError(KeyProblemError):
    """A passphrase is empty, not text, or was not repeated."""

    code = "PASSPHRASE_REFUSED"
    exit_code = 57
    template = "The passphrase was refused: {reason}."
    safe = "Nothing was recorded."
    advice = "Choose a passphrase of several words, or use --no-passphrase knowingly."


class IdentityRefusedError(KeyProblemError):
    """A text of a new identity cannot be used."""

    code = "IDENTITY_REFUSED"
    exit_code = 58
    template = "The identity was refused: {reason}."
    safe = "No identity was made."
    advice = "Give a printable name, and a role of one word such as examiner."


class SelfTestFailedError(IntegrityError):
    """The tool's own check found something wrong."""

    code = "SELFTEST_FAILED"
    exit_code = 15
    template = "The self-test failed: {count} check(s) gave a wrong answer."
    safe = "No exhibit was touched; what was recorded before is not affected."
    advice = "Do not acquire with this installation; install it again and repeat."


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
    advice = "Ask for one with that number: custody witness request --old NUMBER."


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


class NetworkError(TrustError):
    """An outside service could not be asked, or did not answer as it should."""

    code = "NETWORK_FAILED"
    exit_code = 27
    template = "The service at {host} could not be used: {reason}."
    advice = "Check the connection and the service's address."
    safe = "Nothing of the case was changed by the attempt."


class NetworkUnavailableError(NetworkError):
    """No connection, or no whole answer in time."""

    code = "NETWORK_UNAVAILABLE"
    template = "The service at {host} could not be reached: {reason}."
    advice = "Check the connection and run the command again."


class NetworkRefusedError(NetworkError):
    """An address is not one this tool asks."""

    code = "NETWORK_REFUSED"
    exit_code = 28
    template = "An address ({host}) is not used: {reason}."
    safe = "Nothing was sent and nothing was changed."
    advice = "Give an http or https address without user name and password."


class NetworkAnswerError(NetworkError):
    """A service answered, but not as it should."""

    code = "NETWORK_ANSWER"
    template = "The service at {host} answered oddly: {reason}."
    advice = "Check the service's address with whoever runs it."


class StampRefusedError(TrustError):
    """A time-stamping authority said no."""

    code = "STAMP_REFUSED"
    exit_code = 25
    template = "The time-stamping authority {name} refused: {reason}."
    safe = "The checkpoint is safe; the request is kept in manifest/pending."
    advice = "Ask whoever runs the authority, or another one with --tsa NAME=URL."


class StampAnswerError(TrustError):
    """What came as a time stamp is not one over this checkpoint, for this request."""

    code = "STAMP_ANSWER"
    exit_code = 26
    template = "What came from {name} is not stored: {reason}."
    safe = "The checkpoint is safe; nothing was stored as a time stamp."
    advice = "Ask again; if it happens again, ask another authority."
