"""The real command: authorities, what rests on them, deadlines, breaches."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.desk import WHY, Desk

SECRETS = ("Zelda Quist", "77 Js 1234", "Elm Street", "only in Riga", "wiped by Bob")


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    desk = Desk(tmp_path)
    desk.run("identity", "new", "--name", "Tess Tester", "--no-passphrase")
    desk.run("init", "case", "--case-id", "1", "--title", "t")
    (tmp_path / "f.txt").write_text("evidence")
    (tmp_path / "order.pdf").write_bytes(b"%PDF-1.7 an order")
    return desk


def public(desk: Desk) -> bytes:
    """Everything of the case that travels: log and notes."""
    folder = desk.case / "manifest"
    return b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())


def test_from_the_order_to_the_report(desk: Desk) -> None:
    case = ("-C", desk.case)
    done = desk.run(*case, "acquire", "files", "f.txt", code=34)
    assert "[GROUND_MISSING]" in done.stderr
    assert "--authority" in done.stderr
    empty = json.loads(desk.run("authority", "template", "--type", "epoc").stdout)
    empty["reference"] = SECRETS[1]
    empty["issuing_authority"] |= {"name": SECRETS[0], "kind": "judge"}
    empty["issuing_authority"]["address"] = SECRETS[2]
    empty |= {"issued_at": "2026-03-01", "received_at": "2026-03-02T10:00:00Z"}
    empty |= {"categories": ["subscriber"], "conditions": [SECRETS[3]]}
    (desk.folder / "order.json").write_text(json.dumps(empty))
    words = ("authority", "add", "--from", "order.json", "--file", "order.pdf")
    added = desk.ask(*case, *words, "--annex-iv", "3")
    assert (added["authority"], added["document"]) == ("AU-0001", "EX-0001")
    assert added["facts"]["annex_iv"] == [3]

    refused = desk.run(*case, "acquire", "files", "f.txt", code=34)
    assert "AUTHORITY_CATEGORY" in refused.stderr
    words = ("acquire", "files", "f.txt", "--override", SECRETS[4])
    assert "AUTHORITY_CATEGORY" in desk.run(*case, *words).stdout
    words = ("acquire", "files", "f.txt", "--category", "subscriber")
    taken = desk.ask(*case, *words, CUSTODY_AUTHORITY="AU-0001")
    assert taken["exhibits"][0]["authority"] == "AU-0001"
    assert (
        "GROUND_UNKNOWN"
        in desk.run(*case, *words, "--authority", "AU-7", code=37).stderr
    )

    shown = desk.ask(*case, "authority", "show", "AU-0001", "--sealed", *WHY)
    assert shown["sealed"]["reference"] == SECRETS[1]
    assert shown["grounds"] == [3, 4]
    withdraw = ("authority", "withdraw", "AU-0001", "--reason", SECRETS[0])
    desk.run(*case, *withdraw)
    assert "was withdrawn" in desk.run(*case, "authority", "list").stdout
    assert "AUTHORITY_WITHDRAWN" in desk.run(*case, *words[:5], code=34).stderr
    told = desk.run(*case, "log").stdout
    assert "OVERRIDDEN: AUTHORITY_CATEGORY" in told
    ground = "AU-0001. OVERRIDDEN: AUTHORITY_CATEGORY"
    assert ground in desk.run(*case, "show", "EX-0002").stdout
    assert desk.failing() == []
    for secret in SECRETS:
        assert secret.encode() not in public(desk)
    desk.run(*case, "report", "-o", "r.pdf")


def test_deadlines_tell_cron_and_the_calendar(desk: Desk) -> None:
    case = ("-C", desk.case)
    assert "Nothing recorded" in desk.run(*case, "deadlines").stdout
    order = ("authority", "add", "--type", "epoc-pr", "--reference", SECRETS[1])
    times = ("--issued-at", "2026-03-01", "--received-at", "2026-03-02T10:00Z")
    desk.run(*case, *order, *times, "--issuer", "judge", "--category", "content")
    quiet = ("deadlines", "--at", "2026-04-01", "--json")
    assert desk.ask(*case, *quiet[:-1])["alarm"] is False
    words = ("deadlines", "--at", "2026-04-30T00:00Z", "--timezone", "Europe/Riga")
    done = desk.run(*case, *words, "--ical", "due.ics", code=4)
    assert "DUE" in done.stdout
    assert "2026-05-01T23:59:59Z (2026-05-02 02:59 Europe/Riga)" in done.stdout
    assert "Art. 11" in done.stdout
    written = (desk.folder / "due.ics").read_bytes()
    assert b"DTSTART:20260501T235959Z\r\n" in written
    assert b"Zelda" not in written
    assert b"Js 1234" not in written
    again = desk.run(*case, *words, "--ical", "due.ics", code=38)
    assert "[OUTPUT_EXISTS]" in again.stderr
    inside = desk.run(*case, *words, "--ical", "case/private/x.ics", code=38)
    assert "[OUTPUT_FORBIDDEN]" in inside.stderr
    assert desk.run(*case, "deadlines", "--at", "2027-01-01", code=4)
    desk.run(*case, "authority", "withdraw", "AU-0001", "--reason", "over")
    desk.run(*case, "deadlines", "--at", "2027-01-01")
    desk.run(*case, "deadlines", "--within", "soon", code=2)


def test_a_breach_is_counted_until_it_is_notified(desk: Desk) -> None:
    case = ("-C", desk.case)
    words = ("breach", "record", "--known-at", "2026-03-01T10:00Z")
    desk.run(*case, *words, "--nature", "availability", "--what", SECRETS[0])
    assert desk.ask(*case, "deadlines", code=4)["deadlines"][0]["status"] == "passed"
    desk.run(*case, "breach", "notified", "BR-0002", code=37)
    desk.run(*case, "breach", "notified", "BR-0001", "--to", SECRETS[2])
    desk.run(*case, "deadlines")
    future = ("breach", "record", "--known-at", "2999-01-01", "--nature", "integrity")
    assert (
        "[ORDER_IN_FUTURE]" in desk.run(*case, *future, "--what", "x", code=32).stderr
    )
    assert SECRETS[0].encode() not in public(desk)
    assert SECRETS[2].encode() not in public(desk)


def test_a_case_can_begin_with_its_ground(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.run("identity", "new", "--name", "Tess Tester", "--no-passphrase")
    (tmp_path / "f.txt").write_text("evidence")
    first = ("--authority-type", "warrant", "--authority-reference", SECRETS[1])
    desk.run("init", "case", "--case-id", "1", "--title", "t", *first)
    taken = desk.ask("-C", "case", "acquire", "files", "f.txt")
    assert taken["exhibits"][0]["authority"] == "AU-0001"
    assert SECRETS[1].encode() not in public(desk)
    shown = desk.ask("-C", "case", "authority", "show", "AU-0001", "--sealed", *WHY)
    assert shown["sealed"]["reference"] == SECRETS[1]
    bare = ("init", "other", "--case-id", "1", "--title", "t", *first[:2])
    assert "[ORDER_REFERENCE_MISSING]" in desk.run(*bare, code=32).stderr
    assert not (tmp_path / "other").exists()
    ngo = ("init", "ngo", "--case-id", "1", "--title", "t", "--profile", "ngo")
    desk.run(*ngo)
    taken = desk.ask("-C", "ngo", "acquire", "files", "f.txt")
    assert taken["exhibits"][0]["authority"] == "AU-0001"
