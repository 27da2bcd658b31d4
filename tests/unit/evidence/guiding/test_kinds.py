"""What a file is taken for; nothing a file holds can stop that."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evidence.guiding.kinds import CHAT, FILES, PICTURE, guess
from evidence.samples.chats import telegram_json, whatsapp_zip
from evidence.samples.pictures import photo_jpeg, screenshot_png

ZIP = whatsapp_zip()


@pytest.mark.parametrize(
    ("name", "data", "kind"),
    [
        ("export.zip", ZIP, CHAT),
        ("result.json", telegram_json(), CHAT),
        ("other.json", b'{"a": 1}', FILES),
        ("WhatsApp Chat with X.txt", b"1/2/26, 10:00 - X: hi\n", CHAT),
        ("letter.txt", b"Dear candidate,\n", FILES),
        ("shot", screenshot_png(), PICTURE),
        ("photo.txt", photo_jpeg(), PICTURE),
        ("empty", b"", FILES),
        ("cut.zip", ZIP[:-30], FILES),
        ("head.zip", b"PK\x03\x04", FILES),
    ],
)
def test_kinds(tmp_path: Path, name: str, data: bytes, kind: str) -> None:
    path = tmp_path / name
    path.write_bytes(data)
    assert guess(path) == kind


def test_folders_pipes_links_and_nothing(tmp_path: Path) -> None:
    (tmp_path / "export").mkdir()
    (tmp_path / "export/result.json").write_bytes(telegram_json())
    assert guess(tmp_path / "export") == CHAT
    (tmp_path / "papers").mkdir()
    assert guess(tmp_path / "papers") == FILES
    os.mkfifo(tmp_path / "pipe")
    assert guess(tmp_path / "pipe") == FILES  # and does not wait for a writer
    assert guess(tmp_path / "nothing") == FILES


@given(at=st.integers(0, len(ZIP) - 1), piece=st.binary(min_size=1, max_size=20))
def test_a_damaged_archive_is_some_kind(
    tmp_path_factory: pytest.TempPathFactory, at: int, piece: bytes
) -> None:
    path = tmp_path_factory.getbasetemp() / "damaged.zip"
    path.write_bytes(ZIP[:at] + piece + ZIP[at + len(piece) :])
    assert guess(path) in (CHAT, FILES, PICTURE)
