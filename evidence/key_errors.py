"""Errors of identities, trust, tokens and certificates (codes: `manifests.errors`)."""

from __future__ import annotations

from manifests.errors import InputError, KeyProblemError, TrustError


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
    template = "{count} identities are called {name}."
    safe = "Nothing was changed."
    advice = "See 'custody identity list' and choose with --as NAME or the key id."


class TrustedUnknownError(IdentityUnknownError):
    """No trusted key of somebody else, or more than one, answers to a name."""

    code = "TRUSTED_UNKNOWN"
    template = "{count} keys that you trust are called {name}."
    safe = "Nothing was changed."
    advice = (
        "See 'custody identity trusted'. To trust one more: 'custody identity trust "
        "FILE', with the file its holder exported; or give digits of the key id."
    )


class IdentityUnnamedError(IdentityUnknownError):
    """Several identities are there, and none was chosen."""

    code = "IDENTITY_UNNAMED"
    template = "There are {count} identities here, and none was chosen."
    safe = "Nothing was changed."
    advice = "Add --as NAME, or set $CUSTODY_IDENTITY; see 'custody identity list'."


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
    advice = (
        "See 'custody identity certificate NAME' and choose by its SHA-256, or make "
        "one that needs no CA: 'custody identity self-issue NAME'."
    )


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
