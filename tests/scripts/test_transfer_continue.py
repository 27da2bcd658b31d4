"""`transfer continue`: an interrupted offer is finished, and nothing counts twice."""

from __future__ import annotations

import errno
import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import bagit  # type: ignore[import-untyped]
import pytest

from evidence.envelope.rooms import PREFIX, open_room, sweep
from tests.consenting import prepare_desk
from tests.desk import Desk
from tests.handing import TO_POLICE, fill_ngo, make_route

CASE = ("-C", "case", "transfer")
OFFER = (*CASE, "offer", "EX-0001", *TO_POLICE, "-o", "pack")
CONTINUE = (*CASE, "continue", "TR-0001", "-o", "pack")
PAYLOAD = "pack.part/data/EX-0001.payload.age"


def _full(*_: object, **__: object) -> Any:
    raise OSError(errno.ENOSPC, "No space left on device")


def interrupted(desk: Desk, where: str, *words: str) -> None:
    """Run an act in which one step finds the disk full."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(where, _full)
        with pytest.raises(AssertionError):
            prepare_desk(desk, words)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Desks of which the NGO may hand one exhibit over."""
    route = make_route(tmp_path_factory.mktemp("whole"))
    fill_ngo(route.ngo, chats=1)
    return route.ngo.folder.parent


@pytest.fixture(scope="module")
def cut(whole: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same after an offer whose lists did not fit on the disk any more."""
    made = shutil.copytree(whole, tmp_path_factory.mktemp("cut") / "route")
    interrupted(Desk(made / "Ngo"), "evidence.transfer.packing.write_bag", *OFFER)
    return made


@pytest.fixture
def fresh(whole: Path, tmp_path: Path) -> Iterator[Desk]:
    yield Desk(shutil.copytree(whole / "Ngo", tmp_path / "Ngo"))


@pytest.fixture
def desk(cut: Path, tmp_path: Path) -> Iterator[Desk]:
    """An NGO whose offer was interrupted, of the test's own."""
    yield Desk(shutil.copytree(cut / "Ngo", tmp_path / "Ngo"))


def _kinds(desk: Desk) -> list[str]:
    bodies = [json.loads(line)["body"] for line in desk.lines()]
    found = [b["facts"].get("kind") for b in bodies if b["type"] == "annotate"]
    found += [b["type"] for b in bodies]
    wanted = ("transfer_out", "transfer_packed", "open_package_removed")
    return [kind for kind in found if kind in wanted]


def test_the_rest_is_copied_and_the_offer_is_the_same(
    desk: Desk, cut: Path, tmp_path: Path
) -> None:
    payload = desk.folder / PAYLOAD
    there = payload.stat().st_ino
    told = desk.ask(*CONTINUE)
    assert told["kept"] > 0 and not told["only_named"]
    assert (desk.folder / "pack/data/EX-0001.payload.age").stat().st_ino == there
    bagit.Bag(str(desk.folder / "pack")).validate()
    assert sorted(_kinds(desk)) == ["transfer_out", "transfer_packed"]
    assert not (desk.folder / "pack.part").exists()
    assert desk.failing() == []
    police = Desk(shutil.copytree(cut / "Police", tmp_path / "Police"))
    got = police.ask(*CASE, "accept", desk.folder / "pack", "-o", "receipt")
    assert (got["result"], got["package"]) == ("accepted", told["package"])
    desk.ask(*CASE, "receipt", police.folder / "receipt")
    error = desk.ask(*CONTINUE[:-1], "more", code=34)
    assert (error["code"], "accepted" in error["what"]) == (
        "TRANSFER_NOT_CONTINUED",
        True,
    )


@pytest.mark.parametrize("bend", ["torn", "zeros", "longer", "other", "gone"])
def test_what_is_there_counts_only_if_it_is_right(desk: Desk, bend: str) -> None:
    payload = desk.folder / PAYLOAD
    data = payload.read_bytes()
    new = {"torn": data[: len(data) // 2], "zeros": bytes(len(data))}
    new |= {"longer": data + b"x", "other": b"y" + data[1:]}
    payload.unlink()
    if bend != "gone":
        payload.write_bytes(new[bend])
    desk.ask(*CONTINUE)
    assert (desk.folder / "pack/data/EX-0001.payload.age").read_bytes() == data
    assert desk.ask("verify", "pack")["differences"] == []


def test_a_package_that_only_lacks_its_name_is_recorded_once(fresh: Desk) -> None:
    desk = fresh
    interrupted(desk, "cli.packages.name_folder", *OFFER)
    assert (desk.folder / "pack.part/bagit.txt").exists()
    told = desk.ask(*CONTINUE)
    assert told["only_named"] is True
    assert sorted(_kinds(desk)) == ["transfer_out", "transfer_packed"]
    assert desk.ask("verify", "pack")["package"] == told["package"]


def test_on_another_medium_all_is_copied(desk: Desk) -> None:
    shutil.rmtree(desk.folder / "pack.part")  # the stick is broken
    told = desk.ask(*CONTINUE[:-1], "elsewhere")
    assert told["kept"] == 0
    assert desk.ask("verify", "elsewhere")["package"] == told["package"]


def _plant(desk: Desk) -> None:
    (desk.folder / "pack.part/data/diary.txt").write_text("somebody else's")


def _link(desk: Desk) -> None:
    (desk.folder / PAYLOAD).unlink()
    (desk.folder / PAYLOAD).symlink_to(desk.folder / "home")


@pytest.mark.parametrize("change", [_plant, _link])
def test_what_is_not_of_the_offer_stops_it(
    desk: Desk, change: Callable[[Desk], None]
) -> None:
    change(desk)
    before = desk.lines()
    error = desk.ask(*CONTINUE, code=34)
    assert error["code"] == "PART_UNKNOWN"
    assert desk.lines() == before
    assert (desk.folder / "pack.part").is_dir()


def test_a_consent_taken_back_meanwhile_stops_it(desk: Desk) -> None:
    prepare_desk(desk, ("-C", "case", "consent", "withdraw", "CO-0001"))
    error = desk.ask(*CONTINUE, code=34)
    assert "CONSENT_WITHDRAWN" in error["facts"]["refusals"]
    assert not (desk.folder / "pack").exists()


def test_a_key_trusted_no_more_stops_it(desk: Desk) -> None:
    prepare_desk(desk, ("identity", "untrust", "Police"))
    assert desk.ask(*CONTINUE, code=34)["code"] == "TRANSFER_NOT_CONTINUED"


def test_records_without_payload_go_on_where_they_are_still_there(fresh: Desk) -> None:
    desk, words = fresh, (*OFFER[:4], "--no-payload", *OFFER[4:])
    interrupted(desk, "evidence.transfer.packing.write_bag", *words)
    kept = shutil.copytree(desk.folder / "pack.part", desk.folder / "kept")
    shutil.rmtree(desk.folder / "pack.part")
    error = desk.ask(*CONTINUE, code=34)
    assert "were lost" in error["what"]
    shutil.move(kept, desk.folder / "pack.part")
    desk.ask(*CONTINUE)
    assert desk.ask("verify", "pack")["differences"] == []


@pytest.mark.parametrize("split", [(), ("--split", "2M")])
@pytest.mark.parametrize(
    "where", ["evidence.envelope.sealed.tar_size", "evidence.envelope.sealed.finish"]
)
def test_an_encrypted_offer_stays_encrypted(
    fresh: Desk, where: str, split: tuple[str, ...]
) -> None:
    desk = fresh
    interrupted(desk, where, *OFFER, "--sealed", *split)
    told = desk.ask(*CONTINUE)  # nobody says again how it was to travel
    assert told["only_named"] is where.endswith("finish")
    name = "pack.001" if split else "pack"
    assert (desk.folder / name).read_bytes().startswith(b"age-encryption.org/v1")
    assert sorted(_kinds(desk)) == ["transfer_out", "transfer_packed"]
    listed = desk.folder / ("pack.parts" if split else "pack")
    told = desk.ask("-C", "case", "verify", listed, code=3)
    assert told["transfer"] == "TR-0001"


def test_an_open_package_a_crash_left_is_destroyed_and_recorded(fresh: Desk) -> None:
    desk = fresh
    origin = json.loads(desk.lines()[0])["body"]["log"]
    for number in (1, 2):
        with open_room(desk.case, origin) as room:
            stem = room.name.rpartition("-")[0]
        left = desk.folder / f"{stem}-dead{number}/package"
        left.mkdir(parents=True)
        (left / "name.txt").write_text("CANARY")
    (desk.folder / f"{PREFIX}000000000000-x").mkdir()  # of another case
    (desk.folder / f"{stem}-link").symlink_to(desk.home)
    with open_room(desk.case, origin) as busy:
        (busy / "open").write_text("in use")
        told = desk.ask("-C", "case", "recover")
        assert told["open_packages_removed"] == 2
        assert (busy / "open").exists()
    names = sorted(p.name for p in desk.folder.glob(f"{PREFIX}*"))
    assert names == sorted([f"{PREFIX}000000000000-x", f"{stem}-link"])
    assert desk.home.is_dir()
    body = json.loads(desk.lines()[-1])["body"]
    assert body["facts"] == {
        "bytes": 12,
        "files": 2,
        "folders": 2,
        "kind": "open_package_removed",
    }
    assert desk.ask("-C", "case", "recover")["open_packages_removed"] == 0
    assert "destroyed: 2" in desk.run("-C", "case", "log").stdout
    assert desk.failing() == []


def test_a_room_that_cannot_be_removed_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from manifests import durable

    with open_room(tmp_path / "case", "o") as room:
        stem = room.name.rpartition("-")[0]
    (tmp_path / f"{stem}-dead").mkdir()

    def refuse(*_: object, **__: object) -> int:
        raise PermissionError(errno.EPERM, "no")

    monkeypatch.setattr(durable, "destroy_tree", refuse)
    found = sweep(tmp_path / "case", "o")
    assert (found.folders, "could not be removed" in found.problem) == (0, True)


def test_two_processes_do_not_write_one_package(desk: Desk) -> None:
    from evidence.disclosing import holding

    with holding(desk.folder / "pack.part"):
        error = desk.ask(*CONTINUE, code=41)
    assert error["code"] == "OUTPUT_BUSY"
