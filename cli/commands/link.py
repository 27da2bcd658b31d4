"""`custody link`: an item, a passage, an element; for or against."""

from __future__ import annotations

from typing import TypedDict, Unpack

import click

from cli import output
from cli.session import Session, acting_options, session_options


class _Withdrawal(TypedDict):
    """Options of a withdrawal."""

    withdraw: int | None
    reason: str


@click.command(name="link")
@click.argument("item", metavar="[EX-0001[#N]|IN-0001]", required=False)
@click.argument("passage", metavar="[ST-0001#pN]", required=False, default="")
@click.option(
    "--element",
    metavar="act|means|purpose[.FORM]",
    help="The presumed element it bears on, such as means.deception.",
)
@click.option("--supports", "relation", flag_value="supports", help="It is for it.")
@click.option("--contradicts", "relation", flag_value="contradicts", help="Against it.")
@click.option(
    "--tag",
    "tags",
    multiple=True,
    type=click.Choice(["coercion", "harm", "proceeds"]),
    help="What it presumably bears on, too (repeatable).",
)
@click.option(
    "--definition",
    "wanted",
    default="palermo-3",
    show_default=True,
    help="palermo-3, cets197-4, eu2011-36-2, or a TOML file of your own.",
)
@click.option("--withdraw", type=int, metavar="ENTRY", help="Withdraw that link.")
@click.option("--reason", default="", help="Why it is withdrawn (sealed).")
@acting_options
@session_options
@click.pass_obj
def command(
    session: Session,
    item: str | None,
    passage: str,
    element: str | None,
    relation: str | None,
    tags: tuple[str, ...],
    wanted: str,
    **withdrawal: Unpack[_Withdrawal],
) -> None:
    """Link an item to a passage and a presumed element of the offence.

    A link is your assessment. It is sealed; record what contradicts as well as what
    supports.
    """
    from evidence.casework.elements import open_definition
    from evidence.casework.links import Link, add_link, withdraw_link

    taken_back, reason = withdrawal["withdraw"], withdrawal["reason"]
    if taken_back is None and not (item and element and relation):
        raise click.UsageError("Give an item, --element, and for or against.")
    if taken_back is not None and (item or element or relation):
        raise click.UsageError("--withdraw ENTRY stands alone, with --reason.")
    definition = open_definition(wanted)
    case = session.open_case()
    identity, signer = session.acting()
    with session.writing(case, identity, signer) as writer:
        if taken_back is not None:
            entry = withdraw_link(writer, taken_back, reason=reason)
        else:
            place, form = definition.element(str(element))
            named, plain = str(item).upper(), _passage(passage)
            link = Link(named, plain, place, form, str(relation), tags)
            entry = add_link(writer, link, definition)
    if session.as_json:
        output.emit_json("link", {"entry": entry.seq, "facts": entry.facts})
    elif taken_back is None:
        output.say(f"Linked, entry {entry.seq}.")
    else:
        output.say(f"The link in entry {taken_back} is withdrawn, entry {entry.seq}.")


def _passage(text: str) -> str:
    number, mark, place = text.partition("#")
    return number.upper() + mark + place.lower()
