"""Requirement test 8: names that deceive are kept byte for byte, and said."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evidence.odd_names import oddities
from tests.desk import OWN_INITIATIVE, Desk

NAMES = {
    "раypal.txt".encode(): "mixed-scripts",  # the first two letters are Cyrillic
    "photo\u202egpj.exe".encode(): "bidi-control",
    b"caf\xe9.txt": "not-utf8",
    "zero\u200bwidth.txt".encode(): "control-or-invisible",
    "договор.txt".encode(): "",
    "élève 你好.txt".encode(): "",
    b"plain.txt": "",
}


@pytest.mark.parametrize(("name", "kind"), NAMES.items())
def test_8_what_is_odd_about_a_name(name: bytes, kind: str) -> None:
    fields: dict[str, object] = {"path": name.decode("utf-8", "replace")}
    if kind == "not-utf8":
        fields["path_b64"] = "Y2Fm6S50eHQ="
    assert list(oddities(fields)) == ([kind] if kind else [])  # type: ignore[arg-type]


@given(st.text())
def test_8_any_name_can_be_looked_at(text: str) -> None:
    found = list(oddities({"name": text}))
    assert len(found) == len(set(found))
    assert not found or not (text.isascii() and text.isprintable())


def test_8_odd_names_round_trip_and_are_flagged(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    folder = tmp_path / "papers"
    folder.mkdir()
    for number, name in enumerate(NAMES):
        (folder / os.fsdecode(name)).write_bytes(b"%d" % number)
    desk.run("identity", "new", "--name", "T", "--no-passphrase")
    desk.run("init", "case", "--case-id", "1", "--title", "t", *OWN_INITIATIVE)
    told = desk.ask("-C", "case", "acquire", "files", "papers")
    odd = told["exhibits"][0]["facts"]["odd_names"]
    kinds = [kind for kind in NAMES.values() if kind]
    assert odd == {kind: kinds.count(kind) for kind in set(kinds)}
    out = tmp_path / "out"
    out.mkdir()
    payload = desk.case / "exhibits/EX-0001/payload.tar"
    subprocess.run(["tar", "-xf", payload, "-C", out], check=True)
    found = {
        name: Path(os.fsdecode(base), os.fsdecode(name)).read_bytes()
        for base, _, names in os.walk(os.fsencode(out))
        for name in names
    }
    assert found == {name: b"%d" % number for number, name in enumerate(NAMES)}
    desk.run("-C", "case", "report", "-o", "report.pdf")
    done = subprocess.run(
        ["pdftotext", "report.pdf", "-"], cwd=tmp_path, capture_output=True, check=True
    )
    text = " ".join(done.stdout.decode().split())
    assert "1 with bidirectional controls" in text
    assert "1 not UTF-8" in text
    assert "1 with letters of several alphabets in one word" in text
    assert "\u202e" not in text
