"""`custody export`: what others' programs and authorities get from a case."""

from __future__ import annotations

import click

from cli.commands.export_led_log import led_log
from cli.commands.export_stats import stats
from cli.session import session_options


@click.group(name="export")
@session_options
def command() -> None:
    """Lists and counts for others: no content of evidence is in them."""


for _kind in (led_log, stats):
    command.add_command(_kind)
