"""WhatsApp text: layouts, date orders, bodies, sources. Expectations by hand."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from evidence.outcome import Outcome, ParseOutcome
from evidence.parsing.base import Item, Job, Record, Summary
from evidence.parsing.chat import ChatParser

NNBSP, LRM, RLM = "\u202f", "\u200e", "\u200f"


class Parsed:
    def __init__(self, items: list[Item]) -> None:
        last = items[-1]
        assert isinstance(last, Summary)
        self.summary = last
        self.records: list[dict[str, Any]] = [
            item.fields for item in items if isinstance(item, Record)
        ]
        assert len(self.records) == len(items) - 1

    def of(self, kind: str) -> list[dict[str, Any]]:
        return [fields for fields in self.records if fields["kind"] == kind]

    @property
    def messages(self) -> list[dict[str, Any]]:
        return self.of("message")

    @property
    def chat(self) -> dict[str, Any]:
        assert self.records[0]["kind"] == "chat"
        return self.records[0]


@pytest.fixture
def parse(tmp_path: Path):
    def run(content: str | bytes, **options: Any) -> Parsed:
        raw = content.encode() if isinstance(content, str) else content
        path = tmp_path / "chat.txt"
        path.write_bytes(raw)
        parsed = Parsed(list(ChatParser().parse(Job(str(path), options=options))))
        if parsed.messages:
            joined = b"".join(
                raw[m["source"]["offset"] :][: m["source"]["length"]]
                for m in parsed.messages
            )
            lead = parsed.messages[0]["source"]["offset"]
            assert raw[:lead] + joined == raw
        return parsed

    return run


LAYOUTS = [
    # first line, sender, local time, platform
    ("13/03/2024, 14:05 - Ann: hi", "2024-03-13T14:05:00", "android"),
    ("3/13/24, 2:05 PM - Ann: hi", "2024-03-13T14:05:00", "android"),
    (f"3/13/24, 2:05{NNBSP}PM - Ann: hi", "2024-03-13T14:05:00", "android"),
    (f"13/03/24, 12:05{NNBSP}am - Ann: hi", "2024-03-13T00:05:00", "android"),
    ("3/13/24, 12:05 PM - Ann: hi", "2024-03-13T12:05:00", "android"),
    ("3/13/24, 0:05 p.m. - Ann: hi", "2024-03-13T12:05:00", "android"),
    ("13/3/24 2:05 p. m. - Ann: hi", "2024-03-13T14:05:00", "android"),
    ("13/3/24, 2:05 p.\u00a0m. - Ann: hi", "2024-03-13T14:05:00", "android"),
    ("13/3/24, 12:05 a.m. - Ann: hi", "2024-03-13T00:05:00", "android"),
    ("13.03.24, 14:05 - Ann: hi", "2024-03-13T14:05:00", "android"),
    ("13.03.2024 14:05 - Ann: hi", "2024-03-13T14:05:00", "android"),
    ("13-03-2024 14:05 - Ann: hi", "2024-03-13T14:05:00", "android"),
    ("2024/3/13 下午2:05 - Ann: hi", "2024-03-13T14:05:00", "android"),
    ("2024/03/13 14:05 - Ann: hi", "2024-03-13T14:05:00", "android"),
    ("2024-03-13, 2:05 p.m. - Ann: hi", "2024-03-13T14:05:00", "android"),
    ("13/03/2024 à 14:05 - Ann: hi", "2024-03-13T14:05:00", "android"),
    ("13.3.2024 klo 14.05 - Ann: hi", "2024-03-13T14:05:00", "android"),
    ("14:05, 13/03/2024 - Ann: hi", "2024-03-13T14:05:00", "android"),
    ("13. 03. 2024. 14:05 - Ann: hi", "2024-03-13T14:05:00", "android"),
    ("13.03.24 г., 14:05 ч. - Ann: hi", "2024-03-13T14:05:00", "android"),
    (f"{RLM}١٣{RLM}/٣{RLM}/٢٠٢٤، ٢:٠٥ م - Ann: hi", "2024-03-13T14:05:00", "android"),
    ("[13/03/2024, 14:05:33] Ann: hi", "2024-03-13T14:05:33", "ios"),
    (f"{LRM}[13/03/2024, 14:05:33] Ann: hi", "2024-03-13T14:05:33", "ios"),
    ("\ufeff[13/03/2024, 14:05:33] Ann: hi", "2024-03-13T14:05:33", "ios"),
    (f"[3/13/24, 2:05:33{NNBSP}PM] Ann: hi", "2024-03-13T14:05:33", "ios"),
    ("[13.03.24, 14:05:33] Ann: hi", "2024-03-13T14:05:33", "ios"),
    ("[2024. 3. 13. 오후 2:05:33] Ann: hi", "2024-03-13T14:05:33", "ios"),
    ("[2024-03-13, 14:05:33] Ann: hi", "2024-03-13T14:05:33", "ios"),
    ("[03/13/24 14:05] Ann: hi", "2024-03-13T14:05:00", "unknown"),
    ("[03/13/24 14:05] - Ann: hi", "2024-03-13T14:05:00", "unknown"),
]


@pytest.mark.parametrize("ending", ["\n", "\r\n", ""])
@pytest.mark.parametrize(("line", "local", "platform"), LAYOUTS)
def test_layouts(parse, line: str, local: str, platform: str, ending: str) -> None:
    parsed = parse(line + ending)
    (message,) = parsed.messages
    assert message["sender"] == "Ann"
    assert message["text"] == "hi"
    assert message["time_local"] == local
    assert message["time_utc"] is None
    assert message["time_written"] in line
    assert message["time_written"][0] not in "[" + LRM + RLM + "\ufeff"
    assert message["parser"] == "whatsapp-text"
    assert parsed.chat["platform"] == platform
    assert parsed.summary.outcome is ParseOutcome.PARSED


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\n\n",
        "just a letter, written on 13/03/2024, 14:05\n",
        "13/03/2024,",
        "13/03/2024, 25:05 - Ann: hi\n",
        "13/03/2024, 14:65 - Ann: hi\n",
        "13/03/2024, 14:05 PM - Ann: hi\n",
        "13/03/2024, 2:05 zz - Ann: hi\n",
        "32/13/2024, 14:05 - Ann: hi\n",
        "2024-03-12 14:05:33,123 - root - INFO - started\n",
        "[2019-12-24, 12:23] Ann: a Signal export\n",
        "\ufffe\u0000",
    ],
)
def test_not_whatsapp(parse, text: str) -> None:
    parsed = parse(text)
    assert parsed.summary.outcome is ParseOutcome.NOT_RECOGNISED
    assert parsed.records == []


def _dated(*dates: str) -> str:
    return "".join(f"{date}, 10:00 - Ann: text {date}\n" for date in dates)


def test_component_decides(parse) -> None:
    parsed = parse(_dated("01/02/2024", "13/02/2024"))
    assert parsed.summary.public["date_order"] == "dmy"
    assert parsed.summary.public["date_order_basis"] == "component"
    assert [m["time_local"][:10] for m in parsed.messages] == [
        "2024-02-01",
        "2024-02-13",
    ]
    parsed = parse(_dated("01/02/2024", "02/13/2024"))
    assert parsed.summary.public["date_order"] == "mdy"
    assert parsed.messages[0]["time_local"] == "2024-01-02T10:00:00"


def test_order_decides(parse) -> None:
    # dmy: 5 Jan, 2 Feb, 1 Mar - in order. mdy: 1 May, 2 Feb, 3 Jan - backwards.
    parsed = parse(_dated("05/01/2024", "02/02/2024", "01/03/2024"))
    assert parsed.summary.public["date_order"] == "dmy"
    assert parsed.summary.public["date_order_basis"] == "order"
    assert any("out of order" in limit for limit in parsed.summary.limits)


def test_neither_decides(parse) -> None:
    parsed = parse(_dated("01/02/2024", "03/04/2024", "05/05/2024"))
    assert parsed.summary.public["date_order"] == "ambiguous"
    first, second, third = parsed.messages
    assert first["time_local"] is None
    assert first["time_utc"] is None
    assert first["time_note"] == "date-order-ambiguous"
    assert first["time_candidates"] == ["2024-02-01T10:00:00", "2024-01-02T10:00:00"]
    assert second["time_candidates"] == ["2024-04-03T10:00:00", "2024-03-04T10:00:00"]
    assert third["time_local"] == "2024-05-05T10:00:00"
    assert parsed.summary.public["times_open"] == 2


def test_backwards_both_ways_decides_nothing(parse) -> None:
    parsed = parse(_dated("05/06/2024", "03/04/2024"))
    assert parsed.summary.public["date_order"] == "ambiguous"


def test_same_either_way(parse) -> None:
    parsed = parse(_dated("05/05/2024", "06/06/2024"))
    assert parsed.summary.public["date_order"] == "either"
    assert parsed.messages[1]["time_local"] == "2024-06-06T10:00:00"


def test_as_many_one_way_as_the_other(parse) -> None:
    parsed = parse(_dated("13/01/2024", "01/14/2024", "01/02/2024"))
    assert parsed.summary.public["date_order"] == "mixed"
    assert [m["time_local"] for m in parsed.messages] == [
        "2024-01-13T10:00:00",
        "2024-01-14T10:00:00",
        None,
    ]


def test_the_minority_is_reported(parse) -> None:
    text = _dated("13/01/2024", "14/01/2024", "02/28/2024", "15/01/2024")
    parsed = parse(text)
    assert len(parsed.messages) == 3
    assert "02/28/2024, 10:00 - Ann" in parsed.messages[1]["text"]
    (line,) = parsed.of("unparsed")
    source = line["source"]
    part = text.encode()[source["offset"] :][: source["length"]]
    assert part == b"02/28/2024, 10:00 - Ann: text 02/28/2024\n"
    assert parsed.summary.public["unparsed_lines"] == 1
    assert parsed.summary.outcome is ParseOutcome.PARTIAL


def test_examiner_decides(parse) -> None:
    parsed = parse(_dated("01/02/2024", "13/02/2024"), date_order="mdy")
    assert parsed.chat["date_order"] == "mdy"
    assert parsed.chat["date_order_basis"] == "examiner"
    first, second = parsed.messages
    assert first["time_local"] == "2024-01-02T10:00:00"
    assert second["time_local"] is None
    assert second["time_note"] == "not-in-date-order"


def test_examiner_reads_a_short_year_first(parse) -> None:
    parsed = parse("24/03/13, 10:00 - Ann: x\n", date_order="ymd")
    assert parsed.messages[0]["time_local"] == "2024-03-13T10:00:00"


@pytest.mark.parametrize("year", ["2567", "1402", "1445", "67"])
def test_other_calendars_are_not_read(parse, year: str) -> None:
    (message,) = parse(f"13/03/{year}, 10:00 - Ann: x\n").messages
    assert message["time_local"] is None
    assert message["time_note"] == "year-out-of-range"


def test_the_layout_of_most_lines_wins(parse) -> None:
    quoted = "[12/03/2024, 14:05:33] Eve: pasted\n"
    parsed = parse(quoted + _dated("13/03/2024", "14/03/2024"))
    assert len(parsed.messages) == 2
    first = parsed.of("unparsed")[-1]
    assert first["reason"] == "before-first-message"
    assert first["source"] == {"offset": 0, "length": len(quoted)}
    assert parsed.summary.outcome is ParseOutcome.PARTIAL


def test_pasted_heading_in_a_long_chat_is_tolerated_and_said(parse) -> None:
    text = _dated(*["13/03/2024"] * 30) + "[12/03/2024, 14:05:33] Eve: pasted\n"
    parsed = parse(text)
    assert parsed.summary.outcome is ParseOutcome.PARSED
    assert parsed.summary.public["unparsed_lines"] == 1
    assert "pasted" in parsed.messages[-1]["text"]


def test_lines_of_one_message(parse) -> None:
    text = "13/03/2024, 14:05 - Ann: one\r\n\r\n  two\r\n14/03/2024, 14:05 - Ann: x\r\n"
    first, second = parse(text).messages
    assert first["text"] == "one\n\n  two"
    assert first["source"] == {"offset": 0, "length": len("x" * 39)}
    assert second["source"]["offset"] == 39


def test_source_inside_a_window(tmp_path: Path) -> None:
    line = b"13/03/2024, 14:05 - Ann: \xd9\x87\n"
    path = tmp_path / "payload.tar"
    path.write_bytes(b"\0" * 512 + line + b"\0" * 99)
    options = {"main": "export/_chat.txt", "members": ["export/_chat.txt"]}
    job = Job(str(path), offset=512, length=len(line), options=options)
    parsed = Parsed(list(ChatParser().parse(job)))
    (message,) = parsed.messages
    assert message["text"] == "\u0647"
    source = {"member": "export/_chat.txt", "offset": 0, "length": len(line)}
    assert message["source"] == source


SENDERS = [
    ("Ann: hi", "Ann", "hi"),
    ("Ann Marie: a: b", "Ann Marie", "a: b"),
    ("Claire : salut", "Claire", "salut"),
    (f"{LRM}Ann: hi", "Ann", "hi"),
    ("~\u00a0Ann: hi", "~\u00a0Ann", "hi"),
    ("+00 000 0001: hi", "+00 000 0001", "hi"),
    ("Ann:", "Ann", ""),
    ("Ann: ", "Ann", ""),
    ("Ann http://x", None, "Ann http://x"),
    ('Ann created group "Work: North"', None, 'Ann created group "Work: North"'),
    ("Ann hat „Arbeit: Nord“ erstellt", None, "Ann hat „Arbeit: Nord“ erstellt"),
    ("You were added", None, "You were added"),
    ("John Doe:.", None, "John Doe:."),
    (": nobody", None, ": nobody"),
    ("x" * 400 + ": hi", None, "x" * 400 + ": hi"),
]


@pytest.mark.parametrize(("body", "sender", "text"), SENDERS)
def test_senders(parse, body: str, sender: str | None, text: str) -> None:
    (message,) = parse(f"13/03/2024, 14:05 - {body}\n").messages
    assert message["sender"] == sender
    assert message["text"] == text
    assert message["message_kind"] == ("system" if sender is None else "text")


ATTACHED = [
    "IMG-20240312-WA0001.jpg (file attached)",
    f"{LRM}IMG-20240312-WA0001.jpg (file attached)",
    "IMG-20240312-WA0001.jpg (file allegato)",
    "IMG-20240312-WA0001.jpg (Datei angehängt)",
    "IMG-20240312-WA0001.jpg (archivo adjunto)",
    "IMG-20240312-WA0001.jpg (fichier joint)",
    "IMG-20240312-WA0001.jpg (arquivo anexado)",
    "IMG-20240312-WA0001.jpg (ficheiro anexado)",
    "IMG-20240312-WA0001.jpg (fișier atașat)",
    "IMG-20240312-WA0001.jpg (файл добавлен)",
    "IMG-20240312-WA0001.jpg (fayl əlavə olunub)",
    "IMG-20240312-WA0001.jpg (dosya ekli)",
    "IMG-20240312-WA0001.jpg (bestand bijgevoegd)",
    "IMG-20240312-WA0001.jpg (some unlisted language)",
    "IMG-20240312-WA0001.jpg (file attached)\nwith a caption",
    f"{LRM}<attached: IMG-20240312-WA0001.jpg>",
    f"<allegato: {LRM}IMG-20240312-WA0001.jpg>",
    "<Anhang: IMG-20240312-WA0001.jpg>",
    "<adjunto: IMG-20240312-WA0001.jpg>",
    "<pièce jointe : IMG-20240312-WA0001.jpg>",
    "<anexado: IMG-20240312-WA0001.jpg>",
    "<прикреплено: IMG-20240312-WA0001.jpg>",
    "<eklendi: IMG-20240312-WA0001.jpg>",
    "<bijgevoegd: IMG-20240312-WA0001.jpg>",
    "a caption <attached: IMG-20240312-WA0001.jpg>",
    "IMG-20240312-WA0001.jpg <attached>",
]


@pytest.mark.parametrize("text", ATTACHED)
def test_attachments(parse, text: str) -> None:
    name = "IMG-20240312-WA0001.jpg"
    line = f"13/03/2024, 14:05 - Ann: {text}\n"
    (message,) = parse(line).messages
    assert message["message_kind"] == "media"
    assert message["attachment"] == {"name": name, "outcome": "missing"}
    assert message["text"] == text
    parsed = parse(line, main="_chat.txt", members=["_chat.txt", name, "odd.bin"])
    attachment = parsed.messages[0]["attachment"]
    assert attachment == {"name": name, "outcome": "acquired", "member": name}
    assert parsed.summary.left_out == {}
    assert parsed.summary.public["members_unnamed"] == 1


KINDS = [
    ("<Media omitted>", "media"),
    ("<Media omessi>", "media"),
    ("<Medien ausgeschlossen>", "media"),
    ("<Multimedia omitido>", "media"),
    ("<Médias omis>", "media"),
    ("<Mídia oculta>", "media"),
    ("<Без медиафайлов>", "media"),
    ("<Medya dahil edilmedi>", "media"),
    ("<Media weggelaten>", "media"),
    (f"{LRM}image omitted", "media"),
    (f"{LRM}immagine omessa", "media"),
    (f"{LRM}Bild weggelassen", "media"),
    (f"{LRM}Contract.pdf • {LRM}3 pages {LRM}document omitted", "media"),
    ("<Media omitted>\ncaption", "media"),
    (f"{LRM}Contact card omitted", "contact"),
    ("Alex.vcf (file attached)", "contact"),
    ("This message was deleted", "deleted"),
    ("You deleted this message.", "deleted"),
    ("Questo messaggio è stato eliminato", "deleted"),
    ("Diese Nachricht wurde gelöscht.", "deleted"),
    ("Данное сообщение удалено", "deleted"),
    ("Bu mesaj silindi", "deleted"),
    (f"{LRM}Location: https://maps.google.com/?q=52.089451,5.108469", "location"),
    ("Местоположение: https://maps.google.com/?q=1,2", "location"),
    ("Live location shared", "location"),
    (f"{LRM}POLL:\nWho comes?\n{LRM}OPTION: me (1 vote)", "poll"),
    ("SONDAGGIO:\nChi viene?", "poll"),
    (f"{LRM}Missed voice call", "call"),
    (f"{LRM}Voice call. {LRM}10 sec", "call"),
    ("Verpasster Sprachanruf", "call"),
    (f"{LRM}Messages and calls are end-to-end encrypted. No one else", "system"),
    ("video call tomorrow?", "text"),
    ("the image omitted by Ann", "text"),
    ("This message was deleted by whom?", "text"),
    ("a < b and b > c", "text"),
    ("see (this)", "text"),
    ("https://youtu.be/x", "text"),
    ("poll: yes or no", "text"),
]


@pytest.mark.parametrize(("text", "kind"), KINDS)
def test_kinds(parse, text: str, kind: str) -> None:
    (message,) = parse(f"[13/03/2024, 14:05:33] Ann: {text}\n").messages
    assert message["message_kind"] == kind
    assert message["text"] == text
    omitted = kind in ("media", "contact") and "vcf" not in text
    attachment = message["attachment"]
    if omitted:
        assert attachment["outcome"] == "omitted-by-export"


def test_omitted_document_keeps_its_name_as_written(parse) -> None:
    text = f"{LRM}Contract.PDF • {LRM}3 pages {LRM}document omitted"
    (message,) = parse(f"[13/03/2024, 14:05:33] Ann: {text}\n").messages
    assert message["attachment"]["name"] == "Contract.PDF"


def test_edited(parse) -> None:
    text = "ok <This message was edited>"
    (message,) = parse(f"13/03/2024, 14:05 - Ann: {text}\n").messages
    assert (message["edited"], message["text"]) == (True, text)


def test_two_files_of_nearly_the_same_name_are_not_guessed_between(parse) -> None:
    line = "13/03/2024, 14:05 - Ann: Photo.jpg (file attached)\n"
    one = ["_chat.txt", "PHOTO.JPG"]
    (message,) = parse(line, main="_chat.txt", members=one).messages
    assert message["attachment"]["member"] == "PHOTO.JPG"
    two = [*one, "photo.jpg"]
    (message,) = parse(line, main="_chat.txt", members=two).messages
    assert message["attachment"]["outcome"] == "missing"


def test_call_notice_without_a_sender(parse) -> None:
    (message,) = parse("13/03/2024, 14:05 - Missed voice call\n").messages
    assert (message["sender"], message["message_kind"]) == (None, "call")


def test_zone(parse) -> None:
    text = (
        "13/03/2024, 14:05 - Ann: a\n"
        "31/03/2024, 02:30 - Ann: b\n"
        "27/10/2024, 02:30 - Ann: c\n"
    )
    parsed = parse(text, timezone="Europe/Rome")
    first, gap, fold = parsed.messages
    assert first["time_utc"] == "2024-03-13T13:05:00Z"
    assert (gap["time_utc"], gap["time_note"]) == (None, "dst-nonexistent")
    assert (fold["time_utc"], fold["time_note"]) == (None, "dst-ambiguous")
    expected = ["2024-10-27T00:30:00Z", "2024-10-27T01:30:00Z"]
    assert fold["time_candidates"] == expected
    assert parsed.summary.public["timezone_known"] is True
    assert parsed.summary.public["times_open"] == 2


def test_unknown_zone_reads_nothing(parse) -> None:
    parsed = parse("13/03/2024, 14:05 - Ann: a\n", timezone="Mars/Base")
    assert parsed.summary.outcome is ParseOutcome.FAILED
    assert parsed.records == []


def test_bytes_that_are_not_utf8(parse) -> None:
    raw = b"13/03/2024, 14:05 - J\xe9r\xf4me: caf\xe9\nna\xefve \xc3\xa9\n"
    (message,) = parse(raw).messages
    assert message["sender"] == "J\ufffdr\ufffdme"
    assert message["sender_b64"] == "Suly9G1l"
    assert message["text"] == "caf\ufffd\nna\ufffdve \u00e9"
    assert message["text_b64"] == "Y2Fm6QpuYe92ZSDDqQ=="


def test_a_very_long_message_is_cut_and_covered(parse) -> None:
    body = "ä" * 200_000
    text = f"13/03/2024, 14:05 - Ann: {body}\n{body}\n13/03/2024, 14:06 - Ann: x\n"
    first, second = parse(text).messages
    assert first["text_cut"] is True
    assert len(first["text"].encode()) <= 1 << 18
    assert set(first["text"]) == {"ä"}
    assert second["text"] == "x"


def test_heading_behind_a_very_long_line_is_text(parse) -> None:
    text = "13/03/2024, 14:05 - Ann: " + "x" * (1 << 20) + "13/03/2024, 14:06 - B: y\n"
    (message,) = parse(text).messages
    assert message["source"]["length"] == len(text)


def test_preface(parse) -> None:
    lead = "Exported for the file\n\n"
    parsed = parse(lead + _dated("13/03/2024"))
    assert parsed.of("unparsed")[0]["source"] == {"offset": 0, "length": len(lead)}
    assert parsed.summary.outcome is ParseOutcome.PARTIAL


def test_blank_lead_is_no_loss(parse) -> None:
    parsed = parse("\ufeff\r\n" + _dated("13/03/2024"))
    assert parsed.summary.outcome is ParseOutcome.PARSED


def test_a_late_first_message_needs_the_examiner(parse) -> None:
    text = "line\n" * 30 + _dated("13/03/2024")
    assert parse(text).summary.outcome is ParseOutcome.NOT_RECOGNISED
    assert len(parse(text, app="whatsapp").messages) == 1


def test_counts(parse) -> None:
    text = (
        "13/03/2024, 14:05 - Ann added you\n"
        "13/03/2024, 14:06 - Ann: a\n"
        "13/03/2024, 14:07 - Bob: IMG-20240312-WA0001.jpg (file attached)\n"
        "13/03/2024, 14:08 - Bob: <Media omitted>\n"
        "12/03/2024, 14:08 - Ann: This message was deleted\n"
    )
    parsed = parse(text)
    public = parsed.summary.public
    assert public["app"] == "whatsapp"
    assert public["messages"] == 5
    assert public["participants"] == 2
    assert public["system_messages"] == 1
    assert public["attachments"] == 2
    assert public["attachments_missing"] == 1
    assert public["attachments_omitted"] == 1
    assert public["deleted_messages"] == 1
    assert public["timezone_known"] is False
    assert parsed.summary.left_out == {Outcome.MISSING: 1}
    assert [m["number"] for m in parsed.messages] == [1, 2, 3, 4, 5]
    closing = parsed.records[-1]
    assert closing["kind"] == "chat-summary"
    assert closing["participants"] == [
        {"name": "Ann", "messages": 2},
        {"name": "Bob", "messages": 2},
    ]
    assert closing["first"] == "2024-03-12T14:08:00"
    assert closing["last"] == "2024-03-13T14:08:00"


def test_public_facts_hold_no_words_of_the_chat(parse) -> None:
    parsed = parse("13/03/2024, 14:05 - Zyzzyva Q: quixotic\n")
    assert "Zyzzyva" not in repr(parsed.summary)
    assert "quixotic" not in repr(parsed.summary)
    assert "13/03" not in repr(parsed.summary)
