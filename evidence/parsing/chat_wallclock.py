"""Wall-clock times of a chat and their place in UTC, when the zone is known.

A chat export writes what the phone's clock showed. UTC follows only from a zone named
by the examiner, and not always then: when clocks go back an hour happens twice, when
they go forward an hour does not happen. Such times stay open; both readings are given.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo

AMBIGUOUS = "dst-ambiguous"
NONEXISTENT = "dst-nonexistent"
OUT_OF_RANGE = "year-out-of-range"

_CACHE_HOURS = 4096  # one entry an hour of chat; bounds memory, not correctness


class UnknownZoneError(ValueError):
    """The named time zone is not in the IANA database that is installed."""


@dataclass(frozen=True, slots=True)
class Instant:
    """What a wall time means in UTC.

    Attributes:
        utc: RFC 3339 with Z and whole seconds, or None when not established.
        note: why not: ``dst-ambiguous``, ``dst-nonexistent``, ``year-out-of-range``.
        candidates: both UTC readings of an hour that happened twice.
    """

    utc: str | None
    note: str | None = None
    candidates: tuple[str, ...] = ()


UNKNOWN = Instant(None)


def _text(moment: datetime) -> str:
    bare = moment.astimezone(UTC).replace(tzinfo=None)
    return bare.isoformat(timespec="seconds") + "Z"


def utc_text(seconds: int) -> str | None:
    """Return Unix time as RFC 3339 with Z; None outside the years 1 to 9999."""
    try:
        return _text(datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds))
    except OverflowError:
        return None


class WallClock:
    """Places wall times of one zone in UTC; without a zone nothing is placed.

    Args:
        zone: IANA name such as ``Europe/Rome``, or None when not known.

    Raises:
        UnknownZoneError: the name is not in the database.
    """

    __slots__ = ("_hours", "_zone", "known")

    def __init__(self, zone: str | None) -> None:
        self._zone = _load(zone) if zone else None
        self.known = self._zone is not None
        self._hours: dict[str, timedelta | None] = {}

    def place(self, local: str) -> Instant:
        """Return the instant of `local` (``YYYY-MM-DDTHH:MM:SS``, a valid time)."""
        if self._zone is None:
            return UNKNOWN
        hour = local[:13]
        try:
            offset = self._hours[hour]
        except KeyError:
            offset = self._remember(hour)
        if offset is None:
            return self._exactly(datetime.fromisoformat(local))
        if not offset.seconds and not offset.days:
            return Instant(local + "Z")
        return _shifted(datetime.fromisoformat(local), offset)

    def _remember(self, hour: str) -> timedelta | None:
        """Learn the hour's one offset; None when it holds or touches a change."""
        if len(self._hours) >= _CACHE_HOURS:
            self._hours.clear()
        start = datetime.fromisoformat(hour + ":00:00").replace(tzinfo=self._zone)
        offsets = {
            (start + timedelta(minutes=minute)).replace(fold=fold).utcoffset()
            for minute in (0, 15, 30, 45, 59)
            for fold in (0, 1)
        }
        offset = offsets.pop() if len(offsets) == 1 else None
        self._hours[hour] = offset
        return offset

    def _exactly(self, wall: datetime) -> Instant:
        early = wall.replace(tzinfo=self._zone, fold=0)
        late = wall.replace(tzinfo=self._zone, fold=1)
        try:
            if early.utcoffset() == late.utcoffset():
                return Instant(_text(early))
            if early.astimezone(UTC) > late.astimezone(UTC):
                # fold 0 takes the offset before the gap, fold 1 the one after it.
                return Instant(None, NONEXISTENT)
            return Instant(None, AMBIGUOUS, (_text(early), _text(late)))
        except OverflowError:
            return Instant(None, OUT_OF_RANGE)


def _shifted(wall: datetime, offset: timedelta) -> Instant:
    try:
        moment = wall - offset
    except OverflowError:
        return Instant(None, OUT_OF_RANGE)
    return Instant(moment.isoformat(timespec="seconds") + "Z")


def _load(zone: str) -> tzinfo:
    try:
        return ZoneInfo(zone)
    except (KeyError, ValueError, OSError) as error:
        raise UnknownZoneError("no such time zone") from error
