"""What the disk tests share: running a parser and reading its items."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from evidence.outcome import Outcome
from evidence.parsing.base import (
    Content,
    FileEnd,
    FileStart,
    Job,
    Json,
    Parser,
    Record,
    Summary,
)


@dataclass
class Read:
    """One file that was read out."""

    start: FileStart
    data: bytearray = field(default_factory=bytearray)
    end: FileEnd | None = None

    @property
    def outcome(self) -> Outcome:
        assert self.end is not None
        return self.end.outcome


@dataclass
class Parsed:
    """All items of one parse."""

    records: list[dict[str, Json]]
    files: list[Read]
    summary: Summary

    def kind(self, kind: str) -> list[dict[str, Json]]:
        return [record for record in self.records if record["kind"] == kind]

    def entry(self, path: str) -> dict[str, Json]:
        (found,) = [r for r in self.kind("entry") if r["path"] == path]
        return found

    def file(self, name: bytes) -> Read:
        (found,) = [f for f in self.files if f.start.name == name]
        return found


def run(parser: Parser, path: Path, **options: Json) -> Parsed:
    return run_job(parser, Job(str(path), options=options))


def run_job(parser: Parser, job: Job) -> Parsed:
    parsed: list[Read] = []
    records: list[dict[str, Json]] = []
    summary: Summary | None = None
    for item in parser.parse(job):
        assert summary is None, "items after the summary"
        match item:
            case Record():
                records.append(item.fields)
            case FileStart():
                parsed.append(Read(item))
            case Content():
                assert len(item.data) <= 1 << 20
                parsed[-1].data += item.data
            case FileEnd():
                parsed[-1].end = item
                assert len(parsed[-1].data) == parsed[-1].start.size
            case Summary():
                summary = item
    assert summary is not None
    return Parsed(records, parsed, summary)
