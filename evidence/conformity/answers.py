"""How predicates answer: for each thing concerned, for axes, for what no case shows."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, TypeVar

from evidence.conformity.model import Answer, Outcome
from manifests.verifying.verdict import Axis, Status

if TYPE_CHECKING:
    from evidence.conformity.dossier import Dossier
    from manifests.entries import Entry

T = TypeVar("T")
MAX_TOLD = 6  # lacks spelled out in one row
FINE = ""
SEALED = "its sealed record is not available"


@dataclass(frozen=True, slots=True)
class Item(Generic[T]):
    """One thing a duty is about: how it is called, and the entries that tell of it."""

    label: str
    entries: tuple[int, ...]
    thing: T


def acts(entries: Iterable[Entry]) -> list[Item[Entry]]:
    """Return entries as items."""
    return [Item(f"entry {entry.seq}", (entry.seq,), entry) for entry in entries]


def met(why: str, entries: Iterable[int] = ()) -> Answer:
    """Answer that it is satisfied."""
    return Answer(Outcome.MET, why, _ordered(entries))


def missing(why: str, entries: Iterable[int] = ()) -> Answer:
    """Answer that something is missing."""
    return Answer(Outcome.MISSING, why, _ordered(entries))


def absent(why: str) -> Answer:
    """Answer that the duty does not apply."""
    return Answer(Outcome.NOT_APPLICABLE, why)


def unseen(why: str, entries: Iterable[int] = ()) -> Answer:
    """Answer that the case does not show it."""
    return Answer(Outcome.NOT_SHOWN, why, _ordered(entries))


def _ordered(entries: Iterable[int]) -> tuple[int, ...]:
    return tuple(sorted(set(entries)))


def each(
    items: Iterable[Item[T]],
    lack: Callable[[T], str | None],
    *,
    good: str,
    none: str,
) -> Answer:
    """Answer for every item at once: the worst one decides.

    Args:
        lack: what an item lacks, in words that follow its label; `FINE` for nothing,
            `SEALED` when that cannot be seen, None when the duty is not about it.
        good: why it is met; none: why it does not apply when it is about no item.
    """
    fine: list[int] = []
    hidden: list[int] = []
    lacks: list[tuple[Item[T], str]] = []
    for item in items:
        told = lack(item.thing)
        if told is None:
            continue
        if told == FINE:
            fine += item.entries
        elif told == SEALED:
            hidden += item.entries
        else:
            lacks.append((item, told))
    if lacks:
        text = "; ".join(f"{item.label}: {told}" for item, told in lacks[:MAX_TOLD])
        more = f"; and {len(lacks) - MAX_TOLD} more" if len(lacks) > MAX_TOLD else ""
        numbers = [number for item, _ in lacks for number in item.entries]
        return missing(f"{text}{more}.", numbers)
    if hidden:
        return unseen("Sealed records that would show it are not available.", hidden)
    return met(good, fine) if fine else absent(none)


def axes(dossier: Dossier, *wanted: Axis, good: str) -> Answer:
    """Answer by axes of the verdict: all have to pass."""
    names = tuple(axis.value for axis in wanted)
    found = {axis: dossier.verdict.axes[axis].status for axis in wanted}
    failing = [axis.value for axis, s in found.items() if s is Status.FAIL]
    open_ones = [axis.value for axis, s in found.items() if s is Status.NOT_CHECKED]
    if failing:
        why = f"The verification fails: {', '.join(failing)}. See 'custody verify'."
        return Answer(Outcome.MISSING, why, axes=names)
    if open_ones:
        return Answer(
            Outcome.NOT_SHOWN, f"Not checked: {', '.join(open_ones)}.", (), names
        )
    return Answer(Outcome.MET, good, axes=names)


def outside(why: str) -> Callable[[Dossier], Answer]:
    """Return a predicate for what is fulfilled outside of any case."""

    def judge(_dossier: Dossier) -> Answer:
        return unseen(why)

    return judge
