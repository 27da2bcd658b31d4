"""On which pages of a report an exhibit is named: for the page list of an index."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

_MOST_PAGES = 500  # beyond, reading the text of pages takes too long


def pages_of(
    report: Path, exhibits: Sequence[str]
) -> tuple[int | None, dict[str, tuple[int, ...]]]:
    """Return the number of pages, and for each exhibit those that name it, from 1.

    A PDF that cannot be read gives None, one that is very long no pages: an index says
    so, and nothing rests on it.
    """
    from pypdf import PdfReader

    found: dict[str, list[int]] = {name: [] for name in exhibits}
    try:
        with report.open("rb") as stream:
            reader = PdfReader(stream)
            count = len(reader.pages)
            if count <= _MOST_PAGES:
                for number, page in enumerate(reader.pages, 1):
                    for name in set(re.findall(r"EX-[0-9]{4,9}", page.extract_text())):
                        found.get(name, []).append(number)
    except Exception:  # noqa: BLE001 - any PDF; that it was not read is said
        return None, {}
    return count, {name: tuple(pages) for name, pages in found.items() if pages}
