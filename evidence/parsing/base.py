"""The contract between the acquisition pipeline and every parser.

A parser reads one payload (read-only) and yields items. It runs in a process of its
own (`evidence.parsing.sandbox` starts `evidence.parsing.worker`) with bounded memory,
CPU time and output, so whatever it does, the copy is not affected. Rules:

* A `Record` becomes one sealed line of the inventory. Its keys are ASCII; its values
  are strings, integers below 2**53, booleans, null, lists and objects of these (no
  floats: times are RFC 3339 strings, ratios are strings). Strings are valid Unicode:
  bytes that are not UTF-8 are given as ``..._b64`` beside a readable form.
* Every record has ``kind``. A parsed value names its source: ``source`` is an object
  with ``offset`` and ``length`` in bytes, and ``member`` when inside an archive.
* Files read out of the source (``custody acquire disk --path``) are sent as
  `FileStart`, any number of `Content`, and `FileEnd`; the pipeline packs and hashes.
* The last item is one `Summary`. ``public`` goes into the signed entry that travels:
  counts, flags and format names only - never names, texts, places, serials or times
  from the evidence.
* An exception ends the parse with outcome ``failed``; what was yielded before stays.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Protocol, TypedDict

from evidence.outcome import Outcome, ParseOutcome

Json = None | bool | int | str | list["Json"] | dict[str, "Json"]
Fields = dict[str, Json]


class Sealed(TypedDict):
    """Reads one encrypted payload: its key (64 hex digits), and where it begins."""

    key: str
    start: int


@dataclass(frozen=True, slots=True)
class Job:
    """One parse.

    Attributes:
        path: the payload, opened read-only; may be any bytes.
        name: the source's own file name, as a hint only (never a path to open).
        offset: where the part to parse begins in `path`, bytes.
        length: bytes of that part; None means to the end.
        options: what the user asked (``timezone``, ``app``, ``paths``, ...).
        sealed: when `path` is an age file, what reads it; offsets count in what is
            inside. Parsers read with `evidence.parsing.payload` and need not care.
        data: the bytes themselves, when they are in no file: they reach the parser
            through its pipe, and `path` is "".
    """

    path: str
    name: str = ""
    offset: int = 0
    length: int | None = None
    options: Mapping[str, Json] = field(default_factory=dict)
    sealed: Sealed | None = None
    data: bytes | None = None


@dataclass(frozen=True, slots=True)
class Record:
    """One inventory line, before it is salted and sealed."""

    fields: Fields


@dataclass(frozen=True, slots=True)
class FileStart:
    """The next `Content` items are this file's bytes.

    Attributes:
        name: raw path bytes inside the source, without a leading slash.
        size: bytes promised; the pipeline fills or cuts to exactly this.
        fields: inventory fields known before reading.
    """

    name: bytes
    size: int
    fields: Fields


@dataclass(frozen=True, slots=True)
class Content:
    """A piece of the file announced last; at most 4 MiB."""

    data: bytes


@dataclass(frozen=True, slots=True)
class FileEnd:
    """The announced file is over; `fields` are added to its inventory line."""

    outcome: Outcome
    fields: Fields


@dataclass(frozen=True, slots=True)
class Summary:
    """How the parse went.

    Attributes:
        outcome: parsed, partial, not-recognised or failed.
        public: facts for the signed entry; no personal data.
        limits: plain sentences on what the parse does not establish (sealed).
        left_out: attempted items that are not in the payload or not readable, by
            outcome (a named attachment that is absent counts as missing).
    """

    outcome: ParseOutcome
    public: Fields
    limits: tuple[str, ...] = ()
    left_out: Mapping[Outcome, int] = field(default_factory=dict)


Item = Record | FileStart | Content | FileEnd | Summary


class Parser(Protocol):
    """What `evidence.parsing.worker` can run."""

    name: str
    version: str

    def parse(self, job: Job) -> Iterator[Item]:
        """Yield the items of `job`, ending with one `Summary`."""
        ...
