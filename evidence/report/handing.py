"""From the entries about hand-overs to the lines of the report, both sides told."""

from __future__ import annotations

from collections.abc import Iterable

from evidence.report.model import HandOver
from evidence.transfer.register import Received, Transfer, transfers
from manifests.entries import Entry


def handover_lines(entries: Iterable[Entry], at: str) -> tuple[HandOver, ...]:
    """Return the hand-overs as they stand at `at`, those given first."""
    found = transfers(entries)
    given = [_given(one, at) for one in found.given.values()]
    return (*given, *(_received(one) for one in found.received.values()))


def _given(one: Transfer, at: str) -> HandOver:
    signed = [answer for answer in one.answers if not answer.told]
    theirs = "; ".join(
        f"{a.result}{f' ({a.reason})' if a.reason else ''}, signed {a.at}"
        for a in signed
    )
    told = [f"{a.result}, told {a.at}, not signed" for a in one.answers if a.told]
    if one.contradicted:
        told.append("the receiver signed both that it took it and that it did not")
    return HandOver(
        number=one.number,
        entry=one.entry,
        party=one.alias or one.recipient[:16],
        exhibits="the whole case" if one.whole else ", ".join(one.exhibits),
        state=one.state(at),
        ours=f"offered {one.time} by {one.channel} for {one.purpose}; "
        f"{len(one.packages)} package(s)",
        theirs="; ".join([part for part in (theirs, *told) if part]) or "nothing yet",
        gap=one.gap,
    )


def _received(one: Received) -> HandOver:
    reason = f" ({one.reason})" if one.reason else ""
    returned = f"; {one.returned}" if one.returned else ""
    return HandOver(
        number=one.number,
        entry=one.entry,
        party=one.sender[:16],
        exhibits=", ".join(one.exhibits) or "none",
        state="returned" if one.returned else one.result,
        ours=f"{one.result}{reason} {one.time}{returned}",
        theirs=f"entry {one.seq} of {one.log}",
        gap="",
    )
