"""Every verb that writes a file for its user refuses the same targets."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from cli.main import custody
from tests.desk import Desk

# Every verb with --output, but for those that write a folder of their own.
VERBS_THAT_WRITE: dict[str, tuple[str, ...]] = {
    "prove": ("-C", "case", "prove", "EX-0001"),
    "report": ("-C", "case", "report"),
    "witness request": ("-C", "case", "witness", "request"),
    "cosign": ("cosign", "request", "--log", "me.json", "--witness-name", "a.example"),
    "identity export": ("identity", "export"),
    "identity card": ("identity", "card"),
    "identity recipient": ("identity", "recipient", "--passphrase-file", "a.txt"),
    "recipient recovery": ("recipient", "recovery"),
    "key request": ("-C", "case", "key", "request"),
    "consent text": ("consent", "text", "--language", "en"),
    "export led-log": ("-C", "case", "export", "led-log"),
    "export stats": ("-C", "case", "export", "stats"),
    "export case-uco": ("-C", "case", "export", "case-uco"),
    "export hashdeep": ("-C", "case", "export", "hashdeep"),
    "export csv": ("-C", "case", "export", "csv", "exhibits"),
    "export dfxml": ("-C", "case", "export", "dfxml"),
}
# Those that write a folder, or need more than this case to come to writing.
VERBS_REFUSED_FIRST: dict[str, tuple[str, ...]] = {
    "kit": ("kit",),
    "disclose": (
        *("-C", "case", "disclose", "EX-0001", "--to", "ORG-2"),
        *("--purpose", "prosecution"),
        *("--override", "the test asks"),
    ),
    "export court-bundle": (
        *("-C", "case", "export", "court-bundle", "EX-0001", "--to", "CRT-1"),
        *("--report", "a.txt"),
    ),
    "correction-notice": ("-C", "case", "correction-notice", "1"),
    "transfer offer": (
        *("-C", "case", "transfer", "offer", "EX-0001", "--to", "me.json"),
        *("--purpose", "prosecution", "--channel", "usb"),
    ),
    "transfer continue": ("-C", "case", "transfer", "continue", "TR-0001"),
    "transfer accept": ("-C", "case", "transfer", "accept", "another"),
    "transfer decline": (
        *("-C", "case", "transfer", "decline", "another", "--reason", "other"),
    ),
    "transfer receipt": ("-C", "case", "transfer", "receipt", "a.txt"),
    "transfer remind": ("-C", "case", "transfer", "remind", "TR-0001"),
    "transfer return": (
        *("-C", "case", "transfer", "return", "TI-0001", "--how", "destroyed"),
    ),
    "transfer export": ("-C", "case", "transfer", "export", "TR-0001"),
}


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    """A case, another case, and a request to a witness."""
    desk = Desk(tmp_path_factory.mktemp("desk"))
    desk.open_case()
    (desk.folder / "a.txt").write_text("evidence")
    desk.run("-C", desk.case, "acquire", "files", "a.txt")
    desk.run("init", "another", "--case-id", "TEST 2", "--title", "Another")
    desk.run("-C", desk.case, "witness", "request", "-o", "request")
    desk.run("identity", "export", "-o", "me.json")
    (desk.folder / "taken").write_text("already here")
    (desk.folder / "dangling").symlink_to("nowhere")
    (desk.folder / "aside").symlink_to(desk.case / "exhibits")
    return desk


def everything(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name != ".lock"
    }


def verbs(group: click.Group, before: str = "") -> Iterator[tuple[str, click.Command]]:
    """Every command with its words."""
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        yield f"{before}{name}", command
        if isinstance(command, click.Group):
            yield from verbs(command, f"{before}{name} ")


def test_these_are_all() -> None:
    found = {
        name
        for name, command in verbs(custody)
        if any("--output" in option.opts for option in command.params)
    }
    assert found == {*VERBS_THAT_WRITE, *VERBS_REFUSED_FIRST}


@pytest.mark.parametrize("verb", VERBS_REFUSED_FIRST)
def test_nothing_is_made_among_evidence(desk: Desk, verb: str) -> None:
    before = everything(desk.folder)
    for target in ("case/new", "aside/new", "another/exhibits/new"):
        told = desk.ask(*VERBS_REFUSED_FIRST[verb], "-o", target, code=38)
        assert (told["code"], target) == ("OUTPUT_FORBIDDEN", target)
    assert everything(desk.folder) == before


@pytest.mark.parametrize("verb", VERBS_THAT_WRITE)
def test_nothing_is_written_over_or_among_evidence(desk: Desk, verb: str) -> None:
    words = VERBS_THAT_WRITE[verb]
    before = everything(desk.folder)
    for target, code in (
        ("taken", "OUTPUT_EXISTS"),
        ("dangling", "OUTPUT_EXISTS"),
        ("case/new", "OUTPUT_FORBIDDEN"),
        ("case/exhibits/EX-0001/new", "OUTPUT_FORBIDDEN"),
        ("case/manifest/checkpoints/0000000002.new.tsr", "OUTPUT_FORBIDDEN"),
        ("case/reports/../private/new", "OUTPUT_FORBIDDEN"),
        ("aside/new", "OUTPUT_FORBIDDEN"),
        ("another/exhibits/new", "OUTPUT_FORBIDDEN"),
    ):
        told = desk.ask(*words, "-o", target, code=38)
        assert (told["code"], target) == (code, target)
    assert everything(desk.folder) == before
    assert (desk.folder / "dangling").is_symlink()


@pytest.mark.parametrize("verb", VERBS_THAT_WRITE)
def test_it_writes_elsewhere_and_to_the_reports(
    desk: Desk, verb: str, tmp_path: Path
) -> None:
    copy = shutil.copytree(desk.folder, tmp_path / "copy", symlinks=True)
    own = Desk(copy)
    for target in ("fresh", "case/reports/fresh"):
        own.run(*VERBS_THAT_WRITE[verb], "-o", target)
        assert (copy / target).stat().st_size > 100
