"""What tool acted, as entries and reports name it."""

from __future__ import annotations

import platform
from functools import cache
from importlib import metadata

from manifests.canonical import Json

DISTRIBUTION = "evidence-custody"


@cache
def version() -> str:
    """Return the installed version of the distribution, "unknown" without one."""
    try:
        return metadata.version(DISTRIBUTION)
    except metadata.PackageNotFoundError:
        return "unknown"


def tool_facts() -> dict[str, Json]:
    """Return name and version of the tool and what it runs on (no host names)."""
    return {
        "name": DISTRIBUTION,
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.machine()}",
        "version": version(),
    }
