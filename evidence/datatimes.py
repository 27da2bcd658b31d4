"""Times of what is acquired, to be compared with the time range of its legal ground.

An order may be limited to data of a time. What a parser dates is compared; what has no
time that can be placed in UTC is counted and said (`data_range` of the entry), since a
silent pass would look like a check. Times, as all content, stay sealed: only counts are
public.

* chats: when each message was sent;
* pictures: when they were taken (EXIF with its offset from UTC), or the time of GPS;
* disks: when each regular file was last modified, where the file system keeps UTC;
* plain files: the same, for the beginning of the range only. Whoever answers an order
  writes a file after the time its data are of, so a late file proves nothing.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime

from evidence.clock import utc_text
from evidence.parsing.base import Fields, Json

_TAKEN = (
    ("EXIF DateTimeOriginal", "EXIF OffsetTimeOriginal"),
    ("EXIF DateTimeDigitized", "EXIF OffsetTimeDigitized"),
)
_TAGS = frozenset(name for pair in _TAKEN for name in pair)
_EXIF_TIME = re.compile(r"(\d{4}):(\d\d):(\d\d) (\d\d:\d\d:\d\d)", re.ASCII)
_OFFSET = re.compile(r"[+-]\d\d:\d\d", re.ASCII)


@dataclass(slots=True)
class Dating:
    """Gathers the times of one exhibit's records.

    Attributes:
        kind: chat, screenshot, disk or files, as of the request.
        first, last: UTC, in the form of `clock.utc_text`; "" without one.
        dated, undated: items whose time can, and cannot, be placed in UTC.
    """

    kind: str
    first: str = ""
    last: str = ""
    dated: int = 0
    undated: int = 0
    _tags: dict[str, str] = field(default_factory=dict)
    _position: str = ""

    def take(self, fields: Fields) -> None:
        """Take one record of the inventory; whatever it holds, this raises nothing."""
        kind = fields.get("kind")
        if self.kind == "chat":
            if kind in ("message", "unparsed"):
                self._count(fields.get("time_utc"))
        elif self.kind == "screenshot":
            self._take_picture(fields)
        elif self.kind == "disk":
            if _is_disk_file(fields):
                times = fields.get("times")
                self._count(times.get("modified") if isinstance(times, dict) else None)
        elif kind == "file" and fields.get("type") == "file":
            self._count(fields.get("mtime"))

    def _take_picture(self, fields: Fields) -> None:
        tag, value = fields.get("tag"), fields.get("value")
        if fields.get("kind") == "position":
            self._position = self._position or str(fields.get("time") or "")
        elif fields.get("shadowed"):
            pass  # most readers take the later one of that name
        elif isinstance(tag, str) and isinstance(value, str) and tag in _TAGS:
            self._tags.setdefault(tag, value)

    def finish(self) -> None:
        """Take what can be told only now: when a picture was taken."""
        if self.kind != "screenshot":
            return
        found = (self._taken(time, offset) for time, offset in _TAKEN)
        self._count(next((text for text in found if text), self._position))

    def _taken(self, time: str, offset: str) -> str:
        zone = self._tags.get(offset, "").strip()
        match = _EXIF_TIME.fullmatch(self._tags.get(time, "").strip())
        if match is None or _OFFSET.fullmatch(zone) is None:
            return ""
        return f"{match[1]}-{match[2]}-{match[3]}T{match[4]}{zone}"

    def _count(self, value: Json) -> None:
        time = in_utc(value)
        if not time:
            self.undated += 1
            return
        self.dated += 1
        self.first = min(self.first or time, time)
        self.last = max(self.last, time)

    @property
    def span(self) -> tuple[str, str]:
        """First and last time that can be held against a range; "" for none."""
        return self.first, "" if self.kind == "files" else self.last

    def facts(self, *, whole: bool) -> dict[str, Json]:
        """Return what the entry says of the comparison.

        Args:
            whole: the parser read everything.
        """
        some = "partly" if self.undated or self.kind == "files" or not whole else "yes"
        checked = some if self.dated else "no"
        return {"checked": checked, "dated": self.dated, "undated": self.undated}


def _is_disk_file(fields: Fields) -> bool:
    """Tell whether a record is a regular file of an image, not the image itself."""
    if fields.get("virtual"):
        return False
    if fields.get("kind") == "entry":
        return fields.get("name_type") == "r" or fields.get("meta_type") == "r"
    return fields.get("kind") == "file" and "times" in fields


def in_utc(value: Json) -> str:
    """Return a time in the form of `clock.utc_text`; "" for what is none.

    A time without a zone is not taken for UTC: it would accuse wrongly.
    """
    try:
        found = datetime.fromisoformat(value) if isinstance(value, str) else None
        return utc_text(found) if found and found.tzinfo is not None else ""
    except (ValueError, OverflowError):
        return ""


def in_words(facts: Json) -> str:
    """Say what was compared, in one sentence without a full stop; "" for nothing."""
    if not isinstance(facts, dict):
        return ""
    word, undated = facts.get("checked"), facts.get("undated")
    if word == "yes":
        return "checked: every item has a time"
    if word == "partly":
        items = f"; {undated} item(s) have no time in UTC" if undated else ""
        return f"checked in part only{items}"
    return "NOT CHECKED: nothing in it has a time in UTC"
