"""The script and its texts: whole in every language, and never more than asked."""

from __future__ import annotations

import re
import string
import tomllib
from pathlib import Path

import pytest

from evidence.consent.texts import LANGUAGES
from evidence.guiding.script import SKIPPED, next_step, steps
from evidence.guiding.texts import spoken_here, texts

FOLDER = Path(__file__).parents[4] / "evidence/guiding/texts"


def catalogue(language: str) -> dict[str, dict[str, str]]:
    value = tomllib.loads((FOLDER / f"{language}.toml").read_text("utf-8"))
    assert value.pop("draft") is True
    return value


def places(text: str) -> list[str]:
    return sorted(name for _, name, _, _ in string.Formatter().parse(text) if name)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_has_every_string_and_placeholder(language: str) -> None:
    ours, model = catalogue(language), catalogue("en")
    assert {t: list(v) for t, v in ours.items()} == {
        t: list(v) for t, v in model.items()
    }
    for table, strings in ours.items():
        for name, text in strings.items():
            assert text.strip() == text != "", (table, name)
            assert text.isprintable(), (table, name)
            assert places(text) == places(model[table][name]), (table, name)
            # Nobody forgot to translate it; these words are the same in some.
            same = {"code", "date", "contact", "conversation", "chat"}
            short = len(text) < 15 or name in same
            assert language == "en" or short or text != model[table][name], name


SCRIPTS = {"ar": "ARABIC", "ru": "CYRILLIC", "uk": "CYRILLIC"}


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_language_is_written_in_its_script(language: str) -> None:
    import unicodedata

    text = " ".join(v for t in catalogue(language).values() for v in t.values())
    text = re.sub(r"\{[a-z]+\}|--continue|Enter|Ctrl-C", "", text)
    found = {unicodedata.name(c).split()[0] for c in text if c.isalpha()}
    allowed = {SCRIPTS.get(language, "LATIN"), "MODIFIER"}
    assert found - allowed <= ({"LATIN"} if language in SCRIPTS else set())
    letters = [c for c in text if c.isalpha()]
    latin = [c for c in letters if unicodedata.name(c).startswith("LATIN")]
    assert language not in SCRIPTS or len(latin) < len(letters) / 50


def test_every_question_has_its_texts_and_is_sound() -> None:
    said, earlier = catalogue("en"), dict[str, tuple[str, ...]]()
    for step in steps():
        assert step.name in said["ask"]
        for word in step.choices:
            assert f"{step.name}_{word}" in said["choices"]
        for name, words in step.when.items():
            known = {"", SKIPPED, *earlier[name]}  # only of what was asked before
            assert set(words) <= known, (step.name, name)
        earlier[step.name] = step.choices
    assert len(said["choices"]) == sum(len(step.choices) for step in steps())


def asked(**answers: str) -> list[str]:
    """Which questions come, when all others are skipped."""
    found: dict[str, str] = {}
    while step := next_step(found, without=("stamp",)):
        found[step.name] = answers.get(step.name, SKIPPED)
    return list(found)


def test_who_is_asked_what() -> None:
    assert asked(age="adult", consent="agreed") == [
        *("alias", "paper", "age", "consent", "contact"),
    ]
    # A child, or an age that is not known: an adult, and whether that one may gain.
    for age in ("minor", "unknown", SKIPPED):
        assert "consent" not in asked(age=age)
        assert "guardian" in asked(age=age)
        safe = asked(age=age, guardian="agreed", conflict="none")
        assert "conflict" in safe
        assert "basis" not in safe
    assert "basis" in asked(age="minor", guardian="agreed", conflict="possible")
    # Who said no is not asked for another reason.
    assert "basis" not in asked(age="adult", consent="refused")
    assert "basis" not in asked(age="minor", guardian="refused")
    assert len(asked()) <= 6


@pytest.mark.parametrize(
    ("value", "language"),
    [("az_AZ.UTF-8", "az"), ("ar", "ar"), ("C.UTF-8", None), ("de_DE", None)],
)
def test_the_language_of_the_environment(
    value: str, language: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("LC_ALL", "LC_MESSAGES"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LANG", value)
    assert spoken_here() == language


def test_a_placeholder_is_filled_once() -> None:
    told = texts("en").get("say", "folder", folder="{name}")
    assert "{name}" in told
