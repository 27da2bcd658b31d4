"""BagIt 1.0 (RFC 8493): the outer form of a package, written and read with distrust.

Written beside the source, which is never moved or changed. Read as what a stranger
sent: names are relative, below their folder, told apart on every file system; nothing
is followed, and no ``fetch.txt`` makes the network complete it.
"""

from __future__ import annotations

import os
import re
import stat
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from evidence.case import unreadable
from evidence.hashing import Digest, hash_file
from evidence.transfer_errors import PackageMalformedError, PackageUnpackableError
from manifests import durable, ledger
from manifests.errors import CustodyError

DECLARATION = b"BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"
BAGIT, INFO, FETCH, DATA = "bagit.txt", "bag-info.txt", "fetch.txt", "data"
ALGORITHMS = ("sha256", "sha512")
IDENTITY = "tagmanifest-sha256.txt"  # its digest names a package
MAX_FILES = 20_000
MAX_DEPTH = 12
MAX_MANIFEST_BYTES = 16 << 20
_ENCODED = re.compile(r"%(0[AaDd]|25)")
_LINE = re.compile(r"([0-9a-fA-F]+) [ *]?([^ ].*)")
_LENGTHS = {"sha256": 64, "sha512": 128}
Progress = Callable[[int], None]


def manifest_name(algorithm: str, *, tag: bool = False) -> str:
    """Return the name of a manifest file."""
    return f"{'tag' if tag else ''}manifest-{algorithm}.txt"


_TAG_MANIFESTS = frozenset(manifest_name(a, tag=True) for a in ALGORITHMS)


def encoded(path: str) -> str:
    """Percent-encode CR, LF and % (RFC 8493 section 2.1.3)."""
    return path.replace("%", "%25").replace("\n", "%0A").replace("\r", "%0D")


def decoded(text: str) -> str:
    """Undo `encoded`; any other percent sign stands for itself."""
    return _ENCODED.sub(lambda found: chr(int(found[1], 16)), text)


# -- names -------------------------------------------------------------------------


def check_paths(paths: Iterable[str]) -> None:
    """Refuse names that leave the folder, or that some file system takes for one.

    Raises:
        PackageMalformedError: an absolute path, ``..``, a control character, two names
            that differ by case or Unicode normal form only, ...
    """
    seen: dict[str, str] = {}
    for path in paths:
        reason = _oddity(path)
        if reason:
            raise PackageMalformedError(reason=f"a path in it {reason}")
        parts = path.split("/")
        for end in range(1, len(parts) + 1):
            beginning = "/".join(parts[:end])
            folded = unicodedata.normalize("NFC", beginning.casefold())
            if seen.setdefault(folded, beginning) != beginning:
                reason = "two names in it differ by case or normal form only"
                raise PackageMalformedError(reason=reason)


def _oddity(path: str) -> str:
    parts = path.split("/")
    if path.startswith(("/", "~")) or re.match(r"[A-Za-z]:", path):
        return "is absolute"
    if "\\" in path or any(unicodedata.category(c) in ("Cc", "Cs") for c in path):
        return "holds a backslash, a control character or no text"
    if any(part in ("", ".", "..") for part in parts):
        return "leads out of it, or is not in its shortest form"
    if len(parts) > MAX_DEPTH or len(path.encode("utf-8")) > 1024:
        return "is too deep or too long"
    return ""


# -- writing -----------------------------------------------------------------------


def list_files(folder: Path) -> list[str]:
    """Return the files below `folder` as relative paths, in order.

    Raises:
        PackageUnpackableError: one is a link, or not nameable in a package.
    """
    found: list[str] = []
    for path, status in _walk(folder):
        if not stat.S_ISREG(status.st_mode):
            raise PackageUnpackableError(path=path, reason="it is not a plain file")
        reason = _oddity(path)
        if reason:
            raise PackageUnpackableError(path=path, reason=f"its name {reason}")
        if "%" in path:
            # RFC 8493 encodes it; bagit-python and sha256sum take it as it is.
            reason = "programs disagree how a percent sign is written in a list"
            raise PackageUnpackableError(path=path, reason=reason)
        found.append(path)
        if len(found) > MAX_FILES:
            raise PackageUnpackableError(path=path, reason="there are too many files")
    return sorted(found)


def _walk(folder: Path) -> Iterator[tuple[str, os.stat_result]]:
    """Yield everything below that is no folder; links are not followed."""
    waiting = [("", 0)]
    while waiting:
        below, depth = waiting.pop()
        try:
            with os.scandir(folder / below) as items:
                for item in items:
                    path = f"{below}/{item.name}" if below else item.name
                    status = item.stat(follow_symlinks=False)
                    if not stat.S_ISDIR(status.st_mode):
                        yield path, status
                    elif depth >= MAX_DEPTH:
                        reason = "its folders are nested too deeply"
                        raise PackageMalformedError(reason=reason)
                    else:
                        waiting.append((path, depth + 1))
        except OSError as error:
            raise unreadable(below or folder.name, error) from error


def hash_payload(
    folder: Path, *, progress: Progress | None = None
) -> dict[str, Digest]:
    """Return path to digest of every file below ``data/``, read back from the medium.

    Raises:
        PackageUnpackableError, CustodyError, OSError: a file is not one, or unreadable.
    """
    payload: dict[str, Digest] = {}
    done = 0
    for path in list_files(folder / DATA):
        payload[f"{DATA}/{path}"] = hash_file(folder / DATA / path, second=True)
        done += payload[f"{DATA}/{path}"].bytes
        if progress is not None:
            progress(done)
    return payload


def write_bag(
    folder: Path, payload: Mapping[str, Digest], info: Iterable[tuple[str, str]]
) -> str:
    """Make a bag of a folder that holds ``data/`` and further tag files; durable.

    Args:
        payload: as `hash_payload` returned it.
        info: further lines of ``bag-info.txt``: label and one line of text.

    Returns:
        SHA-256 (hex) of its tag manifest, which names the package.

    Raises:
        PackageUnpackableError, StorageFailedError, CustodyError: not finished.
    """
    durable.write_new(folder / BAGIT, DECLARATION)
    octets = sum(digest.bytes for digest in payload.values())
    lines = [*info, ("Payload-Oxum", f"{octets}.{len(payload)}")]
    text = "".join(f"{name}: {_one_line(value)}\n" for name, value in lines)
    durable.write_new(folder / INFO, text.encode("utf-8"))
    _write_manifests(folder, payload, tag=False)
    tags = {
        path: hash_file(folder / path, second=True)
        for path in list_files(folder)
        if not path.startswith(f"{DATA}/")
    }
    _write_manifests(folder, tags, tag=True)
    return hash_file(folder / IDENTITY).sha256


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _write_manifests(folder: Path, files: Mapping[str, Digest], *, tag: bool) -> None:
    for algorithm in ALGORITHMS:
        lines = (
            f"{getattr(digest, algorithm)}  {encoded(path)}\n"
            for path, digest in files.items()
        )
        name = manifest_name(algorithm, tag=tag)
        durable.write_new(folder / name, "".join(lines).encode("utf-8"))


# -- reading -----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Difference:
    """One file that is not as the package's lists say.

    Attributes:
        word: modified, moved, new, missing (as hashdeep says it) or unreadable.
        path: relative; from the sender or the medium, so escape it.
    """

    word: str
    path: str
    detail: str


@dataclass(frozen=True, slots=True)
class Looked:
    """A package re-hashed.

    Attributes:
        identity: SHA-256 (hex) of its tag manifest, which covers everything else.
        counts: matched, modified, moved, new, missing, unreadable.
        listed: path to (SHA-256, SHA-512) as the lists say.
        sizes: bytes of the files that are there.
    """

    identity: str
    differences: tuple[Difference, ...]
    counts: Mapping[str, int]
    listed: Mapping[str, tuple[str, str]]
    sizes: Mapping[str, int]


WORDS = ("matched", "modified", "moved", "new", "missing", "unreadable")


def is_bag(folder: Path) -> bool:
    """Tell whether a folder means to be a bag."""
    return folder.is_dir() and (folder / BAGIT).is_file()


def look(folder: Path, *, progress: Progress | None = None) -> Looked:
    """Hash every file of a bag and compare it with the lists.

    Raises:
        PackageMalformedError: the lists are missing, malformed or built to do harm.
        CaseUnreadableError: the folder cannot be read.
    """
    if _read(folder, BAGIT) != DECLARATION:
        raise PackageMalformedError(reason="its bagit.txt is not that of BagIt 1.0")
    listed: dict[str, tuple[str, str]] = {}
    for tag in (False, True):
        listed |= _read_lists(folder, tag=tag)
    check_paths(listed)
    present: dict[str, Digest | str] = {}
    done = 0
    for path, status in _walk(folder):
        if path in _TAG_MANIFESTS:
            continue
        if path == FETCH:
            reason = "it wants to be completed from the network (fetch.txt)"
            raise PackageMalformedError(reason=reason)
        if len(present) >= MAX_FILES:
            raise PackageMalformedError(reason="it holds too many files")
        present[path] = _digest(folder, path, status)
        done += status.st_size
        if progress is not None:
            progress(done)
    identity = sha256(_read(folder, IDENTITY)).hexdigest()
    differences, matched = _compare(listed, present)
    counts = dict.fromkeys(WORDS, 0)
    counts["matched"] = matched
    for one in differences:
        counts[one.word] += 1
    sizes = {p: d.bytes for p, d in present.items() if isinstance(d, Digest)}
    return Looked(identity, tuple(differences), counts, listed, sizes)


def _digest(folder: Path, path: str, status: os.stat_result) -> Digest | str:
    """Hash one file; text says why it was not."""
    if stat.S_ISLNK(status.st_mode):
        return "it is a symbolic link"
    if not stat.S_ISREG(status.st_mode):
        return "it is not a regular file"
    try:
        return hash_file(folder / path, second=True)
    except OSError as error:
        return os.strerror(error.errno) if error.errno else type(error).__name__
    except CustodyError as error:
        return str(error.facts.get("reason"))


def _compare(
    listed: Mapping[str, tuple[str, str]], present: Mapping[str, Digest | str]
) -> tuple[list[Difference], int]:
    origin = {digests: path for path, digests in listed.items()}
    found: list[Difference] = []
    matched, seen = 0, set()
    for path, digest in sorted(present.items()):
        if isinstance(digest, str):
            found.append(Difference("unreadable", path, digest))
            continue
        now = (digest.sha256, digest.sha512)
        if listed.get(path) == now:
            matched += 1
            continue
        source = origin.get(now, "")
        if source:
            seen.add(source)
            detail = f"it has the content listed for {source}"
            found.append(Difference("moved", path, detail))
        elif path in listed:
            detail = f"SHA-256 {digest.sha256}; listed was {listed[path][0]}"
            found.append(Difference("modified", path, detail))
        else:
            found.append(Difference("new", path, "it is not listed"))
    found += [
        Difference("missing", path, "it is listed and not there")
        for path in sorted(set(listed) - set(present) - seen)
    ]
    return found, matched


def _read_lists(folder: Path, *, tag: bool) -> dict[str, tuple[str, str]]:
    one, other = (_read_list(folder, algorithm, tag=tag) for algorithm in ALGORITHMS)
    if one.keys() != other.keys():
        raise PackageMalformedError(reason="its two lists name different files")
    return {path: (digest, other[path]) for path, digest in one.items()}


def _read_list(folder: Path, algorithm: str, *, tag: bool) -> dict[str, str]:
    name = manifest_name(algorithm, tag=tag)
    data = _read(folder, name)
    found: dict[str, str] = {}
    try:
        lines = data.decode("utf-8").split("\n")
    except UnicodeDecodeError as error:
        raise PackageMalformedError(reason=f"its {name} is not UTF-8") from error
    if lines[-1]:
        raise PackageMalformedError(reason=f"its {name} ends in the middle of a line")
    for line in lines[:-1]:
        match = _LINE.fullmatch(line)
        path = decoded(match[2]) if match else ""
        if match is None or len(match[1]) != _LENGTHS[algorithm]:
            raise PackageMalformedError(reason=f"a line of its {name} is no digest")
        if path in found or path.startswith(f"{DATA}/") is tag:
            reason = f"its {name} names a file twice, or one of the other list"
            raise PackageMalformedError(reason=reason)
        found[path] = match[1].lower()
        if len(found) > MAX_FILES:
            raise PackageMalformedError(reason=f"its {name} names too many files")
    return found


def _read(folder: Path, name: str) -> bytes:
    try:
        with ledger.open_plain(folder / name) as stream:
            data = stream.read(MAX_MANIFEST_BYTES + 1)
    except FileNotFoundError as error:
        raise PackageMalformedError(reason=f"it has no {name}") from error
    except OSError as error:
        raise unreadable(name, error) from error
    if len(data) > MAX_MANIFEST_BYTES:
        raise PackageMalformedError(reason=f"its {name} is too long")
    return data
