"""Parts of a report's model that depend on its variant, its length and its pictures."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class VariantLine:
    """Which variant a report is.

    Attributes:
        name: as given to ``--variant``; "" for a report made of single options.
        title: in words, for the cover; says: what it is for.
        hidden: names of the parts it withholds (`evidence.report.variants`).
        log: the public log and what belongs to it may travel inside the PDF.
    """

    name: str = ""
    title: str = ""
    says: str = ""
    hidden: tuple[str, ...] = ()
    log: bool = True


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of time in which one side had an exhibit.

    Attributes:
        kind: held, offered, informal or gap.
        start, end: UTC, RFC 3339; end is "" while it lasts.
        holder: pseudonym, alias or number of the hand-over.
    """

    kind: str
    start: str
    end: str
    holder: str


@dataclass(frozen=True, slots=True)
class Track:
    """Exhibits with one and the same history, and that history in order."""

    exhibits: tuple[str, ...]
    spans: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class LongList:
    """A list too long to be printed: what is printed of it, and the file with it all.

    Attributes:
        name: ``custody``, ``access``, ``labels`` or ``not-acquired``.
        rows: in all; printed: of them in full.
        counts: (words, number) of each kind.
        first, last: times of the first and the last row, "" without times.
        file: name of the attachment; sha256: of its bytes, 64 hex digits.
    """

    name: str
    rows: int
    printed: int
    counts: tuple[tuple[str, int], ...]
    first: str
    last: str
    file: str
    sha256: str


@dataclass(frozen=True, slots=True)
class LossLine:
    """An item of presumed harm or proceeds.

    Attributes:
        number: ``HA-0001`` or ``PC-0001``.
        amount, currency: decimal text and ISO 4217 code; "" when not stated.
        texts: label and text pairs, in order.
    """

    number: str
    entry: int
    time: str
    author: str
    exhibits: tuple[str, ...]
    amount: str
    currency: str
    texts: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Losses:
    """Harm and proceeds as far as the report shows them.

    Attributes:
        counts: (words, number); lines: None when only the numbers are printed.
        totals: (words, amount, currency), nothing converted.
        unread: what could not be read, one sentence each.
    """

    counts: tuple[tuple[str, int], ...] = ()
    lines: tuple[LossLine, ...] | None = None
    totals: tuple[tuple[str, str, str], ...] = ()
    unread: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Persons:
    """The register of persons as far as the report shows it.

    Attributes:
        count: persons registered, staff among them.
        lines: (pseudonym, category in words, pseudonym it was merged into or "");
            None when only their number is printed.
    """

    count: int = 0
    lines: tuple[tuple[str, str, str], ...] | None = None


@dataclass(frozen=True, slots=True)
class Thumbnail:
    """A picture as a few cells of one colour each.

    Attributes:
        cells: six hex digits (sRGB) a cell, row by row from the top; "" where the
            picture was refused, then `problem` says why.
    """

    exhibit: str
    columns: int
    rows: int
    cells: str
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Extras:
    """What `model.Report` carries beside the record itself.

    Attributes:
        contact: whom a victim can ask, in the issuer's words.
        template: name of the certification's template.
    """

    variant: VariantLine = VariantLine()
    timeline: tuple[Track, ...] = ()
    lists: tuple[LongList, ...] = ()
    losses: Losses = Losses()
    persons: Persons = Persons()
    thumbnails: tuple[Thumbnail, ...] = ()
    contact: str = ""
    template: str = "general"


NONE = Extras()
