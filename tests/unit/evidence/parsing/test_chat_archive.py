"""ZIP archives of chats, honest, broken and hostile; built with zipfile and by hand."""

from __future__ import annotations

import hashlib
import io
import struct
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from evidence.outcome import Outcome, ParseOutcome
from evidence.parsing import chat_archive, chat_zip
from evidence.parsing.base import Job, Record, Summary
from evidence.parsing.chat import ChatParser, choose_main
from evidence.samples import chats

CHAT = (
    b"13/03/2024, 14:05 - Ann: IMG-20240312-WA0001.jpg (file attached)\n"
    b"13/03/2024, 14:06 - Bob: hello\n"
)
PHOTO = "IMG-20240312-WA0001.jpg"


class Parsed:
    def __init__(self, raw: bytes, folder: Path, **options: Any) -> None:
        path = folder / "x.zip"
        path.write_bytes(raw)
        items = list(ChatParser().parse(Job(str(path), options=options)))
        last = items[-1]
        assert isinstance(last, Summary)
        self.summary = last
        self.records: list[dict[str, Any]] = [
            item.fields for item in items if isinstance(item, Record)
        ]
        self.messages = [r for r in self.records if r["kind"] == "message"]
        self.members = {r["name"]: r for r in self.records if r["kind"] == "member"}


Parse = Callable[..., Parsed]


@pytest.fixture
def parse(tmp_path: Path) -> Parse:
    def run(raw: bytes, **options: Any) -> Parsed:
        before = sorted(tmp_path.iterdir())
        parsed = Parsed(raw, tmp_path, **options)
        after = sorted(tmp_path.iterdir())
        assert set(after) - set(before) <= {tmp_path / "x.zip"}  # nothing unpacked
        return parsed

    return run


Entry = tuple[str | zipfile.ZipInfo, bytes]


def archive(*more: Entry, method: int = zipfile.ZIP_DEFLATED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as made:
        made.writestr("_chat.txt", CHAT)
        for name, body in more:
            made.writestr(name, body, compress_type=method)
    return buffer.getvalue()


def bare(name: bytes, body: bytes, **lies: Any) -> tuple[bytes, dict[str, Any]]:
    """Return a local part and what the directory is to say of it."""
    method = lies.get("method", 0)
    packed = lies.get("packed", body)
    flags = lies.get("flags", 0)
    said = {
        "name": name,
        "flags": flags,
        "method": method,
        "crc": zlib.crc32(body),
        "packed": len(packed),
        "size": len(body),
        "mode": 0,
        **{key: value for key, value in lies.items() if key in _SAID},
    }
    local = lies.get("local_name", name)
    header = struct.pack(
        "<4sHHHIIIIHH",
        b"PK\x03\x04",
        20,
        lies.get("local_flags", flags),
        lies.get("local_method", method),
        0,
        said["crc"],
        said["packed"],
        said["size"],
        len(local),
        0,
    )
    return header + local + packed, said


_SAID = ("crc", "size", "mode", "offset", "said_packed")


def assembled(*parts: tuple[bytes, dict[str, Any]], tail: bytes = b"") -> bytes:
    out, central = b"", b""
    for local, said in (bare(b"_chat.txt", CHAT), *parts):
        offset = said.get("offset", len(out))
        out += local
        central += struct.pack(
            "<4sHHHHIIIIHHHHHII",
            b"PK\x01\x02",
            3 << 8 | 20,
            20,
            said["flags"],
            said["method"],
            0,
            said["crc"],
            said.get("said_packed", said["packed"]),
            said["size"],
            len(said["name"]),
            0,
            0,
            0,
            0,
            said["mode"] << 16,
            offset,
        )
        central += said["name"]
    count = len(parts) + 1
    end = struct.pack(
        "<4sHHHHIIH", b"PK\x05\x06", 0, 0, count, count, len(central), len(out), 0
    )
    return out + central + end + tail


def test_sample_archive(parse: Parse) -> None:
    raw = chats.whatsapp_zip()
    parsed = parse(raw)
    assert parsed.summary.outcome is ParseOutcome.PARSED
    assert parsed.summary.left_out == {Outcome.MISSING: 1}
    with zipfile.ZipFile(io.BytesIO(raw)) as given:
        assert set(parsed.members) == set(given.namelist())
        for info in given.infolist():
            body, member = given.read(info), parsed.members[info.filename]
            assert member["sha256"] == hashlib.sha256(body).hexdigest()
            assert member["bytes"] == len(body)
            assert member["compressed_bytes"] == info.compress_size
            source = member["source"]
            assert source["offset"] == info.header_offset
            part = raw[source["offset"] :][: source["length"]]
            assert part.startswith(b"PK\x03\x04")
            assert part.endswith(body)
    attachments = {
        m["attachment"]["name"]: m["attachment"]
        for m in parsed.messages
        if m["attachment"]
    }
    assert attachments[chats.MISSING]["outcome"] == "missing"
    photo = attachments[chats.PHOTO]
    assert photo["sha256"] == parsed.members[chats.PHOTO]["sha256"]
    assert photo["outcome"] == "acquired"
    assert attachments[None] == {"name": None, "outcome": "omitted-by-export"}
    assert parsed.summary.public["members_unnamed"] == 1
    assert any("names 1 of the files" in limit for limit in parsed.summary.limits)
    whole = chats.whatsapp_text()
    joined = b"".join(
        whole[m["source"]["offset"] :][: m["source"]["length"]] for m in parsed.messages
    )
    assert joined == whole
    assert {m["source"]["member"] for m in parsed.messages} == {chats.TEXT}
    assert any("\u202e" in m["text"] for m in parsed.messages)


def test_samples_are_the_same_every_time() -> None:
    assert chats.whatsapp_zip() == chats.whatsapp_zip()
    assert chats.telegram_json() == chats.telegram_json()


def test_chat_comes_first_then_members_then_messages(parse: Parse) -> None:
    kinds = [r["kind"] for r in parse(archive((PHOTO, b"jpg"))).records]
    assert kinds == ["chat", "member", "member", "message", "message", "chat-summary"]


def test_folder_inside_an_archive(parse: Parse) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as made:
        made.writestr("export/", b"")
        made.writestr("export/_chat.txt", CHAT)
        made.writestr(f"export/{PHOTO}", b"jpg")
        made.writestr("__MACOSX/export/._chat.txt", b"\0\5\x16\7")
    parsed = parse(buffer.getvalue())
    assert parsed.messages[0]["attachment"]["member"] == f"export/{PHOTO}"
    system = parsed.members["__MACOSX/export/._chat.txt"]
    assert system["outcome"] == "acquired"
    assert parsed.summary.public["members_unnamed"] == 0
    assert parsed.summary.outcome is ParseOutcome.PARSED


def test_telegram_inside_an_archive(parse: Parse) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr("ChatExport/result.json", chats.telegram_json())
    parsed = parse(buffer.getvalue())
    assert parsed.summary.public["app"] == "telegram"
    assert len(parsed.messages) == 7
    for message in parsed.messages:
        source = message["source"]
        part = chats.telegram_json()[source["offset"] :][: source["length"]]
        assert part.startswith(b"{")
        assert part.endswith(b"}")


def _info(name: str, mode: int) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name)
    info.create_system = 3
    info.external_attr = mode << 16
    return info


REFUSED = [
    ("../up.jpg", "parent-folder-name"),
    ("a/../../up.jpg", "parent-folder-name"),
    ("/etc/passwd", "absolute-name"),
    ("//server/share", "absolute-name"),
    ("C:/x.jpg", "drive-name"),
    ("c:x.jpg", "drive-name"),
    ("a\\b.jpg", "backslash-name"),
    ("\\\\server\\share", "backslash-name"),
]


@pytest.mark.parametrize(("name", "reason"), REFUSED)
def test_names_refused(parse: Parse, name: str, reason: str) -> None:
    parsed = parse(assembled(bare(name.encode(), b"evil")))
    member = parsed.members[name]
    assert (member["outcome"], member["reason"]) == ("refused", reason)
    assert member["sha256"] is None
    assert parsed.summary.left_out[Outcome.REFUSED] == 1
    assert parsed.summary.outcome is ParseOutcome.PARTIAL
    assert len(parsed.messages) == 2


@pytest.mark.parametrize(
    ("mode", "reason"),
    [
        (0o120777, "symbolic-link"),
        (0o010644, "special-file"),
        (0o020666, "special-file"),
    ],
)
def test_types_refused(parse: Parse, mode: int, reason: str) -> None:
    parsed = parse(archive((_info(PHOTO, mode), b"/etc/passwd")))
    assert parsed.members[PHOTO]["reason"] == reason
    attachment = parsed.messages[0]["attachment"]
    assert attachment["outcome"] == "refused"


BODY = b"body " * 50
DEFLATED = zlib.compressobj(9, zlib.DEFLATED, -15)
PACKED = DEFLATED.compress(BODY) + DEFLATED.flush()
BOMB_BODY = bytes(1 << 20)
_BOMB = zlib.compressobj(9, zlib.DEFLATED, -15)
BOMB = _BOMB.compress(BOMB_BODY) + _BOMB.flush()

LIES = [
    ({"flags": 1}, "encrypted"),
    ({"local_flags": 1}, "encrypted"),
    ({"flags": 0x41}, "encrypted"),
    ({"method": 12}, "unsupported-compression"),
    ({"method": 99}, "unsupported-compression"),
    ({"crc": 5}, "bad-checksum"),
    ({"size": 10}, "size-mismatch"),
    ({"size": len(BODY) + 1}, "size-mismatch"),
    ({"method": 8, "packed": PACKED, "size": 10}, "size-mismatch"),
    ({"method": 8, "packed": PACKED, "size": 300}, "size-mismatch"),
    ({"method": 8, "packed": PACKED, "crc": 1}, "bad-checksum"),
    ({"method": 8, "packed": PACKED[:-4]}, "cut-short"),
    ({"method": 8, "packed": PACKED + b"more"}, "size-mismatch"),
    ({"method": 8, "packed": b"\xff" * 40}, "damaged"),
    ({"method": 8, "packed": PACKED, "local_method": 0}, "method-mismatch"),
    ({"local_name": b"IMG-20240312-WA0002.jpg"}, "name-mismatch"),
    ({"offset": 5}, "no-local-header"),
    ({"offset": 0xFFFFFFF0}, "no-local-header"),
    ({"said_packed": 0x7FFFFFFF, "size": 0x7FFFFFFF}, "cut-short"),
    ({"method": 8, "packed": PACKED, "size": 0x7FFFFFFF}, "compression-ratio"),
]


@pytest.mark.parametrize(("lies", "reason"), LIES)
def test_lies_refused(parse: Parse, lies: dict[str, Any], reason: str) -> None:
    parsed = parse(assembled(bare(PHOTO.encode(), BODY, **lies)))
    assert parsed.members[PHOTO]["reason"] == reason
    assert parsed.members["_chat.txt"]["outcome"] == "acquired"
    assert parsed.messages[0]["attachment"]["outcome"] == "refused"
    assert parsed.messages[1]["text"] == "hello"


def test_honest_member_made_by_hand(parse: Parse) -> None:
    parsed = parse(assembled(bare(PHOTO.encode(), BODY, method=8, packed=PACKED)))
    digest = hashlib.sha256(BODY).hexdigest()
    assert parsed.messages[0]["attachment"]["sha256"] == digest
    assert parsed.summary.outcome is ParseOutcome.PARSED


def test_bomb(parse: Parse) -> None:
    part = bare(PHOTO.encode(), BOMB_BODY, method=8, packed=BOMB)
    assert len(BOMB_BODY) / len(BOMB) > 1000  # as tight as deflate packs
    assert parse(assembled(part)).members[PHOTO]["reason"] == "compression-ratio"


def test_total(parse: Parse, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chat_archive, "MAX_UNPACKED", len(CHAT) + 1000)
    parsed = parse(archive(("a.bin", bytes(range(200)) * 4), ("b.bin", b"b" * 400)))
    assert parsed.members["a.bin"]["outcome"] == "acquired"
    assert parsed.members["b.bin"]["reason"] == "total-size"


def test_too_many(parse: Parse, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chat_zip, "MAX_MEMBERS", 3)
    parsed = parse(archive(*((f"{n}.bin", b"x") for n in range(9))))
    assert len(parsed.members) == 3
    assert parsed.summary.left_out[Outcome.REFUSED] == 7
    assert parsed.summary.public["members"] == 10


def test_overlap(parse: Parse) -> None:
    inner, said = bare(b"inner.bin", b"inner")
    outer, outer_said = bare(b"outer.bin", inner + b"rest")
    first = bare(b"_chat.txt", CHAT)[0]
    said["offset"] = len(first) + 30 + len(b"outer.bin")
    parsed = parse(assembled((outer, outer_said), (b"", said)))
    assert parsed.members["inner.bin"]["reason"] == "overlap"
    assert parsed.members["outer.bin"]["reason"] == "overlap"
    assert parsed.members["_chat.txt"]["outcome"] == "acquired"


def test_same_name_twice(parse: Parse) -> None:
    parts = [bare(PHOTO.encode(), b"one"), bare(PHOTO.encode(), b"two")]
    parsed = parse(assembled(*parts))
    assert parsed.members[PHOTO]["reason"] == "duplicate-name"
    assert parsed.summary.left_out[Outcome.REFUSED] == 2


def test_names_alike(parse: Parse) -> None:
    alike = [PHOTO, PHOTO.upper(), "caf\u00e9.pdf", "cafe\u0301.pdf"]
    parsed = parse(assembled(*(bare(n.encode(), n.encode()) for n in alike)))
    assert {parsed.members[n]["note"] for n in alike} == {"same-name-when-folded"}
    assert {parsed.members[n]["outcome"] for n in alike} == {"acquired"}
    attachment = parsed.messages[0]["attachment"]
    assert attachment["sha256"] == hashlib.sha256(PHOTO.encode()).hexdigest()


def test_the_text_twice(parse: Parse) -> None:
    parsed = parse(assembled(bare(b"_chat.txt", b"13/03/2024, 14:05 - Eve: no\n")))
    assert parsed.summary.outcome is ParseOutcome.FAILED
    assert parsed.messages == []
    assert parsed.summary.left_out[Outcome.REFUSED] == 2


def test_names_in_old_code_pages(parse: Parse) -> None:
    parsed = parse(assembled(bare(b"caf\x82.jpg", b"x")))
    member = parsed.members["café.jpg"]
    assert member["name_b64"] == "Y2Fmgi5qcGc="
    assert member["outcome"] == "acquired"


def test_attachment_found_by_folded_name(parse: Parse) -> None:
    parsed = parse(archive((PHOTO.replace("IMG", "img"), b"x")))
    attachment = parsed.messages[0]["attachment"]
    assert attachment["outcome"] == "acquired"
    assert attachment["member"] == PHOTO.replace("IMG", "img")


class Unseekable(io.RawIOBase):
    """Makes zipfile write sizes behind the data, as phones do."""

    def __init__(self) -> None:
        self.raw = b""

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self.raw += bytes(data)
        return len(data)


def streamed() -> bytes:
    target = Unseekable()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr("_chat.txt", CHAT)
        made.writestr(PHOTO, bytes(range(256)) * 20)
    return target.raw


def test_sizes_behind_the_data(parse: Parse) -> None:
    parsed = parse(streamed())
    assert parsed.messages[0]["attachment"]["outcome"] == "acquired"
    assert parsed.summary.outcome is ParseOutcome.PARSED


@pytest.mark.parametrize("make", [streamed, lambda: archive((PHOTO, b"x" * 99))])
def test_end_missing(parse: Parse, make: Callable[[], bytes]) -> None:
    raw = make()
    cut = raw[: raw.index(b"PK\x01\x02") + 10]
    parsed = parse(cut)
    assert len(parsed.messages) == 2
    assert parsed.messages[0]["attachment"]["outcome"] == "acquired"
    assert parsed.summary.outcome is ParseOutcome.PARTIAL
    assert any("cut short or damaged" in limit for limit in parsed.summary.limits)


def test_text_cut_short(parse: Parse) -> None:
    long = b"".join(
        b"13/03/2024, 14:%02d - Ann: %s\n" % (n, hashlib.sha256(b"%d" % n).digest())
        for n in range(60)
    )
    for method in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w", method) as made:
            made.writestr("_chat.txt", long)
        parsed = parse(buffer.getvalue()[: len(long) // 2])
        assert 10 < len(parsed.messages) < 60
        assert parsed.members["_chat.txt"]["reason"] == "cut-short"
        assert parsed.summary.outcome is ParseOutcome.PARTIAL


def test_damaged_text_keeps_what_was_read(parse: Parse) -> None:
    raw = assembled()
    at = raw.index(b"hello")
    parsed = parse(raw[:at] + b"jello" + raw[at + 5 :])
    assert [m["text"] for m in parsed.messages][1] == "jello"
    assert parsed.members["_chat.txt"]["reason"] == "bad-checksum"
    assert parsed.summary.outcome is ParseOutcome.PARTIAL
    assert any("bad-checksum" in limit for limit in parsed.summary.limits)


@pytest.mark.parametrize(
    "raw",
    [
        b"PK\x05\x06" + bytes(18),
        b"PK\x03\x04",
        b"PK\x03\x04" + b"\xff" * 200,
        b"PK\x03\x04" + bytes(60) + b"PK\x05\x06" + b"\xff" * 18,
        b"PK\x03\x04"
        + bytes(60)
        + b"PK\x06\x07"
        + b"\xff" * 16
        + b"PK\x05\x06"
        + b"\xff" * 18,
        assembled()[4:],
        b"stub" + assembled(),
    ],
)
def test_no_archive_to_speak_of(parse: Parse, raw: bytes) -> None:
    assert parse(raw).summary.outcome is ParseOutcome.NOT_RECOGNISED


def test_zip_of_something_else(parse: Parse) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as made:
        made.writestr("channels.json", "[]")
        made.writestr("notes.txt", "nothing dated")
    parsed = parse(buffer.getvalue())
    assert parsed.summary.outcome is ParseOutcome.NOT_RECOGNISED
    assert parsed.records == []


@pytest.mark.parametrize(
    ("names", "main"),
    [
        (["a.jpg", "_chat.txt", "WhatsApp Chat with Ann.txt"], "_chat.txt"),
        (["notes.txt", "WhatsApp Chat with Ann.txt"], "WhatsApp Chat with Ann.txt"),
        (["notes.txt", "Чат WhatsApp с Ann.txt"], "Чат WhatsApp с Ann.txt"),
        (["WhatsApp-Chat mit Ann.txt", "b.txt"], "WhatsApp-Chat mit Ann.txt"),
        (["e/photos/p.jpg", "e/result.json"], "e/result.json"),
        (["deep/er/_chat.txt", "up/_chat.txt"], "up/_chat.txt"),
        (["__MACOSX/._chat.txt", "._chat.txt", "letter.txt"], "letter.txt"),
        (["one.txt", "two.txt"], None),
        (["one.txt", "deeper/two.txt"], "one.txt"),
        (["data.json", "x/"], None),
        ([], None),
    ],
)
def test_choose_main(names: list[str], main: str | None) -> None:
    assert choose_main(names) == main
