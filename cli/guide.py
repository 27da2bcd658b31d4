"""Asking people without training: short texts in their language, Enter skips.

All of it goes to standard error; results go to standard output. With a file of answers
nothing is asked. Ctrl-C, the end of the input and a closed terminal interrupt.
"""

from __future__ import annotations

import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType
from typing import NoReturn

import click

from cli import output
from evidence.consent.texts import LANGUAGES, read_text
from evidence.guiding.answers import Answers, is_answer
from evidence.guiding.script import Kind, Step
from evidence.guiding.texts import Texts, texts

_NEEDS_TEXT = ("consent", "guardian")  # questions about the text that was read
_MAX_LINE = 4096  # bytes of an answer; a terminal hands over no longer line


def read_line() -> str:
    """Return a line typed, stripped.

    Raises:
        click.Abort: the input has ended, or the terminal is gone.
    """
    output.prompt()
    try:
        data = sys.stdin.buffer.readline(_MAX_LINE)
    except OSError as error:  # the terminal is gone
        _ignore_hang_up()
        output.give_up()
        raise click.Abort from error
    if not data:
        _ignore_hang_up()
        raise click.Abort
    return data.decode("utf-8", "replace").strip()


def ask_language() -> str:
    """Ask which language to speak, in all of them; Enter is English."""
    for number, tag in enumerate(LANGUAGES, start=1):
        output.tell(f"  {number}  {own_name(tag)}")
    return _picked(read_line(), LANGUAGES) or "en"


def own_name(tag: str) -> str:
    """Return what a language calls itself."""
    return str(read_text(tag)["name"])


def _picked(typed: str, words: tuple[str, ...]) -> str:
    """Return the word of a number or the word itself; "" when it is none."""
    if typed.isascii() and typed.isdigit() and 0 < int(typed[:4]) <= len(words):
        return words[int(typed[:4]) - 1]
    return typed if typed in words else ""


@dataclass(slots=True)
class Guide:
    """Speaks one language; answers come from a file or are typed.

    Attributes:
        paper: language the person gets texts in.
    """

    said: Texts
    given: Answers | None
    quiet: bool = False
    paper: str = "en"

    def speak(self, language: str) -> None:
        """Go on in another language."""
        self.said = texts(language)

    def tell(self, table: str, name: str, /, **facts: object) -> None:
        """Show one text as a paragraph; quiet leaves all out but questions."""
        if not self.quiet:
            output.tell_wrapped(self.said.get(table, name, **facts))

    def gap(self) -> None:
        """Show an empty line."""
        if not self.quiet:
            output.tell("")

    def acknowledge(self) -> bool:
        """Warn; return whether that was answered."""
        for name in ("intro", "watched", "other_device", "no_change", "ask_first"):
            self.tell("say", name)
            self.gap()
        if self.given is not None:
            return self.given.acknowledged
        output.tell_wrapped(self.said.get("say", "acknowledge"))
        read_line()
        return True

    def words(self, name: str, *, default: str, **facts: object) -> str:
        """Ask for free words that the script does not hold; Enter takes `default`."""
        if self.given is not None:
            return str(getattr(self.given, name)) or default
        shown = {name.removeprefix("key_"): default, **facts}
        output.tell_wrapped(self.said.get("say", name, **shown))
        return read_line() or default

    def ask(self, step: Step, *, default: str, names: tuple[str, ...]) -> str:
        """Return the answer to a step, `default` when it is skipped.

        Args:
            names: what a free answer must not hold.
        """
        if self.given is not None:
            return self.given.steps.get(step.name, default)
        self.gap()
        output.tell_wrapped(self.said.get("ask", step.name, alias=default))
        if step.name in _NEEDS_TEXT:
            output.tell(f"  custody consent text --language {self.paper}")
        words = LANGUAGES if step.kind is Kind.LANGUAGE else step.choices
        for number, word in enumerate(words, start=1):
            named = step.kind is Kind.LANGUAGE
            text = own_name(word) if named else self._choice(step, word)
            output.tell_wrapped(f"  {number}  {text}", hang="     ")
        if step.kind is not Kind.ALIAS:
            output.tell(f"  Enter = {self.said.get('say', 'skip')}")
        while typed := read_line():
            answer = _picked(typed, words) if words else typed
            if answer and is_answer(step, answer, names):
                return answer
            wrong = {Kind.ALIAS: "invalid_alias", Kind.TEXT: "invalid_contact"}
            output.tell_wrapped(self.said.get("say", wrong.get(step.kind, "invalid")))
        return default

    def _choice(self, step: Step, word: str) -> str:
        return self.said.get("choices", f"{step.name}_{word}")


def _ignore_hang_up() -> None:
    """From here on the interruption is told of; a second one must not break that."""
    if hasattr(signal, "SIGHUP"):
        signal.signal(signal.SIGHUP, signal.SIG_IGN)


def _hung_up(_number: int, _frame: FrameType | None) -> NoReturn:
    _ignore_hang_up()
    raise KeyboardInterrupt


@contextmanager
def hanging_up_interrupts() -> Iterator[None]:
    """Let a closed terminal do what Ctrl-C does, where the system tells of it."""
    if not hasattr(signal, "SIGHUP"):
        yield
        return
    before = signal.signal(signal.SIGHUP, _hung_up)
    try:
        yield
    finally:
        signal.signal(signal.SIGHUP, before)
