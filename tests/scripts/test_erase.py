"""The real command: keep, hold, restrict, erase; alone and with a second person."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from tests.desk import OWN_INITIATIVE, Desk
from tests.erasing import CANARY, holding

ABOUT = ("--case-id", "T-1", "--title", "T")


def new_desk(folder: Path, *more: str) -> tuple[Desk, tuple[str, str]]:
    desk = Desk(folder)
    secret = folder / "passphrase"
    secret.write_text("five words of no sense\n")
    words = ("--passphrase-file", str(secret))
    desk.run("identity", "new", "--name", "Tess Tester", *words)
    return desk, words


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    folder = tmp_path_factory.mktemp("desk")
    desk, words = new_desk(folder)
    desk.run("init", desk.case, *ABOUT, "--profile", "police", *OWN_INITIATIVE, *words)
    (folder / "sources").mkdir()
    chat = folder / "sources/chat.txt"
    chat.write_text(f"01/02/2024, 10:00 - {CANARY}: hello\n")
    (folder / "sources/other.txt").write_text("kept")
    inside = ("-C", str(desk.case))
    desk.run(*inside, "acquire", "chat", chat, *words)
    desk.run(*inside, "acquire", "files", folder / "sources/other.txt", *words)
    shutil.rmtree(folder / "sources")
    return desk


@pytest.fixture
def desk(made: Desk, tmp_path: Path) -> Desk:
    shutil.copytree(made.folder, tmp_path / "desk")
    return Desk(tmp_path / "desk")


def words(desk: Desk) -> tuple[str, ...]:
    return ("--passphrase-file", str(desk.folder / "passphrase"))


WHY = ("--reason", "retention-ended", "--text", "the time is over")


def test_erased_everywhere_and_everything_bears_it(desk: Desk) -> None:
    inside = ("-C", str(desk.case))
    desk.run(*inside, "prove", "EX-0001", "-o", desk.folder / "p.tlog-proof")
    (desk.folder / "p.tlog-proof").rename(desk.folder.parent / "p.tlog-proof")
    shutil.copytree(desk.case, desk.folder / "backup")
    done = desk.run(
        *inside,
        *("erase", "ex-0001", *WHY, "--copy", desk.folder / "backup", "--json"),
        *words(desk),
    )
    told = json.loads(done.stdout)
    assert told["waits"] is False
    assert [one["outcome"] for one in told["copies"]] == ["destroyed"]
    assert told["problems"] == []
    assert holding(desk.folder, CANARY.encode()) == []
    verified = desk.run(*inside, "verify")
    assert "ERASED" in verified.stdout
    assert "because: retention-ended, ground AU-0001" in verified.stdout
    assert "exhibits    1 (1 more erased)" in verified.stdout
    counted = desk.ask(*inside, "verify")
    assert (counted["exhibits"], counted["erased"]) == (1, 1)
    desk.run("verify", desk.folder.parent / "p.tlog-proof")
    log = desk.run(*inside, "log")
    assert "EX-0001 erased: retention-ended" in log.stdout
    assert "the time is over" not in log.stdout
    shown = desk.run(*inside, "show", "EX-0001")
    assert "ERASED" in shown.stdout
    shown = json.loads(desk.run(*inside, "show", "EX-0001", "--json").stdout)
    assert shown["erased"]["reason"] == "retention-ended"
    looked = ("--sealed", "--purpose", "quality", "--because", "x", "--json")
    shown = json.loads(
        desk.run(*inside, "show", "EX-0001", *looked, *words(desk)).stdout
    )
    assert (shown["records"], shown["sealed"]) == ([], {})
    desk.run(*inside, "prove", "EX-0001", "-o", desk.folder / "q.tlog-proof")
    desk.run(
        *(*inside, "prove", "EX-0001", "--record", "1"),
        *("-o", desk.folder / "r.tlog-proof"),
        code=37,
    )
    gone = desk.run(
        *(*inside, "disclose", "EX-0001", "--to", "ORG-1", "--purpose", "prosecution"),
        *("-o", desk.folder / "D", *words(desk)),
        code=37,
    )
    assert "EXHIBIT_ERASED" in gone.stderr
    desk.run(*inside, "report", "-o", desk.folder / "report.pdf")
    desk.run(*inside, "lint", desk.folder / "report.pdf")
    desk.run(*inside, "label", "list")
    desk.run(*inside, "seal", "--renew-digests", *words(desk), code=None)
    desk.run(*inside, "verify")
    twice = desk.run(*inside, "erase", "EX-0001", *WHY, *words(desk), code=37)
    assert "was erased" in twice.stderr
    desk.run(*inside, "selftest", code=None)


def test_hold_wins_and_names_who_may_lift_it(desk: Desk) -> None:
    inside = ("-C", str(desk.case))
    desk.run(*inside, "hold", "EX-0001", "--reason", "a court asked", *words(desk))
    for more in ((), ("--override", "I want to")):
        held = desk.run(*inside, "erase", "EX-0001", *WHY, *more, *words(desk), code=38)
        assert "HO-0001" in held.stderr
    desk.run(*inside, "hold", "--lift", "HO-0001", "--reason", "over", *words(desk))
    desk.run(*inside, "erase", "EX-0001", *WHY, *words(desk))
    assert holding(desk.case, CANARY.encode()) == []


def test_kept_time_and_restriction_are_refusals(desk: Desk) -> None:
    inside = ("-C", str(desk.case))
    kept = ("retain", "EX-0001", "--rule", "statute", "--until", "2999-01-01")
    desk.run(*inside, *kept, *words(desk))
    refused = desk.run(*inside, "erase", "EX-0001", *WHY, *words(desk), code=None)
    assert "RETENTION_RUNS" in refused.stderr
    ground = ("restrict", "EX-0002", "--ground", "accuracy-contested")
    desk.run(*inside, *ground, *words(desk))
    refused = desk.run(*inside, "erase", "EX-0002", *WHY, *words(desk), code=None)
    assert "RESTRICTED" in refused.stderr
    leaves = ("disclose", "EX-0002", "--to", "ORG-1", "-o", str(desk.folder / "D"))
    refused = desk.run(
        *inside, *leaves, "--purpose", "support", *words(desk), code=None
    )
    assert "RESTRICTED" in refused.stderr
    refused = desk.run(
        *inside, *leaves, "--purpose", "prosecution", *words(desk), code=None
    )
    assert "RESTRICTED" not in refused.stderr
    desk.run(*inside, *ground, "--lift", "--text", "settled", *words(desk))
    desk.run(*inside, "erase", "EX-0002", *WHY, *words(desk))
    shown = json.loads(desk.run(*inside, "retain", "show", "--json").stdout)
    assert [one["carried_out"] for one in shown["erasures"]] == [True]
    assert [one["lasts"] for one in shown["restrictions"]] == [False]


def test_reviews_fall_due_for_cron(desk: Desk) -> None:
    inside = ("-C", str(desk.case))
    assert "Nothing is due" in desk.run(*inside, "retain", "due").stdout
    review = ("--rule", "periodic-review", "--review", "2998-12-31")
    desk.run(*inside, "retain", *review, *words(desk))
    desk.run(*inside, "retain", "due")
    due = desk.run(*inside, "retain", "due", "--at", "2998-12-31", code=4)
    assert "reviewed" in due.stdout
    desk.run(*inside, "deadlines", "--at", "2998-12-31", code=4)
    past = ("--rule", "policy", "--until", "2001-01-01")
    desk.run(*inside, "retain", *past, *words(desk), code=30)
    desk.run(*inside, "retain", "--rule", "forever", *words(desk), code=30)


def test_two_persons_or_nothing_is_destroyed(tmp_path: Path) -> None:
    desk, key = new_desk(tmp_path)
    desk.run("identity", "new", "--name", "Bert Berger", *key)
    as_tess, as_bert = (("--as", who, *key) for who in ("Tess Tester", "Bert Berger"))
    origin = desk.run("key", "origin").stdout.strip()
    request = tmp_path / "bert.json"
    desk.run("key", "request", "--origin", origin, "-o", request, *as_bert)
    second = ("--two-person", "erase", "--origin", origin, "--approver", str(request))
    desk.run(
        *("init", desk.case, *ABOUT, "--profile", "police", *second),
        *(*OWN_INITIATIVE, *as_tess),
    )
    chat = tmp_path / "chat.txt"
    chat.write_text(f"01/02/2024, 10:00 - {CANARY}: hello\n")
    inside = ("-C", str(desk.case))
    desk.run(*inside, "acquire", "chat", chat, *as_tess)
    told = desk.run(*inside, "erase", "EX-0001", *WHY, *as_tess)
    assert "NOTHING is destroyed yet" in told.stdout
    desk.run(*inside, "erase", "--carry-out", *as_tess, code=30)
    assert holding(desk.case, CANARY.encode())
    assert "APPROVAL_PENDING" in desk.run(*inside, "verify").stdout
    entries = (desk.case / "manifest/entries.jsonl").read_text().splitlines()
    number = str(len(entries) - 1)
    desk.run(*inside, "hold", "EX-0001", "--reason", "wait", *as_tess)
    approve = ("approve", number, *as_bert)
    assert "HO-0001" in desk.run(*inside, *approve, code=38).stderr
    desk.run(*inside, "hold", "--lift", "HO-0001", "--reason", "go", *as_tess)
    desk.run(*inside, *approve)
    assert holding(desk.case, CANARY.encode())
    assert "ERASED_STILL_PRESENT" in desk.run(*inside, "verify", code=11).stdout
    desk.run(*inside, "erase", "--carry-out", *as_tess)
    assert holding(desk.case, CANARY.encode()) == []
    assert "approved by key" in desk.run(*inside, "verify").stdout


def test_bad_words_are_refused(desk: Desk) -> None:
    inside = ("-C", str(desk.case))
    size = len((desk.case / "manifest/entries.jsonl").read_bytes())
    for arguments, code in (
        (("EX-0001", "--reason", "because", "--text", "x"), 30),
        (("EX-0001", "--reason", "unlawful"), 30),
        (("EX-0009", *WHY), 37),
        (("EX-0001", *WHY, "--copy", str(desk.folder)), 38),
        (("--carry-out", "EX-0001"), 2),
        (("EX-0001",), 2),
    ):
        desk.run(*inside, "erase", *arguments, *words(desk), code=code)
    assert len((desk.case / "manifest/entries.jsonl").read_bytes()) == size
