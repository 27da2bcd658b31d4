"""The options of a package as one encrypted file, and opening one for a verb."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import click

if TYPE_CHECKING:
    from cli.session import Session
    from evidence.envelope.recipients import PrivateKey
    from evidence.envelope.sealed import To
    from evidence.identity import Identity

_F = TypeVar("_F", bound=Callable[..., object])
_FILE = click.Path(path_type=Path, exists=True, dir_okay=False)


def sealing_options(function: _F) -> _F:
    """Add the options of `transfer offer` that make one file of a package."""
    for option in (
        click.option(
            "--sealed",
            is_flag=True,
            help="One age file, for the recipient's key alone.",
        ),
        click.option(
            "--split",
            default="",
            metavar="SIZE",
            help="In parts of this size, e.g. 4G or 512MiB (1G is 10^9 bytes; at least "
            "1M); with --sealed or --to-certificate.",
        ),
        click.option(
            "--to-certificate",
            "certificates",
            type=_FILE,
            multiple=True,
            metavar="CERT",
            help="One CMS file for this X.509 certificate, where an order gives one.",
        ),
    ):
        function = option(function)
    return function


def key_option(function: _F) -> _F:
    """Add the option that names the key of the certificate a file is encrypted to."""
    return click.option(
        "--certificate-key",
        "certificate_key",
        type=_FILE,
        metavar="KEY",
        help="Private key (PEM) of the certificate a CMS file is for.",
    )(function)


def read_to(
    certificates: tuple[Path, ...], recipient: Identity, *, sealed: bool
) -> To | None:
    """Return to whom a package is encrypted; None for an open folder.

    Raises:
        CertificateRefusedError, RecipientCertificate...Error, RecipientRefusedError:
            nothing can be encrypted to it.
    """
    if not certificates and not sealed:
        return None
    if certificates and sealed:
        raise click.UsageError("Either --sealed or --to-certificate, not both.")
    from evidence.envelope.sealed import To
    from evidence.vault.people import holder

    if sealed:
        return To(recipient=holder(recipient).recipient)
    from datetime import UTC, datetime

    from evidence.certificates import read_file
    from evidence.envelope.recipients import check_certificate

    found = []
    for path in certificates:
        leaf = read_file(path)[0]
        check_certificate(leaf, datetime.now(UTC))
        found.append(leaf)
    return To(tuple(found))


def read_split(text: str, to: To | None) -> int:
    """Return most bytes of one part, 0 for one file."""
    if not text:
        return 0
    if to is None:
        raise click.UsageError("--split goes with --sealed or --to-certificate.")
    from evidence.envelope.parts import read_size

    try:
        return read_size(text)
    except ValueError as error:
        raise click.UsageError(f"--split: {error}.") from error


def _key(session: Session, path: Path | None) -> PrivateKey | None:
    if path is None:
        return None
    from evidence.envelope.sealed import read_key
    from evidence.envelope_errors import EnvelopeKeyError

    try:
        return read_key(path, None)
    except EnvelopeKeyError as error:
        if "passphrase" not in str(error.facts["reason"]):
            raise
    return read_key(path, session.ask_passphrase(path.name).encode("utf-8"))


@contextlib.contextmanager
def opened(
    session: Session, package: Path, key: Path | None, beside: Path, origin: str
) -> Iterator[Path]:
    """Give the folder of a package, opening it first where it is one file.

    Raises:
        As `evidence.envelope.sealed.unseal`.
    """
    if package.is_dir():
        yield package
        return
    from evidence.envelope.rooms import open_room
    from evidence.envelope.sealed import unseal

    with open_room(beside, origin) as room:
        folder = room / "package"
        folder.mkdir(mode=0o700)
        unseal(package, folder, key=_key(session, key), opener=session.age_identities)
        yield folder
