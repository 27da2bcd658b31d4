"""Parser ``disk-files``: the content of chosen files, read out of the source image.

Options: ``paths`` (list of globs, see `evidence.parsing.disk_names`; none means every
file), ``ignore_case`` (bool), ``partition`` (int or null: all), ``deleted`` (bool).

Every match gets one outcome. Files are `FileStart`, `Content`, `FileEnd`; anything
else is a `Record` with ``outcome``: a directory or symbolic link is acquired by its
record, a device, pipe or socket is skipped, a deleted name whose content nobody can
find is unreadable. `Summary.left_out` counts what has no `FileEnd`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from evidence.outcome import Outcome
from evidence.parsing import base
from evidence.parsing.base import Fields, FileEnd, FileStart, Item, Job, Record, Summary
from evidence.parsing.disk_content import Content
from evidence.parsing.disk_entries import entry_fields
from evidence.parsing.disk_image import Image
from evidence.parsing.disk_listing import (
    of_image,
    outcome_of,
    partition_wanted,
    standing_limits,
)
from evidence.parsing.disk_names import Patterns, State, whole
from evidence.parsing.disk_volumes import Survey, Volume
from evidence.parsing.disk_walk import (
    Budget,
    Found,
    Limits,
    Line,
    Trouble,
    lines_of,
    walk,
)

_EXPANSION = 16  # bytes read out, at most, for each byte of the image ...
_ALWAYS = 1 << 30  # ... or this many, whichever is more
UNRELIABLE = (
    "The name or the metadata is deleted: blocks may have been used again, so the "
    "content may belong to something else."
)


class DiskFiles:
    """Reads chosen files out of an image (see the module).

    Args:
        limits: bounds of one parse.
    """

    def __init__(self, limits: Limits = Limits()) -> None:  # noqa: B008 - frozen
        self.name = "disk-files"
        self.version = "1"
        self._limits = limits

    def parse(self, job: Job) -> Iterator[Item]:
        """Yield the files of `job.path` that match, ending with one `Summary`."""
        yield from of_image(job, lambda i: _Reading(i, job, self._limits).items())


def _patterns(job: Job) -> Patterns:
    paths = job.options.get("paths")
    globs = [p for p in paths if isinstance(p, str)] if isinstance(paths, list) else []
    ignore = job.options.get("ignore_case") is True
    return Patterns.of(globs or ["**"], ignore_case=ignore)


class _Reading:
    def __init__(self, image: Image, job: Job, limits: Limits) -> None:
        self._survey = Survey(image, partition_wanted(job))
        self._patterns = _patterns(job)
        self._deleted = job.options.get("deleted") is True
        self._limits = limits
        self._budget = Budget(limits.entries)
        self._bytes_left = max(_ALWAYS, image.size * _EXPANSION)
        self._matches: Counter[int] = Counter()
        self._count: Counter[str] = Counter()
        self._left_out: Counter[Outcome] = Counter()
        self._states: list[State] = []
        self._forks = False

    def items(self) -> Iterator[Item]:
        for step in self._survey.steps():
            if isinstance(step, Volume):
                yield from self._volume(step)
            else:
                yield Record(step)
        yield from self._unmatched()
        yield self._summary()

    # -- choosing

    def _volume(self, volume: Volume) -> Iterator[Item]:
        self._states = [self._patterns.start()]
        found_here = walk(
            volume.fs, self._limits, budget=self._budget, enter=self._enter
        )
        for found in found_here:
            if isinstance(found, Trouble):
                error = self._survey.error(volume.partition, found.reason, found.path)
                yield Record(error)
            else:
                yield from self._entry(volume, found)

    def _state(self, found: Found, *, name: bytes | None = None) -> State:
        """The patterns' state at an entry; drops the states of directories left."""
        del self._states[found.depth + 1 :]
        plain = found.entry.name.decode("utf-8", "surrogateescape")
        if name is None:
            return self._patterns.step(self._states[-1], plain)
        full = name.decode("utf-8", "surrogateescape")
        return self._patterns.step(self._states[-1], full, other=plain)

    def _enter(self, found: Found) -> bool:
        state = self._state(found)
        if not state:
            return False
        if found.entry.deleted and not self._deleted:
            return False
        if found.entry.type == "V" and not self._deleted:
            return False  # the folder of orphans, which holds deleted files only
        self._states.append(state)
        return True

    def _entry(self, volume: Volume, found: Found) -> Iterator[Item]:
        for line in lines_of(found, volume.fs.type):
            name = found.entry.name + line.path[len(line.plain) :]
            matched = self._patterns.matched(self._state(found, name=name))
            if not matched:
                continue
            if found.entry.deleted and not self._deleted:
                self._count["deleted_not_asked"] += 1
                continue
            if found.entry.type == "V":
                continue
            self._matches.update(matched)
            yield from self._line(volume, line)

    # -- reading

    def _line(self, volume: Volume, line: Line) -> Iterator[Item]:
        fields = entry_fields(volume, line)
        self._forks |= "other_attributes" in fields
        meta = line.entry.meta
        if line.entry.reallocated:
            reason = "the metadata was given to another file; its content is not this"
            yield self._record(fields, Outcome.UNREADABLE, reason)
        elif meta is None:
            reason = "the file system no longer says where the content is"
            yield self._record(fields, Outcome.UNREADABLE, reason)
        elif volume.fs.type == "ntfs" and line.plain == b"$BadClus":
            reason = "the map of bad clusters spans the volume and has no content"
            yield self._record(fields, Outcome.SKIPPED, reason)
        elif line.type in "rv":
            yield from self._file(volume, line, fields)
        elif line.type in "dl":
            yield self._record(fields, Outcome.ACQUIRED)
        elif line.type in "pcbhs":
            reason = "a device, pipe or socket has no content in the image"
            yield self._record(fields, Outcome.SKIPPED, reason)
        else:
            yield self._record(fields, Outcome.UNREADABLE, "its type is not known")

    def _record(self, fields: Fields, outcome: Outcome, reason: str = "") -> Record:
        fields["outcome"] = outcome.value
        if reason:
            fields["reason"] = reason
        if outcome is not Outcome.ACQUIRED:
            self._left_out[outcome] += 1
        return Record(fields)

    def _file(self, volume: Volume, line: Line, fields: Fields) -> Iterator[Item]:
        content = Content.of(volume, line)
        if content.size > self._bytes_left:
            reason = f"the files are more than {_EXPANSION} times the image in size"
            self._survey.troubles += 1
            yield self._record(fields, Outcome.REFUSED, reason)
            return
        self._bytes_left -= content.size
        fields["kind"] = "file"
        meta = line.entry.meta
        if line.entry.deleted or (meta is not None and not meta.allocated):
            fields["content_reliable"] = False
            fields["content_note"] = UNRELIABLE
        yield FileStart(line.path, content.size, fields)
        for piece in content.pieces():
            yield base.Content(piece)
        content.settle()
        yield self._end(content, line)

    def _end(self, content: Content, line: Line) -> FileEnd:
        self._count["files"] += 1
        self._count["bytes"] += content.size
        fields: Fields = {}
        reasons: list[str] = []
        if content.unreadable:
            fields["read_errors"] = content.errors()
            fields["unreadable_bytes"] = whole(sum(n for _, n in content.unreadable))
            why = content.reason or "the image cannot be read there"
            reasons.append(f"unreadable ranges are filled with zeros: {why}")
        if content.cut:
            fields["declared_size"] = whole(content.size + content.cut)
            reasons.append(
                "the declared size is larger than the volume; the content was cut to it"
            )
        if line.entry.trouble:
            reasons.append(line.entry.trouble)
        if not reasons:
            return FileEnd(Outcome.ACQUIRED, fields)
        fields["reason"] = "; ".join(reasons)
        self._count["unreadable"] += 1
        return FileEnd(Outcome.UNREADABLE, fields)

    # -- the account

    def _unmatched(self) -> Iterator[Item]:
        for number, glob in enumerate(self._patterns.globs):
            if self._matches[number]:
                continue
            self._left_out[Outcome.MISSING] += 1
            yield Record(
                {
                    "kind": "pattern",
                    "pattern": glob.encode("utf-8", "replace").decode("utf-8"),
                    "matches": 0,
                    "outcome": Outcome.MISSING.value,
                }
            )

    def _summary(self) -> Summary:
        survey = self._survey
        if survey.asked_but_absent:
            self._left_out[Outcome.MISSING] += 1
        public: Fields = {
            "volume_system": survey.table_type,
            "partitions": survey.partitions,
            "fs_types": list(survey.fs_types),
            "patterns": len(self._patterns.globs),
            "patterns_without_match": len(self._patterns.globs) - len(self._matches),
            "files": self._count["files"],
            "files_unreadable": self._count["unreadable"],
            "bytes": whole(self._count["bytes"]),
            "deleted_asked": self._deleted,
            "deleted_matches_left": self._count["deleted_not_asked"],
            "errors": survey.troubles,
        }
        limits = list(survey.limits)
        if self._count["deleted_not_asked"]:
            limits.append(
                f"{self._count['deleted_not_asked']} deleted entries also match; they "
                "were not asked for."
            )
        limits += standing_limits(survey, self._budget, forks=self._forks)
        outcome = outcome_of(survey, self._budget)
        return Summary(outcome, public, tuple(limits), dict(self._left_out))
