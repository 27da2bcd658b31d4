"""The real command on an encrypted case: who reads, who comes and who goes."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.desk import WHY, Desk

CANARY = "CANARY-Aysel"
REFERENCE = "Zirnitra-4711"


@dataclass(frozen=True)
class Office:
    """A desk with an encrypted case, a passphrase file and a recovery key."""

    desk: Desk
    words: tuple[str, str]
    recovery: Path


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Office:
    desk = Desk(tmp_path_factory.mktemp("desk"))
    secret = desk.folder / "passphrase"
    secret.write_text("five words of no sense\n")
    words = ("--passphrase-file", str(secret))
    desk.run("identity", "new", "--name", "Tess Tester", *words)
    recovery = desk.folder / "recovery.txt"
    made = desk.run("recipient", "recovery", "-o", recovery)
    (desk.folder / "chat.txt").write_text(f"01/02/2024, 10:00 - {CANARY}: hello\n")
    about = ("--case-id", REFERENCE, "--title", REFERENCE, "--profile", "ngo")
    opened = desk.run(
        "init", desk.case, *about, *words, "--recovery", made.stdout.strip()
    )
    assert "Warning" not in opened.stderr
    source = desk.folder / "chat.txt"
    desk.run("-C", desk.case, "acquire", "chat", source, "-D", REFERENCE, *words)
    return Office(desk, words, recovery)


@pytest.fixture
def office(made: Office, tmp_path: Path) -> Office:
    """A copy, so that each test may change it."""
    shutil.copytree(made.desk.folder, tmp_path / "desk")
    desk = Desk(tmp_path / "desk")
    words = ("--passphrase-file", str(desk.folder / "passphrase"))
    return Office(desk, words, desk.folder / "recovery.txt")


def test_nothing_readable_is_on_the_disk(made: Office) -> None:
    for folder in (made.desk.case, made.desk.home):
        for path in folder.rglob("*"):
            assert CANARY not in str(path)
            data = path.read_bytes() if path.is_file() else b""
            assert CANARY.encode() not in data
            assert REFERENCE.encode() not in data
    assert not list((made.desk.case / "identities").iterdir())


def test_reading_needs_a_key_and_verifying_does_not(made: Office) -> None:
    desk = made.desk
    look = ("-C", desk.case, "show", "EX-0001", "--sealed", *WHY)
    shown = desk.run(*look, code=55)
    assert "PASSPHRASE_NEEDED" in shown.stderr
    assert CANARY not in shown.stdout + shown.stderr
    listed = desk.run("-C", desk.case, "log")
    assert CANARY not in listed.stdout
    assert "1 custodian and 1 recovery key can decrypt." in listed.stdout
    assert listed.stderr.count("LOCKED") + listed.stderr.count("encrypted") == 1
    assert CANARY in desk.run(*look, *made.words).stdout
    named = ("log", "--named", *made.words, *WHY)
    assert REFERENCE in desk.run("-C", desk.case, *named).stdout
    assert REFERENCE not in listed.stdout
    without = desk.ask("verify", desk.case)
    assert [f["code"] for f in without["findings"]] == ["PLAINTEXT_UNCHECKED"]
    assert desk.ask("verify", desk.case, *made.words)["findings"] == []
    # A passphrase in the environment alone does not start decrypting.
    again = desk.ask("verify", desk.case, CUSTODY_PASSPHRASE="wrong")
    assert [f["code"] for f in again["findings"]] == ["PLAINTEXT_UNCHECKED"]


def test_the_recovery_key_opens_the_case_on_a_bare_machine(made: Office) -> None:
    desk = made.desk
    elsewhere = {"CUSTODY_HOME": str(desk.folder / "none")}
    (without,) = desk.ask("verify", desk.case, **elsewhere)["findings"]
    assert without["code"] == "PLAINTEXT_UNCHECKED"
    recovery = {**elsewhere, "CUSTODY_AGE_IDENTITY": str(made.recovery)}
    assert desk.ask("verify", desk.case, **recovery)["findings"] == []
    # Looking at names or content has to be signed for: a recovery key does not do.
    look = ("-C", desk.case, "log", "--named", *WHY)
    assert REFERENCE not in desk.run(*look, code=51, **recovery).stdout
    sealed = ("-C", desk.case, "show", "EX-0001", "--sealed", *WHY)
    assert CANARY not in desk.run(*sealed, code=51, **recovery).stdout
    plain = ("-C", desk.case, "export", "led-log")
    assert CANARY not in desk.run(*plain, **elsewhere).stdout  # the auditor's
    (desk.folder / "no-key").write_text("AGE-SECRET-KEY-1QQQ\n")
    wrong = {**elsewhere, "CUSTODY_AGE_IDENTITY": str(desk.folder / "no-key")}
    desk.run("verify", desk.case, code=56, **wrong)


def test_a_report_is_made_with_the_key_and_a_proof_without(office: Office) -> None:
    desk = office.desk
    at = ("-C", desk.case)
    target = desk.folder / "r.pdf"
    desk.run(*at, "report", "-o", target, "--issue", *office.words)
    (kept,) = (desk.case / "reports").iterdir()
    assert kept.name.endswith(".pdf.age")
    assert kept.read_bytes().startswith(b"age-encryption.org/v1")
    assert target.read_bytes().startswith(b"%PDF")
    proof = desk.folder / "p.tlog-proof"
    desk.run(*at, "prove", "EX-0001", "-o", proof)  # needs no key
    stored = desk.case / "exhibits/EX-0001/payload.age"
    found = desk.ask("verify", proof, "--payload", stored)
    assert found["axes"]["intact"]["status"] == "pass"
    words = ("prove", "EX-0001", "--record", "1", "-o", desk.folder / "r.tlog-proof")
    error = desk.ask(*at, *words, *office.words, code=34)  # content, and no entry
    assert error["code"] == "RECORDS_NOT_SHOWN"
    assert not (desk.folder / "r.tlog-proof").exists()
    assert desk.ask("verify", desk.case, *office.words)["findings"] == []


def test_what_is_referred_leaves_no_digest_in_the_log(office: Office) -> None:
    desk, item = office.desk, office.desk.folder / "item.jpg"
    item.write_bytes(CANARY.encode())
    words = ("refer", item, "--reason", "unsafe", "--to", "POL-1", *office.words)
    (told,) = desk.ask("-C", desk.case, *words)["referrals"]
    digest = hashlib.sha256(CANARY.encode()).hexdigest()
    assert told["sha256"] == digest
    item.unlink()
    for path in desk.folder.rglob("*"):
        data = path.read_bytes() if path.is_file() else b""
        assert digest.encode() not in data and REFERENCE.encode() not in data
    assert desk.ask("verify", desk.case, *office.words)["findings"] == []


def test_a_passphrase_is_changed(office: Office) -> None:
    desk = office.desk
    new = desk.folder / "new"
    new.write_text("six other words\n")
    change = ("identity", "passphrase", "Tess Tester", *office.words)
    desk.run(*change, code=55)  # never the old one from the environment
    desk.run(*change, "--new-passphrase-file", new)
    desk.run("-C", desk.case, "log", *office.words, code=54)
    words = ("--passphrase-file", str(new))
    look = ("-C", desk.case, "show", "EX-0001", "--sealed", *WHY)
    assert CANARY in desk.run(*look, *words).stdout


def test_a_colleague_is_added_and_removed(office: Office) -> None:
    desk, at = office.desk, ("-C", office.desk.case)
    other = {"CUSTODY_HOME": str(desk.folder / "other")}
    desk.run("identity", "new", "--name", "Asgi Quliyeva", "--no-passphrase", **other)
    file = desk.folder / "asgi.json"
    desk.run("identity", "export", "-o", file, **other)
    key = json.loads(file.read_text())
    add = (*at, "recipient", "add", file, *office.words)
    assert "FINGERPRINT_REFUSED" in desk.run(*add, code=24).stderr
    reads = ("verify", desk.case, "--as", "Asgi Quliyeva")
    desk.run(*reads, code=58, **other)
    desk.run(*add, "--fingerprint", key["key"])
    assert desk.ask(*reads, **other)["findings"] == []
    assert "Asgi Quliyeva" not in desk.run(*at, "recipient", "list").stdout
    named = (*at, "recipient", "list", "--named", *office.words)
    assert "Tess" not in desk.run(*named, code=34).stdout
    before = len(desk.lines())
    listed = desk.run(*named, *WHY).stdout
    (looked,) = [json.loads(line)["body"] for line in desk.lines()[before:]]
    assert (looked["type"], looked["facts"]["kind"]) == ("consult", "recipients")
    assert re.search(r"custodian +Tess Tester +age1", listed)
    assert re.search(r"custodian +Asgi Quliyeva +age1", listed)
    log = (desk.case / "manifest/entries.jsonl").read_text()
    assert "Asgi Quliyeva" not in log
    removed = desk.run(*at, "recipient", "remove", key["recipient"], *office.words)
    assert "stays readable" in removed.stderr
    desk.run(*reads, code=58, **other)
    assert desk.ask("verify", desk.case, *office.words)["findings"] == []


def test_an_exchanged_recipient_is_refused(office: Office) -> None:
    desk, at = office.desk, ("-C", office.desk.case)
    other = {"CUSTODY_HOME": str(desk.folder / "other")}
    desk.run("identity", "new", "--name", "Asgi Quliyeva", "--no-passphrase", **other)
    file = desk.folder / "asgi.json"
    desk.run("identity", "export", "-o", file, **other)
    value = json.loads(file.read_text())
    thief = desk.run("recipient", "recovery", "-o", desk.folder / "thief").stdout
    value["recipient"] = thief.strip()
    compact = json.dumps(value, sort_keys=True, separators=(",", ":"))
    file.write_text(compact + "\n")
    words = (*office.words, "--fingerprint", value["key"])
    done = desk.run(*at, "recipient", "add", file, *words, code=30)
    assert "did not sign it" in done.stderr


def test_an_interrupted_change_is_seen_and_ended(office: Office) -> None:
    desk, at = office.desk, ("-C", office.desk.case)
    old = (desk.case / "keys/EX-0001.age").read_bytes()
    more = desk.run("recipient", "recovery", "-o", desk.folder / "second").stdout
    desk.run(*at, "recipient", "add", "--recovery", more.strip(), *office.words)
    (desk.case / "keys/EX-0001.age").write_bytes(old)  # as if it had stopped there
    listed = desk.run(*at, "recipient", "list", *office.words, code=3)
    assert "1 of 2 key files" in listed.stderr
    desk.run(*at, "recipient", "refresh", *office.words)
    desk.run(*at, "recipient", "list", *office.words)


def test_init_says_what_is_missing(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.run("identity", "new", "--name", "Tess", "--no-passphrase")
    about = ("--case-id", "1", "--title", "T")
    done = desk.run("init", desk.case, *about, "--encrypt")
    assert "no recovery key" in done.stderr
    assert "so is the evidence" in desk.run("verify", desk.case).stdout
    plain = tmp_path / "plain"
    desk.run("init", plain, *about, "--profile", "ngo", "--no-encrypt")
    assert not (plain / "keys").exists()
    desk.run("-C", plain, "recipient", "list", code=30)
    desk.run("init", tmp_path / "x", *about, "--recovery", "age1x", code=2)
    words = ("--encrypt", "--recovery", "age1x")
    desk.run("init", tmp_path / "x", *about, *words, code=30)
    assert not (tmp_path / "x").exists()


@pytest.mark.skipif(shutil.which("age") is None, reason="the age tool is not here")
def test_the_pipeline_of_the_specification(made: Office) -> None:
    commands = (
        f"age -d -i {made.recovery} keys/EX-0001.age | "
        "age -d -i - exhibits/EX-0001/payload.age"
    )
    done = subprocess.run(
        ["sh", "-c", commands], cwd=made.desk.case, capture_output=True, check=True
    )
    assert CANARY.encode() in done.stdout
