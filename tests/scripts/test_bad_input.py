"""What a person can get wrong: one clear sentence, a stable code, nothing changed."""

from __future__ import annotations

import json
import os
import pty
import re
import select
import shutil
import stat
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.desk import COMMAND, OWN_INITIATIVE, Desk

SECRET = "correct horse battery staple"
ANSI = "\x1b[31m"
ENTRIES = "manifest/entries.jsonl"
TITLED = ("--case-id", "1", "--title", "t")


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    """A case with one exhibit, and things that cannot be acquired."""
    desk = Desk(tmp_path_factory.mktemp("desk"))
    desk.open_case()
    folder = desk.folder
    (folder / "good.txt").write_text("good")
    (folder / "empty").write_bytes(b"")
    (folder / "folder").mkdir()
    (folder / "folder" / "x.txt").write_text("x")
    os.mkfifo(folder / "fifo")
    (folder / "circle").symlink_to("circle")
    (folder / "dangling").symlink_to("nothing")
    (folder / "into case").symlink_to(desk.case / "exhibits")
    desk.run("-C", desk.case, "acquire", "files", folder / "good.txt")
    return desk


@dataclass(frozen=True)
class Wrong:
    """A command that must be refused with `code` and `exit_code`."""

    code: str
    exit_code: int
    words: tuple[str, ...]
    env: dict[str, str] = field(default_factory=dict)


def snapshot(folder: Path) -> dict[str, tuple[int, int, bytes]]:
    """Everything in a folder: name to mode, modification time of a file, content."""
    found = {}
    for path in sorted(folder.rglob("*")):
        status = path.lstat()
        data, moment = b"", 0
        if stat.S_ISREG(status.st_mode):
            data, moment = path.read_bytes(), status.st_mtime_ns
        if path.name != ".lock":
            found[str(path)] = (status.st_mode, moment, data)
    return found


def is_refused(desk: Desk, wrong: Wrong, *, also_json: bool = False) -> None:
    """Run it and check everything a refusal promises."""
    done = desk.run(*wrong.words, code=wrong.exit_code, **wrong.env)
    first, *rest = done.stderr.splitlines()
    assert re.fullmatch(rf"custody: [^\n]+\. \[{wrong.code}\]", first), first
    assert len(first) < 400
    assert [line[:8] for line in rest] == ["  Safe: ", "  To do:"]
    assert done.stdout == ""
    is_safe_to_show(done.stderr)
    if not also_json:
        return
    told = desk.run("--json", *wrong.words, code=wrong.exit_code, **wrong.env)
    value = json.loads(told.stdout)
    assert value["schema"] == "custody.error/1"
    assert (value["code"], value["exit_code"]) == (wrong.code, wrong.exit_code)
    assert value["what"].endswith(".")
    assert told.stderr == ""
    is_safe_to_show(told.stdout)


def is_safe_to_show(text: str) -> None:
    assert "Traceback" not in text
    assert SECRET not in text
    assert "\x1b" not in text


def acquire(verb: str, *words: str) -> tuple[str, ...]:
    return ("-C", "case", "acquire", verb, *words)


def identity(*words: str) -> tuple[str, ...]:
    return ("identity", "new", "--no-passphrase", *words)


SOURCES = [
    *(
        Wrong("SOURCE_MISSING", 33, acquire(verb, "nothing here"))
        for verb in ("chat", "screenshot", "disk", "files")
    ),
    Wrong("SOURCE_MISSING", 33, acquire("files", "good.txt/below")),
    Wrong("SOURCE_MISSING", 33, acquire("files", f"{ANSI}name")),
    Wrong("SOURCE_MISSING", 33, acquire("files", "n" * 300)),
    Wrong("SOURCE_MISSING", 33, acquire("files", "good.txt", "nothing")),
    Wrong("SOURCE_INSIDE_CASE", 36, acquire("files", "case/exhibits")),
    Wrong("SOURCE_INSIDE_CASE", 36, acquire("files", "case")),
    Wrong("SOURCE_INSIDE_CASE", 36, acquire("files", "into case")),
    Wrong("SOURCE_INSIDE_CASE", 36, acquire("chat", "case/custody.toml")),
    Wrong("SOURCE_UNSUITABLE", 35, acquire("screenshot", "folder")),
    Wrong("SOURCE_UNSUITABLE", 35, acquire("disk", "folder")),
    Wrong("SOURCE_UNSUITABLE", 35, acquire("chat", "fifo")),
    Wrong("SOURCE_UNSUITABLE", 35, acquire("screenshot", "fifo")),
    Wrong("SOURCE_UNSUITABLE", 35, acquire("disk", "fifo")),
    Wrong("SOURCE_UNSUITABLE", 35, acquire("disk", "fifo", "--path", "*")),
    Wrong("SOURCE_UNSUITABLE", 35, acquire("disk", "circle")),
    Wrong("SOURCE_UNSUITABLE", 35, acquire("disk", "dangling")),
    Wrong("SOURCE_UNSUITABLE", 35, acquire("disk", "dangling", "--path", "*")),
    Wrong("SOURCE_UNSUITABLE", 35, acquire("chat", "circle")),
    Wrong("SOURCE_UNSUITABLE", 35, acquire("screenshot", "dangling")),
    Wrong("TIMEZONE_UNKNOWN", 30, acquire("chat", "good.txt", "--timezone", "Mars")),
    Wrong("TIMEZONE_UNKNOWN", 30, acquire("chat", "good.txt", "--timezone", "../x")),
]
OTHERS = [
    Wrong("EXHIBIT_UNKNOWN", 37, ("-C", "case", "show", "EX-0009")),
    Wrong("EXHIBIT_UNKNOWN", 37, ("-C", "case", "show", f"../{ANSI}")),
    Wrong("EXHIBIT_UNKNOWN", 37, ("-C", "case", "note", "EX-0009", "--fact", "x")),
    Wrong("MALFORMED", 31, ("-C", "case", "note", "EX-0001", "--fact", "\udcff")),
    Wrong("OUTPUT_EXISTS", 38, ("-C", "case", "report", "-o", "good.txt")),
    Wrong("OUTPUT_FORBIDDEN", 38, ("-C", "case", "report", "-o", "case/x.pdf")),
    Wrong("OUTPUT_FORBIDDEN", 38, ("-C", "case", "report", "-o", "into case/x.pdf")),
    Wrong("STORAGE_FAILED", 42, ("-C", "case", "report", "-o", "no/folder/x.pdf")),
    Wrong("OUTPUT_EXISTS", 38, ("identity", "export", "-o", "good.txt")),
    Wrong("STORAGE_FAILED", 42, ("identity", "export", "-o", "no/folder/x.json")),
    Wrong("IDENTITY_UNKNOWN", 52, ("-C", "case", "recover", "--as", "Nobody")),
    Wrong("IDENTITY_EXISTS", 53, identity("--name", "tess TESTER")),
    Wrong("IDENTITY_REFUSED", 58, identity("--name", " ")),
    Wrong("IDENTITY_REFUSED", 58, identity("--name", "A", "--role", "Two Words")),
    Wrong("IDENTITY_REFUSED", 58, identity("--name", f"A{ANSI}")),
    Wrong("PASSPHRASE_NEEDED", 55, ("identity", "new", "--name", "Asks")),
    Wrong("NOT_A_CASE", 39, ("-C", "nothing", "log")),
    Wrong("NOT_A_CASE", 39, ("-C", "folder", "verify")),
    Wrong("NOT_A_CASE", 39, ("-C", "good.txt", "recover")),
    Wrong("NOT_A_CASE", 39, ("-C", "fifo", "log")),
    Wrong("NOT_A_CASE", 39, ("log",)),
    Wrong("NOT_A_CASE", 39, ("log",), {"CUSTODY_CASE": "nothing"}),
    Wrong("FOLDER_NOT_EMPTY", 44, ("init", "folder", *TITLED)),
    Wrong("FOLDER_NOT_EMPTY", 44, ("init", "case", *TITLED)),
    Wrong("FOLDER_NOT_EMPTY", 44, ("init", "fifo", *TITLED)),
    Wrong("MALFORMED", 31, ("init", "new", "--case-id", "\udcff", "--title", "t")),
    Wrong("MALFORMED", 31, ("init", "new", "--case-id", " ", "--title", "t")),
]


ALL = [*SOURCES, *OTHERS]
# With --json too: the first of each code (every run takes a third of a second).
FIRST = {wrong.code: wrong for wrong in reversed(ALL)}


def _name(wrong: Wrong) -> str:
    words = [w for w in wrong.words if w not in ("-C", "case")]
    return f"{wrong.code}-{'-'.join(words)[:40]}".encode("ascii", "replace").decode()


@pytest.fixture
def unchanged(desk: Desk) -> Iterator[None]:
    """Whatever is refused changes nothing: case, keys, sources, nothing new."""
    before = snapshot(desk.folder)
    yield
    assert snapshot(desk.folder) == before


@pytest.mark.usefixtures("unchanged")
@pytest.mark.parametrize("wrong", ALL, ids=_name)
def test_a_refused_command(desk: Desk, wrong: Wrong) -> None:
    is_refused(desk, wrong, also_json=FIRST[wrong.code] is wrong)


@pytest.mark.usefixtures("unchanged")
@pytest.mark.parametrize(
    "words",
    [
        ("-C", "case", "note", "EX-0001"),
        ("-C", "case", "note", "EX-0001", "--fact", "x", "--assessment", "y"),
        ("-C", "case", "note", "EX-0001", "--fact", " "),
        ("-C", "case", "acquire", "files"),
        ("-C", "case", "verify", "--require", "truth"),
        ("-C", "case", "report", "-o", "new.pdf", "--at", "yesterday"),
        ("init", "new"),
        ("vanish",),
    ],
    ids=" ".join,
)
def test_a_misused_command(desk: Desk, words: tuple[str, ...]) -> None:
    done = desk.run(*words, code=2)
    assert done.stdout == ""
    assert "Error: " in done.stderr
    assert "Traceback" not in done.stderr


# --- damaged cases --------------------------------------------------------------------


def _settings(old: str, new: str) -> Callable[[Path], None]:
    def edit(case: Path) -> None:
        path = case / "custody.toml"
        text = path.read_text()
        assert old in text
        path.write_text(text.replace(old, new))

    return edit


def _folder_for(name: str) -> Callable[[Path], None]:
    def put(case: Path) -> None:
        (case / name).unlink()
        (case / name).mkdir()

    return put


def _pipe_for(name: str) -> Callable[[Path], None]:
    def put(case: Path) -> None:
        (case / name).unlink()
        os.mkfifo(case / name)

    return put


def _flip(name: str) -> Callable[[Path], None]:
    def flip(case: Path) -> None:
        data = bytearray((case / name).read_bytes())
        data[len(data) // 2] ^= 1
        (case / name).write_bytes(data)

    return flip


DAMAGE = {
    "settings cut": (_settings("format = 1", "format = "), "NOT_A_CASE", 39, "log"),
    "settings gone": (lambda c: (c / "custody.toml").unlink(), "NOT_A_CASE", 39, "log"),
    "no format": (_settings("format = 1", "x = 1"), "NOT_A_CASE", 39, "verify"),
    "odd origin": (_settings("case.custody", "A B"), "NOT_A_CASE", 39, "recover"),
    "nested": (
        _settings("format = 1", f"x = {'[' * 5000}{']' * 5000}"),
        "NOT_A_CASE",
        39,
        "log",
    ),
    "settings folder": (_folder_for("custody.toml"), "NOT_A_CASE", 39, "log"),
    "settings pipe": (_pipe_for("custody.toml"), "NOT_A_CASE", 39, "log"),
    "newer": (_settings("format = 1", "format = 2"), "FORMAT_NEWER", 32, "verify"),
    "newer, write": (_settings("format = 1", "format = 9"), "FORMAT_NEWER", 32, "note"),
    "log folder": (_folder_for(ENTRIES), "CASE_UNREADABLE", 45, "log"),
    "log folder, verify": (_folder_for(ENTRIES), "CASE_UNREADABLE", 45, "verify"),
    "log folder, write": (_folder_for(ENTRIES), "CASE_UNREADABLE", 45, "recover"),
    "log pipe": (_pipe_for(ENTRIES), "CASE_UNREADABLE", 45, "log"),
    "log pipe, verify": (_pipe_for(ENTRIES), "CASE_UNREADABLE", 45, "verify"),
    "log pipe, write": (_pipe_for(ENTRIES), "CASE_UNREADABLE", 45, "recover"),
    "log gone": (lambda c: (c / ENTRIES).unlink(), "CASE_UNREADABLE", 45, "recover"),
    "log altered": (_flip(ENTRIES), "MANIFEST_BROKEN", 12, "recover"),
    "log emptied": (
        lambda c: (c / ENTRIES).write_bytes(b""),
        "MANIFEST_BROKEN",
        12,
        "recover",
    ),
    "no checkpoints": (
        lambda c: shutil.rmtree(c / "manifest/checkpoints"),
        "MANIFEST_BROKEN",
        12,
        "recover",
    ),
}


TOLD = ("settings cut", "newer", "log folder", "log altered", "no checkpoints")


@pytest.mark.parametrize("what", DAMAGE)
def test_a_damaged_case(desk: Desk, tmp_path: Path, what: str) -> None:
    harm, code, exit_code, verb = DAMAGE[what]
    case = Path(shutil.copytree(desk.case, tmp_path / "case"))
    harm(case)
    before = snapshot(case)
    words = ("-C", str(case), verb)
    if verb == "note":
        words += ("EX-0001", "--fact", "x")
    is_refused(desk, Wrong(code, exit_code, words), also_json=what in TOLD)
    assert snapshot(case) == before


# --- keys -----------------------------------------------------------------------------


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    """A case whose only key has a passphrase."""
    desk = Desk(tmp_path_factory.mktemp("guarded"))
    (desk.folder / "secret").write_text(SECRET + "\n")
    (desk.folder / "wrong").write_text("not it\n")
    (desk.folder / "binary").write_bytes(b"\xff\xfe")
    words = ("--passphrase-file", "secret")
    desk.run("identity", "new", "--name", "Tess", *words)
    desk.run("init", "case", "--case-id", "1", "--title", "t", *OWN_INITIATIVE, *words)
    return desk


RECOVER = ("-C", "case", "recover")


@pytest.mark.parametrize(
    "wrong",
    [
        Wrong("PASSPHRASE_NEEDED", 55, RECOVER),
        Wrong("WRONG_PASSPHRASE", 54, RECOVER, {"CUSTODY_PASSPHRASE": "not it"}),
        Wrong("WRONG_PASSPHRASE", 54, RECOVER, {"CUSTODY_PASSPHRASE": ""}),
        Wrong("WRONG_PASSPHRASE", 54, RECOVER, {"CUSTODY_PASSPHRASE": SECRET + " "}),
        Wrong("WRONG_PASSPHRASE", 54, (*RECOVER, "--passphrase-file", "wrong")),
        Wrong("PASSPHRASE_REFUSED", 57, (*RECOVER, "--passphrase-file", "binary")),
        Wrong("PASSPHRASE_REFUSED", 57, RECOVER, {"CUSTODY_PASSPHRASE": "\udcff"}),
    ],
    ids=lambda wrong: wrong.code,
)
def test_a_passphrase_that_does_not_open(guarded: Desk, wrong: Wrong) -> None:
    before = snapshot(guarded.folder)
    is_refused(guarded, wrong, also_json=True)
    assert snapshot(guarded.folder) == before
    # Not even the right one is ever shown.
    done = guarded.run(*RECOVER, CUSTODY_PASSPHRASE=SECRET)
    assert SECRET not in done.stdout + done.stderr


def test_nobody_and_two_people(desk: Desk, tmp_path: Path) -> None:
    other = Desk(tmp_path)
    case = Path(shutil.copytree(desk.case, other.case))
    before = snapshot(case)
    words = ("-C", "case", "recover")
    is_refused(other, Wrong("NO_IDENTITY", 51, words))
    other.run("identity", "new", "--name", "One", "--no-passphrase")
    is_refused(other, Wrong("SIGNER_NOT_ALLOWED", 24, words))
    other.run("identity", "new", "--name", "Two", "--no-passphrase")
    is_refused(other, Wrong("IDENTITY_UNNAMED", 52, words))
    is_refused(other, Wrong("SIGNER_NOT_ALLOWED", 24, (*words, "--as", "two")))
    assert snapshot(case) == before


def test_a_key_file_that_cannot_be_used(desk: Desk, tmp_path: Path) -> None:
    other = Desk(tmp_path)
    shutil.copytree(desk.home, other.home)
    shutil.copytree(desk.case, other.case)
    (key,) = other.home.glob("identities/*/private.pem")
    wrong = Wrong("KEY_UNUSABLE", 56, ("-C", "case", "recover"))
    key.chmod(0o644)
    is_refused(other, wrong)
    key.chmod(0o600)
    key.write_text("-----BEGIN PRIVATE KEY-----\nnonsense\n")
    is_refused(other, wrong)
    key.unlink()
    is_refused(other, wrong)


def apart(desk: Desk, folder: Path) -> Desk:
    """A copy of case and keys: one key store refuses a case that splits in two."""
    own = Desk(folder)
    shutil.copytree(desk.home, own.home)
    shutil.copytree(desk.case, own.case)
    return own


# --- empty sources ----------------------------------------------------------------


@pytest.mark.parametrize("verb", ["chat", "screenshot", "disk", "files"])
def test_an_empty_file_is_kept(desk: Desk, tmp_path: Path, verb: str) -> None:
    """It is an exhibit like any other; what could not be parsed is said."""
    own = apart(desk, tmp_path)
    case = own.case
    words = ("-C", case, "acquire", verb, desk.folder / "empty")
    done = own.run(*words, code=None)
    assert done.returncode in (0, 3), done
    assert "EX-0002" in done.stdout
    (facts,) = (
        entry["facts"]
        for entry in own.ask("-C", case, "log")["entries"]
        if entry["exhibits"] == ["EX-0002"]
    )
    assert facts["payload"] == {
        "bytes": 0,
        "name": "payload",
        # SHA-256 of nothing (FIPS 180-4)
        "sha256": "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    }
    assert facts["complete"] == (done.returncode == 0)
    if verb == "files":
        assert facts["parse"] is None
    else:
        assert facts["parse"]["outcome"] == "not-recognised"
        assert "not recognised (kept as it is)" in done.stdout
    own.run("-C", case, "verify")


def test_a_pipe_among_files_is_skipped(desk: Desk, tmp_path: Path) -> None:
    own, folder = apart(desk, tmp_path), desk.folder
    words = ("acquire", "files", folder / "fifo", folder / "circle")
    value = own.ask("-C", own.case, *words)
    assert value["exhibits"][0]["facts"]["outcomes"] == {"acquired": 1, "skipped": 1}


# --- a terminal ---------------------------------------------------------------------


@dataclass(frozen=True)
class Screen:
    """What a terminal showed, and the exit code."""

    text: str
    code: int


def converse(desk: Desk, *words: str, answers: list[tuple[str, str]]) -> Screen:
    """Run the command at a terminal of its own; type each answer at its prompt."""
    pid, terminal = pty.fork()
    if pid == 0:  # the child: from here on it is the command
        os.chdir(desk.folder)
        os.execve(COMMAND, [str(COMMAND), *words], desk.environment())
    text = ""
    waiting = list(answers)
    asked_from = 0
    while True:
        ready, _, _ = select.select([terminal], [], [], 30)
        assert ready, f"the command waits for something: {text!r}"
        try:
            data = os.read(terminal, 4096)
        except OSError:  # Linux: the other end is closed
            break
        if not data:
            break
        text += data.decode("utf-8")
        if waiting and waiting[0][0] in text[asked_from:]:
            os.write(terminal, waiting.pop(0)[1].encode() + b"\n")
            asked_from = len(text)
    os.close(terminal)
    _, status = os.waitpid(pid, 0)
    assert not waiting, f"was not asked for {waiting}: {text!r}"
    return Screen(text, os.waitstatus_to_exitcode(status))


NEW = "New passphrase"
AGAIN = "The same again"
ASKED = "Passphrase of Tess"


def test_a_new_key_asks_twice_and_shows_nothing(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    words = ("identity", "new", "--name", "Tess")
    screen = converse(desk, *words, answers=[(NEW, SECRET), (AGAIN, SECRET)])
    assert screen.code == 0, screen
    assert SECRET not in screen.text
    (key,) = desk.home.glob("identities/*/private.pem")
    assert key.read_text().startswith("-----BEGIN ENCRYPTED PRIVATE KEY-----")
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    # The passphrase typed is the passphrase that opens it.
    words = ("init", "case", "--case-id", "1", "--title", "t", *OWN_INITIATIVE)
    desk.run(*words, CUSTODY_PASSPHRASE=SECRET)


@pytest.mark.parametrize(
    ("more", "code"), [((), 53), (("--role", ""), 58), (("--org", "a\x1bb"), 58)]
)
def test_what_is_refused_anyway_asks_for_no_passphrase(
    tmp_path: Path, more: tuple[str, ...], code: int
) -> None:
    desk = Desk(tmp_path)
    if not more:
        desk.run("identity", "new", "--name", "Tess", "--no-passphrase")
    screen = converse(desk, "identity", "new", "--name", "TESS", *more, answers=[])
    assert screen.code == code, screen
    assert NEW not in screen.text


@pytest.mark.parametrize("second", ["something else", SECRET.upper(), SECRET + " "])
def test_two_different_passphrases_are_refused(tmp_path: Path, second: str) -> None:
    desk = Desk(tmp_path)
    words = ("identity", "new", "--name", "Tess")
    screen = converse(desk, *words, answers=[(NEW, SECRET), (AGAIN, second)])
    assert screen.code == 57
    assert "[PASSPHRASE_REFUSED]" in screen.text
    assert SECRET not in screen.text
    assert second not in screen.text
    assert not list(desk.home.rglob("*"))


def test_acting_asks_once(guarded: Desk) -> None:
    screen = converse(guarded, *RECOVER, answers=[(ASKED, SECRET)])
    assert screen.code == 0, screen
    assert screen.text.count("Passphrase") == 1
    assert SECRET not in screen.text


def test_a_mistyped_passphrase_may_be_typed_again(guarded: Desk) -> None:
    screen = converse(guarded, *RECOVER, answers=[(ASKED, "oops"), (ASKED, SECRET)])
    assert screen.code == 0, screen
    assert "oops" not in screen.text
    answers = [(ASKED, "oops")] * 3
    screen = converse(guarded, *RECOVER, answers=answers)
    assert screen.code == 54
    assert "[WRONG_PASSPHRASE]" in screen.text


@pytest.mark.parametrize("words", [("verify", "gone.pdf"), ("-C", "gone", "log")])
def test_what_is_not_there_is_not_called_a_folder(
    desk: Desk, words: tuple[str, ...]
) -> None:
    done = desk.run(*words, code=39)
    assert "there is nothing of that name. [NOT_A_CASE]" in done.stderr
