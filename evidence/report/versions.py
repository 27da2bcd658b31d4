"""Which versions of this tool and of its libraries decide a report's bytes."""

from __future__ import annotations

import zlib
from importlib.metadata import version as installed

from evidence.tool import DISTRIBUTION, version

_LIBRARIES = ("pikepdf", "reportlab", "uharfbuzz")


def libraries() -> tuple[tuple[str, str], ...]:
    """Return (name, version) pairs, by name: same pairs and model, same bytes."""
    found = {name: installed(name) for name in _LIBRARIES}
    found[DISTRIBUTION] = version()
    found["zlib"] = zlib.ZLIB_RUNTIME_VERSION
    return tuple(sorted(found.items()))
