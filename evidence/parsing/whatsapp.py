"""WhatsApp's text export, read in two passes and constant memory.

The first pass finds the layout that explains the whole file (`whatsapp_layout`), the
second yields one record a message. Each record's source range holds exactly the
message's bytes, continuation lines included; with the part before the first message
the ranges tile the file.
"""

from __future__ import annotations

import base64
import codecs
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import BinaryIO

from evidence.parsing import whatsapp_bodies, whatsapp_header
from evidence.parsing.base import Fields, Record
from evidence.parsing.chat_tally import Attachments, Tally
from evidence.parsing.chat_wallclock import WallClock
from evidence.parsing.whatsapp_bodies import SYSTEM, TEXT, Body
from evidence.parsing.whatsapp_layout import DateOrder, Days, Layout, Survey

PARSER, VERSION = "whatsapp-text", "1"
LINE_BYTES = 1 << 20  # longer lines are read in pieces; only the first can be a heading
TEXT_BYTES = 1 << 18  # the app takes 65,536 characters a message, 4 bytes each at most
PREFACE_LINES = 20  # a text with no heading among its first lines is not an export
AMBIGUOUS = "date-order-ambiguous"

LIMITS = (
    """A line inside a message that is written like the heading of a message cannot be
    told from a real message: the export has no escaping.""",
    """WhatsApp may export the latest messages only; the export does not say whether
    earlier ones existed.""",
    """Whether a line is a message or a notice of the app is told by its form only; a
    notice that holds a colon may be read as a message.""",
    "Times are those of the clock and zone of the device that made the export.",
)


def survey(stream: BinaryIO, *, patient: bool) -> Survey | None:
    """Return the evidence of the whole text; None when it is no WhatsApp export.

    Args:
        stream: the text from its first byte.
        patient: look for a first heading beyond the first lines too.
    """
    seen = Survey()
    starts, starting = whatsapp_header.STARTS, True
    number = 0
    while raw := stream.readline(LINE_BYTES):
        if starting and raw[0] in starts:
            seen.see(raw[: 4 * whatsapp_header.HEAD_CHARS].decode("utf-8", "replace"))
        starting = raw.endswith(b"\n")
        number += 1
        if not seen.dated and not patient and (number >= PREFACE_LINES or b"\0" in raw):
            return None  # too far from the beginning, or no text at all
    return seen


@dataclass(slots=True)
class _Open:
    """The message being read."""

    offset: int
    written: str
    days: Days
    time: str
    body: str
    more: list[bytes] = field(default_factory=list)
    more_bytes: int = 0
    cut: bool = False


class Reader:
    """The second pass.

    Args:
        layout: from the first pass.
        clock: places wall times in UTC.
        attachments: the files that came with the text.
        tally: counts what passes.
        member: name of the text inside an archive or folder; "" for a lone file.
    """

    def __init__(
        self,
        layout: Layout,
        clock: WallClock,
        *,
        attachments: Attachments,
        tally: Tally,
        member: str = "",
    ) -> None:
        self._layout = layout
        self._clock = clock
        self._attachments = attachments
        self._tally = tally
        self._member = member
        self.preface = False  # bytes other than blanks before the first message

    def chat(self) -> Fields:
        """Return the fields of the record that opens the chat."""
        layout = self._layout
        return {
            "kind": "chat",
            "app": "whatsapp",
            "platform": layout.platform,
            "layout": layout.shape.name,
            "date_order": layout.order.value,
            "date_order_basis": layout.basis,
            "time_precision": "second" if layout.shape.seconds else "minute",
            "parser": PARSER,
            "parser_version": VERSION,
        }

    def records(self, stream: BinaryIO) -> Iterator[Record]:
        """Yield a record for each message and each part that is none."""
        current: _Open | None = None
        offset, starting = 0, True
        starts, blank = whatsapp_header.STARTS, True
        while raw := stream.readline(LINE_BYTES):
            opened = None
            if starting and raw[0] in starts:
                line = _decode(raw[:TEXT_BYTES], cut=len(raw) > TEXT_BYTES)
                opened = self._opened(line, offset)
                if opened is None and whatsapp_header.find(line) is not None:
                    yield self._unparsed(offset, len(raw), "heading-of-another-layout")
                    self._tally.unparsed += 1
            if opened is not None:
                if current is not None:
                    yield self._message(current, offset)
                elif offset:
                    yield self._before(offset, blank=blank)
                current = opened
                current.cut = len(raw) > TEXT_BYTES
            elif current is not None:
                _continue(current, raw)
            else:
                blank = blank and not raw.strip(b" \t\r\n\xef\xbb\xbf")
            offset += len(raw)
            starting = raw.endswith(b"\n")
        if current is not None:
            yield self._message(current, offset)
        elif offset:
            yield self._before(offset, blank=blank)

    def _opened(self, line: str, offset: int) -> _Open | None:
        found = self._layout.heading(line)
        if found is None:
            return None
        body, written, days, time = found
        return _Open(offset, written, days, time, line[body:])

    def _source(self, offset: int, length: int) -> Fields:
        if self._member:
            return {"member": self._member, "offset": offset, "length": length}
        return {"offset": offset, "length": length}

    def _unparsed(self, offset: int, length: int, reason: str) -> Record:
        return Record(
            {
                "kind": "unparsed",
                "reason": reason,
                "source": self._source(offset, length),
                "parser": PARSER,
                "parser_version": VERSION,
            }
        )

    def _before(self, length: int, *, blank: bool) -> Record:
        self.preface = not blank
        return self._unparsed(0, length, "before-first-message")

    def _message(self, current: _Open, end: int) -> Record:
        sender, text = whatsapp_bodies.split(current.body)
        if current.more:
            text += _decode(b"".join(current.more), cut=current.cut)
        if "\r" in text:
            text = text.replace("\r\n", "\n")
        text = text.removesuffix("\n")
        known = whatsapp_bodies.notice if sender is None else whatsapp_bodies.classify
        body = known(text)
        days = current.days.options
        fields: Fields = {
            "kind": "message",
            "number": self._tally.messages + 1,
            "sender": sender,
            "time_written": current.written,
            "time_local": f"{days[0]}T{current.time}" if len(days) == 1 else None,
            "time_utc": None,
            "message_kind": body.kind,
            "text": text,
            "attachment": None,
            "source": self._source(current.offset, end - current.offset),
            "parser": PARSER,
            "parser_version": VERSION,
        }
        if len(days) != 1 or self._clock.known:
            self._place(fields, current)
        if body is not SYSTEM and body is not TEXT:
            self._detail(fields, body)
        if current.cut:
            fields["text_cut"] = True
        if not text.isascii() or (sender is not None and not sender.isascii()):
            _readable(fields)
        self._tally.add(fields)
        return Record(fields)

    def _detail(self, fields: Fields, body: Body) -> None:
        if body.omitted:
            fields["attachment"] = self._attachments.omitted(body.attachment)
        elif body.attachment is not None:
            fields["attachment"] = self._attachments.find(body.attachment)
        if body.edited:
            fields["edited"] = True

    def _place(self, fields: Fields, current: _Open) -> None:
        """Fill in UTC when the zone is known; both days when the order is open."""
        local, options = fields["time_local"], current.days.options
        if isinstance(local, str):
            instant = self._clock.place(local)
            fields["time_utc"] = instant.utc
            if instant.note is not None:
                fields["time_note"] = instant.note
            if instant.candidates:
                fields["time_candidates"] = list(instant.candidates)
        elif options:
            fields["time_note"] = AMBIGUOUS
            fields["time_candidates"] = [f"{day}T{current.time}" for day in options]
        else:
            fields["time_note"] = current.days.note


def limits(layout: Layout, clock: WallClock) -> tuple[str, ...]:
    """Return what a parse of this layout does not establish."""
    said = [" ".join(sentence.split()) for sentence in LIMITS]
    if not clock.known:
        said.append("No time zone was given, so no time is placed in UTC.")
    if layout.order in (DateOrder.AMBIGUOUS, DateOrder.MIXED):
        said.append(
            "The file does not establish whether day or month comes first; dates that "
            "allow both readings are given in both."
        )
    if layout.basis == "order":
        said.append(
            "Day and month were told apart only because the other reading would put "
            "the messages out of order."
        )
    return tuple(said)


def _decode(raw: bytes, *, cut: bool = False) -> str:
    """Return text; bytes that are not UTF-8 as surrogates (PEP 383)."""
    if cut:  # the last character may be cut in two: it is left away
        return codecs.getincrementaldecoder("utf-8")("surrogateescape").decode(raw)
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return raw.decode("utf-8", "surrogateescape")


def _continue(current: _Open, raw: bytes) -> None:
    if current.cut:
        return
    room = TEXT_BYTES - current.more_bytes
    if len(raw) > room:
        raw, current.cut = raw[:room], True
    current.more.append(raw)
    current.more_bytes += len(raw)


def _readable(fields: Fields) -> None:
    """Replace undecodable bytes by U+FFFD; give the field's bytes beside it."""
    for name in ("sender", "text"):
        value = fields[name]
        if isinstance(value, str):
            try:
                value.encode()
            except UnicodeEncodeError:
                raw = value.encode("utf-8", "surrogateescape")
                fields[name] = raw.decode("utf-8", "replace")
                fields[f"{name}_b64"] = base64.b64encode(raw).decode()
    attachment = fields["attachment"]
    if isinstance(attachment, dict) and isinstance(attachment.get("name"), str):
        name = str(attachment["name"])
        attachment["name"] = name.encode("utf-8", "replace").decode()
