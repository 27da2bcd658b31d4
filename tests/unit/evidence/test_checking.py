"""Every single fault in a case is found, on its axis, with its own reason code."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from evidence.case import open_case, writing
from evidence.checking import Checked, check_case
from evidence.keyfile import new_signer
from manifests.canonical import Json
from manifests.entries import Act, Clock, EntryType, write_entry
from manifests.errors import BrokenManifestError, MalformedError, NewerFormatError
from manifests.verifying.judge import Anchors
from manifests.verifying.verdict import Axis, Status
from tests.builders import Bench, codes, new_bench
from tests.few import few

ENTRIES = "manifest/entries.jsonl"
CLOCK = Clock("2026-01-01T00:00:00.000000Z", 0, "unknown", None)


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Bench:
    folder = tmp_path_factory.mktemp("original")
    tree = folder / "tree"
    (tree / "inner").mkdir(parents=True)
    (tree / "first.txt").write_bytes(b"first" * 300)
    (tree / "inner" / "second.txt").write_bytes(b"second" * 300)
    single = folder / "single.bin"
    single.write_bytes(bytes(range(256)) * 8)
    bench = new_bench(folder / "case")
    bench.acquire(single)
    bench.acquire(tree)
    bench.acquire(single)
    return bench


@pytest.fixture
def case(original: Bench, tmp_path: Path) -> Path:
    return Path(shutil.copytree(original.case.path, tmp_path / "case"))


def check(path: Path, **outside: bytes) -> Checked:
    return check_case(
        open_case(path),
        anchors=Anchors(),
        outside=tuple((name, data) for name, data in outside.items()),
    )


def failing(checked: Checked) -> set[Axis]:
    axes = checked.verdict.axes
    return {axis for axis in Axis if axes[axis].status is Status.FAIL}


def flip(path: Path, offset: int, bit: int = 0) -> None:
    path.chmod(0o600)
    data = bytearray(path.read_bytes())
    data[offset] ^= 1 << bit
    path.write_bytes(bytes(data))


def lines(case: Path) -> list[bytes]:
    return (case / ENTRIES).read_bytes().splitlines(keepends=True)


def write_lines(case: Path, kept: list[bytes]) -> None:
    (case / ENTRIES).write_bytes(b"".join(kept))


def test_a_good_case_passes_and_is_not_touched(case: Path) -> None:
    before = _snapshot(case)
    checked = check(case)
    assert failing(checked) == set()
    assert checked.verdict.findings == ()
    assert checked.verdict.counts["matched"] == 3
    assert checked.verdict.axes[Axis.TRUSTED].status is Status.NOT_CHECKED
    assert checked.verdict.axes[Axis.TIMESTAMPED].status is Status.NOT_CHECKED
    assert _snapshot(case) == before


def _snapshot(case: Path) -> list[tuple[str, int, int]]:
    return [
        (str(p), p.lstat().st_mtime_ns, p.lstat().st_size)
        for p in sorted([case, *case.rglob("*")])
    ]


@pytest.mark.parametrize("offset", [0, 1000, 2047])
@pytest.mark.parametrize("bit", [0, 7])
def test_a_flipped_bit_in_a_payload(case: Path, offset: int, bit: int) -> None:
    flip(case / "exhibits/EX-0001/payload", offset, bit)
    checked = check(case)
    assert failing(checked) == {Axis.INTACT}
    assert codes(checked.verdict) == {"PAYLOAD_MODIFIED"}
    assert checked.verdict.exit_code() == 10


def test_a_flipped_bit_in_a_packed_file_names_the_file(case: Path) -> None:
    payload = case / "exhibits/EX-0002/payload.tar"
    flip(payload, payload.read_bytes().index(b"secondsecond"))
    checked = check(case)
    assert failing(checked) == {Axis.INTACT}
    assert codes(checked.verdict) == {"PAYLOAD_MODIFIED", "MEMBER_MODIFIED"}
    named = [f.text for f in checked.verdict.findings if f.code == "MEMBER_MODIFIED"]
    assert len(named) == 1
    assert "second.txt" in named[0]


def test_damage_outside_any_packed_file(case: Path) -> None:
    payload = case / "exhibits/EX-0002/payload.tar"
    flip(payload, payload.stat().st_size - 1)
    named = [
        f.text for f in check(case).verdict.findings if f.code == "MEMBER_MODIFIED"
    ]
    assert len(named) == 1
    assert "no member" in named[0]


def test_a_shortened_payload(case: Path) -> None:
    payload = case / "exhibits/EX-0002/payload.tar"
    payload.chmod(0o600)
    os.truncate(payload, 1000)
    assert "PAYLOAD_MODIFIED" in codes(check(case).verdict)


@pytest.mark.parametrize("place", [0, 0.5, 1])
def test_a_flipped_bit_in_an_inventory(case: Path, place: float) -> None:
    inventory = case / "exhibits/EX-0002/inventory.jsonl"
    flip(inventory, int(place * (inventory.stat().st_size - 1)))
    checked = check(case)
    assert failing(checked) == {Axis.INTACT}
    assert codes(checked.verdict) == {"INVENTORY_MODIFIED"}


def test_an_inventory_line_cut(case: Path) -> None:
    inventory = case / "exhibits/EX-0002/inventory.jsonl"
    inventory.chmod(0o600)
    inventory.write_bytes(b"".join(inventory.read_bytes().splitlines(True)[:-1]))
    assert codes(check(case).verdict) == {"INVENTORY_MODIFIED"}


def test_a_flipped_bit_in_a_sealed_record(case: Path) -> None:
    flip(case / "private/0000000002.json", 30)
    checked = check(case)
    assert failing(checked) == {Axis.INTACT}
    assert codes(checked.verdict) == {"PRIVATE_MODIFIED"}


def test_an_altered_entry(case: Path) -> None:
    """A body changed with everything else left: signature, chain and root say so."""
    kept = lines(case)
    kept[1] = kept[1].replace(b'"category":"content"', b'"category":"traffic"')
    write_lines(case, kept)
    checked = check(case)
    assert failing(checked) == {Axis.SIGNED, Axis.CONSISTENT}
    assert {"SIGNATURE_WRONG", "CHAIN_BROKEN", "CHECKPOINT_ROOT"} == codes(
        checked.verdict
    )


def test_an_altered_signature(case: Path) -> None:
    kept = lines(case)
    at = kept[3].rindex(b'"sig":"') + len(b'"sig":"')
    other = b"B" if kept[3][at : at + 1] != b"B" else b"C"
    kept[3] = kept[3][:at] + other + kept[3][at + 1 :]
    write_lines(case, kept)
    checked = check(case)
    assert {"SIGNATURE_WRONG", "CHECKPOINT_ROOT"} == codes(checked.verdict)


@pytest.mark.parametrize("bit", few(range(8)))
def test_any_flipped_bit_in_an_entry_is_found(case: Path, bit: int) -> None:
    path = case / ENTRIES
    size = path.stat().st_size
    for offset in range(bit, size, size // 25):
        original = path.read_bytes()
        flip(path, offset, bit)
        assert failing(check(case)) & {Axis.CONSISTENT, Axis.SIGNED}, offset
        path.write_bytes(original)


def test_a_line_that_is_no_entry(case: Path) -> None:
    kept = lines(case)
    kept[2] = b"not an entry\n"
    write_lines(case, kept)
    assert "ENTRY_MALFORMED" in codes(check(case).verdict)


@pytest.mark.parametrize("number", [0, 1, 2])
def test_a_line_cut_out(case: Path, number: int) -> None:
    kept = lines(case)
    del kept[number]
    write_lines(case, kept)
    checked = check(case)
    assert Axis.CONSISTENT in failing(checked)
    missing = [f.subject for f in checked.verdict.findings if f.code == "ENTRY_MISSING"]
    assert missing == [f"entry {number}"]


def test_the_last_line_cut_off(case: Path) -> None:
    write_lines(case, lines(case)[:-1])
    checked = check(case)
    assert "CHECKPOINT_BEYOND" in codes(checked.verdict)
    assert "UNLISTED" in codes(checked.verdict)  # the exhibit nobody names any more


def test_the_end_cut_off_with_everything_that_names_it(case: Path) -> None:
    """Only a checkpoint kept outside can tell; the verdict says what it cannot."""
    newest = max((case / "manifest/checkpoints").iterdir())
    kept_outside = newest.read_bytes()
    newest.unlink()
    write_lines(case, lines(case)[:-1])
    shutil.rmtree(case / "exhibits/EX-0003")
    (case / "private/0000000003.json").unlink()
    alone = check(case)
    assert failing(alone) == set()
    assert any("outside the case" in line for line in alone.verdict.not_established)
    checked = check(case, paper=kept_outside)
    assert codes(checked.verdict) == {"ROLLBACK"}
    assert checked.verdict.exit_code() == 12


def test_a_rewritten_history_against_an_outside_checkpoint(
    case: Path, tmp_path: Path
) -> None:
    kept_outside = max((case / "manifest/checkpoints").iterdir()).read_bytes()
    other = new_bench(tmp_path / "other")
    text = kept_outside.decode("utf-8")
    origin = text.split("\n", maxsplit=1)[0]
    assert codes(check(other.case.path, paper=kept_outside).verdict) == {
        "CHECKPOINT_FOREIGN"
    }
    del origin


def test_a_line_doubled(case: Path) -> None:
    kept = lines(case)
    write_lines(case, [*kept[:2], kept[1], *kept[2:]])
    assert "ENTRY_DOUBLED" in codes(check(case).verdict)


def test_two_lines_swapped(case: Path) -> None:
    kept = lines(case)
    write_lines(case, [kept[0], kept[2], kept[1], kept[3]])
    found = codes(check(case).verdict)
    assert "ENTRY_SWAPPED" in found
    assert "ENTRY_MISSING" not in found
    assert "ENTRY_DOUBLED" not in found


def test_an_incomplete_last_line_is_a_remark(case: Path) -> None:
    with (case / ENTRIES).open("ab") as stream:
        stream.write(b'{"body":{"actor":"')
    checked = check(case)
    assert failing(checked) == set()
    assert codes(checked.verdict, failing=False) == {"ENTRY_TORN"}


def _forge(case: Path, **changes: object) -> bytes:
    """Return a line signed by a stranger's key at the end of the chain."""
    kept = lines(case)
    origin = json.loads(kept[0])["body"]["log"]
    leaf = hashlib.sha256(b"\x00" + kept[-1][:-1]).hexdigest()
    place = {"origin": origin, "seq": len(kept), "prev": leaf, **changes}
    act = Act(EntryType.ANNOTATE, "examiner", {"kind": "fact"}, ("EX-0001",))
    line = write_entry(act, CLOCK, signer=new_signer(), **place)  # type: ignore[arg-type]
    return line + b"\n"


def test_an_entry_by_a_stranger(case: Path) -> None:
    write_lines(case, [*lines(case), _forge(case)])
    checked = check(case)
    assert failing(checked) == {Axis.SIGNED}
    assert codes(checked.verdict) == {"SIGNER_UNKNOWN"}
    assert checked.verdict.exit_code() == 20


def test_an_entry_of_another_case(case: Path) -> None:
    line = _forge(case, origin="case.custody.invalid/other")
    write_lines(case, [*lines(case), line])
    assert "ENTRY_FOREIGN" in codes(check(case).verdict)


def test_an_absurd_number_costs_nothing(case: Path) -> None:
    write_lines(case, [*lines(case), _forge(case, seq=2**53 - 1)])
    missing = [f for f in check(case).verdict.findings if f.code == "ENTRY_MISSING"]
    assert [f.subject for f in missing] == [f"entry 4 to {2**53 - 2}"]


def test_a_newer_format_is_not_judged(case: Path) -> None:
    kept = lines(case)
    kept[-1] = kept[-1].replace(b'"v":1}', b'"v":2}')
    write_lines(case, kept)
    with pytest.raises(NewerFormatError) as caught:
        check(case)
    assert caught.value.exit_code == 32


CHECKPOINT = "manifest/checkpoints/0000000003.note"


def _edit_note(case: Path, line: int, change: Callable[[str], str]) -> None:
    path = case / CHECKPOINT
    text = path.read_text("utf-8").split("\n")
    text[line] = change(text[line])
    path.write_text("\n".join(text), "utf-8")


@pytest.mark.parametrize(
    ("line", "change", "expected"),
    [
        (0, lambda s: s + "x", {"CHECKPOINT_FOREIGN"}),
        (1, lambda _: "2", {"CHECKPOINT_MISNAMED", "CHECKPOINT_ROOT"}),
        (1, lambda _: "03", {"CHECKPOINT_MALFORMED"}),
        (2, lambda s: "A" + s[1:] if s[0] != "A" else "B" + s[1:], {"CHECKPOINT_ROOT"}),
        (2, lambda _: "!", {"CHECKPOINT_MALFORMED"}),
        (
            4,
            lambda s: s[:-8] + ("AAAA" if s[-8:-4] != "AAAA" else "BBBB") + s[-4:],
            set(),
        ),
    ],
)
def test_an_altered_checkpoint(
    case: Path, line: int, change: Callable[[str], str], expected: set[str]
) -> None:
    _edit_note(case, line, change)
    found = codes(check(case).verdict)
    assert found >= expected
    if "CHECKPOINT_MALFORMED" not in expected and "CHECKPOINT_FOREIGN" not in expected:
        assert "CHECKPOINT_SIGNATURE" in found


def test_a_missing_checkpoint_in_the_middle_hides_nothing(case: Path) -> None:
    (case / CHECKPOINT).unlink()
    assert failing(check(case)) == set()  # the later ones confirm the same entries


def test_no_checkpoint_at_all(case: Path) -> None:
    for path in (case / "manifest/checkpoints").iterdir():
        path.unlink()
    assert codes(check(case).verdict) == {"CHECKPOINT_NONE"}


def test_the_newest_checkpoint_missing_is_a_remark(case: Path) -> None:
    max((case / "manifest/checkpoints").iterdir()).unlink()
    checked = check(case)
    assert failing(checked) == set()
    assert codes(checked.verdict, failing=False) == {"CHECKPOINT_LAGS"}


@pytest.mark.parametrize(
    "name",
    [
        "stray.txt",
        ".hidden",
        "exhibits/EX-0099",
        "exhibits/EX-0001/extra",
        "private/0000000099.json",
        "manifest/extra",
        "manifest/checkpoints/note.txt",
        "identities/stranger.json",
    ],
)
def test_an_extra_file(case: Path, name: str) -> None:
    (case / name).write_bytes(b"x")
    checked = check(case)
    assert failing(checked) == {Axis.COMPLETE}
    assert [(f.code.value, f.subject) for f in checked.verdict.findings] == [
        ("UNLISTED", name)
    ]
    assert checked.verdict.exit_code() == 11


@pytest.mark.parametrize("name", ["staging/EX-0004-abc", "quarantine/leftover"])
def test_what_an_interrupted_act_left_is_a_remark(case: Path, name: str) -> None:
    (case / name).mkdir()
    checked = check(case)
    assert failing(checked) == set()
    assert codes(checked.verdict, failing=False) == {"UNFINISHED"}


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("exhibits/EX-0001/payload", "PAYLOAD_MISSING"),
        ("exhibits/EX-0001/inventory.jsonl", "INVENTORY_MISSING"),
        ("private/0000000001.json", "PRIVATE_MISSING"),
    ],
)
def test_a_missing_file(case: Path, name: str, code: str) -> None:
    (case / name).unlink()
    checked = check(case)
    assert failing(checked) == {Axis.COMPLETE}
    assert codes(checked.verdict) == {code}


def test_a_missing_exhibit_folder(case: Path) -> None:
    shutil.rmtree(case / "exhibits/EX-0001")
    found = codes(check(case).verdict)
    assert found == {"PAYLOAD_MISSING", "INVENTORY_MISSING"}


def test_a_payload_behind_a_link_is_refused(case: Path, tmp_path: Path) -> None:
    payload = case / "exhibits/EX-0001/payload"
    elsewhere = tmp_path / "elsewhere"
    shutil.move(payload, elsewhere)
    payload.symlink_to(elsewhere)  # identical bytes, but not under the case
    checked = check(case)
    assert codes(checked.verdict) == {"UNREADABLE"}
    assert failing(checked) == {Axis.INTACT}


def test_a_payload_replaced_by_a_pipe_does_not_hang(case: Path) -> None:
    payload = case / "exhibits/EX-0001/payload"
    payload.unlink()
    os.mkfifo(payload)
    assert codes(check(case).verdict) == {"UNREADABLE"}


@pytest.mark.parametrize("name", ["private/0000000001.json", "manifest/checkpoints/x"])
def test_a_pipe_elsewhere_does_not_hang(case: Path, name: str) -> None:
    path = case / (name + ".note" if name.endswith("/x") else name)
    path.unlink(missing_ok=True)
    os.mkfifo(path)
    assert failing(check(case))


def test_a_case_signed_anew_by_another_key(original: Bench, tmp_path: Path) -> None:
    """A forger can make a consistent case; only an outside anchor tells."""
    forged = new_bench(tmp_path / "forged")
    genuine = frozenset({original.identity.key})
    assert check(forged.case.path).verdict.exit_code() == 0
    verdict = forged.verify(demanded=genuine)
    assert codes(verdict) == {"KEY_NOT_ANCHORED"}
    assert verdict.exit_code() == 21
    assert original.verify(demanded=genuine).axes[Axis.TRUSTED].status is Status.PASS


def test_required_axes_fail_when_not_checked(original: Bench) -> None:
    verdict = original.verify()
    assert verdict.exit_code(frozenset({Axis.TIMESTAMPED})) == 22
    assert verdict.exit_code(frozenset({Axis.WITNESSED, Axis.TRUSTED})) == 21


@pytest.fixture
def recovered(original: Bench, tmp_path: Path) -> Path:
    """A case in which a recovery set something aside."""
    folder = Path(shutil.copytree(original.case.path, tmp_path / "recovered"))
    (folder / "staging/EX-0004-abc").mkdir()
    (folder / "staging/EX-0004-abc/payload").write_bytes(b"half")
    with (folder / ENTRIES).open("ab") as stream:
        stream.write(b'{"body":torn')
    case = open_case(folder)
    with writing(case, original.identity, original.signer) as writer:
        assert len(writer.recovered) == 2
    return folder


def test_a_recovered_case_passes_without_remarks(recovered: Path) -> None:
    checked = check(recovered)
    assert failing(checked) == set()
    assert checked.verdict.findings == ()


def test_an_altered_quarantine_fails(recovered: Path) -> None:
    torn = next((recovered / "manifest/quarantine").iterdir())
    flip(torn, 0)
    assert codes(check(recovered).verdict) == {"QUARANTINE_MODIFIED"}
    flip(torn, 0)
    kept = next((recovered / "quarantine").iterdir())
    (kept / "payload").write_bytes(b"other")
    assert codes(check(recovered).verdict) == {"QUARANTINE_MODIFIED"}


def test_a_removed_quarantine_is_a_remark(recovered: Path) -> None:
    next((recovered / "manifest/quarantine").iterdir()).unlink()
    checked = check(recovered)
    assert failing(checked) == set()
    assert codes(checked.verdict, failing=False) == {"QUARANTINE_MISSING"}


@pytest.mark.parametrize("name", ["exhibits/EX-0001", "manifest", "private"])
def test_a_folder_that_is_only_a_link_is_found(
    case: Path, tmp_path: Path, name: str
) -> None:
    shutil.move(case / name, tmp_path / "elsewhere")
    (case / name).symlink_to(tmp_path / "elsewhere")
    checked = check(case)
    assert ("UNLISTED", name) in [
        (f.code.value, f.subject) for f in checked.verdict.findings
    ]
    assert Axis.COMPLETE in failing(checked)


def test_a_planted_checkpoint_over_nothing_is_refused(case: Path) -> None:
    for path in (case / "manifest/checkpoints").iterdir():
        path.unlink()
    origin = json.loads(lines(case)[0])["body"]["log"]
    empty = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="
    note = f"{origin}\n0\n{empty}\n\n— {origin} {'AAAA' * 23}\n"
    (case / "manifest/checkpoints/0000000000.note").write_text(note, "utf-8")
    found = codes(check(case).verdict)
    assert found >= {"CHECKPOINT_MALFORMED", "CHECKPOINT_NONE"}


def test_what_an_outside_checkpoint_confirms_is_said(case: Path) -> None:
    kept = (case / CHECKPOINT).read_bytes()
    told = check(case, paper=kept).verdict
    assert "first 3" in told.axes[Axis.CONSISTENT].explanation
    assert any("confirms the first 3 entries" in t for t in told.not_established)


def test_the_writer_refuses_to_extend_a_forgery(original: Bench, case: Path) -> None:
    """What verify would find, a signer must not vouch for with a new checkpoint."""
    before = (case / ENTRIES).read_bytes()
    forged = [
        before + _forge(case),  # a stranger's entry nothing covers
        before.replace(b'"category":"content"', b'"category":"traffic"', 1),
        before.splitlines(keepends=True)[0],
    ]
    for data in forged:
        (case / ENTRIES).write_bytes(data)
        with (
            pytest.raises(BrokenManifestError),
            writing(open_case(case), original.identity, original.signer),
        ):
            pytest.fail("the case was opened to write")
        assert (case / ENTRIES).read_bytes() == data
    (case / ENTRIES).write_bytes(before)
    for path in (case / "manifest/checkpoints").iterdir():
        path.unlink()
    with (
        pytest.raises(BrokenManifestError),
        writing(open_case(case), original.identity, original.signer),
    ):
        pytest.fail("the case was opened to write")


def test_an_entry_no_reader_could_read_is_never_written(original: Bench) -> None:
    deep: Json = 1
    for _ in range(29):
        deep = [deep]
    before = (original.case.path / ENTRIES).read_bytes()
    with (
        pytest.raises(MalformedError),
        writing(original.case, original.identity, original.signer) as writer,
    ):
        writer.record(EntryType.ANNOTATE, facts={"a": {"b": {"c": deep}}})
    assert (original.case.path / ENTRIES).read_bytes() == before


@pytest.mark.parametrize("pieces", [1, 2, 3])
@pytest.mark.parametrize("where", [0, 2])
def test_junk_without_a_newline_is_an_entry_too_many(
    case: Path, pieces: int, where: int
) -> None:
    kept = lines(case)
    kept.insert(where, b"x" * 65_537 * pieces)
    write_lines(case, kept)
    checked = check(case)
    assert Axis.CONSISTENT in failing(checked)
    assert "ENTRY_MALFORMED" in codes(checked.verdict)


def test_a_tail_longer_than_any_entry_is_no_torn_tail(case: Path) -> None:
    with (case / ENTRIES).open("ab") as stream:
        stream.write(b"x" * 70_000)
    assert "ENTRY_MALFORMED" in codes(check(case).verdict)


def test_a_quarantined_folder_behind_a_link_is_not_followed(
    recovered: Path, tmp_path: Path
) -> None:
    kept = next((recovered / "quarantine").iterdir())
    shutil.move(kept, tmp_path / "elsewhere")
    kept.symlink_to(tmp_path / "elsewhere")
    assert codes(check(recovered).verdict) == {"QUARANTINE_MODIFIED"}


def test_a_quarantine_that_only_looks_the_same(recovered: Path) -> None:
    """One file named like two lines of the listing is not two files."""
    kept = next((recovered / "quarantine").iterdir())
    digest = hashlib.sha256(b"half").hexdigest()
    (kept / "payload").rename(kept / "a")
    (kept / "a").rename(kept / "payload")
    (kept / f"b\n{digest}  payload").write_bytes(b"")
    (kept / "payload").unlink()
    assert codes(check(recovered).verdict) == {"QUARANTINE_MODIFIED"}


def test_an_issued_report_behind_a_link_is_modified(
    original: Bench, case: Path, tmp_path: Path
) -> None:
    facts: dict[str, Json] = {
        "bytes": 1,
        "covers": 4,
        "file": "r.pdf",
        "report": "R-1",
        "root": "0" * 64,
        "sha256": hashlib.sha256(b"r").hexdigest(),
    }
    opened = open_case(case)
    with writing(opened, original.identity, original.signer) as writer:
        writer.record(EntryType.REPORT_ISSUE, facts=facts)
        long = {**facts, "file": "x" * 5000}
        writer.record(EntryType.REPORT_ISSUE, facts=long)
    assert codes(check(case).verdict, failing=False) == {"REPORT_MISSING"}
    (tmp_path / "r.pdf").write_bytes(b"r")
    (case / "reports/r.pdf").symlink_to(tmp_path / "r.pdf")
    assert codes(check(case).verdict) == {"REPORT_MODIFIED"}
    (case / "reports/r.pdf").unlink()
    (case / "reports/r.pdf").write_bytes(b"r")
    assert codes(check(case).verdict) == set()


def test_a_stray_note_does_not_lock_writers_out(original: Bench, case: Path) -> None:
    (case / "manifest/checkpoints/zzz.note").write_bytes(b"x")
    with writing(open_case(case), original.identity, original.signer) as writer:
        assert writer.log.size == 4
    assert "CHECKPOINT_MALFORMED" in codes(check(case).verdict)
