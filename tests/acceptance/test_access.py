"""Acceptance tests 11 and 12 of the requirements, with the real command.

11. `stats` contains no identifier and suppresses cells under the threshold.
12. Minor-flagged item in "refer" mode: no bytes of the content on disk.
And LED Art. 25: looking at sealed content is recorded before anything is shown.
"""

from __future__ import annotations

import base64
import csv
import hashlib
import io
import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.consenting import prepare_desk
from tests.desk import COMMAND, OWN_INITIATIVE, WHY, Desk

CANARY = b"CANARY-of-what-must-not-be-kept-"
NAME = "Aysel Canary"
CHAT = """\
12/03/2024, 08:02 - Aysel Canary: are you \x1b[31mthere
12/03/2024, 08:03 - Ben: =HYPERLINK("x")
12/03/2024, 08:04 - Aysel Canary: second
line
"""
CASE = ("-C", "case")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    """A case of the police with seven small files and a chat under an order."""
    desk = Desk(tmp_path_factory.mktemp("desk"))
    for number in range(7):
        (desk.folder / f"{NAME} {number}.txt").write_text(f"{NAME} {number}")
    (desk.folder / "WhatsApp Chat with Ben.txt").write_text(CHAT)
    prepare_desk(
        desk,
        ("identity", "new", "--name", "Tess Tester", "--no-passphrase"),
        ("init", "case", "--case-id", NAME, "--title", NAME, *OWN_INITIATIVE),
        *(
            (*CASE, "acquire", "files", f"{NAME} {number}.txt", "--description", NAME)
            for number in range(7)
        ),
        (*CASE, "acquire", "chat", "WhatsApp Chat with Ben.txt"),
        (*CASE, "note", "EX-0001", "--fact", f"{NAME} is in it"),
    )
    return desk


@pytest.fixture
def desk(made: Desk, tmp_path: Path) -> Desk:
    """A copy of its own, for what writes."""
    folder = shutil.copytree(made.folder, tmp_path / "desk")
    return Desk(folder)


def newest(desk: Desk) -> dict[str, object]:
    body = json.loads(desk.lines()[-1])["body"]
    assert isinstance(body, dict)
    return body


def test_what_is_public_needs_no_key_and_leaves_no_entry(made: Desk) -> None:
    before = desk_bytes(made)
    nobody = {"CUSTODY_HOME": str(made.folder / "nobody")}
    shown = made.run(*CASE, "show", "EX-0001", **nobody)
    assert NAME not in shown.stdout + shown.stderr and "sha256" in shown.stdout
    asked = made.ask(*CASE, "show", "EX-0008", **nobody)
    assert asked["sealed"] is None and "Ben" not in json.dumps(asked)
    made.run(*CASE, "log", **nobody)
    made.run(*CASE, "verify", **nobody)
    log = made.run(*CASE, "export", "led-log", "--named", **nobody).stdout
    assert NAME not in log and "Tess Tester" in log
    assert desk_bytes(made) == before


def desk_bytes(desk: Desk) -> dict[str, bytes]:
    return {
        str(path): path.read_bytes() for path in desk.case.rglob("*") if path.is_file()
    }


LOOKS = (
    ("show", "EX-0001", "--sealed"),
    ("transcript", "EX-0008"),
    ("authority", "show", "AU-0001", "--sealed"),
    ("interference", "list", "--texts"),
    ("label", "show", "EX-0001", "--sealed"),
    ("matrix",),
    ("export", "led-log", "--reasons"),
    ("report", "-o", "r.pdf", "--with-sources"),
)


@pytest.mark.parametrize("words", LOOKS, ids=lambda words: "-".join(words[:2]))
def test_every_look_needs_a_reason_and_a_key_and_is_recorded_first(
    made: Desk, words: tuple[str, ...]
) -> None:
    size = len(made.lines())
    refused = made.run(*CASE, *words, code=34)
    assert "JUSTIFICATION_MISSING" in refused.stderr and NAME not in refused.stdout
    made.run(*CASE, *words, *WHY[:2], "--because", "  ", code=34)
    nobody = {"CUSTODY_HOME": str(made.folder / "nobody")}
    keyless = made.run(*CASE, *words, *WHY, code=None, **nobody)
    assert keyless.returncode and NAME not in keyless.stdout
    assert len(made.lines()) == size
    assert not (made.folder / "r.pdf").exists()
    if words[0] == "report":
        return  # that it records is in scripts/test_annotations.py; it takes its time
    made.run(*CASE, *words, *WHY)
    body = json.loads(made.lines()[size])["body"]
    assert (body["type"], body["facts"]["purpose"]) == ("consult", "quality")
    assert b"a test looks" not in b"".join(made.lines())


def test_a_look_that_cannot_be_recorded_shows_nothing(desk: Desk) -> None:
    """The entry comes first: where it cannot be written, nothing is shown."""
    broken = desk.case / "manifest/checkpoints"
    names = sorted(broken.glob("*.note"))
    names[-1].write_bytes(b"broken")
    done = desk.run(*CASE, "transcript", "EX-0008", *WHY, code=None)
    assert done.returncode and "there" not in done.stdout


def test_an_order_that_does_not_ground_looking_refuses_it(tmp_path: Path) -> None:
    """Preserved (EPOC-PR) is not yet produced: Regulation (EU) 2023/1543 Art. 6."""
    desk = Desk(tmp_path)
    desk.run("identity", "new", "--name", "Tess Tester", "--no-passphrase")
    (tmp_path / "f.txt").write_text(NAME)
    first = ("--authority-type", "cets185-29", "--authority-reference", "X")
    done = desk.run("init", "case", "--case-id", "1", "--title", "t", *first, code=None)
    assert done.returncode == 0, done.stderr
    desk.run(*CASE, "acquire", "files", "f.txt")
    look = (*CASE, "show", "EX-0001", "--sealed", *WHY)
    refused = desk.run(*look, code=34)
    assert "AUTHORITY_TOUCH" in refused.stderr and "f.txt" not in refused.stdout
    desk.run(*look, "--override", "the judge allowed it")
    body = newest(desk)
    facts = body["facts"]
    assert isinstance(facts, dict)
    assert facts["override"] == {"refusals": ["AUTHORITY_TOUCH"]}
    assert desk.failing() == []


def test_a_transcript_is_a_page_of_the_conversation(desk: Desk) -> None:
    text = desk.run(*CASE, "transcript", "EX-0008", *WHY).stdout
    assert "\x1b" not in text and "‹U+001B›[31mthere" in text
    assert "    second\n    line\n" in text
    page = (*CASE, "transcript", "EX-0008", *WHY, "--from", "2", "--count", "1")
    found = desk.ask(*page)
    assert [m["number"] for m in found["messages"]] == [2]
    assert (found["total"], found["next"]) == (3, 3)
    assert desk.ask(*CASE, "transcript", "EX-0001", *WHY, code=37)["code"] == (
        "NO_CONVERSATION"
    )
    inventory = desk.case / "exhibits/EX-0008/inventory.jsonl"
    inventory.chmod(0o600)
    inventory.write_bytes(inventory.read_bytes().replace(b"second", b"forged"))
    forged = desk.run(*CASE, "transcript", "EX-0008", *WHY, code=10)
    assert "INVENTORY_ALTERED" in forged.stderr and "forged" not in forged.stdout


def test_the_led_log_tells_every_act_and_no_content(desk: Desk) -> None:
    desk.run(*CASE, "show", "EX-0001", "--sealed", *WHY)
    out = desk.folder / "log.csv"
    desk.run(*CASE, "export", "led-log", "-o", out)
    rows = list(csv.DictReader(io.StringIO(out.read_text("utf-8"), newline="")))
    acts = [row for row in rows if not row["time"].startswith("#")]
    bodies = [json.loads(line)["body"] for line in desk.lines()]
    verbs = {"acquire": "collection", "annotate": "alteration"}
    verbs["consult"] = "consultation"
    assert [(r["entry"], r["verb"], r["person"]) for r in acts] == [
        (str(b["seq"]), verbs[b["type"]], b["actor"])
        for b in bodies
        if b["type"] in verbs
    ]
    look = acts[-1]
    assert (look["purpose"], look["justification"]) == ("quality", "sealed")
    assert (look["ground"], look["exhibits"]) == ("AU-0001", "EX-0001")
    data = out.read_bytes()
    for word in (NAME, "a test looks", "Tess Tester", "WhatsApp Chat"):
        assert word.encode() not in data
    # Size and root as RFC 6962 gives them, worked out here.
    foot = {r["time"]: r["verb"] for r in rows if r["time"].startswith("#")}
    assert foot["# checkpoint size"] == str(len(bodies))
    assert foot["# checkpoint root"] == root(desk.lines())
    # A range; the words when they are asked for, which is on record itself.
    middle = bodies[4]["time"]
    few = desk.ask(*CASE, "export", "led-log", "--from", middle, "--to", "2999-01-01")
    assert few["rows"][0]["entry"] == "4"
    why = ("--purpose", "supervision", "--because", "they asked")
    full = desk.ask(*CASE, "export", "led-log", "--reasons", *why)
    told = [row["justification"] for row in full["rows"]]
    assert told[-2:] == ["a test looks", "they asked"]
    desk.run(*CASE, "export", "led-log", "--from", "2026-01-01T00:00:00", code=34)
    desk.run(*CASE, "export", "led-log", "--from", "2026-02", code=34)


def root(lines: list[bytes]) -> str:
    """RFC 6962 2.1, by recursion, apart from the code under test."""

    def tree(leaves: list[bytes]) -> bytes:
        if len(leaves) == 1:
            return hashlib.sha256(b"\x00" + leaves[0]).digest()
        split = 1
        while split * 2 < len(leaves):
            split *= 2
        both = tree(leaves[:split]) + tree(leaves[split:])
        return hashlib.sha256(b"\x01" + both).digest()

    return tree([line.rstrip(b"\n") for line in lines]).hex()


def test_a_led_log_that_is_not_whole_says_so(desk: Desk) -> None:
    sealed = max((desk.case / "private").iterdir())
    desk.run(*CASE, "show", "EX-0001", "--sealed", *WHY)
    sealed.unlink()
    done = desk.run(*CASE, "export", "led-log", "--reasons", *WHY, code=3)
    assert "not available" in done.stdout and "INCOMPLETE" in done.stderr
    # A colleague takes a line out: the acts are told, and that it does not verify.
    log = desk.case / "manifest/entries.jsonl"
    lines = desk.lines()
    log.write_bytes(b"".join([*lines[:5], *lines[6:]]))
    done = desk.run(*CASE, "export", "led-log", code=None)
    assert done.returncode >= 10 and "DOES NOT VERIFY" in done.stderr
    assert len(done.stdout.splitlines()) > 6


# -- 11 --------------------------------------------------------------------------------


def test_11_stats_name_nobody_and_suppress_small_cells(desk: Desk) -> None:
    done = desk.run(*CASE, "export", "stats")
    for word in (NAME, "Tess", "EX-0", "AU-0", "case", str(desk.folder)):
        assert word not in done.stdout
    facts = [json.loads(line)["body"] for line in desk.lines()]
    for secret in {body["actor"] for body in facts} | {facts[0]["log"]}:
        assert secret not in done.stdout
    (year,) = desk.ask(*CASE, "export", "stats")["years"].values()
    # One instrument: withheld. Eight exhibits, seven of them files: one is a chat, so
    # neither count is told, as the total would give the other away.
    assert year["instruments"]["withheld"] and year["instruments"]["total"] is None
    assert year["exhibits"]["total"] is None
    # With four more chats there is nothing small: 7 + 5 = 12.
    for number in range(4):
        chat = desk.folder / f"WhatsApp Chat with {number}.txt"
        chat.write_text(CHAT)
        desk.run(*CASE, "acquire", "chat", chat)
    (year,) = desk.ask(*CASE, "export", "stats")["years"].values()
    found = year["exhibits"]
    assert (found["total"], found["tables"]["kind"]["chat"]) == (12, 5)
    assert found["tables"]["kind"]["files"] == 7
    # The same case twice is one case.
    copy = shutil.copytree(desk.case, desk.folder / "copy")
    (again,) = desk.ask(*CASE, "export", "stats", "--with", copy)["years"].values()
    assert again["exhibits"]["total"] == 12
    # A higher threshold: 5 becomes small, and 7 + 5 cannot hide it.
    (hidden,) = desk.ask(*CASE, "export", "stats", "--threshold", "6")["years"].values()
    assert hidden["exhibits"]["total"] is None
    desk.run(*CASE, "export", "stats", "--threshold", "1", code=2)


# -- 12 --------------------------------------------------------------------------------


def content() -> bytes:
    """A picture whose every part can be found again."""
    head = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01"
    return head + b"".join(CANARY + b"%06d" % number for number in range(20_000))


def test_12_a_referred_item_leaves_no_byte_of_its_content(desk: Desk) -> None:
    item = desk.folder / f"{NAME}.jpg"
    data = content()
    item.write_bytes(data)
    watch = desk.folder / "opened"
    seen = _watched(desk, watch, "refer", str(item))
    body = newest(desk)
    facts = body["facts"]
    assert isinstance(facts, dict)
    assert (body["type"], body["exhibits"]) == ("identify", [])
    assert facts["sha256"] == hashlib.sha256(data).hexdigest()
    assert (facts["bytes"], facts["recipient"]) == (len(data), "POL-1")
    assert facts["reason"] == "child-abuse-material"
    assert item.read_bytes() == data
    # Opened once, to read; every other open to write lies in the case or the key store.
    ours = [how for path, how in seen if path == str(item)]
    assert ours == ["read"]
    item.unlink()
    searched = 0
    needles = [CANARY, CANARY[5:25], b"JFIF\x00\x01" + CANARY]
    needles += [base64.b64encode(CANARY[cut : cut + 24]) for cut in range(3)]
    needles += [CANARY.hex().encode(), CANARY.decode().encode("utf-16-le")]
    for path in desk.folder.rglob("*"):
        if path.is_file():
            searched += 1
            found = path.read_bytes()
            assert not any(needle in found for needle in needles), path
    assert searched > 20
    public = b"".join(desk.lines())
    assert NAME.encode() not in public
    assert not any((desk.case / "staging").iterdir())
    assert desk.failing() == []
    row = desk.ask(*CASE, "export", "led-log")["rows"][-1]
    assert (row["verb"], row["recipient"], row["result"]) == (
        "collection",
        "POL-1",
        "referred",
    )


def _watched(desk: Desk, watch: Path, *words: str) -> list[tuple[str, str]]:
    """Run the command with an audit hook that notes every open; return those."""
    hook = (
        "import sys, os\n"
        f"out = os.open({str(watch)!r}, os.O_WRONLY | os.O_CREAT | os.O_APPEND)\n"
        "def note(event, args):\n"
        "    if event == 'open':\n"
        "        flags = args[2] or 0\n"
        "        how = 'write' if flags & (os.O_WRONLY | os.O_RDWR) else 'read'\n"
        "        os.write(out, f'{how} {args[0]}\\n'.encode('utf-8', 'replace'))\n"
        "    elif event in ('subprocess.Popen', 'os.fork', 'os.exec'):\n"
        "        os.write(out, f'process {event}\\n'.encode())\n"
        "sys.addaudithook(note)\n"
        "sys.argv[0] = 'custody'\n"
        "from cli.main import main\n"
        "main()\n"
    )
    reason = ("--reason", "child-abuse-material", "--to", "POL-1", "--note", NAME)
    done = subprocess.run(
        [sys.executable, "-c", hook, *CASE, *words, *reason],
        cwd=desk.folder,
        env=desk.environment(),
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert COMMAND.exists()
    lines = watch.read_text("utf-8").splitlines()
    assert not [line for line in lines if line.startswith("process")]
    seen = [(path, how) for how, _, path in (line.partition(" ") for line in lines)]
    inside = (str(desk.case), str(desk.home), "case/", "/dev/")
    for path, how in seen:
        if how == "write" and not path.isdigit() and path != str(watch):
            assert path.startswith(inside), path
    return seen


def test_12_what_cannot_be_referred_is_refused_or_recorded(desk: Desk) -> None:
    size = len(desk.lines())
    item = desk.folder / "item.jpg"
    item.write_bytes(content())
    (desk.folder / "link.jpg").symlink_to(item)
    to = ("--reason", "unsafe", "--to", "POL-1")
    refused = {
        "REFERRAL_REFUSED": ("link.jpg", *to),
        "SOURCE_MISSING": ("gone.jpg", *to),
        "ALIAS_NEEDED": ("item.jpg", *to[:3], NAME),
        "SOURCE_INSIDE_CASE": ("case/exhibits/EX-0001/payload", *to),
    }
    for code, words in refused.items():
        done = desk.ask(*CASE, "refer", *words, code=None)
        assert NAME not in json.dumps(done)
        assert done["code"] == code
    assert len(desk.lines()) == size
