"""Searching ahead finds what searching finds, whatever becomes of the helper."""

from __future__ import annotations

import io
from hashlib import sha256

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evidence.lint import linting
from evidence.lint.ahead import Ahead
from evidence.lint.findings import Result
from evidence.lint.identifiers import Identifier, Kind
from evidence.lint.leaving import Sought, search_for, seek
from evidence.lint.linting import Search
from evidence.parsing.outgoing import slices
from evidence.report.archival import archive
from evidence.report.attachments import Attachment
from evidence.report.compose import compose
from evidence.report.options import Options
from evidence.report.pdf import render
from manifests.verifying.judge import Anchors
from tests.builders import Bench, new_bench

NAMES = ("Jane Doeherty", "Тарас Шевчук", "Li")
IDENTIFIERS = [
    Identifier(Kind.NAME, "PE-0001", number, name)
    for number, name in enumerate(NAMES, 1)
] + [Identifier(Kind.PHONE, "PE-0001", 1, "+49 170 7610101")]
ROW = b"17,2026-03-01T09:30:00.000000Z,Consult,ST-0001 (examiner),EX-0001,looked at\r\n"
PLANTED = "JANE DOEHERTY, тараса шевчука, 0170/7610101, li, SmFuZSBEb2VoZXJ0eQ==\r\n"


def long_list() -> bytes:
    """Beyond 2 MiB, with names at its begin, across a cut and at its end."""
    planted = PLANTED.encode()
    first = planted + ROW * ((1 << 20) // len(ROW))
    cut = first[: (1 << 20) - 20] + planted
    return cut + ROW * ((1 << 20) // len(ROW)) + ROW * 9000 + planted


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Bench:
    return new_bench(tmp_path_factory.mktemp("ahead"))


@pytest.fixture(scope="module")
def document(bench: Bench) -> tuple[object, bytes, bytes]:
    report = compose(bench.case, Options("2026-01-01T00:00:00Z"), anchors=Anchors())
    stream = io.BytesIO()
    render(report, stream)
    content = long_list()
    file = Attachment("custody.csv", "text/csv", "Data", "Every row.", content)
    return report, archive(stream.getvalue(), [file]), content


SOUGHT = Sought(IDENTIFIERS, frozenset(), (), "en")


def told(result: Result) -> list[object]:
    return [result.findings, result.unread, result.limits, result.files]


@pytest.fixture
def searched(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Sizes of the pieces searched in this process."""
    sizes: list[int] = []
    plain = Search._bytes

    def counting(self: Search, data: bytes, *args: object, **more: object) -> None:
        sizes.append(len(data))
        plain(self, data, *args, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(linting.Search, "_bytes", counting)
    return sizes


def test_the_same_is_found_and_long_pieces_are_not_searched_again(
    document: tuple[object, bytes, bytes], searched: list[int]
) -> None:
    report, data, content = document
    plainly = search_for(SOUGHT, report, data)
    places = {f.place for f in plainly.findings if f.file == 2}
    assert any("object" in place for place in places), places
    assert max(searched) > 1 << 20
    searched.clear()
    with Ahead(IDENTIFIERS, [content], "en") as ahead:
        assert len(ahead.found()) == len(list(slices(content))) > 2
        assert told(search_for(SOUGHT, report, data, ahead=ahead)) == told(plainly)
    assert max(searched) < 1 << 19


def test_a_helper_that_is_killed_changes_nothing(
    document: tuple[object, bytes, bytes],
) -> None:
    report, data, content = document
    with Ahead(IDENTIFIERS, [content], "en") as ahead:
        assert ahead._process is not None
        ahead._process.kill()
        ahead._thread.join()
        assert len(ahead.found()) < len(list(slices(content)))
        again = search_for(SOUGHT, report, data, ahead=ahead)
    assert told(again) == told(search_for(SOUGHT, report, data))


def test_what_was_searched_for_other_names_or_words_is_not_used(
    document: tuple[object, bytes, bytes],
) -> None:
    report, data, content = document
    with Ahead(IDENTIFIERS[1:], [content], "en") as ahead:
        assert not ahead.looks_for(IDENTIFIERS, "en")
        assert not ahead.looks_for(IDENTIFIERS[1:], "de")
        assert ahead.looks_for(IDENTIFIERS[1:], "en")
        ahead.found()
        again = search_for(SOUGHT, report, data, ahead=ahead)
    assert told(again) == told(search_for(SOUGHT, report, data))


@pytest.mark.parametrize(
    "answer",
    [
        None,
        7,
        [[1, True]],
        [[4, False, 0]],
        [[-1, False, 0]],
        [[0, 1, 0]],
        [[0, False, -1]],
        [[True, False, 0]],
        [["0", False, 0]],
    ],
)
def test_an_answer_of_another_form_is_no_answer(answer: object) -> None:
    with Ahead(IDENTIFIERS, [], "en") as ahead:
        with pytest.raises((TypeError, ValueError)):
            ahead._read(answer)
        assert ahead._read([[3, False, 9]]) == ((3, False, 9),)


def test_short_lists_start_no_process(bench: Bench) -> None:
    options = Options("2026-01-01T00:00:00Z")
    report = compose(bench.case, options, anchors=Anchors())
    sought = seek(bench.case, report, sources=False, named_staff=False)
    with sought.ahead([b"short"]) as ahead:
        assert ahead is None
    assert sought.language == "en"


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.sampled_from([*NAMES, PLANTED, "0170 7610101", "lily", "T0L", "\n", ", "])
        | st.text(max_size=8),
        max_size=8,
    ).map("".join)
)
def test_hits_of_a_piece_are_what_the_search_finds(text: str) -> None:
    data = text.encode("utf-8", "replace") + b" " * 1100  # short ones are not kept
    plain, fast = Search(IDENTIFIERS), Search(IDENTIFIERS)
    hits = Search(IDENTIFIERS).hits(data)
    fast.known = {sha256(data).digest(): hits}
    for search in (plain, fast):
        search._begin()
        search._piece(data, "here", raw=True)
        search._end()
    assert told(fast.result) == told(plain.result)
    assert bool(hits) == bool(plain.result.findings)
