"""Chat exports and archives that nobody here wrote.

Truth: counts in ``TRUTH/chats.tsv``; authors, times and texts in the ``target.json``
files of the repository the samples come from; members and digests from zipfile.
"""

from __future__ import annotations

import csv
import hashlib
import json
import re
import zipfile
from pathlib import Path
from typing import Any

import pytest

from evidence.outcome import Outcome, ParseOutcome
from evidence.parsing.base import Job, Record, Summary
from evidence.parsing.chat import ChatParser
from evidence.parsing.chat_archive import Archive
from evidence.parsing.chat_zip import NotZipError, is_zip, read_directory

pytestmark = pytest.mark.conformance

MINER = "chats/joweich+chat-miner/test"
PORT = "chats/sodascience+port-whatsapp-datadonation/data_extractor/tests/data"


def parse(path: Path, **options: Any) -> tuple[list[dict[str, Any]], Summary]:
    items = list(ChatParser().parse(Job(str(path), path.name, options=options)))
    last = items[-1]
    assert isinstance(last, Summary)
    records = [item.fields for item in items if isinstance(item, Record)]
    assert len(records) == len(items) - 1
    return records, last


def messages(records: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [fields for fields in records if fields["kind"] == "message"]


def truth(shared_data: Path) -> dict[str, str]:
    with (shared_data / "TRUTH" / "chats.tsv").open(encoding="utf-8") as table:
        rows = csv.DictReader(table, delimiter="\t")
        return {row["local"]: row["counted"] for row in rows}


def is_whatsapp(name: str) -> bool:
    base = name.rpartition("/")[2]
    return base.endswith(".txt") and ("/whatsapp" in name or "_chat" in base)


def test_counts_of_every_whatsapp_text(shared_data: Path) -> None:
    seen = 0
    for name, counted in truth(shared_data).items():
        dated = re.match(r"(\d+) dated lines", counted)
        if dated is None or not is_whatsapp(name):
            continue
        records, summary = parse(shared_data / name)
        assert len(messages(records)) == int(dated[1]), name
        assert summary.outcome is ParseOutcome.PARSED, name
        assert summary.public["app"] == "whatsapp", name
        assert summary.public["unparsed_lines"] == 0, name
        raw = (shared_data / name).read_bytes()
        parts = [
            raw[m["source"]["offset"] :][: m["source"]["length"]]
            for m in messages(records)
        ]
        assert b"".join(parts) == raw, name
        seen += 1
    assert seen == 15


def test_counts_of_every_telegram_export(shared_data: Path) -> None:
    seen = 0
    for name, counted in truth(shared_data).items():
        if "telegram" not in name or name.endswith("target.json"):
            continue
        records, summary = parse(shared_data / name)
        found = re.search(r"\[(\d+)\] messages|(\d+) messages", counted)
        assert found is not None
        expected = int(found[1] or found[2])
        assert len(messages(records)) == expected, name
        assert summary.outcome is ParseOutcome.PARSED, name
        assert summary.public["app"] == "telegram", name
        raw = (shared_data / name).read_bytes()
        for message in messages(records):
            source = message["source"]
            part = json.loads(raw[source["offset"] :][: source["length"]])
            assert part["type"] == "message", name
        seen += 1
    assert seen == 3


def test_every_other_file_is_not_recognised(shared_data: Path) -> None:
    others = 0
    for path in sorted((shared_data / "chats").rglob("*")):
        name = path.relative_to(shared_data).as_posix()
        known = is_whatsapp(name) or "whatsapp_chat.zip" in name
        known = known or ("telegram" in name and "target" not in name)
        if path.is_file() and not known:
            records, summary = parse(path)
            assert summary.outcome is ParseOutcome.NOT_RECOGNISED, name
            assert records == [], name
            others += 1
    assert others >= 20


MINER_TEXTS = [
    "test_[mmddyy]_24hrs.txt",
    "test_ddmmyy_24hrs.txt",
    "test_mmddyy_24hrs.txt",
    "test_mmddyyyy_12hrs.txt",
    "test_yyyymmdd_24hrs.txt",
]


@pytest.mark.parametrize("name", MINER_TEXTS)
def test_whatsapp_against_chat_miner(shared_data: Path, name: str) -> None:
    folder = shared_data / MINER / "whatsapp"
    target = json.loads((folder / "target.json").read_text(encoding="utf-8"))
    records, _ = parse(folder / name)
    found = [
        {
            "timestamp": message["time_local"],
            "author": message["sender"],
            "message": message["text"].replace("\n", " "),
        }
        for message in messages(records)
        if message["sender"] is not None
    ]
    assert found[::-1] == target


@pytest.mark.parametrize("name", ["test_single_export.json", "test_batch_export.json"])
def test_telegram_against_chat_miner(shared_data: Path, name: str) -> None:
    folder = shared_data / MINER / "telegram"
    target = json.loads((folder / "target.json").read_text(encoding="utf-8"))
    records, _ = parse(folder / name)
    found = [
        {
            "timestamp": message["time_utc"].removesuffix("Z"),
            "author": message["sender"],
            # chat-miner puts a blank between formatted parts; the export has none.
            "message": message["text"].replace("Link:", "Link: "),
        }
        for message in messages(records)
    ]
    assert found == target


def test_seven_forms_of_one_chat(shared_data: Path) -> None:
    """The repository keeps one chat in seven layouts; all must read the same."""
    folder = shared_data / PORT
    read = []
    for name in ["_chat.txt", *(f"_chat_file{number}.txt" for number in range(1, 7))]:
        records, _ = parse(folder / name)
        read.append(
            [
                (m["sender"], m["text"].replace("\n", ""), m["time_local"][:16])
                for m in messages(records)
            ]
        )
    assert all(chat == read[0] for chat in read)
    senders = [sender for sender, _, _ in read[0]]
    assert senders[0] is None
    assert senders[1:4] == ["person1", "person2", "person3"]
    assert read[0][-1][2] == "2020-07-14T22:05"


def test_kinds_in_android_sample(shared_data: Path) -> None:
    folder = shared_data / "chats/noahejung+locket/tests/fixtures"
    records, summary = parse(folder / "whatsapp_android.txt", timezone="Europe/Rome")
    kinds = [m["message_kind"] for m in messages(records)]
    assert kinds == "text text media text system deleted system text".split()  # noqa: SIM905 - reads as a row
    assert messages(records)[1]["text"].endswith(
        "\nMonday instead, works better for me"
    )
    assert messages(records)[3]["edited"] is True
    # 15 January 2025, 10:32 in Rome (UTC+1).
    assert messages(records)[0]["time_utc"] == "2025-01-15T09:32:00Z"
    assert summary.public["date_order"] == "mdy"


def test_ios_sample(shared_data: Path) -> None:
    folder = shared_data / "chats/noahejung+locket/tests/fixtures"
    records, summary = parse(folder / "whatsapp_ios.txt")
    photo = messages(records)[1]
    assert photo["attachment"] == {
        "name": "00000042-PHOTO-2025-01-15-22-41-20.jpg",
        "outcome": "missing",
    }
    assert summary.left_out == {Outcome.MISSING: 1}


def test_whatsapp_archive(shared_data: Path) -> None:
    path = shared_data / PORT / "whatsapp_chat.zip"
    records, summary = parse(path)
    assert summary.outcome is ParseOutcome.PARSED
    with zipfile.ZipFile(path) as archive:
        expected = {
            info.filename: hashlib.sha256(archive.read(info)).hexdigest()
            for info in archive.infolist()
        }
    found = {r["name"]: r["sha256"] for r in records if r["kind"] == "member"}
    assert found == expected
    assert len(messages(records)) == 10


def test_the_file_that_passes_for_a_zip(shared_data: Path) -> None:
    path = shared_data / "disk/log2timeline+plaso/test_data/passes_is_zipfile.bin"
    assert zipfile.is_zipfile(path)  # the trap
    records, summary = parse(path)
    assert summary.outcome is ParseOutcome.NOT_RECOGNISED
    assert records == []


def test_every_malicious_file_gets_an_outcome(shared_data: Path) -> None:
    counted = 0
    for path in sorted((shared_data / "malicious").rglob("*")):
        if path.is_file():
            _, summary = parse(path)
            allowed = (ParseOutcome.NOT_RECOGNISED, ParseOutcome.FAILED)
            assert summary.outcome in allowed, path
            counted += 1
    assert counted > 250


def test_members_of_every_archive_agree_with_zipfile(shared_data: Path) -> None:
    """What is believed has the digest that zipfile finds too."""
    compared = refused = 0
    for path in sorted(shared_data.rglob("*.zip*")):
        raw = path.read_bytes()
        if not is_zip(raw):
            continue
        with path.open("rb") as stream:
            try:
                directory = read_directory(stream, len(raw))
            except NotZipError:
                continue
            records = list(Archive(stream, directory, {}).records())
        with zipfile.ZipFile(path) as archive:
            infos = archive.infolist()
            assert len(infos) == len(records), path
            for info, fields in zip(infos, records, strict=True):
                try:
                    digest = hashlib.sha256(archive.read(info)).hexdigest()
                except (zipfile.BadZipFile, NotImplementedError, RuntimeError):
                    digest = None
                except Exception as error:  # hostile: any decoder may raise anything
                    digest = None
                    assert fields["outcome"] == "refused", (path, error)
                if fields["outcome"] == "acquired":
                    assert fields["sha256"] == digest, (path, info.filename)
                    compared += 1
                else:
                    assert fields["reason"], path
                    refused += 1
    assert compared > 50
    assert refused > 10


def test_names_refused_in_real_archives(shared_data: Path) -> None:
    folder = shared_data / "malicious/log2timeline+dfvfs/test_data/zip"
    for name in ("absolute_paths.zip", "mixed_paths.zip"):
        with (folder / name).open("rb") as stream:
            size = (folder / name).stat().st_size
            directory = read_directory(stream, size)
        absolute = [m for m in directory.members if m.name.startswith("/")]
        assert absolute, name
        assert {m.reason for m in absolute} == {"absolute-name"}, name
