"""Data files of codes and definitions (TOML): shipped ones, and ones a user brings.

A file from outside is hostile input: its size is bounded before it is parsed, so depth,
time and memory are; every text in it is bounded and printable.
"""

from __future__ import annotations

import os
import re
import stat
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from importlib import resources
from pathlib import Path
from typing import Protocol, TypeVar

from evidence.casework_errors import DataFileError
from evidence.reading import describe, open_source
from evidence.wording import is_neutral

MAX_BYTES = 65_536
MAX_TEXT = 600  # characters of one text in a data file
_SUFFIX = ".toml"
NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,31}", re.ASCII)
_VERSION = re.compile(r"[0-9][0-9a-z.-]{0,31}", re.ASCII)


class _HasName(Protocol):
    @property
    def name(self) -> str: ...


_Named = TypeVar("_Named", bound=_HasName)


@dataclass(frozen=True, slots=True)
class DataFile:
    """A parsed data file.

    Attributes:
        what: how it is called in an error.
        digest: SHA-256 of its bytes, hex.
        shipped: it comes with this release.
    """

    what: str
    values: Mapping[str, object]
    digest: str
    shipped: bool

    def refuse(self, reason: str) -> DataFileError:
        """Return the error that says why it cannot be used."""
        return DataFileError(what=self.what, reason=reason)

    def text(self, table: Mapping[str, object], name: str) -> str:
        """Return a text of `table`.

        Raises:
            DataFileError: it is missing, too long, or holds unprintable characters.
        """
        value = table.get(name)
        if not isinstance(value, str) or not value.strip():
            raise self.refuse(f"'{name}' is missing or not text")
        if len(value) > MAX_TEXT or not value.isprintable():
            raise self.refuse(f"'{name}' is too long or not printable")
        return value

    def header(
        self, form: str, members: frozenset[str], *, sort: str
    ) -> tuple[str, str]:
        """Check the form of the whole file; return its name and version.

        Args:
            form: what ``format`` must say; members: all it may hold.
            sort: what it should be, for an error.

        Raises:
            DataFileError: it is something else, or its name or version is not well
                formed or not neutral.
        """
        values = self.values
        if values.get("format") != form or not members.issuperset(values):
            raise self.refuse(f"it has not the form of a {sort}")
        name, version = self.text(values, "name"), self.text(values, "version")
        plain = NAME.fullmatch(name) and _VERSION.fullmatch(version)
        if not plain or not is_neutral(name):
            raise self.refuse("its name or version is not well formed")
        return name, version

    def table(self, table: Mapping[str, object], name: str) -> Mapping[str, object]:
        """Return a table inside `table`; an empty one when it is not there.

        Raises:
            DataFileError: it is something else.
        """
        value = table.get(name, {})
        if not isinstance(value, dict):
            raise self.refuse(f"'{name}' is not a table")
        return value

    def words(
        self, table: Mapping[str, object], name: str, known: tuple[str, ...]
    ) -> tuple[str, ...]:
        """Return a list of words out of `known`; () when it is not there.

        Raises:
            DataFileError: it is no list, or holds another word.
        """
        value = table.get(name, [])
        if not isinstance(value, list) or len(value) > len(known):
            raise self.refuse(f"'{name}' is not a list of words")
        found = tuple([word for word in known if word in value])
        if len(found) != len(value):
            raise self.refuse(f"'{name}' holds a word that is not known, or one twice")
        return found

    def flag(self, table: Mapping[str, object], name: str) -> bool:
        """Return a truth value; False when it is not there.

        Raises:
            DataFileError: it is something else.
        """
        value = table.get(name, False)
        if not isinstance(value, bool):
            raise self.refuse(f"'{name}' is neither true nor false")
        return value


def shipped_names(package: str) -> tuple[str, ...]:
    """Return the names of the data files that `package` ships, sorted."""
    found = [item.name for item in resources.files(package).iterdir()]
    return tuple(sorted(n[: -len(_SUFFIX)] for n in found if n.endswith(_SUFFIX)))


def shipped(package: str, name: str) -> DataFile:
    """Return a data file of `package` (`name` is one of `shipped_names`)."""
    data = resources.files(package).joinpath(name + _SUFFIX).read_bytes()
    return parse(data, what=f"the data file {name}", shipped=True)


def load(path: Path) -> DataFile:
    """Read a user's data file.

    Raises:
        DataFileError: it cannot be read, is too long, or is not TOML.
    """
    what = f"the data file {path}"
    try:
        fd, _ = open_source(path)
        with os.fdopen(fd, "rb") as stream:
            if not stat.S_ISREG(os.fstat(fd).st_mode):
                raise DataFileError(what=what, reason="it is not a regular file")
            data = stream.read(MAX_BYTES + 1)
    except OSError as error:
        raise DataFileError(what=what, reason=describe(error)) from error
    return parse(data, what=what, shipped=False)


def open_named(
    package: str, wanted: str, read: Callable[[DataFile], _Named], *, sort: str
) -> _Named:
    """Return what a shipped file of that name holds, or read the file `wanted`.

    Args:
        read: makes the thing out of the file; sort: what it is, for an error.

    Raises:
        DataFileError: the file cannot be used, or takes the name of a shipped one.
    """
    names = shipped_names(package)
    if wanted in names:
        return read(shipped(package, wanted))
    file = load(Path(wanted))
    found = read(file)
    taken = found.name in names
    if taken and shipped(package, found.name).digest != file.digest:
        reason = f"the name {found.name} is that of a shipped {sort}; choose another"
        raise file.refuse(reason)
    return found


def parse(data: bytes, *, what: str, shipped: bool) -> DataFile:
    """Parse the bytes of a data file.

    Raises:
        DataFileError: too long, or not TOML.
    """
    if len(data) > MAX_BYTES:
        reason = f"it is longer than {MAX_BYTES:,} bytes"
        raise DataFileError(what=what, reason=reason)
    try:
        values = tomllib.loads(data.decode("utf-8"))
    except (ValueError, RecursionError) as error:  # digits without end included
        raise DataFileError(what=what, reason="it is not TOML") from error
    return DataFile(what, values, sha256(data).hexdigest(), shipped)
