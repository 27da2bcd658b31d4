"""The whole route of a hand-over, and what goes wrong on it, with the real command."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.consenting import prepare_desk
from tests.desk import WHY, Desk
from tests.handing import TO_POLICE, Route, fill_ngo, make_route, opened_payload

CASE = ("-C", "case", "transfer")


@pytest.fixture(scope="module")
def start(tmp_path_factory: pytest.TempPathFactory) -> Route:
    """Three desks; the NGO has offered one exhibit to the police."""
    route = make_route(tmp_path_factory.mktemp("start"))
    fill_ngo(route.ngo, chats=1)
    words = (*CASE, "offer", "EX-0001", *TO_POLICE, "-o", "pack")
    prepare_desk(route.ngo, words)
    shutil.copytree(route.ngo.folder / "pack", route.police.folder / "pack")
    return route


@pytest.fixture
def route(start: Route, tmp_path: Path) -> Iterator[Route]:
    """A copy of these desks of a test's own."""
    whole = shutil.copytree(start.ngo.folder.parent, tmp_path / "route")
    yield Route(*(Desk(whole / name) for name in ("Ngo", "Police", "Court")))


def state(desk: Desk) -> dict[str, Any]:
    (given,) = desk.ask(*CASE, "status")["given"]
    assert isinstance(given, dict)
    return given


def relist(pack: Path, name: str) -> None:
    """Put a changed tag file into the lists, so that the lists hold again."""
    import hashlib

    data = (pack / name).read_bytes()
    for sum_ in ("sha256", "sha512"):
        path = pack / f"tagmanifest-{sum_}.txt"
        lines = [ln for ln in path.read_text().splitlines() if not ln.endswith(name)]
        lines.append(f"{hashlib.new(sum_, data).hexdigest()}  {name}")
        path.write_text("\n".join(lines) + "\n")


def test_from_the_ngo_over_the_police_to_the_prosecutor(route: Route) -> None:
    police, court = route.police, route.prosecutor
    police.ask(*CASE, "accept", "pack", "-o", "receipt")
    route.ngo.ask(*CASE, "receipt", police.folder / "receipt")
    assert state(route.ngo)["state"] == "accepted"
    order = ("authority", "add", "--type", "warrant", "--issued-at", "2026-01-05")
    said = ("--category", "content", "--reference", "7 Js 12/26", "--issuer", "judge")
    prepare_desk(police, ("-C", "case", *order, *said, "--issued-by", "Local Court"))
    to = ("--to", "Court", "--purpose", "prosecution", "--channel", "post")
    words = ("EX-0001", *to, "--authority", "AU-0002", "--available-days", "10")
    offered = police.ask(*CASE, "offer", *words, "-o", "on")
    assert offered["ground"] == "AU-0002"
    manifest = police.folder / "on/custody/transmission-manifest.json"
    assert json.loads(manifest.read_bytes())["orders"] == [
        {
            "authority": "Local Court",
            "date": "2026-01-05T00:00:00.000000Z",
            "file_number": "7 Js 12/26",
            "number": "AU-0002",
            "type": "warrant",
        }
    ]
    assert b"7 Js 12/26" not in b"".join(police.lines())
    shutil.copytree(police.folder / "on", court.folder / "on")
    taken = court.ask(*CASE, "accept", "on", "-o", "receipt2")
    assert taken["exhibits"] == ["EX-0001", "EX-0002"]
    police.ask(*CASE, "receipt", court.folder / "receipt2")
    for desk in (route.ngo, police, court):
        assert desk.failing() == []
    # The payload is bit for bit what the NGO took.
    first = (route.ngo.folder / "WhatsApp Chat with 1.txt").read_bytes()
    assert opened_payload(court) == first
    # Each side alone proves its part after the other's case is gone.
    shutil.rmtree(police.folder)
    told = route.ngo.ask(*CASE, "status")["given"][0]
    assert told["answers"][0]["result"] == "accepted"
    prepare_desk(route.ngo, (*CASE, "export", "TR-0001", "-o", "proof"))
    prepare_desk(court, (*CASE, "export", "TI-0001", "-o", "proof"))
    for desk in (route.ngo, court):
        assert desk.ask("verify", "proof")["axes"]["signed"]["status"] == "pass"


def test_what_is_given_back_is_signed_too(route: Route) -> None:
    words = ("accept", "pack", "-o", "receipt")
    back = ("return", "TI-0001", "--how", "destroyed", "-o", "back")
    prepare_desk(route.police, (*CASE, *words), (*CASE, *back))
    error = route.police.ask(*CASE, *back[:-1], "again", code=34)
    assert error["code"] == "TRANSFER_UNSOUND"
    for name in ("receipt", "back"):
        prepare_desk(route.ngo, (*CASE, "receipt", str(route.police.folder / name)))
    assert state(route.ngo)["state"] == "returned"


def test_a_package_for_somebody_else_is_not_taken(route: Route) -> None:
    court = route.prosecutor
    shutil.copytree(route.ngo.folder / "pack", court.folder / "pack")
    before = court.lines()
    for verb in (("accept",), ("decline", "--reason", "other")):
        error = court.ask(*CASE, *verb, "pack", "-o", "never", code=25)
        assert error["code"] == "NOT_YOUR_PACKAGE"
    assert court.lines() == before
    assert not (court.folder / "never").exists()


def test_a_package_by_a_stranger_is_not_taken(route: Route) -> None:
    prepare_desk(route.police, ("identity", "untrust", "Ngo"))
    error = route.police.ask(*CASE, "accept", "pack", "-o", "never", code=25)
    assert error["code"] == "NOT_YOUR_PACKAGE"


def test_an_offer_replayed_is_not_taken_twice(route: Route) -> None:
    prepare_desk(route.police, (*CASE, "accept", "pack", "-o", "receipt"))
    before = route.police.lines()
    for verb in (("accept",), ("decline", "--reason", "duplicate")):
        error = route.police.ask(*CASE, *verb, "pack", "-o", "never", code=38)
        assert error["code"] == "OFFER_ANSWERED"
    assert route.police.lines() == before
    prepare_desk(route.police, (*CASE, "export", "TI-0001", "-o", "again"))
    told = route.ngo.ask("verify", route.police.folder / "again")
    assert told["answer"]["result"] == "accepted"


def test_a_receiver_that_answers_twice_has_signed_both(route: Route) -> None:
    yes, no = ("accept", "pack", "-o", "yes"), ("decline", "pack", "--reason", "other")
    prepare_desk(route.police, (*CASE, *yes), (*CASE, *no, "--again", "-o", "no"))
    for name in ("yes", "no"):
        prepare_desk(route.ngo, (*CASE, "receipt", str(route.police.folder / name)))
    given = state(route.ngo)
    assert given["contradicted"] is True
    assert [a["result"] for a in given["answers"]] == ["accepted", "declined"]
    words = (*CASE, "receipt", route.police.folder / "yes")
    assert route.ngo.ask(*words, code=38)["code"] == "RECEIPT_KNOWN"
    assert route.ngo.failing() == []


def test_a_difference_is_listed_and_what_differs_is_not_taken(route: Route) -> None:
    payload = route.police.folder / "pack/data/EX-0001.payload.age"
    payload.write_bytes(payload.read_bytes() + b"more")
    told = route.police.ask(*CASE, "accept", "pack", "-o", "receipt", code=3)
    assert told["result"] == "accepted-with-differences"
    assert told["counts"]["modified"] == 1
    assert told["exhibits"] == ["EX-0001"]  # the proofs, a document
    lines = [json.loads(line)["body"] for line in route.police.lines()]
    assert lines[-2]["facts"]["kind"] == "document"
    prepare_desk(route.ngo, (*CASE, "receipt", str(route.police.folder / "receipt")))
    assert state(route.ngo)["state"] == "accepted-with-differences"


def test_a_receipt_for_another_package_is_refused(route: Route) -> None:
    pack = route.police.folder / "pack"
    (pack / "custody/VERIFY.txt").write_text("All is well, trust me.\n")
    relist(pack, "custody/VERIFY.txt")
    told = route.police.ask(*CASE, "accept", "pack", "-o", "receipt")
    assert told["result"] == "accepted"  # the lists hold, and are others
    before = route.ngo.lines()
    words = (*CASE, "receipt", route.police.folder / "receipt")
    error = route.ngo.ask(*words, code=26)
    assert (error["code"], "another package" in error["what"]) == (
        "RECEIPT_REFUSED",
        True,
    )
    assert route.ngo.lines() == before


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b'\\"result\\":\\"accepted\\"', b'\\"result\\":\\"declined\\"'),
        (b'"kind":"answer"', b'"kind":"offer"'),
        (b'"index":', b'"index":1'),
        (b'"cosignature":"', b'"cosignature":"x'),
    ],
)
def test_a_forged_receipt_is_refused(
    accepted: Route, old: bytes, new: bytes, tmp_path: Path
) -> None:
    data = (accepted.police.folder / "receipt").read_bytes()
    assert old in data
    forged = tmp_path / "forged"
    forged.write_bytes(data.replace(old, new))
    before = accepted.ngo.lines()
    done = accepted.ngo.run("--json", *CASE, "receipt", forged, code=None)
    assert done.returncode in (18, 26, 30, 31, 32), done.stdout
    assert accepted.ngo.lines() == before


@pytest.fixture(scope="module")
def accepted(start: Route, tmp_path_factory: pytest.TempPathFactory) -> Route:
    """The police have accepted; the NGO has not taken the receipt."""
    whole = tmp_path_factory.mktemp("accepted") / "route"
    shutil.copytree(start.ngo.folder.parent, whole)
    route = Route(*(Desk(whole / name) for name in ("Ngo", "Police", "Court")))
    prepare_desk(route.police, (*CASE, "accept", "pack", "-o", "receipt"))
    return route


def test_a_receipt_by_a_key_that_is_trusted_no_more_is_refused(
    accepted: Route, tmp_path: Path
) -> None:
    home = shutil.copytree(accepted.ngo.home, tmp_path / "home")
    away = {"CUSTODY_HOME": str(home)}
    accepted.ngo.run("identity", "untrust", "Police", **away)
    words = (*CASE, "receipt", accepted.police.folder / "receipt")
    error = accepted.ngo.ask(*words, code=26, **away)
    assert "not, or no longer" in error["what"]


def test_a_receipt_of_another_case_is_refused(accepted: Route) -> None:
    words = (*CASE, "receipt", accepted.police.folder / "receipt")
    error = accepted.police.ask(*words, code=26)
    assert "no offer of this case" in error["what"]


def test_a_full_disk_leaves_no_package(
    route: Route, monkeypatch: pytest.MonkeyPatch
) -> None:
    from evidence.transfer import packing

    def full(*_: object, **__: object) -> str:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(packing, "write_bag", full)
    words = (*CASE, "offer", "EX-0001", *TO_POLICE, "-o", "full")
    with pytest.raises(AssertionError):
        prepare_desk(route.ngo, words)
    assert not (route.ngo.folder / "full").exists()
    assert (route.ngo.folder / "full.part").is_dir()
    monkeypatch.undo()
    route.ngo.run("verify", "full.part", code=39)  # no package, no case
    given = route.ngo.ask(*CASE, "status")["given"]
    assert [one["packages"] for one in given][1:] == [[]]
    assert route.ngo.failing() == []
    prepare_desk(route.ngo, (*words[:-1], "fresh"))


def test_nothing_is_offered_beyond_the_consent(route: Route) -> None:
    to = ("--to", "Police", "--purpose", "investigation", "--channel", "usb")
    before = route.ngo.lines()
    refused = (
        (("EX-0001", *to), "CONSENT_OTHER_RECIPIENT"),
        (("EX-0002", *to, "--alias", "POL-1"), "CONSENT_OTHER_EXHIBIT"),
        (
            ("EX-0001", "--to", "Police", "--alias", "POL-1", "--channel", "usb")
            + ("--purpose", "defence"),
            "CONSENT_OTHER_PURPOSE",
        ),
    )
    for words, code in refused:
        error = route.ngo.ask(*CASE, "offer", *words, "-o", "never", code=34)
        assert code in error["facts"]["refusals"], error
        assert not (route.ngo.folder / "never").exists()
    days = ("EX-0001", *TO_POLICE, "--available-days", "9")
    error = route.ngo.ask(*CASE, "offer", *days, "-o", "never", code=34)
    assert error["code"] == "TRANSFER_UNSOUND"
    error = route.ngo.ask(*CASE, "offer", "--whole", *TO_POLICE, "-o", "x", code=34)
    assert "safekeeping" in error["what"]
    nobody = ("EX-0001", "--to", "Nobody", *TO_POLICE[2:], "-o", "never")
    error = route.ngo.ask(*CASE, "offer", *nobody, code=52)
    assert error["code"] == "TRUSTED_UNKNOWN"
    assert route.ngo.lines() == before


def test_an_alias_does_not_change_hands(route: Route) -> None:
    from tests.handing import trust

    trust(route.ngo, route.prosecutor)
    words = ("EX-0001", "--to", "Court", *TO_POLICE[2:], "-o", "never")
    error = route.ngo.ask(*CASE, "offer", *words, code=34)
    assert error["code"] == "ALIAS_OTHER_KEY"


def test_a_label_bars_a_hand_over(route: Route) -> None:
    label = ("-C", "case", "label", "add", "EX-0001", "--handling", "SAFETY")
    prepare_desk(route.ngo, label)
    words = (*CASE, "offer", "EX-0001", *TO_POLICE, "-o", "never")
    error = route.ngo.ask(*words, code=34)
    assert "LABEL_ONLY_TO" in error["facts"]["refusals"]
    assert not (route.ngo.folder / "never").exists()


def test_a_reminder_names_no_person(route: Route) -> None:
    route.ngo.run(*CASE, "remind", "TR-0001", "-o", "remind.txt")
    text = (route.ngo.folder / "remind.txt").read_text()
    assert "TR-0001" in text and "Police" not in text
    assert route.ngo.ask(*CASE, "status", "--overdue")["overdue"] == []


def test_log_and_report_tell_both_sides(accepted: Route, tmp_path: Path) -> None:
    from pypdf import PdfReader

    whole = shutil.copytree(accepted.ngo.folder.parent, tmp_path / "route")
    ngo, police = Desk(whole / "Ngo"), Desk(whole / "Police")
    prepare_desk(ngo, (*CASE, "receipt", str(police.folder / "receipt")))
    for desk, words in (
        (ngo, ("TR-0001", "POL-1", "accepted, signed", "Hand-overs")),
        (police, ("TI-0001", "accepted", "Handed over: EX-0001 of", "Hand-overs")),
    ):
        desk.run("-C", "case", "report", "-o", "report.pdf")
        pages = PdfReader(desk.folder / "report.pdf").pages
        text = " ".join(" ".join(p.extract_text().split()) for p in pages)
        for word in words:
            assert word in text, word
    log = ngo.run("-C", "case", "log").stdout
    for word in ("TR-0001: exhibits offered", "package", "receipt taken: accepted"):
        assert word in log


def test_the_full_report_carries_the_transmission_manifest_as_it_was(
    route: Route, tmp_path: Path
) -> None:
    """Made again from sealed records; a report that names nobody says where it is."""
    pack = route.ngo.folder / "pack/custody/transmission-manifest.json"
    words = ("-C", "case", "report", "--let-through", "a test", *WHY)
    for variant in ("full", "closed-session"):
        target = tmp_path / f"{variant}.pdf"
        full = ("--variant", variant, "--authority", "AU-0001", "-o", target)
        route.ngo.run(*words, *full)
        folder = tmp_path / variant
        folder.mkdir()
        subprocess.run(["pdfdetach", "-saveall", "-o", folder, target], check=True)
        found = [p for p in folder.iterdir() if "transmission" in p.name]
        if variant == "full":
            assert [p.read_bytes() for p in found] == [pack.read_bytes()]
        else:
            assert found == []
        told = route.ngo.ask("verify", target)
        assert told["axes"]["complete"]["status"] == "pass"


def test_an_import_that_was_interrupted_goes_on(
    route: Route, monkeypatch: pytest.MonkeyPatch
) -> None:
    from evidence.transfer import receiving
    from manifests.errors import NoSpaceError

    def full(*_: object) -> None:
        raise NoSpaceError(what="the log", reason="full")

    monkeypatch.setattr(receiving, "record", full)
    words = (*CASE, "accept", "pack", "-o", "receipt")
    with pytest.raises(AssertionError):
        prepare_desk(route.police, words)
    assert not (route.police.folder / "receipt").exists()
    monkeypatch.undo()
    taken = route.police.ask(*words)
    # The chat is not taken twice; the proofs of the first try stay beside.
    assert taken["exhibits"] == ["EX-0001", "EX-0003"]
    assert route.police.failing() == []


def test_packages_may_be_opened_in_any_order(route: Route) -> None:
    words = (*CASE, "offer", "EX-0001", *TO_POLICE, "-o", "second")
    prepare_desk(route.ngo, words)
    shutil.copytree(route.ngo.folder / "second", route.police.folder / "second")
    told = route.police.ask(*CASE, "accept", "second", "-o", "r2")
    assert told["countersigned"] is True
    told = route.police.ask(*CASE, "accept", "pack", "-o", "r1")
    assert (told["result"], told["countersigned"]) == ("accepted", False)
    for name in ("r2", "r1"):
        prepare_desk(route.ngo, (*CASE, "receipt", str(route.police.folder / name)))
    given = route.ngo.ask(*CASE, "status")["given"]
    assert [one["state"] for one in given] == ["accepted", "accepted"]


def test_what_is_not_settled_is_open(accepted: Route, tmp_path: Path) -> None:
    from evidence.case import open_case
    from evidence.transfer.register import open_transfers

    ngo = Desk(shutil.copytree(accepted.ngo.folder, tmp_path / "Ngo"))
    (one,) = open_transfers(open_case(ngo.case))
    assert (one.number, one.exhibits) == ("TR-0001", ("EX-0001",))
    receipt = str(accepted.police.folder / "receipt")
    prepare_desk(ngo, (*CASE, "receipt", receipt))
    assert open_transfers(open_case(ngo.case)) == ()


def test_any_changed_byte_of_what_is_signed_shows(accepted: Route) -> None:
    from manifests.errors import CustodyError
    from manifests.transfer import read_transfer
    from manifests.verifying.judge import Anchors
    from manifests.verifying.transfers import judge_transfer
    from manifests.verifying.verdict import Status

    data = (accepted.police.folder / "receipt").read_bytes()
    proof = read_transfer(data)
    assert proof.answer is not None
    checked = 0
    for side in (proof.offer, proof.answer):
        lines = (side.act.line, *(item.line for item in side.standing))
        for part in (json.dumps(line.decode()).encode()[1:-1] for line in lines):
            start = data.index(part)
            for place in range(start, start + len(part), 97):
                changed = bytearray(data)
                changed[place] ^= 1
                checked += 1
                try:
                    verdict = judge_transfer(read_transfer(bytes(changed)), Anchors())
                except CustodyError:
                    continue
                axes = verdict.axes.values()
                assert any(a.status is Status.FAIL for a in axes), place
    assert checked > 30
