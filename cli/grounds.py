"""The options by which a verb names the legal ground of what it does."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

import click

from cli import output

if TYPE_CHECKING:
    from collections.abc import Iterable

    from evidence.grounds import Claim
    from evidence.scope import Refusal

_F = TypeVar("_F", bound=Callable[..., object])
_WANTED, _OVERRIDE = "custody.authority", "custody.override"


def _keep(name: str) -> Callable[[click.Context, click.Parameter, str | None], None]:
    def store(ctx: click.Context, _param: click.Parameter, value: str | None) -> None:
        if value is not None:
            ctx.find_root().meta[name] = value

    return store


def ground_options(function: _F) -> _F:
    """Add ``--authority`` and ``--override``; `claim` reads them."""
    for option in (
        click.option(
            "--override",
            metavar="REASON",
            expose_value=False,
            callback=_keep(_OVERRIDE),
            help="Act although no ground covers it; logged, the reason sealed.",
        ),
        click.option(
            "--authority",
            metavar="AU-0001",
            expose_value=False,
            callback=_keep(_WANTED),
            help="Legal ground of the act (default: $CUSTODY_AUTHORITY or the only "
            "one that covers it).",
        ),
    ):
        function = option(function)
    return function


def claim() -> Claim:
    """Return what the command line and the environment say of the ground.

    Raises:
        OverrideRefusedError: ``--override`` gives no reason.
    """
    from evidence.authority_errors import OverrideRefusedError
    from evidence.grounds import Claim

    meta = click.get_current_context().find_root().meta
    override = meta.get(_OVERRIDE)
    if override is not None and not override.strip():
        raise OverrideRefusedError(reason="blank")
    wanted = meta.get(_WANTED) or os.environ.get("CUSTODY_AUTHORITY") or ""
    return Claim(wanted, override or "")


def tell_doubts(doubts: Iterable[Refusal]) -> None:
    """Say loudly what the ground of an act that is recorded now does not cover."""
    for doubt in doubts:
        output.tell(f"  LEGAL BASIS IN DOUBT: {doubt.text} [{doubt.code}]")


def tell_unused(*, unused: bool) -> None:
    """Say that an override was not needed, so that nobody looks for it."""
    if unused:
        output.tell("  The override was not needed and its reason is not recorded.")
