"""Lists for others' programs, read back by others' programs; any name, any number."""

from __future__ import annotations

import csv
import errno
import hashlib
import io
import tempfile
import tracemalloc
import uuid
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

import lxml.etree
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evidence.case import Case, Settings
from evidence.errors import OutputExistsError, ProofImpossibleError
from evidence.interchange import tables
from evidence.interchange.caseuco import case_uco
from evidence.interchange.caseuco_terms import uuid5
from evidence.interchange.dfxml import NAMESPACE, dfxml
from evidence.interchange.hashdeep import hashdeep
from evidence.interchange.putting import put
from evidence.interchange.source import Source
from evidence.people_errors import IdentifierFoundError
from evidence.visible import visible
from manifests.canonical import Json
from manifests.errors import StorageFailedError
from tests.interchange import ORIGIN, acquired, entry, inventory, many, source

# The order in which the DFXML schema (dfxml.xsd 1.2.0) has the children of fileobject.
ORDER = (
    "filename", "partition", "id", "name_type", "filesize", "alloc", "inode", "mode",
    "nlink", "uid", "gid", "mtime", "ctime", "atime", "crtime", "link_target",
    "byte_runs", "hashdigest",
)  # fmt: skip
HOSTILE = (
    "=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r\n=1", " =1", "＝1", "|x", "%x",
    'quo"te', "comma, semi;", "line\nbreak", "\x00\x1b[31m", "\u202egpj.exe",
    "n" * 255, "]]>", "<a>&amp;", "\ufffe", "\U0001f600", "'", "",
)  # fmt: skip
name = st.one_of(st.sampled_from(HOSTILE), st.text(max_size=40))
record = st.fixed_dictionaries(
    {"kind": st.sampled_from(["file", "entry", "member", "message"]), "path": name},
    optional={
        "bytes": st.integers(-5, 2**53 - 1),
        "sha256": st.one_of(name, st.just("ab" * 32)),
        "type": name, "name_type": name, "mode": name, "mtime": name, "inode": name,
        "partition": st.integers(-1, 9), "target": name, "outcome": name,
        "reason": name, "deleted": st.booleans(), "allocated": st.booleans(),
        "times": st.dictionaries(st.sampled_from(["modified", "born"]), name),
        "payload": st.dictionaries(
            st.sampled_from(["offset", "length"]), st.integers(-1, 9)
        ),
    },
)  # fmt: skip


def is_formula(text: str) -> bool:
    """What spreadsheets take for a formula, OWASP's list (CSV Injection)."""
    return text.lstrip(" ")[:1] in set("=+-@\t\r＝＋－＠")


def written(
    records: Iterable[Mapping[str, Json]], make: Callable[..., Iterable[bytes]]
) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        case, expected = inventory(Path(folder), records)
        return b"".join(make(case, expected))


@settings(max_examples=60, deadline=None)
@given(st.lists(record, max_size=6))
def test_any_inventory_is_csv_that_the_csv_module_reads_and_nothing_computes(
    records: list[dict[str, Json]],
) -> None:
    data = written(
        records, lambda case, one: tables.inventory_table(case, [one], named=True)
    )
    assert data.count(b"\r\n") == len(records) + 1 == data.count(b"\n")
    rows = list(csv.reader(io.StringIO(data.decode(), newline=""), strict=True))
    assert [len(row) for row in rows] == [15] * (len(records) + 1)
    for told, row in zip(records, rows[1:], strict=True):
        assert not any(is_formula(cell) for cell in row)
        shown = row[rows[0].index("path")]
        assert shown.removeprefix("'") == visible(str(told["path"])).removeprefix("'")


@settings(max_examples=60, deadline=None)
@given(st.lists(record, max_size=6))
def test_any_inventory_is_xml_in_the_order_of_the_schema(
    records: list[dict[str, Json]],
) -> None:
    empty = source([])
    data = written(records, lambda case, one: dfxml(empty, case, [one], named=True))
    tree = lxml.etree.fromstring(data)
    found = tree.findall(f"{{{NAMESPACE}}}fileobject")
    wanted = [one for one in records if one["kind"] != "message"]
    assert len(found) == len(wanted)
    for told, element in zip(wanted, found, strict=True):
        names = [lxml.etree.QName(child).localname for child in element]
        places = [ORDER.index(child) for child in names]
        assert places == sorted(set(places))
        if told["path"]:
            assert element.findtext(f"{{{NAMESPACE}}}filename") == visible(
                str(told["path"])
            )
        for child in ("filesize", "inode", "mode", "partition"):
            value = element.findtext(f"{{{NAMESPACE}}}{child}")
            assert value is None or (value.isascii() and value.isdigit())
        letter = element.findtext(f"{{{NAMESPACE}}}name_type")
        assert letter in set("-pcdbrlshwv")


def test_without_names_no_name_is_in_a_list() -> None:
    records = [{"kind": "file", "path": "Aysel.txt", "reason": "Aysel", "type": "file"}]
    told = written(
        records, lambda case, one: tables.inventory_table(case, [one], named=False)
    )
    told += written(records, lambda case, one: dfxml(source([]), case, [one]))
    assert b"Aysel" not in told and b"EX-0001/0000000001" in told


def test_an_inventory_that_was_altered_gives_no_list(tmp_path: Path) -> None:
    case, expected = inventory(tmp_path, [{"kind": "file", "path": "a"}])
    path = tmp_path / "exhibits/EX-0001/inventory.jsonl"
    path.write_bytes(path.read_bytes().replace(b'"path":"a"', b'"path":"b"'))
    with pytest.raises(ProofImpossibleError, match="not the recorded one"):
        list(tables.inventory_table(case, [expected], named=True))


@given(st.binary(min_size=16, max_size=16), st.text(max_size=30))
def test_uuids_are_those_of_the_standard_library(space: bytes, text: str) -> None:
    text = text.encode("utf-8", "replace").decode()
    assert uuid5(space, text) == str(uuid.uuid5(uuid.UUID(bytes=space), text))


def test_a_hundred_thousand_rows_take_no_more_memory_than_a_few() -> None:
    case = Case(Path("nowhere"), Settings(ORIGIN, "police"))
    makes: list[Callable[[Source], Iterable[bytes]]] = [case_uco, hashdeep]
    makes.append(lambda source: dfxml(source, case))
    for make in makes:
        peaks = []
        for count in (100, 600):
            tracemalloc.start()
            assert sum(len(piece) for piece in make(many(count))) > 100 * count
            peaks.append(tracemalloc.get_traced_memory()[1])
            tracemalloc.stop()
        # What names exhibits may grow: 500 bytes an entry are 50 MB at 100,000.
        assert peaks[1] - peaks[0] < 250_000, (make, peaks)


def test_a_table_comes_in_pieces_of_a_thousand_rows() -> None:
    pieces = [len(piece) for piece in tables.custody_table(many(5000))]
    assert len(pieces) == 6 and max(pieces) < 500_000


def _full(number: int) -> Iterable[bytes]:
    yield b"x" * 100
    raise OSError(number, "trouble")


def test_a_full_disk_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(StorageFailedError):
        put(tmp_path / "list", _full(errno.ENOSPC), lambda _path, _digest: None)
    assert list(tmp_path.iterdir()) == []


def test_what_came_to_be_there_meanwhile_stays(tmp_path: Path) -> None:
    target = tmp_path / "list"

    def check(part: Path, digest: str) -> None:
        assert hashlib.sha256(part.read_bytes()).hexdigest() == digest
        target.write_bytes(b"somebody else's")

    with pytest.raises(OutputExistsError):
        put(target, [b"a", b"b"], check)
    assert target.read_bytes() == b"somebody else's"
    assert list(tmp_path.iterdir()) == [target]


def test_what_does_not_pass_gets_no_name(tmp_path: Path) -> None:
    def check(_part: Path, _digest: str) -> None:
        raise IdentifierFoundError(count=1, what="it", where="here")

    with pytest.raises(IdentifierFoundError):
        put(tmp_path / "list", [b"a"], check)
    assert list(tmp_path.iterdir()) == []


def test_a_key_that_can_decrypt_is_no_recipient() -> None:
    """An encrypted exhibit calls its age key as a hand-over calls its party."""
    key = f"age1{'q' * 58}"
    told = source(
        [acquired(1, recipient=key), entry(2, "disclose", {"recipient": "A1"})]
    )
    text = b"".join(tables.custody_table(told)).decode()
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [row["recipient"] for row in rows] == ["", "A1"]
    graph = b"".join(case_uco(told)).decode()
    assert "age1" not in graph
    assert '"A1"' in graph
