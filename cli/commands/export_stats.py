"""`custody export stats`: yearly counts that name nobody."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cli import output
from cli.session import Session, session_options
from cli.writing_out import check_target, output_option, write_out

if TYPE_CHECKING:
    from evidence.statistics.suppression import Population

_LEAST = 3  # a smaller threshold suppresses too little to protect anybody


@click.command(name="stats")
@click.option("--year", type=click.IntRange(2000, 2999), help="Only that year.")
@click.option(
    "--threshold",
    type=click.IntRange(min=_LEAST),
    default=5,
    show_default=True,
    help="Smaller counts are suppressed, and others so that they cannot be computed.",
)
@click.option(
    "--with",
    "others",
    multiple=True,
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="Another case to be counted, too (repeatable).",
)
@output_option("File to write (default: print).", required=False)
@click.option(
    "--format", "form", type=click.Choice(["csv", "json"]), default="csv", help="Form."
)
@session_options
@click.pass_obj
def stats(
    session: Session,
    year: int | None,
    threshold: int,
    others: tuple[Path, ...],
    target: Path | None,
    form: str,
) -> None:
    """Count instruments, exhibits, disclosures and referrals of each year.

    From the public part of the log; no key is needed. Counts below the threshold are
    suppressed, and as many others as it takes. Do not hand out two exports of nearly
    the same entries: their difference may tell what each of them hides.
    """
    from evidence.case import open_case
    from evidence.statistics.counting import Statistics

    if target is not None:
        check_target(target)
    counted = Statistics()
    cases = {path.resolve(): path for path in (session.case_path(), *others)}
    origins: set[str] = set()
    for path in cases.values():
        case = open_case(path)
        if case.settings.origin not in origins:  # a copy is not counted again
            counted.take(list(case.entries()))
        origins.add(case.settings.origin)
    wanted = counted.years() if year is None else [f"{year:04d}"]
    shown = {name: counted.shown(name, threshold=threshold) for name in wanted}
    as_json = form == "json" or session.as_json
    text = _json(shown, threshold) if as_json else _csv(shown, threshold)
    if target is None:
        output.already_visible(text)
        return
    write_out(target, text.encode("utf-8"))
    if session.as_json:
        output.emit_json("stats-file", {"file": str(target), "years": wanted})
    else:
        output.say(f"Written: {target}.")


def _json(shown: dict[str, dict[str, Population]], threshold: int) -> str:
    years = {
        year: {
            name: {
                "total": found.total,
                "withheld": found.withheld,
                "tables": found.tables,
            }
            for name, found in populations.items()
        }
        for year, populations in shown.items()
    }
    value = {"schema": "custody.stats/1", "threshold": threshold, "years": years}
    return json.dumps(value, ensure_ascii=True) + "\n"


def _csv(shown: dict[str, dict[str, Population]], threshold: int) -> str:
    from evidence.access.tables import to_csv

    rows: list[tuple[str, ...]] = []
    for year, populations in shown.items():
        for name, found in populations.items():
            rows.append((year, name, "total", "", _count(found.total)))
            for table, cells in found.tables.items():
                rows += [
                    (year, name, table, label, _count(count))
                    for label, count in cells.items()
                ]
    header = ("year", "what", "by", "value", "count")
    return to_csv(header, rows, [("threshold", str(threshold))])


def _count(count: int | None) -> str:
    return "suppressed" if count is None else str(count)
