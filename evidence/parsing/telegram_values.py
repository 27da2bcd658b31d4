"""Values of a Telegram export as records may hold them.

Text is made valid Unicode, numbers stay whole and below 2**53 or become text, times are
read only in the form Telegram Desktop writes.
"""

from __future__ import annotations

import json
import re
from datetime import datetime

import msgspec

from evidence.parsing.base import Json
from evidence.parsing.chat_wallclock import utc_text

_SAFE = 2**53
_ESCAPE = re.compile(rb"\\(?:x([0-9A-Fa-f]{2})|.)", re.DOTALL)
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\Z")
_SECONDS = re.compile(r"-?[0-9]{1,12}\Z")
_PLAIN = msgspec.json.Decoder(float_hook=str)


def decode(data: bytes) -> object:
    """Return one JSON value; raises ValueError when it is none.

    Telegram Desktop writes control characters as ``\\x1F``, which JSON does not know;
    they are read as meant. A half surrogate is read as U+FFFD.
    """
    try:
        return _PLAIN.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        pass
    mended = _ESCAPE.sub(_mend, data)
    try:
        return json.loads(
            mended.decode("utf-8", "replace"), parse_float=str, parse_constant=str
        )
    except RecursionError as error:
        raise ValueError("nested too deep") from error


def _mend(match: re.Match[bytes]) -> bytes:
    code = match.group(1)
    return match.group() if code is None else b"\\u00" + code


def text_of(value: object) -> str | None:
    """Return valid Unicode; None for what is no text."""
    if not isinstance(value, str):
        return None
    if value.isascii():
        return value
    try:
        value.encode()
    except UnicodeEncodeError:
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return value


def plain(value: object) -> Json:
    """Return text, bool or a whole number below 2**53; other numbers as text."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int):
        return value if -_SAFE < value < _SAFE else str(value)
    return text_of(value)


def unix_time(value: object) -> str | None:
    """Return Unix seconds, a number or its text, as RFC 3339."""
    if isinstance(value, str) and _SECONDS.match(value):
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int):
        return None
    return utc_text(value)


def is_wall_time(written: str) -> bool:
    """True for an existing date and time in Telegram's form, without a zone."""
    if not _DATE.match(written):
        return False
    try:
        datetime.fromisoformat(written)
    except ValueError:
        return False
    return True
