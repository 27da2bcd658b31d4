"""One exhibit proved at the command line, and checked with standard programs alone."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.desk import Desk

PAGE = Path(__file__).resolve().parents[2] / "docs" / "how-to" / "prosecutor.md"
PROGRAMS = ("sh", "openssl", "sha256sum", "xxd", "base64", "sed", "grep", "head")
needs_programs = pytest.mark.skipif(
    not all(shutil.which(name) for name in PROGRAMS),
    reason=f"needs {', '.join(PROGRAMS)}",
)


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    """Three exhibits, a note on the second, and a proof of each."""
    desk = Desk(tmp_path_factory.mktemp("desk"))
    desk.open_case()
    (desk.folder / "hello.txt").write_bytes(b"hello\n")
    tree = desk.folder / "tree"
    tree.mkdir()
    for name in ("one", "two", "three"):
        (tree / name).write_text(f"the secret of {name}")
    (desk.folder / "other.bin").write_bytes(bytes(range(256)) * 41)
    for source in ("hello.txt", "tree", "other.bin"):
        desk.run("-C", desk.case, "acquire", "files", desk.folder / source)
    desk.run("-C", desk.case, "note", "EX-0002", "--fact", "A fact.")
    for number in (1, 2, 3):
        name = f"EX-{number:04d}"
        desk.run("-C", desk.case, "prove", name, "-o", f"{name}.tlog-proof")
    return desk


def test_the_right_file_passes_and_nothing_is_glossed_over(desk: Desk) -> None:
    told = desk.ask("verify", "EX-0001.tlog-proof", "--payload", "hello.txt")
    assert told["schema"] == "custody.verify/1"
    assert told["exhibit"] == "EX-0001"
    assert told["entries"] == 5
    status = {name: axis["status"] for name, axis in told["axes"].items()}
    assert status == {
        "complete": "pass",
        "intact": "pass",
        "consistent": "pass",
        "signed": "pass",
        "trusted": "pass",  # the key store is the maker's own
        "timestamped": "not checked",
        "witnessed": "not checked",
    }
    said = " ".join(told["not_established"])
    for word in ("revoked", "withdrawn", "rest of the log", "times", "same log"):
        assert word in said


def test_elsewhere_the_key_is_not_trusted_by_itself(desk: Desk, tmp_path: Path) -> None:
    words = ("verify", "EX-0001.tlog-proof", "--payload", "hello.txt")
    told = desk.ask(*words, CUSTODY_HOME=str(tmp_path / "nobody"))
    assert told["axes"]["trusted"]["status"] == "not checked"
    desk.run(*words, "--require", "trusted", code=21, CUSTODY_HOME=str(tmp_path / "n"))


def test_without_a_payload_nothing_is_said_of_one(desk: Desk) -> None:
    told = desk.ask("verify", "EX-0001.tlog-proof")
    assert told["axes"]["intact"]["status"] == "not checked"
    assert told["axes"]["complete"]["status"] == "not checked"
    desk.run("verify", "EX-0001.tlog-proof", "--require", "intact", code=10)


def test_another_exhibits_payload_is_refused(desk: Desk) -> None:
    told = desk.ask("verify", "EX-0001.tlog-proof", "--payload", "other.bin", code=10)
    assert [f["code"] for f in told["findings"]] == ["PAYLOAD_MODIFIED"]


def test_the_content_decides_not_the_name(desk: Desk, tmp_path: Path) -> None:
    odd = tmp_path / "notes.txt"
    shutil.copy(desk.folder / "EX-0001.tlog-proof", odd)
    assert desk.ask("verify", odd)["exhibit"] == "EX-0001"
    other = tmp_path / "EX-0001.tlog-proof"
    other.write_text("no proof at all\n")
    assert desk.ask("verify", other, code=39)["code"] == "NOT_A_CASE"


@pytest.mark.parametrize(
    "spoil",
    [
        lambda data: b"\xef\xbb\xbf" + data,
        lambda data: data.replace(b"\n", b"\r\n"),
        lambda data: data + b"\n",
        lambda data: data + b"x",
        lambda data: data[: len(data) // 2],
    ],
    ids=["byte order mark", "CRLF", "trailing newline", "trailing byte", "half"],
)
def test_a_file_spoiled_in_transit_is_refused(
    desk: Desk, tmp_path: Path, spoil: object
) -> None:
    data = (desk.folder / "EX-0001.tlog-proof").read_bytes()
    path = tmp_path / "p"
    path.write_bytes(spoil(data))  # type: ignore[operator]
    assert desk.ask("verify", path, code=31)["code"] == "MALFORMED"


def test_it_is_never_overwritten_nor_put_among_the_evidence(desk: Desk) -> None:
    words = ("-C", desk.case, "prove", "EX-0001", "-o")
    before = (desk.folder / "EX-0001.tlog-proof").read_bytes()
    assert desk.ask(*words, "EX-0001.tlog-proof", code=38)["code"] == "OUTPUT_EXISTS"
    inside = desk.ask(*words, desk.case / "exhibits" / "p", code=38)
    assert inside["code"] == "OUTPUT_FORBIDDEN"
    dangling = desk.folder / "dangling"
    dangling.symlink_to("nowhere")
    assert desk.ask(*words, dangling, code=38)["code"] == "OUTPUT_EXISTS"
    assert (desk.folder / "EX-0001.tlog-proof").read_bytes() == before


def test_what_does_not_exist_cannot_be_proved(desk: Desk) -> None:
    words = ("-C", desk.case, "prove")
    to = ("-o", "never")
    assert desk.ask(*words, "EX-0009", *to, code=37)["code"] == "EXHIBIT_UNKNOWN"
    unknown = desk.ask(*words, "EX-0001", "--record", "2", *to, code=37)
    assert unknown["code"] == "RECORD_UNKNOWN"
    unknown = desk.ask(*words, "EX-0001", "--at", "77", *to, code=37)
    assert unknown["code"] == "CHECKPOINT_UNKNOWN"
    early = desk.ask(*words, "EX-0003", "--at", "2", *to, code=12)
    assert early["code"] == "PROOF_IMPOSSIBLE"
    assert not (desk.folder / "never").exists()


def test_options_that_do_not_fit_are_refused(desk: Desk) -> None:
    desk.run("verify", desk.case, "--payload", "hello.txt", code=2)
    note = next((desk.case / "manifest/checkpoints").iterdir())
    desk.run("verify", "EX-0001.tlog-proof", "--checkpoint", note, code=2)


def test_one_file_of_a_tree_is_proved_alone(desk: Desk) -> None:
    inventory = (desk.case / "exhibits/EX-0002/inventory.jsonl").read_bytes()
    records = [json.loads(line) for line in inventory.splitlines()]
    number = next(i for i, r in enumerate(records, 1) if r.get("member") == "tree/two")
    words = ("prove", "EX-0002", "--record", str(number), "-o", "two.tlog-proof")
    desk.run("-C", desk.case, *words)
    two = ("verify", "two.tlog-proof", "--payload")
    told = desk.ask(*two, desk.folder / "tree" / "two")
    assert told["axes"]["intact"]["status"] == "pass"
    assert told["axes"]["complete"]["status"] == "not checked"
    assert [(r["record"], r["holds"]) for r in told["records"]] == [(number, True)]
    assert told["records"][0]["fields"] == records[number - 1]
    desk.run(*two, desk.folder / "tree" / "one", code=10)
    # The other records are commitments in it, not lines.
    proof = (desk.folder / "two.tlog-proof").read_bytes()
    extra = _extra(proof)
    for place, record in enumerate(records, 1):
        shown = record["salt"].encode() in extra
        assert shown is (place == number)


def _extra(proof: bytes) -> bytes:
    import base64

    return base64.b64decode(proof.split(b"\n")[1].removeprefix(b"extra "))


def _secrets(case: Path, exhibit: str) -> set[str]:
    """What must not be found in the proof of another exhibit."""
    found = set()
    for line in (case / "manifest/entries.jsonl").read_bytes().splitlines():
        body = json.loads(line)["body"]
        if exhibit in body["exhibits"]:
            found |= {body["private"], body["time"], body["clock"]["offset_us"]}
            facts = body["facts"]
            for part in ("payload", "inventory"):
                found |= set((facts.get(part) or {}).values()) - {"payload"}
    return {str(item) for item in found if len(str(item)) > 3 and item is not None}


def _stands_in(item: str, text: str) -> bool:
    """As a value of its own: four digits may stand inside a digest by chance."""
    return bool(re.search(rf"(?<![0-9A-Za-z+/]){re.escape(item)}(?![\w+/])", text))


@pytest.mark.parametrize("number", [1, 2, 3])
def test_nothing_of_other_exhibits_is_in_it(desk: Desk, number: int) -> None:
    proof = (desk.folder / f"EX-{number:04d}.tlog-proof").read_bytes()
    text = (proof + _extra(proof)).decode()
    own = _secrets(desk.case, f"EX-{number:04d}")
    assert any(_stands_in(item, text) for item in own)
    for other in {1, 2, 3} - {number}:
        assert f"EX-{other:04d}" not in text
        told = _secrets(desk.case, f"EX-{other:04d}") - own
        assert len(told) >= 5
        assert [item for item in told if _stands_in(item, text)] == []
    for sealed in (desk.case / "private").iterdir():
        assert json.loads(sealed.read_bytes())["salt"] not in text
    for name in ("Tess", "secret", "TEST 1", str(desk.folder)):
        assert name not in text


def test_a_block_device_can_be_the_payload(desk: Desk) -> None:
    """A loop device over the payload; only root of a machine with loop devices can."""
    data = (desk.folder / "other.bin").read_bytes()
    padded = desk.folder / "sectors.bin"
    padded.write_bytes(data + bytes(-len(data) % 512))
    made = (
        subprocess.run(
            ["losetup", "--find", "--show", "--read-only", padded],
            capture_output=True,
            text=True,
            check=False,
        )
        if shutil.which("losetup") and os.geteuid() == 0
        else None
    )
    if made is None or made.returncode != 0:
        pytest.skip("no loop device here")
    device = made.stdout.strip()
    try:
        desk.run("-C", desk.case, "acquire", "files", padded)
        desk.run("-C", desk.case, "prove", "EX-0004", "-o", "dev.tlog-proof")
        told = desk.ask("verify", "dev.tlog-proof", "--payload", device)
        assert told["axes"]["intact"]["status"] == "pass"
    finally:
        subprocess.run(["losetup", "-d", device], check=False)


def test_a_pipe_is_no_payload(desk: Desk, tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    told = desk.ask("verify", "EX-0001.tlog-proof", "--payload", pipe, code=10)
    assert [f["code"] for f in told["findings"]] == ["UNREADABLE"]


# -- by hand ---------------------------------------------------------------------------


def _script() -> str:
    part = PAGE.read_text("utf-8").partition("## One exhibit alone")[2]
    part = part.partition("## A part of a case")[0]
    blocks = re.findall(r"^```sh\n(.*?)^```", part, re.MULTILINE | re.DOTALL)
    assert len(blocks) == 4
    return "".join(blocks)


def _by_hand(folder: Path) -> list[str]:
    done = subprocess.run(
        ["sh"], input=_script(), cwd=folder, capture_output=True, text=True, check=False
    )
    return (done.stdout + done.stderr).splitlines()


@needs_programs
@pytest.mark.parametrize("number", [1, 2, 3])
def test_the_hand_check_accepts_it(desk: Desk, tmp_path: Path, number: int) -> None:
    proof = desk.folder / f"EX-{number:04d}.tlog-proof"
    shutil.copy(proof, tmp_path / "EX-0001.tlog-proof")
    lines = _by_hand(tmp_path)
    payload = next((desk.case / f"exhibits/EX-{number:04d}").glob("payload*"))
    summed = subprocess.run(["sha256sum", payload], capture_output=True, check=True)
    digest = summed.stdout.decode()[:64]
    assert lines[0] == (
        f'"payload":{{"bytes":{payload.stat().st_size},"name":"{payload.name}",'
        f'"sha256":"{digest}"}}'
    )
    assert lines[1] == lines[2]
    assert lines[3] == "whole"
    key = next((desk.case / "identities").iterdir()).stem
    assert lines[4] == f"{key}  -"
    assert lines[5] == f'"actor":"{key}"'
    assert lines[6:] == ["Signature Verified Successfully"] * 2


@needs_programs
def test_the_hand_check_sees_an_altered_hash_and_signature(
    desk: Desk, tmp_path: Path
) -> None:
    lines = (desk.folder / "EX-0001.tlog-proof").read_text("utf-8").split("\n")
    swapped = [*lines[:3], lines[4], lines[3], *lines[5:]]
    (tmp_path / "EX-0001.tlog-proof").write_text("\n".join(swapped), "utf-8")
    said = _by_hand(tmp_path)
    assert said[1] != said[2]
    at = lines.index("", 3)
    lines[at + 2] = "9"  # the size the checkpoint signs
    (tmp_path / "EX-0001.tlog-proof").write_text("\n".join(lines), "utf-8")
    assert _by_hand(tmp_path)[-1] == "Signature Verification Failure"
