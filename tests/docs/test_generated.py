"""The documentation says what the program does: pages, commands, links."""

from __future__ import annotations

import inspect
import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from manifests.verifying.verdict import Code
from tests.docs import generate

REPOSITORY = Path(__file__).resolve().parents[2]
SEPARATORS = {"|", ">", ">>", "&&", ";", "||", "2>", "<"}


def markdown() -> list[Path]:
    """Every Markdown file of the repository (not of folders a run leaves behind)."""
    folders = ("bench", "docs", "evidence", "tests")
    deep = (path for name in folders for path in (REPOSITORY / name).rglob("*.md"))
    return sorted([*REPOSITORY.glob("*.md"), *deep])


def name_of(path: Path) -> str:
    return path.relative_to(REPOSITORY).as_posix()


# -- generated pages ------------------------------------------------------------------


@pytest.mark.parametrize("path", list(generate.pages()), ids=name_of)
def test_generated_pages_are_current(path: Path) -> None:
    assert path.read_text("utf-8") == generate.pages()[path], "run 'make docs'"


def test_every_reason_code_is_explained() -> None:
    assert set(generate.REASONS) == {code.value for code in Code}


# -- help -----------------------------------------------------------------------------

COMMANDS = {name: (command, ctx) for name, command, ctx in generate.commands()}


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_and_option_has_help(name: str) -> None:
    command, _ = COMMANDS[name]
    assert command.help or command.short_help
    for option in command.params:
        if isinstance(option, click.Option):
            assert option.help, option.name


def test_commands_that_return_codes_say_which() -> None:
    returning = {
        name
        for name, (command, _) in COMMANDS.items()
        if command.callback is not None
        and inspect.signature(command.callback).return_annotation in ("int", int)
    }
    assert {"custody verify", "custody acquire chat"} <= returning
    for name in returning - {"custody demo"}:  # always 0
        command = COMMANDS[name][0]
        shown = f"{command.help} {command.epilog}"
        assert "EXIT STATUS" in shown, name


# -- command lines in the documentation -----------------------------------------------


def command_lines(path: Path) -> Iterator[list[str]]:
    """Yield the words after ``custody`` of every such line in a code block."""
    text = path.read_text("utf-8")
    for block in re.findall(
        r"^ *```(?:sh|console|text)?\n(.*?)^ *```", text, re.MULTILINE | re.DOTALL
    ):
        for line in block.replace("\\\n", " ").splitlines():
            found = re.match(r"(?:\$ )?(?:\S*/)?custody( .*)", line.strip())
            if found is None or ":" in line.strip().split(" ")[0]:
                continue
            words = shlex.split(found[1], comments=True)
            stop = next((i for i, w in enumerate(words) if w in SEPARATORS), len(words))
            yield words[:stop]


def resolve(words: list[str]) -> None:
    """Raise `click.UsageError` unless command and options of a line exist."""
    name = "custody"
    while True:
        command, context = COMMANDS[name]
        _, rest, _ = command.make_parser(context).parse_args(list(words))
        if not isinstance(command, click.Group) or not rest:
            break
        name, words = f"{name} {rest[0]}", rest[1:]
        if name not in COMMANDS:
            raise click.UsageError(f"there is no {name}")
    if rest:
        raise click.UsageError(f"{name} does not take {rest}")


LINES = [
    pytest.param(words, id=f"{name_of(path)}: custody {' '.join(words)}"[:120])
    for path in markdown()
    if path.name != "cli.md"
    for words in command_lines(path)
]


@pytest.mark.parametrize("words", LINES)
def test_command_lines_in_the_documentation_exist(words: list[str]) -> None:
    resolve(words)


def test_that_test_can_fail() -> None:
    assert len(LINES) > 10
    for line in ("acquire chats x", "verify --require-all", "acquire chat a b"):
        with pytest.raises(click.UsageError):
            resolve(line.split())


# -- links ----------------------------------------------------------------------------


def anchors(path: Path) -> set[str]:
    """Return the fragments the headings of a page can be linked by."""
    text = re.sub(
        r"^```.*?^```", "", path.read_text("utf-8"), flags=re.MULTILINE | re.DOTALL
    )
    found = set()
    for heading in re.findall(r"^#+ (.*)$", text, re.MULTILINE):
        plain = re.sub(r"[^\w\- ]", "", heading.lower())
        found.add(plain.strip().replace(" ", "-"))
    return found


def links(path: Path) -> Iterator[str]:
    text = re.sub(
        r"^```.*?^```", "", path.read_text("utf-8"), flags=re.MULTILINE | re.DOTALL
    )
    text = re.sub(r"`[^`]*`", "", text)
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if not re.match(r"[a-z][a-z+.-]*:", target):
            yield target


@pytest.mark.parametrize("path", markdown(), ids=name_of)
def test_relative_links_lead_somewhere(path: Path) -> None:
    for target in links(path):
        file, _, fragment = target.partition("#")
        there = (path.parent / file).resolve() if file else path
        assert there.exists(), f"{name_of(path)} links to {target}"
        if fragment and there.suffix == ".md":
            assert fragment in anchors(there), f"{name_of(path)} links to {target}"
