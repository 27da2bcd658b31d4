"""What must hold of every chat and of every byte string given as one."""

from __future__ import annotations

import io
import json
import tempfile
import zipfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from evidence.parsing import telegram_scan
from evidence.parsing.base import Job, Record, Summary
from evidence.parsing.chat import ChatParser
from evidence.samples import chats

MARKS = "\u200e\u200f\u202a\u202e\u2066\u2069\ufeff"


def run(raw: bytes, **options: Any) -> tuple[list[dict[str, Any]], Summary]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "chat"
        path.write_bytes(raw)
        items = list(ChatParser().parse(Job(str(path), options=options)))
    last = items[-1]
    assert isinstance(last, Summary)
    records = [item.fields for item in items if isinstance(item, Record)]
    assert len(records) == len(items) - 1
    for fields in records:
        check(fields)
    check(dict(last.public))
    return records, last


def check(value: object) -> None:
    """Assert that a value may stand in a record."""
    if isinstance(value, dict):
        for key, inner in value.items():
            assert isinstance(key, str)
            check(inner)
    elif isinstance(value, list):
        for inner in value:
            check(inner)
    elif isinstance(value, str):
        value.encode()
    else:
        assert value is None or isinstance(value, int)
        assert value is None or -(2**53) < value < 2**53


def tiles(raw: bytes, records: list[dict[str, Any]]) -> bytes:
    messages = [r for r in records if r["kind"] == "message"]
    lead = [
        r
        for r in records
        if r["kind"] == "unparsed" and r["reason"] == "before-first-message"
    ]
    return b"".join(
        raw[r["source"]["offset"] :][: r["source"]["length"]] for r in lead + messages
    )


# --- anything --------------------------------------------------------------------

starts = st.sampled_from(
    [
        b"",
        b"{",
        b'{"messages":[',
        b'{"chats":{"list":[{"messages":[{"type":"message","date":',
        b"PK\x03\x04",
        b"PK\x05\x06",
        b"\xef\xbb\xbf",
        b"\xff\xfe",
        b"13/03/2024, 14:05 - Ann: ",
        b"[13/03/2024, 14:05:33] Ann: ",
        b"[",
        chats.whatsapp_zip()[:900],
        chats.telegram_json()[:600],
    ]
)


@settings(max_examples=150, deadline=None)
@given(starts, st.binary(max_size=400))
def test_random_bytes_end_in_a_summary(start: bytes, rest: bytes) -> None:
    run(start + rest)
    run(start + rest, app="whatsapp", timezone="Europe/Rome", date_order="dmy")


@settings(max_examples=150, deadline=None)
@given(st.text(alphabet='0123/-.,:[] apm\u202f\n\r"{}<>()' + MARKS, max_size=300))
def test_random_text_that_looks_dated(text: str) -> None:
    run(text.encode())
    raw = ("13/03/2024, 14:05 - A: " + text).encode()
    records, _ = run(raw)
    if records:
        assert tiles(raw, records) == raw


SAMPLES = (chats.whatsapp_zip(), chats.whatsapp_text(), chats.telegram_json())


@settings(max_examples=150, deadline=None)
@given(
    st.sampled_from(SAMPLES),
    st.lists(st.tuples(st.integers(0, 10_000), st.integers(0, 255)), max_size=8),
    st.integers(0, 10_000),
)
def test_damaged_samples(
    sample: bytes, changes: list[tuple[int, int]], cut: int
) -> None:
    damaged = bytearray(sample)
    for at, value in changes:
        damaged[at % len(damaged)] = value
    if cut % 3 == 0:
        del damaged[cut % len(damaged) :]
    run(bytes(damaged))


# --- WhatsApp --------------------------------------------------------------------

names = st.text(
    st.characters(
        exclude_categories=("Cs", "Cc", "Cf", "Z"), exclude_characters=':"“«„<'
    ),
    min_size=1,
    max_size=12,
)
words = st.text(
    st.characters(exclude_categories=("Cs",), exclude_characters="\r\n"), max_size=40
)
texts = st.lists(words, min_size=1, max_size=4).map("\n".join)
FIRST, LAST, SURE = (
    datetime.fromisoformat(text)
    for text in ("2010-01-01T00:00:00", "2040-01-01T00:00:00", "2024-03-28T09:05:06")
)
moments = st.datetimes(FIRST, LAST)
FORMS = {
    "android-dmy": "%d/%m/%Y, %H:%M - ",
    "android-mdy": "%m/%d/%y, %I:%M\u202f%p - ",
    "android-german": "%d.%m.%y, %H:%M - ",
    "android-iso": "%Y-%m-%d %H:%M - ",
    "ios-dmy": "[%d/%m/%Y, %H:%M:%S] ",
    "ios-mdy": "\u200e[%m/%d/%y, %I:%M:%S\u202f%p] ",
}


@settings(max_examples=150, deadline=None)
@given(
    st.sampled_from(sorted(FORMS)),
    st.lists(st.tuples(moments, names, texts), min_size=1, max_size=12),
    st.sampled_from(["\n", "\r\n"]),
)
def test_whatsapp_round_trip(
    form: str, sent: list[tuple[datetime, str, str]], ending: str
) -> None:
    sent = [(SURE, "Ann", "x"), *sent]  # the 28th shows which number is the day
    raw = "".join(
        f"{moment.strftime(FORMS[form])}{name}: {text}".replace("\n", ending) + ending
        for moment, name, text in sent
    ).encode()
    records, summary = run(raw)
    assert tiles(raw, records) == raw
    messages = [r for r in records if r["kind"] == "message"]
    if len(messages) > len(sent):
        return  # a generated line happens to be a heading
    assert [m["sender"] for m in messages] == [name for _, name, _ in sent]
    assert [m["text"] for m in messages] == [text for _, _, text in sent]
    seconds = form.startswith("ios")
    assert [m["time_local"] for m in messages] == [
        moment.replace(
            microsecond=0, second=moment.second if seconds else 0
        ).isoformat()
        for moment, _, _ in sent
    ]
    assert summary.public["messages"] == len(sent)


@settings(max_examples=100, deadline=None)
@given(
    st.lists(st.binary(max_size=60), max_size=6),
    st.sampled_from([b"", b"\xef\xbb\xbf", b"lead\n", b"\n\n"]),
)
def test_ranges_tile_any_bytes(bodies: list[bytes], lead: bytes) -> None:
    line = b"13/03/2024, 14:05 - Ann: "
    raw = lead + line + b"first\n" + b"".join(line + body + b"\n" for body in bodies)
    records, _ = run(raw)
    assert tiles(raw, records) == raw


@settings(max_examples=100, deadline=None)
@given(st.lists(moments, min_size=2, max_size=12))
def test_date_order_is_never_wrong(dates: list[datetime]) -> None:
    """In a chat kept in order, a decided date is the right one."""
    dates.sort()
    raw = "".join(f"{day:%d/%m/%Y, %H:%M} - Ann: x\n" for day in dates).encode()
    records, _ = run(raw)
    messages = [r for r in records if r["kind"] == "message"]
    assert len(messages) == len(dates)
    for message, day in zip(messages, dates, strict=True):
        right = day.replace(second=0, microsecond=0).isoformat()
        if message["time_local"] is None:
            assert message["time_candidates"][0] == right
        else:
            assert message["time_local"] == right


@settings(max_examples=60, deadline=None)
@given(moments, st.sampled_from(["Europe/Rome", "Asia/Baku", "America/Sao_Paulo"]))
def test_utc_leads_back_to_the_wall_time(moment: datetime, zone: str) -> None:
    moment = moment.replace(day=28, second=0, microsecond=0)
    raw = f"{moment:%d/%m/%Y, %H:%M} - Ann: x\n".encode()
    records, _ = run(raw, timezone=zone)
    (message,) = (r for r in records if r["kind"] == "message")
    found = [message["time_utc"], *message.get("time_candidates", [])]
    for utc in filter(None, found):
        back = datetime.fromisoformat(utc).astimezone(ZoneInfo(zone))
        assert back.replace(tzinfo=None) == moment
    if not any(found):
        assert message["time_note"] == "dst-nonexistent"
        there = moment.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)
        assert there.astimezone(ZoneInfo(zone)).replace(tzinfo=None) != moment


# --- Telegram --------------------------------------------------------------------

scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12)
values = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=8,
)
KEYS = st.sampled_from(
    (
        "id",
        "type",
        "date",
        "date_unixtime",
        "from",
        "text",
        "photo",
        "file",
        "edited",
        "poll",
        "members",
        "action",
        "location_information",
        "contact_information",
        "width",
        "media_type",
        "thumbnail",
        "extra",
    )
)


@settings(max_examples=150, deadline=None)
@given(
    st.lists(st.dictionaries(KEYS, values, max_size=6), max_size=6),
    st.sampled_from([None, 0, 1, 3]),
    st.sampled_from([1, 5, 64, 1 << 20]),
    st.booleans(),
)
def test_telegram_ranges(
    given_messages: list[dict[str, Any]], indent: int | None, chunk: int, ascii_: bool
) -> None:
    content = {
        "name": "x\ud800" if ascii_ else "x",
        "type": "personal_chat",
        "id": 5,
        "messages": given_messages,
    }
    text = json.dumps(content, indent=indent, ensure_ascii=ascii_)
    raw = text.encode("utf-8", "replace")
    size, telegram_scan.CHUNK = telegram_scan.CHUNK, chunk
    try:
        records, _ = run(raw)
    finally:
        telegram_scan.CHUNK = size
    found = [r for r in records if r["kind"] in ("message", "unparsed")]
    parts = [raw[r["source"]["offset"] :][: r["source"]["length"]] for r in found]
    assert list(map(repr, map(json.loads, parts))) == list(
        map(repr, json.loads(raw)["messages"])
    )


# --- archives --------------------------------------------------------------------


@settings(max_examples=60, deadline=None)
@given(
    st.dictionaries(st.text(max_size=12), st.binary(max_size=300), max_size=5),
    st.sampled_from([zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED]),
)
def test_archives_with_any_names(members: dict[str, bytes], method: int) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as made:
        made.writestr("_chat.txt", chats.whatsapp_text())
        for name, body in members.items():
            if name not in made.namelist() and name.isprintable() and name:
                made.writestr(name, body)
        expected = made.namelist()
    records, summary = run(buffer.getvalue())
    assert sum(r["kind"] == "message" for r in records) == 21
    listed = [r["name"] for r in records if r["kind"] == "member"]
    assert listed == expected
    assert summary.public["members"] == len(expected)
