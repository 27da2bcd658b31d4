"""What the verbs on retention, holds, restrictions and erasure share."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cli import output

if TYPE_CHECKING:
    from collections.abc import Iterable

    from cli.session import Session
    from manifests.entries import Entry


def named(exhibits: Iterable[str]) -> tuple[str, ...]:
    """Return exhibit ids as the case writes them, each once."""
    return tuple(dict.fromkeys(name.upper() for name in exhibits))


def tell_recorded(session: Session, name: str, entry: Entry, *, waits: bool) -> None:
    """Say what was recorded, and whether it is in force."""
    from evidence.narration import describe

    if session.as_json:
        value = {
            "entry": entry.seq,
            "exhibits": list(entry.exhibits),
            "facts": entry.facts,
            "in_force": not waits,
        }
        output.emit_json(name, value)
        return
    output.say(f"Entry {entry.seq}: {describe(entry)}")
    if waits:
        output.say("It is NOT in force until a second person approves it:")
        output.say(f"  custody approve {entry.seq}")
