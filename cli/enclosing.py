"""To whom what leaves an encrypted case is encrypted."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from evidence.disclosing import Prepared


def age_recipient(given: str | None, *, in_clear: bool = False) -> str | None:
    """Return the age recipient that was named: itself, or that of a trusted key."""
    if given is None:
        return None
    if in_clear:
        raise click.UsageError("--encrypt-to or --in-clear, not both.")
    from evidence.identity import home_folder
    from evidence.trust import TrustStore
    from evidence.vault.holders import check_recipient
    from evidence.vault.people import holder

    if given.lower().startswith("age1"):
        return check_recipient(given)
    return holder(TrustStore(home_folder()).find(given)).recipient


def check_encrypted(
    prepared: list[Prepared], age: str | None, *, in_clear: bool = False
) -> None:
    """Refuse an option that would change nothing: what was meant is not so."""
    from evidence.consent_errors import NothingEncryptedError

    if (age or in_clear) and not any(i.expected.encrypted for i in prepared):
        option = "--in-clear" if in_clear else "--encrypt-to"
        raise NothingEncryptedError(option=option)
