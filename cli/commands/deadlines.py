"""`custody deadlines`: what falls due, computed from recorded facts."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cli import output
from cli.moments import time_to_compare
from cli.session import Session, session_options
from cli.writing_out import check_target, write_out

if TYPE_CHECKING:
    from evidence.authority.deadline import Deadline

DUE = 4
_WINDOW = re.compile(r"(\d{1,5})([hd])", re.ASCII)
_ALARMING = ("passed", "due")


@click.command(name="deadlines")
@click.option("--at", metavar="TIME", help="Time to compare with (default: now).")
@click.option(
    "--within",
    default="48h",
    show_default=True,
    metavar="PERIOD",
    help="Window that counts as due: hours or days, e.g. 12h or 7d.",
)
@click.option("--timezone", help="Show times in this IANA zone, too, e.g. Europe/Rome.")
@click.option(
    "--ical",
    "target",
    type=click.Path(path_type=Path),
    help="Write the open ones as an iCalendar file (RFC 5545).",
)
@session_options
@click.pass_obj
def command(
    session: Session,
    at: str | None,
    within: str,
    timezone: str | None,
    target: Path | None,
) -> int:
    """List what falls due: production, preservation, validation, breach, and others.

    Computed from recorded facts, in UTC; nothing is asked and nothing is written to
    the case. Ended ones are listed as met or over.

    \b
    EXIT STATUS
      0 nothing is due within the window   4 something is due, has passed, or lacks
        the fact its time is computed from
    """
    from evidence.authority.calendar import calendar
    from evidence.authority.deadlines import deadlines
    from evidence.zones import check_timezone

    check_timezone(timezone)
    if target is not None:
        check_target(target)
    ahead = window(within)
    case = session.open_case()
    entries = list(case.entries())
    now = time_to_compare(entries, at)
    found = deadlines(entries)
    if target is not None:
        write_out(target, calendar(found, origin=case.settings.origin, now=now))
    states = [line.status(now, ahead) for line in found]
    alarm = any(state in (*_ALARMING, "unknown") for state in states)
    if session.as_json:
        lines = [_as_json(line, state) for line, state in _with(found, states)]
        value = {"at": now, "within": within, "deadlines": lines, "alarm": alarm}
        output.emit_json("deadlines", value)
    else:
        _show(found, states, timezone)
    return DUE if alarm else 0


def window(text: str) -> timedelta:
    """Return a period: hours or days, e.g. 12h or 7d."""
    match = _WINDOW.fullmatch(text)
    if match is None:
        raise click.UsageError("--within takes hours or days, e.g. 48h or 7d.")
    count = int(match[1])
    return timedelta(hours=count) if match[2] == "h" else timedelta(days=count)


def _with(found: list[Deadline], states: list[str]) -> list[tuple[Deadline, str]]:
    return list(zip(found, states, strict=True))


def _as_json(line: Deadline, state: str) -> dict[str, object]:
    return {
        "id": line.id,
        "about": line.about,
        "title": line.title,
        "due": line.due or None,
        "status": state,
        "law": line.law,
        "after": line.after,
        "rule": line.rule,
        "met": line.met or None,
    }


def _show(found: list[Deadline], states: list[str], timezone: str | None) -> None:
    if not found:
        output.say("Nothing recorded in this case has a deadline.")
        return
    rows = [
        [_state(state), _shown(line.due, timezone), line.about, line.title]
        for line, state in _with(found, states)
    ]
    output.table(["state", "due", "about", "what"], rows)
    for line, state in _with(found, states):
        if state in _ALARMING or state == "unknown":
            output.title(f"{line.about}: {line.title}")
            output.fields(
                [("law", line.law), ("then", line.after), ("computed", line.rule)]
            )


def _state(state: str) -> str:
    return state.upper() if state in _ALARMING else state


def _shown(due: str, timezone: str | None) -> str:
    from evidence.authority.register import moment

    if not due:
        return "its beginning is not recorded"
    text = f"{due[:19]}Z"
    if timezone is None:
        return text
    from zoneinfo import ZoneInfo

    local = moment(due).astimezone(ZoneInfo(timezone))
    return f"{text} ({local:%Y-%m-%d %H:%M} {timezone})"
