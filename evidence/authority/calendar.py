"""Deadlines as an iCalendar file (RFC 5545), without personal data."""

from __future__ import annotations

from collections.abc import Iterable

from evidence.authority.deadline import Deadline
from evidence.authority.register import moment
from evidence.tool import DISTRIBUTION, version

_MAX_OCTETS = 75  # RFC 5545 section 3.1, without the line break
_ALARM = "-P1D"


def calendar(lines: Iterable[Deadline], *, origin: str, now: str) -> bytes:
    """Return the open deadlines whose time is known, as one VEVENT each.

    Args:
        origin: log origin of the case; with the id of a deadline it makes a UID that
            stays the same, so that an import again replaces and never doubles.
        now: UTC time as `clock.utc_text` writes it.

    Returns:
        UTF-8, lines of at most 75 octets ended by CR LF.
    """
    parts = ["BEGIN:VCALENDAR", "VERSION:2.0"]
    parts.append(f"PRODID:-//{DISTRIBUTION}//{version()}//EN")
    for line in lines:
        if line.due and not line.met and not (line.ends and line.due < now):
            parts += _event(line, origin, now)
    parts.append("END:VCALENDAR")
    return b"".join(_fold(part) for part in parts)


def _event(line: Deadline, origin: str, now: str) -> list[str]:
    summary = f"{line.about}: {line.title}"
    text = f"{line.law}. When it passes: {line.after} Computed as: {line.rule}."
    return [
        "BEGIN:VEVENT",
        f"UID:{line.id}@{origin.replace('/', '.')}",
        f"DTSTAMP:{_utc(now)}",
        f"DTSTART:{_utc(line.due)}",
        f"SUMMARY:{escape(summary)}",
        f"DESCRIPTION:{escape(text)}",
        "CLASS:CONFIDENTIAL",
        "TRANSP:TRANSPARENT",
        "BEGIN:VALARM",
        "ACTION:DISPLAY",
        f"DESCRIPTION:{escape(summary)}",
        f"TRIGGER:{_ALARM}",
        "END:VALARM",
        "END:VEVENT",
    ]


def _utc(time: str) -> str:
    """RFC 5545 section 3.3.5, form 2; seconds are cut, never rounded up."""
    return moment(time).strftime("%Y%m%dT%H%M%SZ")


def escape(text: str) -> str:
    """Escape a TEXT value (RFC 5545 section 3.3.11); controls become spaces."""
    kept = "".join(c if c == "\n" or c.isprintable() else " " for c in text)
    for mark in "\\;,":
        kept = kept.replace(mark, f"\\{mark}")
    return kept.replace("\n", "\\n")


def _fold(line: str) -> bytes:
    """Fold a content line between characters (RFC 5545 section 3.1)."""
    pieces: list[bytes] = []
    current = b""
    for character in line:
        octets = character.encode("utf-8")
        if len(current) + len(octets) > _MAX_OCTETS:
            pieces.append(current)
            current = b" "
        current += octets
    return b"\r\n".join([*pieces, current]) + b"\r\n"
