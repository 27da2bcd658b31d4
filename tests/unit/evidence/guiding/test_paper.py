"""The paper for the person tells its finder nothing."""

from __future__ import annotations

import io
import re
import shutil
import subprocess
import unicodedata

import pypdf
import pytest

from evidence.consent.texts import LANGUAGES
from evidence.guiding.dangers import dangers, new_code
from evidence.guiding.paper import Paper, typeset

# Written apart from the list the tool uses: roots of what must not be read there.
FORBIDDEN = frozenset(
    word
    for line in (
        "whatsapp telegram viber signal messenger facebook instagram custody ngo app.",
        "police polic polis polit poliț polis поліц полиц şərt شرطة",
        "victim victime victimă qurban jabrlan zərər жертв потерп ضحي ضحا",
        "evidence preuve dovad dovez sübut dalil доказ улик أدلة دليل",
        "traffic trafic trafik alver savdo торгов торгів اتجار esclav slave",
        "exploit istismar",
        "court tribunal judec məhkəm sudya суд محكم justice crime crim",
        "cinay jinoy злоч преступ",
        "lawyer avocat vəkil advokat адвокат محام shelter refuge foyer",
        "adăpost sığınacaq приют",
        "притул مأوى ملجأ asylum azil witness témoin martor şahid",
        "guvoh свидет свідк شاهد",
    )
    for word in line.split()
)
KINDS = {"chat": 1, "screenshot": 12, "files": 3}


def folded(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold()


def words_of(data: bytes, *options: str) -> str:
    """The page's text as another program reads it."""
    if not shutil.which("pdftotext"):
        pytest.skip("pdftotext is not installed")
    done = subprocess.run(
        ["pdftotext", *options, "-", "-"], input=data, capture_output=True, check=True
    )
    text = done.stdout.decode("utf-8")
    return re.sub("[\u202a-\u202c]", "", text)  # marks it puts around Arabic


def make(language: str, contact: str = "") -> bytes:
    return typeset(Paper(language, "2026-11-22", "lumo-27", KINDS, contact))


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_dangerous_word_in_any_language(language: str) -> None:
    data = make(language, "+39 055 123 456")
    text = words_of(data)
    for needed in ("2026-11-22", "lumo-27", "12", "+39 055 123 456"):
        assert needed in text
    reader = pypdf.PdfReader(io.BytesIO(data))
    assert len(reader.pages) == 1
    held = [*(reader.metadata or {}).values(), *re.findall(rb"[ -~]{4,}", data)]
    for told in (text, *map(str, held)):
        found = [word for word in FORBIDDEN if word in folded(told)]
        assert not found, told
    assert set(reader.metadata or {}) == {"/Title", "/CreationDate", "/ModDate"}
    assert "T00" not in str(reader.metadata)
    assert str((reader.metadata or {})["/CreationDate"]) == "D:20261122000000Z"
    assert "/Names" not in reader.trailer["/Root"]
    assert data == make(language, "+39 055 123 456")


@pytest.mark.parametrize("language", LANGUAGES)
def test_all_fits_the_page(language: str) -> None:
    data = make(language, "www " * 30)
    text = words_of(data, "-bbox")
    boxes = re.findall(
        r'xMin="([\d.]+)" yMin="([\d.]+)" xMax="([\d.]+)" yMax="([\d.]+)"',
        text,
    )
    assert len(boxes) > 40
    for x0, y0, x1, y1 in (map(float, box) for box in boxes):
        assert 40 < x0 < x1 < 380
        assert 30 < y0 < y1 < 560
    first = [float(edge) for edge in boxes[0]]
    # Right to left begins at the right edge.
    assert (first[2] > 360) == (language == "ar")


def test_codes_say_nothing_and_differ() -> None:
    codes = {new_code() for _ in range(300)}
    assert len(codes) > 290
    for code in codes:
        assert re.fullmatch(r"[a-z]{4}-[1-9][0-9]", code)
        assert not dangers(code)


@pytest.mark.parametrize(
    "text",
    [
        *("Police station", "POLİS 102", "ПОЛИЦИЯ", "الشرطة", "ask for the Shelter"),
        *("Casa Aurora", "aurora@example.org", "ｐｏｌｉｃｅ", "see Anna_chat"),
    ],
)
def test_a_contact_that_tells_is_refused(text: str) -> None:
    assert dangers(text, ("Casa Aurora", "anna_chat"))


@pytest.mark.parametrize(
    "text", ["+994 12 000 00 00", "Flower shop, 3 Main Street", ""]
)
def test_a_neutral_contact_is_taken(text: str) -> None:
    assert not dangers(text, ("Casa Aurora", "", "IMG 2041"))
