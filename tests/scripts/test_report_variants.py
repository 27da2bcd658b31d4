"""`custody report --variant`: what each says, what it withholds, and what guards it."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from tests.desk import WHY, Desk
from tests.unit.evidence.report.reading import Pdf, tool

TITLE, STAFF, SOURCE = "Amberlight", "Tess Tester", "quillfeather"
FACT, OPINION = "lanternfact", "lanternview"
DECIDED, MET, HARM, SUM = "decidedzeta", "metzeta", "harmzeta", "4711.25"
REFERENCE, KIND = "TEST 1", "threat"
EVERY = (TITLE, STAFF, SOURCE, FACT, OPINION, DECIDED, MET, HARM, SUM, KIND)
VICTIM = {
    "category": "victim",
    "names": ["Олена Приклад", "May Rose"],
    "phones": ["+994 50 123 45 67"],
}
SHOWN = {
    "full": {TITLE, STAFF, SOURCE, FACT, OPINION, DECIDED, MET, HARM, SUM, KIND},
    "closed-session": {TITLE, STAFF, FACT, OPINION, DECIDED, MET, HARM, SUM, KIND},
    "public": set(),
    "defence": {TITLE, FACT, OPINION},
    "victim": set(),
    "compensation": {TITLE, HARM, SUM},
}
RECEIPT = ("--only", "EX-0001", "--contact", "Room 4, ask for the blue folder")


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    desk = Desk(tmp_path_factory.mktemp("desk"))
    desk.run("identity", "new", "--name", STAFF, "--no-passphrase")
    ground = ("--authority-type", "own-initiative")
    desk.run("init", desk.case, "--case-id", REFERENCE, "--title", TITLE, *ground)
    (desk.folder / "victim.json").write_text(json.dumps(VICTIM))
    (desk.folder / f"{SOURCE}.txt").write_text("hello\n")
    (desk.folder / "other.txt").write_text("other\n")
    for words in (
        ("person", "add", "--from", "victim.json"),
        ("acquire", "files", f"{SOURCE}.txt"),
        ("acquire", "files", "other.txt"),
        ("note", "EX-0001", "--fact", FACT),
        ("note", "EX-0001", "--assessment", OPINION),
        ("decision", "add", "--kind", "other", "--reason", DECIDED),
        ("interference", "add", "--kind", KIND, "--at", "2026-01-02", "--fact", MET),
        (
            *("harm", "add", "--kind", "wages", "--known", "calculation"),
            *("--amount", SUM, "--currency", "EUR", "--from", "2026-01-01"),
            *("--exhibit", "EX-0002", "--person", "PE-0001", "--fact", HARM),
        ),
        (
            *("harm", "add", "--kind", "medical", "--known", "document"),
            *("--amount", "0.75", "--currency", "EUR"),
        ),
    ):
        desk.run("-C", "case", *words)
    return desk


def report(desk: Desk, variant: str, *more: str, code: int = 0) -> Path:
    target = desk.folder / f"{variant}{len(more)}{code}.pdf"
    if target.exists():
        return target  # made by an earlier test from the same case
    chosen = SHOWN.get(variant, set())
    because = WHY if chosen - {TITLE} else ()
    receipt = RECEIPT if variant == "victim" else ()
    words = ("report", "-o", target, "--variant", variant, *receipt, *because, *more)
    desk.run("-C", "case", *words, code=code)
    return target


def everything(path: Path) -> str:
    """Text, metadata, decoded objects and attachments of a PDF, by other tools."""
    pdf = Pdf(path)
    folder = path.with_suffix("")
    folder.mkdir(exist_ok=True)
    done = subprocess.run(
        ["pdfdetach", "-saveall", "-o", folder, path], capture_output=True, check=False
    )
    assert done.returncode == 0, done.stderr
    attached = [p.name.encode() + p.read_bytes() for p in sorted(folder.iterdir())]
    parts = (pdf.uncompressed(), *attached)
    return "\n".join(
        (pdf.text(), tool("pdfinfo", str(path)), tool("pdfinfo", "-meta", str(path)))
    ) + "\n".join(part.decode("utf-8", "replace") for part in parts)


@pytest.mark.parametrize("variant", list(SHOWN))
def test_a_variant_holds_what_it_may_and_nothing_else(desk: Desk, variant: str) -> None:
    path = report(desk, variant)
    found = everything(path)
    if variant != "victim" and SHOWN[variant] >= {KIND}:  # the log tells kinds, too
        assert {word for word in EVERY if word in found} == SHOWN[variant]
    else:
        printed = Pdf(path).text()
        assert KIND not in printed
        told = {word for word in EVERY if word in found} - {KIND}
        assert told == SHOWN[variant]
        assert (KIND in found) == (variant == "defence")  # its log, word for word
    for never in ("Олена", "Приклад", "Pryklad", "501234567", "50 123", "Rose"):
        assert never not in found
    if variant != "victim":
        cover = " ".join(Pdf(path).pages()[0].split())
        words = {"closed-session": "Report for a closed session"}
        words |= {"compensation": "Report on harm and proceeds"}
        words |= {"defence": "Report for the defence"}
        assert words.get(variant, f"{variant.capitalize()} report") in cover
        assert "kinds of content, named one by one in chapter" in cover
        assert REFERENCE in cover
        # What is withheld is not told as if there were none.
        told = " ".join(Pdf(path).text().split("Persons of the case by category")[2:])
        shown = "PE-0001" if variant in ("full", "closed-session") else "Withheld in"
        assert shown in told[:400], told[:400]


def test_a_receipt_says_nothing_of_a_case(desk: Desk) -> None:
    path = report(desk, "victim")
    text = Pdf(path).text()
    entry = json.loads(desk.lines()[3])
    assert "Room 4, ask for the blue folder" in text
    assert "EX-0001" in text
    assert "EX-0002" not in text
    solid = Pdf(path).solid()
    acquired = [
        json.loads(line)["body"] for line in desk.lines() if b'"acquire"' in line
    ]
    assert acquired[0]["facts"]["payload"]["sha256"] in solid
    found = everything(path).casefold()
    origin = json.loads(desk.lines()[0])["body"]["log"] if "log" in entry else REFERENCE
    for word in (
        *(REFERENCE, str(origin), "custody report", "police", "victim", "traffick"),
        *("examiner", "witness", "case reference", "chat", "crime", "court"),
    ):
        assert word.casefold() not in Pdf(path).text().casefold(), word
    assert REFERENCE.casefold() not in found
    assert "entries.jsonl" not in found
    assert len(Pdf(path).pages()) == 1


def test_sums_are_exact_and_by_currency(desk: Desk) -> None:
    text = Pdf(report(desk, "compensation")).text()
    assert "4712.00 EUR" in text  # 4711.25 + 0.75, worked out by hand
    assert "HA-0001" in text
    assert "PE-0001" in text


def test_an_identifier_in_a_text_keeps_a_variant_back(desk: Desk) -> None:
    desk.run("-C", "case", "note", "EX-0001", "--fact", "Her number is 050 123 45 67.")
    assert not report(desk, "defence", code=34).exists()
    found = everything(report(desk, "defence", "--let-through", "the judge ordered it"))
    assert "050 123 45 67" in found


@pytest.mark.parametrize(("variant", "code"), [("defence", 34), ("full", 0)])
def test_a_name_that_is_a_word_keeps_a_strict_variant_back(
    tmp_path: Path, variant: str, code: int
) -> None:
    desk = Desk(tmp_path)
    desk.open_case()
    (tmp_path / "victim.json").write_text(json.dumps({**VICTIM, "names": ["May Rose"]}))
    (tmp_path / "a.txt").write_text("x")
    desk.run("-C", "case", "person", "add", "--from", "victim.json")
    desk.run("-C", "case", "acquire", "files", "a.txt")
    desk.run("-C", "case", "note", "EX-0001", "--fact", "She was called Rose there.")
    report(desk, variant, code=code)


def test_what_does_not_go_together_is_refused(desk: Desk) -> None:
    before = len(desk.lines())
    for words in (
        ("--variant", "public", "--with-texts", *WHY),
        ("--variant", "victim"),
        ("--variant", "victim", "--only", "EX-0001"),
        ("--only", "EX-0001"),
        ("--variant", "public", "--check", "led"),
        ("--variant", "nobody"),
    ):
        desk.run("-C", "case", "report", "-o", "no.pdf", *words, code=2)
    missing = ("--variant", "victim", "--only", "EX-0009", "--contact", "x")
    desk.run("-C", "case", "report", "-o", "no.pdf", *missing, code=37)
    assert not (desk.folder / "no.pdf").exists()
    assert len(desk.lines()) == before


@pytest.mark.parametrize(
    "words",
    [
        ("--amount", "12,50", "--currency", "EUR"),
        ("--amount", "-1", "--currency", "EUR"),
        ("--amount", "1e9", "--currency", "EUR"),
        ("--amount", "٣", "--currency", "EUR"),
        ("--amount", "10"),
        ("--amount", "10", "--currency", "EURO"),
        ("--amount", "10", "--currency", "QQQ"),
        ("--from", "2026-02-01", "--to", "2026-01-01", "--fact", "x"),
        (),
    ],
)
def test_what_is_no_item_is_refused(desk: Desk, words: tuple[str, ...]) -> None:
    before = len(desk.lines())
    add = ("proceeds", "add", "--kind", "cash", "--known", "other")
    desk.run("-C", "case", *add, *words, code=35)
    assert len(desk.lines()) == before


def test_harm_names_only_what_the_case_has(desk: Desk) -> None:
    add = ("harm", "add", "--kind", "wages", "--known", "other", "--fact", "x")
    desk.run("-C", "case", *add, "--person", "PE-0009", code=37)
    desk.run("-C", "case", *add, "--exhibit", "EX-0009", code=37)
    done = desk.run("-C", "case", "harm", "list")
    assert "HA-0001" in done.stdout
    assert SUM not in done.stdout
    shown = desk.run("-C", "case", "harm", "list", "--texts", *WHY).stdout
    assert SUM in shown
