"""Decisions, statements, passages, links and corrections: rules by hand."""

from __future__ import annotations

import shutil
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evidence.acquire import Acquired, Request, acquire
from evidence.case import writing
from evidence.casework.account import Account
from evidence.casework.decisions import Decision, decide, endorse, endorsements
from evidence.casework.elements import open_definition
from evidence.casework.interference import Interference, note_interference
from evidence.casework.links import Link, add_link, standing, withdraw_link
from evidence.casework.numbers import DECISION, STATEMENT, numbered
from evidence.casework.ranges import ByteRange, LineRange, read_bytes, read_lines
from evidence.casework.statements import (
    Taking,
    add_statement,
    check_passage,
    find_passage,
    find_version,
    mark_passage,
)
from evidence.casework_errors import (
    CaseworkRefusedError,
    CaseworkUnknownError,
    EndorsementRefusedError,
    PassageChangedError,
)
from evidence.corrections.notices import owed, write_notices
from evidence.corrections.rectifying import Correction, rectify
from evidence.errors import ExhibitUnknownError
from evidence.methods import take_files
from evidence.overview import overview
from evidence.vault_errors import LockedError
from manifests.canonical import Json
from manifests.entries import EntryType
from manifests.errors import CustodyError
from tests.builders import Bench, new_bench
from tests.casefiles import entry
from tests.safe import Safe, new_safe

TEXT = b"one\ntwo \xd1\x8f\n\nfour without end"


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return new_bench(tmp_path / "case")


def document(bench: Bench, folder: Path, text: bytes = TEXT) -> Acquired:
    file = folder / f"statement-{sha256(text).hexdigest()[:8]}.txt"
    file.write_bytes(text)
    with writing(bench.case, bench.identity, bench.signer) as writer:
        return acquire(writer, Request("document", (file,)), take_files)


def person(bench: Bench, number: str = "PE-0001") -> None:
    facts: dict[str, Json] = {"kind": "person", "number": number}
    with writing(bench.case, bench.identity, bench.signer) as writer:
        writer.record(EntryType.ANNOTATE, facts=facts, private={"name": "X"})


def test_numbers_out_of_turn_are_named_and_not_used() -> None:
    def made(seq: int, kind: str, number: Json, **more: Json) -> Any:
        facts: dict[str, Json] = {"kind": kind, "number": number, **more}
        return entry(seq, facts, exhibits=("EX-0001",))

    known = numbered(
        [
            made(0, "decision", "DE-0002"),
            made(1, "decision", "DE-0001"),
            made(2, "decision", "DE-0001"),
            made(3, "decision", 2),
            made(4, "decision", "DE-0002"),
        ],
        DECISION,
    )
    assert {n: [e.seq for e in v] for n, v in known.found.items()} == {
        "DE-0001": [1],
        "DE-0002": [4],
    }
    assert known.odd == [0, 2, 3] and known.following == "DE-0003"
    said = numbered(
        [
            made(0, "statement", "ST-0001", version=1),
            made(1, "statement", "ST-0001", version=3),
            made(2, "statement", "ST-0001", version=2),
            made(3, "statement", "ST-0003", version=1),
        ],
        STATEMENT,
    )
    assert [e.seq for e in said.found["ST-0001"]] == [0, 2]
    assert said.odd == [1, 3]


def test_nobody_countersigns_their_own_decision(bench: Bench) -> None:
    with writing(bench.case, bench.identity, bench.signer) as writer:
        made = decide(writer, Decision("arrest", "d", "because"))
        assert made.facts["number"] == "DE-0001"
        with pytest.raises(EndorsementRefusedError, match="your own"):
            endorse(writer, "de-0001", answer="agrees")
        with pytest.raises(CaseworkUnknownError):
            endorse(writer, "DE-0002", answer="agrees")
        for bad in (
            Decision("arrest", "d", "  "),
            Decision("hacking", "d", "because"),
            Decision("arrest", "d", "x" * 100_001),
        ):
            with pytest.raises(CaseworkRefusedError):
                decide(writer, bad)
        with pytest.raises(ExhibitUnknownError):
            decide(writer, Decision("arrest", "", "r", exhibits=("EX-0001",)))


def test_an_answer_counts_for_the_very_line_it_names() -> None:
    made = entry(3, {"kind": "decision", "number": "DE-0001"})
    right: dict[str, Json] = {
        "kind": "decision_endorsed",
        "seq": 3,
        "entry": made.leaf.hex(),
    }
    answers = [
        entry(4, right),
        entry(5, {**right, "entry": "0" * 64}),
        entry(6, {**right, "seq": 4}),
    ]
    found = endorsements([made, *answers])
    assert {seq: [a.seq for a in held] for seq, held in found.items()} == {3: [4]}


def test_interference_names_what_is_there(bench: Bench) -> None:
    with writing(bench.case, bench.identity, bench.signer) as writer:
        day = "2026-01-01"
        for item, error in (
            (Interference("threat", day, Account()), CaseworkRefusedError),
            (
                Interference("threat", "yesterday", Account(fact="f")),
                CaseworkRefusedError,
            ),
            (
                Interference("threat", "2026-01-01T25:00Z", Account(fact="f")),
                CaseworkRefusedError,
            ),
            (
                Interference("threat", day, Account(people=("PE-0001",), fact="f")),
                CaseworkUnknownError,
            ),
            (
                Interference("threat", day, Account(statements=("ST-1",), fact="f")),
                CaseworkUnknownError,
            ),
        ):
            with pytest.raises(error):
                note_interference(writer, item)
        made = note_interference(writer, Interference("bribe", day, Account(fact="f")))
    # Neither time, person nor text is public.
    assert made.facts == {
        "interference": "bribe",
        "kind": "interference",
        "number": "IN-0001",
    }


def test_versions_belong_to_one_person_and_are_not_judged(
    bench: Bench, tmp_path: Path
) -> None:
    person(bench)
    person(bench, "PE-0002")
    first = document(bench, tmp_path).exhibit
    second = document(bench, tmp_path, b"another\n").exhibit
    taking = Taking("PE-0001", "Officer", "az", "Interpreter")
    with writing(bench.case, bench.identity, bench.signer) as writer:
        made = add_statement(writer, first, taking)
        assert made.facts == {"kind": "statement", "number": "ST-0001", "version": 1}
        for exhibit, wrong, error in (
            (first, taking, CaseworkRefusedError),
            (second, Taking("PE-0003", "O", "az"), CaseworkUnknownError),
            (second, Taking("PE-0001", "", "az"), CaseworkRefusedError),
            (second, Taking("PE-0001", "O", "Azeri!"), CaseworkRefusedError),
            (second, Taking("PE-0002", "O", "az", of="ST-0001"), CaseworkRefusedError),
            (second, Taking("PE-0001", "O", "az", of="ST-0002"), CaseworkUnknownError),
            ("EX-0009", taking, ExhibitUnknownError),
        ):
            with pytest.raises(error):
                add_statement(writer, exhibit, wrong)
        later = add_statement(
            writer, second, Taking("PE-0001", "O", "az", of="ST-0001")
        )
    assert later.facts["version"] == 2
    known = numbered(bench.case.entries(), STATEMENT)
    assert find_version(known, "st-0001").exhibits == (second,)
    assert find_version(known, "ST-0001/1").exhibits == (first,)
    for wrong_version in ("ST-0001/3", "ST-0001/0", "ST-0001/x", "ST-0009"):
        with pytest.raises(CaseworkUnknownError):
            find_version(known, wrong_version)


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Bench:
    folder = tmp_path_factory.mktemp("told")
    made = new_bench(folder / "case")
    person(made)
    exhibit = document(made, folder).exhibit
    with writing(made.case, made.identity, made.signer) as writer:
        add_statement(writer, exhibit, Taking("PE-0001", "Officer", "az"))
    return made


@settings(max_examples=12, deadline=None)
@given(st.integers(0, len(TEXT) - 1), st.integers(1, len(TEXT)))
def test_a_range_of_bytes_is_a_slice(told: Bench, start: int, length: int) -> None:
    end = min(start + length, len(TEXT))
    with writing(told.case, told.identity, told.signer) as writer:
        made = mark_passage(writer, "ST-0001", ByteRange(start, end))
    assert made.span.sha256 == sha256(TEXT[start:end]).hexdigest()
    assert (made.span.start, made.span.end) == (start, end)
    assert "sha256" not in made.entry.facts  # short passages could be guessed


@pytest.mark.parametrize(
    ("first", "last", "start", "end"),
    [(1, 1, 0, 4), (2, 2, 4, 11), (1, 3, 0, 12), (3, 3, 11, 12), (4, 4, 12, len(TEXT))],
)
def test_lines_are_counted_by_line_feeds(
    told: Bench, first: int, last: int, start: int, end: int
) -> None:
    with writing(told.case, told.identity, told.signer) as writer:
        made = mark_passage(writer, "ST-0001", LineRange(first, last))
    assert (made.span.start, made.span.end) == (start, end)
    assert made.span.sha256 == sha256(TEXT[start:end]).hexdigest()


def test_a_range_beyond_the_end_is_refused(told: Bench) -> None:
    count = sum(1 for _ in told.case.entries())
    with writing(told.case, told.identity, told.signer) as writer:
        for where in (
            LineRange(4, 5),
            LineRange(9, 9),
            ByteRange(0, len(TEXT) + 1),
            ByteRange(999, 1000),
        ):
            with pytest.raises(CaseworkRefusedError):
                mark_passage(writer, "ST-0001", where)
    for text in ("0-1", "3-2", "x", "1-", "-1", "1" * 40, "٣"):
        with pytest.raises(CaseworkRefusedError):
            read_lines(text)
    for text in ("5", "3-3", "4-3", ""):
        with pytest.raises(CaseworkRefusedError):
            read_bytes(text)
    assert sum(1 for _ in told.case.entries()) == count


def test_a_changed_document_gives_no_passage(bench: Bench, tmp_path: Path) -> None:
    person(bench)
    exhibit = document(bench, tmp_path).exhibit
    with writing(bench.case, bench.identity, bench.signer) as writer:
        add_statement(writer, exhibit, Taking("PE-0001", "Officer", "az"))
        mark_passage(writer, "ST-0001", LineRange(1, 1))
    entries = list(bench.case.entries())
    marked = find_passage(entries, "ST-0001#p1")
    assert check_passage(bench.case, entries, marked).reference == "ST-0001#p1"
    payload = bench.case.exhibit_folder(exhibit) / "payload"
    payload.chmod(0o600)
    payload.write_bytes(TEXT.replace(b"four", b"five"))
    with pytest.raises(PassageChangedError):
        check_passage(bench.case, entries, marked)
    with (
        writing(bench.case, bench.identity, bench.signer) as writer,
        pytest.raises(PassageChangedError),
    ):
        mark_passage(writer, "ST-0001", LineRange(1, 1))


LONG = b"".join(b"line %06d \xd1\x8f\n" % n for n in range(9000))  # three age chunks
EDGE = 64 << 10


@pytest.fixture(scope="module")
def locked(tmp_path_factory: pytest.TempPathFactory) -> Safe:
    """An encrypted case with a statement of three chunks."""
    folder = tmp_path_factory.mktemp("locked")
    safe = new_safe(folder / "case")
    person(safe.bench)
    exhibit = document(safe.bench, folder, LONG).exhibit
    with writing(safe.opened(), safe.bench.identity, safe.bench.signer) as writer:
        add_statement(writer, exhibit, Taking("PE-0001", "Officer", "az"))
    return safe


@pytest.mark.parametrize(
    "where",
    [
        ByteRange(0, 1),
        ByteRange(EDGE - 1, EDGE + 1),
        ByteRange(EDGE, 2 * EDGE),
        ByteRange(len(LONG) - 1, len(LONG)),
        LineRange(1, 1),
        LineRange(3450, 3900),  # over the edge of a chunk
        LineRange(9000, 9000),
    ],
)
def test_ranges_of_an_encrypted_statement_are_those_of_its_text(
    locked: Safe, where: ByteRange | LineRange
) -> None:
    safe = locked
    lines = LONG.splitlines(keepends=True)
    if isinstance(where, ByteRange):
        expected = LONG[where.start : where.end]
    else:
        expected = b"".join(lines[where.first - 1 : where.last])
    case = safe.opened()
    with writing(case, safe.bench.identity, safe.bench.signer) as writer:
        made = mark_passage(writer, "ST-0001", where)
    assert made.span.sha256 == sha256(expected).hexdigest()
    assert made.span.end - made.span.start == len(expected)
    # Neither the place nor a digest of a short text is in any public fact.
    assert made.span.sha256 not in made.entry.line.decode()
    assert str(made.span.sha256).encode() not in b"".join(
        path.read_bytes() for path in (safe.path / "private").iterdir()
    )
    for own in (case, safe.opened(safe.recovery)):
        passage = check_passage(own, list(case.entries()), made.entry)
        assert passage.span.sha256 == made.span.sha256
    with pytest.raises(LockedError):
        check_passage(safe.bench.case, list(case.entries()), made.entry)


def test_a_range_beyond_an_encrypted_statement_is_refused(locked: Safe) -> None:
    safe = locked
    with writing(safe.opened(), safe.bench.identity, safe.bench.signer) as writer:
        for where in (ByteRange(0, len(LONG) + 1), LineRange(9000, 9001)):
            with pytest.raises(CaseworkRefusedError):
                mark_passage(writer, "ST-0001", where)


def test_an_altered_ciphertext_gives_no_passage(locked: Safe, tmp_path: Path) -> None:
    shutil.copytree(locked.path, tmp_path / "case")
    safe = locked.at(tmp_path / "case")
    payload = safe.path / "exhibits/EX-0001/payload.age"
    data = bytearray(payload.read_bytes())
    data[-20] ^= 1  # in the last chunk; the passage is in the first
    payload.chmod(0o600)
    payload.write_bytes(data)
    with (
        writing(safe.opened(), safe.bench.identity, safe.bench.signer) as writer,
        pytest.raises(CustodyError),
    ):
        mark_passage(writer, "ST-0001", ByteRange(0, 4))


def test_links_name_what_is_there_and_tell_nothing(
    bench: Bench, tmp_path: Path
) -> None:
    document(bench, tmp_path)
    palermo = open_definition("palermo-3")
    with writing(bench.case, bench.identity, bench.signer) as writer:
        for item, passage in (
            ("EX-0009", ""),
            ("EX-0001#2", ""),
            ("EX-0001", "ST-0001#p1"),
            ("IN-0001", ""),
            ("PE-0001", ""),
        ):
            with pytest.raises(CustodyError) as caught:
                add_link(writer, Link(item, passage, "act", "", "supports"), palermo)
            assert caught.value.code.endswith(("UNKNOWN", "REFUSED"))
        for wrong in (
            Link("EX-0001", "", "motive", "", "supports"),
            Link("EX-0001", "", "act", "deception", "supports"),
            Link("EX-0001", "", "act", "", "proves"),
            Link("EX-0001", "", "act", "", "supports", ("guilt",)),
        ):
            with pytest.raises(CaseworkRefusedError):
                add_link(writer, wrong, palermo)
        made = add_link(
            writer, Link("EX-0001#1", "", "means", "deception", "contradicts"), palermo
        )
        assert made.facts == {"kind": "link"}
        with pytest.raises(CaseworkRefusedError):
            withdraw_link(writer, made.seq, reason=" ")
        withdraw_link(writer, made.seq, reason="the wrong message")
        with pytest.raises(CaseworkUnknownError):
            withdraw_link(writer, made.seq, reason="again")
    assert standing(bench.case.entries()) == []


def test_a_correction_keeps_facts_and_assessments_apart(
    bench: Bench, tmp_path: Path
) -> None:
    document(bench, tmp_path)
    with writing(bench.case, bench.identity, bench.signer) as writer:
        seqs = {}
        for kind in ("fact", "assessment"):
            seqs[kind] = writer.record(
                EntryType.ANNOTATE,
                facts={"kind": kind},
                private={"text": f"the {kind}"},
                exhibits=("EX-0001",),
            ).seq
        with pytest.raises(CaseworkRefusedError, match="by a fact"):
            rectify(writer, Correction("x", of=seqs["fact"], typed="assessment"))
        with pytest.raises(CaseworkUnknownError):
            rectify(writer, Correction("x", of=99))
        with pytest.raises(CaseworkRefusedError):
            rectify(writer, Correction("x", "EX-0002", of=seqs["fact"]))
        with pytest.raises(ExhibitUnknownError):
            rectify(writer, Correction("x", "EX-0002"))
        made = rectify(writer, Correction("corrected", of=seqs["assessment"]))
        again = rectify(writer, Correction("corrected again", of=made.seq))
    assert made.facts["typed"] == again.facts["typed"] == "assessment"
    view, _ = overview(bench.case)
    kinds = [(note.kind, note.text, note.corrects) for note in view.notes]
    assert kinds == [
        ("fact", "the fact", None),
        ("assessment", "the assessment", None),
        ("assessment", "corrected", seqs["assessment"]),
        ("assessment", "corrected again", made.seq),
    ]


def test_every_earlier_recipient_is_told_once(bench: Bench, tmp_path: Path) -> None:
    document(bench, tmp_path)
    document(bench, tmp_path, b"other\n")
    sent: list[tuple[EntryType, dict[str, Json], dict[str, Json], str]] = [
        (EntryType.DISCLOSE, {}, {"recipient": "Office A"}, "EX-0001"),
        (EntryType.TRANSFER_OUT, {"recipient": "ORG-2"}, {}, "EX-0001"),
        (EntryType.TRANSMIT, {}, {}, "EX-0001"),  # does not say to whom
        (EntryType.DISCLOSE, {}, {"recipient": {"name": "Office A"}}, "EX-0001"),
        (EntryType.DISCLOSE, {}, {"recipient": "Office B"}, "EX-0002"),
        (EntryType.TRANSMIT, {}, {}, "EX-0001"),
    ]
    with writing(bench.case, bench.identity, bench.signer) as writer:
        numbers = [
            writer.record(kind, facts=facts, private=private, exhibits=(exhibit,)).seq
            for kind, facts, private, exhibit in sent
        ]
        made = rectify(writer, Correction("The phone is another one.", "EX-0001"))
        writer.record(
            EntryType.DISCLOSE,
            facts={},
            private={"recipient": "Office C"},
            exhibits=("EX-0001",),
        )
        waiting = owed(bench.case, bench.case.entries())
        assert [(o.recipient, o.sent, o.told) for o in waiting] == [
            ("Office A", (numbers[0], numbers[3]), None),
            ("ORG-2", (numbers[1],), None),
            ("", (numbers[2],), None),
            ("", (numbers[5],), None),
        ]
        notices = write_notices(writer, made.seq, tmp_path)
        assert len(notices) == 4
        assert write_notices(writer, made.seq, tmp_path) == []
        with pytest.raises(CaseworkUnknownError):
            write_notices(writer, made.seq + 1, tmp_path)
    assert all(o.told is not None for o in owed(bench.case, bench.case.entries()))
    text = notices[0].path.read_text("utf-8")
    assert "To: Office A" in text and "The phone is another one." in text
    assert sha256(notices[0].path.read_bytes()).hexdigest() == notices[0].sha256
    assert "Office" not in "".join(n.path.name for n in notices)
    told = [e for e in bench.case.entries() if e.type == EntryType.CORRECTION_NOTICE]
    assert all("Office" not in repr(e.facts) for e in told)
