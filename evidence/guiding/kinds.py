"""What a file looks like, to people who cannot say: a chat, a picture, other files.

A wrong guess loses nothing: the bytes are the same, and a parser that does not
recognise them says so. Only names and first bytes are looked at.
"""

from __future__ import annotations

import io
import os
import stat
import zipfile
from collections.abc import Iterable
from pathlib import Path

from evidence.parsing.chat import choose_main
from evidence.parsing.picture_formats import recognise
from evidence.parsing.picture_window import Budget, Window
from evidence.reading import open_source

CHAT, PICTURE, FILES = "chat", "screenshot", "files"
_HEAD = 65_536
_MAX_LISTING = 4 << 20  # bytes of a ZIP's directory that are looked at
_MAX_NAMES = 20_000
_CHAT_MARKS = (b'"messages"', b'"type"', b'"id"')


def guess(path: Path) -> str:
    """Return the kind of exhibit `path` becomes; what cannot be read is ``files``."""
    try:
        if path.is_dir():
            names = (entry.name for entry in os.scandir(path))
            return CHAT if _is_export(names) else FILES
        fd, _ = open_source(path)
        with os.fdopen(fd, "rb") as stream:
            if not stat.S_ISREG(os.fstat(fd).st_mode):
                return FILES
            return _by_content(path.name, stream)
    except Exception:  # noqa: BLE001 - hostile bytes; whatever it is, it is files
        return FILES


def _by_content(name: str, stream: io.BufferedReader) -> str:
    head = stream.read(_HEAD)
    if recognise(_window(head)) is not None:
        return PICTURE
    if head.startswith(b"PK\x03\x04"):
        return CHAT if _is_export(_members(stream)) else FILES
    lower = name.lower()
    if lower.endswith(".json"):
        return CHAT if all(mark in head for mark in _CHAT_MARKS) else FILES
    if lower.endswith(".txt"):
        return CHAT if lower == "_chat.txt" or "whatsapp" in lower else FILES
    return FILES


def _window(head: bytes) -> Window:
    return Window(io.BytesIO(head), 0, size=len(head), budget=Budget())


def _members(stream: io.BufferedReader) -> list[str]:
    """Return names in a ZIP, as far as its directory is of a bearable size."""
    size = stream.seek(0, os.SEEK_END)
    stream.seek(max(size - _HEAD - 22, 0))
    tail = stream.read()
    at = tail.rfind(b"PK\x05\x06")
    listing = int.from_bytes(tail[at + 12 : at + 16], "little") if at >= 0 else 0
    if not 0 < listing <= _MAX_LISTING:
        return []
    with zipfile.ZipFile(stream) as archive:
        return archive.namelist()[:_MAX_NAMES]


def _is_export(names: Iterable[str]) -> bool:
    found = [name for _, name in zip(range(_MAX_NAMES), names, strict=False)]
    main = choose_main(sorted(found))
    if main is None:
        return False
    base = main.rpartition("/")[2].lower()
    return base in ("_chat.txt", "result.json") or "whatsapp" in base
