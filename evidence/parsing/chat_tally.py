"""What a chat parser counts and looks up while messages pass by."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from evidence.outcome import Outcome
from evidence.parsing.base import Fields, Json

OMITTED = "omitted-by-export"
# A group of the apps holds 200,000 people at most (Telegram); more is an attack on
# memory, and the rest are then counted in messages only.
MAX_PARTICIPANTS = 200_000


def folded(name: str) -> str:
    """Return the form two names share on systems that ignore case or composition."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())


@dataclass(frozen=True, slots=True)
class Present:
    """A file that came with the chat.

    Attributes:
        outcome: acquired, or refused with its archive member.
        size: bytes, when read.
        sha256: lower-case hexadecimal, when read.
    """

    outcome: str = Outcome.ACQUIRED.value
    size: int | None = None
    sha256: str | None = None


class Attachments:
    """Finds the files that messages name among those that came with the chat.

    Args:
        files: by their names in the archive or folder; None for a chat without files.
        main: the chat's own file; names in messages are relative to its folder.
    """

    __slots__ = ("_base", "_files", "_folded", "_named", "counts")

    def __init__(self, files: Mapping[str, Present] | None, *, main: str = "") -> None:
        self._files = files or {}
        self._base = main[: main.rfind("/") + 1]
        self._named: set[str] = set()
        self.counts: Counter[str] = Counter()
        self._folded: dict[str, str | None] = {}
        for name in self._files:
            key = folded(name)
            # Two files under one folded name cannot be told apart: neither is found.
            self._folded[key] = None if key in self._folded else name

    def _member(self, name: str) -> str | None:
        for candidate in (self._base + name, name):
            if candidate in self._files:
                return candidate
            match = self._folded.get(folded(candidate))
            if match is not None:
                return match
        return None

    def mention(self, name: str) -> None:
        """Mark a file as named (a thumbnail) without an attachment of its own."""
        member = self._member(name)
        if member is not None:
            self._named.add(member)

    def omitted(self, name: str | None) -> Fields:
        """Return the fields of media that the export says it does not hold."""
        self.counts[OMITTED] += 1
        return {"name": name, "outcome": OMITTED}

    def find(self, name: str) -> Fields:
        """Return the fields of the attachment `name`, as written in the message."""
        member = self._member(name)
        if member is None:
            self.counts[Outcome.MISSING] += 1
            return {"name": name, "outcome": Outcome.MISSING.value}
        self._named.add(member)
        present = self._files[member]
        self.counts[present.outcome] += 1
        fields: Fields = {"name": name, "outcome": present.outcome, "member": member}
        if present.size is not None:
            fields["bytes"] = present.size
        if present.sha256 is not None:
            fields["sha256"] = present.sha256
        return fields

    def unnamed(self, apart_from: Iterable[str] = ()) -> int:
        """Return how many files no message names."""
        return len(set(self._files) - self._named - set(apart_from))


@dataclass(slots=True)
class Tally:
    """Counts of one chat or one full export."""

    messages: int = 0
    kinds: Counter[str] = field(default_factory=Counter)
    notes: Counter[str] = field(default_factory=Counter)
    participants: Counter[str] = field(default_factory=Counter)
    participants_capped: bool = False
    unparsed: int = 0
    _utc: list[str] = field(default_factory=list)
    _local: list[str] = field(default_factory=list)

    def add(self, fields: Fields) -> None:
        """Count one message record; notices do not make a participant."""
        self.messages += 1
        kind = str(fields["message_kind"])
        self.kinds[kind] += 1
        sender = fields["sender"]
        if sender is not None and kind not in ("system", "service"):
            self._write(str(sender))
        utc, local = fields["time_utc"], fields["time_local"]
        if utc is not None:
            _widen(self._utc, str(utc))
        elif local is not None:
            _widen(self._local, str(local))
        if "time_note" in fields:
            self.notes[str(fields["time_note"])] += 1

    def _write(self, sender: str) -> None:
        people = self.participants
        if sender in people or len(people) < MAX_PARTICIPANTS:
            people[sender] += 1
        else:
            self.participants_capped = True

    def summary(self) -> Fields:
        """Return the sealed summary record: earliest and latest time, who wrote."""
        span = self._utc or self._local
        people: list[Json] = [
            {"name": name, "messages": count}
            for name, count in sorted(self.participants.items())
        ]
        return {
            "kind": "chat-summary",
            "messages": self.messages,
            "participants": people,
            "first": span[0] if span else None,
            "last": span[1] if span else None,
        }

    def facts(self, attachments: Attachments) -> Fields:
        """Return the public counts."""
        counts = attachments.counts
        return {
            "messages": self.messages,
            "participants": len(self.participants),
            "system_messages": self.kinds["system"] + self.kinds["service"],
            "deleted_messages": self.kinds["deleted"],
            "attachments": sum(counts.values()),
            "attachments_missing": counts[Outcome.MISSING],
            "attachments_omitted": counts[OMITTED],
            "times_open": sum(self.notes.values()),
            "unparsed_lines": self.unparsed,
        }


def _widen(span: list[str], time: str) -> None:
    if not span:
        span += [time, time]
    elif time > span[1]:
        span[1] = time
    elif time < span[0]:
        span[0] = time
