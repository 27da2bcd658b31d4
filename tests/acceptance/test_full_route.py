"""NGO to police to prosecutor to a foreign authority, offline, each in its own home.

Afterwards one of the four deletes, edits, truncates or denies; every other one still
proves its part alone, with what it kept and the keys it trusts.
"""

from __future__ import annotations

import itertools
import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.consenting import prepare_desk
from tests.desk import Desk
from tests.handing import CHAT, TO_POLICE, fill_ngo, make_desk, opened_payload, trust
from tests.thorough import examples

TRANSFER = ("-C", "case", "transfer")
PARTIES = ("Ngo", "Police", "Court", "Abroad")
HOPS = tuple(itertools.pairwise(PARTIES))
# What each hop needs beside the recipient, and the authority it rests on.
GIVEN: dict[str, tuple[str, ...]] = {
    "Ngo": TO_POLICE,
    "Police": ("--to", "Court", "--purpose", "prosecution", "--channel", "post")
    + ("--authority", "AU-0002"),
    "Court": ("--to", "Abroad", "--purpose", "prosecution", "--channel", "e-codex")
    + ("--authority", "AU-0002"),
}
ORDERS = {"Police": "warrant", "Court": "mla"}


def order(kind: str) -> tuple[str, ...]:
    """An order that grounds a hand-over of content."""
    return (
        *("-C", "case", "authority", "add", "--type", kind, "--category", "content"),
        *("--issued-at", "2026-01-05", "--reference", "7 Js 12/26"),
        *("--issuer", "judge", "--issued-by", "Local Court"),
    )


def hand_on(giver: Desk, taker: Desk) -> None:
    """Offer, accept, give the receipt back, countersign, export both proofs."""
    name = giver.folder.name
    giver.ask(*TRANSFER, "offer", "EX-0001", *GIVEN[name], "-o", "out")
    shutil.copytree(giver.folder / "out", taker.folder / "in")
    taker.ask(*TRANSFER, "accept", "in", "-o", "answer")
    shutil.copy(taker.folder / "answer", giver.folder / "receipt")
    giver.ask(*TRANSFER, "receipt", "receipt", "-o", "cosig")
    cosigned = ("-C", "case", "witness", "add", str(giver.folder / "cosig"))
    witness = ("--witness", str(giver.folder / "me.json"))
    prepare_desk(taker, (*cosigned, *witness))
    prepare_desk(giver, (*TRANSFER, "export", "TR-0001", "-o", "given"))
    prepare_desk(taker, (*TRANSFER, "export", "TI-0001", "-o", "taken"))


@dataclass(frozen=True)
class Parties:
    """Four homes by name."""

    by_name: dict[str, Desk]

    def copied(self, folder: Path) -> Parties:
        """The same in another folder, to be damaged."""
        desks = {}
        for name, desk in self.by_name.items():
            shutil.copytree(desk.folder, folder / name)
            desks[name] = Desk(folder / name)
        return Parties(desks)


@pytest.fixture(scope="module")
def handed(tmp_path_factory: pytest.TempPathFactory) -> Parties:
    """The whole route walked once."""
    folder = tmp_path_factory.mktemp("four")
    desks = {
        n: make_desk(folder, n, "ngo" if n == "Ngo" else "police") for n in PARTIES
    }
    fill_ngo(desks["Ngo"], 1)
    for giver, taker in HOPS:
        trust(desks[giver], desks[taker])
        trust(desks[taker], desks[giver])
        if giver in ORDERS:
            prepare_desk(desks[giver], order(ORDERS[giver]))
        hand_on(desks[giver], desks[taker])
    return Parties(desks)


def alone(desk: Desk, proof: str) -> dict[str, Any]:
    """Verify one kept file in an empty place, with the trusted keys but no case."""
    shutil.rmtree(desk.case, ignore_errors=True)
    told: dict[str, Any] = desk.ask("verify", proof)
    return told


def proves(told: dict[str, Any]) -> bool:
    """Signed by both, by keys this home trusts, in logs that hold together."""
    axes = {name: axis["status"] for name, axis in told["axes"].items()}
    return {axes[name] for name in ("consistent", "signed", "trusted")} == {"pass"}


def deletes(desk: Desk) -> None:
    shutil.rmtree(desk.folder)


def edits(desk: Desk) -> None:
    log = desk.case / "manifest/entries.jsonl"
    log.chmod(0o600)
    log.write_bytes(log.read_bytes().replace(b'"transfer_', b'"transfeR_'))


def truncates(desk: Desk) -> None:
    log = desk.case / "manifest/entries.jsonl"
    log.chmod(0o600)
    log.write_bytes(b"".join(log.read_bytes().splitlines(keepends=True)[:2]))
    for path in (desk.case / "manifest/checkpoints").iterdir():
        if int(path.name[:10]) > 2:
            path.unlink()


def denies(desk: Desk) -> None:
    """Make a new case with the same key in which nothing ever happened."""
    shutil.rmtree(desk.case)
    words = ("init", "case", "--case-id", "X", "--title", "X", "--no-encrypt")
    own = ("--authority-type", "own-initiative")
    prepare_desk(desk, (*words, *own))


def test_the_payload_arrives_as_the_ngo_took_it(handed: Parties) -> None:
    for name in PARTIES[1:]:
        desk = handed.by_name[name]
        assert opened_payload(desk) == CHAT.encode()
        assert desk.failing() == []
    receipts = [handed.by_name[giver].ask("verify", "receipt") for giver, _ in HOPS]
    assert [told["answer"]["result"] for told in receipts] == ["accepted"] * 3


def test_each_checkpoint_is_countersigned_by_the_neighbour(handed: Parties) -> None:
    for giver, taker in HOPS:
        for one, other in ((giver, taker), (taker, giver)):
            key = handed.by_name[other].folder / "me.json"
            words = ("-C", "case", "verify", "--witness", str(key))
            told = handed.by_name[one].ask(*words, "--require", "witnessed")
            assert told["axes"]["witnessed"]["status"] == "pass", (one, other)


def test_the_lineage_leads_back_to_the_first_acquisition(handed: Parties) -> None:
    """Each copy names the log and entry it came from, down to the NGO's."""
    for giver, taker in HOPS:
        lines = [json.loads(ln)["body"] for ln in handed.by_name[taker].lines()]
        copy = next(b for b in lines if b["exhibits"] == ["EX-0001"])
        lines = [json.loads(ln)["body"] for ln in handed.by_name[giver].lines()]
        origin = next(b for b in lines if b["exhibits"] == ["EX-0001"])
        lineage = copy["facts"]["lineage"]
        assert (lineage["log"], lineage["seq"]) == (origin["log"], origin["seq"])


DEEDS = (deletes, edits, truncates, denies)
# Each party and each deed once; every pair of them where all is tried.
PAIRS = list(zip(PARTIES, DEEDS, strict=True))
ALL_PAIRS = list(itertools.product(PARTIES, DEEDS))


@pytest.mark.parametrize(("who", "act"), ALL_PAIRS if examples(0, 1) else PAIRS)
def test_each_other_party_proves_its_part_alone(
    handed: Parties, who: str, act: Callable[[Desk], None], tmp_path: Path
) -> None:
    parties = handed.copied(tmp_path)
    act(parties.by_name[who])
    for giver, taker in HOPS:
        if giver != who:
            for proof in ("receipt", "given"):
                assert proves(alone(parties.by_name[giver], proof)), (giver, proof)
        if taker != who:
            assert proves(alone(parties.by_name[taker], "taken")), taker


RECEIVED = list(itertools.product(HOPS, (edits, truncates)))


@pytest.mark.parametrize(
    ("hop", "act"), RECEIVED if examples(0, 1) else [RECEIVED[0], RECEIVED[-1]]
)
def test_what_the_receiver_did_shows_against_the_kept_receipt(
    handed: Parties,
    hop: tuple[str, str],
    act: Callable[[Desk], None],
    tmp_path: Path,
) -> None:
    """The giver holds the receiver's case, whatever is left of it, to the receipt."""
    giver, taker = hop
    parties = handed.copied(tmp_path)
    act(parties.by_name[taker])
    case = parties.by_name[taker].case
    words = ("--json", "verify", case, "--no-memory", "--checkpoint", "receipt")
    done = parties.by_name[giver].run(*words, code=None)
    assert done.returncode in (11, 12), done.stdout
    failing = {f["code"] for f in json.loads(done.stdout)["findings"] if f["fails"]}
    assert failing, done.stdout


def test_another_case_in_the_place_of_the_one_that_answered_shows(
    handed: Parties, tmp_path: Path
) -> None:
    parties = handed.copied(tmp_path)
    denies(parties.by_name["Police"])
    ngo, case = parties.by_name["Ngo"], parties.by_name["Police"].case
    words = ("verify", case, "--no-memory", "--checkpoint", "receipt")
    done = ngo.run(*words, code=2)
    assert "receipt holds no checkpoint of this case's log" in done.stderr
    # The answer it signed names the log it stands in.
    told = alone(ngo, "receipt")
    origin = json.loads((case / "manifest/entries.jsonl").read_bytes().split(b"\n")[0])
    assert proves(told)
    assert told["answer"]["log"] != origin["body"]["log"]
