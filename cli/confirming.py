"""Comparing a fingerprint with the person before their key is relied on."""

from __future__ import annotations

import sys
from collections.abc import Collection
from typing import TYPE_CHECKING

import click

from cli import output

if TYPE_CHECKING:
    from evidence.identity import Identity
    from manifests.keys import KeyId


def confirm_key(
    identity: Identity, fingerprint: str | None, *, known: Collection[KeyId] = ()
) -> None:
    """Make sure the person at the desk compared the key with its holder.

    Args:
        fingerprint: words or key id as the holder told them, if given already.
        known: keys that were compared before; nothing is asked for these.

    Raises:
        FingerprintRefusedError: it differs, was not confirmed, or cannot be asked for.
    """
    from evidence.fingerprint import parse
    from evidence.key_errors import FingerprintRefusedError

    if fingerprint is not None:
        if parse(fingerprint) != identity.key:
            raise FingerprintRefusedError(reason="it is that of another key")
        return
    if identity.key in known:
        return
    if not sys.stdin.isatty():
        reason = "none was given with --fingerprint, and there is no terminal to ask at"
        raise FingerprintRefusedError(reason=reason)
    show_words(identity)
    output.tell("Let the person read these words from their own screen or card.")
    if not click.confirm("Are they the same?", default=False, err=True):
        raise FingerprintRefusedError(reason="you did not confirm it")


def show_words(identity: Identity) -> None:
    """Print name, key id and words to standard error."""
    from evidence.fingerprint import groups

    organisation = f", {identity.organisation}" if identity.organisation else ""
    output.tell(f"{identity.name} ({identity.role}{organisation})")
    output.tell(f"  key id  {identity.key}")
    for number, group in enumerate(groups(identity.key), start=1):
        output.tell(f"  {number}  {group}")
