"""One encrypted file in numbered parts, for media it does not fit on.

``NAME.001``, ``NAME.002``, ... and ``NAME.parts``: a list ``sha256sum -c`` checks, with
size and digest of the whole in its first line. The list is written last.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from evidence.case import unreadable
from evidence.copying import PayloadSink, Written
from evidence.envelope_errors import EnvelopeMalformedError, PartsWrongError
from evidence.hashing import hash_file
from evidence.system import REAL, SystemCalls
from manifests import durable
from manifests.errors import CustodyError

ENDING = ".parts"
MAX_PARTS = 999
LEAST = 1_000_000
_PART = ".part"
_MAX_LIST = 1 << 20
_HEAD = re.compile(r"# custody-parts-1 ([0-9]{1,18}) ([0-9a-f]{64})")
_LINE = re.compile(r"([0-9a-f]{64})  ([^/\\\x00-\x1f]+)\.([0-9]{3})")
_SIZE = re.compile(r"([0-9]{1,12}) ?(?:([KMGT])(I?B)?|B)?")
_BLOCK = 1 << 20


def read_size(text: str) -> int:
    """Return bytes: ``700M`` and ``700MB`` are 700,000,000, ``700MiB`` 734,003,200.

    K, M, G and T are decimal, as media are sold (and not as in ``split -b``, where M is
    2^20); with "iB" they are binary. Capitals do not matter.

    Raises:
        ValueError: no size, or below `LEAST`; the text says which.
    """
    match = _SIZE.fullmatch(text.strip().upper())
    if match is None:
        raise ValueError("a size is like 700M, 4G (1M is 1,000,000 bytes) or 512MiB")
    binary = match[3] == "IB"
    power = "KMGT".index(match[2]) + 1 if match[2] else 0
    unit: int = (1024 if binary else 1000) ** power
    size = int(match[1]) * unit
    if size < LEAST:
        raise ValueError(f"a part is at least 1M ({LEAST:,} bytes), not {size:,} bytes")
    return size


class SplitSink:
    """Takes a stream into parts of at most `size` bytes.

    Raises:
        StorageFailedError: (every method) as `PayloadSink`; ValueError: too many parts.
    """

    def __init__(self, target: Path, size: int, *, system: SystemCalls = REAL) -> None:
        self._target, self._size, self._system = target, size, system
        self._whole = hashlib.sha256()
        self._bytes = 0
        self.parts: list[Written] = []
        self._sink: PayloadSink | None = None
        self._room = 0

    def write(self, data: bytes | memoryview) -> None:
        """Append `data`."""
        view = memoryview(data)
        self._whole.update(view)
        self._bytes += len(view)
        while view:
            if not self._room:
                self._next()
            count = min(self._room, len(view))
            if self._sink is not None:
                self._sink.write(view[:count])
            self._room -= count
            view = view[count:]

    def _next(self) -> None:
        self._end()
        number = len(self.parts) + 1
        if number > MAX_PARTS:
            raise ValueError("it would be more than 999 parts")
        path = part_path(self._target, number)
        self._sink = PayloadSink(unfinished(path), system=self._system)
        self._room = self._size

    def _end(self) -> None:
        if self._sink is not None:
            self.parts.append(self._sink.finish())
            self._sink = None

    def finish(self) -> Written:
        """End the last part; return size and digest of the whole."""
        self._end()
        return Written(self._bytes, self._whole.hexdigest())

    def abort(self) -> None:
        """Remove everything that was written."""
        if self._sink is not None:
            self._sink.abort()
        for number in range(1, len(self.parts) + 1):
            unfinished(part_path(self._target, number)).unlink(missing_ok=True)


def part_path(target: Path, number: int) -> Path:
    """Return the name of one part, counted from 1."""
    return target.with_name(f"{target.name}.{number:03d}")


def unfinished(path: Path) -> Path:
    """Return the name of a file that is not whole yet."""
    return path.with_name(path.name + _PART)


def list_path(target: Path) -> Path:
    """Return the name of the list of parts."""
    return target.with_name(target.name + ENDING)


def name_parts(target: Path, parts: list[Written], whole: Written) -> None:
    """Call finished parts what they are to be called, and write their list.

    Raises:
        StorageFailedError: the disk refused.
    """
    lines = [f"# custody-parts-1 {whole.bytes} {whole.sha256}"]
    try:
        for number, part in enumerate(parts, 1):
            path = part_path(target, number)
            unfinished(path).rename(path)
            lines.append(f"{part.sha256}  {path.name}")
    except OSError as error:
        durable.storage_failure(error, target.name)
    durable.write_new(list_path(target), ("\n".join(lines) + "\n").encode("utf-8"))


@dataclass(frozen=True, slots=True)
class Listed:
    """A list of parts as read."""

    bytes: int
    sha256: str
    stem: str
    digests: tuple[str, ...]


def read_list(path: Path) -> Listed:
    """Read a list of parts.

    Raises:
        EnvelopeMalformedError: it is none.
        CaseUnreadableError: it cannot be read.
    """
    try:
        with path.open("rb") as stream:
            data = stream.read(_MAX_LIST + 1)
        first, *rest = data.decode("utf-8").splitlines() or [""]
    except OSError as error:
        raise unreadable(path.name, error) from error
    except UnicodeDecodeError as error:
        raise EnvelopeMalformedError(reason="its list of parts is no text") from error
    head, lines = _HEAD.fullmatch(first), [_LINE.fullmatch(line) for line in rest]
    found = [match for match in lines if match is not None]
    numbers = [int(match[3]) for match in found]
    whole = head is not None and len(found) == len(rest) and len(data) <= _MAX_LIST
    stems = {match[2] for match in found}
    if head is None or not whole or len(stems) != 1:
        raise EnvelopeMalformedError(reason="its list of parts is not one")
    if numbers != list(range(1, len(numbers) + 1)):
        raise EnvelopeMalformedError(reason="its list does not count its parts")
    return Listed(int(head[1]), head[2], stems.pop(), tuple(m[1] for m in found))


def list_beside(path: Path) -> Path:
    """Return the list beside one of its parts; every other file as it is."""
    stem, dot, number = path.name.rpartition(".")
    if not (stem and dot and re.fullmatch("[0-9]{3}", number)):
        return path
    listed = list_path(path.with_name(stem))
    return listed if listed.is_file() else path


def check_parts(path: Path) -> tuple[Path, Listed]:
    """Check every part a list names; return the name they share, and the list.

    Raises:
        PartsWrongError: parts are missing, swapped, doubled or altered; all are named.
        EnvelopeMalformedError: the list is none.
        CaseUnreadableError: a part cannot be read.
    """
    listed = read_list(path)
    stem = path.with_name(listed.stem)
    problems = _problems(stem, listed)
    if problems:
        raise PartsWrongError(reason="; ".join(problems))
    return stem, listed


def join(path: Path, target: Path) -> None:
    """Check every part a list names, and write the whole to the new file `target`.

    Raises:
        PartsWrongError: parts are missing, swapped, doubled or altered; all are named.
        EnvelopeMalformedError: the list is none.
        CaseUnreadableError: a part cannot be read; StorageFailedError: the disk.
    """
    stem, listed = check_parts(path)
    whole, size = hashlib.sha256(), 0

    def opener(name: str, flags: int) -> int:
        return os.open(name, flags, 0o600)

    try:
        with open(target, "xb", opener=opener) as joined:
            for number in range(1, len(listed.digests) + 1):
                for block in _blocks(part_path(stem, number)):
                    whole.update(block)
                    size += len(block)
                    joined.write(block)
    except OSError as error:
        durable.storage_failure(error, "the joined package")
    if (size, whole.hexdigest()) != (listed.bytes, listed.sha256):
        raise PartsWrongError(reason="together they are not what the list says")


def _blocks(path: Path) -> Iterator[bytes]:
    try:
        with path.open("rb") as stream:
            while block := stream.read(_BLOCK):
                yield block
    except OSError as error:
        raise unreadable(path.name, error) from error


def _problems(stem: Path, listed: Listed) -> list[str]:
    """Say what is wrong with each part, in their order."""
    found: list[str] = []
    for number, digest in enumerate(listed.digests, 1):
        path = part_path(stem, number)
        try:
            own = hash_file(path).sha256
        except FileNotFoundError:
            found.append(f"part {number} is missing")
            continue
        except OSError as error:
            raise unreadable(path.name, error) from error
        except CustodyError as error:
            reason = str(error.facts.get("reason", error.what))
            found.append(f"part {number} cannot be read ({reason})")
            continue
        if own == digest:
            continue
        if own in listed.digests:
            other = listed.digests.index(own) + 1
            word = "is a copy of" if _is(stem, other, own) else "is in truth"
            found.append(f"part {number} {word} part {other}")
        else:
            found.append(f"part {number} was altered, or is of another package")
    return found


def _is(stem: Path, number: int, digest: str) -> bool:
    """Tell whether that part is there in its own place, too: a double, not a swap."""
    try:
        return hash_file(part_path(stem, number)).sha256 == digest
    except (OSError, CustodyError):
        return False
