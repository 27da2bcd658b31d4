"""The questions of `custody preserve`, as data (``script.toml``).

Which question comes next follows from the answers alone, so that a run that was
interrupted goes on from what the manifest says.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib import resources

SKIPPED = "skipped"
MAX_TEXT = 120  # characters of a free answer


class Kind(StrEnum):
    """What answers a step takes."""

    CHOICE = "choice"
    ALIAS = "alias"
    LANGUAGE = "language"
    TEXT = "text"


@dataclass(frozen=True, slots=True)
class Step:
    """One question, which may be skipped.

    Attributes:
        choices: closed words, for `Kind.CHOICE`.
        when: earlier steps to the answers with which this one is asked.
    """

    name: str
    kind: Kind
    choices: tuple[str, ...]
    when: Mapping[str, tuple[str, ...]]

    def is_due(self, answers: Mapping[str, str]) -> bool:
        """Tell whether it is asked after these answers; "" is "was not asked"."""
        asked = self.when.items()
        return all(answers.get(name, "") in words for name, words in asked)


@cache
def steps() -> tuple[Step, ...]:
    """Return the steps in their order."""
    text = (resources.files("evidence.guiding") / "script.toml").read_text("utf-8")
    return tuple(
        Step(
            name=table["name"],
            kind=Kind(table["kind"]),
            choices=tuple(table.get("choices", ())),
            when={name: tuple(w) for name, w in table.get("when", {}).items()},
        )
        for table in tomllib.loads(text)["steps"]
    )


def next_step(answers: Mapping[str, str], *, without: tuple[str, ...]) -> Step | None:
    """Return the step to ask now, None when there is none left.

    Args:
        answers: closed words by step; skipped ones are `SKIPPED`.
        without: names of steps that are not asked in this case.
    """
    for step in steps():
        if step.name in answers or step.name in without:
            continue
        if step.is_due(answers):
            return step
    return None
