"""The self-test finds what is wrong: every check must be able to fail."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from evidence.parsing.base import Item, Job, Record, Summary
from evidence.samples.chats import telegram_json, whatsapp_text
from evidence.samples.disks import disk_image
from evidence.selftest import answers, parsers, running
from evidence.selftest.installed import installed
from evidence.selftest.parsers import SAMPLES
from tests.desk import OWN_INITIATIVE, Desk

needs_fls = pytest.mark.skipif(not shutil.which("fls"), reason="fls is missing")


def test_everything_passes_here() -> None:
    found = running.run()
    wrong = [c for c in found.checks if c.result is running.Result.FAIL]
    assert wrong == []
    assert found.counts[running.Result.PASS] > 40


@pytest.mark.parametrize(("name", "check"), answers.ANSWERS)
def test_an_answer_is_right_here(name: str, check: answers.Check) -> None:
    assert check() in ("", answers.NOT_AVAILABLE), name


BROKEN: dict[str, tuple[str, object]] = {
    "Ed25519 verifying": ("PublicKey.is_signed", lambda *_: True),
    "P-256 verifying": ("PublicKey.is_signed", lambda *_: False),
    "ML-DSA-44": ("PostQuantumKey.is_signed", lambda *_: True),
    "RFC 6962 tree": ("tree_root", lambda _leaves: bytes(32)),
    "inclusion proof": ("verify_inclusion", lambda *_: None),
    "DSSE encoding": ("pre_authentication_encoding", lambda body: body),
    "signed note": ("is_signed_by", lambda *_: True),
    "copying and hashing": ("hash_file", lambda path: hashlib_of(path, cut=1)),
}


class hashlib_of:
    def __init__(self, path: Path, *, cut: int) -> None:
        self.sha256 = hashlib.sha256(path.read_bytes()[:-cut]).hexdigest()


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_primitive_is_told(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    target, stand_in = BROKEN[name]
    monkeypatch.setattr(f"evidence.selftest.answers.{target}", stand_in)
    assert dict(answers.ANSWERS)[name]() not in ("", answers.NOT_AVAILABLE)


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.title)
def test_a_parser_that_leaves_something_out_is_told(
    sample: parsers.Sample, monkeypatch: pytest.MonkeyPatch
) -> None:
    kind = next(iter(sample.records))
    parse: Callable[[str, Job], list[Item]] = parsers.parse  # type: ignore[assignment]

    def short(name: str, job: Job) -> list[Item]:
        items = list(parse(name, job))
        of_kind = [
            i for i in items if isinstance(i, Record) and i.fields["kind"] == kind
        ]
        return [item for item in items if item is not of_kind[-1]]

    monkeypatch.setattr(parsers, "parse", short)
    assert kind in sample.check()


def test_a_parser_that_stops_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    parse: Callable[[str, Job], list[Item]] = parsers.parse  # type: ignore[assignment]
    monkeypatch.setattr(
        parsers,
        "parse",
        lambda name, job: [i for i in parse(name, job) if not isinstance(i, Summary)],
    )
    assert "nothing" in SAMPLES[0].check()


def test_the_counts_of_the_chats_are_those_of_the_samples() -> None:
    text = whatsapp_text().decode("utf-8")
    starts = re.findall(r"^\d\d/\d\d/2024, \d\d:\d\d - ", text, re.MULTILINE)
    by_title = {sample.title: sample for sample in SAMPLES}
    assert len(starts) == by_title["WhatsApp parser"].records["message"]
    chat = json.loads(telegram_json())
    assert len(chat["messages"]) == by_title["Telegram parser"].records["message"]


@needs_fls
def test_the_counts_of_the_disk_are_those_of_the_sleuth_kit(tmp_path: Path) -> None:
    image = tmp_path / "stick.img"
    image.write_bytes(disk_image())
    shown = subprocess.run(
        ["mmls", "-a", image], capture_output=True, text=True, check=True
    ).stdout
    assert "DOS Partition Table" in shown
    assert len(re.findall(r"^\d{3}:", shown, re.MULTILINE)) == 2


def test_what_is_no_package_is_said() -> None:
    assert "not installed" in installed("no-such-distribution").problem


# --- the command ----------------------------------------------------------------------


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    desk = Desk(tmp_path)
    desk.run("identity", "new", "--name", "Tess", "--no-passphrase")
    desk.run("init", "case", "--case-id", "1", "--title", "t", *OWN_INITIATIVE)
    return desk


def test_a_result_is_recorded_sealed_and_reported(desk: Desk) -> None:
    told = desk.ask("-C", "case", "selftest", "--record")
    assert told["schema"] == "custody.selftest/1"
    assert told["entry"] == 1
    lines = (desk.case / "manifest/entries.jsonl").read_bytes().splitlines()
    facts = json.loads(lines[1])["body"]["facts"]
    sealed = json.loads((desk.case / "private/0000000001.json").read_bytes())
    result = sealed["selftest"]
    canonical = json.dumps(
        result, sort_keys=True, separators=(",", ":"), ensure_ascii=False
    )
    assert facts["sha256"] == hashlib.sha256(canonical.encode()).hexdigest()
    counted = [c["result"] for c in result["checks"]]
    assert facts["passed"] == counted.count("pass") > 40
    assert facts["failed"] == counted.count("fail") == 0
    assert desk.ask("verify", "case")["axes"]["intact"]["status"] == "pass"
    assert "Self-test of the tool" in desk.run("-C", "case", "log").stdout
    desk.run("-C", "case", "report", "-o", "report.pdf")
    if shutil.which("pdftotext"):
        shown = subprocess.run(
            ["pdftotext", "report.pdf", "-"],
            cwd=desk.folder,
            capture_output=True,
            check=True,
        ).stdout.decode("utf-8")
        assert facts["sha256"] in "".join(shown.split())


def test_without_a_case_nothing_is_written(desk: Desk, tmp_path: Path) -> None:
    before = sorted(p.name for p in tmp_path.rglob("*"))
    assert "Self-test: pass" in desk.run("selftest").stdout
    assert sorted(p.name for p in tmp_path.rglob("*")) == before
