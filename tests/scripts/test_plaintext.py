"""In an encrypted case no command puts anything readable on the disk, for no moment."""

from __future__ import annotations

import contextlib
import io
import json
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from cli.main import run_arguments
from tests.desk import WHY
from tests.eye import Eye, watching

CANARY = "CANARY-Zeynab-Quliyeva"
NEEDLES = (CANARY.encode(), CANARY.encode("utf-16-le"))
CHAT = f"01/02/2024, 10:00 - {CANARY}: hello {CANARY}\n" * 9
WHOM = ("--to", "Police", "--alias", "POL-1", "--purpose", "investigation")


@dataclass
class Room:
    """Folders that are watched, and one for what is meant to leave."""

    folder: Path
    said: list[str] = field(default_factory=list)

    @property
    def case(self) -> Path:
        return self.folder / "CASE"

    @property
    def out(self) -> Path:
        return self.folder / "out"

    @property
    def watched(self) -> tuple[Path, ...]:
        return self.case, self.folder / "tmp", self.folder / "home"

    def run(self, *words: str | Path, code: int = 0) -> str:
        """Run the command in this process, so that the eye sees what it opens."""
        stream, error = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(stream), contextlib.redirect_stderr(error):
            found = run_arguments([*map(str, words)])
        assert found == code, (words, stream.getvalue(), error.getvalue()[-900:])
        return stream.getvalue()

    def on(self, *words: str | Path, code: int = 0) -> str:
        return self.run("-C", self.case, *words, code=code)


@pytest.fixture
def room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Room:
    """An encrypted case of an organisation, and a key it may hand over to."""
    for name in ("tmp", "home", "other", "out", "source"):
        (tmp_path / name).mkdir()
    monkeypatch.setenv("TMPDIR", str(tmp_path / "tmp"))
    monkeypatch.setattr(tempfile, "tempdir", None)  # looked up anew
    room = Room(tmp_path)
    monkeypatch.setenv("CUSTODY_HOME", str(tmp_path / "other"))
    room.run("identity", "new", "--name", "Police", "--no-passphrase")
    room.run("identity", "export", "-o", tmp_path / "source/police.json")
    monkeypatch.setenv("CUSTODY_HOME", str(tmp_path / "home"))
    (tmp_path / "source" / "chat.txt").write_text(CHAT)
    (tmp_path / "source" / f"{CANARY}.txt").write_text(CANARY)
    (tmp_path / "source" / "az.txt").write_text("What was read to the person.\n")
    return room


def fill(room: Room) -> None:
    source = room.folder / "source"
    room.run("identity", "new", "--name", "Tess", "--no-passphrase")
    key = json.loads((source / "police.json").read_bytes())["key"]
    room.run("identity", "trust", source / "police.json", "--fingerprint", key)
    about = ("--case-id", "C 1", "--title", "A case", "--profile", "ngo", "--encrypt")
    room.run("init", room.case, *about)
    room.on("acquire", "chat", source / "chat.txt", "-D", CANARY)
    room.on("acquire", "files", source / f"{CANARY}.txt")
    allowed = ("--level", "hand-over-police", "--purpose", "investigation")
    person = ("--subject", "A1", "--age", "adult", "--language", "az")
    papers = ("--wording", source / "az.txt", "--explained", "all", "--scope", "whole")
    room.on("consent", "add", *person, *allowed, "--recipient", "POL-1", *papers)


def look(room: Room) -> None:
    """Everything that reads what is sealed, or lets some of it out."""
    shown = room.on("show", "EX-0001", "--sealed", *WHY, "--authority", "AU-0001")
    assert CANARY in shown
    why = (*WHY, "--authority", "AU-0001")
    assert CANARY in room.on("transcript", "EX-0001", *why)
    sealed = ("--with-sources", "--with-texts", "--let-through", "a test", *why)
    room.on("report", "-o", room.out / "sealed.pdf", "--issue", *sealed)
    room.on("lint", room.out / "sealed.pdf", code=34)
    room.on("lint", code=3)  # the kept report is encrypted
    to = ("--to", "POL-1", "--purpose", "investigation", "--authority", "CO-0001")
    part = ("--encrypt-to", "Police", "-o", room.out / "part")
    room.on("disclose", "EX-0001", "--no-payload", *to, *part)
    via = ("--channel", "usb", "--authority", "CO-0001")
    room.on("transfer", "offer", "EX-0002", *WHOM, *via, "-o", room.out / "pack")
    room.on("verify", room.case)


def preserve(room: Room) -> None:
    source = room.folder / "source"
    room.run("identity", "new", "--name", "Tess", "--no-passphrase")
    given = ("--answers", source / "answers.json", "--paper", room.out / "paper.pdf")
    room.on("preserve", *given, source / "chat.txt", source / f"{CANARY}.txt")


def check(room: Room, eye: Eye) -> None:
    assert eye.found == []
    home = room.folder / "home"
    assert eye.elsewhere(room.case, home, room.out) == []


def test_no_command_writes_plaintext_even_for_a_moment(room: Room) -> None:
    with watching(room.watched, NEEDLES) as eye:
        fill(room)
        look(room)
    check(room, eye)
    assert (room.out / "part").is_dir() and (room.out / "pack").is_dir()


def test_preserve_writes_no_plaintext_even_for_a_moment(room: Room) -> None:
    answers = {"acknowledged": True, "age": "adult", "consent": "agreed"}
    (room.folder / "source/answers.json").write_text(json.dumps(answers))
    with watching(room.watched, NEEDLES) as eye:
        preserve(room)
    check(room, eye)
    entries = (room.case / "manifest/entries.jsonl").read_text()
    assert '"type":"consent_add"' in entries


def test_the_eye_sees_a_temporary_file(room: Room) -> None:
    with watching(room.watched, NEEDLES) as eye, tempfile.NamedTemporaryFile() as file:
        file.write(CANARY.encode())
        file.flush()
        eye.look()
    assert eye.found == [file.name]
    assert file.name in eye.elsewhere(room.case)
