"""Writing the package of an offer, at once or after an interruption."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import click

from cli import output

if TYPE_CHECKING:
    from cli.session import Session
    from evidence.case import Case
    from evidence.disclosing import Prepared
    from evidence.envelope.sealed import To
    from evidence.identity import Identity
    from evidence.transfer.packing import Packed
    from manifests.canonical import Json
    from manifests.entries import Entry
    from manifests.keys import Signer


_F = TypeVar("_F", bound=Callable[..., object])


def report_option(function: _F) -> _F:
    """Add ``--report``."""
    return click.option(
        "--report",
        type=click.Path(path_type=Path, exists=True, dir_okay=False),
        help="An issued report ('custody report --issue') that goes along.",
    )(function)


@dataclass(frozen=True, slots=True)
class Making:
    """An offer that is recorded, and the package that is to be made of it.

    Attributes:
        target: the name it gets; to: None when it is a folder.
        acting: who acts; recipient: the trusted identity.
        report: the file of the report that goes along.
    """

    entry: Entry
    prepared: Sequence[Prepared]
    target: Path
    acting: tuple[Identity, Signer]
    recipient: Identity
    to: To | None
    split: int = 0
    report: Path | None = None


def finish_package(session: Session, case: Case, making: Making, part: Path) -> Packed:
    """Write, record and name the package of an offer that is recorded.

    Args:
        part: the folder it is written into; the package itself without an envelope.

    Raises:
        PackageUnfinishedError, EnvelopeUnfinishedError, StorageFailedError: the offer
            can be continued.
    """
    from evidence.envelope.sealed import finish, seal
    from evidence.transfer.packing import record_packed

    entry, target, to = making.entry, making.target, making.to
    packed = _packed(session, case, making, part)
    sealed = None
    if to is not None:
        sealed = seal(part, target, to, entry=entry.seq, split=making.split)
    with session.writing(case, *making.acting) as writer:
        record_packed(writer, entry, packed, sealed)
    if sealed is None:
        name_folder(part, target)
    else:
        finish(target, sealed)
    return packed


def name_folder(part: Path, target: Path) -> None:
    """Call a whole and recorded package what it is to be called; durable.

    Raises:
        StorageFailedError: the disk refused; the offer can be continued.
    """
    from manifests import durable

    durable.move_folder(part, target)


def _packed(session: Session, case: Case, making: Making, part: Path) -> Packed:
    from evidence.transfer.packing import write_package

    meter = output.Meter("packing", on=not session.quiet and not session.as_json)
    try:
        return write_package(
            case,
            making.entry,
            making.prepared,
            part=part,
            sender=making.acting[0],
            recipient=making.recipient,
            report=making.report,
            progress=meter,
        )
    finally:
        meter.close()


def read_travels(
    told: Mapping[str, Json], recipient: Identity
) -> tuple[To | None, int]:
    """Return to whom an offer's package is encrypted, and in parts of how many bytes.

    Args:
        told: what the offer's sealed record keeps (`To.travels`); {} for a folder.

    Raises:
        RecipientCertificate...Error, RecipientRefusedError: not to it any more.
    """
    if not told:
        return None, 0
    from datetime import UTC, datetime

    from cryptography import x509

    from evidence.envelope.recipients import check_certificate
    from evidence.envelope.sealed import To
    from evidence.vault.people import holder

    size, pems = told.get("split"), told.get("certificates")
    split = size if isinstance(size, int) else 0
    if told.get("form") != "cms" or not isinstance(pems, list):
        return To(recipient=holder(recipient).recipient), split
    found = [x509.load_pem_x509_certificate(str(pem).encode("ascii")) for pem in pems]
    for one in found:
        check_certificate(one, datetime.now(UTC))
    return To(tuple(found)), split


def remove_unfinished(target: Path, form: str) -> None:
    """Remove the encrypted files an interrupted act left: they cannot be gone on with.

    Raises:
        OutputExistsError: what bears such a name is something else.
        StorageFailedError: they cannot be removed.
    """
    from evidence.envelope.parts import MAX_PARTS, part_path, unfinished
    from evidence.envelope.sealed import form_of
    from evidence.errors import OutputExistsError
    from manifests import durable

    names = [target, *(part_path(target, n) for n in range(1, MAX_PARTS + 1))]
    for number, path in enumerate(map(unfinished, names)):
        if not path.is_file() or path.is_symlink():
            if number > 1:
                break
            continue
        # Only the first part begins as an envelope does.
        if number < 2 and path.stat().st_size and form_of(path) != form:
            raise OutputExistsError(path=str(path))
        try:
            path.unlink()
        except OSError as error:
            durable.storage_failure(error, path.name)
