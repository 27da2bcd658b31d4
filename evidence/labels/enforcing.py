"""What the gate of every disclosure and transfer asks: do the labels bar this?

A program can say that a label bars something; that everything is lawful it never says.
Labels that cannot be understood, purposes and recipients that are not stated, and
restrictions that only words express all refuse: a person decides then, and overrides
with a reason (`evidence.scope`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from evidence.case import Case
from evidence.labels.codes import Effect
from evidence.labels.history import Mark, in_force, marks
from evidence.labels.words import PURPOSES, RECIPIENTS
from evidence.scope import Refusal, Scope, Touch
from manifests.entries import Entry, EntryType

UNCLEAR = "LABEL_UNCLEAR"
PERMISSION = "LABEL_PERMISSION"
WORDS = "LABEL_RESTRICTED"
NOT_FOR = "LABEL_NOT_FOR"
ONLY_FOR = "LABEL_ONLY_FOR"
PURPOSE = "LABEL_PURPOSE_UNSTATED"
ONLY_TO = "LABEL_ONLY_TO"


def refusals(
    case: Case,
    scope: Scope,
    *,
    recipient_kind: str = "",
    entries: Sequence[Entry] | None = None,
) -> tuple[Refusal, ...]:
    """Return why labels in force bar `scope`; () when none does.

    An exhibit carries its own labels, those of any of its records, and those of the
    exhibits it is derived from. Only disclosing is barred by a label.

    Args:
        recipient_kind: one of `evidence.labels.words.RECIPIENTS`; "" when unknown.
        entries: those of the case, when the caller has read them already.

    Raises:
        CaseUnreadableError, MalformedError: the log cannot be read.
    """
    if scope.touch is not Touch.DISCLOSE:
        return ()
    read = list(case.entries()) if entries is None else entries
    parents = _parents(read)
    held: dict[str, list[Mark]] = {}
    for subject, axes in in_force(marks(read)).items():
        held.setdefault(subject.exhibit, []).extend(axes.values())
    found: dict[Refusal, None] = {}
    for exhibit in scope.exhibits:
        for one in _with_ancestors(exhibit, parents):
            for mark in held.get(one, ()):
                found.update(dict.fromkeys(_of(mark, scope, recipient_kind)))
    return tuple(found)


def _of(mark: Mark, scope: Scope, kind: str) -> Iterator[Refusal]:
    told = f"the {mark.axis} of {mark.subject} (entry {mark.entry.seq})"
    effect = mark.effect
    if effect is None:
        yield Refusal(UNCLEAR, f"{told} cannot be understood, so nothing may leave")
        return
    if effect.permission:
        yield Refusal(PERMISSION, f"{told} asks for the permission of the provider")
    if effect.words:
        yield Refusal(WORDS, f"{told} is in words a person has to read")
    yield from _of_purpose(effect, scope.purpose, told)
    if effect.only_to and (kind not in RECIPIENTS or kind not in effect.only_to):
        limits = ", ".join(effect.only_to)
        yield Refusal(ONLY_TO, f"{told} lets it leave to {limits} only")


def _of_purpose(effect: Effect, purpose: str, told: str) -> Iterator[Refusal]:
    limited = effect.not_for or effect.only_for
    if limited and purpose not in PURPOSES:
        yield Refusal(PURPOSE, f"{told} depends on a purpose, and none known is given")
        return
    if purpose in effect.not_for:
        yield Refusal(NOT_FOR, f"{told} bars the purpose {purpose}")
    if effect.only_for and purpose not in effect.only_for:
        limits = ", ".join(effect.only_for)
        yield Refusal(ONLY_FOR, f"{told} allows only these purposes: {limits}")


def _parents(entries: Iterable[Entry]) -> dict[str, str]:
    """Return each derived exhibit with the one it is derived from (`parent`)."""
    found: dict[str, str] = {}
    for entry in entries:
        if entry.type in (EntryType.ACQUIRE, EntryType.DERIVE) and entry.exhibits:
            parent = entry.facts.get("parent")
            if isinstance(parent, str):
                found.setdefault(entry.exhibits[0], parent)
    return found


def _with_ancestors(exhibit: str, parents: dict[str, str]) -> dict[str, None]:
    """Return an exhibit and all it comes from; a circle ends where it began."""
    family = {exhibit: None}
    while (exhibit := parents.get(exhibit, "")) and exhibit not in family:
        family[exhibit] = None
    return family
