"""`kill -9` while a package is offered, continued or accepted: nothing counts twice."""

from __future__ import annotations

import json
import random
import shutil
import signal
import subprocess
import time
from pathlib import Path
from typing import Any

import bagit
import pytest

from tests.consenting import prepare_desk
from tests.desk import Desk
from tests.handing import TO_POLICE, Route, fill_ngo, make_route

CASE = ("-C", "case", "transfer")
KILLS = 9  # of each act; each is a few real processes
PAYLOAD = 48 << 20
OFFER = (*CASE, "offer", "EX-0001", "EX-0002", *TO_POLICE)


@pytest.fixture(scope="module")
def start(tmp_path_factory: pytest.TempPathFactory) -> Route:
    """An NGO with a chat and a file that takes a moment to copy, and the police."""
    route = make_route(tmp_path_factory.mktemp("start"))
    big = route.ngo.folder / "big.bin"
    big.write_bytes(random.Random(7).randbytes(PAYLOAD))
    prepare_desk(route.ngo, ("-C", "case", "acquire", "files", "big.bin"))
    fill_ngo(route.ngo, chats=1)
    return route


def _desk(start: Route, name: str, folder: Path) -> Desk:
    shutil.copytree(start.ngo.folder.parent / name, folder / name)
    return Desk(folder / name)


def _killed(process: subprocess.Popen[bytes], seconds: float) -> bool:
    """Kill it after a while; tell whether that ended it."""
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        process.kill()
    _, err = process.communicate()
    assert process.returncode in (0, -signal.SIGKILL), err
    return process.returncode != 0


def _bodies(desk: Desk, kind: str) -> list[dict[str, Any]]:
    found = [json.loads(line)["body"] for line in desk.lines()]
    return [b for b in found if kind in (b["type"], b["facts"].get("kind"))]


def _measure(desk: Desk, *words: str) -> float:
    begun = time.monotonic()
    desk.run(*words)
    return time.monotonic() - begun


def _continue_until_whole(desk: Desk, dice: random.Random, seconds: float) -> int:
    """Continue, killed once more on the way; return how often it was killed."""
    words = (*CASE, "continue", "TR-0001", "-o", "pack")
    times = 0
    if not (desk.folder / "pack").exists():
        times += _killed(desk.start(*words), dice.uniform(0.2, seconds))
    while not (desk.folder / "pack").exists():
        desk.run(*words)
    return times


def test_an_offer_killed_at_any_moment_goes_on(start: Route, tmp_path: Path) -> None:
    dice = random.Random(20260222)
    seconds = _measure(_desk(start, "Ngo", tmp_path / "measured"), *OFFER, "-o", "pack")
    recorded = 0
    for number in range(KILLS):
        desk = _desk(start, "Ngo", tmp_path / f"run{number}")
        before = desk.lines()
        _killed(desk.start(*OFFER, "-o", "pack"), dice.uniform(0.2, seconds))
        assert desk.lines()[: len(before)] == before
        if not _bodies(desk, "transfer_out"):
            part = desk.folder / "pack.part"  # nothing is outside before the entry
            assert not part.exists() or not any(part.iterdir())
            continue
        recorded += 1
        _continue_until_whole(desk, dice, seconds)
        assert not (desk.folder / "pack.part").exists()
        assert len(_bodies(desk, "transfer_out")) == 1
        packed = [b["facts"]["package"] for b in _bodies(desk, "transfer_packed")]
        assert len(packed) == len(set(packed))
        told = desk.ask("verify", "pack")
        assert told["package"] == packed[-1]
        assert bagit.Bag(str(desk.folder / "pack")).is_valid()
        assert desk.failing() == []
        shutil.rmtree(desk.folder)
    assert recorded >= KILLS // 3


def test_what_is_there_is_not_copied_again(start: Route, tmp_path: Path) -> None:
    desk = _desk(start, "Ngo", tmp_path)
    process = desk.start(*OFFER, "-o", "pack")
    payload = desk.folder / "pack.part/data.part/EX-0001.payload.age"
    while process.poll() is None:
        if payload.exists() and payload.stat().st_size > PAYLOAD // 4:
            process.kill()
    process.communicate()
    there = payload.stat()
    assert there.st_size > PAYLOAD // 4
    told = desk.ask(*CASE, "continue", "TR-0001", "-o", "pack")
    assert told["kept"] >= there.st_size
    now = (desk.folder / "pack/data/EX-0001.payload.age").stat()
    assert now.st_ino == there.st_ino  # the same file, gone on with
    assert desk.ask("verify", "pack")["axes"]["intact"]["status"] == "pass"


def test_a_sealed_offer_killed_leaves_nothing_open(
    start: Route, tmp_path: Path
) -> None:
    dice = random.Random(5)
    words = (*OFFER, "--sealed", "-o", "pack")
    seconds = _measure(_desk(start, "Ngo", tmp_path / "measured"), *words)
    swept = 0
    for number in range(KILLS // 2):
        desk = _desk(start, "Ngo", tmp_path / f"run{number}")
        _killed(desk.start(*words), dice.uniform(0.3, seconds))
        rooms = list(desk.folder.glob(".custody-package-*"))
        if _bodies(desk, "transfer_out"):
            _continue_until_whole(desk, dice, seconds)
            head = (desk.folder / "pack").read_bytes()[:21]
            assert head == b"age-encryption.org/v1"
        desk.run("-C", "case", "recover")
        assert not list(desk.folder.glob(".custody-package-*"))
        told = _bodies(desk, "open_package_removed")
        assert len(told) >= bool(rooms)
        swept += len(told)
        assert len(_bodies(desk, "transfer_out")) <= 1
        assert desk.failing() == []
        shutil.rmtree(desk.folder)
    assert swept


def test_an_import_killed_at_any_moment_goes_on(start: Route, tmp_path: Path) -> None:
    dice = random.Random(11)
    ngo = _desk(start, "Ngo", tmp_path / "giver")
    ngo.run(*OFFER, "--sealed", "--split", "20M", "-o", "pack")
    words = (*CASE, "accept", str(ngo.folder / "pack.parts"), "-o", "receipt")
    seconds = _measure(_desk(start, "Police", tmp_path / "measured"), *words)
    for number in range(KILLS):
        desk = _desk(start, "Police", tmp_path / f"run{number}")
        _killed(desk.start(*words), dice.uniform(0.3, seconds))
        if not _bodies(desk, "transfer_in"):
            desk.run(*words)
        answers = _bodies(desk, "transfer_in")
        assert len(answers) == 1
        desk.run(*CASE, "export", "TI-0001", "-o", "again")
        assert desk.ask("verify", "again")["answer"]["result"] == "accepted"
        origins = [
            b["facts"]["lineage"]["entry"]
            for b in _bodies(desk, "acquire")
            if "lineage" in b["facts"]
        ]
        assert len(origins) == len(set(origins)) == 2
        desk.run("-C", "case", "recover")
        assert not list(desk.folder.glob(".custody-package-*"))
        assert list((desk.case / "staging").iterdir()) == []
        assert desk.failing() == []
        shutil.rmtree(desk.folder)
