"""The heading of a message in a WhatsApp text export.

A message begins with a date and a time in the form of the phone's language, region and
clock setting (CLDR patterns), Android ``12/03/2024, 14:05 - `` or iOS
``[12/03/2024, 14:05:33] ``, with direction marks and no-break spaces in between. This
module knows the grammar of one heading; `whatsapp_layout` decides which layout a whole
file has. Meta documents neither.

The patterns hold no nested quantifiers and see 256 characters of a line at most.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache, lru_cache

from evidence.parsing.whatsapp_words import AFTERNOON, HOUR_WORDS, MORNING, NOON

HEAD_CHARS = 256  # a heading is some 40 characters; longer is not looked at
MARK_CHARS = "\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff"
MARKS = "".join(map(chr, (*range(0x200B, 0x2010), *range(0x202A, 0x202F))))
MARKS += "".join(map(chr, range(0x2060, 0x206A))) + "\ufeff"

# First bytes of a line that can open a heading; all others spare the pattern.
STARTS = frozenset(b"0123456789[" + bytes(range(0xC2, 0xF5)))

_M = f"[{MARK_CHARS}]*+"  # possessive: marks never give back, so no backtracking
_S = "[ \t\u00a0\u2000-\u200a\u202f\u3000]"
_GLUE = "klo|um|à|às|a las|a les|la|alle|ore|kl\\.|o|at|в|у|u|lúc"
_PERIOD = r"[^\W\d_][^\d\[\]:,\-]{0,14}?"
_NUMBER = r"\d{1,2}|\d{4}"

# How each part of a heading is written; a year has the width it has in the file.
_DIGITS = {
    "a": r"\d\d?",
    "b": r"\d\d?",
    "c": r"\d\d?",
    "h": r"\d\d?",
    "min": r"\d\d",
    "s": r"\d\d",
    "before": _PERIOD,
    "after": _PERIOD,
}

_STRAY = re.compile(r"[\s.'\"“”״׳]|[" + MARK_CHARS + "]")


@dataclass(frozen=True, slots=True)
class Shape:
    """One written form of headings.

    Attributes:
        bracket: ``[...]`` around date and time.
        time_first: the time stands before the date.
        separator: between the parts of the date: ``/``, ``.`` or ``-``.
        year_first: a four-digit year opens the date.
        year_digits: 2 or 4.
        clock: between hours and minutes: ``:`` or ``.``.
        seconds: the time has seconds.
        period: where the day period stands: ``""`` (24 hours), before or after.
    """

    bracket: bool
    time_first: bool
    separator: str
    year_first: bool
    year_digits: int
    clock: str
    seconds: bool
    period: str

    @property
    def name(self) -> str:
        """Return the form as a pattern people read, such as ``[x/x/yyyy HH:mm:ss]``."""
        year = "y" * self.year_digits
        parts = [year, "x", "x"] if self.year_first else ["x", "x", year]
        date = self.separator.join(parts)
        time = self.clock.join(["HH", "mm"] + (["ss"] if self.seconds else []))
        if self.period:
            time = time.replace("HH", "hh")
            time = f"a {time}" if self.period == "before" else f"{time} a"
        whole = f"{time} {date}" if self.time_first else f"{date} {time}"
        return f"[{whole}]" if self.bracket else f"{whole} -"

    @property
    def foreign(self) -> bool:
        """True for a form other tools write and WhatsApp does not (Signal, logs)."""
        return self.bracket and self.year_first and not self.seconds


Parts = tuple[str, tuple[str, str, str], str | None]


def _date(separator: str) -> str:
    gap = f"{_M}{_S}?{separator}{_M}{_S}?"
    again = f"{_M}{_S}?(?P=sep){_M}{_S}?"
    return (
        rf"(?P<a>{_NUMBER}){gap}(?P<b>\d{{1,2}}){again}(?P<c>\d{{4}}|\d{{1,2}})"
        rf"(?:{_M}\.)?(?:{_S}?[^\W\d_]{{1,2}}\.)?{_M}"
    )


def _time(clock: str) -> str:
    return (
        rf"(?:(?P<before>{_PERIOD}){_S}?{_M})?"
        rf"(?P<h>\d{{1,2}}){clock}(?P<min>\d\d)(?:(?P=clock)(?P<s>\d\d))?{_M}"
        rf"(?:{_S}?{_M}(?P<after>{_PERIOD}){_M})??"
    )


def _pattern(separator: str, clock: str, *, time_first: bool) -> re.Pattern[str]:
    date, time = _date(rf"(?P<sep>{separator})"), _time(rf"(?P<clock>{clock})")
    glue = rf"[,،]?{_M}{_S}(?:(?:{_GLUE}){_S})?{_M}"
    whole = f"{time}{glue}{date}" if time_first else f"{date}{glue}{time}"
    return re.compile(
        rf"{_M}(?P<open>\[?){_M}(?P<written>{whole})"
        rf"(?P<close>\]{_M}{_S}?(?:-{_S})?|{_S}?[-–—](?:{_S}|$))"
    )


_ANY = tuple(_pattern("[./-]", "[:.]", time_first=first) for first in (False, True))


@cache
def pattern(separator: str, clock: str, *, time_first: bool) -> re.Pattern[str]:
    """Return the pattern narrowed to one separator and clock sign."""
    return _pattern(re.escape(separator), re.escape(clock), time_first=time_first)


def find(line: str) -> re.Match[str] | None:
    """Return the heading of any layout at the start of `line`, or None."""
    for form in _ANY:
        match = form.match(line, 0, HEAD_CHARS)
        if match is not None and shape_of(match) is not None:
            return match
    return None


def shape_of(match: re.Match[str]) -> Shape | None:
    """Return the shape of a heading; None when its parts cannot be a date."""
    bracket, a, c, before, after = match.group("open", "a", "c", "before", "after")
    if bool(bracket) != match["close"].startswith("]"):
        return None
    if len(a) == 4:
        digits = 4 if len(c) <= 2 else 0
    else:
        digits = len(c) if len(c) in (2, 4) else 0
    if not digits:
        return None
    return Shape(
        bracket=bool(bracket),
        time_first=match.start("h") < match.start("a"),
        separator=match["sep"],
        year_first=len(a) == 4,
        year_digits=digits,
        clock=match["clock"],
        seconds=match["s"] is not None,
        period="before" if before else "after" if _halves(after) else "",
    )


def exact(match: re.Match[str]) -> re.Pattern[str]:
    """Return a pattern for headings written like this one, sign by sign.

    It accepts part of what `pattern` accepts, several times faster. Its groups are the
    time as written, and therein date and clock; what these two mean can be remembered.
    """
    line = match.string
    names = [name for name in _DIGITS if match.start(name) >= 0]
    names.sort(key=match.start)
    year = "a" if len(match["a"]) == 4 else "c"
    pieces = [f"[{MARK_CHARS}]?", re.escape(match["open"]), "(?P<written>"]
    at = match.start("written")
    clock = [name for name in names if name not in "abc"]
    for name in names:
        begin, end = match.span(name)
        form = rf"\d{{{end - begin}}}" if name == year else _DIGITS[name]
        pieces.append(re.escape(line[at:begin]))
        pieces.append({"a": "(?P<date>", clock[0]: "(?P<clock>"}.get(name, ""))
        pieces.append(form)
        pieces.append(")" if name in ("c", clock[-1]) else "")
        at = end
    end = match.end("written")
    pieces += [re.escape(line[at:end]), ")", re.escape(line[end : match.end()])]
    return re.compile("".join(pieces))


def parts(match: re.Match[str]) -> Parts:
    """Return what a heading says: the time as written, the date's numbers, the time.

    The first is exactly as in the source, without brackets; the last is ``HH:MM:SS``
    on the 24-hour clock, or None when the clock has no such time.
    """
    written, a, b, c, hour, minute, second, before, after = match.group(
        "written", "a", "b", "c", "h", "min", "s", "before", "after"
    )
    time = _time_of(hour, minute, second or "00", before or after or "")
    return written, (a, b, c), time


def _time_of(hour: str, minute: str, second: str, period: str) -> str | None:
    hours = _hours(hour, period)
    if hours is None or int(minute) > 59 or int(second) > 59:
        return None
    return f"{hours:02d}:{int(minute):02d}:{int(second):02d}"


@lru_cache(maxsize=1024)
def _period(written: str) -> str:
    return _STRAY.sub("", written.casefold())


def _halves(after: str | None) -> bool:
    """True when the word after the time tells the half of the day."""
    return after is not None and _period(after) not in HOUR_WORDS


def _hours(hour: str, written: str) -> int | None:
    """Return the hour on the 24-hour clock."""
    hours = int(hour)
    if written and (period := _period(written)) not in HOUR_WORDS:
        if hours > 12:
            return None
        if period in AFTERNOON or (period in NOON and hours in (0, 12)):
            return hours % 12 + 12
        return hours % 12 if period in MORNING else None
    return hours if hours < 24 else None
