"""What retention says against an act; asked by `evidence.grounds` and `leaving`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from evidence.retention.register import Register, known_register
from evidence.retention.words import EVIDENCE_PURPOSES
from evidence.scope import Refusal, Scope, Touch

if TYPE_CHECKING:
    from evidence.case import Case

RESTRICTED = "RESTRICTED"
KEPT = "RETENTION_RUNS"
_USING = frozenset({Touch.CONSULT, Touch.DISCLOSE, Touch.COMBINE})


def refusals(case: Case, scope: Scope) -> tuple[Refusal, ...]:
    """Return why exhibits may not be used, or erased, so: it holds on any ground.

    What is restricted is used for the purposes of evidence only (LED Art. 16(3)(b),
    GDPR Art. 18(2)): one of `EVIDENCE_PURPOSES` has to be named. A legal hold is no
    refusal that could be overridden: `evidence.retention.erasing` asks for it.

    Raises:
        CaseUnreadableError, MalformedError: the log cannot be read.
    """
    if not scope.exhibits or scope.touch not in (*_USING, Touch.ERASE):
        return ()
    register = known_register(case)
    found = _erasing if scope.touch is Touch.ERASE else _using
    return tuple(found(register, scope))


def _using(register: Register, scope: Scope) -> Iterator[Refusal]:
    if scope.purpose in EVIDENCE_PURPOSES:
        return
    for name in scope.exhibits:
        for one in register.restrictions_on(name, scope.at):
            text = (
                f"{name} is restricted ({one.ground}, entry {one.entry.seq}): "
                "it may be used for purposes of evidence only."
            )
            yield Refusal(RESTRICTED, text)


def _erasing(register: Register, scope: Scope) -> Iterator[Refusal]:
    for name in scope.exhibits:
        for one in register.restrictions_on(name, scope.at):
            if one.bars_erasing:
                text = f"{name} is restricted instead of erased ({one.ground})."
                yield Refusal(RESTRICTED, text)
        keeping = register.kept_until(name)
        if keeping is not None and scope.at < keeping.until:
            text = f"{name} is to be kept until {keeping.until} ({keeping.rule})."
            yield Refusal(KEPT, text)
