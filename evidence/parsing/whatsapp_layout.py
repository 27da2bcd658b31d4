"""Which layout a WhatsApp text export has, from the evidence of the whole file.

Two phones in two countries write ``03/04/2024`` for two different days, and nothing in
the file says which. The order of day and month is therefore decided only by

* ``component``: a number above 12 stands in one place of the date and never, or on
  fewer lines, in the other;
* ``order``: one reading keeps the file's days in order throughout, the other does not;
* ``layout``: the year comes first;
* ``examiner``: the examiner said so.

Otherwise it stays open and each message keeps both readings. The layout and the order
that explain most dated lines win; dated lines they do not explain are reported.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from evidence.parsing import whatsapp_header
from evidence.parsing.chat_wallclock import OUT_OF_RANGE
from evidence.parsing.whatsapp_header import Shape

# A phone's clock may be wrong, so years before WhatsApp (2009) are read as written;
# beyond these the calendar is another one (Buddhist 2567, Persian 1402, Hijri 1445).
FIRST_YEAR, LAST_YEAR = 1970, 2060
MAX_SHAPES = 64  # written forms followed in one file; memory, and no file has five
_CACHE = 1 << 17  # dates and times remembered; every minute of a day, 340 years


class DateOrder(StrEnum):
    """How the three numbers of a date are read."""

    DAY_FIRST = "dmy"
    MONTH_FIRST = "mdy"
    YEAR_FIRST = "ymd"
    EITHER = "either"  # both readings agree on every line (05/05/2024)
    MIXED = "mixed"  # as many lines can only be the one as only the other
    AMBIGUOUS = "ambiguous"


NOT_IN_ORDER = "not-in-date-order"
CHOICES = frozenset(("dmy", "mdy", "ymd"))  # what an examiner may say
_PLACES = {"dmy": (2, 1, 0), "mdy": (2, 0, 1), "ymd": (0, 1, 2)}


@dataclass(frozen=True, slots=True)
class Days:
    """The days a written date can mean.

    Attributes:
        options: ISO dates; none when the date cannot be read.
        note: why not: ``year-out-of-range`` (another calendar, a broken clock) or
            ``not-in-date-order`` (no date in the order the examiner gave); None with
            no options means that the line is no heading.
    """

    options: tuple[str, ...]
    note: str | None = None


def _day(numbers: tuple[str, str, str], order: str) -> str | None:
    """Return the ISO date, "" for a year out of range, None for no date at all."""
    year, month, day = (int(numbers[place]) for place in _PLACES[order])
    width = len(numbers[_PLACES[order][0]])
    if not 1 <= month <= 12 or not 1 <= day <= 31:
        return None
    if width == 2:
        year += 2000
    if width not in (2, 4) or not FIRST_YEAR <= year <= LAST_YEAR:
        return "" if width in (2, 4) else None
    try:
        return date(year, month, day).isoformat()
    except ValueError:
        return None


@dataclass(slots=True)
class Tally:
    """Evidence for one shape, gathered line by line."""

    sample: re.Match[str]
    lines: int = 0
    kinds: Counter[str] = field(default_factory=Counter)
    falls: Counter[str] = field(default_factory=Counter)
    last: dict[str, str] = field(default_factory=lambda: {"dmy": "", "mdy": ""})
    written: tuple[str, str, str] = ("", "", "")
    kind: str = "neither"

    def add(self, numbers: tuple[str, str, str], *, year_first: bool) -> None:
        """Count one line's date."""
        if numbers != self.written:
            self.written = numbers
            self.kind = self._learn(numbers, year_first=year_first)
        self.again()

    def again(self) -> None:
        """Count one more line with the date counted last."""
        self.lines += 1
        self.kinds[self.kind] += 1

    def _learn(self, numbers: tuple[str, str, str], *, year_first: bool) -> str:
        if year_first:
            return "same" if _day(numbers, "ymd") is not None else "neither"
        days = {order: _day(numbers, order) for order in ("dmy", "mdy")}
        for order, day in days.items():
            if day:
                self.falls[order] += day < self.last[order]
                self.last[order] = day
        if days["dmy"] is None:
            return "neither" if days["mdy"] is None else "mdy"
        if days["mdy"] is None:
            return "dmy"
        return "same" if int(numbers[0]) == int(numbers[1]) else "differing"

    @property
    def explained(self) -> int:
        """Return the lines the better order explains."""
        unfit = min(self.kinds["dmy"], self.kinds["mdy"])
        return self.lines - self.kinds["neither"] - unfit


# Where the body starts, the time as written, its possible days, HH:MM:SS.
Heading = tuple[int, str, Days, str]


@dataclass(slots=True)
class Layout:
    """The layout of one file and how its dates are read.

    Attributes:
        shape: the written form of its headings.
        order: how dates are read.
        basis: what decided the order: layout, component, order, examiner or none.
        platform: android, ios or unknown, by the form alone.
    """

    shape: Shape
    order: DateOrder
    basis: str
    exact: re.Pattern[str]
    pattern: re.Pattern[str]
    _days: dict[str, Days] = field(default_factory=dict)
    _times: dict[str, str] = field(default_factory=dict)

    @property
    def platform(self) -> str:
        """Return the system whose WhatsApp writes this form."""
        if not self.shape.bracket:
            return "android"
        return "ios" if self.shape.seconds else "unknown"

    def heading(self, line: str) -> Heading | None:
        """Return what the line's heading says; None when it has none."""
        match = self.exact.match(line, 0, whatsapp_header.HEAD_CHARS)
        if match is not None:
            written, date_text, clock_text = match.group("written", "date", "clock")
            days, time = self._days.get(date_text), self._times.get(clock_text)
            if days is not None and time is not None:
                return match.end(), written, days, time
        found = self.pattern.match(line, 0, whatsapp_header.HEAD_CHARS)
        if found is None or whatsapp_header.shape_of(found) != self.shape:
            return None
        written, numbers, time = whatsapp_header.parts(found)
        days = self._read(numbers)
        if time is None or not (days.options or days.note):
            return None
        if match is not None:
            self._remember(match["date"], days, match["clock"], time)
        return found.end(), written, days, time

    def _remember(self, date_text: str, days: Days, clock_text: str, time: str) -> None:
        if len(self._days) + len(self._times) >= _CACHE:
            self._days.clear()
            self._times.clear()
        self._days[date_text] = days
        self._times[clock_text] = time

    def _read(self, numbers: tuple[str, str, str]) -> Days:
        orders = [self.order.value] if self.order in CHOICES else ["dmy", "mdy"]
        found = [_day(numbers, order) for order in orders]
        note = OUT_OF_RANGE if "" in found else None
        if self.basis == "examiner" and found == [None]:
            others = (_day(numbers, order) for order in CHOICES)
            note = NOT_IN_ORDER if any(day is not None for day in others) else None
        options = tuple(dict.fromkeys(day for day in found if day))
        return Days(options, None if options else note)


class Survey:
    """The first pass: which layout explains the file best."""

    __slots__ = ("_date", "_exact", "_leading", "_tallies", "other")

    def __init__(self) -> None:
        self._tallies: dict[Shape, Tally] = {}
        self._leading: Tally | None = None
        self._date = ""
        self._exact: re.Pattern[str] | None = None
        self.other = 0  # dated lines of no possible layout

    @property
    def dated(self) -> bool:
        """True once a heading was seen."""
        return bool(self._tallies)

    def see(self, line: str) -> None:
        """Take one line into account; it starts with a byte of `STARTS`."""
        date_text = ""
        if self._exact is not None:
            match = self._exact.match(line, 0, whatsapp_header.HEAD_CHARS)
            if match is not None and self._leading is not None:
                date_text = match["date"]
                if date_text == self._date:
                    self._leading.again()
                    return
        match = whatsapp_header.find(line)
        shape = match and whatsapp_header.shape_of(match)
        if match is None or shape is None:
            return
        _, numbers, time = whatsapp_header.parts(match)
        tally = self._tallies.get(shape)
        if time is None or shape.foreign or (tally is None and self._full):
            self.other += 1
            return
        if tally is None:
            tally = self._tallies[shape] = Tally(match)
        tally.add(numbers, year_first=shape.year_first)
        # The fast path counts only the leading shape, and only the date just counted.
        self._date = date_text
        if self._leading is None or tally.lines > self._leading.lines:
            self._leading, self._date = tally, ""
            self._exact = whatsapp_header.exact(match)

    @property
    def _full(self) -> bool:
        return len(self._tallies) >= MAX_SHAPES

    def layout(self, choice: str) -> Layout | None:
        """Return the winning layout; None when no line fits any.

        Args:
            choice: ``auto`` or the examiner's order: ``dmy``, ``mdy``, ``ymd``.
        """
        shapes = [shape for shape, seen in self._tallies.items() if seen.explained]
        if not shapes:
            return None
        shape = max(shapes, key=lambda shape: self._tallies[shape].explained)
        tally = self._tallies[shape]
        order, basis = _decide(shape, tally, choice)
        return Layout(
            shape=shape,
            order=order,
            basis=basis,
            exact=whatsapp_header.exact(tally.sample),
            pattern=whatsapp_header.pattern(
                shape.separator, shape.clock, time_first=shape.time_first
            ),
        )


def _decide(shape: Shape, tally: Tally, choice: str) -> tuple[DateOrder, str]:
    if shape.year_first:
        return DateOrder.YEAR_FIRST, "layout"
    if choice in CHOICES:
        return DateOrder(choice), "examiner"
    for kinds, basis in ((tally.kinds, "component"), (tally.falls, "order")):
        # A fall in one reading speaks for the other; it counts only if unopposed.
        dmy, mdy = kinds["dmy"], kinds["mdy"]
        if basis == "order":
            if not tally.kinds["differing"]:
                return DateOrder.EITHER, "none"
            dmy, mdy = (0, 0) if dmy and mdy else (mdy, dmy)
        elif dmy == mdy > 0:
            return DateOrder.MIXED, "none"
        if dmy != mdy:
            order = DateOrder.DAY_FIRST if dmy > mdy else DateOrder.MONTH_FIRST
            return order, basis
    return DateOrder.AMBIGUOUS, "none"
