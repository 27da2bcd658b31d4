"""`custody export`: what others' programs, authorities and courts get from a case."""

from __future__ import annotations

import click

from cli.commands.export_court_bundle import court_bundle
from cli.commands.export_led_log import led_log
from cli.commands.export_lists import case_uco, csv_table, dfxml, hashdeep
from cli.commands.export_stats import stats
from cli.session import session_options


@click.group(name="export")
@session_options
def command() -> None:
    """Lists and counts for others; each says what is in it."""


for _kind in (led_log, stats, case_uco, csv_table, dfxml, hashdeep, court_bundle):
    command.add_command(_kind)
