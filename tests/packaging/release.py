"""What a release is: its packages, its two files, and what must not be in it."""

from __future__ import annotations

import tarfile
import zipfile
from dataclasses import dataclass
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
PACKAGES = ("cli", "evidence", "manifests")

# Files a careless release would carry away: beside the code and inside it.
STRAYS = (
    "case-key.pem",
    "notes.txt",
    ".env",
    "demo-case/custody.toml",
    "evidence/case-key.pem",
    "manifests/identity.key",
    "cli/signing.p12",
)


@dataclass(frozen=True, slots=True)
class Built:
    """One release: the two files, and the folder they were built from."""

    tree: Path
    sdist: Path
    wheel: Path

    def sdist_names(self) -> set[str]:
        """Files of the sdist, without its top folder."""
        with tarfile.open(self.sdist) as archive:
            return {name.partition("/")[2] for name in archive.getnames()}

    def wheel_names(self) -> set[str]:
        """Files of the wheel."""
        with zipfile.ZipFile(self.wheel) as archive:
            return set(archive.namelist())
