"""Acceptance tests 3 and 4 of the requirements, with the real command.

3. Disclose 3 of 10 chats: the verifier confirms membership; from the pack, guessing a
   hidden short message by hashing fails.
4. Consent withdrawn: further disclosure is refused; the earlier one still verifies.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
import shutil
from pathlib import Path

import pytest

from tests.consenting import OPEN_NGO_CASE, prepare_desk
from tests.desk import Desk

HIDDEN = "yes"  # the message that must not be guessed
CHAT = """\
12/03/2024, 08:02 - Ana: are you there
12/03/2024, 08:03 - Ben: {answer}
12/03/2024, 08:04 - Ana: I come at {number}
12/03/2024, 08:05 - Ben: ok
"""


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    """Ten chats, a consent for three of them to a named organisation."""
    desk = Desk(tmp_path_factory.mktemp("desk"))
    commands = list(OPEN_NGO_CASE)
    for number in range(1, 11):
        name = f"WhatsApp Chat with {number}.txt"
        (desk.folder / name).write_text(CHAT.format(answer=HIDDEN, number=number))
        commands.append(("-C", "case", "acquire", "chat", name))
    scope = [word for n in (1, 4, 7) for word in ("--scope", f"EX-{n:04d}")]
    prepare_desk(desk, *commands, (*ADD, *scope))
    return desk


ADD = (
    *("-C", "case", "consent", "add", "--subject", "A1", "--age", "adult"),
    *("--level", "hand-over-prosecutor-court", "--recipient", "CRT-1"),
    *("--purpose", "prosecution", "--language", "az", "--wording", "az.txt"),
    *("--explained", "all"),
)
TO = ("--to", "CRT-1", "--purpose", "prosecution")


def disclose(desk: Desk, target: str, *words: str, code: int = 0) -> dict[str, object]:
    return desk.ask("-C", "case", "disclose", *words, *TO, "-o", target, code=code)


def elsewhere(desk: Desk, target: str, folder: Path) -> dict[str, object]:
    """Verify a pack where there is no case and no key store."""
    pack = shutil.copytree(desk.folder / target, folder / target)
    return desk.ask("verify", pack, CUSTODY_HOME=str(folder / "nobody"))


def hashes_in(folder: Path) -> set[bytes]:
    """Every 32-byte value that stands in the pack, in hex or base64, nested or not."""
    found: set[bytes] = set()
    texts = [path.read_bytes() for path in folder.iterdir()]
    for text in texts:
        for word in re.findall(rb"[A-Za-z0-9+/]{40,}={0,2}", text):
            try:
                data = base64.b64decode(word, validate=True)
            except ValueError:
                continue
            if len(data) == 32:
                found.add(data)
            elif len(data) > 64:
                texts.append(data)
        for word in re.findall(rb"(?<![0-9a-f])[0-9a-f]{64}(?![0-9a-f])", text):
            found.add(bytes.fromhex(word.decode()))
    return found


def guesses(line: bytes) -> set[bytes]:
    """What somebody who knows the form of a record could hash without its salt."""
    record = json.loads(line)
    bare = {name: value for name, value in record.items() if name != "salt"}
    forms = [HIDDEN, json.dumps(HIDDEN), json.dumps(bare), json.dumps(bare, indent=1)]
    tight = {"sort_keys": True, "separators": (",", ":")}
    forms.append(json.dumps(bare, **tight))  # type: ignore[arg-type] - its options
    for salt in ("0" * 32, "f" * 32, ""):
        guess = json.dumps({**record, "salt": salt}, **tight)  # type: ignore[arg-type]
        forms.append(guess)
    found: set[bytes] = set()
    for form in forms:
        data = form.encode()
        for prefix in (b"", b"\x00", b"\x01"):
            found.add(hashlib.sha256(prefix + data).digest())
    return found


def test_three_of_ten_chats_are_confirmed_and_the_rest_is_not_told(
    desk: Desk, tmp_path: Path
) -> None:
    disclose(desk, "three", "EX-0001", "EX-0004", "EX-0007")
    told = elsewhere(desk, "three", tmp_path)
    axes = {name: axis["status"] for name, axis in told["axes"].items()}  # type: ignore[attr-defined]
    for axis in ("complete", "intact", "consistent", "signed"):
        assert axes[axis] == "pass"
    assert [e["exhibit"] for e in told["exhibits"]] == ["EX-0001", "EX-0004", "EX-0007"]  # type: ignore[attr-defined]
    assert told["disclosure"]["recipient"] == "CRT-1"  # type: ignore[index]
    # Nothing of the other seven is in the pack: no number, digest, root or text.
    pack = b"".join(p.read_bytes() for p in (desk.folder / "three").iterdir())
    given, other = hashes_in(desk.folder / "three"), set()
    for line in desk.lines():
        body = json.loads(line)["body"]
        if body["type"] == "acquire" and body["exhibits"][0] not in told_of(told):
            other.add(bytes.fromhex(body["facts"]["payload"]["sha256"]))
            other.add(bytes.fromhex(body["facts"]["inventory"]["root"]))
            assert body["exhibits"][0].encode() not in pack
    assert len(other) > 7
    assert not given & other


def told_of(told: dict[str, object]) -> set[str]:
    return {str(e["exhibit"]) for e in told["exhibits"]}  # type: ignore[attr-defined]


def test_a_hidden_short_message_cannot_be_guessed(desk: Desk, tmp_path: Path) -> None:
    """The hidden message's neighbour is given, so its own leaf hash is in the pack."""
    inventory = desk.case / "exhibits/EX-0001/inventory.jsonl"
    records = inventory.read_bytes().splitlines()
    (place,) = [i for i, r in enumerate(records) if b'"%s"' % HIDDEN.encode() in r]
    beside = place ^ 1
    disclose(desk, "message", "EX-0001", "--records", str(beside + 1))
    told = elsewhere(desk, "message", tmp_path)
    plain = {"payload": False, "encrypted": False, "opened": True}
    assert told["exhibits"] == [
        {"exhibit": "EX-0001", "records": 1, "of": len(records), **plain}
    ]
    given = hashes_in(desk.folder / "message")
    # Who knows the salt finds it: the search itself works.
    assert hashlib.sha256(b"\x00" + records[place]).digest() in given
    assert not given & guesses(records[place])
    for path in (desk.folder / "message").iterdir():
        text = path.read_bytes()
        assert records[place] not in text
        assert json.loads(records[place])["salt"].encode() not in text
    # What was given can be told by its content: the pack is not empty.
    assert any(
        json.loads(records[beside])["salt"].encode() in p.read_bytes()
        for p in (desk.folder / "message").iterdir()
    )


def test_after_withdrawal_nothing_leaves_and_what_left_still_verifies(
    desk: Desk, tmp_path: Path
) -> None:
    disclose(desk, "before", "EX-0004")
    prepare_desk(desk, ("-C", "case", "consent", "withdraw", "CO-0001"))
    before = len(desk.lines())
    error = disclose(desk, "after", "EX-0004", code=34)
    assert error["code"] == "GROUND_REFUSED"
    assert "CONSENT_WITHDRAWN" in error["facts"]["refusals"]  # type: ignore[index]
    assert not (desk.folder / "after").exists()
    assert not (desk.folder / "after.part").exists()
    assert len(desk.lines()) == before
    told = elsewhere(desk, "before", tmp_path)
    assert told["axes"]["intact"]["status"] == "pass"  # type: ignore[index]
    assert desk.failing() == []
    # A new consent of the person opens the way again.
    prepare_desk(desk, (*ADD, "--scope", "EX-0004"))
    assert disclose(desk, "again", "EX-0004")["ground"] == "CO-0002"
