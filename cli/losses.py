"""The verbs on harm and proceeds: the same options under two names."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypedDict, Unpack

import click

from cli import output
from cli.consulting import consult_first, consulting_options
from cli.session import Session, acting_options, session_options

if TYPE_CHECKING:
    from collections.abc import Sequence


class _Item(TypedDict):
    """The options of ``add``."""

    sort: str
    known: str
    amount: str
    currency: str
    start: str
    end: str
    exhibits: tuple[str, ...]
    people: tuple[str, ...]
    statements: tuple[str, ...]
    fact: str
    assessment: str


def verbs(name: str, sorts: Sequence[str], summary: str) -> click.Group:
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
        "--kind", "sort", required=True, type=click.Choice(sorts), help="Of what kind."
    )
    @click.option(
        "--known",
        required=True,
        type=click.Choice(
            ["document", "statement", "calculation", "estimate", "other"]
        ),
        help="How it is known.",
    )
    @click.option("--amount", default="", metavar="1200.50", help="Plain decimal.")
    @click.option("--currency", default="", metavar="EUR", help="Code of ISO 4217.")
    @click.option("--from", "start", default="", metavar="DAY", help="First day.")
    @click.option("--to", "end", default="", metavar="DAY", help="Last day.")
    @click.option(
        "--exhibit", "exhibits", multiple=True, help="What shows it (public)."
    )
    @click.option("--person", "people", multiple=True, metavar="PE-0001", help="Whose.")
    @click.option(
        "--statement",
        "statements",
        multiple=True,
        metavar="ST-0001",
        help="A statement that tells of it.",
    )
    @click.option("--fact", default="", help="What is known.")
    @click.option("--assessment", default="", help="What you make of it.")
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
        _list(session, name, texts=texts)

    return group


def _add(session: Session, kind: str, item: _Item) -> None:
    from evidence.casework.losses import Loss, note_loss

    def upper(words: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(dict.fromkeys(word.upper() for word in words))

    loss = Loss(
        kind,
        item["sort"],
        item["known"],
        item["amount"],
        item["currency"].upper(),
        item["start"],
        item["end"],
        upper(item["exhibits"]),
        upper(item["people"]),
        upper(item["statements"]),
        item["fact"],
        item["assessment"],
    )
    case = session.open_case()
    identity, signer = session.acting()
    with session.writing(case, identity, signer) as writer:
        entry = note_loss(writer, loss)
    if session.as_json:
        output.emit_json(kind, {"number": entry.facts["number"], "entry": entry.seq})
    else:
        output.say(f"{entry.facts['number']} recorded, entry {entry.seq}.")


def _list(session: Session, kind: str, *, texts: bool) -> None:
    from cli.commands.decision import tell_odd
    from evidence.casework.numbers import numbered

    case = session.open_case()
    if texts:
        consult_first(session, case, kind)
    known = numbered(case.entries(), kind)
    found = [(number, entries[0]) for number, entries in known.found.items()]
    if session.as_json:
        items = [
            {
                "number": number,
                "entry": entry.seq,
                "time": entry.time,
                "exhibits": entry.exhibits,
                **({"sealed": case.sealed(entry)} if texts else {}),
            }
            for number, entry in found
        ]
        output.emit_json(f"{kind}-list", {"items": items, "odd": known.odd})
        return
    for number, entry in found:
        output.say(f"{number}  {entry.time}  {', '.join(entry.exhibits) or '-'}")
        if texts:
            record = case.sealed(entry).items()
            output.fields([(k, str(v)) for k, v in record if v and k != "salt"])
    tell_odd(known.odd)
