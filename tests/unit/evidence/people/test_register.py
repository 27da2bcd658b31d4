"""The register is what the entries say; nothing in public names anybody."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from evidence.case import writing
from evidence.consulting import consult
from evidence.people.person import Person, read_file
from evidence.people.register import (
    Register,
    add_person,
    alter_person,
    merge_people,
    read_register,
)
from evidence.people_errors import (
    JustificationMissingError,
    PersonRefusedError,
    PersonUnknownError,
)
from tests.builders import Bench, new_bench

OLENA = {"category": "victim", "names": ["Олена Приклад"], "phones": ["+994501234567"]}


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return new_bench(tmp_path / "case")


def register(bench: Bench) -> Register:
    return read_register(bench.case)


def test_numbers_without_gaps_changes_and_merges(bench: Bench) -> None:
    with writing(bench.case, bench.identity, bench.signer) as writer:
        assert add_person(writer, OLENA) == "PE-0001"
        assert (
            add_person(writer, {"category": "other", "aliases": ["Olja"]}) == "PE-0002"
        )
        alter_person(
            writer, "PE-0001", {"phones": ["+49170765432"]}, reason="a new number"
        )
        merge_people(writer, "pe-0002", "PE-0001", reason="told so")
    found = register(bench)
    assert list(found.people) == ["PE-0001", "PE-0002"]
    one = found.person("PE-0001")
    assert one.values("phones") == ("+49170765432",)
    assert one.former["phones"] == ("+994501234567",)
    assert one.values("names") == ("Олена Приклад",)
    assert found.person("PE-0002").merged_into == "PE-0001"
    assert found.problems == []
    assert bench.verify().axes
    log = (bench.case.manifest / "entries.jsonl").read_text("utf-8")
    for hidden in (
        "victim",
        "Олена",
        "\\u041e",
        "994501234567",
        "Olja",
        "a new number",
    ):
        assert hidden not in log


def test_a_missing_sealed_record_is_said_and_the_number_stays(bench: Bench) -> None:
    with writing(bench.case, bench.identity, bench.signer) as writer:
        add_person(writer, OLENA)
        add_person(writer, OLENA)
    bench.case.private_path(1).unlink()
    found = register(bench)
    assert list(found.people) == ["PE-0001", "PE-0002"]
    assert found.person("PE-0001").fields == {}
    assert len(found.problems) == 1


def test_merging_twice_or_with_oneself_is_refused(bench: Bench) -> None:
    with writing(bench.case, bench.identity, bench.signer) as writer:
        for _ in range(3):
            add_person(writer, OLENA)
        merge_people(writer, "PE-0002", "PE-0001", reason="same")
        for one, other in (("PE-0001", "PE-0001"), ("PE-0003", "PE-0002")):
            with pytest.raises(PersonRefusedError):
                merge_people(writer, one, other, reason="same")


@pytest.mark.parametrize(
    "text",
    [
        '{"category":"witness"}',
        '{"names":"Olena"}',
        '{"names":[""]}',
        '{"names":[7]}',
        '{"phones":["Olena"]}',
        '{"emails":["Olena"]}',
        '{"birth_date":"6.5.1990"}',
        '{"surname":["Olena"]}',
        '["Olena"]',
        "{",
        "[" * 100_000,
        '{"names":["\\ud800 Olena"]}',
    ],
)
def test_a_description_of_another_form_is_refused_without_quoting_it(text: str) -> None:
    with pytest.raises(PersonRefusedError) as caught:
        read_file(text.encode())
    assert "Olena" not in caught.value.what
    assert "surname" not in caught.value.what


def test_who_is_unknown_is_not_repeated(bench: Bench) -> None:
    with pytest.raises(PersonUnknownError) as caught:
        register(bench).person("Олена Приклад")
    assert "Олена" not in caught.value.what.title()
    with pytest.raises(PersonUnknownError, match="PE-0009"):
        register(bench).person("pe-0009")


def test_a_minor_is_presumed_when_the_age_is_unknown() -> None:
    today = date(2026, 11, 22)

    def minor(**fields: str) -> bool:
        return Person("PE-0001", dict(fields)).is_minor(today)

    assert minor(category="victim")
    assert not minor(category="staff")
    assert minor(category="suspect", birth_date="2008-11-23")
    assert not minor(category="suspect", birth_date="2008-11-22")


def test_a_consultation_needs_a_justification_and_seals_it(bench: Bench) -> None:
    with writing(bench.case, bench.identity, bench.signer) as writer:
        for empty in ("", "  \n"):
            with pytest.raises(JustificationMissingError):
                consult(writer, (), empty)
        size = writer.log.size
        entry = consult(writer, ("EX-0001",), "asked by court", facts={"kind": "x"})
    assert (entry.seq, entry.type, dict(entry.facts)) == (
        size,
        "consult",
        {"kind": "x"},
    )
    assert bench.case.sealed(entry)["justification"] == "asked by court"
