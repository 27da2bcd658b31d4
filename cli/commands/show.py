"""`custody show`: one exhibit; its sealed details, once the look is recorded."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

import click

from cli import output
from cli.consulting import consult_first, consulting_options
from cli.session import Session, session_options

if TYPE_CHECKING:
    from evidence.case import Case
    from evidence.overview import ExhibitView, Overview
    from manifests.canonical import Json

_MAX_CELL = 160


@click.command(name="show")
@click.argument("exhibit", metavar="EX-0001")
@click.option(
    "--records",
    type=click.IntRange(min=0),
    default=20,
    show_default=True,
    help="With --sealed: inventory records to list (0 for none).",
)
@click.option(
    "--sealed",
    "with_sealed",
    is_flag=True,
    help="Show sealed details, notes and inventory, too.",
)
@consulting_options
@session_options
@click.pass_obj
def command(session: Session, exhibit: str, records: int, with_sealed: bool) -> None:
    """Show an exhibit: its public facts; no key is needed.

    With --sealed also descriptions, paths, notes and the first records of the
    inventory. That is a consultation: it needs a key, --purpose and --because, and is
    recorded before anything is shown. Use it where others cannot read along.
    """
    from evidence.overview import overview

    case = session.open_case()
    found = public_exhibit(case, exhibit)
    if not with_sealed:
        _show_public(session, case, found)
        return
    consult_first(
        session, case, "exhibit", exhibits=(found.id,), facts={"records": records}
    )
    view, _ = overview(case)
    found = view.exhibit(exhibit)
    if session.as_json:
        _as_json(case, view, found, records)
        return
    _facts(found)
    erased = _erased(case, found)
    _tell_erased(erased)
    _labels(case, found)
    _sealed(found)
    _notes(view, found)
    if records and not erased:
        _records(case, found, records)
    for problem in view.problems:
        output.tell(f"Warning: {problem}")


def public_exhibit(case: Case, wanted: str) -> ExhibitView:
    """Return one exhibit from its entry alone; nothing sealed is opened."""
    from evidence.errors import ExhibitUnknownError
    from evidence.overview import ExhibitView
    from manifests.entries import EntryType

    name = wanted.upper()
    for entry in case.entries():
        if entry.type == EntryType.ACQUIRE and entry.exhibits[:1] == (name,):
            return ExhibitView(name, entry, {})
    raise ExhibitUnknownError(exhibit=wanted)


def _show_public(session: Session, case: Case, found: ExhibitView) -> None:
    if session.as_json:
        value = {**_described(case, found), "sealed": None}
        output.emit_json("show", value)
        return
    _facts(found)
    _tell_erased(_erased(case, found))
    _labels(case, found)
    if not session.quiet:
        output.tell("Sealed details are shown with --sealed, which is recorded.")


def _inventory(case: Case, found: ExhibitView, count: int) -> list[dict[str, Json]]:
    """Return the first `count` records."""
    from evidence.case import unreadable
    from evidence.inventory import read_records

    try:
        return list(islice(read_records(case.open_inventory(found.id)), count))
    except OSError as error:
        raise unreadable(f"The inventory of {found.id}", error) from error


def _as_json(case: Case, view: Overview, found: ExhibitView, records: int) -> None:
    erased = _erased(case, found)
    notes = [
        {"entry": n.entry.seq, "kind": n.kind, "text": n.text}
        for n in view.notes
        if found.id in n.entry.exhibits
    ]
    output.emit_json(
        "show",
        {
            **_described(case, found),
            "sealed": found.sealed,
            "notes": notes,
            "records": [] if erased else _inventory(case, found, records),
        },
    )


def _erased(case: Case, found: ExhibitView) -> dict[str, Json] | None:
    """Return who erased it, when and why; None when it was not erased."""
    from evidence.retention.register import register_of

    stone = register_of(case).erased(found.id)
    if stone is None:
        return None
    return {
        "entry": stone.entry.seq,
        "time": stone.entry.time,
        "actor": stone.entry.actor,
        "reason": stone.reason,
        "ground": stone.ground or None,
    }


def _tell_erased(erased: dict[str, Json] | None) -> None:
    if erased is not None:
        pairs = [(name, str(value)) for name, value in erased.items()]
        output.title("ERASED: of the content nothing is left; the digests remain")
        output.fields(pairs)


def _described(case: Case, found: ExhibitView) -> dict[str, object]:
    """Return the public part of the JSON object."""
    return {
        "exhibit": found.id,
        "entry": found.entry.seq,
        "time": found.entry.time,
        "actor": found.entry.actor,
        "authority": found.entry.body.get("authority"),
        "facts": found.facts,
        "labels": _label_pairs(case, found),
        "erased": _erased(case, found),
    }


def _facts(found: ExhibitView) -> None:
    from evidence.narration import (
        describe_basis,
        kind_text,
        size_text,
        summary_pairs,
    )

    payload, inventory = found.facts.get("payload"), found.facts.get("inventory")
    pairs = [("acquired", found.entry.time), ("entry", str(found.entry.seq))]
    if isinstance(payload, dict):
        count = payload.get("bytes")
        size = size_text(count) if isinstance(count, int) else ""
        pairs.append(("payload", f"{payload.get('name')}, {size}"))
        pairs.append(("sha256", str(payload.get("sha256"))))
    if isinstance(inventory, dict):
        records, root = inventory.get("records"), inventory.get("root")
        pairs.append(("inventory", f"{records} records, root {root}"))
    pairs += [(name.lower(), text) for name, text in summary_pairs(found.facts)]
    ground = found.entry.body.get("authority")
    pairs.append(("ground", f"{ground or 'none'}.{describe_basis(found.facts)}"))
    output.title(f"{found.id}  {kind_text(found.facts)}")
    output.fields(pairs)


def _sealed(found: ExhibitView) -> None:
    from evidence.narration import label, value_text

    output.title("Sealed details")
    output.fields(
        [
            (label(name).lower(), value_text(value))
            for name, value in found.sealed.items()
            if name != "salt" and value not in ("", [], {}, None)
        ]
    )


def _label_pairs(case: Case, found: ExhibitView) -> list[tuple[str, str]]:
    """Return what is in force on the exhibit and on its records."""
    from evidence.labels.history import in_force, marks, value_text

    return [
        (f"{mark.axis} of {subject}", value_text(mark))
        for subject, axes in sorted(in_force(marks(case.entries())).items())
        if subject.exhibit == found.id
        for mark in axes.values()
    ]


def _labels(case: Case, found: ExhibitView) -> None:
    pairs = _label_pairs(case, found)
    if pairs:
        output.title("Labels in force")
        output.fields(pairs)


def _notes(view: Overview, found: ExhibitView) -> None:
    notes = [note for note in view.notes if found.id in note.entry.exhibits]
    if not notes:
        return
    output.title("Notes")
    for note in notes:
        text = note.text if note.text is not None else "(sealed record not available)"
        output.fields([(f"{note.kind}, entry {note.entry.seq}", text)])


def _records(case: Case, found: ExhibitView, count: int) -> None:
    from evidence.narration import value_text

    output.title(f"Inventory (first {count} records)")
    for record in _inventory(case, found, count):
        kind = str(record.pop("kind", "record"))
        record.pop("salt", None)
        cells = [
            f"{name}={value_text(value, grouped=False)}"
            for name, value in record.items()
            if value not in (None, "", [], {})
        ]
        text = "; ".join(cells)
        output.fields([(kind, text if len(text) <= 2000 else text[:2000] + "...")])
