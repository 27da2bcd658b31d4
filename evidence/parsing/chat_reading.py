"""Reads one text of messages, whichever app wrote it, and sums it up."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from evidence.outcome import Outcome, ParseOutcome
from evidence.parsing import telegram, whatsapp
from evidence.parsing.base import Fields, Record, Summary
from evidence.parsing.chat_source import Text, Wish
from evidence.parsing.chat_tally import Attachments, Tally
from evidence.parsing.whatsapp_layout import Layout

_TOLERATED = 20  # one dated line in so many may be foreign: pasted from elsewhere


@dataclass(slots=True)
class Result:
    """What the summary is made of, as it becomes known."""

    outcome: ParseOutcome = ParseOutcome.PARSED
    public: Fields = field(default_factory=dict)
    limits: list[str] = field(default_factory=list)
    missing: int = 0
    refused: int = 0

    def partial(self, why: str) -> None:
        """Say that something could not be read."""
        self.outcome = ParseOutcome.PARTIAL
        self.limits.append(why)

    def summary(self) -> Summary:
        """Return the last item of the parse."""
        left_out = {Outcome.MISSING: self.missing, Outcome.REFUSED: self.refused}
        return Summary(
            self.outcome,
            self.public,
            tuple(self.limits),
            {outcome: count for outcome, count in left_out.items() if count},
        )


@dataclass(frozen=True, slots=True)
class Recognised:
    """A text of a known app.

    Attributes:
        layout: of a WhatsApp text; None for Telegram.
    """

    layout: Layout | None


def recognise(text: Text, wish: Wish) -> Recognised | None:
    """Return what app wrote the text, by its bytes; None when none that is known."""
    if wish.app in ("auto", "telegram"):
        start = text.open().read(4096).removeprefix(b"\xef\xbb\xbf").lstrip()
        if start.startswith(b"{") and telegram.recognise(text.open()):
            return Recognised(None)
    if wish.app in ("auto", "whatsapp"):
        survey = whatsapp.survey(text.open(), patient=wish.app == "whatsapp")
        layout = None if survey is None else survey.layout(wish.date_order)
        if layout is not None:
            return Recognised(layout)
    return None


def read(
    text: Text,
    known: Recognised,
    wish: Wish,
    *,
    attachments: Attachments,
    members: Iterable[Fields],
    result: Result,
) -> Iterator[Record]:
    """Yield the chat's record, its members, its messages and the closing record.

    Args:
        text: where the messages are.
        known: as `recognise` said.
        wish: the examiner's options.
        attachments: looks up the files that messages name.
        members: records of archive members; taken before the first message is read.
        result: filled with facts, limits and counts by the time this ends.
    """
    tally = Tally()
    if known.layout is not None:
        records = _whatsapp(text, known.layout, wish, attachments, tally, result)
    else:
        records = _telegram(text, wish, attachments, tally, result)
    first = next(records, None)
    if first is not None:
        yield first
    for fields in members:
        yield Record(fields)
    yield from records
    yield Record(tally.summary())
    early = text.early()
    if early is not None:
        result.partial(f"The messages' file could be read in part only: {early}.")
    if tally.participants_capped:
        result.partial("Not every sender is listed: there are too many.")
    result.missing = attachments.counts[Outcome.MISSING]
    result.public.update(tally.facts(attachments))


def _whatsapp(
    text: Text,
    layout: Layout,
    wish: Wish,
    attachments: Attachments,
    tally: Tally,
    result: Result,
) -> Iterator[Record]:
    reader = whatsapp.Reader(
        layout,
        wish.clock,
        attachments=attachments,
        tally=tally,
        member=text.member,
    )
    chat = reader.chat()
    yield Record(chat)
    yield from reader.records(text.open())
    result.public = {
        "app": "whatsapp",
        "platform": layout.platform,
        "layout": layout.shape.name,
        "date_order": layout.order.value,
        "date_order_basis": layout.basis,
        "timezone_known": wish.clock.known,
    }
    result.limits.extend(whatsapp.limits(layout, wish.clock))
    if reader.preface:
        result.partial("The file begins with text that belongs to no message.")
    if tally.unparsed * _TOLERATED > tally.messages:
        result.partial("Many dated lines do not have the layout of the others.")
    elif tally.unparsed:
        result.limits.append(
            "Some dated lines do not have the layout of the others; they are kept as "
            "text of the message before and listed."
        )
    if not tally.messages:
        result.outcome = ParseOutcome.FAILED
        result.limits.append("No message could be read with the options given.")


def _telegram(
    text: Text,
    wish: Wish,
    attachments: Attachments,
    tally: Tally,
    result: Result,
) -> Iterator[Record]:
    reader = telegram.Reader(
        wish.clock, attachments=attachments, tally=tally, member=text.member
    )
    yield from reader.records(text.open())
    result.public = {
        "app": "telegram",
        "platform": "desktop",
        "layout": "telegram-json",
        "chats": reader.chats,
        "date_order": "ymd",
        "timezone_known": wish.clock.known or reader.placed,
    }
    result.limits.extend(telegram.LIMITS)
    if reader.broken is not None:
        yield reader.rest(reader.broken, text.size)
        result.partial(
            "The JSON is broken or cut short; messages up to there are kept."
        )
    elif tally.unparsed:
        result.partial("Some messages could not be read; they are listed.")
    if not (wish.clock.known or reader.placed):
        result.limits.append("No time zone was given, so no time is placed in UTC.")
