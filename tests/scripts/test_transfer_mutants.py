"""Every value and every region of receipts, offers and manifests, changed once."""

from __future__ import annotations

import base64
import hashlib
import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from evidence.transfer.opening import open_package
from manifests.errors import CustodyError
from manifests.transfer import read_transfer
from manifests.verifying.judge import Anchors
from manifests.verifying.transfers import judge_transfer
from manifests.verifying.verdict import Status
from tests.consenting import prepare_desk
from tests.desk import Desk
from tests.handing import TO_POLICE, Route, fill_ngo, make_route
from tests.thorough import examples

CASE = ("-C", "case", "transfer")
MANIFEST = "transmission-manifest.json"
# What nobody but the giver can know to be changed: named in VERIFY.txt and verdict.
UNSIGNED = {"name", "organisation", "role", "contact", "reference", "remarks"}
UNSIGNED |= {"authority", "date", "file_number", "type", "proof_item_id"}

Place = tuple[str | int, ...]


@pytest.fixture(scope="module")
def route(tmp_path_factory: pytest.TempPathFactory) -> Route:
    """A package out of a case that is encrypted, and the receipt for it."""
    made = make_route(tmp_path_factory.mktemp("mutants"))
    fill_ngo(made.ngo, chats=1)
    words = (*CASE, "offer", "EX-0001", *TO_POLICE, "--remarks", "R", "-o", "pack")
    prepare_desk(made.ngo, words)
    accept = (*CASE, "accept", str(made.ngo.folder / "pack"), "-o", "receipt")
    prepare_desk(made.police, accept)
    return made


def leaves(value: Any, place: Place = ()) -> Iterator[Place]:
    """Every place of a JSON value that holds no object or array, and each key."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from leaves(inner, (*place, key))
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            yield from leaves(inner, (*place, number))
    else:
        yield place


def changed(value: Any) -> list[Any]:
    """Values near one: text cut, grown and bent; other numbers, other kinds."""
    if isinstance(value, bool) or value is None:
        return [not value, "x"]
    if isinstance(value, int):
        return [value + 1, -value - 1, str(value)]
    found: list[Any] = ["", value + "x", None]
    if value:
        last = "0" if value[-1] != "0" else "1"
        found += [value[:-1] + last, value[1:]]
        found.append(("A" if value[0] != "A" else "B") + value[1:])
    return [one for one in found if one != value]


def mutants(data: bytes) -> Iterator[tuple[Place, bytes]]:
    """Each leaf of a JSON file changed in several ways, and each one left out."""
    tree = json.loads(data)
    for place in leaves(tree):
        for new in [*changed(at(tree, place)), KeyError]:
            copy = json.loads(data)
            inner = at(copy, place[:-1])
            if new is KeyError:
                del inner[place[-1]]
            else:
                inner[place[-1]] = new
            yield (
                place,
                json.dumps(copy, sort_keys=True, separators=(",", ":")).encode(),
            )


def at(tree: Any, place: Place) -> Any:
    for one in place:
        tree = tree[one]
    return tree


def refused(data: bytes) -> bool:
    """Whether a proof is not read, or its verdict fails."""
    try:
        verdict = judge_transfer(read_transfer(data), Anchors())
    except CustodyError:
        return True
    return any(axis.status is Status.FAIL for axis in verdict.axes.values())


def means_the_same(before: bytes, after: bytes) -> bool:
    """Whether only something unproven went away: a witness's word, a request."""
    old, new = json.loads(before), json.loads(after)
    for one in (old, new):
        one.pop("cosignature", None)
        for side in (one, one.get("offer", {})):
            side.pop("request", None)
            side.pop("note", None)
    return bool(old == new)


@pytest.mark.parametrize("name", ["receipt", "offer"])
def test_no_changed_value_of_a_proof_is_passed(route: Route, name: str) -> None:
    """Left over: the request, which proves nothing, and a countersignature left out."""
    paths = {
        "receipt": route.police.folder / "receipt",
        "offer": route.ngo.folder / "pack/custody/offer.json",
    }
    data = paths[name].read_bytes()
    assert not refused(data)
    passed = [p for p, mutant in mutants(data) if not refused(mutant)]
    odd = [p for p in passed if p[-1] not in ("request", "note", "cosignature")]
    assert odd == []
    notes = [m for p, m in mutants(data) if p[-1] == "note" and not refused(m)]
    for mutant in notes:  # lines of a note that nobody known signed
        assert means_the_same(data, mutant)


def test_no_changed_byte_of_an_entry_is_passed(route: Route) -> None:
    data = (route.police.folder / "receipt").read_bytes()
    tree = json.loads(data)
    for inner in (tree["entry"], tree["offer"]["entry"]):
        line = inner["entry"]
        for number in range(0, len(line), max(1, len(line) // examples(40, 4_000))):
            new = "0" if line[number] != "0" else "1"
            inner["entry"] = line[:number] + new + line[number + 1 :]
            raw = json.dumps(tree, sort_keys=True, separators=(",", ":")).encode()
            assert refused(raw), number
        inner["entry"] = line
        for number, node in enumerate(inner["proof"]):
            bent = bytearray(base64.b64decode(node))
            bent[0] ^= 1
            inner["proof"][number] = base64.b64encode(bent).decode()
            raw = json.dumps(tree, sort_keys=True, separators=(",", ":")).encode()
            assert refused(raw)
            inner["proof"][number] = node


def relist(pack: Path) -> None:
    """Write the lists of tag files anew, as somebody on the way can."""
    for algorithm in ("sha256", "sha512"):
        path = pack / f"tagmanifest-{algorithm}.txt"
        lines = []
        for line in path.read_text().splitlines():
            name = line.split("  ", 1)[1]
            data = (pack / name).read_bytes()
            lines.append(f"{hashlib.new(algorithm, data).hexdigest()}  {name}\n")
        path.write_text("".join(lines))


def taken_without_a_word(pack: Path) -> bool:
    try:
        return not open_package(pack, anchors=Anchors()).differences
    except CustodyError:
        return False


def test_no_changed_value_of_a_transmission_manifest_is_passed(
    route: Route, tmp_path: Path
) -> None:
    """Although the lists were written anew; what is sealed in the offer is named."""
    pack = Path(shutil.copytree(route.ngo.folder / "pack", tmp_path / "pack"))
    path = pack / "custody" / MANIFEST
    data = path.read_bytes()
    assert taken_without_a_word(pack)
    passed = set()
    for place, mutant in mutants(data):
        if place[0] == "files" and int(place[1]) >= examples(2, 99):
            continue
        path.write_bytes(mutant)
        relist(pack)
        if taken_without_a_word(pack):
            passed.add(str(place[-1]))
    assert passed <= UNSIGNED
    path.write_bytes(data)
    relist(pack)
    said = open_package(pack, anchors=Anchors())
    from evidence.transfer.judging import package_verdict

    assert any("remarks" in line for line in package_verdict(said).not_established)


def test_a_receipt_for_a_package_changed_on_the_way_is_refused(
    route: Route, tmp_path: Path
) -> None:
    """The receiver cannot see changed remarks; the giver sees it in the receipt."""
    desks = shutil.copytree(route.ngo.folder.parent, tmp_path / "route")
    ngo, police = Desk(desks / "Ngo"), Desk(desks / "Police")
    path = ngo.folder / "pack/custody" / MANIFEST
    value = json.loads(path.read_bytes())
    value["remarks"] = "S"
    path.write_bytes(json.dumps(value, sort_keys=True, separators=(",", ":")).encode())
    relist(ngo.folder / "pack")
    police.run(*CASE, "accept", ngo.folder / "pack", "--again", "-o", "r2")
    error = ngo.ask(*CASE, "receipt", police.folder / "r2", code=26)
    assert error["code"] == "RECEIPT_REFUSED"
    assert "package" in error["what"]
