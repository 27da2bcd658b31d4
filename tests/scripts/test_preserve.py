"""`custody preserve`, the guided command: answers from a file, and at a terminal."""

from __future__ import annotations

import hashlib
import json
import os
import pty
import re
import select
import shutil
import signal
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from evidence.case import Case, open_case
from evidence.consent.texts import LANGUAGES
from evidence.guiding.texts import texts
from evidence.identity import IdentityStore
from evidence.samples.chats import telegram_json
from evidence.samples.pictures import screenshot_png
from manifests.entries import Entry
from tests.consenting import prepare_desk
from tests.desk import COMMAND, Desk, holds_word
from tests.stamping import needs_openssl, new_authority, openssl, pem
from tests.tsa_server import honest, serving

SECRET = "lamp nine stairs blue kettle"
CONTACT = "+994 12 555 01 02"
ORGANISATION = "Casa Aurora"
FILES = ("Anna_Petrova.json", "shot of Anna.png", "letter.txt")
# What must not stand on a paper, whatever its language: who, what, of whom.
IDENTIFIERS = ("aurora", "casa", "anna", "petrova", "shot", "letter", "EX-0", "A1")


def write_files(folder: Path) -> None:
    (folder / FILES[0]).write_bytes(telegram_json())
    (folder / FILES[1]).write_bytes(screenshot_png())
    (folder / FILES[2]).write_text("Dear Anna,\n")


def answers(desk: Desk, name: str = "answers.json", **given: object) -> str:
    (desk.folder / name).write_text(json.dumps(given))
    return name


def opened(desk: Desk, folder: Path) -> Case:
    """The case with the key of the desk: a test may look at what is sealed."""
    store = IdentityStore(desk.home)
    signer = store.signer(store.find(None), lambda _name: SECRET)
    mine = ("Tess", [signer.age_identity])  # type: ignore[attr-defined]
    return open_case(folder).opened(lambda: mine)


def read_paper(path: Path) -> str:
    if not shutil.which("pdftotext"):
        pytest.skip("pdftotext is not installed")
    done = subprocess.run(["pdftotext", path, "-"], capture_output=True, check=True)
    return done.stdout.decode("utf-8")


def guided(case: Case) -> list[Entry]:
    return [e for e in case.entries() if e.facts.get("kind") == "guided"]


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    """A case founded by the command itself, with one agreement in it."""
    desk = Desk(tmp_path_factory.mktemp("desk"))
    write_files(desk.folder)
    prepare_desk(desk, ("identity", "new", "--name", ORGANISATION, "--no-passphrase"))
    agreed = {"age": "adult", "consent": "agreed"}
    file = answers(desk, **agreed)
    value = desk.ask("-C", desk.case, "preserve", "--answers", file, FILES[2])
    assert value["consent"] == "CO-0001"
    return desk


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_from_the_files_to_the_paper(desk: Desk, language: str) -> None:
    given = answers(
        desk,
        language=language,
        acknowledged=True,
        contact=CONTACT,
        age="adult",
        consent="agreed",
    )
    # All of them once: each parser is a process of its own.
    files = FILES if language == "az" else FILES[2:]
    words = ("-C", desk.case, "preserve", "--answers", given, *files)
    done = desk.run(*words)
    said = texts(language)
    for name in ("title", "folder", "paper", "second", "alone", "leaves"):
        first = said.get("next", name).split()[0]
        assert first in done.stdout
    told = " ".join(done.stderr.split())
    for name in ("watched", "no_change", "ask_first", "saved"):
        assert said.get("say", name) in told
    assert said.get("say", "checked") in told
    for line in (done.stdout + done.stderr).splitlines():
        assert len(line) < 80 or str(desk.folder) in line
    paper = max(desk.folder.glob("note-*.pdf"), key=lambda p: p.stat().st_mtime_ns)
    assert re.fullmatch(r"note-[a-z]{4}-[0-9]{2}\.pdf", paper.name)
    shown = read_paper(paper)
    code = paper.stem.removeprefix("note-")
    assert CONTACT in shown
    assert code in shown
    assert code in done.stdout
    data = paper.read_bytes()
    for word in (*IDENTIFIERS, desk.folder.name, "custody"):
        assert word.lower() not in shown.lower()
        # Short ones stand in any packed bytes.
        assert len(word) < 5 or word.lower().encode() not in data.lower()
    last = guided(opened(desk, desk.case))[-1]
    sealed = opened(desk, desk.case).sealed(last)
    assert sealed["code"] == code
    assert sealed["paper_sha256"] == hashlib.sha256(data).hexdigest()
    # The code leads to a person: it is nowhere in what travels.
    assert not any(code.encode() in line for line in desk.lines())


def test_the_case_is_that_of_an_organisation_and_verifies(desk: Desk) -> None:
    assert desk.failing() == []
    public = b"".join(desk.lines()).lower()
    for word in ("anna", "petrova", "letter", "aurora", CONTACT[-5:]):
        assert word.encode() not in public
    first = json.loads(desk.lines()[0])["body"]["facts"]
    assert first["profile"] == "ngo"
    assert first["ground"]["type"] == "own-initiative"
    # Encrypted as `custody init --profile ngo` does it.
    assert (desk.case / "exhibits/EX-0001/payload.age").is_file()
    listed = desk.ask("-C", desk.case, "consent", "list")["consents"]
    assert listed[0]["subject"] == "A1"
    subjects = [c["subject"] for c in listed]
    assert len(set(subjects)) == len(subjects)
    assert {tuple(c["levels"]) for c in listed} == {("preserve-only",)}
    # A consent to keep lets nothing out.
    act = ("disclose", "EX-0001", "--to", "NGO-1", "--purpose", "support")
    act = (*act, "--records", "1", "--in-clear")
    desk.run("-C", desk.case, *act, "-o", desk.folder / "never", code=34)
    assert not (desk.folder / "never").exists()


def test_an_adult_beside_who_may_be_a_child(desk: Desk) -> None:
    before = len(desk.ask("-C", desk.case, "consent", "list")["consents"])
    file = answers(desk, guardian="agreed", conflict="none")
    value = desk.ask("-C", desk.case, "preserve", "--answers", file, FILES[2])
    assert value["basis"] == "consent"
    assert value["answers"]["alias"] == "given"
    assert value["answers"]["contact"] == "skipped"
    assert len(desk.ask("-C", desk.case, "consent", "list")["consents"]) == before + 1
    entry = json.loads(desk.lines()[-3])["body"]
    facts = entry["facts"]
    assert facts["number"] == value["consent"]
    assert (facts["minor"], facts["given_by"]) == ("presumed", "guardian")
    assert facts["guardian"] != facts["subject"]
    assert value["exhibits"].keys() < set(entry["exhibits"])


def test_the_paper_goes_where_no_evidence_is(desk: Desk) -> None:
    lines, file = desk.lines(), answers(desk)
    (desk.folder / "taken.pdf").write_bytes(b"mine")
    for target in ("case/exhibits/note.pdf", "case/note.pdf", "taken.pdf"):
        words = ("-C", desk.case, "preserve", "--answers", file, FILES[2])
        error = desk.ask(*words, "--paper", target, code=38)
        assert error["code"] in ("OUTPUT_FORBIDDEN", "OUTPUT_EXISTS")
    assert desk.lines() == lines
    assert (desk.folder / "taken.pdf").read_bytes() == b"mine"


@pytest.mark.parametrize("contact", ["Casa Aurora, Baku", "ask for Anna Petrova"])
def test_a_contact_that_tells_stops_before_anything_is_copied(
    desk: Desk, contact: str
) -> None:
    before = len(desk.lines())
    file = answers(desk, contact=contact)
    words = ("-C", desk.case, "preserve", "--answers", file, *FILES)
    error = desk.ask(*words, code=30)
    assert error["code"] == "ANSWERS_REFUSED"
    assert contact not in str(error)
    assert len(desk.lines()) == before


def test_what_cannot_be_copied_is_said_and_the_rest_is_kept(desk: Desk) -> None:
    os.mkfifo(desk.folder / "pipe")
    (desk.folder / "link").symlink_to("link")
    file = answers(desk)
    words = ("-C", desk.case, "preserve", "--answers", file)
    desk.run(*words, FILES[2], "nothing", code=33)
    (desk.folder / "closed").write_bytes(b"x")
    (desk.folder / "closed").chmod(0)
    value = desk.ask(*words, FILES[2], desk.case / "custody.toml", code=3)
    assert value["complete"] is False
    assert value["not_taken"] == 1
    assert len(value["exhibits"]) == 1
    assert value["verified"] is True
    code = [e.facts["code"] for e in guided(open_case(desk.case)) if "code" in e.facts]
    assert code[-1] == "SOURCE_INSIDE_CASE"


def test_nothing_to_ask_at_and_nothing_to_continue(desk: Desk) -> None:
    desk.run("preserve", FILES[2], code=2)
    given = answers(desk)
    inside = ("-C", desk.case, "preserve", "--answers", given, "case/custody.toml")
    desk.run(*inside, code=36)
    desk.run("preserve", code=2)
    file = answers(desk)
    both = ("preserve", "--continue", "--answers", file, FILES[2])
    desk.run(*both, code=2)
    # The run that could copy nothing is the newest; it is not finished.
    again = ("-C", desk.case, "preserve", "--continue", "--answers", file)
    desk.run(*again, code=3)
    desk.run(*again, code=37)


# --- at a terminal --------------------------------------------------------------------

CTRL_C, CTRL_D = "\x03", "\x04"


@dataclass
class Talk:
    """The command at a terminal of its own."""

    desk: Desk
    words: tuple[str, ...]
    env: dict[str, str] = field(default_factory=dict)
    text: str = ""

    def __post_init__(self) -> None:
        self.pid, self.terminal = pty.fork()
        if self.pid == 0:  # the child: from here on it is the command
            # A job in the background has inherited that Ctrl-C is ignored.
            signal.signal(signal.SIGINT, signal.SIG_DFL)
            os.chdir(self.desk.folder)
            environment = self.desk.environment(**self.env)
            os.execve(COMMAND, [str(COMMAND), *self.words], environment)

    def until(self, *ends: str) -> str:
        """Read until the command waits for an answer; return what was new."""
        new = ""
        while not new.endswith(ends):
            ready, _, _ = select.select([self.terminal], [], [], 60)
            assert ready, f"nothing more comes: {new!r}"
            try:
                data = os.read(self.terminal, 4096)
            except OSError:  # Linux: the other end is closed
                data = b""
            if not data:
                break
            new += data.decode("utf-8", "replace")
        self.text += new
        return new

    def type(self, text: str) -> None:
        os.write(self.terminal, text.encode())

    def end(self, *, closed: bool = False) -> int:
        """Read to the end, or close the terminal's window; return the exit code."""
        if not closed:
            self.until("\0")
        os.close(self.terminal)
        return os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    desk = Desk(tmp_path_factory.mktemp("home"))
    write_files(desk.folder)
    return desk


def exhibits(desk: Desk) -> int:
    lines = desk.lines() if desk.case.exists() else []
    return sum(json.loads(line)["body"]["type"] == "acquire" for line in lines)


def test_an_interruption_at_every_question_loses_nothing(home: Desk) -> None:
    en = ("preserve", "--language", "en")
    ask = texts("en").get

    # Before anything is copied.
    for before in (0, 1, 2):  # at the warning, the key's name, its passphrase
        talk = Talk(home, (*en, *FILES))
        talk.until("> ")
        for _ in range(before):
            talk.type("\n")
            talk.until("> ", "phrase: ")
        talk.type(CTRL_C)
        assert talk.end() == 130, talk.text
        assert "Nothing was taken" in talk.text
        assert not list(home.home.glob("identities/*"))

    # The key, the folder, the copy; a passphrase mistyped once.
    talk = Talk(home, (*en, *FILES))
    talk.until("> ")
    talk.type("\n")  # the warning
    talk.until("> ")
    talk.type("\n")  # the key's name
    for typed in (SECRET, "x", SECRET, SECRET):
        talk.until("phrase: ", "again: ")
        talk.type(typed + "\n")
    talk.until("> ")
    talk.type("case\n")
    talk.until("> ")
    assert exhibits(home) == len(FILES)
    assert "real name" in talk.text
    talk.type(CTRL_C)
    assert talk.end() == 130
    assert SECRET not in talk.text
    assert f"{len(FILES)} of {len(FILES)} are safe" in " ".join(talk.text.split())
    assert f"custody -C {home.case} preserve --continue" in talk.text

    # Each further run answers one question and is interrupted at the next one.
    go_on = ("-C", "case", "preserve", "--continue")
    key = {"CUSTODY_PASSPHRASE": SECRET}
    expected = ("alias", "paper", "age", "guardian", "conflict", "basis", "contact")
    typed = {"alias": "Anna\nB1", "paper": "uz", "guardian": "1", "conflict": "9\n"}
    ends = [CTRL_C, CTRL_D, "closed", "kill", "hangup", CTRL_C]
    for name, following, how in zip(expected, expected[1:], ends, strict=False):
        talk = Talk(home, go_on, key)
        talk.until("> ")
        first = ask("ask", name, alias="A1").split("?")[0]
        assert first in " ".join(talk.text.split()), (name, talk.text)
        for line in typed.get(name, "").split("\n"):
            talk.type(line + "\n")
            talk.until("> ")
        assert ask("ask", following).split("?")[0] in " ".join(talk.text.split())
        if how == "kill":
            os.kill(talk.pid, signal.SIGKILL)
        elif how == "hangup":
            os.kill(talk.pid, signal.SIGHUP)
        elif how != "closed":
            talk.type(how)
        assert talk.end(closed=how == "closed") == (
            -signal.SIGKILL if how == "kill" else 130
        )
    talk = Talk(home, go_on, key)
    talk.until("> ")
    for line in ("the police, Anna", "+39 055 1"):
        talk.type(line + "\n")
        talk.until("> ") if "Anna" in line else None
    assert talk.end() == 0, talk.text
    assert texts("en").get("next", "title") in talk.text
    for line in talk.text.splitlines():
        assert len(line) < 80 or str(home.folder) in line

    # Nothing twice, nothing lost, every answer as it was typed.
    home.run("-C", home.case, "verify")
    assert exhibits(home) == len(FILES)
    case = opened(home, home.case)
    found = {str(e.facts["step"]): e for e in guided(case)}
    steps = [str(e.facts["step"]) for e in guided(case)]
    assert steps == ["start", "warning", *expected, "ground", "done"]
    assert found["age"].facts["answer"] == "skipped"
    assert found["guardian"].facts["answer"] == "agreed"
    assert case.sealed(found["alias"])["text"] == "B1"
    assert case.sealed(found["contact"])["text"] == "+39 055 1"
    assert not holds_word("Anna", b"".join(home.lines()).decode())
    (paper,) = home.folder.glob("note-*.pdf")
    shown = read_paper(paper)
    assert texts("uz").get("paper", "title") in shown


def test_an_interrupted_copy_goes_on_with_what_is_left(home: Desk) -> None:
    big = home.folder / "big.bin"
    with big.open("wb") as stream:
        stream.truncate(3 << 30)  # sparse: long to hash, quick to make
    key = {"CUSTODY_PASSPHRASE": SECRET}
    before = exhibits(home)
    talk = Talk(
        home, ("-C", "case", "preserve", "--language", "en", FILES[2], str(big)), key
    )
    talk.until("> ")
    talk.type("\n")
    talk.until("Taking 2 of 2 ...\r\n")
    talk.type(CTRL_C)
    assert talk.end() == 130
    assert "1 of 2 are safe" in talk.text
    assert exhibits(home) == before + 1
    assert not list((home.case / "staging").iterdir())
    big.write_bytes(b"now small")
    file = answers(home)
    words = ("-C", home.case, "preserve", "--continue", "--answers", file)
    value = home.ask(*words, CUSTODY_PASSPHRASE=SECRET)
    assert len(value["exhibits"]) == 2
    assert exhibits(home) == before + 2


@needs_openssl
def test_a_stamp_is_asked_for_when_the_person_says_so(tmp_path: Path) -> None:
    """Against an authority on this machine; `openssl ts` checks what came."""
    desk = Desk(tmp_path)
    write_files(tmp_path)
    own = new_authority()
    (tmp_path / "ca.pem").write_bytes(pem(own.root))
    about = ("--case-id", "1", "--title", "t", "--profile", "ngo", "--no-encrypt")
    with serving(honest(own, tmp_path / "tsa")) as server:
        prepare_desk(
            desk,
            ("identity", "new", "--name", ORGANISATION, "--no-passphrase"),
            ("init", "case", *about, "--tsa", f"own={server.url}"),
        )
        words = ("-C", desk.case, "preserve", FILES[2], "--answers")
        value = desk.ask(*words, answers(desk, stamp="no"))
        assert (value["stamps"], value["stamps_waiting"], server.asked) == (0, 0, [])
        value = desk.ask(*words, answers(desk, stamp="yes"))
    assert (value["stamps"], value["stamps_waiting"]) == (1, 0)
    assert len(server.asked) == 1
    (token,) = (desk.case / "manifest/checkpoints").glob("*.own.tsr")
    note = token.with_name(token.name.removesuffix(".own.tsr") + ".note")
    head = max(token.parent.glob("*.note"))
    assert note == head  # all of what was kept is under it
    check = ("-data", note.name, "-in", token.name, "-CAfile", tmp_path / "ca.pem")
    done = openssl(token.parent, "ts", "-verify", *check)
    assert b"Verification: OK" in done.stdout + done.stderr
    # Nothing of the case or the person left with the question.
    (query,) = server.asked
    for word in (b"Anna", b"letter", b"EX-0", ORGANISATION.encode()):
        assert word not in query
    # Nobody answers now: the request waits, nothing is lost, and that is said.
    value = desk.ask(*words, answers(desk, stamp="yes"), code=3)
    assert (value["stamps"], value["stamps_waiting"]) == (0, 1)
    assert list((desk.case / "manifest/pending").iterdir())
    assert desk.failing() == []
