"""Parser ``disk-listing``: every entry of every file system of a copied image.

Options: ``partition`` (int or null: all) and ``deleted`` (bool). Without ``deleted``
the records hold allocated entries only; deleted ones are still counted.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator

from evidence.outcome import Outcome, ParseOutcome
from evidence.parsing.base import Fields, Item, Job, Record, Summary
from evidence.parsing.disk_entries import declared_size, entry_fields
from evidence.parsing.disk_image import Image, open_image
from evidence.parsing.disk_names import whole
from evidence.parsing.disk_volumes import Survey, Volume
from evidence.parsing.disk_walk import Budget, Limits, Line, Trouble, lines_of, walk

ZONE_LIMIT = (
    "Times of a FAT, exFAT or ISO 9660 file system are local times of an unknown zone; "
    "they are given as stored, without a zone."
)
FORK_LIMIT = (
    "Resource forks and extended attributes are named with their sizes where The "
    "Sleuth Kit shows them; their content is not copied out."
)


def partition_wanted(job: Job) -> int | None:
    """Return the option ``partition``."""
    value = job.options.get("partition")
    return value if isinstance(value, int) and not isinstance(value, bool) else None


class DiskListing:
    """Lists the entries of an image (see the module).

    Args:
        limits: bounds of one parse.
    """

    def __init__(self, limits: Limits = Limits()) -> None:  # noqa: B008 - frozen
        self.name = "disk-listing"
        self.version = "1"
        self._limits = limits

    def parse(self, job: Job) -> Iterator[Item]:
        """Yield the records of `job.path`, ending with one `Summary`."""
        yield from of_image(job, lambda i: _Listing(i, job, self._limits).items())


def of_image(job: Job, read: Callable[[Image], Iterator[Item]]) -> Iterator[Item]:
    """Yield what `read` finds in the image, or that it cannot be opened; shut it."""
    try:
        image = open_image(job)
    except OSError as error:
        reason = f"The image cannot be opened: {error.strerror or error}."
        yield Summary(ParseOutcome.FAILED, {}, limits=(reason,))
        return
    try:
        yield from read(image)
    finally:
        image.shut()


class _Listing:
    def __init__(self, image: Image, job: Job, limits: Limits) -> None:
        self._survey = Survey(image, partition_wanted(job))
        self._deleted = job.options.get("deleted") is True
        self._limits = limits
        self._budget = Budget(limits.entries)
        self._count: Counter[str] = Counter()
        self._forks = False

    def items(self) -> Iterator[Item]:
        for step in self._survey.steps():
            if isinstance(step, Volume):
                yield from self._volume(step)
            else:
                yield Record(step)
        yield self._summary()

    def _volume(self, volume: Volume) -> Iterator[Item]:
        for found in walk(volume.fs, self._limits, budget=self._budget):
            if isinstance(found, Trouble):
                yield self._error(volume, found.reason, found.path)
                continue
            if found.entry.trouble:
                yield self._error(volume, found.entry.trouble, found.path)
            for line in lines_of(found, volume.fs.type):
                self._tally(line)
                if self._listed(line):
                    fields = entry_fields(volume, line)
                    self._forks |= "other_attributes" in fields
                    yield Record(fields)

    def _listed(self, line: Line) -> bool:
        if self._deleted:
            return True
        return not line.entry.deleted and line.entry.type != "V"

    def _error(self, volume: Volume, reason: str, path: bytes) -> Record:
        return Record(self._survey.error(volume.partition, reason, path))

    def _tally(self, line: Line) -> None:
        if line.entry.deleted:
            self._count["deleted"] += 1
        if not self._listed(line):
            return
        self._count["entries"] += 1
        if line.type == "d":
            self._count["directories"] += 1
        elif line.type == "r":
            self._count["files"] += 1
            self._count["bytes"] += max(declared_size(line), 0)

    def _summary(self) -> Summary:
        survey = self._survey
        public: Fields = {
            "volume_system": survey.table_type,
            "partitions": survey.partitions,
            "fs_types": list(survey.fs_types),
            "entries": self._count["entries"],
            "files": self._count["files"],
            "directories": self._count["directories"],
            "deleted": self._count["deleted"],
            "deleted_listed": self._deleted,
            "errors": survey.troubles,
            "bytes": whole(self._count["bytes"]),
        }
        limits = list(survey.limits)
        if self._count["deleted"] and not self._deleted:
            limits.append(
                f"{self._count['deleted']} deleted entries were counted, not listed."
            )
        limits += standing_limits(survey, self._budget, forks=self._forks)
        absent = {Outcome.MISSING: 1} if survey.asked_but_absent else {}
        return Summary(outcome_of(survey, self._budget), public, tuple(limits), absent)


def standing_limits(survey: Survey, budget: Budget, *, forks: bool) -> list[str]:
    """Return the sentences that follow from what was walked."""
    limits: list[str] = []
    if any(name.startswith(("fat", "exfat", "iso")) for name in survey.fs_types):
        limits.append(ZONE_LIMIT)
    if forks:
        limits.append(FORK_LIMIT)
    if budget.spent:
        limits.append("The walk stopped at the limit of entries; the rest is unlisted.")
    damage = survey.image.damage
    if damage:
        lost = sum(damage.ends) - sum(damage.starts)
        limits.append(
            f"{lost} bytes of the image could not be read ({damage.reason}) and count "
            "as zeros; entries whose directory or metadata lies there are missing."
        )
    return limits


def outcome_of(survey: Survey, budget: Budget) -> ParseOutcome:
    """Return how far the parse got."""
    if not survey.fs_types:
        return ParseOutcome.NOT_RECOGNISED
    if survey.troubles or budget.spent or survey.limits or survey.image.damage:
        return ParseOutcome.PARTIAL
    return ParseOutcome.PARSED
