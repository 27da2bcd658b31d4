"""Reports in other languages: hand-written sentences, the same record, no hole."""

from __future__ import annotations

import io
import re
import threading
import unicodedata
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest

from evidence.report import phrases
from evidence.report.bidi import levels_right_to_left
from evidence.report.compose import compose
from evidence.report.extras import Span, Track
from evidence.report.i18n import LANGUAGES, speaking
from evidence.report.model import Report
from evidence.report.options import Options
from evidence.report.pdf import render
from evidence.report.retelling import told
from evidence.report.variants import redacted, variant_of
from manifests.entries import EntryType
from manifests.verifying.judge import Anchors
from tests.builders import new_bench
from tests.unit.evidence.report.reading import Pdf, tool
from tests.unit.evidence.report.sample_report import SAMPLE

_CONTROLS = dict.fromkeys((8234, 8235, 8236, 8206, 8207))
OTHERS = [code for code in LANGUAGES if code != "en"]
# Rendered in the fast tests: letters joined from right to left, letters outside of
# Latin-1, long words. The others stand under the mark of what takes long.
FEW = ["ar", "az", "de"]
EVERY = [
    code if code in FEW else pytest.param(code, marks=pytest.mark.agreement)
    for code in OTHERS
]
_RECORD = re.compile(r"\b[0-9a-f]{64}\b|\b[0-9a-f]{16}\b")
_TIMES = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d+)? UTC")


def ident(one: object) -> str:
    """The code of a parameter, marked or not."""
    return one if isinstance(one, str) else str(one.values[0])  # type: ignore[attr-defined]


def rendered(report: Report) -> bytes:
    stream = io.BytesIO()
    render(report, stream)
    return stream.getvalue()


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Report:
    folder = tmp_path_factory.mktemp("languages")
    bench = new_bench(folder / "case")
    (folder / "a").write_text("x")
    bench.acquire(folder / "a")
    return compose(bench.case, Options("2026-01-01T00:00:00Z"), anchors=Anchors())


@pytest.fixture(scope="module")
def pdfs(
    case: Report, tmp_path_factory: pytest.TempPathFactory
) -> Callable[[str], Pdf]:
    """Return what renders a language once."""
    folder = tmp_path_factory.mktemp("rendered")

    @cache
    def pdf(code: str) -> Pdf:
        path = folder / f"{code}.pdf"
        path.write_bytes(rendered(replace(case, language=code)))
        return Pdf(path)

    return pdf


def logical(text: str) -> str:
    """Text without the controls poppler adds, in NFKC.

    Poppler puts the stops of right-to-left text on the wrong side of the space beside
    them: there they are left out.
    """
    kept = "".join(char for char in text if unicodedata.category(char) != "Cf")
    if re.search(r"[\u0600-\u06ff]", kept):
        kept = re.sub(r"[.,:;،؛]", "", kept)
    return " ".join(unicodedata.normalize("NFKC", kept).split())


# Written by hand, not taken from the catalogues.
SENTENCES = {
    "az": (
        "RƏQƏMSAL SÜBUTLARIN SAXLAMA ZƏNCİRİ",
        "Tərcümənin layihəsi, andlı tərcüməçi tərəfindən yoxlanmalıdır.",
        "1 yanvar 2026",
        "İş açıldı.",
        "Vahid zəncir: 2 qeyd",
        "YOXLANMAYIB",
    ),
    "ru": (
        "ЦЕПЬ ХРАНЕНИЯ ЦИФРОВЫХ ДОКАЗАТЕЛЬСТВ",
        "Проект перевода, подлежит проверке присяжным переводчиком.",
        "1 января 2026",
        "Дело открыто.",
        "Файлы: изъято, 1 байт",
        "В наличии: 1 вещественное доказательство и 2 опечатанные записи",
    ),
    "ar": (
        "سلسلة حيازة الأدلة الرقمية",
        "مسودة ترجمة، يجب أن يراجعها مترجم محلّف.",
        "فُتحت القضية.",
        "لم يُفحص",
    ),
    "de": ("1. Januar 2026", "Ein Fingerabdruck von 64 hexadezimalen Zeichen"),
    "fr": ("1 janvier 2026", "Projet de traduction, à vérifier"),
}


@pytest.mark.parametrize("code", [one for one in EVERY if ident(one) in SENTENCES])
def test_hand_written_sentences_stand_on_paper(
    pdfs: Callable[[str], Pdf], code: str
) -> None:
    text = logical(pdfs(code).text())
    layout = logical("\n".join(pdfs(code).pages("-layout")))
    for sentence in SENTENCES[code]:
        wanted = logical(sentence)
        assert wanted in text or wanted in layout, sentence


@pytest.mark.parametrize("code", EVERY)
def test_digests_and_times_are_those_of_the_english_report(
    pdfs: Callable[[str], Pdf], code: str
) -> None:
    english, other = pdfs("en"), pdfs(code)
    for pattern in (_RECORD, _TIMES):
        # on the pages, as copied: digests whole, times in one piece
        wanted = set(pattern.findall(english.text()))
        assert wanted
        assert wanted <= set(pattern.findall(other.text().translate(_CONTROLS)))


@pytest.mark.parametrize("code", EVERY)
def test_the_file_is_sound_and_nothing_lacks_a_glyph(
    pdfs: Callable[[str], Pdf], code: str
) -> None:
    pdf = pdfs(code)
    pdf.check()
    # A character without a glyph is spelled out; the one in the guide is an example.
    assert pdf.text().count("U+") == pdfs("en").text().count("U+")
    assert "\ufffd" not in pdf.text()
    assert f"/Lang ({code})" in pdf.uncompressed().decode("latin-1")


def test_no_sentence_of_the_program_is_left_in_english(case: Report) -> None:
    """The usual verdict and entries: worded differently, this test tells of it."""
    said = [axis.explanation for axis in case.axes]
    said += [axis.question for axis in case.axes]
    said += [*case.not_established, *case.withheld]
    said += [event.text for event in case.events]
    said += [event.type for event in case.events]
    said += [text for text, _command in case.hand_check]
    for code in OTHERS:
        with speaking(code):
            same = [text for text in said if told(text) == text]
            level = told(case.level)
        assert same == [], code
        assert "This report" not in level
        assert "Ed25519" in level


def test_what_persons_wrote_is_never_translated() -> None:
    """Even where it reads like a sentence of ours."""
    words = "None recorded."
    statement = replace(SAMPLE.facts[0], text=words)
    report = replace(SAMPLE, facts=(statement,), title="Exhibits", language="fr")
    data = rendered(report)
    import pypdf

    text = "\n".join(
        page.extract_text() for page in pypdf.PdfReader(io.BytesIO(data)).pages
    )
    assert words in text
    assert "Exhibits" in text.split("Référence")[0]


def test_the_same_model_gives_the_same_bytes_in_two_threads() -> None:
    wanted = {code: rendered(replace(SAMPLE, language=code)) for code in ("ar", "de")}
    found: dict[str, bytes] = {}

    def work(code: str) -> None:
        found[code] = rendered(replace(SAMPLE, language=code))

    threads = [threading.Thread(target=work, args=(code,)) for code in wanted]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == wanted


def test_arabic_pages_are_mirrored(tmp_path: Path) -> None:
    boxes = {}
    for code in ("en", "ar"):
        path = tmp_path / f"{code}.pdf"
        path.write_bytes(rendered(replace(SAMPLE, language=code)))
        out = tool("pdftotext", "-bbox", "-f", "1", "-l", "1", str(path), "-")
        place = re.search(rf'xMin="([\d.]+)"[^>]*>{SAMPLE.root[:8]}', out)
        words = re.findall(r'xMin="([\d.]+)".*?xMax="([\d.]+)"', out)
        boxes[code] = (
            min(float(left) for left, _right in words),
            max(float(right) for _left, right in words),
        )
        assert place is not None
    width = 595.28
    # binding margin (25 mm) on the side where lines begin, 20 mm on the other
    assert boxes["en"][0] == pytest.approx(25 * 72 / 25.4, abs=2)
    assert boxes["ar"][1] == pytest.approx(width - 25 * 72 / 25.4, abs=2)


@pytest.mark.parametrize(
    ("text", "piece"),
    [
        ("في 2026-03-06 08:00:12 UTC (6 مارس)", "2026-03-06 08:00:12 UTC"),
        ("الحجم (17.9 MiB).", "17.9 MiB"),
        ("المادة 7(2))", "7(2)"),
        ("EX-0001, EX-0002.", "EX-0001, EX-0002"),
        ("قدّموا --witness أو", "--witness"),
    ],
)
def test_latin_pieces_stay_in_one_piece(text: str, piece: str) -> None:
    found = levels_right_to_left(text)
    at = text.index(piece)
    assert found[at : at + len(piece)] == [2] * len(piece)
    assert found[at + len(piece) :].count(2) <= 1


def test_hostile_text_never_breaks_the_telling() -> None:
    with speaking("fr"):
        for text in (
            "{",
            "{x} acquired, , complete: .",
            "a" * 5000,
            "Case opened." * 150,
            "",
        ):
            assert told(text) is not None
        assert told("Report {0.__class__} issued.") == "Rapport {0.__class__} émis."


@pytest.mark.parametrize(
    ("code", "said"),
    [("de", "2.097.152 Bytes (2,0 MiB)"), ("fr", "2 097 152 octets (2,0 MiB)")],
)
def test_sizes_in_sentences_have_the_separators_of_the_language(
    code: str, said: str
) -> None:
    text = "Files acquired, 2,097,152 bytes (2.0 MiB), complete: acquired 1."
    with speaking(code):
        assert said in told(text)


def test_the_timeline_and_the_code_of_the_cover_are_mirrored(tmp_path: Path) -> None:
    spans = (Span("held", "2026-01-01T00:00", "", "A1"),)
    extras = replace(SAMPLE.extras, timeline=(Track(("EX-0099",), spans),))
    middle = {}
    for code in ("en", "ar"):
        path = tmp_path / f"{code}.pdf"
        path.write_bytes(rendered(replace(SAMPLE, extras=extras, language=code)))
        out = tool("pdftotext", "-bbox", str(path), "-")
        (left, right), *_ = re.findall(
            r'xMin="([\d.]+)".*?xMax="([\d.]+)".*?>EX-0099<', out
        )
        middle[code] = (float(left) + float(right)) / 2
    assert middle["en"] < 200 < 400 < middle["ar"]


def test_a_receipt_keeps_its_language() -> None:
    variant = variant_of("victim")
    report = replace(SAMPLE, language="ar")
    found = redacted(report, variant, withheld=frozenset(), only=("EX-0001",))
    assert found.language == "ar"


_TELLERS = (
    "narration", "annotating", "transfer.telling", "transfer.words",
    "retention.telling",
    "casework.losses", "casework.words", "report.losing",
    "report.attaching", "report.making",
    "report.restating",
    "report.variants", "report.blurring", "transfer.register", "report.summing",
)  # fmt: skip


@pytest.mark.parametrize(
    "name", ["RARER", "ATTACHED", "LOSSES", "GAPS_BETWEEN", "PICTURES"]
)
def test_sentences_of_other_modules_are_still_worded_so(name: str) -> None:
    """Reworded there and not here, they would silently stay English."""
    package = Path(phrases.__file__).parents[1]
    source = ""
    for one in _TELLERS:
        source += (package / f"{one.replace('.', '/')}.py").read_text("utf-8")
    source = re.sub(r'"\s+f?"', "", source)  # sentences go on over lines
    words = source + " ".join(kind.replace("_", " ").capitalize() for kind in EntryType)
    for sentence in getattr(phrases, name):
        # Some words are themselves put into a sentence there.
        for literal in re.split(
            r"\{\w+\}|, | since| in part| (?:approved|refused|put on|taken off) ",
            sentence,
        ):
            assert literal.strip(" ,.:;()") in words, sentence


@pytest.mark.parametrize("many", [0, 30, 90])
def test_the_table_of_contents_stays_on_its_page(many: int, tmp_path: Path) -> None:
    """However many sections the report has: above the foot of the page, in order."""
    from evidence.report.contents import _fitting
    from evidence.report.page import Mark
    from evidence.report.style import TEXT_HEIGHT

    marks = [Mark(f"{n}", 0, n, 0.0, listed=True) for n in range(18)]
    marks += [Mark(f"{n}.1", 1, n, 0.0, listed=True) for n in range(many)]
    found = _fitting(marks, TEXT_HEIGHT - 40)
    assert sum(style.leading for _mark, style in found) <= TEXT_HEIGHT - 40 + 0.01
    assert [mark for mark, _style in found if not mark.depth] == marks[:18]
    assert (len(found) > 18) == (many == 30)
