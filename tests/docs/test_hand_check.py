"""The commands of docs/how-to/prosecutor.md, run as they are printed."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from evidence.case import writing
from manifests.entries import EntryType
from tests.builders import new_bench

PAGE = Path(__file__).resolve().parents[2] / "docs" / "how-to" / "prosecutor.md"
PROGRAMS = ("sh", "openssl", "sha256sum", "xxd", "base64", "sed", "grep", "head")

pytestmark = pytest.mark.skipif(
    not all(shutil.which(name) for name in PROGRAMS),
    reason=f"needs {', '.join(PROGRAMS)}",
)


@pytest.fixture
def case(tmp_path: Path) -> Path:
    """Six entries: the tree over them is not balanced."""
    source = tmp_path / "a.txt"
    source.write_bytes(b"hello\n")
    folder = tmp_path / "folder"
    folder.mkdir()
    for name in "bcd":
        (folder / name).write_text(name * 700)
    bench = new_bench(tmp_path / "CASE")
    bench.acquire(folder)
    bench.acquire(source)
    for kind in ("fact", "assessment", "fact"):
        with writing(bench.case, bench.identity, bench.signer) as writer:
            writer.record(
                EntryType.ANNOTATE,
                facts={"kind": kind},
                private={"text": "said \u00e9"},
                exhibits=("EX-0001",),
            )
    return bench.case.path


def script() -> str:
    """All ``sh`` blocks of part 3, in order, each ended by a mark."""
    part = (
        PAGE.read_text("utf-8").partition("## Part 3")[2].partition("## The report")[0]
    )
    blocks = re.findall(r"^```sh\n(.*?)^```", part, re.MULTILINE | re.DOTALL)
    assert len(blocks) == 10
    return "".join(f"{block}echo --\n" for block in blocks)


def run(case: Path) -> list[list[str]]:
    """Run the page beside the case; return the lines each block printed."""
    done = subprocess.run(
        ["sh"],
        input=script(),
        cwd=case.parent,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stderr == ""
    blocks = done.stdout.split("--\n")
    assert blocks.pop() == ""
    return [block.splitlines() for block in blocks]


def test_the_hand_check_accepts_a_good_case(case: Path) -> None:
    before = {p: p.stat().st_mtime_ns for p in case.rglob("*")}
    (_, payloads, chain, key, signatures, tree, note, held, sealed, inventory) = run(
        case
    )
    digest = "5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03"
    assert payloads[1] == f"{digest}  exhibits/EX-0002/payload"
    assert (
        payloads[3] == f'"payload":{{"bytes":6,"name":"payload","sha256":"{digest}"}}'
    )
    assert chain == [f"line {n} follows" for n in range(2, 7)]
    public = next((case / "identities").iterdir()).stem
    assert key[0].startswith(public)
    assert signatures == ["Signature Verified Successfully"] * 6
    for first, second in (tree, held):
        assert first == second
        assert len(first) == 64
    assert note == ["Signature Verified Successfully"]
    assert sealed[0].removesuffix("  -") == sealed[1].split('"')[3]
    assert inventory[0] in inventory[1]
    assert before == {p: p.stat().st_mtime_ns for p in case.rglob("*")}


def test_the_hand_check_shows_a_changed_entry(case: Path) -> None:
    path = case / "manifest/entries.jsonl"
    path.write_bytes(path.read_bytes().replace(b'"bytes":6', b'"bytes":7'))
    (_, _, chain, _, signatures, tree, *_) = run(case)
    assert chain[2] == "line 4 BREAKS THE CHAIN"
    assert signatures[2] == "Signature Verification Failure"
    assert tree[0] != tree[1]
