"""Four verifiers of an encrypted case, without a key: they agree on every damage."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from evidence.case import writing
from evidence.methods import take_chat
from manifests.entries import EntryType
from tests import engines
from tests.safe import Safe, new_safe

Damage = Callable[[Path], object]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Safe:
    folder = tmp_path_factory.mktemp("made")
    safe = new_safe(folder / "CASE")
    (folder / "chat.txt").write_text("01/02/2024, 10:00 - Ann: hello\n")
    safe.bench.acquire(folder / "chat.txt", kind="chat", method=take_chat)
    (folder / "tree").mkdir()
    (folder / "tree" / "a").write_text("a")
    safe.bench.acquire(folder / "tree")
    with writing(safe.bench.case, safe.bench.identity, safe.bench.signer) as writer:
        facts = {"kind": "fact"}
        writer.record(EntryType.ANNOTATE, facts=facts, private={"text": "x"})
    return safe


def flipped(name: str) -> Damage:
    def damage(case: Path) -> None:
        path = case / name
        path.chmod(0o600)
        data = bytearray(path.read_bytes())
        data[len(data) // 2] ^= 1
        path.write_bytes(data)

    return damage


def removed(name: str) -> Damage:
    return lambda case: (case / name).unlink()


def added(name: str) -> Damage:
    return lambda case: (case / name).write_text("x")


def decrypted(case: Path) -> None:
    (case / "private/0000000003.json.age").rename(case / "private/0000000003.json")


def said(change: Callable[[dict], object], line: int) -> Damage:  # type: ignore[type-arg]
    """Say something else in an entry (the signature breaks, too)."""

    def damage(case: Path) -> None:
        path = case / "manifest/entries.jsonl"
        lines = path.read_bytes().splitlines()
        value = json.loads(lines[line])
        change(value["body"])
        compact = {"sort_keys": True, "separators": (",", ":")}
        lines[line] = json.dumps(value, **compact).encode()  # type: ignore[call-overload]
        path.write_bytes(b"\n".join(lines) + b"\n")

    return damage


FAULTS: dict[str, tuple[Damage, set[str]]] = {
    "none": (lambda _: None, set()),
    "payload": (flipped("exhibits/EX-0001/payload.age"), {"PAYLOAD_MODIFIED"}),
    "payload gone": (removed("exhibits/EX-0002/payload.tar.age"), {"PAYLOAD_MISSING"}),
    "inventory": (
        flipped("exhibits/EX-0001/inventory.jsonl.age"),
        {"INVENTORY_MODIFIED"},
    ),
    "inventory gone": (
        removed("exhibits/EX-0001/inventory.jsonl.age"),
        {"INVENTORY_MISSING"},
    ),
    "record": (flipped("private/0000000002.json.age"), {"PRIVATE_MODIFIED"}),
    "record gone": (removed("private/0000000000.json.age"), {"PRIVATE_MISSING"}),
    "record under the plain name": (decrypted, {"PRIVATE_MISSING", "UNLISTED"}),
    "key gone": (removed("keys/EX-0001.age"), {"KEY_FILE_MISSING"}),
    "case key gone": (removed("keys/case.age"), {"KEY_FILE_MISSING"}),
    "key altered": (flipped("keys/EX-0001.age"), set()),
    "key too many": (added("keys/EX-0003.age"), {"UNLISTED"}),
    "key temporary": (added("keys/.incomplete-1"), set()),
    "plain payload beside": (added("exhibits/EX-0001/payload"), {"UNLISTED"}),
    "plain inventory beside": (
        added("exhibits/EX-0001/inventory.jsonl"),
        {"UNLISTED"},
    ),
}
FORMS: dict[str, Damage] = {
    "file of the record": said(lambda b: b.update(private_file={"bytes": 1}), 2),
    "file of another key": said(lambda b: b["private_file"].update(key="../x"), 2),
    "no file of the record": said(lambda b: b.pop("private_file"), 3),
    "null as file": said(lambda b: b.update(private_file=None), 3),
    "inventory without name": said(lambda b: b["facts"]["inventory"].pop("name"), 1),
    "inventory without digest": said(
        lambda b: b["facts"]["inventory"].pop("sha256"), 1
    ),
    "odd payload": said(lambda b: b["facts"]["payload"].update(name="x.age"), 1),
    "said to be plain": said(lambda b: b["facts"].pop("encryption"), 0),
}


def agree(made: Safe, folder: Path, capsys: pytest.CaptureFixture[str]) -> set[str]:
    judged, _ = engines.tool(folder, capsys)
    assert engines.python(folder) == judged
    if engines.has_script_programs():
        assert engines.shell(folder).failing == judged.failing
        shell = {r for r in engines.shell(folder).remarks if "QUANTUM" not in r[1]}
        assert shell == {r for r in judged.remarks if "QUANTUM" not in r[1]}
    if engines.has_node():
        assert engines.node(folder) == judged
    assert ("intact", "PLAINTEXT_UNCHECKED") in judged.remarks
    return {code for _, code in judged.failing}


@pytest.mark.agreement
@pytest.mark.parametrize("fault", FAULTS)
def test_they_find_the_same(
    made: Safe, tmp_path: Path, capsys: pytest.CaptureFixture[str], fault: str
) -> None:
    damage, expected = FAULTS[fault]
    shutil.copytree(made.path, tmp_path / "CASE")
    damage(tmp_path / "CASE")
    assert agree(made, tmp_path / "CASE", capsys) == expected


@pytest.mark.agreement
@pytest.mark.parametrize("form", FORMS)
def test_they_read_entries_alike(
    made: Safe, tmp_path: Path, capsys: pytest.CaptureFixture[str], form: str
) -> None:
    shutil.copytree(made.path, tmp_path / "CASE")
    FORMS[form](tmp_path / "CASE")
    assert "SIGNATURE_WRONG" in agree(made, tmp_path / "CASE", capsys)


def test_they_agree_on_a_good_one(
    made: Safe, capsys: pytest.CaptureFixture[str]
) -> None:
    assert agree(made, made.path, capsys) == set()
