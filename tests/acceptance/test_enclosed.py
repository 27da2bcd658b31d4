"""What leaves an encrypted case holds no identifier, and its receiver can use it.

An NGO's case full of planted identifiers; packages and disclosures out of it are
searched in all their files, and opened with the age tool alone.
"""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from evidence.vault.agekeys import new_identity, recipient_of
from tests import canaries
from tests.consenting import prepare_desk
from tests.desk import Desk
from tests.handing import (
    CONSENT,
    TO_POLICE,
    Route,
    age_identity,
    make_route,
    opened_payload,
)

CASE = ("-C", "case")
THEIRS = new_identity()
SUPPORT = (
    *(*CASE, "consent", "add", "--subject", "A1", "--age", "adult"),
    *("--level", "hand-over-ngo", "--purpose", "support", "--recipient", "NGO-1"),
    *("--language", "az", "--wording", "az.txt", "--explained", "all"),
    *("--scope", "whole"),
)
TO_NGO = ("--to", "NGO-1", "--purpose", "support")


@pytest.fixture(scope="module")
def route(tmp_path_factory: pytest.TempPathFactory) -> Route:
    """Three exhibits full of identifiers, an offer and four disclosures of them."""
    route = make_route(tmp_path_factory.mktemp("enclosed"))
    ngo = route.ngo
    sources = (
        ("chat", canaries.whatsapp(ngo.folder)),
        ("screenshot", canaries.screenshot(ngo.folder)),
        ("files", canaries.papers(ngo.folder)),
    )
    prepare_desk(
        ngo,
        *((*CASE, "acquire", kind, str(path)) for kind, path in sources),
        ("consent", "text", "--language", "az", "-o", "az.txt"),
        CONSENT,
        SUPPORT,
        offer("pack"),
        offer("bare", "--no-payload"),
        disclose("whole"),
        disclose("lists", "--no-payload"),
        disclose("chosen", "--records", "2,4-9", exhibits=("EX-0001",)),
    )
    shutil.copytree(ngo.folder / "pack", route.police.folder / "pack")
    return route


EXHIBITS = ("EX-0001", "EX-0002", "EX-0003")


def offer(target: str, *more: str) -> tuple[str, ...]:
    to = (*TO_POLICE, "-o", target)
    return (*CASE, "transfer", "offer", *EXHIBITS, *to, *more)


def disclose(
    target: str, *more: str, exhibits: tuple[str, ...] = EXHIBITS
) -> tuple[str, ...]:
    to = ("--encrypt-to", recipient_of(THEIRS), *TO_NGO, "-o", target)
    return (*CASE, "disclose", *exhibits, *to, *more)


def files(folder: Path) -> list[Path]:
    return [path for path in sorted(folder.rglob("*")) if path.is_file()]


@pytest.mark.parametrize("name", ["pack", "bare", "whole", "lists", "chosen"])
def test_no_file_of_it_names_anybody(route: Route, name: str) -> None:
    found = files(route.ngo.folder / name)
    assert len(found) > 2
    for path in found:
        assert not canaries.sightings(path.read_bytes()), path
        assert not canaries.sightings(path.name.encode()), path


def test_the_search_finds_what_went_in_clear(route: Route, tmp_path: Path) -> None:
    """The same search on what somebody let out in clear: it can find."""
    target = str(tmp_path / "clear")
    words = ("disclose", "EX-0001", *TO_NGO, "--no-payload", "-o", target)
    refused = route.ngo.ask(*CASE, *words, code=32)
    assert refused["code"] == "RECIPIENT_MISSING"
    route.ngo.run(*CASE, *words, "--in-clear")
    seen = [canaries.sightings(path.read_bytes()) for path in files(Path(target))]
    assert any(len(found) > 50 for found in seen)
    entry = json.loads(route.ngo.lines()[-1])["body"]
    assert entry["facts"]["exhibits"][0]["in_clear"] is True
    assert "IN CLEAR" in route.ngo.run(*CASE, "log").stdout


def age(identity: str, file: Path, scratch: Path) -> bytes:
    if shutil.which("age") is None:
        pytest.skip("the age tool is not installed")
    key = scratch / "key"
    key.write_text(identity + "\n")
    words = ["age", "--decrypt", "--identity", str(key), str(file)]
    return subprocess.run(words, check=True, capture_output=True).stdout


@pytest.mark.parametrize(("name", "data"), [("pack", "data"), ("whole", ".")])
def test_the_age_tool_alone_opens_a_whole_exhibit(
    route: Route, tmp_path: Path, name: str, data: str
) -> None:
    folder = route.ngo.folder / name / data
    mine = age_identity(route.police) if name == "pack" else THEIRS
    key = age(mine, folder / "EX-0001.key.age", tmp_path).decode().split()[-1]
    chat = (
        route.ngo.folder / "WhatsApp Chat with Xenobia Quillfeather.txt"
    ).read_bytes()
    assert age(key, folder / "EX-0001.payload.age", tmp_path) == chat
    inventory = age(key, folder / "EX-0001.inventory.jsonl.age", tmp_path)
    assert len(canaries.sightings(inventory)) > 50


def test_the_age_tool_alone_opens_chosen_records(route: Route, tmp_path: Path) -> None:
    path = route.ngo.folder / "chosen/EX-0001.records.jsonl.age"
    lines = age(THEIRS, path, tmp_path).splitlines()
    assert [json.loads(line)["index"] for line in lines] == [1, 3, 4, 5, 6, 7, 8]


@pytest.mark.parametrize("name", ["whole", "lists", "chosen"])
def test_a_recipient_with_an_age_key_alone_verifies(
    route: Route, tmp_path: Path, name: str
) -> None:
    nobody = Desk(tmp_path)
    folder = route.ngo.folder / name
    told = nobody.ask("verify", folder)
    assert [one["opened"] for one in told["exhibits"]] == [False] * len(
        told["exhibits"]
    )
    assert "PLAINTEXT_UNCHECKED" in [found["code"] for found in told["findings"]]
    (tmp_path / "key").write_text(THEIRS + "\n")
    told = nobody.ask("verify", folder, CUSTODY_AGE_IDENTITY=str(tmp_path / "key"))
    assert not told["findings"]
    assert all(one["opened"] for one in told["exhibits"])
    (tmp_path / "other").write_text(new_identity() + "\n")
    wrong = {"CUSTODY_AGE_IDENTITY": str(tmp_path / "other")}
    assert nobody.ask("verify", folder, code=58, **wrong)["code"] == "NOT_A_RECIPIENT"


def test_a_package_verifies_with_and_without_the_key(route: Route) -> None:
    police = route.police
    told = police.ask("verify", "pack")
    assert "PLAINTEXT_UNCHECKED" in [found["code"] for found in told["findings"]]
    told = police.ask("verify", "pack", "--as", "Police")
    assert not told["findings"]
    told = route.prosecutor.ask(
        "verify", police.folder / "pack", "--as", "Court", code=58
    )
    assert told["code"] == "NOT_A_RECIPIENT"


def plain_case(desk: Desk, name: str) -> None:
    words = ("init", name, "--case-id", name, "--title", name, "--profile", "police")
    prepare_desk(desk, (*words, "--no-encrypt", "--authority-type", "own-initiative"))


def test_what_was_taken_stands_nowhere_in_clear(route: Route, tmp_path: Path) -> None:
    police = Desk(Path(shutil.copytree(route.police.folder, tmp_path / "police")))
    taken = accept(police, "case", "receipt")
    assert taken["result"] == "accepted"
    for path in (*files(police.case), police.folder / "receipt"):
        assert not canaries.sightings(path.read_bytes()), path
    assert canaries.sightings(opened_payload(police))
    assert police.failing() == []


def accept(desk: Desk, case: str, target: str, *more: str, code: int = 0) -> Any:
    words = ("transfer", "accept", "pack", "-o", target, *more)
    return desk.ask("-C", case, *words, code=code)


def test_nothing_encrypted_is_taken_into_a_plain_case_by_itself(
    route: Route, tmp_path: Path
) -> None:
    police = Desk(Path(shutil.copytree(route.police.folder, tmp_path / "police")))
    plain_case(police, "plain")
    before = files(police.folder / "plain/exhibits")
    told = accept(police, "plain", "no", code=32)
    assert told["code"] == "PLAINTEXT_REFUSED"
    assert files(police.folder / "plain/exhibits") == before
    assert not (police.folder / "no").exists()
    accept(police, "plain", "yes", "--in-clear")
    last = (
        (police.folder / "plain/manifest/entries.jsonl").read_bytes().splitlines()[-1]
    )
    assert json.loads(last)["body"]["facts"]["in_clear"] is True
    # The giver learns it from the receipt.
    told = route.ngo.ask("verify", police.folder / "yes")
    assert told["answer"]["in_clear"] is True
    assert "IN CLEAR" in route.ngo.run("verify", police.folder / "yes").stdout


def test_an_exchanged_key_is_a_difference_and_not_taken(
    route: Route, tmp_path: Path
) -> None:
    police = Desk(Path(shutil.copytree(route.police.folder, tmp_path / "police")))
    data = police.folder / "pack/data"
    shutil.copy(data / "EX-0002.key.age", data / "EX-0001.key.age")
    told = police.ask("verify", "pack", "--as", "Police", code=10)
    assert "KEY_FILE_WRONG" in [found["code"] for found in told["findings"]]
    told = accept(police, "case", "receipt", code=3)
    assert told["result"] == "accepted-with-differences"
    lines = [json.loads(line)["body"]["facts"] for line in police.lines()]
    origins = [facts["lineage"]["exhibit"] for facts in lines if "lineage" in facts]
    assert origins == ["EX-0002", "EX-0003"]


def test_who_has_no_age_key_is_offered_nothing(route: Route, tmp_path: Path) -> None:
    ngo = Desk(Path(shutil.copytree(route.ngo.folder, tmp_path / "ngo")))
    (path,) = (ngo.home / "trusted").glob("*.json")
    told = json.loads(path.read_bytes())
    del told["recipient"], told["recipient_proof"]
    path.write_text(json.dumps(told, sort_keys=True, separators=(",", ":")))
    before = ngo.lines()
    for more in ((), ("--no-payload",)):
        refused = ngo.ask(*offer("none", *more), code=30)
        assert refused["code"] == "RECIPIENT_REFUSED"
    assert ngo.lines() == before
    assert not (ngo.folder / "none").exists()


def test_records_without_payload_are_taken_encrypted(
    route: Route, tmp_path: Path
) -> None:
    police = Desk(Path(shutil.copytree(route.police.folder, tmp_path / "police")))
    shutil.rmtree(police.folder / "pack")
    shutil.copytree(route.ngo.folder / "bare", police.folder / "pack")
    assert not list((police.folder / "pack").rglob("*.key.age"))
    assert not police.ask("verify", "pack", "--as", "Police")["findings"]
    assert accept(police, "case", "receipt")["result"] == "accepted"
    for path in files(police.case):
        assert not canaries.sightings(path.read_bytes()), path
    assert len(canaries.sightings(opened_payload(police))) > 50


def test_a_whole_case_goes_as_ciphertext(route: Route, tmp_path: Path) -> None:
    ngo = Desk(Path(shutil.copytree(route.ngo.folder, tmp_path / "ngo")))
    words = [*SUPPORT]
    words[words.index("support")] = "safekeeping"
    words[words.index("NGO-1")] = "NGO-2"
    to = ("--to", "Police", "--alias", "NGO-2", "--purpose", "safekeeping")
    prepare_desk(
        ngo,
        tuple(words),
        (*CASE, "recipient", "add", str(route.police.folder / "me.json")),
        (*CASE, "transfer", "offer", "--whole", *to, "--channel", "usb", "-o", "all"),
    )
    for path in files(ngo.folder / "all"):
        assert not canaries.sightings(path.read_bytes()), path
    shutil.move(ngo.folder / "all", route.police.folder / "all")
    told = route.police.ask("verify", "all", "--as", "Police")
    assert "PLAINTEXT_UNCHECKED" not in [f["code"] for f in told["findings"]]
