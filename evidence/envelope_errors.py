"""Errors of packages that travel as one encrypted file."""

from __future__ import annotations

from manifests.errors import InputError, IntegrityError, StorageError, TrustError

_NOTHING = "Nothing was recorded and nothing left."
_NO_PLAINTEXT = "Nothing of its content was released and nothing was recorded."


class RecipientCertificateExpiredError(TrustError):
    """The certificate to encrypt to has ended."""

    code = "RECIPIENT_CERTIFICATE_EXPIRED"
    exit_code = 24
    template = "The recipient's certificate ended on {at}."
    safe = _NOTHING
    advice = "Ask the issuing authority for a valid one; say so in the order's record."


class RecipientCertificateNotYetValidError(TrustError):
    """The certificate to encrypt to does not begin before a later time."""

    code = "RECIPIENT_CERTIFICATE_NOT_YET_VALID"
    exit_code = 24
    template = "The recipient's certificate is not valid before {at}."
    safe = _NOTHING
    advice = "Check this machine's clock; or wait, or ask for another certificate."


class RecipientCertificateUsageError(TrustError):
    """The certificate is not one to encrypt to."""

    code = "RECIPIENT_CERTIFICATE_USAGE"
    exit_code = 24
    template = "The recipient's certificate is not for encryption: {reason}."
    safe = _NOTHING
    advice = "Ask for one with keyEncipherment (RSA) or keyAgreement (P-256, P-384)."


class RecipientCertificateWeakError(TrustError):
    """The certificate's key is too weak, or of a kind nothing is encrypted to."""

    code = "RECIPIENT_CERTIFICATE_WEAK"
    exit_code = 24
    template = "Nothing is encrypted to the recipient's certificate: {reason}."
    safe = _NOTHING
    advice = "Ask for one with RSA of 2,048 bits or more, or P-256 or P-384."


class EnvelopeTooLargeError(InputError):
    """A package is larger than one AES-GCM message may be."""

    code = "ENVELOPE_TOO_LARGE"
    exit_code = 34
    template = "A package of {bytes} bytes does not fit into one CMS file."
    safe = "No package of it left, and none was written."
    advice = "Offer the exhibits in several packages, or use --sealed (age)."


class EnvelopeUnfinishedError(StorageError):
    """An offer was recorded, but its package could not be written as one file."""

    code = "ENVELOPE_UNFINISHED"
    exit_code = 49
    template = "Entry {entry} records an offer whose file was not written: {reason}."
    safe = "The case is whole. The unfinished file and the open package were removed."
    advice = "Make room, or use another medium, and 'custody transfer continue'."


class EnvelopeKeyError(TrustError):
    """An encrypted package is not for the key that was given."""

    code = "ENVELOPE_OTHER_KEY"
    exit_code = 25
    template = "This package is not encrypted to the key you gave ({reason})."
    safe = _NO_PLAINTEXT
    advice = "Use the key of the certificate, or of the identity, it was made for."


class EnvelopeCutError(IntegrityError):
    """An encrypted package ends too early."""

    code = "ENVELOPE_CUT"
    exit_code = 16
    template = "This encrypted package is cut off."
    safe = _NO_PLAINTEXT
    advice = (
        "Copy it again from the medium, or ask for it again; of a package in parts, "
        "put all parts beside their list (NAME.parts)."
    )


class EnvelopeAlteredError(IntegrityError):
    """An encrypted package does not fit its authentication tag."""

    code = "ENVELOPE_ALTERED"
    exit_code = 16
    template = "This encrypted package was altered, or damaged on its way."
    safe = _NO_PLAINTEXT
    advice = "Copy it again from the medium, or ask for it again."


class EnvelopeUnrecordedError(IntegrityError):
    """The case that was named records no encrypted package with these bytes."""

    code = "ENVELOPE_UNRECORDED"
    exit_code = 16
    template = "No offer of this case records a file with SHA-256 {sha256}."
    safe = "Nothing was changed."
    advice = "It is of another case, or was altered: compare with what was sent."


class PartsWrongError(IntegrityError):
    """The parts of an encrypted package are not those its list names."""

    code = "PARTS_WRONG"
    exit_code = 16
    template = "The parts of this package do not fit their list: {reason}."
    safe = _NO_PLAINTEXT
    advice = (
        "Copy all parts and the list into one folder under their own names, and ask "
        "again for what is missing or altered."
    )


class ContainerTooLargeError(InputError):
    """What should go through the decentralised IT system is too large for it."""

    code = "CONTAINER_TOO_LARGE"
    exit_code = 34
    template = "A container of {bytes} bytes is above 25 MB and is not made."
    safe = "Nothing was written."
    advice = "Evidence goes as a package ('transfer offer'), its proofs as a container."


class ContainerMalformedError(IntegrityError):
    """A file is no ASiC-E container that is read here, or built to do harm."""

    code = "CONTAINER_MALFORMED"
    exit_code = 16
    template = "This is no ASiC-E container that can be judged: {reason}."
    safe = "Nothing of it was used."
    advice = "Ask for it again; containers with XAdES are judged by other programs."


class EnvelopeMalformedError(IntegrityError):
    """A file is no encrypted package that is read here, or built to do harm."""

    code = "ENVELOPE_MALFORMED"
    exit_code = 16
    template = "This is no encrypted package that can be opened: {reason}."
    safe = _NO_PLAINTEXT
    advice = "Ask what made it; CMS AuthEnvelopedData (AES-GCM) and age are read."
