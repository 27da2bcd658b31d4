"""A verifier written from the specification alone and the tool reach one verdict."""

from __future__ import annotations

import ast
import os
import re
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from evidence.case import writing
from manifests.entries import EntryType
from tests.builders import new_bench
from tests.docs import worked_example
from tests.engines import AXES, Found, Judged, agree

HERE = Path(__file__).resolve().parent
SPECIFICATION = HERE.parents[1] / "docs" / "spec" / "manifest-v1.md"
Damage = Callable[[Path], None]

pytestmark = pytest.mark.skipif(
    shutil.which("openssl") is None, reason="the openssl command is not installed"
)


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A case of five entries: a file, a folder, a note, a report."""
    folder = tmp_path_factory.mktemp("independent")
    source = folder / "source"
    (source / "sub").mkdir(parents=True)
    (source / "a.txt").write_bytes(b"first\n")
    (source / "sub" / "b.bin").write_bytes(bytes(range(256)) * 5)
    os.symlink("a.txt", source / "link")
    bench = new_bench(folder / "case")
    bench.acquire(source / "a.txt")
    bench.acquire(source)
    with writing(bench.case, bench.identity, bench.signer) as writer:
        writer.record(
            EntryType.ANNOTATE,
            facts={"kind": "fact"},
            private={"text": "seen: \u00e9 \u4e2d \U0001f600 \x7f \u2028"},
            exhibits=("EX-0001",),
        )
        issued = {"bytes": 4, "covers": 4, "file": "R-1.pdf", "report": "R-1"}
        digest = "3a6eb0790f39ac87c94f3856b2dd2c5d110e6811602261a9a923d3bb23adc8b7"
        (bench.case.path / "reports" / "R-1.pdf").write_bytes(b"data")
        writer.record(
            EntryType.REPORT_ISSUE,
            facts={**issued, "root": "0" * 64, "sha256": digest},
        )
    return bench.case.path


@pytest.fixture(scope="module")
def good_recovered(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A case of three entries: the last names what an interrupted act left."""
    folder = tmp_path_factory.mktemp("recovered")
    (folder / "a.txt").write_bytes(b"first\n")
    bench = new_bench(folder / "case")
    bench.acquire(folder / "a.txt")
    staged = bench.case.path / "staging" / "EX-0002-0011aabbccdd"
    (staged / "sub").mkdir(parents=True)
    (staged / "payload").write_bytes(b"half a payl")
    (staged / "sub" / "more").write_bytes(b"more")
    with (bench.case.path / "manifest/entries.jsonl").open("ab") as log:
        log.write(b'{"body":{"actor":"')
    with writing(bench.case, bench.identity, bench.signer):
        pass
    return bench.case.path


def copied(good: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("CUSTODY_HOME", str(tmp_path / "no-keys"))
    copy = tmp_path / "case"
    shutil.copytree(good, copy, symlinks=True)
    for path in copy.rglob("*"):
        path.chmod(0o700 if path.is_dir() else 0o600, follow_symlinks=True)
    return copy


@pytest.fixture
def case(good: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    return copied(good, tmp_path, monkeypatch)


@pytest.fixture
def recovered(
    good_recovered: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Path:
    return copied(good_recovered, tmp_path, monkeypatch)


def both(case: Path, capsys: pytest.CaptureFixture[str], *outside: Path) -> Judged:
    """Return the verdict on which the tool and every verifier here agree."""
    return agree(case, capsys, *outside)


def flip(path: Path, at: int, bit: int = 0) -> None:
    data = bytearray(path.read_bytes())
    data[at] ^= 1 << bit
    path.write_bytes(bytes(data))


def lines_of(case: Path) -> list[bytes]:
    return (case / "manifest/entries.jsonl").read_bytes().splitlines(keepends=True)


def reorder(*order: int) -> Damage:
    def damage(case: Path) -> None:
        lines = lines_of(case)
        chosen = b"".join(lines[number] for number in order)
        (case / "manifest/entries.jsonl").write_bytes(chosen)

    return damage


def flipped(name: str, at: int, bit: int = 0) -> Damage:
    return lambda case: flip(case / name, at, bit)


def relettered(name: str, at: int) -> Damage:
    """Put another letter of base64 in the place of one."""

    def damage(case: Path) -> None:
        data = bytearray((case / name).read_bytes())
        data[at] = ord("B") if data[at] == ord("A") else ord("A")
        (case / name).write_bytes(bytes(data))

    return damage


def removed(name: str) -> Damage:
    return lambda case: (case / name).unlink()


def added(name: str) -> Damage:
    return lambda case: (case / name).write_bytes(b"planted") and None


def linked(case: Path) -> None:
    payload = case / "exhibits/EX-0001/payload"
    payload.rename(case.parent / "elsewhere")
    payload.symlink_to(case.parent / "elsewhere")


def shortened(case: Path) -> None:
    path = case / "manifest/entries.jsonl"
    path.write_bytes(path.read_bytes()[:-1])


def moved_away(name: str) -> Damage:
    """Put a link in the place of a folder, which is elsewhere now, unchanged."""

    def damage(case: Path) -> None:
        (case / name).rename(case.parent / "elsewhere")
        (case / name).symlink_to(case.parent / "elsewhere")

    return damage


def checkpoint_over_nothing(case: Path) -> None:
    """A note over 0 entries, in form and place; its signature does not matter."""
    note = (case / "manifest/checkpoints/0000000001.note").read_text("utf-8")
    origin, _, _, *rest = note.split("\n")
    empty = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="  # SHA-256 of no bytes
    text = "\n".join([origin, "0", empty, *rest])
    (case / "manifest/checkpoints/0000000000.note").write_text(text, "utf-8")


def only_over_nothing(case: Path) -> None:
    checkpoint_over_nothing(case)
    for path in (case / "manifest/checkpoints").glob("*[1-9].note"):
        path.unlink()


def retold(name: bytes, value: bytes) -> Damage:
    """Exchange a member of entry 2's body, as somebody without the key would."""

    def damage(case: Path) -> None:
        lines = lines_of(case)
        changed = re.sub(
            rb'"%s":("[^"]*"|\w+)' % name, b'"%s":%s' % (name, value), lines[2]
        )
        assert changed != lines[2]
        lines[2] = changed
        (case / "manifest/entries.jsonl").write_bytes(b"".join(lines))

    return damage


def quarantined(case: Path, name: str = "EX-0002-*") -> Path:
    (found,) = (case / "quarantine").glob(name)
    return found


def renamed_in_quarantine(case: Path) -> None:
    (quarantined(case) / "payload").rename(quarantined(case) / "renamed")


def torn(case: Path) -> Path:
    (found,) = (case / "manifest/quarantine").glob("*.torn")
    return found


def all_checkpoints(case: Path) -> None:
    for path in (case / "manifest/checkpoints").iterdir():
        path.unlink()


def record_swapped(case: Path) -> None:
    path = case / "exhibits/EX-0002/inventory.jsonl"
    first, second, *rest = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join([second, first, *rest]))


MALFORMED = {("consistent", "ENTRY_MALFORMED")}
# Entry 2 changed after it was signed; entry 3 names the old one.
REWRITTEN = {
    ("consistent", "CHAIN_BROKEN"),
    ("consistent", "CHECKPOINT_ROOT"),
    ("signed", "SIGNATURE_WRONG"),
}

# What must be found, by hand from section 13: (damage, failing axis and code).
DAMAGES: dict[str, tuple[Damage, set[tuple[str, str]]]] = {
    "payload bit": (
        flipped("exhibits/EX-0001/payload", 2),
        {("intact", "PAYLOAD_MODIFIED")},
    ),
    "tar bit in a member": (
        flipped("exhibits/EX-0002/payload.tar", 2000, 7),
        {("intact", "PAYLOAD_MODIFIED")},
    ),
    "tar bit in the end": (
        flipped("exhibits/EX-0002/payload.tar", -1),
        {("intact", "PAYLOAD_MODIFIED")},
    ),
    "inventory bit": (
        flipped("exhibits/EX-0002/inventory.jsonl", 30),
        {("intact", "INVENTORY_MODIFIED")},
    ),
    "inventory newline bit": (
        flipped("exhibits/EX-0002/inventory.jsonl", -1),
        {("intact", "INVENTORY_MODIFIED")},
    ),
    "inventory records swapped": (record_swapped, {("intact", "INVENTORY_MODIFIED")}),
    "sealed record bit": (
        flipped("private/0000000002.json", 20),
        {("intact", "PRIVATE_MODIFIED")},
    ),
    "issued report bit": (
        flipped("reports/R-1.pdf", 0),
        {("intact", "REPORT_MODIFIED")},
    ),
    "payload gone": (
        removed("exhibits/EX-0001/payload"),
        {("complete", "PAYLOAD_MISSING")},
    ),
    "inventory gone": (
        removed("exhibits/EX-0001/inventory.jsonl"),
        {("complete", "INVENTORY_MISSING")},
    ),
    "sealed record gone": (
        removed("private/0000000000.json"),
        {("complete", "PRIVATE_MISSING")},
    ),
    "payload is a link": (linked, {("intact", "UNREADABLE")}),
    "file planted in an exhibit": (
        added("exhibits/EX-0001/more"),
        {("complete", "UNLISTED")},
    ),
    "file planted in private": (
        added("private/0000000099.json"),
        {("complete", "UNLISTED")},
    ),
    "file planted in the case": (added("README"), {("complete", "UNLISTED")}),
    "file planted in manifest": (
        added("manifest/entries.old"),
        {("complete", "UNLISTED")},
    ),
    "line cut": (
        reorder(0, 1, 3, 4),
        {
            ("consistent", "ENTRY_MISSING"),
            ("consistent", "CHECKPOINT_ROOT"),
            ("consistent", "CHECKPOINT_BEYOND"),
            ("complete", "UNLISTED"),
        },
    ),
    "line doubled": (
        reorder(0, 1, 2, 2, 3, 4),
        {("consistent", "ENTRY_DOUBLED"), ("consistent", "CHECKPOINT_ROOT")},
    ),
    "lines swapped": (
        reorder(0, 2, 1, 3, 4),
        {
            ("consistent", "ENTRY_SWAPPED"),
            ("consistent", "CHAIN_BROKEN"),
            ("consistent", "CHECKPOINT_ROOT"),
            ("complete", "EXHIBIT_GAP"),
        },
    ),
    "tail cut": (reorder(0, 1, 2, 3), {("consistent", "CHECKPOINT_BEYOND")}),
    "last newline cut": (shortened, {("consistent", "CHECKPOINT_BEYOND")}),
    "all lines cut": (
        reorder(),
        {
            ("consistent", "CHECKPOINT_BEYOND"),
            ("consistent", "NO_CASE_OPEN"),
            ("complete", "UNLISTED"),
        },
    ),
    "checkpoint size bit": (
        flipped("manifest/checkpoints/0000000003.note", 54),
        {
            ("consistent", "CHECKPOINT_MISNAMED"),
            ("consistent", "CHECKPOINT_ROOT"),
            ("signed", "CHECKPOINT_SIGNATURE"),
        },
    ),
    "checkpoint root bit": (
        relettered("manifest/checkpoints/0000000003.note", 60),
        {("consistent", "CHECKPOINT_ROOT"), ("signed", "CHECKPOINT_SIGNATURE")},
    ),
    "checkpoint signature bit": (
        relettered("manifest/checkpoints/0000000003.note", -20),
        {("signed", "CHECKPOINT_SIGNATURE")},
    ),
    "checkpoint origin bit": (
        flipped("manifest/checkpoints/0000000003.note", 0),
        {("consistent", "CHECKPOINT_FOREIGN")},
    ),
    "no checkpoints": (all_checkpoints, {("consistent", "CHECKPOINT_NONE")}),
    "checkpoint over nothing": (
        checkpoint_over_nothing,
        {("consistent", "CHECKPOINT_MALFORMED")},
    ),
    "only a checkpoint over nothing": (
        only_over_nothing,
        {("consistent", "CHECKPOINT_MALFORMED"), ("consistent", "CHECKPOINT_NONE")},
    ),
    "case folder's part is a link": (
        moved_away("exhibits"),
        {("complete", "UNLISTED")},
    ),
    "sealed records are a link": (moved_away("private"), {("complete", "UNLISTED")}),
    "settings are a link": (moved_away("custody.toml"), {("complete", "UNLISTED")}),
    "checkpoints are a link": (
        moved_away("manifest/checkpoints"),
        {("complete", "UNLISTED")},
    ),
    "exhibit is a link": (moved_away("exhibits/EX-0002"), {("complete", "UNLISTED")}),
    "version is true": (retold(b"v", b"true"), REWRITTEN | MALFORMED),
    "version is text": (retold(b"v", b'"1"'), REWRITTEN | MALFORMED),
    "version is 0": (retold(b"v", b"0"), REWRITTEN | MALFORMED),
    "version is null": (retold(b"v", b"null"), REWRITTEN | MALFORMED),
    "time has three decimals": (
        retold(b"time", b'"2026-01-31T09:00:00.000Z"'),
        REWRITTEN | MALFORMED,
    ),
    "time has an offset": (
        retold(b"time", b'"2026-01-31T09:00:00.000000+00:00"'),
        REWRITTEN | MALFORMED,
    ),
    "time in other digits": (
        retold(b"time", '"2026-01-31T09:00:00.00000\u0660Z"'.encode()),
        REWRITTEN | MALFORMED,
    ),
    "time changed in form": (
        retold(b"time", b'"9999-01-31T09:00:00.000000Z"'),
        REWRITTEN,
    ),
}

# The same for a case that was recovered: (damage, failing, remarks).
NOTHING: Found = set()
RECOVERED: dict[str, tuple[Damage, Found, Found]] = {
    "none": (lambda case: None, NOTHING, NOTHING),
    "quarantined byte": (
        lambda case: flip(quarantined(case) / "payload", 0),
        {("intact", "QUARANTINE_MODIFIED")},
        NOTHING,
    ),
    "quarantined file added": (
        lambda case: (quarantined(case) / "sub" / "new").touch(),
        {("intact", "QUARANTINE_MODIFIED")},
        NOTHING,
    ),
    "quarantined file gone": (
        lambda case: (quarantined(case) / "sub" / "more").unlink(),
        {("intact", "QUARANTINE_MODIFIED")},
        NOTHING,
    ),
    "quarantined file renamed": (
        renamed_in_quarantine,
        {("intact", "QUARANTINE_MODIFIED")},
        NOTHING,
    ),
    "quarantined file is a link": (
        lambda case: moved_away(f"quarantine/{quarantined(case).name}/payload")(case),
        {("intact", "QUARANTINE_MODIFIED")},
        NOTHING,
    ),
    "quarantined thing gone": (
        lambda case: shutil.rmtree(quarantined(case)),
        NOTHING,
        {("complete", "QUARANTINE_MISSING")},
    ),
    "torn line changed": (
        lambda case: flip(torn(case), 3),
        {("intact", "QUARANTINE_MODIFIED")},
        NOTHING,
    ),
    "torn line gone": (
        lambda case: torn(case).unlink(),
        NOTHING,
        {("complete", "QUARANTINE_MISSING")},
    ),
    "more in quarantine": (
        lambda case: (case / "quarantine/more").touch(),
        NOTHING,
        {("complete", "UNFINISHED")},
    ),
    "quarantine is a link": (
        moved_away("quarantine"),
        {("complete", "UNLISTED")},
        NOTHING,
    ),
    "quarantine of lines is a link": (
        moved_away("manifest/quarantine"),
        {("complete", "UNLISTED")},
        NOTHING,
    ),
    "folders and links that hold no files": (
        lambda case: (quarantined(case) / "pointer").symlink_to("payload"),
        NOTHING,
        NOTHING,
    ),
}


def test_the_two_agree_that_a_good_case_is_good(
    case: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    found = both(case, capsys)
    assert found.axes == dict.fromkeys(AXES, "pass")
    assert found.failing == found.remarks == set()
    assert found.holding == {"signed": 5, "checkpoints": 4, "outside": 0}


@pytest.mark.parametrize("name", DAMAGES)
def test_the_two_agree_on_damage(
    name: str, case: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    damage, expected = DAMAGES[name]
    damage(case)
    found = both(case, capsys)
    assert found.failing == expected
    wrong = {axis for axis, _ in expected}
    assert found.axes == {axis: "fail" if axis in wrong else "pass" for axis in AXES}


@pytest.mark.parametrize("name", RECOVERED)
def test_the_two_agree_on_what_a_recovery_set_aside(
    name: str, recovered: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    damage, failing, remarks = RECOVERED[name]
    damage(recovered)
    found = both(recovered, capsys)
    assert (found.failing, found.remarks) == (failing, remarks)


def test_an_issued_report_that_is_gone_is_a_remark_for_both(
    case: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (case / "reports/R-1.pdf").unlink()
    found = both(case, capsys)
    assert (found.failing, found.remarks) == (set(), {("complete", "REPORT_MISSING")})


def test_a_checkpoint_whose_signature_fails_confirms_nothing(
    case: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """It fails `signed`; `consistent` passes and counts only what holds."""
    inside = "manifest/checkpoints/0000000003.note"
    relettered(inside, -20)(case)
    kept = tmp_path / "kept.note"
    shutil.copy(case / inside, kept)
    found = both(case, capsys, kept)
    assert found.failing == {("signed", "CHECKPOINT_SIGNATURE")}
    assert found.holding == {"checkpoints": 3, "outside": 0}


def test_a_checkpoint_over_nothing_from_outside_confirms_nothing(
    case: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    checkpoint_over_nothing(case)
    kept = tmp_path / "kept.note"
    (case / "manifest/checkpoints/0000000000.note").rename(kept)
    found = both(case, capsys, kept)
    assert found.failing == {("consistent", "CHECKPOINT_MALFORMED")}


@pytest.mark.parametrize("part", range(14))
def test_the_two_agree_on_a_flipped_bit_anywhere_in_an_entry(
    part: int, case: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = lines_of(case)
    at = len(lines[0]) + part * len(lines[1]) // 14
    flip(case / "manifest/entries.jsonl", at, part % 7)
    assert both(case, capsys).axes["consistent"] == "fail"


def test_an_incomplete_last_line_is_a_remark_for_both(
    case: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with (case / "manifest/entries.jsonl").open("ab") as log:
        log.write(b'{"body":{"actor":"')
    found = both(case, capsys)
    assert found.failing == set()
    assert found.remarks == {("consistent", "ENTRY_TORN")}


def test_only_a_checkpoint_outside_shows_a_cut_back_to_an_older_one(
    case: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Section 16, first gap: it needs no key and nothing in the case shows it."""
    kept = tmp_path / "kept.note"
    shutil.copy(case / "manifest/checkpoints/0000000005.note", kept)
    found = both(case, capsys, kept)
    assert (found.failing, found.holding["outside"]) == (set(), 5)
    reorder(0, 1)(case)
    for size in (3, 5):
        (case / f"manifest/checkpoints/{size:010d}.note").unlink()
    for seq in (2, 3):
        (case / f"private/{seq:010d}.json").unlink()
    shutil.rmtree(case / "exhibits/EX-0002")
    (case / "reports/R-1.pdf").unlink()
    assert both(case, capsys).failing == set()
    assert both(case, capsys, kept).failing == {("consistent", "ROLLBACK")}


def extracted(text: str) -> dict[str, bytes]:
    """The files of the worked example, from the text of the specification."""
    example = text.partition(worked_example.BEGIN)[2].partition(worked_example.END)[0]
    block = re.compile(
        r"^`([^`\n]+)`(, no newline at the end)?:\n\n```text\n(.*?)\n```$",
        re.MULTILINE | re.DOTALL,
    )
    return {
        name: body.encode() + (b"" if bare else b"\n")
        for name, bare, body in block.findall(example)
    }


def test_the_worked_example_as_printed_verifies_for_both(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CUSTODY_HOME", str(tmp_path / "no-keys"))
    files = extracted(SPECIFICATION.read_text("utf-8"))
    assert len(files) == 9
    worked_example.write_files(tmp_path / "case", files)
    found = both(tmp_path / "case", capsys)
    assert (set(found.axes.values()), found.failing) == ({"pass"}, set())


PARTS = ("independent_keys", "mldsa44")


@pytest.mark.parametrize("name", ["independent_verifier", "worked_example", *PARTS])
def test_the_second_opinion_imports_nothing_of_the_project(name: str) -> None:
    tree = ast.parse((HERE / f"{name}.py").read_text("utf-8"))
    modules = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            modules |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0
            modules.add(str(node.module).partition(".")[0])
    assert modules <= sys.stdlib_module_names | {"__future__", *PARTS}


def test_what_stands_beside_a_checkpoint_and_what_waits_is_not_unlisted_for_both(
    case: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    note = max((case / "manifest/checkpoints").glob("*.note"))
    (case / "manifest/pending").mkdir(exist_ok=True)
    (case / "manifest/pending/x.json").write_bytes(b"{}\n")
    (case / f"manifest/checkpoints/{note.stem}.own.txt").write_bytes(b"")
    assert both(case, capsys).failing == {("complete", "UNLISTED")}
    (case / f"manifest/checkpoints/{note.stem}.own.txt").unlink()
    line = "— witness.example AAAAAAAAAAAA\n"  # by a key nobody knows
    beside = case / f"manifest/checkpoints/{note.stem}.w.cosig"
    beside.write_text(line, encoding="utf-8")
    assert both(case, capsys).failing == set()
