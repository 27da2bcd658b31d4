"""`custody transfer continue`: finish the package of an offer that was interrupted."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cli import output
from cli.packages import (
    Making,
    finish_package,
    name_folder,
    read_travels,
    remove_unfinished,
    report_option,
)
from cli.session import Session, acting_options, session_options
from cli.writing_out import check_target, output_option

if TYPE_CHECKING:
    from collections.abc import Sequence

    from evidence.case import Case
    from evidence.disclosing import Prepared
    from evidence.envelope.sealed import To
    from evidence.transfer.register import Transfer


@click.command(name="continue")
@click.argument("number", metavar="TR-0001")
@report_option
@output_option("Folder (or encrypted file) that was to be made.")
@acting_options
@session_options
@click.pass_obj
def continue_offer(
    session: Session, number: str, target: Path, report: Path | None
) -> None:
    """Finish the package of an offer after a crash, a full disk, a lost medium.

    What the unfinished folder (its name ends in .part) holds is hashed again, and only
    the rest is copied. It goes to the same key, in the same form, and only while the
    ground still covers it. An encrypted file is written anew. A report that goes along
    has to be named again where its copy was not finished.
    """
    from evidence.clock import now
    from evidence.disclosing import PART
    from evidence.transfer.alongside import check_report_again
    from evidence.transfer.continuing import (
        ask_again,
        check_offered,
        is_whole,
        name_sealed,
        prepare_again,
        wish_of,
    )

    check_target(target)
    case = session.open_case()
    acting = session.acting()
    with session.writing(case, *acting):
        pass  # ends first what a crash left in the case, with an entry of its own
    at = now().time
    one, entry = check_offered(case, number, at)
    wish = wish_of(case, entry, session.trusted())
    ask_again(case, entry, wish, at)
    part = target.with_name(target.name + PART)
    told = case.sealed(entry).get("travels")
    to, split = read_travels(told if isinstance(told, dict) else {}, wish.recipient)
    if to is None and is_whole(part, one):
        name_folder(part, target)
        _tell(session, target, one, one.packages[-1], kept=None)
        return
    if to is not None and name_sealed(case, one, target):
        _tell(session, target, one, one.packages[-1], kept=None)
        return
    check_report_again(entry, report, part)
    prepared = prepare_again(case, entry, wish, part)
    with _room(case, target, to, prepared) as (room, kept):
        making = Making(
            entry, prepared, target, acting, wish.recipient, to, split, report
        )
        packed = finish_package(session, case, making, room)
    _tell(session, target, one, packed.identity, kept=kept)


@contextlib.contextmanager
def _room(
    case: Case, target: Path, to: To | None, prepared: Sequence[Prepared]
) -> Iterator[tuple[Path, int]]:
    """Give the folder to write into, and the bytes it holds already."""
    from evidence.disclosing import PART, folder_for, holding
    from evidence.envelope.sealed import room_for
    from evidence.transfer.continuing import clear_part
    from manifests import durable

    part = target.with_name(target.name + PART)
    if to is not None:
        remove_unfinished(target, to.form)
        with room_for(target, case) as room:
            yield room, 0
    elif not part.is_dir() or part.is_symlink():
        with folder_for(target) as room:
            yield room, 0
    else:
        with holding(part):
            try:
                kept = clear_part(case, part, prepared)
            except OSError as error:
                durable.storage_failure(error, part.name)
            yield part, kept


def _tell(
    session: Session, target: Path, one: Transfer, package: str, *, kept: int | None
) -> None:
    if session.as_json:
        value = {
            "folder": str(target),
            "number": one.number,
            "entry": one.entry,
            "package": package,
            "kept": kept,
            "only_named": kept is None,
        }
        output.emit_json("transfer-continue", value)
        return
    output.title(f"{one.number} is packed")
    was = "all: only its name was missing" if kept is None else f"{kept} bytes"
    output.fields(
        [("folder", str(target)), ("package", package), ("was there before", was)]
    )
    if not session.quiet:
        output.tell("Read the package's number to the recipient on another way.")
