"""Canonical JSON: RFC 8785 (JCS) under a profile that leaves one way to write a value.

Profile (DESIGN 4): object keys are ASCII; no floating-point numbers; integers lie
strictly between -2**53 and 2**53; no duplicate keys; strings are valid Unicode (no lone
surrogates); at most `MAX_DEPTH` levels. Under it, RFC 8785 is: UTF-8, no white space,
keys in code-point order, minimal escapes.

`encode` is the writer's path (msgspec's encoder). `decode` is the reader's, and never
writes with it: in plain lines (ASCII, no escapes) keys are seen to be in order, numbers
to have their one spelling, and nothing else to be left to choose; any other line is
read by the standard library and serialised again by it, and the two byte strings must
be equal. The two ways are independent on purpose; a third reader, written apart
(tests/vectors/check.py), agrees with them on whatever is tried.
"""

from __future__ import annotations

import binascii
import json
from typing import Any, NoReturn

import msgspec

from manifests.errors import MalformedError

Json = None | bool | int | str | list["Json"] | dict[str, "Json"]

MAX_DEPTH = 32
_LIMIT = 2**53
_WHITE_SPACE = b" \t\n\r"
_NOT_CANONICAL = "it is not in canonical form"
_encoder = msgspec.json.Encoder(order="sorted")


class _ProfileError(ValueError):
    """A value outside the profile; carries the reason."""


def _check_keys(value: dict[object, object]) -> None:
    try:
        ascii_only = "".join(value).isascii()  # type: ignore[arg-type]
    except TypeError:
        ascii_only = False
    if not ascii_only:
        raise _ProfileError("a key is not ASCII text")


def _check(value: object, depth: int) -> None:
    """Raise `_ProfileError` unless `value` is within the profile.

    Text is left to the encoder, which refuses lone surrogates. Scalars are judged in
    their container's loop: this runs for every record of every inventory.
    """
    if isinstance(value, dict):
        _check_keys(value)
        members = value.values()
    elif isinstance(value, list | tuple):
        members = value  # type: ignore[assignment]
    else:
        members = (value,)  # type: ignore[assignment]
        depth -= 1
    if depth >= MAX_DEPTH:
        raise _ProfileError(f"nested deeper than {MAX_DEPTH}")
    for member in members:
        kind = type(member)
        if kind is str or member is None or kind is bool:
            continue
        if kind is int:
            if not -_LIMIT < member < _LIMIT:
                raise _ProfileError("an integer is outside +-2^53")
        elif kind is dict or kind is list or kind is tuple:
            _check(member, depth + 1)
        elif not isinstance(member, str):  # a StrEnum is written as its value
            raise _ProfileError(f"{kind.__name__} values are not allowed")


def encode(value: Json, *, what: str = "a record", around: int = 0) -> bytes:
    """Return the canonical bytes of `value`.

    Args:
        value: JSON value within the profile.
        what: names the value in an error.
        around: levels of nesting around the place it is going to stand in.

    Raises:
        MalformedError: the value is outside the profile.
    """
    try:
        _check(value, around)
    except _ProfileError as error:
        raise MalformedError(what=what, reason=str(error)) from error
    try:
        return _encoder.encode(value)
    except UnicodeEncodeError as error:
        reason = "a string holds a lone surrogate"
        raise MalformedError(what=what, reason=reason) from error
    except TypeError as error:  # a subclass of str or int that msgspec refuses
        reason = "a value is of a type that cannot be written"
        raise MalformedError(what=what, reason=reason) from error


def _object(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    result = dict(pairs)
    if len(result) != len(pairs):
        raise _ProfileError("an object repeats a key")
    if not "".join(result).isascii():
        raise _ProfileError("a key is not ASCII text")
    if [*result] != sorted(result):
        raise _ProfileError(_NOT_CANONICAL)
    return result


def _no_number(text: str) -> NoReturn:
    raise _ProfileError(f"{text[:20]} is not an integer")


def _integer(text: str) -> int:
    # The length check also keeps int() away from huge digit strings.
    value = int(text) if len(text) <= 17 else _LIMIT
    if not -_LIMIT < value < _LIMIT:
        raise _ProfileError("an integer is outside +-2^53")
    if not value and text != "0":
        raise _ProfileError(_NOT_CANONICAL)
    return value


# The hooks enforce the profile while parsing; only depth is bounded beforehand.
_parser = msgspec.json.Decoder()  # of plain lines; the writer's is the encoder
_reader = json.JSONDecoder(
    object_pairs_hook=_object,
    parse_float=_no_number,
    parse_constant=_no_number,
    parse_int=_integer,
)
_writer = json.JSONEncoder(
    sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
)


def decode(data: bytes, *, what: str = "a record", max_bytes: int = 1 << 20) -> Json:
    """Return the value of canonical bytes; refuse anything not canonical.

    Args:
        data: exactly one JSON text, no surrounding white space.
        what: names the data in an error.
        max_bytes: longest accepted input.

    Raises:
        MalformedError: not JSON, outside the profile, or not the canonical form.
    """
    if len(data) > max_bytes:
        raise MalformedError(what=what, reason=f"longer than {max_bytes} bytes")
    _bound_depth(data, what)
    try:
        return _decode_plain(data)
    except ValueError:
        pass  # judged again below, where the reason is found
    try:
        text = data.decode("utf-8")
        value: Json
        value, end = _reader.raw_decode(text)
        if end != len(text):
            white = text[end:].isspace()
            raise _ProfileError(_NOT_CANONICAL if white else "it is not valid JSON")
        if _has_one_spelling(data):
            return value
        again = _writer.encode(value).encode("utf-8")
    except (ValueError, RecursionError) as error:
        raise MalformedError(what=what, reason=_reason(error)) from error
    if again != data:
        raise MalformedError(what=what, reason=_NOT_CANONICAL)
    return value


def _decode_plain(data: bytes) -> Json:
    """Return the value of ASCII without escapes: nearly every line.

    Without a backslash every quote begins or ends a string, and no string has escapes.
    So white space is looked for between the strings, and the key of every member ends
    with the one ``":`` outside of them: were a key repeated, the value would hold
    fewer members than these. A minus before a zero stands after one of three bytes.

    Raises:
        ValueError: it is not canonical, or not so plain; `decode` finds out which.
    """
    if not data.isascii() or b"\\" in data or _has_white_space(data):
        raise ValueError
    if b":-0" in data or b",-0" in data or b"[-0" in data:
        raise ValueError
    value: Json = _parser.decode(data)
    if not isinstance(value, dict) or _count_ordered(value) != data.count(b'":'):
        raise ValueError
    return value


def _has_white_space(data: bytes) -> bool:
    """Tell whether white space stands outside the strings of a text without escapes."""
    if len(data.translate(None, _WHITE_SPACE)) == len(data):
        return False
    between = b"".join(data.split(b'"')[::2])
    return len(between.translate(None, _WHITE_SPACE)) != len(between)


def _count_ordered(value: Json) -> int:
    """Return the number of members of all objects in `value`.

    Raises:
        ValueError: keys of an object are not in order, or a number is not in the
            profile.
    """
    count = 0
    todo: list[Any] = [value]
    for inner in todo:  # grows while it is gone through
        kind = type(inner)  # faster than isinstance where most are neither
        if kind is dict:
            before = ""
            for key, member in inner.items():
                if key < before:
                    raise ValueError
                before = key
                if type(member) is not str:
                    todo.append(member)
            count += len(inner)
        elif kind is list:
            todo += inner
        elif kind is int:
            if not -_LIMIT < inner < _LIMIT:
                raise ValueError
        elif kind is float:
            raise ValueError
    return count


def _has_one_spelling(data: bytes) -> bool:
    """Tell whether nothing in JSON that `_reader` took could be written otherwise.

    Without a backslash every quote begins or ends a string, and no string has escapes;
    then only white space between the strings is left to look for.
    """
    return b"\\" not in data and not _has_white_space(data)


def _bound_depth(data: bytes, what: str) -> None:
    """Refuse deep nesting before a recursive parser sees it (brackets only)."""
    if data.count(b"[") + data.count(b"{") <= MAX_DEPTH:
        return
    depth, in_string, escaped = 0, False, False
    for byte in data:
        if in_string:
            if escaped:
                escaped = False
            elif byte == 0x5C:
                escaped = True
            elif byte == 0x22:
                in_string = False
        elif byte == 0x22:
            in_string = True
        elif byte in b"[{":
            depth += 1
            if depth > MAX_DEPTH:
                raise MalformedError(
                    what=what, reason=f"nested deeper than {MAX_DEPTH}"
                )
        elif byte in b"]}":
            depth -= 1


def _reason(error: Exception) -> str:
    if isinstance(error, _ProfileError):
        return str(error)
    if isinstance(error, UnicodeDecodeError):
        return "it is not valid UTF-8"
    if isinstance(error, UnicodeEncodeError):
        return "a string holds a lone surrogate"
    return "it is not valid JSON"


def base64_bytes(text: str) -> bytes:
    """Return the bytes of standard, padded base64 (RFC 4648 section 4).

    The one canonical spelling only: section 3.5 lets decoders ignore unused bits of
    the last character, which would give one signature several spellings.

    Raises:
        ValueError: not base64, or not its canonical spelling.
    """
    raw = binascii.a2b_base64(text.encode("ascii"), strict_mode=True)
    if binascii.b2a_base64(raw, newline=False).decode("ascii") != text:
        raise ValueError("base64 with unused bits set")
    return raw


def decode_object(
    data: bytes, *, what: str = "a record", max_bytes: int = 1 << 20
) -> dict[str, Json]:
    """Like `decode`, for data that must be an object.

    Raises:
        MalformedError: as `decode`, or the value is not an object.
    """
    value = decode(data, what=what, max_bytes=max_bytes)
    if not isinstance(value, dict):
        raise MalformedError(what=what, reason="it is not an object")
    return value
