"""``report.json``: the model of a report as printed, and what travels beside it.

Canonical JSON (`manifests.canonical`): ``format``, ``options`` (what the report was
asked to show), ``attachments`` (name, bytes and SHA-256 of every other attachment),
``libraries`` (what decided its bytes) and ``report`` (`model.Report`). Members that
hold their default are left out, so a newer version that knows more members still reads
an older file. Reading is strict: whatever does not come out again byte for byte when
written is refused.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import MISSING, dataclass, fields, is_dataclass
from typing import TYPE_CHECKING, TypeVar

from evidence.report.model import Report
from evidence.report.options import Options
from evidence.report.versions import libraries
from evidence.report_errors import ReportModelError
from manifests import canonical
from manifests.canonical import Json
from manifests.errors import MalformedError

if TYPE_CHECKING:
    from evidence.report.attachments import Attachment

NAME = "report.json"
FORMAT = "custody-report-1"
MAX_BYTES = 64 << 20
MAX_ATTACHMENTS = 1000
_MAX_LIBRARIES = 20
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Listed:
    """One attachment as ``report.json`` lists it; `sha256` is 64 hex digits."""

    name: str
    bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Recorded:
    """What ``report.json`` says."""

    report: Report
    options: Options
    attachments: tuple[Listed, ...]
    libraries: tuple[tuple[str, str], ...]


def write_recorded(
    report: Report, options: Options, attachments: Sequence[Attachment]
) -> bytes:
    """Return the bytes of ``report.json``.

    Args:
        attachments: all that go into the same PDF, but not this one.

    Raises:
        MalformedError: a value is outside of what canonical JSON takes, or it would be
            longer than `MAX_BYTES`.
    """
    listed = tuple(
        Listed(one.name, len(one.content), one.sha256)
        for one in sorted(attachments, key=lambda one: one.name)
        if one.name != NAME
    )
    data = _write(Recorded(report, options, listed, libraries()))
    if len(data) > MAX_BYTES:
        raise MalformedError(what=NAME, reason=f"longer than {MAX_BYTES} bytes")
    return data


def _write(recorded: Recorded) -> bytes:
    value: dict[str, Json] = {
        "attachments": [plain(one) for one in recorded.attachments],
        "format": FORMAT,
        "libraries": plain(recorded.libraries),
        "options": plain(recorded.options),
        "report": plain(recorded.report),
    }
    return canonical.encode(value, what=NAME)


def plain(value: object) -> Json:
    """Return a dataclass as JSON; members that hold their default are left out."""
    if isinstance(value, str):
        return _text(value)
    if value is None or isinstance(value, int):
        return value
    if isinstance(value, tuple | list):
        return [plain(member) for member in value]
    if is_dataclass(value):
        return {
            field.name: plain(getattr(value, field.name))
            for field in fields(value)
            if not _is_default(field.default, getattr(value, field.name))
        }
    raise TypeError(f"{type(value).__name__} has no form in {NAME}")


def _text(text: str) -> str:
    """Return a string as it is written; one with bytes that are no text, spelled.

    Names from file systems may hold lone surrogates (PEP 383), which JSON cannot: such
    a string is U+0000 and the hexadecimal digits of its UTF-16-LE.
    """
    if text.isascii() and not text.startswith("\0"):
        return text
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return "\0" + text.encode("utf-16-le", "surrogatepass").hex()
    if text.startswith("\0"):
        return "\0" + text.encode("utf-16-le").hex()
    return text


def _spelled(value: Json) -> Json:
    """Undo `_text` in a whole value.

    Raises:
        ValueError: not its form.
    """
    if isinstance(value, str) and value.startswith("\0"):
        return bytes.fromhex(value[1:]).decode("utf-16-le", "surrogatepass")
    if isinstance(value, list):
        return [_spelled(member) for member in value]
    if isinstance(value, dict):
        return {name: _spelled(member) for name, member in value.items()}
    return value


def _is_default(default: object, value: object) -> bool:
    return default is not MISSING and type(default) is type(value) and default == value


def read_recorded(data: bytes) -> Recorded:
    """Read ``report.json``.

    Raises:
        ReportModelError: too long, not canonical, of a newer format, or with a member
            missing, unknown, or of another type.
    """
    try:
        value = canonical.decode(data, what=NAME, max_bytes=MAX_BYTES)
    except MalformedError as error:
        raise ReportModelError(reason=str(error.facts["reason"])) from error
    if b"\\u0000" in data:
        try:
            value = _spelled(value)
        except ValueError as error:
            raise ReportModelError(reason="a text is spelled wrongly") from error
    if not isinstance(value, dict) or value.get("format") != FORMAT:
        raise ReportModelError(reason=f"it is not of the format {FORMAT}")
    listed = value.get("attachments")
    if not isinstance(listed, list) or len(listed) > MAX_ATTACHMENTS:
        raise ReportModelError(reason="its list of attachments is not one")
    recorded = Recorded(
        _as(value.get("report"), Report),
        _as(value.get("options"), Options),
        tuple(_as(one, Listed) for one in listed),
        _pairs(value.get("libraries")),
    )
    names = [one.name for one in recorded.attachments]
    if names != sorted(set(names)) or NAME in names:
        raise ReportModelError(reason="its list of attachments is not in order")
    if _write(recorded) != data:
        reason = "it has members this version does not know, or spells them otherwise"
        raise ReportModelError(reason=reason)
    return recorded


def _pairs(value: Json) -> tuple[tuple[str, str], ...]:
    if not isinstance(value, list) or len(value) > _MAX_LIBRARIES:
        raise ReportModelError(reason="its list of libraries is not one")
    found: list[tuple[str, str]] = []
    for pair in value:
        match pair:
            case [str(name), str(version)]:
                found.append((name, version))
            case _:
                raise ReportModelError(reason="its list of libraries is not one")
    return tuple(found)


def _as(value: object, kind: type[_T]) -> _T:
    import msgspec

    if not isinstance(value, Mapping):
        raise ReportModelError(reason=f"its {kind.__name__} is not an object")
    try:
        return msgspec.convert(value, kind, strict=True)
    except (RecursionError, TypeError, ValueError) as error:
        # The message names a place and a type, never a value.
        text = " ".join(str(error).split())[:200].rstrip(".")
        raise ReportModelError(reason=text or "a member is wrong") from error
