"""Acceptance tests 1, 2, 6 and 10 of the requirements, with the real command.

1.  Network off, two self-made keys: acquire, consent, hand-over, receipt, verify.
2.  The receiver deletes, reorders, truncates or edits one item or event: the NGO's
    retained proof and receipt show it.
6.  NGO dissolved: another custodian verifies and continues the archive from package and
    receipts alone.
10. Refusal by an authority is recorded, and exportable by the NGO.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import bagit  # type: ignore[import-untyped]
import pytest

from tests.consenting import prepare_desk
from tests.desk import Desk
from tests.handing import (
    TO_POLICE,
    Route,
    fill_ngo,
    make_route,
    opened_payload,
    trust,
)

CASE = ("-C", "case", "transfer")


def hand_over(route: Route, package: str = "pack", *, answer: str = "receipt") -> Any:
    """NGO to police: offer, accept, receipt."""
    offered = route.ngo.ask(*CASE, "offer", "EX-0001", *TO_POLICE, "-o", package)
    shutil.copytree(route.ngo.folder / package, route.police.folder / package)
    taken = route.police.ask(*CASE, "accept", package, "-o", answer)
    shutil.copy(route.police.folder / answer, route.ngo.folder / answer)
    kept = route.ngo.ask(*CASE, "receipt", answer, "-o", f"{answer}.cosig")
    return offered, taken, kept


@pytest.fixture(scope="module")
def route(tmp_path_factory: pytest.TempPathFactory) -> Route:
    """NGO, police and prosecutor; one hand-over from the first to the second."""
    route = make_route(tmp_path_factory.mktemp("route"))
    fill_ngo(route.ngo)
    hand_over(route)
    cosig = route.ngo.folder / "receipt.cosig"
    shutil.copy(cosig, route.police.folder)
    words = ("-C", "case", "witness", "add", "receipt.cosig")
    ngo = str(route.ngo.folder / "me.json")
    prepare_desk(route.police, (*words, "--witness", ngo))
    return route


def statuses(told: dict[str, Any]) -> dict[str, str]:
    return {name: axis["status"] for name, axis in told["axes"].items()}


def nowhere(desk: Desk, folder: Path, *words: str | Path, code: int = 0) -> Any:
    """Run where there is no case and no key store."""
    return desk.ask(*words, code=code, CUSTODY_HOME=str(folder / "nobody"))


def test_1_offline_from_acquiring_to_a_verified_receipt(
    route: Route, tmp_path: Path
) -> None:
    own = ("complete", "intact", "consistent", "signed")
    for desk in (route.ngo, route.police):
        assert desk.failing() == []
        told = desk.ask("verify", "pack")
        assert [statuses(told)[axis] for axis in own] == ["pass"] * 4
        assert any("not decrypted" in line for line in told["not_established"])
        told = desk.ask("verify", "receipt")
        for axis in ("consistent", "signed", "trusted", "witnessed"):
            assert statuses(told)[axis] == "pass", axis
        assert told["answer"]["result"] == "accepted"
    told = nowhere(route.ngo, tmp_path, "verify", "receipt")
    assert statuses(told)["trusted"] == "not checked"
    # Both logs hold the same answer, and each countersigned the other's checkpoint.
    given = route.ngo.ask(*CASE, "status")["given"][0]
    assert given["state"] == "accepted"
    kept = json.loads(route.ngo.lines()[-1])["body"]["facts"]["answer"]
    assert kept == told["answer"]["leaf"]
    for desk, other in ((route.ngo, route.police), (route.police, route.ngo)):
        words = ("--witness", str(other.folder / "me.json"), "--require", "witnessed")
        assert statuses(desk.ask("-C", "case", "verify", *words))["witnessed"] == "pass"


def test_1_other_engines_agree_on_the_package(route: Route) -> None:
    folder = route.ngo.folder / "pack"
    bagit.Bag(str(folder)).validate()
    for kind in ("manifest", "tagmanifest"):
        for sum_ in ("sha256", "sha512"):
            words = [f"{sum_}sum", "--check", "--strict", f"{kind}-{sum_}.txt"]
            subprocess.run(words, cwd=folder, check=True, capture_output=True)
    script = ["sh", str(folder / "custody/verify.sh")]
    subprocess.run(script, check=True, capture_output=True)
    manifest = json.loads((folder / "custody/transmission-manifest.json").read_bytes())
    assert set(manifest) == {
        "available_until",
        "files",
        "made_available_at",
        "means",
        "orders",
        "recipient",
        "remarks",
        "sender",
    }


def test_1_the_exhibit_keeps_its_digests_and_names_its_origin(route: Route) -> None:
    lines = [json.loads(line)["body"] for line in route.ngo.lines()]
    origin = next(b for b in lines if b["exhibits"] == ["EX-0001"])
    lines = [json.loads(line)["body"] for line in route.police.lines()]
    copy = next(b for b in lines if b["exhibits"] == ["EX-0001"])
    source = (route.ngo.folder / "WhatsApp Chat with 1.txt").read_bytes()
    digest = hashlib.sha256(source).hexdigest()
    assert hashlib.sha256(opened_payload(route.police)).hexdigest() == digest
    assert copy["facts"]["inventory"]["root"] == origin["facts"]["inventory"]["root"]
    lineage = copy["facts"]["lineage"]
    assert (lineage["log"], lineage["exhibit"]) == (origin["log"], "EX-0001")


def rewrite(desk: Desk, change: Callable[[list[bytes]], list[bytes]]) -> Path:
    """A copy of a case whose log was changed, signatures untouched."""
    copy = desk.folder / "changed"
    shutil.rmtree(copy, ignore_errors=True)
    shutil.copytree(desk.case, copy)
    log = copy / "manifest/entries.jsonl"
    log.write_bytes(b"".join(change(log.read_bytes().splitlines(keepends=True))))
    return copy


def swapped(lines: list[bytes]) -> list[bytes]:
    return [*lines[:1], lines[2], lines[1], *lines[3:]]


def edited(lines: list[bytes]) -> list[bytes]:
    return [*lines[:1], lines[1].replace(b"acquire", b"acquirf"), *lines[2:]]


def deleted(lines: list[bytes]) -> list[bytes]:
    return [*lines[:1], *lines[2:]]


def truncated(lines: list[bytes]) -> list[bytes]:
    return lines[:2]


@pytest.mark.parametrize("change", [swapped, edited, deleted, truncated])
def test_2_what_the_receiver_did_to_an_event_shows(
    route: Route, change: Callable[[list[bytes]], list[bytes]]
) -> None:
    copy = rewrite(route.police, change)
    if change is truncated:  # and the checkpoints that would tell
        for path in (copy / "manifest/checkpoints").iterdir():
            if int(path.name[:10]) > 2:
                path.unlink()
    shutil.rmtree(route.ngo.folder / "theirs", ignore_errors=True)
    theirs = shutil.copytree(copy, route.ngo.folder / "theirs")
    words = ("--json", "verify", theirs, "--no-memory", "--checkpoint", "receipt")
    done = route.ngo.run(*words, code=None)
    assert done.returncode in (11, 12)
    findings = json.loads(done.stdout)["findings"]
    own = {f["code"] for f in findings if f["subject"] == "receipt" and f["fails"]}
    assert own & {"ROLLBACK", "CHECKPOINT_BEYOND"}, findings
    # What the NGO kept proves its own part all the same.
    assert statuses(route.ngo.ask("verify", "receipt"))["consistent"] == "pass"


def test_2_a_log_cut_with_its_checkpoints_looks_whole_but_for_the_receipt(
    route: Route,
) -> None:
    copy = rewrite(route.police, truncated)
    for path in (copy / "manifest/checkpoints").iterdir():
        path.unlink()
    # The receiver holds its own key and could sign a new, shorter head.
    receipt = route.ngo.folder / "receipt"
    with_receipt = ("verify", copy, "--no-memory", "--checkpoint", receipt)
    done = route.ngo.run("--json", *with_receipt, code=None)
    codes = {f["code"] for f in json.loads(done.stdout)["findings"]}
    assert codes & {"ROLLBACK", "CHECKPOINT_BEYOND"}, codes


@pytest.mark.parametrize("what", ["edited", "deleted", "swapped", "cut", "added"])
def test_2_what_the_receiver_did_to_an_item_shows(
    route: Route, what: str, tmp_path: Path
) -> None:
    pack = shutil.copytree(route.police.folder / "pack", tmp_path / "pack")
    payload, inventory = (
        pack / "data/EX-0001.payload.age",
        pack / "data/EX-0001.inventory.jsonl.age",
    )
    data = inventory.read_bytes()
    if what == "edited":
        data = payload.read_bytes()
        payload.write_bytes(data[:-1] + bytes([data[-1] ^ 1]))
    elif what == "deleted":
        inventory.write_bytes(data[:-40])
    elif what == "swapped":
        inventory.write_bytes(data[:-40] + data[-20:] + data[-40:-20])
    elif what == "cut":
        inventory.write_bytes(data[:-1])
    else:
        (pack / "data/EX-0009.payload").write_bytes(b"planted")
    done = route.ngo.run("--json", "verify", pack, code=None)
    told = json.loads(done.stdout)
    assert done.returncode in (10, 11)
    axis = "complete" if what == "added" else "intact"
    assert told["axes"][axis]["status"] == "fail"
    # The digest in the NGO's own log and in the signed receipt is another one, too.
    kept = route.ngo.ask("verify", "receipt")
    if what == "edited":
        (given,) = kept["offer"]["given"]
        assert hashlib.sha256(payload.read_bytes()).hexdigest() != given["sha256"]
    assert kept["answer"]["package"] == route.ngo.ask("verify", "pack")["package"]


def test_6_an_archive_goes_on_without_the_ngo(tmp_path: Path) -> None:
    route = make_route(tmp_path)
    fill_ngo(route.ngo)
    offered, _, _ = hand_over(route)
    successor = route.prosecutor
    for one, other in ((route.ngo, successor), (successor, route.ngo)):
        trust(one, other)
    words = ("-C", "case", "consent", "add", "--subject", "A1", "--age", "adult")
    more = ("--level", "hand-over-ngo", "--purpose", "safekeeping", "--scope", "whole")
    rest = ("--recipient", "NGO-2", "--language", "az", "--wording", "az.txt")
    prepare_desk(route.ngo, (*words, *more, *rest, "--explained", "all"))
    to = ("--to", "Court", "--alias", "NGO-2", "--purpose", "safekeeping")
    key = successor.folder / "me.json"
    prepare_desk(route.ngo, ("-C", "case", "recipient", "add", str(key)))
    words = ("offer", "--whole", *to, "--channel", "in-person", "-o", "archive")
    whole = route.ngo.ask(*CASE, *words)
    shutil.move(route.ngo.folder / "archive", successor.folder / "archive")
    shutil.rmtree(route.ngo.folder)  # dissolved
    told = successor.ask("verify", "archive")
    for axis in ("complete", "intact", "consistent", "signed"):
        assert statuses(told)[axis] == "pass", axis
    assert told["package"] == whole["package"]
    bagit.Bag(str(successor.folder / "archive")).validate()
    taken = successor.ask(*CASE, "accept", "archive", "-o", "taken")
    assert taken["result"] == "accepted"
    assert successor.failing() == []
    # The archive goes on: new acts, and the earlier receipts speak out of it.
    words = ("EX-0001", "--fact", "Received with the archive of the dissolved NGO.")
    successor.run("-C", "case", "note", *words)
    assert successor.failing() == []
    data = successor.folder / "archive/data"
    earlier = successor.ask("-C", data, "transfer", "status")["given"]
    assert [t["state"] for t in earlier] == ["accepted", "offered"]
    receipt = successor.folder / "old-receipt"
    successor.run("-C", data, "transfer", "export", offered["number"], "-o", receipt)
    told = successor.ask("verify", receipt)
    assert told["answer"]["result"] == "accepted"
    # And a third custodian can have it from the second.
    third = successor.ask("-C", "case", "verify")
    assert third["exhibits"] == len(earlier[1]["exhibits"]) + 1


def test_10_a_refusal_that_was_signed_is_kept_and_exported(tmp_path: Path) -> None:
    route = make_route(tmp_path)
    fill_ngo(route.ngo, chats=1)
    offered = route.ngo.ask(*CASE, "offer", "EX-0001", *TO_POLICE, "-o", "pack")
    shutil.copytree(route.ngo.folder / "pack", route.police.folder / "pack")
    before = len(route.police.lines())
    no = ("--reason", "not-competent", "--note", "Go to the capital, says Mammadov.")
    said = route.police.ask(*CASE, "decline", "pack", *no, "-o", "no")
    assert (said["result"], said["exhibits"]) == ("declined", [])
    assert len(route.police.lines()) == before + 1
    assert b"Mammadov" not in b"".join(route.police.lines())
    refusal = route.police.folder / "no"
    assert b"Mammadov" not in refusal.read_bytes()
    route.ngo.ask(*CASE, "receipt", refusal)
    (given,) = route.ngo.ask(*CASE, "status")["given"]
    assert (given["state"], given["answers"][0]["reason"]) == (
        "declined",
        "not-competent",
    )
    route.ngo.run(*CASE, "export", offered["number"], "-o", "proof")
    told = nowhere(route.ngo, tmp_path, "verify", "proof")
    assert (told["answer"]["result"], told["answer"]["told"]) == ("declined", False)
    assert told["answer"]["by"] == told["offer"]["to"]
    assert route.ngo.failing() == []


def test_10_a_refusal_at_the_counter_is_recorded_and_exported(tmp_path: Path) -> None:
    route = make_route(tmp_path)
    fill_ngo(route.ngo, chats=1)
    route.ngo.ask(*CASE, "offer", "EX-0001", *TO_POLICE, "-o", "pack")
    said = ("--answer", "declined", "--reason", "refused-to-register")
    note = ("--note", "The officer at the desk, Guluzade, would not take the stick.")
    route.ngo.ask(*CASE, "told", "TR-0001", *said, *note)
    (given,) = route.ngo.ask(*CASE, "status")["given"]
    assert (given["state"], given["result"]) == ("informal", "declined")
    assert "only told, not signed" in given["gap"]
    route.ngo.run(*CASE, "export", "TR-0001", "-o", "proof")
    assert b"Guluzade" not in (route.ngo.folder / "proof").read_bytes()
    told = nowhere(route.ngo, tmp_path, "verify", "proof")
    assert told["answer"]["told"] is True
    assert "ANSWER_OWN_WORD" in {f["code"] for f in told["findings"]}
