"""Patterns over raw paths, and names that are not UTF-8."""

from __future__ import annotations

import time

import pytest

from evidence.parsing.disk_names import Patterns, text_fields, whole


def matches(glob: str, path: str, *, ignore_case: bool = False) -> bool:
    patterns = Patterns.of([glob], ignore_case=ignore_case)
    state = patterns.start()
    for name in path.split("/"):
        state = patterns.step(state, name)
    return bool(patterns.matched(state))


@pytest.mark.parametrize(
    ("glob", "path", "expected"),
    [
        ("/home/*/x.db", "home/ana/x.db", True),
        ("home/*/x.db", "home/ana/x.db", True),
        ("/home/*/x.db", "home/ana/more/x.db", False),
        ("*.jpg", "a.jpg", True),
        ("*.jpg", "dir/a.jpg", False),
        ("**/*.jpg", "a.jpg", True),
        ("**/*.jpg", "a/b/c/d.jpg", True),
        ("**/*.jpg", "a/b/c/d.jpeg", False),
        ("a/**/z", "a/z", True),
        ("a/**/z", "a/b/c/z", True),
        ("a/**/z", "b/a/z", False),
        ("a/**/m/**/z", "a/m/x/m/y/z", True),
        ("dir", "dir/below/it", True),
        ("dir/**", "dir/below/it", True),
        ("d?r", "dxr", True),
        ("d?r", "d/r", False),
        ("[ab].txt", "b.txt", True),
        ("[!ab].txt", "b.txt", False),
        ("*", ".hidden", True),
        ("/", "anything/at/all", True),
        ("line*feed", "line\nfeed", True),
        ("*.JPG", "a.jpg", False),
        ("../../x", "../../x", True),
        ("caf\udce9.txt", "caf\udce9.txt", True),
    ],
)
def test_match(glob: str, path: str, expected: bool) -> None:
    assert matches(glob, path) is expected


def test_case_is_ignored_when_asked() -> None:
    assert matches("**/ФОТО/*.jpg", "x/фото/A.JPG", ignore_case=True)


def test_a_stream_of_a_matched_file_matches() -> None:
    patterns = Patterns.of(["*.txt"])
    state = patterns.step(patterns.start(), "a.txt:zone", other="a.txt")
    assert patterns.matched(state) == {0}


def test_a_directory_nothing_can_match_in_has_no_state() -> None:
    patterns = Patterns.of(["/home/*/x.db"])
    assert not patterns.step(patterns.start(), "usr")


def test_hostile_names_cost_linear_time() -> None:
    begun = time.perf_counter()
    assert not matches("*a*a*a*a*a*a*b", "a" * 5000)
    assert not matches("**/a/**/a/**/a/**/b", "/".join("a" * 250))
    assert time.perf_counter() - begun < 2


def test_bytes_that_are_not_utf8_stand_beside_the_text() -> None:
    assert text_fields("path", b"ok") == {"path": "ok"}
    assert text_fields("path", b"caf\xe9") == {
        "path": "caf\ufffd",
        "path_b64": "Y2Fm6Q==",
    }


def test_whole_numbers_json_readers_would_round_are_text() -> None:
    assert whole((1 << 53) - 1) == 9007199254740991
    assert whole(1 << 53) == "9007199254740992"
    assert whole(-(1 << 63)) == "-9223372036854775808"
