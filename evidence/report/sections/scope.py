"""How to read the report, the case and its legal basis, persons."""

from __future__ import annotations

from typing import TYPE_CHECKING

from evidence.report import style as st
from evidence.report.chapters import Chapter, with_numbers
from evidence.report.i18n import ENGLISH, N_, _, current, number, plural
from evidence.report.retelling import role, told, who
from evidence.report.sections import consents, legal, registered, retention
from evidence.report.sections.parts import digest, digest_cell, pairs
from evidence.report.tables import Column, Table
from evidence.report.words import (
    NONE_RECORDED,
    NOT_SHOWN,
    NOT_STATED,
    exhibits_there,
    issuer,
    person,
    when,
)

if TYPE_CHECKING:
    from evidence.report.model import Report
    from evidence.report.page import Flow
    from evidence.report.tables import Cell

_TIME_WIDTH = 28 * st.MM
_SCOPE = N_(
    "This report sets out what the case's manifest records about each exhibit: how it "
    "was acquired, who held and examined it, on what legal ground, and whether the "
    "record and the exhibits verified when the report was made. The manifest is an "
    "append-only sequence of signed entries; every entry is bound to the one before "
    "it, and a signed checkpoint fixes their number and order."
)
_READING = (
    N_(
        "Digests are printed in full, in groups of eight characters for reading aloud "
        "and comparing; the gaps between the groups are not part of the digest."
    ),
    N_(
        "Times are in Coordinated Universal Time (UTC) as recorded. The clock that "
        "gave them is that of the recording computer unless a time stamp says "
        "otherwise."
    ),
    N_(
        "Facts and assessments stand in separate chapters ({facts} and {assessments}). "
        "A fact is what somebody states to have done or observed; an assessment is an "
        "opinion."
    ),
    N_(
        "Text from evidence is printed, never obeyed. A character that cannot be "
        "shown, or that could hide or reorder others, is spelled out between angle "
        "quotes with its Unicode number, for example {hidden}."
    ),
    N_(
        "“PASS”, “FAIL” and “NOT CHECKED” are the only three results. “Not checked” is "
        "neither good nor bad: nobody looked, or nothing was there to look at."
    ),
    N_(
        "A coloured bar and the word GAP mark a place in the custody table where the "
        "record says nothing about a stretch of time or a hand-over has only one side."
    ),
    N_(
        "Words with a fixed meaning are explained in the glossary (chapter {glossary})."
    ),
)

_IN_ENGLISH = N_(
    "What persons wrote stands as they wrote it, names of laws and the wording of a "
    "certification by a law in their own language, and technical reasons why a "
    "structure cannot be read, as any sentence this translation lacks, in English. "
    "Digests, numbers, codes, commands and times are the same in every language."
)


def draw(flow: Flow, report: Report) -> None:
    """Draw the chapters."""
    flow.chapter(Chapter.SCOPE)
    flow.paragraph(_(_SCOPE))
    flow.paragraph(
        _(
            "It covers {entries} and {exhibits}, up to the checkpoint on the cover. It "
            "was made with {tool}.",
            entries=plural("{count} entry", "{count} entries", report.size),
            exhibits=exhibits_there(report, "exhibit"),
            tool=report.tool,
        )
    )
    flow.bullets(with_numbers(line, report, hidden="\u202e") for line in _READING)
    if current().code != ENGLISH:
        flow.paragraph(_(_IN_ENGLISH), st.NOTE)
    _case(flow, report)
    consents.draw(flow, report)
    retention.draw(flow, report)
    _persons(flow, report)


def _case(flow: Flow, report: Report) -> None:
    flow.chapter(Chapter.CASE)
    rows: list[tuple[str, Cell]] = [
        (
            _("Case reference"),
            report.case_id if report.case_id is not None else _(NOT_SHOWN),
        ),
        (_("Title"), report.title if report.title is not None else _(NOT_SHOWN)),
        (_("Opened"), when(report.opened_at)),
        (_("Opened by"), person(report.founder)),
        (_("Profile"), told(report.profile)),
        (_("Log origin"), report.origin),
        (_("Entries covered"), number(report.size)),
        (_("Root over these entries"), digest(flow, report.root)),
        (_("Report"), report.report_id),
        (_("Issued by"), issuer(report)),
        (_("Supersedes"), report.supersedes or _("no earlier report")),
        (_("Classification"), report.classification or _(NOT_STATED)),
    ]
    pairs(flow, rows)
    legal.draw(flow, report)


def _persons(flow: Flow, report: Report) -> None:
    flow.chapter(Chapter.PERSONS)
    flow.paragraph(
        _(
            "Everybody whose key appears in the case. A key id is the SHA-256 digest "
            "of the public key. The manifest proves which key signed; that a key "
            "belongs to the person named is a statement of the record, to be confirmed "
            "from outside."
        )
    )
    columns = (
        Column("Name", 42 * st.MM, st.CELL_BOLD),
        Column("Role", 28 * st.MM),
        Column("Organisation", st.TEXT_WIDTH - 126 * st.MM),
        Column("Key id", 56 * st.MM),
    )
    if not report.people:
        flow.paragraph(_(NONE_RECORDED))
        return
    table = Table(flow, columns)
    for someone in report.people:
        name: Cell = who(someone.name) if someone.name is not None else ""
        if someone.name is None:
            name = table.block(_(NOT_SHOWN), st.CELL.coloured(st.GREY), column=0)
        table.row(
            (
                name,
                role(someone.role) or _(NOT_STATED),
                someone.organisation or _(NOT_STATED),
                digest_cell(flow, someone.key),
            )
        )
    flow.y -= 8
    registered.draw(flow, report)
