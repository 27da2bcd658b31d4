"""`custody transcript`: the readable conversation of a chat exhibit."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from cli import output
from cli.consulting import consult_first, consulting_options
from cli.session import Session, session_options

if TYPE_CHECKING:
    from evidence.conversation import Message, Page

_MAX_TEXT = 4000  # characters of one message shown at a terminal
_MOST = 10_000


@click.command(name="transcript")
@click.argument("exhibit", metavar="EX-0001")
@click.option(
    "--from",
    "first",
    type=click.IntRange(min=1),
    default=1,
    show_default=True,
    help="Number of the first message.",
)
@click.option(
    "--count",
    type=click.IntRange(min=1, max=_MOST),
    default=100,
    show_default=True,
    help="Messages at most.",
)
@consulting_options
@session_options
@click.pass_obj
def command(session: Session, exhibit: str, first: int, count: int) -> None:
    """Show the conversation of a chat exhibit, a page at a time.

    It is a consultation: it needs a key, --purpose and --because, and is recorded
    before anything is shown. Texts are those of the export, every character that
    could act on the terminal spelled out. The order is that of the export.
    """
    from cli.commands.show import public_exhibit
    from evidence.conversation import read_page

    case = session.open_case()
    found = public_exhibit(case, exhibit)
    consult_first(
        session,
        case,
        "transcript",
        exhibits=(found.id,),
        facts={"count": count, "first": first},
    )
    page = read_page(case, found.entry, first=first, count=count)
    (_as_json if session.as_json else _as_text)(found.id, page)


def _as_json(exhibit: str, page: Page) -> None:
    messages = [
        {
            "record": m.record,
            "number": m.number,
            "time": m.when or None,
            "zone": m.zone,
            "sender": m.sender,
            "kind": m.kind,
            "text": m.text,
            "attachment": m.attachment or None,
        }
        for m in page.messages
    ]
    value = {
        "exhibit": exhibit,
        "messages": messages,
        "total": page.total,
        "next": page.following or None,
        "unparsed": page.unparsed,
    }
    output.emit_json("transcript", value)


def _as_text(exhibit: str, page: Page) -> None:
    output.title(f"{exhibit}  {page.total:,} messages")
    for message in page.messages:
        _message(message)
    if page.unparsed:
        output.tell(f"{page.unparsed} part(s) of the export are no message: see show.")
    if page.following:
        output.tell(f"More: go on with --from {page.following}.")


def _message(message: Message) -> None:
    from evidence.conversation import lines

    sender = message.sender if message.sender is not None else "(no sender)"
    kind = "" if message.kind == "text" else f"  [{message.kind}]"
    zone = f" {message.zone}" if message.zone != "UTC" else ""
    output.say(f"#{message.number}  {message.when or '?'}{zone}  {sender}{kind}")
    shown = message.text[:_MAX_TEXT]
    for line in lines(shown) if shown else ():
        output.say(f"    {line}")
    if len(message.text) > _MAX_TEXT:
        left = len(message.text) - _MAX_TEXT
        output.say(f"    [{left:,} more characters: see --json]")
    if message.attachment:
        output.say(f"    [attachment: {message.attachment}]")
