"""The real commands on labels, corrections, decisions, statements and links."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from evidence.case import open_case, writing
from evidence.identity import IdentityStore
from manifests.canonical import Json
from manifests.entries import EntryType
from tests.desk import WHY, Desk

CANARIES = (
    "Mariam",
    "Dr. Quill",
    "call from a hidden number",
    "ring the embassy first",
    "we fear a leak",
    "the third number",
    "Office of Borders",
)


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    """A case with a chat, a person, and two versions of what that person said."""
    made = Desk(tmp_path)
    made.open_case()
    (made.folder / "chat.txt").write_text("hello\n")
    (made.folder / "said.txt").write_text("I was told of a job.\nHe kept it.\n")
    (made.folder / "later.txt").write_text("I was told of a job.\nNobody kept it.\n")
    made.run("-C", made.case, "acquire", "files", "chat.txt")
    record(made, EntryType.ANNOTATE, {"kind": "person", "number": "PE-0001"})
    return made


def record(
    desk: Desk,
    kind: EntryType,
    facts: dict[str, Json],
    private: dict[str, Json] | None = None,
    exhibits: tuple[str, ...] = (),
) -> None:
    """Record what another part's commands record."""
    store = IdentityStore(desk.home)
    identity = store.find(None)
    signer = store.signer(identity, lambda _: "")
    case = open_case(desk.case)
    with writing(case, identity, signer) as writer:
        writer.record(kind, facts=facts, private=private, exhibits=exhibits)


def case(desk: Desk, *words: str | Path, code: int = 0) -> dict[str, Any]:
    return desk.ask("-C", desk.case, *words, code=code)


def said(desk: Desk, *words: str | Path, code: int = 0) -> str:
    done = desk.run("-C", desk.case, *words, code=code)
    return done.stdout + done.stderr


def labels_are_given_changed_and_kept(desk: Desk) -> None:
    h2 = ("--handling", "H2", "--grade", "B/2", "--set", "europol")
    case(desk, "label", "EX-0001", *h2, "--restrict", "ring the embassy first")
    told = case(
        desk, "label", "EX-0001", "--handling", "H1", "--set", "europol", code=35
    )
    assert told["code"] == "LABEL_REFUSED"
    h1 = ("--handling", "H1", "--set", "europol", "--reason", "we fear a leak")
    case(desk, "label", "add", "ex-0001", *h1)
    listed = case(desk, "label", "list")["labels"]
    assert {(one["axis"], one["entry"]) for one in listed} == {
        ("handling", 4),
        ("grade", 3),
        ("restriction", 3),
    }
    history = case(desk, "label", "history", "EX-0001")["labels"]
    assert [one["value"]["codes"] for one in history if one["axis"] == "handling"] == [
        ["H2"],
        ["H1"],
    ]
    assert all(len(one["set"]["sha256"]) == 64 for one in history)
    assert "ring the embassy first" in said(
        desk, "label", "show", "EX-0001", "--sealed", *WHY
    )
    assert "Art. 29" in said(desk, "label", "sets")
    quality = ("--accuracy", "accurate", "--as-of", "2026-01-02")
    case(desk, "label", "quality", "EX-0001", *quality)
    said(desk, "label", "EX-0001", "--not-for", "fun", code=2)


def decisions_are_countersigned_by_another_person(desk: Desk) -> None:
    kind = ("decision", "add", "--kind", "protection", "--reason", "we fear a leak")
    made = case(desk, *kind, "--risk", "we fear a leak", "--exhibit", "EX-0001")
    assert made["number"] == "DE-0001"
    refused = case(desk, "decision", "endorse", "DE-0001", code=24)
    assert refused["code"] == "ENDORSEMENT_REFUSED"
    size = len(desk.lines())
    desk.run(
        "identity", "new", "--name", "Pat", "--role", "custodian", "--no-passphrase"
    )
    both = ("--as", "Tess Tester", "--with", "Pat")
    refused = case(desk, *kind, *both, code=24)  # Pat's key is not in this case
    assert refused["code"] == "ENDORSEMENT_REFUSED" and len(desk.lines()) == size
    words = " ".join(desk.ask("identity", "show", "Pat")["words"])
    join = desk.folder / "pat.json"
    said(desk, "key", "request", "--as", "Pat", "-o", join)
    tess = ("--as", "Tess Tester")
    said(desk, "key", "enrol", join, *tess, "--any-role", "--fingerprint", words)
    made = case(desk, *kind, *both)
    assert made["number"] == "DE-0002" and made["endorsed"] == made["entry"] + 1
    case(desk, "decision", "endorse", "DE-0001", "--as", "Pat", "--answer", "noted")
    listed = case(desk, "decision", "list", "--texts", *tess, *WHY)["decisions"]
    answers = [[a["answer"] for a in one["answers"]] for one in listed]
    assert answers == [["noted"], ["agrees"]]
    assert listed[0]["sealed"]["risk"] == "we fear a leak"


def statements_passages_links_and_their_matrix(desk: Desk) -> None:
    tess = ("--as", "Tess Tester")
    taken = ("--person", "PE-0001", "--interviewer", "Dr. Quill", "--language", "az")
    add = ("statement", "add", *taken, "--interpreter", "Mariam", *tess)
    wrong = case(desk, *add, "--of", "ST-0001", "--file", "said.txt", code=37)
    assert wrong["code"] == "CASEWORK_UNKNOWN"
    assert case(desk, *add, "--file", "said.txt")["statement"] == "ST-0001/1"
    again = case(desk, *add, "--of", "ST-0001", "--file", "later.txt")
    assert (again["statement"], again["exhibit"]) == ("ST-0001/2", "EX-0003")
    place = case(desk, "statement", "passage", "ST-0001/1", "--lines", "2-2", *tess)
    assert place["bytes"] == [21, 33]
    cut = subprocess.run(
        "sed -n 2p said.txt | sha256sum",
        shell=True,
        cwd=desk.folder,
        capture_output=True,
        check=True,
    )
    assert cut.stdout.decode()[:64] == place["sha256"]
    phone = ("--fact", "call from a hidden number", "--person", "PE-0001")
    threat = ("interference", "add", "--kind", "threat", "--at", "2026-01-05", *phone)
    assert case(desk, *threat, *tess)["number"] == "IN-0001"
    means = ("--element", "means.deception", *tess)
    case(desk, "link", "EX-0001", "ST-0001#p1", *means, "--supports")
    against = case(desk, "link", "EX-0003", "ST-0001#p1", *means, "--contradicts")
    harm = ("--element", "purpose", "--supports", "--tag", "harm", *tess)
    case(desk, "link", "IN-0001", *harm)
    found = case(desk, "matrix", *tess, *WHY)
    places = [(r["item"], r["supports"], r["contradicts"]) for r in found["rows"]]
    assert places == [("EX-0001", 1, 0), ("EX-0003", 0, 1), ("IN-0001", 1, 0)]
    assert (found["disputed"], found["without"]) == (["means"], ["act"])
    back = ("--withdraw", str(against["entry"]), "--reason", "misread", *tess)
    case(desk, "link", *back)
    assert case(desk, "matrix", *tess, *WHY)["disputed"] == []
    shown = said(desk, "statement", "show", "ST-0001")
    assert "Mariam" not in shown and "Passages marked: 1" in shown
    shown = said(desk, "statement", "show", "ST-0001", "--sealed", *tess, *WHY)
    assert "Mariam" in shown and "bytes match" in shown


def whoever_was_given_what_was_wrong_is_told(desk: Desk) -> None:
    tess = ("--as", "Tess Tester")
    assert case(desk, "correction-notice")["owed"] == []
    to: dict[str, Json] = {"recipient": "Office of Borders"}
    identity = IdentityStore(desk.home).find("Tess Tester")
    signer = IdentityStore(desk.home).signer(identity, lambda _: "")
    with writing(open_case(desk.case), identity, signer) as writer:
        sent = writer.record(
            EntryType.DISCLOSE, facts={}, private=to, exhibits=("EX-0001",)
        )
    right = ("--correction", "the third number", *tess)
    made = case(desk, "rectify", "EX-0001", *right)
    assert made["to_be_told"] == 1
    listed = said(desk, "correction-notice", code=3)
    assert "Office of Borders" not in listed and "(sealed)" in listed
    (mute,) = case(desk, "correction-notice", code=3)["owed"]
    assert mute["recipient"] == ""
    refused = case(desk, "correction-notice", "--named", *tess, code=34)
    assert refused["code"] == "JUSTIFICATION_MISSING"
    assert "Office of Borders" in said(
        desk, "correction-notice", "--named", *tess, *WHY, code=3
    )
    body = json.loads(desk.lines()[-1])["body"]
    assert (body["type"], body["facts"]["kind"]) == ("consult", "corrections")
    inside = desk.case / "exhibits"
    seq = str(made["entry"])
    refused = case(desk, "correction-notice", seq, "-o", inside, *tess, code=38)
    assert refused["code"] == "OUTPUT_FORBIDDEN"
    out = desk.folder / "notices"
    case(desk, "correction-notice", seq, "-o", out, *tess)
    (file,) = out.iterdir()
    assert file.name == f"correction-notice-{seq}-{sent.seq}.txt"
    assert "the third number" in file.read_text("utf-8")
    assert case(desk, "correction-notice")["owed"][0]["told"] is not None


def facts_and_assessments_are_in_chapters_of_their_own(desk: Desk) -> None:
    tess = ("--as", "Tess Tester")
    said(desk, "note", "EX-0001", "--fact", "blue paper", *tess)
    said(desk, "note", "EX-0001", "--assessment", "an old forgery", *tess)
    plain, full = desk.folder / "plain.pdf", desk.folder / "full.pdf"
    texts = (*tess, "--with-texts", *WHY)
    said(desk, "report", "-o", plain, *texts)
    said(desk, "report", "-o", full, *texts, "--with-decisions", "--with-matrix")
    look = json.loads(desk.lines()[-1])["body"]
    told = ("consult", ["texts", "decisions", "matrix"])
    assert (look["type"], look["facts"]["with"]) == told

    def text(pdf: Path) -> str:
        command = ["pdftotext", str(pdf), "-"]
        done = subprocess.run(command, capture_output=True, check=True)
        return " ".join(done.stdout.decode("utf-8").split())

    first, second = text(plain), text(full)
    for whole in (first, second):
        facts = whole[whole.rindex("8 Facts") : whole.rindex("9 Assessments")]
        rest = whole[
            whole.rindex("9 Assessments") : whole.rindex("10 Labels and corrections")
        ]
        assert "blue paper" in facts and "blue paper" not in rest
        assert "an old forgery" in rest and "an old forgery" not in facts
        assert "the third number" in facts  # the correction of a fact is a fact
        assert "Handling H1 (entry 4)" in whole
        assert "EX-0001: not for prosecution, court-hearing, defence" in whole
        assert "1 told, 0 NOT told yet" in whole
    hidden = (
        "call from a hidden number",
        "we fear a leak",
        "means: deception",
        "Mariam",
    )
    assert not [word for word in hidden if word in first]
    facts = second[second.rindex("8 Facts") : second.rindex("9 Assessments")]
    assert "call from a hidden number" in facts and "we fear a leak" not in facts
    assert "means: deception" in second and "we fear a leak" in second
    assert "is a victim" not in second.replace("anybody is a victim", "")


def nothing_sealed_is_public_and_the_case_verifies(desk: Desk) -> None:
    public = b"".join(desk.lines())
    for word in CANARIES:
        assert word.encode("utf-8") not in public, word
    listed = said(desk, "log")
    assert not [word for word in CANARIES if word in listed]
    assert desk.failing() == []


def test_the_whole_life_of_annotations(desk: Desk) -> None:
    """One case, step by step: later steps look at what the earlier ones left."""
    labels_are_given_changed_and_kept(desk)
    decisions_are_countersigned_by_another_person(desk)
    statements_passages_links_and_their_matrix(desk)
    whoever_was_given_what_was_wrong_is_told(desk)
    facts_and_assessments_are_in_chapters_of_their_own(desk)
    nothing_sealed_is_public_and_the_case_verifies(desk)
