"""The options of `custody report` that choose its variant, wording and pictures."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypedDict, TypeVar

import click

if TYPE_CHECKING:
    from evidence.report.options import Options

F = TypeVar("F", bound=Callable[..., Any])
VARIANTS = ("full", "closed-session", "public", "defence", "victim", "compensation")
TEMPLATES = ("general", "fre-902-13", "fre-902-14", "eu-accurate", "uk-section-9")


class Chosen(TypedDict):
    """The options `variant_options` adds."""

    variant: str | None
    with_losses: bool
    with_persons: bool
    only: tuple[str, ...]
    contact: str
    thumbnails: tuple[str, ...]
    template: str
    all_rows: bool


def variant_options(function: F) -> F:
    """Add the options of `Chosen` to a command."""
    for option in reversed(
        (
            click.option(
                "--variant",
                type=click.Choice(VARIANTS),
                help="A set of these options for one kind of reader; says on the "
                "cover what it withholds.",
            ),
            click.option(
                "--with-losses",
                is_flag=True,
                help="Show presumed harm and proceeds with their amounts.",
            ),
            click.option(
                "--with-persons",
                is_flag=True,
                help="Show which persons are registered, by pseudonym and category.",
            ),
            click.option(
                "--only",
                multiple=True,
                metavar="EX-0001",
                help="With --variant victim: what that person handed in (repeatable).",
            ),
            click.option(
                "--contact",
                default="",
                help="With --variant victim: whom to ask, as printed.",
            ),
            click.option(
                "--thumbnails",
                multiple=True,
                metavar="EX-0001",
                help="Show this picture as at most 16 by 16 blurred cells.",
            ),
            click.option(
                "--template",
                type=click.Choice(TEMPLATES),
                default="general",
                help="Wording of the certification page.",
            ),
            click.option(
                "--all-rows",
                is_flag=True,
                help="Print lists of more than 2,000 rows in full, not summed up.",
            ),
        )
    ):
        function = option(function)
    return function


def applied(options: Options, chosen: Chosen) -> Options:
    """Return `options` as the chosen variant sets them.

    Raises:
        click.UsageError: what was asked for does not go together.
    """
    from dataclasses import replace

    from evidence.report.variants import variant_of

    name = chosen["variant"] or ""
    variant = variant_of(name)
    single = (
        options.texts
        or options.sources
        or options.decisions
        or options.matrix
        or options.named_staff
        or chosen["with_losses"]
        or chosen["with_persons"]
    )
    if name and single:
        raise click.UsageError(
            "A variant sets by itself what is shown: give --variant or --with-... and "
            "--named-staff, not both."
        )
    if variant.hidden and (options.checks or chosen["thumbnails"]):
        raise click.UsageError(
            f"The variant {name} holds no comparison and no picture: leave out --check "
            "and --thumbnails."
        )
    if variant.chosen and not (chosen["only"] and chosen["contact"].strip()):
        raise click.UsageError(
            "A receipt names what one person handed in, and whom to ask: give --only "
            "for each exhibit, and --contact."
        )
    if not variant.chosen and (chosen["only"] or chosen["contact"]):
        raise click.UsageError("--only and --contact belong to --variant victim.")
    if name:
        options = replace(
            options,
            texts=variant.texts,
            sources=variant.sources,
            decisions=variant.decisions,
            matrix=variant.matrix,
            named_staff=variant.named_staff,
        )
    return replace(
        options,
        losses=variant.losses or chosen["with_losses"],
        persons=variant.persons or chosen["with_persons"],
        variant=name,
        only=_upper(chosen["only"]),
        contact=chosen["contact"].strip(),
        thumbnails=_upper(chosen["thumbnails"]),
        template=chosen["template"],
    )


def _upper(words: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(word.upper() for word in words))
