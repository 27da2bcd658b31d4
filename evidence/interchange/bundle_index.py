"""The index of a court bundle: plain HTML without script, one tab an exhibit."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape

from evidence.narration import kind_text, size_text
from evidence.visible import visible
from manifests.entries import Entry
from manifests.verifying.expected import ExpectedExhibit

_STYLE = (
    "body{font-family:serif;margin:2em auto;max-width:60em;line-height:1.4}"
    "table{border-collapse:collapse;width:100%}"
    "th,td{border:1px solid #999;padding:.3em .5em;text-align:left;vertical-align:top}"
    "code{font-family:monospace;overflow-wrap:anywhere}"
)
# No script, no network: a browser that shows this page loads nothing else.
_POLICY = "default-src 'none'; style-src 'unsafe-inline'"


@dataclass(frozen=True, slots=True)
class Tab:
    """One exhibit in a bundle.

    Attributes:
        number: of the tab; 1 is the report.
        files: names in ``evidence/``; pages: of the report that name it.
    """

    number: int
    expected: ExpectedExhibit
    entry: Entry
    files: tuple[str, ...]
    pages: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Bundle:
    """What the index of a bundle tells.

    Attributes:
        entry: that records it as a disclosure; size: entries of the record in it.
        pages: of the report, None when it could not be read; issued: number of the
            entry that holds the report's digest, None when there is none.
    """

    origin: str
    entry: Entry
    tabs: tuple[Tab, ...]
    report_sha256: str
    pages: int | None
    issued: int | None
    size: int


def index_page(bundle: Bundle) -> bytes:
    """Return the page, UTF-8; the same bundle gives the same bytes."""
    facts = bundle.entry.facts
    rows = [
        ("Record", bundle.origin),
        ("Entries in the record", str(bundle.size)),
        ("Given under entry", f"{bundle.entry.seq} of {bundle.entry.time}"),
        ("To", str(facts.get("recipient"))),
        ("For", str(facts.get("purpose"))),
        ("Ground", str(bundle.entry.body.get("authority") or "none (overridden)")),
    ]
    parts = [
        "<!DOCTYPE html>\n",
        '<html lang="en"><head><meta charset="utf-8">',
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">',
        f"<title>Court bundle</title><style>{_STYLE}</style></head><body>\n",
        "<h1>Court bundle</h1>\n",
        _fields(rows),
        "<p>How to check it: <a href='VERIFY.txt'>VERIFY.txt</a>. ",
        "Digests of all files: <a href='SHA256SUMS'>SHA256SUMS</a>.</p>\n",
        _contents(bundle),
        _report(bundle),
        *(_tab(tab) for tab in bundle.tabs),
        "</body></html>\n",
    ]
    return "".join(parts).encode("utf-8")


def _contents(bundle: Bundle) -> str:
    rows = [("1", "Custody report", _count(bundle.pages), "#tab-1")]
    rows += [
        (
            str(tab.number),
            f"{tab.expected.id}, {kind_text(tab.entry.facts)}",
            _pages(tab.pages),
            f"#tab-{tab.number}",
        )
        for tab in bundle.tabs
    ]
    cells = "".join(
        f'<tr><td><a href="{link}">{_text(number)}</a></td><td>{_text(name)}</td>'
        f"<td>{_text(pages)}</td></tr>\n"
        for number, name, pages, link in rows
    )
    head = "<tr><th>Tab</th><th>What</th><th>Pages of the report</th></tr>"
    return f"<h2>Contents</h2>\n<table>{head}\n{cells}</table>\n"


def _report(bundle: Bundle) -> str:
    issued = f"entry {bundle.issued}" if bundle.issued is not None else "not entered"
    rows = [
        ("Pages", _count(bundle.pages)),
        ("SHA-256", bundle.report_sha256),
        ("In the record", issued),
    ]
    link = "<p><a href='report.pdf'>report.pdf</a></p>"
    return f'<h2 id="tab-1">Tab 1: custody report</h2>\n{link}{_fields(rows)}'


def _tab(tab: Tab) -> str:
    exhibit, facts = tab.expected, tab.entry.facts
    whole = "yes" if facts.get("complete") is True else "NO: see the report"
    rows = [
        ("Kind", kind_text(facts)),
        ("Acquired", f"entry {tab.entry.seq} of {tab.entry.time}"),
        ("Complete", whole),
        ("Payload", size_text(exhibit.payload_bytes)),
        ("SHA-256", exhibit.payload_sha256),
        ("Inventory", f"{exhibit.inventory_records} records"),
        ("Pages of the report", _pages(tab.pages)),
    ]
    files = "".join(
        f'<li><a href="evidence/{_text(name)}"><code>{_text(name)}</code></a></li>'
        for name in tab.files
    )
    head = f'<h2 id="tab-{tab.number}">Tab {tab.number}: {_text(exhibit.id)}</h2>'
    return f"{head}\n{_fields(rows)}<ul>{files}</ul>\n"


def _fields(rows: list[tuple[str, str]]) -> str:
    cells = "".join(
        f"<tr><th>{_text(name)}</th><td><code>{_text(value)}</code></td></tr>"
        for name, value in rows
    )
    return f"<table>{cells}</table>\n"


def _text(text: str) -> str:
    return escape(visible(text), quote=True)


def _count(pages: int | None) -> str:
    return "could not be counted" if pages is None else f"1-{pages}"


def _pages(pages: tuple[int, ...]) -> str:
    """Return page numbers as ranges: "3, 5-7"."""
    ranges: list[list[int]] = []
    for page in pages:
        if ranges and page == ranges[-1][1] + 1:
            ranges[-1][1] = page
        else:
            ranges.append([page, page])
    told = (str(a) if a == b else f"{a}-{b}" for a, b in ranges)
    return ", ".join(told) or "none found"
