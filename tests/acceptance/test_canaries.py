"""Sixty planted identifiers: none is in anything public, after any command."""

from __future__ import annotations

import base64
import gzip
import json
import os
import shutil
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import quote

import pytest

from evidence.vault.agekeys import new_identity, recipient_of
from tests import canaries
from tests.desk import Desk
from tests.few import few

_SECRET = ("private", "exhibits", "staging", "quarantine", "keys")
NGO = ("--profile", "ngo")


def test_there_are_sixty_in_five_scripts() -> None:
    """The aim of the whole exercise."""
    assert len(canaries.PLANTED) >= 60
    scripts = {"a": 0, "а": 0, "ا": 0, "ა": 0, "α": 0}
    for text in canaries.PLANTED:
        for letter in scripts:
            scripts[letter] += letter in text.lower()
    assert all(scripts.values())


@pytest.mark.parametrize(
    "coat",
    [
        lambda data: data,
        lambda data: data.upper(),
        lambda data: gzip.compress(b"head" + data),
        lambda data: b"1 0 obj stream\n" + zlib.compress(data) + b"\nendstream",
        lambda data: base64.b64encode(b'{"name":"' + data + b'"}'),
        lambda data: base64.b64encode(gzip.compress(data)),
        lambda data: quote(data).encode(),
        lambda data: data.decode().encode("utf-16-le"),
        lambda data: data.hex().encode(),
    ],
)
def test_the_search_finds_what_is_there(coat: Callable[[bytes], bytes]) -> None:
    """A search that finds nothing must be one that could."""
    planted = coat(canaries.NAMES[0].encode())
    assert canaries.NAMES[0] in canaries.sightings(b"before " + planted + b" after")


def test_the_search_finds_nothing_in_random_bytes() -> None:
    """Short identifiers do not turn up by chance."""
    assert canaries.sightings(os.urandom(1 << 20)) == set()


class Watch:
    """A desk that searches everything public after every command."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.known: dict[Path, tuple[int, int]] = {}

    def run(self, *words: str | Path, code: int | None = 0) -> str:
        done = self.desk.run(*words, code=code)
        said = done.stdout + done.stderr
        assert not canaries.sightings(said.encode()), (words, said)
        assert not canaries.seen_in(self._changed()), words
        return done.stdout

    def _changed(self) -> Iterator[Path]:
        for path in self._public():
            status = path.lstat()
            state = (status.st_mtime_ns, status.st_size)
            if self.known.get(path) != state:
                self.known[path] = state
                yield path

    def _public(self) -> Iterator[Path]:
        for folder in (self.desk.case, self.desk.folder / "out"):
            for path in sorted(folder.rglob("*")):
                top = path.relative_to(folder).parts[0]
                if folder != self.desk.case or top not in _SECRET:
                    yield path


@pytest.fixture
def watch(tmp_path: Path) -> Watch:
    """A desk on a machine whose host and user name are planted, too."""
    os.environ.setdefault("LANG", "C.UTF-8")
    desk = Desk(
        tmp_path, extra={"LOGNAME": canaries.MACHINE[1], "USER": canaries.MACHINE[1]}
    )
    (tmp_path / "out").mkdir()
    return Watch(desk)


SOURCES = {
    "chat-whatsapp": (canaries.whatsapp, ("chat",)),
    "screenshot": (canaries.screenshot, ("screenshot",)),
    "chat-telegram": (canaries.telegram, ("chat",)),
    "files": (canaries.papers, ("files",)),
    "disk": (canaries.disk, ("disk",)),
}


@pytest.mark.parametrize("kind", few(SOURCES))
def test_nothing_public_names_anybody(watch: Watch, kind: str) -> None:
    """Acquire, look, verify, report and prove: no identifier where others look."""
    make, words = SOURCES[kind]
    if kind == "disk" and not (shutil.which("mkfs.fat") and shutil.which("mcopy")):
        pytest.skip("mkfs.fat and mtools are not installed")
    source = make(watch.desk.folder)
    out = watch.desk.folder / "out"
    watch.run("identity", "new", "--name", "adviser-1", "--no-passphrase")
    words_of_case = ("--case-id", "C 1/2026", "--title", "A case", "--profile", "ngo")
    watch.run("init", watch.desk.case, *words_of_case)
    case = ("-C", watch.desk.case)
    watch.run(
        *case, "acquire", *words, source, "-D", "; ".join(canaries.lines()), code=None
    )
    watch.run(*case, "note", "EX-0001", "--fact", canaries.lines()[0], code=None)
    for more in ((), ("--json",)):
        watch.run(*more, *case, "log")
        watch.run(*more, *case, "verify")
        watch.run(*more, *case, "seal")
        watch.run(
            *more,
            *case,
            "prove",
            "EX-0001",
            "-o",
            out / f"EX-0001{len(more)}.tlog-proof",
        )
        watch.run(*more, *case, "report", "-o", out / f"report{len(more)}.pdf")
    assert any(path.suffix == ".pdf" for path in watch.known)


def test_no_other_verb_names_anybody(watch: Watch) -> None:
    """Every verb that takes words of people, full of identifiers, in an NGO's case."""
    folder, everything = watch.desk.folder, "; ".join(canaries.lines())
    chat, paper = canaries.whatsapp(folder), folder / canaries.FILES[0]
    paper.write_text(everything, "utf-8")
    person = {"names": list(canaries.NAMES), "phones": list(canaries.PHONES)}
    (folder / "person.json").write_text(json.dumps(person), "utf-8")
    watch.run("identity", "new", "--name", "adviser-1", "--no-passphrase")
    watch.run("init", watch.desk.case, "--case-id", "1", "--title", "t", *NGO)
    watch.run("consent", "text", "--language", "az", "-o", folder / "az.txt")

    def run(*words: str | Path, code: int | None = 0) -> None:
        watch.run("-C", watch.desk.case, *words, code=code)

    run("acquire", "chat", chat, "-D", everything, code=None)
    run("person", "add", "--from", "person.json", "--category", "victim")
    add = ("authority", "add", "--type", "voluntary", "--category", "content")
    told = ("--reference", canaries.WORDS[-1], "--issued-by", canaries.NAMES[3])
    told += ("--condition", everything, "--offence", everything)
    run(*add, *told, "--issued-at", "2026-01-01", "--file", paper)
    consent = ("consent", "add", "--subject", "PE-0001", "--level", "hand-over-ngo")
    consent += ("--scope", "EX-0001", "--recipient", "NGO-1", "--purpose", "support")
    consent += ("--language", "az", "--wording", "az.txt", "--age", "adult")
    consent += ("--explained", "all", "--interpreter", canaries.NAMES[1])
    run(*consent, "--interpreter-conflict", "none", "--note", everything)
    run("deposit", "start", "--subject", "PE-0001", "--days", "1", "--note", everything)
    forced = ("--override", "; ".join(canaries.NAMES))
    given = folder / "out/given"
    words = ("disclose", "EX-0001", "--records", "1-40", "--to", "NGO-2", "-o", given)
    encrypted = ("--encrypt-to", recipient_of(new_identity()))
    run(*words, "--purpose", "support", "--note", everything, *encrypted, *forced)
    run("note", "EX-0001", "--assessment", everything)
    run("rectify", "EX-0001", "--correction", everything)
    decide = ("decision", "add", "--kind", "strategy", "--decision", everything)
    run(*decide, "--reason", everything, "--risk", everything)
    meddle = ("interference", "add", "--kind", "threat", "--at", "2026-01-02")
    run(*meddle, "--fact", everything, "--assessment", everything)
    for verb, kind in (("harm", "wages"), ("proceeds", "cash")):
        loss = (verb, "add", "--kind", kind, "--known", "document")
        run(*loss, "--person", "PE-0001", "--fact", everything)
    state = ("statement", "add", "--person", "PE-0001", "--language", "az")
    run(*state, "--interviewer", canaries.NAMES[2], "--file", paper)
    breach = ("breach", "record", "--known-at", "2026-01-03T00:00:00Z")
    run(*breach, "--nature", "confidentiality", "--what", everything)
    run("hold", "EX-0001", "--reason", everything)
    run("restrict", "EX-0001", "--ground", "kept-as-evidence", "--text", everything)
    run(
        "retain",
        "EX-0001",
        "--rule",
        "statute",
        "--review",
        "2030-01-01",
        "--text",
        everything,
    )
    refer = ("refer", paper, "--reason", "unsafe", "--to", "POL-1")
    run(*refer, "--note", everything)
    out = folder / "out"
    for number, more in enumerate(((), ("--json",))):
        run(*more, "log")
        run(*more, "show", "EX-0001")
        for listing in ("authority", "consent", "person", "decision", "interference"):
            run(*more, listing, "list")
        run(*more, "label", "list")
        run(*more, "retain", "show")
        run(*more, "deadlines", "--ical", out / f"{number}.ics", code=None)
        run(*more, "check", "e-evidence", code=None)
        run(*more, "export", "led-log", "-o", out / f"{number}.csv", code=None)
        run(*more, "export", "stats", code=None)
        run(*more, "transfer", "status", code=None)
        run(*more, "verify")
        for listing in ("harm", "proceeds"):
            run(*more, listing, "list")
        for kind in ("case-uco", "dfxml", "hashdeep", "csv custody", "csv exhibits"):
            target = out / f"{kind.replace(' ', '-')}.{number}"
            run(*more, "export", *kind.split(), "-o", target)
        shown = (("--check", "led"), ("--variant", "public", "--language", "ar"))
        run(*more, "report", "-o", out / f"whole-{number}.pdf", *shown[number])
    erase = ("erase", "EX-0002", "--reason", "not-relevant")
    run(*erase, "--text", everything, "--authority", "AU-0002")
    run("verify")
