"""What the command line offers is what the records take: one list, and a light one."""

from __future__ import annotations

import subprocess
import sys
from typing import get_args

import click
import pytest

from cli.main import VERBS, LazyGroup
from evidence.access.words import PURPOSES
from evidence.authority.order import Order
from evidence.authority.words import Kind, Threat, Threshold, choices
from evidence.casework.words import (
    ANSWERS,
    DECISIONS,
    HARM,
    INTERFERENCE,
    KNOWN,
    PROCEEDS,
)

LIGHT = (
    "evidence.access.words",
    "evidence.authority.words",
    "evidence.casework.words",
)
HEAVY = ("msgspec", "cryptography", "evidence.case")


def offered(verb: str, *words: str) -> list[str]:
    """What an option of a verb offers; the last word is the option."""
    *path, option = words
    command: click.Command = LazyGroup("custody").get_command(
        click.Context(click.Group("custody")), verb
    )  # type: ignore[assignment] - it is there
    for name in path:
        assert isinstance(command, click.Group)
        command = command.commands[name]
    (found,) = [p for p in command.params if option in p.opts]
    assert isinstance(found.type, click.Choice)
    return [*found.type.choices]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("show", "--purpose"), list(PURPOSES)),
        (("decision", "add", "--kind"), list(DECISIONS)),
        (("decision", "endorse", "--answer"), list(ANSWERS)),
        (("interference", "add", "--kind"), list(INTERFERENCE)),
        (("harm", "add", "--kind"), list(HARM)),
        (("proceeds", "add", "--kind"), list(PROCEEDS)),
        (("harm", "add", "--known"), list(KNOWN)),
        (("authority", "add", "--issuer"), choices(Kind)),
        (("authority", "add", "--emergency"), choices(Threat)),
        (("authority", "add", "--threshold"), choices(Threshold)),
    ],
)
def test_the_options_offer_what_is_recorded(
    words: tuple[str, ...], expected: list[str]
) -> None:
    assert words[0] in VERBS
    assert offered(*words) == expected
    assert "" not in expected and len(set(expected)) == len(expected) > 2


def test_an_order_takes_what_is_offered() -> None:
    types = {"threat": Threat, "threshold": Threshold}
    for name, words in types.items():
        assert Order.__annotations__[name] in (words, name.capitalize())
        assert get_args(words)[0] == ""


def test_words_load_nothing_heavy() -> None:
    program = f"import sys, {', '.join(LIGHT)}\nprint(*sys.modules)"
    words = [sys.executable, "-c", program]
    done = subprocess.run(words, capture_output=True, check=True, text=True)
    assert not set(done.stdout.split()) & set(HEAVY)
