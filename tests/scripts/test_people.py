"""`custody person`, `custody lint` and the search of reports, as a person runs them."""

from __future__ import annotations

import getpass
import json
import os
import subprocess
from pathlib import Path

import pytest

from tests.desk import WHY, Desk
from tests.few import slow

OLENA = {
    "category": "victim",
    "names": ["Олена Приклад"],
    "phones": ["+994 50 123 45 67"],
    "birth_date": "2010-05-06",
}


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    desk = Desk(tmp_path_factory.mktemp("desk"))
    desk.open_case()
    (desk.folder / "olena.json").write_text(json.dumps(OLENA))
    (desk.folder / "phone.txt").write_text("call her")
    desk.run("-C", "case", "person", "add", "--from", "olena.json")
    desk.run("-C", "case", "acquire", "files", "phone.txt")
    return desk


def hidden(text: str) -> None:
    for value in ("Олена", "Приклад", "Pryklad", "501234567", "50 123", "Tess"):
        assert value not in text


def test_the_register_lists_pseudonyms_only(desk: Desk) -> None:
    done = desk.run("-C", "case", "person", "list")
    assert "PE-0001" in done.stdout
    hidden(done.stdout)
    told = desk.run("-C", "case", "person", "list", "--json").stdout
    hidden(told)
    assert "victim" not in told
    hidden(desk.run("-C", "case", "log").stdout)
    hidden(desk.run("-C", "case", "log", "--json").stdout)


def test_showing_a_person_is_recorded_first(desk: Desk) -> None:
    before = len(desk.lines())
    words = ("-C", "case", "person", "show", "PE-0001")
    desk.run(*words, code=34)
    court = ("--purpose", "court")
    desk.run(*words, *court, "--because", " ", code=34)
    desk.run(*words, "--because", "the court asks", code=34)
    assert len(desk.lines()) == before
    done = desk.ask(*words, *court, "--justification", "the court asks")
    assert done["fields"]["names"] == ["Олена Приклад"]
    assert done["minor_or_presumed"] is True
    entry = json.loads(desk.lines()[-1])["body"]
    assert (entry["seq"], entry["type"]) == (done["consultation"], "consult")
    told = {"kind": "person", "persons": ["PE-0001"], "purpose": "court"}
    assert entry["facts"] == told


def test_what_is_wrong_is_refused_without_repeating_it(desk: Desk) -> None:
    words = ("-C", "case", "person")
    for more in (
        ("add", "--name", "Приклад"),
        ("add", "--category", "other", "--phone", "Приклад"),
        ("add", "--category", "other", "--birth-date", "Приклад"),
        ("add", "--from", "missing.json"),
        ("alter", "Приклад", "--reason", "x", "--note", "y"),
        ("alter", "PE-0001", "--reason", "x"),
        ("show", "Приклад", "--because", "x", "--purpose", "court"),
    ):
        done = desk.run(*words, *more, code=None)
        assert done.returncode in (34, 37), done
        hidden(done.stderr + done.stdout)


def test_lint_names_the_pseudonym_and_never_the_identifier(desk: Desk) -> None:
    secret = desk.folder / "for Pryklad.txt"
    secret.write_text("spoke with Olena, 0050 123 45 67")
    done = desk.run("-C", "case", "lint", secret, code=34)
    assert "PE-0001 name 1" in done.stdout
    assert "PE-0001 phone 1" in done.stdout
    hidden(done.stdout + done.stderr)
    value = json.loads(desk.run("-C", "case", "lint", secret, "--json", code=34).stdout)
    assert value["schema"] == "custody.lint/1"
    places = {(f["kind"], f["place"]) for f in value["findings"] if not f["doubtful"]}
    assert places == {("name", "name"), ("name", ""), ("phone", "")}
    done = desk.run("-C", "case", "lint", desk.folder / "Olena", code=33)
    hidden(done.stderr)


def test_a_finding_is_allowed_for_exactly_these_bytes(desk: Desk) -> None:
    path = desk.folder / "letter.txt"
    path.write_text("Dear Olena,")
    words = ("-C", "case", "lint", path)
    (finding,) = desk.ask(*words, code=34)["findings"]
    desk.run(*words, "--allow", finding["id"], code=2)
    desk.run(*words, "--allow", "F-0000000000000000", "--reason", "x", code=37)
    desk.run(*words, "--allow", finding["id"], "--reason", "she asked for it")
    desk.run(*words)
    entry = json.loads(desk.lines()[-1])["body"]
    assert entry["facts"]["findings"] == [finding["id"]]
    assert "she asked" not in desk.lines()[-1].decode()
    path.write_text("Dear Olena!")
    desk.run(*words, code=34)


def test_the_public_part_of_a_case_names_nobody(desk: Desk) -> None:
    done = desk.run("lint", "case")
    assert "exhibits, sealed records" in done.stdout


@slow
def test_a_report_with_an_identifier_is_not_put_in_place(desk: Desk) -> None:
    desk.run("-C", "case", "report", "-o", "fine.pdf")
    words = ("-C", "case", "note", "EX-0001", "--fact")
    desk.run(*words, "Pryklad, Olena called from 0050-123-45-67.")
    told = ("--with-texts", *WHY)
    done = desk.run("-C", "case", "report", "-o", "bad.pdf", *told, code=34)
    assert "IDENTIFIER_FOUND" in done.stderr
    assert "PE-0001 name 1" in done.stderr
    hidden(done.stderr)
    assert not (desk.folder / "bad.pdf").exists()
    before = len(desk.lines())
    reason = ("--let-through", "the court asks for the name")
    desk.run("-C", "case", "report", "-o", "bad.pdf", *told, *reason)
    assert (desk.folder / "bad.pdf").exists()
    assert len(desk.lines()) == before + 2  # the look, and what was let through
    facts = json.loads(desk.lines()[-1])["body"]["facts"]
    assert facts["kind"] == "let_through"
    assert facts["count"] == len(facts["findings"]) > 0
    desk.run("-C", "case", "lint", "bad.pdf")  # let through in exactly these bytes
    assert desk.failing() == []


def test_the_default_report_names_no_staff_no_host_no_user(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.open_case()
    desk.run("-C", "case", "report", "-o", "fine.pdf")
    desk.run("-C", "case", "report", "-o", "named.pdf", "--named-staff")
    texts = {}
    for name in ("fine.pdf", "named.pdf"):
        words = ["pdftotext", "-layout", str(desk.folder / name), "-"]
        texts[name] = subprocess.run(words, capture_output=True, check=True).stdout
    assert b"Tess Tester" in texts["named.pdf"]
    assert b"Tess" not in texts["fine.pdf"]
    data = (desk.folder / "fine.pdf").read_bytes()
    for value in (os.uname().nodename, getpass.getuser(), "Tess"):
        if len(value) > 4:
            assert value.encode() not in data
            assert value.encode() not in texts["fine.pdf"]


def test_staff_get_a_pseudonym_by_their_key(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.open_case()
    key = json.loads(desk.lines()[0])["body"]["actor"]
    desk.run("-C", "case", "person", "add", "--category", "staff", "--key", key)
    assert "PE-0001 (examiner)" in desk.run("-C", "case", "log").stdout
    before = len(desk.lines())
    refused = desk.run("-C", "case", "log", "--named", code=34)
    assert "JUSTIFICATION_MISSING" in refused.stderr
    assert "Tess" not in refused.stdout + refused.stderr
    # Where it cannot be recorded, nothing is shown.
    look, nobody = ("-C", "case", "log", "--named", *WHY), str(tmp_path / "nobody")
    assert "Tess" not in desk.run(*look, code=51, CUSTODY_HOME=nobody).stdout
    assert len(desk.lines()) == before
    assert "Tess Tester" in desk.run(*look).stdout
    body = json.loads(desk.lines()[-1])["body"]
    assert (body["type"], body["facts"]["kind"]) == ("consult", "log")
    assert len(desk.lines()) == before + 1


def test_what_cannot_be_looked_for_is_said(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.open_case()
    desk.run("-C", "case", "person", "add", "--category", "other", "--name", "Anna Xu")
    (desk.case / "private/0000000001.json").unlink()
    (tmp_path / "a.txt").write_text("Anna")
    done = desk.run("-C", "case", "lint", "a.txt", code=3)
    assert "NOT LOOKED FOR" in done.stdout
