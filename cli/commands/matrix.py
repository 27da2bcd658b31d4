"""`custody matrix`: what supports and contradicts what."""

from __future__ import annotations

import click

from cli import output
from cli.consulting import consult_first, consulting_options
from cli.session import Session, session_options

INCOMPLETE = 3


@click.command(name="matrix")
@consulting_options
@session_options
@click.pass_obj
def command(session: Session) -> int:
    """Show the corroboration matrix: items by passages by presumed elements.

    It counts links that persons made, for and against. It weighs nothing. The links
    are sealed: showing them is a consultation and recorded first.

    \b
    EXIT STATUS
      0 all links were read   3 some could not be (withheld, erased or damaged)
    """
    from evidence.casework.links import links
    from evidence.casework.matrix import CAVEAT, matrix

    case = session.open_case()
    consult_first(session, case, "matrix")
    found = matrix(*links(case, case.entries()))
    code = INCOMPLETE if found.unread else 0
    if session.as_json:
        value = {
            "rows": [
                {
                    "item": row.item,
                    "passage": row.passage,
                    "element": row.element,
                    "detail": row.detail,
                    "supports": row.supports,
                    "contradicts": row.contradicts,
                    "tags": row.tags,
                    "entries": row.entries,
                }
                for row in found.rows
            ],
            "totals": [
                {"element": element, "relation": relation, "links": count}
                for (element, relation), count in found.totals.items()
            ],
            "disputed": found.disputed,
            "without": found.without,
            "unread": found.unread,
            "caveat": CAVEAT,
        }
        output.emit_json("matrix", value)
        return code
    rows = [
        (
            row.item,
            row.passage or "-",
            f"{row.element}.{row.detail}" if row.detail else row.element,
            str(row.supports),
            str(row.contradicts),
            ", ".join(row.tags),
        )
        for row in found.rows
    ]
    header = ("item", "passage", "presumed element", "for", "against", "tags")
    output.table(header, rows)
    if found.disputed:
        output.say(f"For and against: {', '.join(found.disputed)}.")
    if found.without:
        output.say(f"No link supports: {', '.join(found.without)}.")
    output.tell(CAVEAT)
    if found.unread:
        output.tell(f"INCOMPLETE: {found.unread} link(s) could not be read.")
    return code
