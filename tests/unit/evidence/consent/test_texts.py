"""The shipped texts: every language has every part, and each says it is a draft."""

from __future__ import annotations

import re
import unicodedata
from hashlib import sha256

import pytest

from evidence.consent.texts import LANGUAGES, consent_text, read_text
from evidence.consent.words import words
from evidence.consent_errors import ConsentTextUnknownError
from evidence.visible import visible

ASKED = ("az", "en", "ru", "uz", "ro", "uk", "ar", "fr")  # issue: these eight
SCRIPT = {"ru": "CYRILLIC", "uk": "CYRILLIC", "ar": "ARABIC"}
PLACEHOLDER = re.compile(r"\{([a-z]+)\}")
# A word that stands in the draft mark of each language.
DRAFT = {
    "az": "LAYİHƏ",
    "en": "DRAFT",
    "ru": "ПРОЕКТ",
    "uz": "LOYIHA",
    "ro": "PROIECT",
    "uk": "ПРОЄКТ",
    "ar": "مسودة",
    "fr": "PROJET",
}


def flat(value: object, name: str = "") -> dict[str, str]:
    if isinstance(value, dict):
        found: dict[str, str] = {}
        for key, member in value.items():
            found.update(flat(member, f"{name}/{key}"))
        return found
    assert isinstance(value, str)
    return {name: value}


def test_the_languages_are_those_asked_for() -> None:
    assert set(LANGUAGES) == set(ASKED)


@pytest.mark.parametrize("language", ASKED)
def test_every_language_has_every_part_and_placeholder(language: str) -> None:
    english, parts = flat(read_text("en")), flat(read_text(language))
    assert list(parts) == list(english)
    assert parts["/language"] == language
    for name, text in parts.items():
        assert text.strip(), name
        assert sorted(PLACEHOLDER.findall(text)) == sorted(
            PLACEHOLDER.findall(english[name])
        ), name
        # Nothing was left in English.
        same = text == english[name]
        assert not same or language == "en" or len(text) < 12, (name, text)


@pytest.mark.parametrize("language", ASKED)
def test_levels_and_risks_are_the_closed_words(language: str) -> None:
    parts = read_text(language)
    assert list(parts["levels"]) == list(words().levels)
    assert list(parts["risks"]) == list(words().risks)


@pytest.mark.parametrize("language", ASKED)
def test_it_is_marked_as_a_draft_at_both_ends(language: str) -> None:
    text = consent_text(language).text
    lines = text.strip().splitlines()
    assert DRAFT[language] in lines[0]
    assert DRAFT[language] in lines[-1]
    assert not PLACEHOLDER.search(text)
    assert "____" in text


@pytest.mark.parametrize("language", ASKED)
def test_it_is_written_in_its_script_and_hides_nothing(language: str) -> None:
    text = consent_text(language, minor=True).text
    script = SCRIPT.get(language, "LATIN")
    letters = [char for char in text if unicodedata.category(char)[0] == "L"]
    own = [c for c in letters if script in unicodedata.name(c) or c in "\u02bb\u02bc"]
    assert len(own) == len(letters)
    assert all(visible(line) == line for line in text.splitlines())
    assert unicodedata.normalize("NFC", text) == text


def test_minors_get_their_part() -> None:
    for language in ASKED:
        adult, minor = consent_text(language), consent_text(language, minor=True)
        heard = read_text(language)["minors"]["heard"]  # type: ignore[index]
        assert heard in minor.text
        assert heard not in adult.text
        assert minor.sha256 == sha256(minor.text.encode()).hexdigest()


def test_regions_are_left_aside_and_other_scripts_refused() -> None:
    assert consent_text("ro-MD").language == "ro"
    assert consent_text("uz-Latn").language == "uz"
    for tag in ("uz-Cyrl", "ka", "", "../en", "en.toml"):
        with pytest.raises(ConsentTextUnknownError):
            consent_text(tag)
