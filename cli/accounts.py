"""What `interference`, `harm` and `proceeds` share: how an item is told and listed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, TypedDict, TypeVar

import click

from cli import output
from cli.consulting import consult_first
from cli.session import Session

if TYPE_CHECKING:
    from evidence.casework.account import Account
    from manifests.entries import Entry

_F = TypeVar("_F", bound=Callable[..., object])


class Told(TypedDict):
    """The options `account_options` adds."""

    exhibits: tuple[str, ...]
    people: tuple[str, ...]
    statements: tuple[str, ...]
    fact: str
    assessment: str


def account_options(whose: str) -> Callable[[_F], _F]:
    """Return the options of `Told`; `whose` is the help of ``--person``."""
    options = (
        click.option(
            "--exhibit", "exhibits", multiple=True, help="What shows it (public)."
        ),
        click.option(
            "--person", "people", multiple=True, metavar="PE-0001", help=whose
        ),
        click.option(
            "--statement",
            "statements",
            multiple=True,
            metavar="ST-0001",
            help="A statement about it (sealed).",
        ),
        click.option(
            "--fact", default="", help="What was noticed or is known (sealed)."
        ),
        click.option("--assessment", default="", help="What you make of it (sealed)."),
    )

    def add(function: _F) -> _F:
        for option in reversed(options):
            function = option(function)
        return function

    return add


def account_of(told: Told) -> Account:
    """Return the account the options tell."""
    from evidence.casework.account import Account

    return Account(
        _numbers(told["exhibits"]),
        _numbers(told["people"]),
        _numbers(told["statements"]),
        told["fact"],
        told["assessment"],
    )


def _numbers(words: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(word.upper() for word in words))


def tell_recorded(session: Session, kind: str, entry: Entry) -> None:
    """Say under which number an item was recorded."""
    if session.as_json:
        output.emit_json(kind, {"number": entry.facts["number"], "entry": entry.seq})
    else:
        output.say(f"{entry.facts['number']} recorded, entry {entry.seq}.")


def tell_items(
    session: Session, kind: str, *, texts: bool, words: Mapping[str, str] | None = None
) -> None:
    """List the numbered items of a kind; showing what is sealed is recorded first.

    Args:
        words: what the public word under the name of the kind means, where it has one.
    """
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
                **({"kind": entry.facts.get(kind)} if words is not None else {}),
                "exhibits": entry.exhibits,
                **({"sealed": case.sealed(entry)} if texts else {}),
            }
            for number, entry in found
        ]
        output.emit_json(f"{kind}-list", {"items": items, "odd": known.odd})
        return
    for number, entry in found:
        parts = [number, entry.time, ", ".join(entry.exhibits) or "no exhibit"]
        if words is not None:
            word = str(entry.facts.get(kind))
            parts.insert(2, words.get(word, word))
        output.say("  ".join(parts))
        if texts:
            record = case.sealed(entry).items()
            output.fields([(k, str(v)) for k, v in record if v and k != "salt"])
    tell_odd(known.odd)
