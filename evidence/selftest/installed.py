"""The installed files against the digests recorded when they were installed.

``RECORD`` (PyPA, "Recording installed projects") lists every file of a distribution
with its SHA-256. It lies beside the files, so this shows damage and careless changes;
whoever can change the files on purpose can change the list, too.
"""

from __future__ import annotations

import base64
import hashlib
import json
import platform
import ssl
from dataclasses import dataclass
from importlib import metadata
from importlib.metadata import Distribution, PackagePath
from pathlib import Path

from evidence.tool import DISTRIBUTION

_WEAK = frozenset({"md5", "sha1"})
_MAX_NAMED = 20
_PACKAGES = ("cli", "evidence", "manifests")
_PROGRAM = frozenset({".py", ".so", ".pyd"})


@dataclass(frozen=True, slots=True)
class Installed:
    """One distribution as it is on this machine.

    Attributes:
        files: files that have a recorded digest.
        altered: those that differ, are gone or, in this project's own packages, are
            not recorded at all (at most 20 are named).
        problem: why nothing could be compared; "" otherwise.
    """

    name: str
    version: str
    files: int
    altered: tuple[str, ...]
    problem: str = ""


def installed(name: str) -> Installed:
    """Compare the files of a distribution with its RECORD."""
    try:
        found = metadata.distribution(name)
    except metadata.PackageNotFoundError:
        return Installed(name, "unknown", 0, (), "it is not installed as a package")
    if _is_editable(found):
        reason = "it runs from a source tree, which has no RECORD"
        return Installed(name, found.version, 0, (), reason)
    listed = [
        file
        for file in found.files or []
        # Start-up scripts outside the packages are written anew by each installer.
        if file.hash is not None and file.parts[:1] != ("..",)
    ]
    if not listed:
        return Installed(name, found.version, 0, (), "it has no RECORD with digests")
    altered = [str(file) for file in listed if not _is_as_recorded(file)]
    if name == DISTRIBUTION:
        altered += _unlisted(found)
    named = tuple(altered[:_MAX_NAMED])
    return Installed(name, found.version, len(listed), named)


def requirements() -> list[str]:
    """Return the names of the distributions this one needs here, directly or not."""
    seen: set[str] = set()
    waiting = [DISTRIBUTION]
    while waiting:
        name = waiting.pop()
        try:
            needs = metadata.distribution(name).requires or []
        except metadata.PackageNotFoundError:
            continue  # told as "not installed" by its own check
        for need in needs:
            marker = need.partition(";")[2]
            if "extra ==" in marker:
                continue
            other = _name(need)
            if marker and not _is_here(other):
                continue  # for another platform or another Python
            if other not in seen:
                seen.add(other)
                waiting.append(other)
    return sorted(seen - {DISTRIBUTION})


def platform_facts() -> dict[str, str]:
    """Return what the tool runs on; no host or user names."""
    return {
        "machine": platform.machine(),
        "openssl": ssl.OPENSSL_VERSION,
        "python": f"{platform.python_implementation()} {platform.python_version()}",
        "system": f"{platform.system()} {platform.release()}",
    }


def _is_here(name: str) -> bool:
    try:
        metadata.distribution(name)
    except metadata.PackageNotFoundError:
        return False
    return True


def _name(requirement: str) -> str:
    name = requirement
    for stop in ";<>=!~[( ":
        name = name.partition(stop)[0]
    return name.strip().lower().replace("_", "-").replace(".", "-")


def _is_editable(found: Distribution) -> bool:
    text = found.read_text("direct_url.json")
    if text is None:
        return False
    try:
        value = json.loads(text)
    except ValueError:
        return False
    told = value.get("dir_info") if isinstance(value, dict) else None
    return isinstance(told, dict) and told.get("editable") is True


def _unlisted(found: Distribution) -> list[str]:
    """Return program files in this project's packages that RECORD does not name."""
    known = {str(file) for file in found.files or []}
    base = Path(str(found.locate_file("")))
    return [
        name
        for package in _PACKAGES
        for path in sorted((base / package).rglob("*"))
        if path.suffix in _PROGRAM
        and (name := path.relative_to(base).as_posix()) not in known
    ]


def _is_as_recorded(file: PackagePath) -> bool:
    told = file.hash
    if told is None or told.mode in _WEAK:
        return False
    try:
        data = Path(str(file.locate())).read_bytes()
        digest = hashlib.new(told.mode, data).digest()
    except (OSError, ValueError):
        return False
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode("ascii") == told.value
