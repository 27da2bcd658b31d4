"""From the tables of `evidence.conformity` to the lines of the report."""

from __future__ import annotations

from typing import TYPE_CHECKING

from evidence.report.model import CheckLine, CheckTable

if TYPE_CHECKING:
    from evidence.case import Case
    from evidence.checking import Checked
    from evidence.conformity.model import Table


def check_tables(
    case: Case, checked: Checked, names: tuple[str, ...], at: str
) -> tuple[CheckTable, ...]:
    """Return the comparisons asked for, as of `at` (to the end of its second)."""
    if not names:
        return ()
    from evidence.conformity.catalogues import tables

    found = tables(case, checked, names, at=f"{at[:19]}.999999Z")
    return tuple(_table(table) for table in found)


def _table(table: Table) -> CheckTable:
    from evidence.conformity.model import NO_ADVICE

    return CheckTable(
        name=table.catalogue.name,
        source=table.catalogue.source,
        note=table.catalogue.note,
        statement=NO_ADVICE,
        counts=", ".join(f"{n} {word}" for word, n in table.counts.items()),
        lines=tuple(
            CheckLine(
                article=line.duty.article,
                duty=line.duty.text,
                outcome=line.answer.outcome.value,
                why=line.answer.why,
                proof=line.proof,
            )
            for line in table.lines
        ),
    )
