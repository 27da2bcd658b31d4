"""The catalogues: complete, with the same places, and taken from the code as it is."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest
from babel import Locale
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po

from evidence.report.i18n import LANGUAGES, _, plural, speaking
from tests.docs.messages import TEMPLATE, extracted, template

FOLDER = TEMPLATE.parent
WANTED = cache(extracted)
CODES = [code for code in LANGUAGES if code != "en"]
_PLACE = re.compile(r"\{\w*\}")


@cache
def catalogue(code: str) -> Catalog:
    with (FOLDER / f"{code}.po").open("rb") as stream:
        return read_po(stream, locale=code)


def test_the_languages_of_the_task_are_there() -> None:
    assert set(CODES) == {"fr", "de", "es", "it", "ro", "ru", "uk", "az", "ar"}
    assert {path.stem for path in FOLDER.glob("*.po")} == set(CODES)


def test_the_template_is_what_the_code_says() -> None:
    assert template() == TEMPLATE.read_bytes(), "run: make messages"


@pytest.mark.parametrize("code", CODES)
def test_a_catalogue_is_complete_and_says_that_it_is_a_draft(code: str) -> None:
    found = catalogue(code)
    assert "to be checked by a sworn translator" in found.header_comment
    wanted = {message.id for message in WANTED() if message.id}
    assert {message.id for message in found if message.id} == wanted
    assert not found.obsolete
    for message in found:
        assert not message.fuzzy or not message.id, message.id
        forms = [message.string] if isinstance(message.string, str) else message.string
        assert forms and all(form and form.strip() for form in forms), message.id


@pytest.mark.parametrize("code", CODES)
def test_translations_have_the_places_of_the_english_sentence(code: str) -> None:
    for message in catalogue(code):
        if not message.id:
            continue
        if isinstance(message.id, str):
            assert isinstance(message.string, str)
            pairs = [(message.id, message.string)]
        else:
            pairs = [(message.id[1], form) for form in message.string]
        for english, said in pairs:
            places = sorted(_PLACE.findall(english))
            assert sorted(_PLACE.findall(said)) == places, english
            # a brace that is no place would break filling in
            assert said.count("{") == said.count("}") == len(places)


@pytest.mark.parametrize("code", CODES)
def test_plural_forms_are_as_many_as_the_language_has(code: str) -> None:
    # truth: CLDR, whose categories for whole numbers gettext's forms stand for
    tags = {Locale.parse(code).plural_form(n) for n in range(1001)}
    found = catalogue(code)
    assert found.num_plurals >= len(tags)
    for message in found:
        if message.pluralizable:
            assert len(message.string) == found.num_plurals, message.id


@pytest.mark.parametrize(
    ("code", "count", "said"),
    [
        ("ru", 1, "1 запись"),
        ("ru", 3, "3 записи"),
        ("ru", 11, "11 записей"),
        ("ru", 22, "22 записи"),
        ("uk", 5, "5 записів"),
        ("ro", 2, "2 înregistrări"),
        ("ro", 20, "20 de înregistrări"),
        ("ar", 2, "قيدان (2)"),
        ("ar", 7, "7 قيود"),
        ("ar", 11, "11 قيدًا"),
        ("az", 5, "5 qeyd"),
        ("fr", 0, "0 entrée"),
        ("de", 1234, "1.234 Einträge"),
        ("fr", 1234567, "1 234 567 entrées"),
        ("en", 1234, "1,234 entries"),
    ],
)
def test_counts_by_hand(code: str, count: int, said: str) -> None:
    with speaking(code):
        assert plural("{count} entry", "{count} entries", count) == said


def test_what_a_catalogue_lacks_stays_english_and_unknown_languages_are_refused() -> (
    None
):
    with speaking("fr"):
        assert _("Never a sentence of {whom}.", whom="ours") == (
            "Never a sentence of ours."
        )
        assert _("Exhibits") == "Pièces à conviction"
    assert _("Exhibits") == "Exhibits"
    with pytest.raises(ValueError, match="catalogue"), speaking("../../etc"):
        pass


def test_values_are_never_interpreted() -> None:
    with speaking("de"):
        said = _("Report {report} issued.", report="{report} {0} %s")
    assert said == "Bericht {report} {0} %s ausgestellt."


def test_no_catalogue_holds_controls_of_direction() -> None:
    # they would be spelled out on paper, and hide in a review
    for path in Path(FOLDER).glob("*.po*"):
        assert not re.search(
            r"[\u200e\u200f\u202a-\u202e\u2066-\u2069\u00a0\u202f]", path.read_text()
        )
