"""Answers that come twice, late, never, or only by word of mouth; the real command."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.consenting import prepare_desk
from tests.desk import Desk
from tests.handing import TO_POLICE, Route, fill_ngo, make_route

CASE = ("-C", "case", "transfer")


@pytest.fixture(scope="module")
def start(tmp_path_factory: pytest.TempPathFactory) -> Route:
    """The police took an exhibit of the NGO; their receipt is not on its way yet."""
    route = make_route(tmp_path_factory.mktemp("start"))
    fill_ngo(route.ngo, chats=1)
    prepare_desk(route.ngo, (*CASE, "offer", "EX-0001", *TO_POLICE, "-o", "pack"))
    shutil.copytree(route.ngo.folder / "pack", route.police.folder / "pack")
    prepare_desk(route.police, (*CASE, "accept", "pack", "-o", "yes"))
    return route


@pytest.fixture
def route(start: Route, tmp_path: Path) -> Iterator[Route]:
    """A copy of these desks of a test's own."""
    whole = shutil.copytree(start.ngo.folder.parent, tmp_path / "route")
    yield Route(*(Desk(whole / name) for name in ("Ngo", "Police", "Court")))


def given(desk: Desk) -> dict[str, Any]:
    (one,) = desk.ask(*CASE, "status")["given"]
    assert isinstance(one, dict)
    return one


def take(route: Route, name: str) -> None:
    route.ngo.ask(*CASE, "receipt", route.police.folder / name)


def test_a_receipt_that_never_came_back_does_not_bar_the_next_package(
    route: Route,
) -> None:
    """The police countersigned a checkpoint the NGO was never told of, long ago."""
    words = ("-C", "case", "note", "EX-0001", "--fact")
    prepare_desk(route.ngo, *((*words, f"note {n}") for n in range(12)))
    route.ngo.run(*CASE, "offer", "EX-0001", *TO_POLICE, "-o", "pack2")
    pack = route.ngo.folder / "pack2"
    told = route.police.ask(*CASE, "accept", pack, "-o", "r2")
    assert (told["result"], told["countersigned"]) == ("accepted", True)
    take(route, "r2")
    take(route, "yes")  # it comes after all
    states = [one["state"] for one in route.ngo.ask(*CASE, "status")["given"]]
    assert states == ["accepted", "accepted"]


def test_papers_are_told_apart_from_what_was_given(route: Route) -> None:
    words = (*CASE, "accept", "pack", "--again", "-o", "r2")
    done = route.police.run(*words)
    lines = dict(ln.strip().split("  ", 1) for ln in done.stdout.splitlines()[1:4])
    assert lines["exhibits"].strip() == "EX-0001"
    assert lines["papers with them"].strip() == "EX-0003"


def test_nobody_is_reminded_of_what_was_answered(route: Route) -> None:
    route.ngo.run(*CASE, "remind", "TR-0001", "-o", "remind")
    take(route, "yes")
    error = route.ngo.ask(*CASE, "remind", "TR-0001", "-o", "again", code=34)
    assert "signed answer (accepted)" in error["what"]
    assert not (route.ngo.folder / "again").exists()


def test_what_is_told_does_not_replace_what_was_signed(route: Route) -> None:
    words = (*CASE, "told", "TR-0001", "--answer", "declined", "--note", "by phone")
    route.ngo.run(*words)
    assert (given(route.ngo)["state"], given(route.ngo)["result"]) == (
        *("informal", "declined"),
    )
    route.ngo.run(*CASE, "export", "TR-0001", "-o", "told")
    assert route.ngo.ask("verify", "told")["answer"]["told"] is True
    take(route, "yes")
    assert given(route.ngo)["state"] == "accepted"
    error = route.ngo.ask(*words, code=34)
    assert "was signed" in error["what"]
    route.ngo.run(*CASE, "export", "TR-0001", "-o", "signed")
    assert route.ngo.ask("verify", "signed")["answer"]["told"] is False


def test_either_of_two_answers_can_be_proved(route: Route) -> None:
    words = ("pack", "--reason", "other", "--again", "-o", "no")
    route.police.run(*CASE, "decline", *words)
    take(route, "yes")
    take(route, "no")
    assert given(route.ngo)["contradicted"] is True
    done = route.ngo.run(*CASE, "status")
    kept = [answer["receipt"] for answer in given(route.ngo)["answers"]]
    assert f"signed yes and no ({', '.join(kept)})" in done.stdout + done.stderr
    shutil.rmtree(route.police.folder)
    for result in ("accepted", "declined"):
        more = ("--answer", result, "-o", result)
        route.ngo.run(*CASE, "export", "TR-0001", *more)
        assert route.ngo.ask("verify", result)["answer"]["result"] == result
    more = ("--answer", "returned", "-o", "none")
    error = route.ngo.ask(*CASE, "export", "TR-0001", *more, code=34)
    assert error["code"] == "TRANSFER_UNSOUND"


def test_a_lost_receipt_of_a_return_is_written_again(route: Route) -> None:
    route.police.run(*CASE, "return", "TI-0001", "--how", "sent-back", "-o", "back")
    (route.police.folder / "back").unlink()
    words = (*CASE, "export", "TI-0001", "--answer")
    route.police.run(*words, "returned", "-o", "back")
    route.police.run(*words, "accepted", "-o", "again")
    assert route.police.ask(*words, "declined", "-o", "x", code=34)
    take(route, "yes")
    take(route, "back")
    assert given(route.ngo)["state"] == "returned"
    done = route.ngo.run(*CASE, "status")
    assert "returned (returned)" not in done.stdout


def test_a_whole_archive_is_not_offered_to_who_could_not_open_it(route: Route) -> None:
    before = route.ngo.lines()
    words = (*CASE, "offer", "--whole", "--to", "Police", "--purpose", "safekeeping")
    more = ("--channel", "usb", "--override", "so", "-o", "archive")
    error = route.ngo.ask(*words, *more, code=34)
    assert "recipient add" in error["what"]
    assert route.ngo.lines() == before
    prepare_desk(
        route.ngo,
        ("-C", "case", "recipient", "add", str(route.police.folder / "me.json")),
    )
    route.ngo.run(*words, *more)
    told = route.police.ask(*CASE, "accept", route.ngo.folder / "archive", "-o", "r")
    assert told["result"] == "accepted"


def test_an_offer_says_what_has_to_be_sent_and_a_part_finds_its_list(
    route: Route,
) -> None:
    ngo, police = route.ngo, route.police
    (ngo.folder / "big").write_bytes(bytes(range(256)) * 6_000)
    ngo.run("-C", "case", "acquire", "files", "big")
    words = (*CASE, "offer", "EX-0003", *TO_POLICE, "--sealed", "--split", "1M")
    done = ngo.run(*words, "--override", "so", "-o", "p.age")
    assert "2, p.age.001 and on" in done.stdout
    assert "p.age.parts" in done.stdout
    told = police.ask("verify", ngo.folder / "p.age.001", "--as", "Police")
    assert told["axes"]["intact"]["status"] == "pass"
    shutil.copy(ngo.folder / "p.age.001", police.folder)
    done = police.run(*CASE, "accept", "p.age.001", "-o", "r", code=16)
    assert "NAME.parts" in done.stderr
    first = ngo.folder / "p.age.001"
    assert police.ask(*CASE, "accept", first, "-o", "r")["result"] == "accepted"


def test_an_offer_without_an_answer_does_not_speak_of_who_answered(
    route: Route,
) -> None:
    route.ngo.run(*CASE, "export", "TR-0001", "-o", "offer")
    told = route.ngo.ask("verify", "offer")
    assert "no answer" in told["axes"]["witnessed"]["why"]
    route.police.run("verify", "yes")
    assert "Payloads: ." not in route.police.run("verify", "yes").stdout
