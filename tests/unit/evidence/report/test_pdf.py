"""The rendered report, read back with poppler and qpdf."""

from __future__ import annotations

import io
import re
from dataclasses import replace
from pathlib import Path

import pytest

from evidence.report.faces import face
from evidence.report.model import Casework, Event, Report, Statement
from evidence.report.pdf import render
from tests.unit.evidence.report.reading import Pdf, tool, tool_bytes
from tests.unit.evidence.report.sample_report import (
    CHECKPOINT,
    EXHIBITS,
    SAMPLE,
    hostile,
    made_up,
)

MM = 72 / 25.4
CHAPTERS = (
    "Scope and how to read this report",
    "Case and legal basis",
    "Persons and keys",
    "Exhibits",
    "Chronological custody table",
    "Verification result",
    "What was not acquired, deviations and errors",
    "Facts",
    "Assessments",
    "Labels and corrections",
    "Decisions, interference and corroboration",
    "Presumed harm and proceeds",
    "Access",
    "How to check this by hand",
    "What this variant of the report withholds",
    "Glossary",
    "Certification",
)


def _render(report: Report, folder: Path, name: str = "report.pdf") -> Pdf:
    path = folder / name
    with path.open("wb") as target:
        render(report, target)
    return Pdf(path)


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Pdf:
    return _render(SAMPLE, tmp_path_factory.mktemp("sample"))


@pytest.fixture(scope="module")
def attacked(tmp_path_factory: pytest.TempPathFactory) -> Pdf:
    return _render(hostile(), tmp_path_factory.mktemp("hostile"))


@pytest.fixture(params=["sample", "attacked"])
def either(request: pytest.FixtureRequest) -> Pdf:
    pdf = request.getfixturevalue(request.param)
    assert isinstance(pdf, Pdf)
    return pdf


# What holds for every report, hostile or not


def test_the_file_is_sound(either: Pdf) -> None:
    either.check()


def test_all_fonts_are_embedded_subsets_with_unicode_maps(either: Pdf) -> None:
    fonts = either.fonts()
    assert fonts
    for font in fonts:
        assert (font["emb"], font["sub"], font["uni"]) == ("yes", "yes", "yes"), font
        assert "NotoSans" in font["name"]


def test_every_page_carries_number_report_id_and_root(either: Pdf) -> None:
    pages = either.pages("-layout")
    assert len(pages) == int(either.info()["Pages"])
    for number, page in enumerate(pages, start=1):
        assert f"Page {number} of {len(pages)}" in page
        assert "Custody report R-3f9a1c02d47be865" in page
        assert f"Root hash begins {made_up('root')[:16]}" in page
        assert "Classification:" in page
        assert "SYNTHETIC DEMO DATA" in page


def test_no_text_leaves_the_margins(either: Pdf) -> None:
    boxes = either.word_boxes()
    assert len(boxes) > 1000
    for x0, y0, x1, y1 in boxes:
        assert x0 >= 25 * MM - 1, (x0, y0, x1, y1)
        assert x1 <= 595.28 - 20 * MM + 1, (x0, y0, x1, y1)
        assert y0 >= 10 * MM, (x0, y0, x1, y1)
        assert y1 <= 841.89 - 10 * MM, (x0, y0, x1, y1)


def test_nothing_active_and_no_way_out(either: Pdf) -> None:
    body = either.uncompressed()
    for name in (
        b"JavaScript",
        b"JS",
        b"URI",
        b"Launch",
        b"GoToR",
        b"SubmitForm",
        b"EmbeddedFile",
        b"RichMedia",
        b"AcroForm",
        b"OpenAction",
        b"AA",
    ):
        assert not re.search(rb"/" + name + rb"[\s/<\[(]", body), name


def test_the_last_page_ends_the_report(either: Pdf) -> None:
    pages = either.pages()
    assert "End of report R-3f9a1c02d47be865" in pages[-1]
    assert not any("End of report" in page for page in pages[:-1])


def test_no_bidirectional_override_or_control_reaches_the_text(either: Pdf) -> None:
    text = "".join(either.pages())
    # poppler itself marks right-to-left runs with U+202B and U+202C
    assert not set("\u202e\u202d\u2066\u2067\u2068\u2069\x00\x1b\u200d") & set(text)
    assert "�" not in text


# The sample


def test_information_dictionary(sample: Pdf) -> None:
    info = sample.info()
    assert info["Title"] == "Custody report R-3f9a1c02d47be865"
    assert info["Producer"] == "evidence-custody"
    assert info["CreationDate"].startswith("Fri Mar  6 08:00:12 2026")
    assert info["Page size"] == "595.28 x 841.89 pts (A4)"
    assert "Author" not in info
    assert b"/Lang (en-GB)" in sample.raw
    assert b"/DisplayDocTitle true" in sample.raw


def test_same_model_same_bytes_and_another_model_other_bytes() -> None:
    files = [io.BytesIO() for _ in range(3)]
    render(SAMPLE, files[0])
    render(SAMPLE, files[1])
    render(replace(SAMPLE, title="Other"), files[2])
    first, second, third = (file.getvalue() for file in files)
    assert first == second
    identifier = re.compile(rb"/ID\s*\[<([0-9a-f]{32})><\1>\]")
    found, other = identifier.search(first), identifier.search(third)
    assert found is not None
    assert other is not None
    assert found[1] != other[1]


def test_rendering_something_else_before_changes_nothing() -> None:
    alone, after = io.BytesIO(), io.BytesIO()
    render(SAMPLE, alone)
    render(hostile(), io.BytesIO())
    render(SAMPLE, after)
    assert alone.getvalue() == after.getvalue()


def test_who_looked_is_told(sample: Pdf) -> None:
    text = " ".join(sample.text().split())
    access = text[text.rindex("Access Every time") : text.rindex("Certification")]
    for words in ("transcript", "PE-0002", "EX-0001", "investigation", "AU-0001"):
        assert words in access


def test_digests_stand_in_full_and_unbroken(sample: Pdf) -> None:
    words = sample.text().split()
    for seed in ("root", "exhibit 1", "exhibit 2", "exhibit 3", "inventory 1"):
        assert made_up(seed) in words
    halves = made_up("exhibit 1")[:32], made_up("exhibit 1")[32:]
    assert all(half in words for half in halves)  # the register, two lines
    assert made_up("elena")[:32] in words
    assert made_up("elena")[32:] in words


def test_contents_name_the_pages_where_the_chapters_are(sample: Pdf) -> None:
    pages = sample.pages("-layout")
    for number, title in enumerate(CHAPTERS, start=1):
        line = re.compile(rf"^\s*{number}\s+{title}\s+(\d+)\s*$", re.MULTILINE)
        entry = line.search(pages[1])
        assert entry is not None, title
        page = pages[int(entry[1]) - 1]
        assert re.search(rf"^\s*{number}\s+{title}\s*$", page, re.MULTILINE), title


def test_references_to_chapters_carry_the_numbers_of_the_contents(sample: Pdf) -> None:
    """Each sentence names the chapter by the number the contents page gives it."""
    number = {title: n for n, title in enumerate(CHAPTERS, start=1)}
    verification, facts = number["Verification result"], number["Facts"]
    custody = number["Chronological custody table"]
    deviations = number["What was not acquired, deviations and errors"]
    text = sample.text()
    for sentence in (
        f"chapter {verification} explains every status",
        f"stand in separate chapters ({facts} and {number['Assessments']})",
        f"are stated in chapters {custody} and {deviations}, or below",
    ):
        assert sentence in text, sentence
    assert "{" not in " ".join(re.findall(r"chapters? \S+", text))


def test_the_outline_lists_the_chapters(sample: Pdf) -> None:
    titles = [str(item["title"]) for item in sample.outline()]
    assert titles == [
        "Cover",
        *(f"{number}  {title}" for number, title in enumerate(CHAPTERS, start=1)),
    ]


def test_times_and_sizes_read_as_exact_numbers(sample: Pdf) -> None:
    text = sample.text()
    assert "2026-03-02 09:14:31.204118 UTC" in text
    assert "18,734,112 bytes (17.9 MiB)" in text
    assert "31,914,983,424 bytes (29.7 GiB)" in text


def test_status_is_said_in_words_and_limits_are_printed(sample: Pdf) -> None:
    text = sample.text()
    for words in (
        "PASS",
        "FAIL",
        "NOT CHECKED",
        *SAMPLE.not_established,
        SAMPLE.level,
        *SAMPLE.withheld,
    ):
        assert words in text, words
    assert not re.search(r"admissib|court-proof|tamper-proof", text, re.IGNORECASE)


def test_the_gap_stands_above_its_entry(sample: Pdf) -> None:
    text = sample.text()
    gap = text.index("GAP before entry 7: 25 h 5 min 47 s without an entry")
    assert text.index("Taken from the evidence room.") < gap
    assert gap < text.index("Memory card imaged behind a write blocker.")


def test_commands_and_checkpoint_can_be_copied_back(sample: Pdf) -> None:
    body = sample.body()
    commands = re.sub(r"\\\n\s*", "", body)
    for _, command in SAMPLE.hand_check:
        assert command in commands, command
    signature = CHECKPOINT.splitlines()[5]
    key = signature.rsplit(" ", 1)[1]
    assert key in re.sub(r"¬\s*", "", body)


def test_many_scripts_extract(tmp_path: Path) -> None:
    lines = (
        "Romanian: Știință, Țară, înțelegere",
        "Azerbaijani: Şəhər, Gəncə, Ağdam, ığİI",
        "Greek: Παπαδόπουλος, ἀρχή",
        "Ukrainian: їжак, ґанок, Є",
        "Vietnamese: Nguyễn Thị Hạnh",
        "Georgian: საქართველო",
        "Armenian: Հայաստան",
        "שלום עולם",
        "السلام عليكم ورحمة الله",
        "مَرْحَبًا بِكُم",
        "price ₾ 12,50 – “quoted” … №",
    )
    note = Statement(9, SAMPLE.rendered_at, "A", "", "\n".join(lines))
    text = _render(replace(SAMPLE, facts=(note,)), tmp_path).text()
    text = re.sub("[\u202a-\u202c\u200e\u200f]", "", text)
    for line in lines:
        assert line in text, line


def test_glyphs_that_only_carry_text_leave_no_ink(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    note = Statement(9, "", "A", "", "السلام\nمَرْحَبًا\nשָׁלוֹם")
    report = replace(SAMPLE, facts=(note,))
    pictures = []
    for name in ("with", "without"):
        pdf = _render(report, tmp_path, f"{name}.pdf")
        pages = pdf.pages()
        page = next(
            at for at, text in enumerate(pages, 1) if "state to have done" in text
        )
        only = ("-r", "80", "-f", str(page), "-l", str(page), "-gray")
        pictures.append(tool_bytes("pdftoppm", *only, str(pdf.path)))
        for script in ("Arabic", "Hebrew"):
            monkeypatch.setattr(face(f"NotoSans{script}-Regular"), "blank", None)
    assert (tmp_path / "with.pdf").read_bytes() != (
        tmp_path / "without.pdf"
    ).read_bytes()
    assert pictures[0] == pictures[1]


def test_what_is_not_recorded_is_said(tmp_path: Path) -> None:
    bare = replace(
        SAMPLE,
        title=None,
        case_id=None,
        authorities=(),
        exhibits=(),
        events=(),
        facts=(),
        assessments=(),
        findings=(),
        not_acquired=(),
        people=(),
        withheld=(),
        conditions=(),
        hand_check=(),
        checkpoint="",
        root="",
        issuer=None,
        classification="",
        labels=(),
        casework=Casework(),
        corrections=(),
        synthetic=False,
    )
    pdf = _render(bare, tmp_path)
    text = pdf.text()
    assert text.count("None recorded.") == 11
    assert "No authority is recorded in this case." in text
    assert "Title not shown (sealed, withheld or erased)" in text
    assert "The verification reported no findings." in text
    assert "not stated; the case was opened by Elena Ionescu-Țurcanu" in text
    assert "Classification: not stated" in text
    assert "SYNTHETIC" not in text


# Long tables and headings


def test_table_header_is_repeated_on_every_page(tmp_path: Path) -> None:
    events = tuple(
        Event(
            n, "2026-03-01T08:00:00Z", "note", "Somebody", None, (), f"Event no. {n}."
        )
        for n in range(400)
    )
    pdf = _render(replace(SAMPLE, events=events), tmp_path)
    pages = [page for page in pdf.pages("-layout") if "Event no." in page]
    assert len(pages) > 5
    assert all("What is recorded" in page for page in pages)
    text = pdf.text()
    numbers = [int(n) for n in re.findall(r"Event no\. (\d+)\.", text)]
    assert numbers == list(range(400))


@pytest.mark.parametrize("filler", range(0, 56, 4))
def test_no_heading_is_left_alone_at_the_foot(filler: int, tmp_path: Path) -> None:
    note = Statement(9, "t", "A", "", "\n".join("line" for _ in range(filler + 1)))
    report = replace(SAMPLE, facts=(note,), conditions=("c",) * (filler + 1))
    headings = re.compile(
        r"\d{1,2}(\.\d)?\s{1,3}[A-Z]|Exhibit EX-\d{4}( \(continued\))?$"
    )
    for page in _render(report, tmp_path).pages("-layout")[2:]:
        lines = [line.strip() for line in page.splitlines() if line.strip()]
        assert not headings.match(lines[-2]), lines[-2]  # lines[-1] is the footer


# Hostile strings


def test_markup_is_printed_not_obeyed(attacked: Pdf) -> None:
    text = attacked.text()
    for literal in (
        "<b>bold</b> &amp; <font color=red>x</font> <para>",
        '<img src="file:///etc/passwd"/>',
        r"%PDF-1.4 (\) Tj ET",
        "invoice‹U+202E›gpj.exe",
        "a‹U+0000›b‹U+001B›[31mc",
        "‹U+1F600›‹U+1F469›‹U+200D›",
        "‹U+6F22›‹U+5B57›",
        "caf‹byte 0xE9›",
    ):
        assert literal in text, literal


def test_a_word_of_10000_characters_is_printed_whole(tmp_path: Path) -> None:
    mark = "ǅ"  # occurs nowhere else
    exhibits = (replace(EXHIBITS[1], description=mark * 10_000), *EXHIBITS[2:])
    pdf = _render(replace(SAMPLE, exhibits=exhibits), tmp_path)
    assert pdf.solid().count(mark) == 10_000


def test_a_note_of_3000_lines_is_printed_whole(attacked: Pdf) -> None:
    text = attacked.text()
    found = re.findall(r"\bline (\d+) <b>bold</b>", text)
    assert set(range(3_000)) <= {int(number) for number in found}


def _listing(pdf: Pdf, start: str, end: str) -> list[str]:
    """Printed lines of a command, from the one with `start` to the one with `end`."""
    lines = [line.strip() for line in pdf.body().splitlines()]
    first = next(at for at, line in enumerate(lines) if line.startswith(start))
    last = next(at for at, line in enumerate(lines) if at >= first and end in line)
    return lines[first : last + 1]


def test_a_wrapped_command_does_the_same_when_copied(tmp_path: Path) -> None:
    words = " ".join(f"word{number}" for number in range(40))
    command = f"printf '%s.' {words} \"two words\" 'it is' a\\ b {words} ; echo end"
    pdf = _render(replace(SAMPLE, hand_check=(("x", command),)), tmp_path)
    printed = _listing(pdf, "printf", "echo end")
    assert len(printed) > 5
    assert all(line.endswith("\\") for line in printed[:-1])
    assert tool("sh", "-c", "\n".join(printed)) == tool("sh", "-c", command)


def test_a_long_quoted_text_is_broken_visibly_and_never_by_backslash(
    tmp_path: Path,
) -> None:
    quoted = "'" + "ab cd " * 60 + "e'"
    pdf = _render(replace(SAMPLE, hand_check=(("x", f"echo {quoted}"),)), tmp_path)
    first, *printed = _listing(pdf, "echo", "e'")
    assert first == "echo \\"
    assert len(printed) > 3
    assert all(line.endswith("¬") for line in printed[:-1])
    joined = "".join(line.removesuffix("¬") for line in printed)
    assert joined.replace(" ", "") == quoted.replace(" ", "")
