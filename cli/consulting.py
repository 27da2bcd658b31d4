"""The options and the act of looking at sealed content: recorded first, then shown."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, TypeVar

import click

from cli import output
from cli.grounds import claim, ground_options
from cli.session import Session, acting_options
from evidence.access.words import PURPOSES

if TYPE_CHECKING:
    from evidence.case import Case
    from evidence.identity import Identity
    from manifests.canonical import Json
    from manifests.entries import Entry
    from manifests.keys import Signer

_F = TypeVar("_F", bound=Callable[..., object])
_PURPOSE, _BECAUSE = "custody.purpose", "custody.because"


def _keep(name: str) -> Callable[[click.Context, click.Parameter, str | None], None]:
    def store(ctx: click.Context, _param: click.Parameter, value: str | None) -> None:
        if value is not None:
            ctx.find_root().meta[name] = value

    return store


def why_options(function: _F) -> _F:
    """Add ``--purpose`` and ``--because``; `consult_first` reads them."""
    for option in (
        click.option(
            "--because",
            "--justification",
            "because",
            metavar="TEXT",
            expose_value=False,
            callback=_keep(_BECAUSE),
            help="Why you look at sealed content; recorded, sealed.",
        ),
        click.option(
            "--purpose",
            type=click.Choice(PURPOSES),
            expose_value=False,
            callback=_keep(_PURPOSE),
            help="What for; recorded, public.",
        ),
    ):
        function = option(function)
    return function


def consulting_options(function: _F) -> _F:
    """Add what a verb needs that shows sealed content: why, on what ground, who."""
    return why_options(ground_options(acting_options(function)))


def consult_first(
    session: Session,
    case: Case,
    kind: str,
    *,
    exhibits: tuple[str, ...] = (),
    facts: Mapping[str, Json] | None = None,
    acting: tuple[Identity, Signer] | None = None,
) -> Entry:
    """Record that sealed content is looked at, before any of it is shown.

    Args:
        kind: public word for the content.
        exhibits: empty for the case's own records.
        acting: who acts, when their key is open already.

    Raises:
        JustificationMissingError: ``--purpose`` or ``--because`` is missing.
        As `evidence.consulting.look`: nothing may be shown.
    """
    from evidence.consulting import Look, look
    from evidence.grounds import Claim

    meta = click.get_current_context().find_root().meta
    why = str(meta.get(_PURPOSE) or ""), str(meta.get(_BECAUSE) or "")
    wanted = Look(kind, *why, exhibits=exhibits, facts=facts or {})
    wanted.check()  # before a passphrase is asked for
    named = claim()
    if not exhibits:
        # A default ground is one for exhibits; for records of the case it is named.
        named = Claim(str(meta.get("custody.authority") or ""), named.override)
    identity, signer = acting or session.acting()
    with session.writing(case, identity, signer) as writer:
        entry = look(writer, wanted, named)
    output.tell(f"Recorded as a consultation, entry {entry.seq}.")
    return entry
