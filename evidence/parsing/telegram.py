"""Telegram Desktop's JSON export: one chat, or all chats of an account.

Fields follow the export of Telegram Desktop (``export_output_json.cpp``). Times:
``date`` is the wall clock of the computer that exported, ``date_unixtime`` (since 2022)
the instant. Numbers with a fraction become strings, as written.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import BinaryIO

from evidence.parsing.base import Fields, Record
from evidence.parsing.chat_tally import Attachments, Tally
from evidence.parsing.chat_wallclock import WallClock
from evidence.parsing.telegram_scan import (
    BrokenJsonError,
    ChatStart,
    Element,
    Scanner,
)
from evidence.parsing.telegram_values import (
    decode,
    is_wall_time,
    plain,
    text_of,
    unix_time,
)

PARSER, VERSION = "telegram-json", "1"
PROBES = 20  # messages looked at to tell Telegram from other apps' JSON
KINDS = frozenset(("message", "service", "unsupported"))
CHAT_TYPES = frozenset(
    (
        "saved_messages",
        "replies",
        "verification_codes",
        "personal_chat",
        "bot_chat",
        "private_group",
        "private_supergroup",
        "public_supergroup",
        "private_channel",
        "public_channel",
    )
)
LIMITS = (
    "An export may leave out dates, kinds of media and large files without saying so.",
)

_OMITTED = re.compile(r"\((?:File|Photo) (?:not included|unavailable|exceeds)")
_FILES = ("photo", "file", "contact_vcard")
_FILE_KEYS = frozenset((*_FILES, "thumbnail"))
# Keys copied under their own names when they hold text or whole numbers.
_COPIED = frozenset(
    (
        "from_id",
        "actor_id",
        "action",
        "author",
        "forwarded_from",
        "saved_from",
        "via_bot",
        "media_type",
        "mime_type",
        "file_name",
        "file_size",
        "width",
        "height",
        "duration_seconds",
        "duration",
        "sticker_emoji",
        "title",
        "discard_reason",
        "place_name",
        "address",
        "message_id",
        "self_destruct_period_seconds",
        "live_location_period_seconds",
    )
)


def is_message(value: object) -> bool:
    """True when `value` has the marks of a Telegram message and of no other app's."""
    if not isinstance(value, dict) or value.get("type") not in KINDS:
        return False
    if value["type"] == "unsupported":
        return "id" in value
    return "date" in value or "date_unixtime" in value


def recognise(stream: BinaryIO) -> bool:
    """True when the text is a Telegram export, by its first messages."""
    known = seen = 0
    try:
        for event in Scanner(stream, decode).walk():
            if isinstance(event, ChatStart):
                chat_type = _header(event).get("chat_type")
                if chat_type in CHAT_TYPES and "id" in event.header:
                    return True
                continue
            seen += 1
            known += is_message(event.value)
            if seen == PROBES:
                break
    except BrokenJsonError:
        pass
    return known * 2 > seen


def _header(start: ChatStart) -> Fields:
    found: Fields = {}
    for name, data in start.header.items():
        try:
            value = plain(decode(data))
        except ValueError:
            continue
        found["chat_id" if name == "id" else f"chat_{name}"] = value
    return found


class Reader:
    """Yields a record for each message.

    Args:
        clock: places ``date`` in UTC where the export gives no instant.
        attachments: the files that came with the export.
        tally: counts what passes.
        member: name of the JSON inside an archive or folder; "" for a lone file.
    """

    def __init__(
        self, clock: WallClock, *, attachments: Attachments, tally: Tally, member: str
    ) -> None:
        self._clock = clock
        self._attachments = attachments
        self._tally = tally
        self._member = member
        self.chats = 0
        self.placed = False  # some message gave its instant
        self.broken: int | None = None  # where the JSON stopped being JSON

    def records(self, stream: BinaryIO) -> Iterator[Record]:
        """Yield chats and messages; what follows broken JSON is not read."""
        scanner = Scanner(stream, decode)
        try:
            for event in scanner.walk():
                if isinstance(event, ChatStart):
                    self.chats += 1
                    yield Record(self._chat(event))
                elif event.reason is None and isinstance(event.value, dict):
                    yield Record(self._message(event, event.value))
                else:
                    self._tally.unparsed += 1
                    yield Record(self._unparsed(event))
        except BrokenJsonError as error:
            self.broken = error.offset

    def rest(self, offset: int, size: int) -> Record:
        """Return the record of the part from `offset` on that is not read."""
        length = max(size - offset, 0)
        return Record(self._unparsed(Element(offset, length, reason="not-json")))

    def _source(self, offset: int, length: int) -> Fields:
        if self._member:
            return {"member": self._member, "offset": offset, "length": length}
        return {"offset": offset, "length": length}

    def _chat(self, start: ChatStart) -> Fields:
        return {
            "kind": "chat",
            "app": "telegram",
            "platform": "desktop",
            "layout": "telegram-json",
            "chat": self.chats,
            **_header(start),
            "parser": PARSER,
            "parser_version": VERSION,
        }

    def _unparsed(self, element: Element) -> Fields:
        return {
            "kind": "unparsed",
            "reason": element.reason or "not-an-object",
            "source": self._source(element.offset, element.length),
            "parser": PARSER,
            "parser_version": VERSION,
        }

    def _message(self, element: Element, value: Mapping[str, object]) -> Fields:
        text, entities = _flatten(value)
        service = value.get("type") == "service"
        fields: Fields = {
            "kind": "message",
            "number": self._tally.messages + 1,
            "chat": self.chats,
            "id": plain(value.get("id")),
            "sender": text_of(value.get("actor" if service else "from")),
            "time_written": None,
            "time_local": None,
            "time_utc": None,
            "message_kind": _kind(value),
            "text": text,
            "attachment": self._attachment(value),
            "source": self._source(element.offset, element.length),
            "parser": PARSER,
            "parser_version": VERSION,
        }
        if entities:
            fields["entities"] = dict(sorted(entities.items()))
        reply = plain(value.get("reply_to_message_id"))
        if reply is not None:
            fields["reply_to"] = reply
        for name in value:
            if name in _COPIED and (copied := plain(value[name])) is not None:
                fields[name] = copied
        _contents(fields, value)
        self._place(fields, value)
        self._tally.add(fields)
        return fields

    def _place(self, fields: Fields, value: Mapping[str, object]) -> None:
        """Fill in when the message was sent and when it was last edited."""
        for key, prefix in (("date", "time"), ("edited", "edited")):
            seconds = value.get(f"{key}_unixtime")
            written, instant = text_of(value.get(key)), unix_time(seconds)
            if written is None and instant is None:
                continue
            local = written if written and is_wall_time(written) else None
            fields[f"{prefix}_written"] = written or str(plain(seconds))
            fields[f"{prefix}_local"] = local
            fields[f"{prefix}_utc"] = instant
            if instant is not None:
                self.placed = True
            elif local is not None:
                placed = self._clock.place(local)
                fields[f"{prefix}_utc"] = placed.utc
                if placed.note is not None:
                    fields[f"{prefix}_note"] = placed.note
                if placed.candidates:
                    fields[f"{prefix}_candidates"] = list(placed.candidates)

    def _attachment(self, value: Mapping[str, object]) -> Fields | None:
        if _FILE_KEYS.isdisjoint(value):
            return None
        for name in ("thumbnail", *_FILES):
            path = text_of(value.get(name))
            if path:
                self._attachments.mention(path)
        for name in _FILES:
            path = text_of(value.get(name))
            if path and _OMITTED.search(path):
                shown = text_of(value.get("file_name"))
                return {**self._attachments.omitted(shown), "written": path}
            if path:
                return self._attachments.find(path)
        return None


def _flatten(value: Mapping[str, object]) -> tuple[str, Counter[str]]:
    """Return the text without mark-up and how often each kind of mark-up occurs."""
    raw = value.get("text")
    if isinstance(raw, str):
        return text_of(raw) or "", Counter()
    parts = raw if isinstance(raw, list) else [raw]
    text: list[str] = []
    kinds: Counter[str] = Counter()
    for part in parts:
        if isinstance(part, dict):
            text.append(text_of(part.get("text")) or "")
            kinds[text_of(part.get("type")) or "unknown"] += 1
        else:
            text.append(text_of(part) or "")
    return "".join(text), kinds


def _kind(value: Mapping[str, object]) -> str:
    if value.get("type") == "service":
        calls = ("phone_call", "group_call", "conference_call")
        return "call" if value.get("action") in calls else "service"
    if value.get("type") != "message":
        return "other"
    for name, kind in (
        ("poll", "poll"),
        ("contact_information", "contact"),
        ("location_information", "location"),
        ("photo", "media"),
        ("file", "media"),
        ("media_type", "media"),
    ):
        if name in value:
            return kind
    return "text"


def _contents(fields: Fields, value: Mapping[str, object]) -> None:
    """Copy the small objects a message may hold, flat and bounded."""
    for name, target in (
        ("location_information", "location"),
        ("contact_information", "contact"),
    ):
        inner = value.get(name)
        if isinstance(inner, dict):
            fields[target] = {
                str(key): plain(inner[key])
                for key in (
                    "latitude",
                    "longitude",
                    "first_name",
                    "last_name",
                    "phone_number",
                )
                if key in inner
            }
    poll = value.get("poll")
    if isinstance(poll, dict):
        answers = poll.get("answers")
        listed = answers[:1000] if isinstance(answers, list) else []
        fields["poll"] = {
            "question": text_of(poll.get("question")),
            "total_voters": plain(poll.get("total_voters")),
            "answers": [
                {"text": text_of(item.get("text")), "voters": plain(item.get("voters"))}
                for item in listed
                if isinstance(item, dict)
            ],
        }
    members = value.get("members")
    if isinstance(members, list):
        fields["members"] = [text_of(name) for name in members[:1000]]
