"""Errors of consents, of what may leave, and of disclosing."""

from __future__ import annotations

from manifests.errors import InputError, StorageError


class ConsentUnsoundError(InputError):
    """What was given does not make a consent that can be recorded."""

    code = "CONSENT_UNSOUND"
    exit_code = 34
    template = "This consent cannot be recorded: {reason}."
    safe = "Nothing was recorded."
    advice = "See 'custody consent add --help'; talk with the person again if needed."


class ConsentAliasError(InputError):
    """A subject or recipient is not called by an alias."""

    code = "ALIAS_NEEDED"
    exit_code = 34
    template = "The {what} is not called by an alias: it may be a name."
    safe = "Nothing was recorded; what was typed is not repeated here."
    advice = (
        "Use an alias of Latin capitals and digits such as A1, a number such as "
        "PE-0001, or for a recipient the id of their key."
    )


class GuardianConflictError(InputError):
    """A guardian or interpreter has, or may have, a conflict of interest."""

    code = "GUARDIAN_CONFLICT"
    exit_code = 34
    template = "The {who} cannot act for this person: {reason}."
    safe = "Nothing was recorded."
    advice = "Find somebody without a conflict, or record a child-protection basis."


class ConsentUnknownError(InputError):
    """The case has no such consent."""

    code = "CONSENT_UNKNOWN"
    exit_code = 37
    template = "The case has no consent {number}."
    safe = "Nothing was recorded."
    advice = "List the consents with 'custody consent list'."


class ConsentTextUnknownError(InputError):
    """No consent text is shipped in that language."""

    code = "CONSENT_TEXT_UNKNOWN"
    exit_code = 37
    template = "No consent text is shipped in that language; there are: {known}."
    safe = "Nothing was written."
    advice = "Have a text translated by somebody you trust, and give it as --wording."


class RecordsNotShownError(InputError):
    """A proof that shows records would let content leave unasked and unrecorded."""

    code = "RECORDS_NOT_SHOWN"
    exit_code = 34
    template = "In a case that is encrypted, or of an NGO, no proof file shows records."
    safe = "Nothing was written."
    advice = "Use 'custody disclose EX-0001 --records 3,5-9': it asks for the ground."


class SecondPersonError(InputError):
    """The case wants two persons for a disclosure, which is done by one at once."""

    code = "SECOND_PERSON_NEEDED"
    exit_code = 34
    template = "The case asks for a second person's approval of every disclosure."
    safe = "Nothing left and nothing was recorded."
    advice = "What has left cannot wait for an approval: this version refuses it."


class DisclosureUnfinishedError(StorageError):
    """A disclosure was recorded, but its folder could not be written."""

    code = "DISCLOSURE_UNFINISHED"
    exit_code = 49
    template = "Entry {entry} records a disclosure whose folder is not whole: {reason}."
    safe = "The case is whole. What was written stays in a folder that ends in .part."
    advice = "Destroy that folder, make room, and disclose again: it is a new entry."


class PayloadEncryptedError(InputError):
    """An encrypted payload was to be disclosed in clear."""

    code = "PAYLOAD_ENCRYPTED"
    exit_code = 32
    template = "The payload of {exhibit} is encrypted and is not disclosed in clear."
    safe = "Nothing was recorded and nothing was written."
    advice = (
        "Name the recipient's age key (--encrypt-to), which is given the payload with "
        "its key; or disclose records (--records), or inventories (--no-payload)."
    )


class RecipientMissingError(InputError):
    """Something of an encrypted case is to leave, and to no age recipient."""

    code = "RECIPIENT_MISSING"
    exit_code = 32
    template = "{exhibit} is encrypted, and nobody was named to encrypt it to."
    safe = "Nothing was recorded and nothing was written."
    advice = (
        "Give --encrypt-to age1..., or the name of a key you trust; 'custody disclose' "
        "also has --in-clear for records in plaintext, which the entry then says."
    )


class NothingEncryptedError(InputError):
    """An option on encryption was given and nothing that leaves is encrypted."""

    code = "NOTHING_ENCRYPTED"
    exit_code = 32
    template = "Nothing of what was named is encrypted, so {option} does nothing."
    safe = "Nothing was recorded and nothing was written."
    advice = "Leave the option out, and encrypt the medium on which the folder travels."
