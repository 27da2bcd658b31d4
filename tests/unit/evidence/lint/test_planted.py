"""Planted identifiers in five scripts and many wrappings: each is found, by hand made.

The wrappings are made by other programs (gzip, base64, iconv, qpdf, zip, tar) or other
libraries (reportlab), never by the code under test.
"""

from __future__ import annotations

import gzip
import shutil
import subprocess
import tarfile
import zipfile
from pathlib import Path

import pytest
from reportlab.pdfgen import canvas

from evidence.lint.findings import Result
from evidence.lint.identifiers import Identifier, Kind
from evidence.lint.linting import Search
from evidence.lint.matching import Matcher
from evidence.parsing import outgoing
from evidence.parsing.base import Content, Job, Record
from evidence.parsing.outgoing import OutgoingParser

PEOPLE = {
    Kind.NAME: [
        "Олена Приклад",
        "John Smithers",
        "Əliyev Cəfər",
        "გიორგი მაისურაძე",
        "Νίκος Παπαδόπουλος",
        "محمد عبد الله",
        "Иванов Сергей Петрович",
        "Will Rose",
        "Jane Li",
        "Leyla Məmmədova",
        "Günəş Hüseynzadə",
        "Jörg Müller",
        "Сергей Щербаков",
        "Đorđe Petrović",
        "فاطمة الزهراء",
        "Anna-Maria Nowak-Żółkiewska",
    ],
    Kind.PHONE: ["+994 50 123 45 67", "+49 170 7654321"],
    Kind.EMAIL: ["olja.pryklad@example.com"],
    Kind.HANDLE: ["@nightowl_77"],
    Kind.ACCOUNT: ["DE89 3704 0044 0532 0130 00"],
    Kind.ADDRESS: ["Nizami küçəsi 12, Bakı"],
    Kind.DOCUMENT: ["AZE1234567"],
    Kind.DEVICE: ["R58M123ABCD", "356938035643809"],
    Kind.BIRTH_DATE: ["1990-05-06"],
    Kind.POSITION: ["40.409264 49.867092"],
}
IDENTIFIERS = [
    Identifier(kind, "PE-0001", number, value)
    for kind, values in PEOPLE.items()
    for number, value in enumerate(values, 1)
]
MATCHER = Matcher(IDENTIFIERS)

# What stands in a text, and whose it is: written by hand.
WRITTEN = [
    ("Олена Приклад", "Олена Приклад"),
    ("ОЛЕНА ПРИКЛАД", "Олена Приклад"),
    ("Приклад Олена", "Олена Приклад"),
    ("Olena Pryklad", "Олена Приклад"),  # Ukraine 2010
    ("Pryklad, O.", "Олена Приклад"),
    ("Oлeнa Пpиклaд", "Олена Приклад"),  # Latin o, e, a, p among Cyrillic letters
    ("O l e n a", "Олена Приклад"),
    ("О\u0301лена", "Олена Приклад"),  # a combining accent
    ("Ol\u200be\u00adna", "Олена Приклад"),  # zero width space, soft hyphen
    ("ＯＬＥＮＡ", "Олена Приклад"),  # full width
    ("olena_pryklad.pdf", "Олена Приклад"),
    ("OlenaPryklad2", "Олена Приклад"),
    ("J.o.h.n S.m.i.t.h.e.r.s", "John Smithers"),
    ("Smith-\ners", "John Smithers"),
    ("JOHN_SMITHERS", "John Smithers"),
    ("Джон Сміт, Smithers", "John Smithers"),
    ("Aliyev Jafar", "Əliyev Cəfər"),
    ("ALIYEV", "Əliyev Cəfər"),
    ("Giorgi Maisuradze", "გიორგი მაისურაძე"),
    ("Nikos Papadopoulos", "Νίκος Παπαδόπουλος"),
    ("Παπαδόπουλος", "Νίκος Παπαδόπουλος"),
    ("Mohamed Abd Allah", "محمد عبد الله"),
    ("Muhammad Abdullah", "محمد عبد الله"),
    ("مُحَمَّد عبد الله", "محمد عبد الله"),
    ("Ivanov S.", "Иванов Сергей Петрович"),
    ("Ивановым", "Иванов Сергей Петрович"),
    ("Sergey Ivanov", "Иванов Сергей Петрович"),
    ("Sergei Ivanov", "Иванов Сергей Петрович"),
    ("Mammadova", "Leyla Məmmədova"),
    ("Mamedova", "Leyla Məmmədova"),
    ("Мамедовой", "Leyla Məmmədova"),
    ("Məmmədovanın", "Leyla Məmmədova"),
    ('"Leyla","Məmmədova"', "Leyla Məmmədova"),  # two cells
    ("Məm-\nmədova", "Leyla Məmmədova"),
    ("Гусейнзаде", "Günəş Hüseynzadə"),
    ("GÜNƏŞ HÜSEYNZADƏ", "Günəş Hüseynzadə"),
    ("Mueller", "Jörg Müller"),  # ICAO Doc 9303: two letters
    ("JOERG", "Jörg Müller"),
    ("Shcherbakov", "Сергей Щербаков"),
    ("Chtcherbakov", "Сергей Щербаков"),  # French
    ("Schtscherbakow", "Сергей Щербаков"),  # German
    ("سيرغي شيرباكوف", "Сергей Щербаков"),
    ("Ђорђе Петровић", "Đorđe Petrović"),
    ("Djordje", "Đorđe Petrović"),
    ("Fatima al-Zahra", "فاطمة الزهراء"),
    ("Fatimah Az-Zahra", "فاطمة الزهراء"),
    ("Fatima Zahra", "فاطمة الزهراء"),
    ("Фатима аз-Захра", "فاطمة الزهراء"),
    ("NOWAK ŻÓŁKIEWSKA", "Anna-Maria Nowak-Żółkiewska"),
    ("nowak-zolkiewska", "Anna-Maria Nowak-Żółkiewska"),
    ("Will Rose", "Will Rose"),
    ("Rose, Will", "Will Rose"),
    ("+994501234567", "+994 50 123 45 67"),
    ("00994 50 123-45-67", "+994 50 123 45 67"),
    ("(050) 123 45 67", "+994 50 123 45 67"),
    ("٠٥٠١٢٣٤٥٦٧", "+994 50 123 45 67"),  # Arabic-Indic digits
    ("+49 (0)170 / 76 54 321", "+49 170 7654321"),
    ("OLJA.PRYKLAD@EXAMPLE.COM", "olja.pryklad@example.com"),
    ("olja.pryklad (at) example dot com", "olja.pryklad@example.com"),
    ("nightowl_77", "@nightowl_77"),
    ("DE89370400440532013000", "DE89 3704 0044 0532 0130 00"),
    ("Nizami kucesi 12", "Nizami küçəsi 12, Bakı"),
    ("AZE 123-4567", "AZE1234567"),
    ("r58m123abcd", "R58M123ABCD"),
    ("35-693803-564380-9", "356938035643809"),
    ("06.05.1990", "1990-05-06"),
    ("6.5.1990", "1990-05-06"),
    ("19900506", "1990-05-06"),
    ("6 May 1990", "1990-05-06"),
    ("40.4093, 49.8671", "40.409264 49.867092"),
    ("40.409264/49.867092", "40.409264 49.867092"),
    ("lat=40,40926 lon=49,86709", "40.409264 49.867092"),
    ("40°24'33.4\"N 49°52'1.5\"E", "40.409264 49.867092"),
]
INNOCENT = [
    "The odor of the harbour was strong; a smith heard the bell.",
    "Johnson, Wills, Roses, Rosenberg, Jonathan, Alivia, Ivan the Terrible.",
    "Will this rose grow? Li.",
    "Call 112 or 050 765 43 21; the total is 1,234,567.",
    "sha256 " + "0123456789abcdef" * 4,
    "Meeting on 06.05.1991 at 19:05; version 1.9.90; 2026-11-22T14:02:45.654480Z",
    "41.409264, 49.867092; 40.41, 48.86",
    "Олень и пример; Иванна; Ольга; სახელი; Νίκη; محمود",
    "Гусев, Мамаев, Mamma mia, Muellner, Petrograd, Schtsch, Лейпциг, Fatigue at last",
    "ليلة، محمية، سرداب، فاتورة الظهر",
    "info@example.com, example.com, owl 77 night",
    "DE89370400440532013001 AZE1234568 AZE12345678",
]


def found(text: str, *, doubtful: bool = False) -> set[str]:
    return {
        IDENTIFIERS[hit.identifier].value
        for hit in MATCHER.find(text)
        if hit.doubtful <= doubtful
    }


@pytest.mark.parametrize(("written", "whose"), WRITTEN)
def test_every_written_form_blocks(written: str, whose: str) -> None:
    assert whose in found(f"we met {written} there")
    assert whose in found(written)


@pytest.mark.parametrize("text", INNOCENT)
def test_what_only_resembles_an_identifier_does_not_block(text: str) -> None:
    assert found(text) == set()


SIGNATURE = "TqZ8Rk0vW1Jorg/7nBpX+5Lecka9dQwEr2TyUiOpAsDfGhJkLzXcVbNm4Q=="


def test_a_short_name_inside_a_signature_is_chance() -> None:
    """Base64 of 64 bytes holds a given word of four letters once in some thousand."""
    assert found(f'"sig":"{SIGNATURE}"') == set()
    assert found(f'"sig":"{SIGNATURE}"', doubtful=True) == {"Jörg Müller"}
    for told in ("Jorg", "see/Jorg/x", "file-of-Jorg-and-others-2026.tar", "xJorg9"):
        assert found(told) == {"Jörg Müller"}


def test_a_name_that_is_a_common_word_is_doubtful_alone() -> None:
    assert found("a rose", doubtful=True) == {"Will Rose"}
    assert found("Mrs Li came", doubtful=True) == {"Jane Li"}


def search(path: Path) -> Result:
    return Search(IDENTIFIERS).paths([path])


def whose(result: Result) -> set[str]:
    by = {(i.kind.value, i.number): i.value for i in IDENTIFIERS}
    return {by[f.kind, f.number] for f in result.blocking}


def program(*words: str, given: bytes) -> bytes:
    if shutil.which(words[0]) is None:
        pytest.skip(f"{words[0]} is not installed")
    done = subprocess.run(words, input=given, capture_output=True, check=True)
    return done.stdout


TEXT = "Met\nОлена Приклад, +994 50 123 45 67.\n".encode()
BOTH = {"Олена Приклад", "+994 50 123 45 67"}
PIPES = [
    ("gzip", "-9"),
    ("bzip2",),
    ("xz",),
    ("base64",),
    ("base64", "-w0"),
    ("iconv", "-f", "UTF-8", "-t", "UTF-16LE"),
    ("iconv", "-f", "UTF-8", "-t", "UTF-16BE"),
    ("iconv", "-f", "UTF-8", "-t", "UTF-16"),
    ("iconv", "-f", "UTF-8", "-t", "CP1251"),
    ("iconv", "-f", "UTF-8", "-t", "KOI8-U"),
    ("xxd", "-p", "-c0"),
    ("zlib-flate", "-compress"),
    ("jq", "-R", "-a", "."),
    ("jq", "-Rs", "."),  # in which line ends are written out
    ("perl", "-pe", "s/([^A-Za-z0-9])/sprintf('%%%02X', ord($1))/ge"),
    ("perl", "-MMIME::QuotedPrint", "-pe", "$_ = encode_qp($_)"),
    ("perl", "-CI", "-pe", "s/([^ -~])/sprintf('&#x%X;', ord($1))/ge"),
]


@pytest.mark.parametrize("words", PIPES, ids=lambda words: "-".join(words)[:24])
def test_wrapped_by_another_program(words: tuple[str, ...], tmp_path: Path) -> None:
    try:
        data = program(*words, given=TEXT)
    except (FileNotFoundError, subprocess.CalledProcessError):
        pytest.skip(f"{words[0]} cannot do this here")
    (tmp_path / "x").write_bytes(data)
    assert whose(search(tmp_path / "x")) == BOTH
    if "UTF-16LE" in words or "UTF-16BE" in words:  # at an odd offset of a binary file
        (tmp_path / "y").write_bytes(b"\x00\x01\xf7\xe3head\x00" + data + b"\x00\x9f")
        assert whose(search(tmp_path / "y")) == BOTH


@pytest.mark.parametrize(
    "text",
    [
        rb"{\rtf1\ansi Met \u1054?\u1083?\u1077?\u1085?\u1072? Pryklad}",  # RTF 1.9.1
        rb"{\rtf1 J\'f6rg M\'fcller}",
        rb'name = "\U0000041e\U0000043b\U00000435\U0000043d\U00000430"',  # TOML
        rb'{"note": "the\nOlena\tPryklad"}',
        b"https://xn--80ajrjc.example/",  # by the codec of Python: RFC 3490
        "\u202edalkyrP anelO\u202c".encode(),
        "\ufeea\ufee0\ufedf\ufe8d \ufeaa\ufe92\ufecb \ufeaa\ufee4\ufea4\ufee3".encode(),
    ],
)
def test_written_otherwise(text: bytes, tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(text)
    assert whose(search(tmp_path / "x"))


def test_wrapped_twice(tmp_path: Path) -> None:
    data = program("base64", given=program("gzip", given=TEXT))
    (tmp_path / "x").write_bytes(b"Content-Transfer-Encoding: base64\n\n" + data)
    assert whose(search(tmp_path / "x")) == BOTH


def test_archives_inside_each_other_with_their_names(tmp_path: Path) -> None:
    inner = tmp_path / "inner.zip"
    with zipfile.ZipFile(inner, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a/John Smithers.txt", b"nothing")
        archive.writestr("b.gz", gzip.compress(TEXT))
    outer = tmp_path / "outer.tar.gz"
    with tarfile.open(outer, "w:gz") as tar:
        tar.add(inner, "inner.zip")
    result = search(outer)
    assert whose(result) == {*BOTH, "John Smithers"}
    assert all("Smithers" not in f.where() for f in result.findings)


def test_names_of_files_and_targets_of_links(tmp_path: Path) -> None:
    (tmp_path / "Pryklad_Olena.txt").write_text("nothing")
    (tmp_path / "link").symlink_to("/home/smithers/x")
    assert whose(search(tmp_path)) == {"Олена Приклад", "John Smithers"}


def draw_pdf(path: Path) -> None:
    page = canvas.Canvas(str(path))
    page.setTitle("Olena Pryklad")
    page.setAuthor("AZE1234567")
    page.drawString(72, 700, "spoke with John Smithers")
    page.bookmarkPage("x")
    page.addOutlineEntry("r58m123abcd", "x")
    page.textAnnotation("call 00994501234567", Rect=[0, 0, 9, 9])
    page.acroForm.textfield(name="f", value="DE89370400440532013000")
    page.showPage()
    page.save()


IN_PDF = {
    "Олена Приклад", "AZE1234567", "John Smithers", "R58M123ABCD",
    "+994 50 123 45 67", "DE89 3704 0044 0532 0130 00",
}  # fmt: skip


@pytest.mark.parametrize("objects", ["plain", "generate", "attach", "linear"])
def test_everywhere_in_a_pdf(tmp_path: Path, objects: str) -> None:
    draw_pdf(tmp_path / "a.pdf")
    target, expected = tmp_path / "a.pdf", IN_PDF
    words: tuple[str, ...] = ()
    if objects == "generate":  # every object inside compressed streams
        words = ("--object-streams=generate", "--compress-streams=y")
    elif objects == "linear":
        words = ("--linearize",)
    elif objects == "attach":
        (tmp_path / "note.txt").write_text("olja.pryklad@example.com")
        words = ("--add-attachment", str(tmp_path / "note.txt"), "--")
        expected = {*IN_PDF, "olja.pryklad@example.com"}
    if words:
        target = tmp_path / "b.pdf"
        program("qpdf", str(tmp_path / "a.pdf"), *words, str(target), given=b"")
    result = search(target)
    assert whose(result) >= expected
    assert result.unread == []


def test_a_former_revision_of_a_pdf(tmp_path: Path) -> None:
    """What was taken out by saving again still stands in the file."""
    draw_pdf(tmp_path / "a.pdf")
    page = canvas.Canvas(str(tmp_path / "b.pdf"))
    page.drawString(72, 700, "nothing")
    page.save()
    both = (tmp_path / "a.pdf").read_bytes() + (tmp_path / "b.pdf").read_bytes()
    (tmp_path / "c.pdf").write_bytes(both)
    assert "AZE1234567" in whose(search(tmp_path / "c.pdf"))


def test_what_is_encrypted_is_said_and_blocks(tmp_path: Path) -> None:
    draw_pdf(tmp_path / "a.pdf")
    program(
        *("qpdf", "--encrypt", "secret", "owner", "256", "--"),
        *(str(tmp_path / "a.pdf"), str(tmp_path / "b.pdf")),
        given=b"",
    )
    result = search(tmp_path / "b.pdf")
    assert [u.reason for u in result.unread] == ["the PDF is encrypted"]
    assert result.exit_code == 3


@pytest.mark.parametrize(
    "data",
    [
        b"PK\x03\x04" + b"\x00" * 50,
        gzip.compress(b"x" * 1000, mtime=0)[:-12],
        b"%PDF-1.7\n1 0 obj << /Kids [1 0 R] >> endobj",
        b"7z\xbc\xaf\x27\x1c....",
        b"age-encryption.org/v1\n",
        b"\xfd7zXZ\x00" + b"\xff" * 40,
    ],
)
def test_what_is_damaged_or_closed_is_said(data: bytes, tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(data)
    result = search(tmp_path / "x")
    assert result.unread
    assert result.exit_code == 3


def test_a_bomb_is_said_and_bounded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outgoing, "MAX_MEMBER_BYTES", 1 << 16)
    (tmp_path / "x.gz").write_bytes(gzip.compress(bytes(1 << 20)))
    with zipfile.ZipFile(tmp_path / "x.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("big", bytes(1 << 20))
    for name in ("x.gz", "x.zip"):
        items = list(OutgoingParser().parse(Job(str(tmp_path / name))))
        told = [item.fields["reason"] for item in items if isinstance(item, Record)]
        assert told == ["it is too large to be looked into"]
        assert sum(len(i.data) for i in items if isinstance(i, Content)) < 1000


def test_many_members_that_make_much_are_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outgoing, "_LEAST_BYTES", 1 << 16)
    with zipfile.ZipFile(tmp_path / "x.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for number in range(40):
            archive.writestr(str(number), bytes(1 << 16))
    items = list(OutgoingParser().parse(Job(str(tmp_path / "x.zip"))))
    told = [item.fields["reason"] for item in items if isinstance(item, Record)]
    assert told == ["more comes out of it than can be searched"]


def test_a_fifo_is_said_and_not_opened(tmp_path: Path) -> None:
    import os

    os.mkfifo(tmp_path / "x")
    assert [u.reason for u in search(tmp_path).unread] == ["it is not a regular file"]
