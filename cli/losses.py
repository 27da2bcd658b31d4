"""The verbs on harm and proceeds: the same options under two names."""

from __future__ import annotations

from typing import TYPE_CHECKING, Unpack

import click

from cli.accounts import Told, account_of, account_options, tell_items, tell_recorded
from cli.consulting import consulting_options
from cli.session import Session, acting_options, session_options
from evidence.casework.words import KNOWN

if TYPE_CHECKING:
    from collections.abc import Iterable


class _Item(Told):
    """The options of ``add``."""

    sort: str
    known: str
    amount: str
    currency: str
    start: str
    end: str


def verbs(name: str, sorts: Iterable[str], summary: str) -> click.Group:
    """Return the group ``harm`` or ``proceeds``.

    Args:
        name: of the verb and the kind of entry; sorts: what an item can be.
    """

    @click.group(name=name, help=summary)
    @session_options
    def group() -> None:
        pass

    @group.command(name="add")
    @click.option(
        "--kind",
        "sort",
        required=True,
        type=click.Choice(list(sorts)),
        help="Of what kind.",
    )
    @click.option(
        "--known", required=True, type=click.Choice(KNOWN), help="How it is known."
    )
    @click.option("--amount", default="", metavar="1200.50", help="Plain decimal.")
    @click.option("--currency", default="", metavar="EUR", help="Code of ISO 4217.")
    @click.option("--from", "start", default="", metavar="DAY", help="First day.")
    @click.option("--to", "end", default="", metavar="DAY", help="Last day.")
    @account_options("Whose.")
    @acting_options
    @session_options
    @click.pass_obj
    def add(session: Session, **item: Unpack[_Item]) -> None:
        """Record an item, presumed: all but its number and exhibits is sealed."""
        _add(session, name, item)

    @group.command(name="list")
    @click.option("--texts", is_flag=True, help="Show the sealed details, too.")
    @consulting_options
    @session_options
    @click.pass_obj
    def show_list(session: Session, texts: bool) -> None:
        """List the items; showing what is sealed is recorded first."""
        tell_items(session, name, texts=texts)

    return group


def _add(session: Session, kind: str, item: _Item) -> None:
    from evidence.casework.losses import Loss, note_loss

    loss = Loss(
        kind,
        item["sort"],
        item["known"],
        account_of(item),
        item["amount"],
        item["currency"].upper(),
        item["start"],
        item["end"],
    )
    case = session.open_case()
    identity, signer = session.acting()
    with session.writing(case, identity, signer) as writer:
        entry = note_loss(writer, loss)
    tell_recorded(session, kind, entry)
