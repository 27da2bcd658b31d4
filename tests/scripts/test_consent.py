"""Consents, deposits and disclosures at the command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.consenting import OPEN_NGO_CASE, prepare_desk
from tests.desk import Desk

ADD = (
    *("-C", "case", "consent", "add", "--age", "adult", "--language", "az"),
    *("--wording", "az.txt", "--explained", "all"),
)
HAND_OVER = ("--level", "hand-over-ngo", "--purpose", "support")


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    desk = Desk(tmp_path_factory.mktemp("desk"))
    for name in ("one", "two"):
        (desk.folder / name).write_text(f"the secret of {name}\n")
    files = [("-C", "case", "acquire", "files", name) for name in ("one", "two")]
    prepare_desk(desk, *OPEN_NGO_CASE, *files)
    return desk


def refused(desk: Desk, *words: str, to: str = "NGO-1") -> set[str]:
    act = ("disclose", "EX-0001", "--to", to, "--purpose", "support", "-o", "never")
    error = desk.ask("-C", "case", *act, *words, code=34)
    assert not (desk.folder / "never").exists()
    return set(error["facts"]["refusals"].split())


def from_the_first_word_to_the_hand_over(desk: Desk) -> None:
    assert "AUTHORITY_TOUCH" in refused(desk)
    made = desk.ask(
        *ADD,
        *HAND_OVER,
        "--subject",
        "A1",
        "--recipient",
        "NGO-1",
        "--scope",
        "EX-0001",
    )
    assert made["number"] == "CO-0001"
    assert refused(desk, to="NGO-2") >= {"CONSENT_OTHER_RECIPIENT"}
    words = ("disclose", "EX-0001", "--to", "NGO-1", "--purpose", "support")
    done = desk.ask("-C", "case", *words, "-o", "given")
    assert done["ground"] == "CO-0001"
    assert done["overridden"] == []
    told = desk.ask("verify", "given")
    assert told["disclosure"]["ground"] == "CO-0001"
    desk.run("verify", "given", "--payload", "one", code=2)


def deposit_no_contact_and_override(desk: Desk) -> None:
    made = desk.ask("-C", "case", "deposit", "start", "--subject", "A1")
    assert made["number"] == "DP-0001"
    desk.run("-C", "case", "consent", "no-contact", "NGO-01", "--note", "her brother")
    assert refused(desk) >= {"REFLECTION_PERIOD", "NO_CONTACT"}
    reason = "The prosecutor ordered it by telephone: Guluzade"
    words = ("disclose", "EX-0002", "--to", "NGO-1", "--purpose", "support")
    done = desk.ask("-C", "case", *words, "-o", "forced", "--override", reason)
    assert {"REFLECTION_PERIOD", "NO_CONTACT"} <= set(done["overridden"])
    entry = json.loads(desk.lines()[-1])["body"]
    codes = entry["facts"]["override"]["refusals"]
    assert {"REFLECTION_PERIOD", "NO_CONTACT"} <= set(codes)
    public = b"".join(desk.lines())
    assert b"Guluzade" not in public
    assert b"brother" not in public
    pack = b"".join(p.read_bytes() for p in (desk.folder / "forced").iterdir())
    assert b"Guluzade" not in pack
    assert "overridden" in desk.run("verify", "forced").stdout
    lift = ("-C", "case", "deposit", "lift", "DP-0001", "--given-by", "self")
    off = ("-C", "case", "consent", "no-contact", "NGO-01", "--lift")
    prepare_desk(desk, lift, off)
    log = desk.run("-C", "case", "log").stdout
    for words in ("DP-0001: kept sealed", "OVERRIDDEN", "no-contact list"):
        assert words in log


def lists_and_words(desk: Desk) -> None:
    told = desk.ask("-C", "case", "consent", "list")
    assert [c["number"] for c in told["consents"]][:1] == ["CO-0001"]
    assert told["deposits"][0]["number"] == "DP-0001"
    assert desk.ask("-C", "case", "consent", "show", "co-0001")["status"] == "in force"
    assert "preserve-only" in desk.ask("consent", "words")["levels"]
    assert "CO-0001" in desk.run("-C", "case", "consent", "list").stdout
    error = desk.ask("-C", "case", "consent", "show", "CO-0099", code=37)
    assert error["code"] == "CONSENT_UNKNOWN"


def test_texts(desk: Desk) -> None:
    shown = desk.run("consent", "text", "--language", "ar", "--minor")
    assert "مسودة" in shown.stdout
    assert "draft" in shown.stderr
    error = desk.ask("consent", "text", "--language", "xx", code=37)
    assert error["code"] == "CONSENT_TEXT_UNKNOWN"
    words = ("consent", "text", "--language", "az", "-o", "az.txt")
    assert desk.ask(*words, code=38)["code"] == "OUTPUT_EXISTS"


def test_a_name_typed_as_subject_is_nowhere(desk: Desk) -> None:
    before = desk.lines()
    words = ("--subject", "Guluzade", "--recipient", "NGO-1", "--scope", "whole")
    done = desk.run("--json", *ADD, *HAND_OVER, *words, code=34)
    assert "Guluzade" not in done.stdout + done.stderr
    assert "ALIAS_NEEDED" in done.stdout
    assert desk.lines() == before


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("--records", "3-2"), 2),
        (("--records", "1-999999999"), 2),
        (("--purpose", "Guluzade"), 2),
        (("--records", "99"), 37),
    ],
)
def test_bad_arguments_of_disclose(
    desk: Desk, words: tuple[str, ...], code: int
) -> None:
    plain = ("--to", "NGO-1", "--purpose", "support", "-o", "never")
    desk.run("-C", "case", "disclose", "EX-0001", *plain, *words, code=code)
    assert not (desk.folder / "never").exists()


def test_a_disclosure_never_lands_in_the_case(desk: Desk) -> None:
    plain = ("--to", "NGO-1", "--purpose", "support")
    target = Path("case") / "exhibits" / "x"
    words = ("-C", "case", "disclose", "EX-0001", *plain, "-o", target)
    assert desk.ask(*words, code=38)["code"] == "OUTPUT_FORBIDDEN"


def test_no_proof_file_leads_around_the_consent(desk: Desk) -> None:
    words = ("-C", "case", "prove", "EX-0001", "-o", "p.tlog-proof")
    error = desk.ask(*words, "--record", "1", code=34)
    assert error["code"] == "RECORDS_NOT_SHOWN"
    assert not (desk.folder / "p.tlog-proof").exists()


def the_report_prints_consents_without_names(desk: Desk) -> None:
    from evidence.case import open_case
    from evidence.report.consenting import consent_lines

    case = open_case(desk.case)
    lines = consent_lines(case, "2090-01-01T00:00:00.000000Z", case.entries())
    assert [(line.number, line.subject) for line in lines] == [
        ("CO-0001", "A1"),
        ("DP-0001", "A1"),
    ]
    assert [line.status for line in lines] == ["review overdue", "lifted"]
    desk.run("-C", "case", "report", "-o", "report.pdf")


def test_the_life_of_a_consent(desk: Desk) -> None:
    """Each of these goes on where the one before ended."""
    from_the_first_word_to_the_hand_over(desk)
    deposit_no_contact_and_override(desk)
    lists_and_words(desk)
    the_report_prints_consents_without_names(desk)


def test_a_copy_for_the_person_and_nobody_else(desk: Desk) -> None:
    words = ("disclose", "EX-0002", "--purpose", "own-copy", "-o", "own", "--to")
    asked = ("--level", "copy-to-person", "--purpose", "own-copy")
    about = ("--subject", "B7", "--recipient", "B7", "--scope", "EX-0002")
    assert desk.ask("-C", "case", *words, "B7", code=34)["code"] == "GROUND_REFUSED"
    made = desk.ask(*ADD, *asked, *about)
    error = desk.ask("-C", "case", *words, "NGO-1", code=34)
    assert "CONSENT_OTHER_RECIPIENT" in error["facts"]["refusals"]
    given = desk.ask("-C", "case", *words, "B7")
    assert given["ground"] == made["number"]
    assert desk.ask("verify", "own")["axes"]["intact"]["status"] == "pass"
