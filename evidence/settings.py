"""The settings of a case, ``custody.toml``; they are not evidence."""

from __future__ import annotations

import os
import re
import tomllib
from dataclasses import dataclass
from pathlib import Path

from evidence.addresses import StampAuthority, read_authorities, to_toml
from evidence.errors import CaseUnreadableError, NotACaseError
from manifests.entries import FORMAT_VERSION
from manifests.errors import CustodyError, NewerFormatError

SETTINGS = "custody.toml"
PROFILES = ("police", "ngo")
_ORIGIN = re.compile(r"[a-z0-9.\-]+(/[a-z0-9.\-]+)*")


@dataclass(frozen=True, slots=True)
class Settings:
    """What ``custody.toml`` holds; never evidence."""

    origin: str
    profile: str
    authorities: tuple[StampAuthority, ...] = ()

    def to_text(self) -> str:
        """The file's content."""
        return (
            "# Settings of this case. They are not evidence: the manifest is.\n"
            f"format = {FORMAT_VERSION}\n"
            f'origin = "{self.origin}"\n'
            f'profile = "{self.profile}"\n'
            f"{to_toml(self.authorities)}"
        )


def unreadable(what: str, error: OSError) -> CaseUnreadableError:
    """Return the error for a part of the case that cannot be read."""
    reason = os.strerror(error.errno) if error.errno else type(error).__name__
    return CaseUnreadableError(what=what, reason=reason)


def read_settings(path: Path) -> Settings:
    """Read the settings of the case at `path`.

    Raises:
        NotACaseError: there is no case there.
        NewerFormatError: it was written by a newer version.
    """
    try:
        if not (path / SETTINGS).is_file() and os.path.lexists(path / SETTINGS):
            reason = f"its {SETTINGS} is not a file"
            raise NotACaseError(path=str(path), reason=reason)
        settings = tomllib.loads((path / SETTINGS).read_text("utf-8"))
    except FileNotFoundError as error:
        there = os.path.lexists(path)
        reason = f"it has no {SETTINGS}" if there else "there is nothing of that name"
        raise NotACaseError(path=str(path), reason=reason) from error
    except NotADirectoryError as error:
        raise NotACaseError(path=str(path), reason="it is a file") from error
    except OSError as error:
        raise unreadable(SETTINGS, error) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        reason = f"its {SETTINGS} is damaged"
        raise NotACaseError(path=str(path), reason=reason) from error
    version, origin = settings.get("format"), settings.get("origin")
    if not isinstance(version, int) or not isinstance(origin, str):
        reason = f"its {SETTINGS} lacks format or origin"
        raise NotACaseError(path=str(path), reason=reason)
    if version > FORMAT_VERSION:
        raise NewerFormatError(what="the case", found=version, known=FORMAT_VERSION)
    if not _ORIGIN.fullmatch(origin):
        raise NotACaseError(path=str(path), reason="its origin is not well formed")
    try:
        authorities = read_authorities(settings.get("timestamp_authority", []))
    except CustodyError as error:
        reason = f"its {SETTINGS} is not right: {error.what.rstrip('.')}"
        raise NotACaseError(path=str(path), reason=reason) from error
    profile = str(settings.get("profile", "police"))
    return Settings(origin, profile, authorities)


def is_among_evidence(target: Path) -> bool:
    """Tell whether `target` lies in a case, except in its folder of reports.

    Any case counts, not only the one at hand; links on the way are followed.
    """
    resolved = target.resolve()
    around = (resolved, *resolved.parents)
    cases = [folder for folder in around if os.path.lexists(folder / SETTINGS)]
    return any(folder / "reports" not in resolved.parents for folder in cases)
