"""Answers from a file: strict, bounded, and never repeated in an error."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from evidence.guiding.answers import Answers, read_answers, template
from evidence.guiding_errors import AnswersRefusedError

SECRET = "Guluzade"


def test_the_template_skips_everything(tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_text(template())
    assert read_answers(tmp_path / "a.toml") == Answers()


def test_toml_and_json_say_the_same(tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_text('language = "az"\nage = "adult"\nalias = "B-2"\n')
    told = {"language": "az", "age": "adult", "alias": "B-2"}
    (tmp_path / "a.json").write_text(json.dumps(told))
    found = read_answers(tmp_path / "a.toml")
    assert found == read_answers(tmp_path / "a.json")
    assert found.steps == {"age": "adult", "alias": "B-2"}


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.toml", f'name = "{SECRET}"'),  # nobody asks for a name
        ("a.toml", f'alias = "{SECRET}"'),
        ("a.toml", f'age = "{SECRET}"'),
        ("a.toml", f'language = "{SECRET}"'),
        ("a.toml", f'contact = "Police {SECRET}"'),
        ("a.toml", f'contact = "{SECRET}\\u001b[2J"'),
        ("a.toml", f'contact = "{SECRET * 40}"'),
        ("a.toml", 'acknowledged = "yes"'),
        ("a.toml", "version = 2"),
        ("a.toml", "version = true"),
        ("a.toml", "age = 1"),
        ("a.toml", 'age = ["adult"]'),
        ("a.toml", "age ="),
        ("a.toml", "x = " + "[" * 5000),
        ("a.json", "[" * 60000),
        ("a.json", "[]"),
        ("a.json", '{"age": "adult", "age": "minor"}'),
        ("a.json", '{"age": NaN}'),
        ("a.toml", "#" * 70_000),
    ],
)
def test_anything_else_is_refused(tmp_path: Path, name: str, text: str) -> None:
    (tmp_path / name).write_text(text)
    with pytest.raises(AnswersRefusedError) as caught:
        read_answers(tmp_path / name)
    assert SECRET not in str(caught.value)


def test_no_file_or_no_text(tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_bytes(b"\xff\xfe")
    for path in (tmp_path / "a.toml", tmp_path / "none", tmp_path):
        with pytest.raises(AnswersRefusedError):
            read_answers(path)
