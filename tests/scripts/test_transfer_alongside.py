"""What goes along with a package: what outsiders signed earlier, and a report."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import bagit  # type: ignore[import-untyped]
import pytest

from tests.consenting import prepare_desk
from tests.desk import Desk
from tests.handing import TO_POLICE, fill_ngo, make_route
from tests.scripts.test_transfer import relist
from tests.scripts.test_transfer_continue import interrupted
from tests.stamping import Authority, needs_openssl, new_authority, pem
from tests.tsa_server import honest, serving

CASE = ("-C", "case", "transfer")
OFFER = (*CASE, "offer", "EX-0001", *TO_POLICE, "-o", "pack")
ISSUED = ("-C", "case", "report", "--issue", "-o", "report.pdf")
PROOFS = "pack/custody/proofs"


@pytest.fixture(scope="module")
def stamped(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Authority]:
    """Desks of which the NGO may hand over; its log is time-stamped and reported."""
    route = make_route(tmp_path_factory.mktemp("stamped"))
    fill_ngo(route.ngo, chats=2)
    authority = new_authority()
    with serving(honest(authority, tmp_path_factory.mktemp("tsa"))) as one:
        prepare_desk(route.ngo, ("-C", "case", "seal", "--tsa", f"one={one.url}"))
    (route.ngo.folder / "root.pem").write_bytes(pem(authority.root))
    prepare_desk(route.ngo, ISSUED)
    return route.ngo.folder.parent, authority


@pytest.fixture
def desks(
    stamped: tuple[Path, Authority], tmp_path: Path
) -> Iterator[tuple[Desk, Desk]]:
    whole = shutil.copytree(stamped[0], tmp_path / "route")
    yield Desk(whole / "Ngo"), Desk(whole / "Police")


def timed(desk: Desk, *words: str, code: int = 0) -> dict[str, Any]:
    found = desk.ask("verify", "pack", *words, code=code)
    assert isinstance(found, dict)
    return found


@needs_openssl
def test_time_stamps_travel_and_are_checked_without_the_case(
    desks: tuple[Desk, Desk],
) -> None:
    ngo, police = desks
    ngo.ask(*OFFER)
    bagit.Bag(str(ngo.folder / "pack")).validate()
    (proof,) = (ngo.folder / PROOFS).iterdir()
    shutil.copytree(ngo.folder / "pack", police.folder / "pack")
    root = str(ngo.folder / "root.pem")
    shutil.rmtree(ngo.case)
    assert timed(police)["axes"]["timestamped"]["status"] == "not checked"
    told = timed(police, "--tsa-root", root)
    axis = told["axes"]["timestamped"]
    begun = [" ".join(line.split()[:4]) for line in told["not_established"]]
    assert begun.count("That the content of") == 1
    assert not [line for line in told["not_established"] if "acquirer" in line]
    assert axis["status"] == "pass"
    assert "existed by" in axis["why"]
    # The same by itself.
    alone = police.ask(
        "verify", police.folder / PROOFS / proof.name, "--tsa-root", root
    )
    assert alone["axes"]["timestamped"]["status"] == "pass"
    taken = police.ask(*CASE, "accept", "pack", "-o", "receipt")
    assert taken["result"] == "accepted"
    # They are kept with the receiver's record of the hand-over.
    shown = police.run("-C", "case", "log", "--json").stdout
    assert "TI-0001" in shown


def _other_exhibit(ngo: Desk) -> None:
    """Put the proof of the other exhibit under this one's name."""
    (own,) = (ngo.folder / PROOFS).iterdir()
    size = own.name.split(".")[1]
    ngo.ask("-C", "case", "prove", "EX-0002", "--at", str(int(size)), "-o", "other")
    own.write_bytes((ngo.folder / "other").read_bytes())


def _bent(ngo: Desk) -> None:
    (own,) = (ngo.folder / PROOFS).iterdir()
    data = own.read_bytes()
    at = data.index(b"\n", data.index(b"index")) + 3
    own.write_bytes(
        data[:at] + (b"A" if data[at : at + 1] != b"A" else b"B") + data[at + 1 :]
    )


def _no_proof(ngo: Desk) -> None:
    (own,) = (ngo.folder / PROOFS).iterdir()
    own.write_bytes(b"x" * 100)


def _other_size(ngo: Desk) -> None:
    """Put the proof over the offer's own checkpoint under the older one's name."""
    (own,) = (ngo.folder / PROOFS).iterdir()
    ngo.ask("-C", "case", "prove", "EX-0001", "-o", "newer")
    own.write_bytes((ngo.folder / "newer").read_bytes())


@pytest.mark.parametrize("change", [_other_exhibit, _bent, _no_proof, _other_size])
def test_an_older_proof_that_proves_nothing_is_a_difference(
    desks: tuple[Desk, Desk], change: Callable[[Desk], None]
) -> None:
    ngo, _ = desks
    ngo.ask(*OFFER)
    (own,) = (ngo.folder / PROOFS).iterdir()
    change(ngo)
    relist(ngo.folder / "pack", f"custody/proofs/{own.name}")
    found = timed(ngo, code=10)
    (difference,) = found["differences"]
    assert difference["path"] == f"custody/proofs/{own.name}"
    assert found["axes"]["intact"]["status"] == "fail"
    assert found["axes"]["timestamped"]["status"] == "not checked"


def test_more_older_proofs_than_an_offer_has_are_not_read(
    desks: tuple[Desk, Desk],
) -> None:
    ngo, _ = desks
    ngo.ask(*OFFER)
    (own,) = (ngo.folder / PROOFS).iterdir()
    added = {f"EX-0001.{size:010d}.tlog-proof" for size in range(1000, 1004)} | {
        "EX-0002.0000000005.tlog-proof"
    }
    for name in added:
        (own.parent / name).write_bytes(own.read_bytes())
        relist(ngo.folder / "pack", f"custody/proofs/{name}")
    found = timed(ngo, code=10)
    words = [one["word"] for one in found["differences"]]
    # One more of EX-0001 was read, and is not what its name says.
    assert sorted(words) == ["modified", "new", "new", "new", "new"]


def test_an_issued_report_goes_along_in_what_is_encrypted(
    desks: tuple[Desk, Desk],
) -> None:
    ngo, police = desks
    error = ngo.ask(*OFFER, "--report", "report.pdf", code=34)
    assert error["code"] == "TRANSFER_REPORT"  # it would lie open on the stick
    ngo.ask(*OFFER, "--report", "report.pdf", "--sealed")
    shutil.copy(ngo.folder / "pack", police.folder / "pack")
    data = (ngo.folder / "report.pdf").read_bytes()
    assert sha256(data).hexdigest().encode() in ngo.lines()[-2]
    told = timed(police, "--as", "Police")
    assert told["differences"] == []
    taken = police.ask(*CASE, "accept", "pack", "-o", "receipt")
    assert taken["result"] == "accepted"


def test_a_report_that_was_not_issued_stays_here(desks: tuple[Desk, Desk]) -> None:
    ngo, _ = desks
    prepare_desk(ngo, ("-C", "case", "report", "-o", "loose.pdf"))
    before = ngo.lines()
    for name in ("loose.pdf", "root.pem"):
        words = (*OFFER, "--report", name, "--sealed")
        assert ngo.ask(*words, code=34)["code"] == "TRANSFER_REPORT"
    assert ngo.lines() == before
    assert not (ngo.folder / "pack").exists()


def test_an_interrupted_offer_asks_for_its_report_again(
    desks: tuple[Desk, Desk],
) -> None:
    ngo, police = desks
    words = (*OFFER, "--report", str(ngo.folder / "report.pdf"), "--sealed")
    interrupted(ngo, "evidence.transfer.packing.write_bag", *words)
    go_on = (*CASE, "continue", "TR-0001", "-o", "pack")
    error = ngo.ask(*go_on, code=34)
    assert error["code"] == "TRANSFER_REPORT"
    assert "named again" in error["what"]
    (ngo.folder / "wrong.pdf").write_bytes(b"%PDF-1.7 another")
    error = ngo.ask(*go_on, "--report", "wrong.pdf", code=34)
    assert "not the report that was offered" in error["what"]
    ngo.ask(*go_on, "--report", "report.pdf")
    shutil.copy(ngo.folder / "pack", police.folder / "pack")
    assert timed(police, "--as", "Police")["differences"] == []


def test_another_report_in_the_package_is_a_difference(
    desks: tuple[Desk, Desk],
) -> None:
    ngo, _ = desks
    ngo.ask(*OFFER)
    (ngo.folder / "pack/custody/report.pdf").write_bytes(b"%PDF-1.7 not ours")
    relist(ngo.folder / "pack", "custody/report.pdf")
    (difference,) = timed(ngo, code=11)["differences"]
    assert difference["path"] == "custody/report.pdf"
    assert "names no report" in difference["detail"]
