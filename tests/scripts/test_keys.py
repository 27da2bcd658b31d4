"""The real commands on keys: trust, enrol, answer, revoke, rotate."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from tests.desk import OWN_INITIATIVE, Desk, holds_word


class Office:
    """People with key stores of their own around one case."""

    def __init__(self, folder: Path) -> None:
        self.desk = Desk(folder)

    def home(self, who: str) -> str:
        return str(self.desk.folder / f"home-{who}")

    def run(self, who: str, *words: str | Path, code: int = 0) -> str:
        done = self.desk.run(*words, code=code, CUSTODY_HOME=self.home(who))
        return done.stdout + done.stderr

    def ask(self, who: str, *words: str | Path, code: int = 0) -> dict[str, Any]:
        return self.desk.ask(*words, code=code, CUSTODY_HOME=self.home(who))

    def person(self, name: str, role: str = "examiner") -> str:
        """Make an identity; return its words."""
        new = ("identity", "new", "--name", name, "--role", role, "--no-passphrase")
        self.run(name, *new)
        return " ".join(self.ask(name, "identity", "show", name)["words"])

    def case(self, who: str, *words: str | Path, code: int = 0) -> str:
        return self.run(who, "-C", self.desk.case, *words, code=code)

    def init(self, who: str, *words: str) -> None:
        known = ("--case-id", "K 1", "--title", "Keys")
        self.run(who, "init", self.desk.case, *known, *words, *OWN_INITIATIVE)

    def keys(self, who: str) -> dict[str, Any]:
        return self.ask(who, "-C", self.desk.case, "key", "list")

    def state(self, who: str) -> dict[str, str]:
        return {key["name"]: key["state"] for key in self.keys("alice")["keys"]}[who]

    def verdict(self, who: str, code: int = 0) -> dict[str, Any]:
        return self.ask(who, "-C", self.desk.case, "verify", code=code)


@pytest.fixture
def office(tmp_path: Path) -> Office:
    (tmp_path / "evidence.txt").write_text("seen\n")
    return Office(tmp_path)


def codes(verdict: dict[str, Any]) -> set[tuple[str, str]]:
    return {(found["code"], found["subject"]) for found in verdict["findings"]}


def test_trust_comes_from_outside_the_case(office: Office) -> None:
    office.person("alice")
    words = office.person("bob")
    office.init("alice")
    assert office.verdict("bob")["axes"]["trusted"]["status"] == "not checked"
    assert office.verdict("alice")["axes"]["trusted"]["status"] == "pass"
    file = office.desk.folder / "alice.json"
    office.run("alice", "identity", "export", "-o", file)
    right = " ".join(office.ask("alice", "identity", "show")["words"])
    # Without a terminal nobody can be asked, and another's words are not enough.
    for given in ([], ["--fingerprint", words], ["--fingerprint", "acorn " * 31]):
        told = office.run("bob", "identity", "trust", file, *given, code=24)
        assert "FINGERPRINT_REFUSED" in told
    assert office.ask("bob", "identity", "trusted")["identities"] == []
    told = office.run("bob", "identity", "trust", file, "--fingerprint", right.upper())
    assert "alice" in told
    trusted = office.verdict("bob")["axes"]["trusted"]
    assert trusted["status"] == "pass" and "one you trust" in trusted["why"]
    office.run("bob", "identity", "untrust", "ALICE")
    assert office.verdict("bob")["axes"]["trusted"]["status"] == "not checked"
    card = office.desk.folder / "card.pdf"
    office.run("bob", "identity", "card", "-o", card)
    assert card.read_bytes().startswith(b"%PDF-")
    office.run("bob", "identity", "card", "-o", card, code=38)


def test_a_key_comes_acts_and_goes(office: Office) -> None:
    office.person("alice")
    words = office.person("bob", "custodian")
    office.init("alice")
    join, evidence = office.desk.folder / "bob.json", "evidence.txt"
    office.run("bob", "key", "request", "-C", office.desk.case, "-o", join)
    enrol = ("key", "enrol", join, "--role", "custodian", "--role", "examiner")
    assert "FINGERPRINT_REFUSED" in office.case("alice", *enrol, code=24)
    assert "SIGNER_NOT_ALLOWED" in office.case(
        "bob", "acquire", "files", evidence, code=24
    )
    assert "SIGNER_NOT_ALLOWED" in office.case(
        "bob", *enrol, "--fingerprint", words, code=24
    )
    office.case("alice", *enrol, "--fingerprint", words)
    entries = (office.desk.case / "manifest/entries.jsonl").read_text("utf-8")
    assert not holds_word("bob", entries)  # the name is in the sealed record alone
    listed = office.keys("alice")["keys"]
    assert [(k["name"], k["rights"]) for k in listed] == [
        ("alice", ["act", "approve", "keys"]),
        ("bob", ["act"]),
    ]
    assert listed[1]["vouched"] == ["alice"] and listed[1]["state"] == "in force"
    identities = {p.stem for p in (office.desk.case / "identities").iterdir()}
    assert identities == {k["key"] for k in listed}

    told = office.case("bob", "acquire", "files", evidence, "--role", "judge", code=24)
    assert "KEY_NOT_IN_FORCE" in told and "custodian, examiner" in told
    assert not list((office.desk.case / "staging").iterdir())
    assert "KEY_NOT_IN_FORCE" in office.case(
        "bob", "key", "revoke", "alice", "--from", "now", "--reason", "left", code=24
    )
    office.case("bob", "acquire", "files", evidence)
    office.case("bob", "acquire", "files", evidence, "--role", "examiner")
    assert office.verdict("alice")["axes"]["signed"]["status"] == "pass"

    own = ("key", "revoke", "alice", "--from", "now", "--reason", "left")
    assert "rotate" in office.case("alice", *own, code=24)
    bad = ("key", "revoke", "bob", "--reason", "lost", "--from", "2026-01-01T00:00")
    assert "TIME_REFUSED" in office.case("alice", *bad, code=30)
    later = ("key", "revoke", "bob", "--reason", "lost", "--from", "2999-01-01T00:00Z")
    assert "TIME_REFUSED" in office.case("alice", *later, code=30)
    office.case("alice", "key", "revoke", "bob", "--from", "now", "--reason", "left")
    verdict = office.verdict("alice")
    assert verdict["axes"]["signed"]["status"] == "pass"
    assert verdict["axes"]["complete"]["status"] == "pass", verdict["findings"]
    assert "KEY_NOT_IN_FORCE" in office.case(
        "bob", "acquire", "files", evidence, code=24
    )
    # Found out later: it was stolen before the acts.
    since = "2026-01-01T00:00:00+01:00"
    again = ("key", "revoke", "bob", "--from", since, "--reason", "compromised")
    office.case("alice", *again)
    found = codes(office.verdict("alice", code=20))
    assert {("KEY_REVOKED", f"entry {n}") for n in (2, 3)} <= found
    assert "2025-12-31T23:00:00.000000Z" in office.state("bob")
    assert "ends nothing" in office.case("alice", *again, code=24)


def test_rotation_goes_on_with_the_new_key(office: Office) -> None:
    office.person("alice")
    office.run("alice", "identity", "new", "--name", "alice2", "--no-passphrase")
    office.init("alice", "--as", "alice")
    office.case("alice", "key", "rotate", "--as", "alice", "--to", "alice2")
    assert "KEY_NOT_IN_FORCE" in office.case(
        "alice", "acquire", "files", "evidence.txt", "--as", "alice", code=24
    )
    office.case("alice", "acquire", "files", "evidence.txt", "--as", "alice2")
    verdict = office.verdict("alice")
    statuses = {name: axis["status"] for name, axis in verdict["axes"].items()}
    assert statuses["signed"] == statuses["consistent"] == "pass", verdict["findings"]
    assert office.state("alice") == "replaced (entry 1)"
    back = ("key", "rotate", "--as", "alice2", "--to", "alice")
    assert "there before" in office.case("alice", *back, code=24)
    assert not list((office.desk.case / "private").glob("0000000003*"))


def test_two_people(office: Office) -> None:
    for name in ("alice", "bob", "carol"):
        office.person(name)
    origin = office.run("alice", "key", "origin").strip()
    folder, case = office.desk.folder, office.desk.case
    office.run("bob", "key", "request", "--origin", origin, "-o", folder / "bob.json")
    fingerprint = office.ask("bob", "identity", "show")["key"]
    two = ("--two-person", "key_revoke,erase", "--origin", origin)
    init = ("init", case, "--case-id", "K", "--title", "T", *OWN_INITIATIVE, *two)
    approver = ("--approver", folder / "bob.json")
    assert "FINGERPRINT" in office.run("alice", *init, *approver, code=24)
    office.run(
        *("alice", "identity", "trust", folder / "bob.json"),
        *("--fingerprint", fingerprint),
    )
    office.run("alice", *init[:6], "--two-person", "erase", code=24)
    other = [*init[:-1], origin[:-1] + ("0" if origin[-1] != "0" else "1")]
    assert "JOIN_REFUSED" in office.run("alice", *other, *approver, code=30)
    assert not case.exists()
    office.run("alice", *init, *approver)
    first = json.loads((case / "manifest/entries.jsonl").read_bytes())["body"]
    assert first["facts"]["two_person"] == ["erase", "key_enrol", "key_revoke"]

    office.run("carol", "key", "request", "-C", case, "-o", folder / "carol.json")
    words = " ".join(office.ask("carol", "identity", "show")["words"])
    enrol = ("key", "enrol", folder / "carol.json", "--any-role")
    told = office.case("alice", *enrol, "--fingerprint", words)
    assert "NOT in force" in told
    assert "SIGNER_NOT_ALLOWED" in office.case(
        "carol", "acquire", "files", "evidence.txt", code=24
    )
    verdict = office.verdict("alice")
    assert codes(verdict) == {("APPROVAL_PENDING", "entry 1")}
    assert "waits for a second person" in office.case("alice", "log")
    assert "Waiting for a second person" in office.case("alice", "key", "list")
    assert [w["entry"] for w in office.keys("bob")["waiting"]] == [1]
    assert "your own" in office.case("alice", "approve", "1", code=24)
    assert "does not wait" in office.case("bob", "approve", "7", code=24)
    shown = office.case("bob", "approve", "1", "--reason", "met her")
    assert words.split()[:4] == shown.split("1  ", 1)[1].split()[:4]
    assert "does not wait" in office.case(
        "bob", "refuse", "1", "--reason", "x", code=24
    )
    office.case("carol", "acquire", "files", "evidence.txt")

    revoke = ("key", "revoke", "carol", "--from", "now", "--reason", "left")
    office.case("alice", *revoke)
    office.case("bob", "refuse", "4", "--reason", "she stays")
    assert office.state("carol") == "in force"
    office.case("bob", *revoke)
    office.case("alice", "approve", "6")
    assert office.state("carol").startswith("revoked from")
    verdict = office.verdict("alice")
    assert codes(verdict) == {("APPROVAL_REFUSED", "entry 4")}
    assert verdict["axes"]["complete"]["status"] == "pass"


@pytest.mark.skipif(os.name == "nt", reason="needs a pseudo-terminal")
@pytest.mark.parametrize(("typed", "code"), [("y\n", 0), ("n\n", 24), ("\n", 24)])
def test_at_a_terminal_the_words_are_compared(
    office: Office, typed: str, code: int
) -> None:
    import pty

    words = office.person("alice")
    file = office.desk.folder / "alice.json"
    office.run("alice", "identity", "export", "-o", file)
    ours, theirs = pty.openpty()
    try:
        process = office.desk.start(
            *("identity", "trust", file),
            stdin=theirs,
            env=office.desk.environment(CUSTODY_HOME=office.home("bob")),
        )
        os.write(ours, typed.encode())
        _, shown = process.communicate(timeout=60)
    finally:
        os.close(ours)
        os.close(theirs)
    assert process.returncode == code, shown
    told = " ".join(shown.decode().split())
    for start in range(0, 32, 4):
        assert " ".join(words.split()[start : start + 4]) in told
    found = office.ask("bob", "identity", "trusted")["identities"]
    assert len(found) == (code == 0)
