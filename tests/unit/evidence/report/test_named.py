"""Printed names against the descriptions of keys beside them."""

from __future__ import annotations

import pytest

from evidence.identity import Identity
from evidence.keyfile import new_signer
from evidence.report.model import Person
from evidence.report.named import compare_names


def described(name: str, organisation: str) -> Identity:
    made = "2026-01-01T00:00:00.000000Z"
    return Identity(name, "examiner", organisation, made, new_signer().public)


ROSSI, OTHER = described("Rossi", "Lab"), described("Bianchi", "")
FILE = f"identity-{ROSSI.key}.json"


def person(identity: Identity, **changes: object) -> Person:
    values: dict[str, object] = {
        "name": identity.name,
        "role": "examiner",
        "organisation": identity.organisation or None,
        "key": identity.key,
    }
    return Person(**{**values, **changes})  # type: ignore[arg-type]


def test_what_agrees_is_not_mentioned() -> None:
    files = {
        FILE: ROSSI.to_bytes(),
        f"identity-{OTHER.key}.json": OTHER.to_bytes(),
        "keys.json": b"{}",
    }
    assert [*compare_names((person(ROSSI), person(OTHER)), files)] == []


@pytest.mark.parametrize(
    ("people", "content", "word"),
    [
        ((person(ROSSI, name="Verdi"),), ROSSI.to_bytes(), "another name"),
        ((person(ROSSI, name=None),), ROSSI.to_bytes(), "another name"),
        ((person(ROSSI, organisation="Mob"),), ROSSI.to_bytes(), "organisation"),
        ((person(OTHER),), ROSSI.to_bytes(), "lists nobody"),
        ((person(ROSSI),), OTHER.to_bytes(), "no description"),
        ((person(ROSSI),), b"{}", "no description"),
    ],
)
def test_what_contradicts_is_a_finding(
    people: tuple[Person, ...], content: bytes, word: str
) -> None:
    (found,) = compare_names(people, {FILE: content})
    assert found.fails
    assert word in found.text
