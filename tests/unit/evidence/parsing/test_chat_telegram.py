"""Telegram JSON: byte ranges, fields, broken and hostile files."""

from __future__ import annotations

import io
import json
import tracemalloc
from pathlib import Path
from typing import Any

import pytest

from evidence.outcome import Outcome, ParseOutcome
from evidence.parsing import telegram_scan
from evidence.parsing.base import Item, Job, Record, Summary
from evidence.parsing.chat import ChatParser


class Parsed:
    def __init__(self, items: list[Item], raw: bytes) -> None:
        last = items[-1]
        assert isinstance(last, Summary)
        self.summary = last
        self.raw = raw
        self.records: list[dict[str, Any]] = [
            item.fields for item in items if isinstance(item, Record)
        ]

    def of(self, kind: str) -> list[dict[str, Any]]:
        return [fields for fields in self.records if fields["kind"] == kind]

    @property
    def messages(self) -> list[dict[str, Any]]:
        return self.of("message")

    def bytes_of(self, fields: dict[str, Any]) -> bytes:
        source = fields["source"]
        return self.raw[source["offset"] :][: source["length"]]


@pytest.fixture
def parse(tmp_path: Path):
    def run(content: object, *, indent: int | None = 1, **options: Any) -> Parsed:
        if isinstance(content, bytes):
            raw = content
        else:
            raw = json.dumps(content, ensure_ascii=False, indent=indent).encode()
        path = tmp_path / "result.json"
        path.write_bytes(raw)
        return Parsed(list(ChatParser().parse(Job(str(path), options=options))), raw)

    return run


def message(number: int, **more: Any) -> dict[str, Any]:
    return {
        "id": number,
        "type": "message",
        "date": "2024-03-19T09:00:00",
        "date_unixtime": "1710835200",
        "from": "Ann",
        "from_id": "user1",
        "text": f"text {number}",
        **more,
    }


def chat(*messages: Any, **more: Any) -> dict[str, Any]:
    header = {"name": "Group", "type": "private_group", "id": 7}
    return {**header, **more, "messages": list(messages)}


@pytest.mark.parametrize("indent", [None, 0, 1, 2, 4])
def test_each_record_delimits_its_message(parse, indent: int | None) -> None:
    hard = 'quote " brace } bracket ] backslash \\ newline \n end'
    given = [
        message(1, text=hard),
        message(2, text=[hard, {"type": "bold", "text": "}]\\"}, ""]),
        message(3, text="\u2028\u202e\U0001f469"),
        message(4),
    ]
    parsed = parse(chat(*given), indent=indent)
    assert parsed.summary.outcome is ParseOutcome.PARSED
    assert [json.loads(parsed.bytes_of(m)) for m in parsed.messages] == given
    assert parsed.messages[0]["text"] == hard
    assert parsed.messages[1]["text"] == hard + "}]\\"
    assert parsed.messages[1]["entities"] == {"bold": 1}


def test_windows_end_anywhere(parse, monkeypatch: pytest.MonkeyPatch) -> None:
    given = [message(n, text='ä"}\\' * n, extra={"a": [1, {"b": 2}]}) for n in range(9)]
    for size in (1, 2, 3, 7, 64):
        monkeypatch.setattr(telegram_scan, "CHUNK", size)
        for indent in (None, 1):
            parsed = parse(chat(*given), indent=indent)
            assert [json.loads(parsed.bytes_of(m)) for m in parsed.messages] == given


def test_all_chats_of_an_account(parse) -> None:
    parsed = parse(
        {
            "about": "Here is the data {you} [requested]",
            "personal_information": {"user_id": 1, "first_name": "Ann"},
            "contacts": {"about": "x", "list": [{"messages": [{"id": 1}]}]},
            "chats": {"about": "y", "list": [chat(message(1)), chat(message(2))]},
            "left_chats": {"list": [chat(message(3), name="Left")]},
        }
    )
    assert [c["chat_name"] for c in parsed.of("chat")] == ["Group", "Group", "Left"]
    assert [(m["chat"], m["id"]) for m in parsed.messages] == [(1, 1), (2, 2), (3, 3)]
    assert [m["number"] for m in parsed.messages] == [1, 2, 3]
    assert parsed.summary.public["chats"] == 3


def test_fields(parse) -> None:
    given = message(
        5,
        reply_to_message_id=4,
        edited="2024-03-19T09:10:00",
        edited_unixtime="1710835800",
        forwarded_from="Eve",
        media_type="voice_message",
        mime_type="audio/ogg",
        duration_seconds=3,
        file="voice_messages/audio_1.ogg",
    )
    (got,) = parse(chat(given)).messages
    assert got["time_written"] == "2024-03-19T09:00:00"
    assert got["time_local"] == "2024-03-19T09:00:00"
    assert got["time_utc"] == "2024-03-19T08:00:00Z"
    assert got["edited_utc"] == "2024-03-19T08:10:00Z"
    assert got["sender"] == "Ann"
    assert got["from_id"] == "user1"
    assert got["reply_to"] == 4
    assert got["forwarded_from"] == "Eve"
    assert got["duration_seconds"] == 3
    assert got["message_kind"] == "media"
    name = "voice_messages/audio_1.ogg"
    assert got["attachment"] == {"name": name, "outcome": "missing"}


def test_files_of_a_folder(parse) -> None:
    given = [
        message(1, photo="photos/photo_1.jpg"),
        message(2, file="files/x.pdf", thumbnail="files/x_thumb.jpg"),
        message(3, file="files/gone.pdf"),
        message(
            4,
            file="(File not included. Change data exporting settings to download.)",
            file_name="left.mp4",
        ),
        message(5, photo="(File exceeds maximum size. Change data exporting settings)"),
        message(6, file="(File unavailable, please try again later)"),
    ]
    base = "ChatExport/"
    there = ["photos/photo_1.jpg", "files/x.pdf", "files/x_thumb.jpg", "css/style.css"]
    members = [base + "result.json", *(base + name for name in there)]
    parsed = parse(chat(*given), main=members[0], members=members)
    outcomes = [m["attachment"]["outcome"] for m in parsed.messages]
    omitted = "omitted-by-export"
    assert outcomes == ["acquired", "acquired", "missing", omitted, omitted, omitted]
    assert parsed.messages[0]["attachment"]["member"] == base + "photos/photo_1.jpg"
    assert parsed.messages[3]["attachment"]["name"] == "left.mp4"
    assert parsed.messages[0]["source"]["member"] == base + "result.json"
    assert parsed.summary.left_out == {Outcome.MISSING: 1}
    assert parsed.summary.public["members_unnamed"] == 1


def test_no_floats(parse) -> None:
    place = {"latitude": 41.902782, "longitude": -12.5}
    parsed = parse(chat(message(1, location_information=place, width=1.5)))
    (got,) = parsed.messages
    assert got["location"] == {"latitude": "41.902782", "longitude": "-12.5"}
    assert got["width"] == "1.5"
    assert got["message_kind"] == "location"


def test_large_numbers_become_text(parse) -> None:
    (got,) = parse(chat(message(2**60))).messages
    assert got["id"] == str(2**60)


def test_service_messages(parse) -> None:
    service = {
        "id": 1,
        "type": "service",
        "date": "2024-03-19T09:00:00",
        "actor": "Ann",
        "actor_id": "user1",
        "action": "invite_members",
        "members": ["Bob", None],
        "text": "",
    }
    call = {**service, "action": "phone_call", "discard_reason": "missed"}
    parsed = parse(chat(service, call, {"id": 3, "type": "unsupported"}))
    first, second, third = parsed.messages
    assert (first["message_kind"], first["sender"]) == ("service", "Ann")
    assert first["members"] == ["Bob", None]
    assert (second["message_kind"], second["discard_reason"]) == ("call", "missed")
    assert (third["message_kind"], third["sender"]) == ("other", None)
    assert parsed.summary.public["system_messages"] == 1


def test_old_exports_without_instants(parse) -> None:
    given = message(1, date="2024-10-27T02:30:00")
    del given["date_unixtime"]
    (got,) = parse(chat(given)).messages
    assert (got["time_local"], got["time_utc"]) == ("2024-10-27T02:30:00", None)
    (got,) = parse(chat(given), timezone="Europe/Rome").messages
    assert got["time_note"] == "dst-ambiguous"
    given["date"] = "2024-07-01T12:00:00"
    (got,) = parse(chat(given), timezone="Europe/Rome").messages
    assert got["time_utc"] == "2024-07-01T10:00:00Z"


@pytest.mark.parametrize(
    "date",
    ["2024-13-01T00:00:00", "yesterday", "", "2024-01-01T00:00:00+05:00", 5, None],
)
def test_dates_that_are_none(parse, date: Any) -> None:
    parsed = parse(chat(message(1), message(2, date=date, date_unixtime="--1")))
    assert parsed.messages[1]["time_local"] is None
    assert parsed.messages[1]["time_utc"] is None


def test_telegrams_own_escapes(parse) -> None:
    # Telegram Desktop writes control characters as \x1F, which is not JSON.
    raw = json.dumps(chat(message(1, text="A"), message(2)), indent=1).encode()
    raw = raw.replace(b'"A"', rb'"a\x1Fb \\x41"')
    parsed = parse(raw)
    assert parsed.messages[0]["text"] == "a\x1fb \\x41"
    assert parsed.messages[1]["text"] == "text 2"


def test_half_surrogates(parse) -> None:
    raw = json.dumps(chat(message(1, text="A"), message(2)), indent=1).encode()
    parsed = parse(raw.replace(b'"A"', rb'"x\ud800y"'))
    assert parsed.messages[0]["text"] == "x\ufffdy"


@pytest.mark.parametrize("indent", [None, 1])
def test_cut_short(parse, indent: int | None) -> None:
    raw = json.dumps(chat(*map(message, range(5))), indent=indent).encode()
    cut = raw.index(b'"text 3"')
    parsed = parse(raw[:cut])
    assert [m["id"] for m in parsed.messages] == [0, 1, 2]
    assert parsed.summary.outcome is ParseOutcome.PARTIAL
    rest = parsed.of("unparsed")[-1]
    assert rest["reason"] == "not-json"
    assert rest["source"]["offset"] <= cut


def test_broken_in_the_middle(parse) -> None:
    raw = json.dumps(chat(*map(message, range(5))), indent=1).encode()
    parsed = parse(raw.replace(b'"text 2"', b'"text 2" oops'))
    kinds = [r["kind"] for r in parsed.records]
    assert kinds.count("message") == 4
    assert kinds.count("unparsed") == 1
    assert b"oops" in parsed.bytes_of(parsed.of("unparsed")[0])
    assert parsed.summary.outcome is ParseOutcome.PARTIAL


def test_what_is_no_object(parse) -> None:
    parsed = parse(chat(message(1), "text", 5, [1], None, message(2)))
    assert [m["id"] for m in parsed.messages] == [1, 2]
    assert [parsed.bytes_of(u) for u in parsed.of("unparsed")] == [
        b'"text"',
        b"5",
        b"[\n   1\n  ]",
        b"null",
    ]


@pytest.mark.parametrize("indent", [None, 1])
def test_too_deep(parse, indent: int | None) -> None:
    deep: Any = 0
    for _ in range(65):
        deep = [deep]
    parsed = parse(chat(message(1), message(2, extra=deep), message(3)), indent=indent)
    assert [m["id"] for m in parsed.messages] == [1, 3]
    assert parsed.of("unparsed")[0]["reason"] == "too-deep"


def test_endless_nesting(parse) -> None:
    raw = json.dumps(chat(message(1), message(2))).encode()
    parsed = parse(raw.replace(b'"text 2"', b"[" * 100_000))
    assert [m["id"] for m in parsed.messages] == [1]
    assert parsed.summary.outcome is ParseOutcome.PARTIAL


@pytest.mark.parametrize("indent", [None, 1])
def test_too_long(parse, indent: int | None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(telegram_scan, "MESSAGE_BYTES", 4096)
    monkeypatch.setattr(telegram_scan, "CHUNK", 512)
    given = [message(1), message(2, text="x" * 5000), message(3)]
    parsed = parse(chat(*given), indent=indent)
    assert [m["id"] for m in parsed.messages] == [1, 3]
    (long,) = parsed.of("unparsed")
    assert long["reason"] == "too-long"
    assert json.loads(parsed.bytes_of(long)) == given[1]


def test_a_huge_element_is_not_kept_in_memory(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(telegram_scan, "MESSAGE_BYTES", 1 << 16)
    monkeypatch.setattr(telegram_scan, "CHUNK", 1 << 14)
    head, size = b'{"messages": [{"text": "', 8 << 20
    parts = iter([head, *([b"x" * (1 << 14)] * (size >> 14)), b'"}]}'])

    class Endless(io.RawIOBase):
        def read(self, count: int = -1) -> bytes:
            return next(parts, b"")

    tracemalloc.start()
    try:
        walk = telegram_scan.Scanner(Endless(), json.loads).walk()
        found = [e for e in walk if isinstance(e, telegram_scan.Element)]
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    (element,) = found
    assert element.reason == "too-long"
    assert element.length == size + len(b'{"text": ""}')
    assert peak < 1 << 20


def test_numbers_of_any_length(parse) -> None:
    raw = json.dumps(chat(message(1), message(2))).encode()
    parsed = parse(raw.replace(b'"id": 2', b'"id": ' + b"9" * 9000))
    assert parsed.messages[0]["id"] == 1
    assert len(parsed.messages) + len(parsed.of("unparsed")) == 2


def test_repeated_and_strange_keys(parse) -> None:
    raw = (
        b'\xef\xbb\xbf {"messages": 5, "name": ["x"], "type": null, "messages": ['
        b'{"type":"message","date_unixtime":1710835200,"text":{"a":1},"from":5}]} '
    )
    (got,) = parse(raw).messages
    assert got["sender"] is None
    assert got["text"] == ""
    assert got["time_utc"] == "2024-03-19T08:00:00Z"
    assert got["time_written"] == "1710835200"


@pytest.mark.parametrize(
    "content",
    [
        {},
        {"messages": []},
        {"messages": [{"sender_name": "A", "timestamp_ms": 1, "content": "x"}]},
        {
            "messages": [
                {"id": "1", "type": "Default", "timestamp": "2024", "content": ""}
            ]
        },
        {"chats": {"list": []}},
        {"chats": {"list": [5, [], "x"]}},
        b"{",
        b'{"messages"',
        b'{"messages": [',
        b"{}}",
        b'{"a" 5}',
        b"{" * 5000,
        b'{"a":' * 5000,
    ],
)
def test_not_telegram(parse, content: object) -> None:
    parsed = parse(content)
    assert parsed.summary.outcome is ParseOutcome.NOT_RECOGNISED
    assert parsed.records == []


def test_app_asked_for(parse) -> None:
    given = chat(message(1))
    assert parse(given, app="telegram").messages
    refused = parse(given, app="whatsapp").summary
    assert refused.outcome is ParseOutcome.NOT_RECOGNISED


def test_empty_chat_of_a_known_kind(parse) -> None:
    parsed = parse(chat())
    assert parsed.summary.outcome is ParseOutcome.PARSED
    assert parsed.summary.public["messages"] == 0
    assert [r["kind"] for r in parsed.records] == ["chat", "chat-summary"]
