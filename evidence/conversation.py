"""The messages of a chat exhibit, a page at a time, in the order of the export.

They come from the inventory, whose root has to be the one its acquire entry names:
what somebody put there afterwards is not shown as if it had been acquired.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from evidence.access_errors import InventoryAlteredError, NoConversationError
from evidence.case import Case, unreadable
from evidence.inventory import read_records, scan
from manifests.canonical import Json
from manifests.entries import Entry

MAX_MESSAGES = 10_000  # on one page
MAX_PAGE_CHARS = 8 << 20  # text of one page; at least one message is on it


@dataclass(frozen=True, slots=True)
class Message:
    """One message as its record tells it.

    Attributes:
        record: number of the inventory record, from 1.
        number: number of the message in the exhibit, from 1.
        when: UTC time; else the local or the written one, with `zone` saying which.
        attachment: name and outcome of an attachment; "" without one.
    """

    record: int
    number: int
    when: str
    zone: str
    sender: str | None
    text: str
    kind: str
    attachment: str = ""


@dataclass(frozen=True, slots=True)
class Page:
    """Some messages in a row.

    Attributes:
        total: messages in the exhibit.
        following: number of the next message that was not given; 0 at the end.
        unparsed: parts of the export that are no message, in the whole exhibit.
    """

    messages: tuple[Message, ...]
    total: int
    following: int
    unparsed: int


def read_page(case: Case, entry: Entry, *, first: int, count: int) -> Page:
    """Return up to `count` messages from number `first` on.

    Raises:
        NoConversationError: the exhibit holds no message.
        InventoryAlteredError: its inventory is not the one that was recorded.
        CaseUnreadableError, MalformedError: it cannot be read.
    """
    exhibit = entry.exhibits[0]
    facts = entry.facts.get("inventory")
    told = facts if isinstance(facts, dict) else {}
    taken: list[Message] = []
    total = chars = unparsed = following = 0
    try:
        if scan(case.open_inventory(exhibit)) != (
            told.get("records"),
            told.get("root"),
        ):
            raise InventoryAlteredError(exhibit=exhibit)
        records = read_records(case.open_inventory(exhibit))
        for number, record in enumerate(records, start=1):
            unparsed += record.get("kind") == "unparsed"
            if record.get("kind") != "message":
                continue
            total += 1
            if total < first or following:
                continue
            message = _message(number, total, record)
            size = len(message.text) + len(message.sender or "")
            full = len(taken) >= min(count, MAX_MESSAGES)
            if full or (taken and chars + size > MAX_PAGE_CHARS):
                following = total
                continue
            taken.append(message)
            chars += size
    except OSError as error:
        raise unreadable(f"The inventory of {exhibit}", error) from error
    if not total:
        raise NoConversationError(exhibit=exhibit)
    return Page(tuple(taken), total, following, unparsed)


def _message(record: int, number: int, fields: dict[str, Json]) -> Message:
    when, zone = _when(fields)
    sender, text = fields.get("sender"), fields.get("text")
    return Message(
        record,
        number,
        when,
        zone,
        sender if isinstance(sender, str) else None,
        text if isinstance(text, str) else "",
        str(fields.get("message_kind") or "text"),
        _attachment(fields.get("attachment")),
    )


def _when(fields: dict[str, Json]) -> tuple[str, str]:
    for name, zone in (
        ("time_utc", "UTC"),
        ("time_local", "local"),
        ("time_written", "as written"),
    ):
        value = fields.get(name)
        if isinstance(value, str) and value:
            return value, zone
    return "", "unknown"


def _attachment(value: Json) -> str:
    if not isinstance(value, dict):
        return ""
    name, outcome = value.get("name"), value.get("outcome")
    return f"{name or 'without a name'} ({outcome or 'unknown'})"


def lines(text: str) -> Iterator[str]:
    """Yield the lines of a message; a line feed alone ends one."""
    yield from text.split("\n")
