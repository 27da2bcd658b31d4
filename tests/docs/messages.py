"""Writes the template of the report's catalogues from the code (`make messages`).

The template has no dates and no line numbers: the same sentences give the same bytes.
"""

from __future__ import annotations

import io
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import write_po

ROOT = Path(__file__).parents[2]
REPORT = ROOT / "evidence" / "report"
TEMPLATE = REPORT / "locale" / "report.pot"
# Column titles are translated where a table is drawn, so `Column` marks them, too.
KEYWORDS = {"_": None, "N_": None, "plural": (1, 2), "Column": None}


def extracted() -> Catalog:
    """Return the sentences of the report in the order of the code."""
    catalogue = Catalog(project="custody report", charset="utf-8", fuzzy=False)
    found = extract_from_dir(
        REPORT,
        method_map=[("**.py", "python")],
        options_map={"**.py": {"encoding": "utf-8"}},
        keywords=KEYWORDS,
    )
    rows = sorted(
        ((name, line, message) for name, line, message, *_ in found),
        key=lambda row: row[:2],
    )
    from evidence.report.phrases import COUNTED

    rows += [("phrases.py", 0, pair) for pair in COUNTED]
    for name, _line, message in rows:
        words = message if isinstance(message, str) else "".join(message)
        if any(char.isalpha() for char in words):
            catalogue.add(message, locations=[(name, 0)])
    return catalogue


def template() -> bytes:
    """Return the bytes the template has to have."""
    stream = io.BytesIO()
    write_po(stream, extracted(), width=88, omit_header=True, include_lineno=False)
    return stream.getvalue()


if __name__ == "__main__":
    TEMPLATE.write_bytes(template())
