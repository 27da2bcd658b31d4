"""`custody init`: open a new case."""

from __future__ import annotations

from pathlib import Path

import click

from cli import output
from cli.session import Session, acting_options, session_options


@click.command(name="init")
@click.argument("folder", metavar="CASE", type=click.Path(path_type=Path))
@click.option("--case-id", required=True, help='Reference, e.g. "PROC 123/2026".')
@click.option("--title", required=True, help="What the case is about (sealed).")
@click.option(
    "--profile",
    type=click.Choice(["police", "ngo"]),
    default="police",
    show_default=True,
    help="Whose rules apply.",
)
@click.option(
    "--tsa",
    "authorities",
    metavar="NAME=URL",
    multiple=True,
    help="Time-stamping authority that 'custody seal' asks (repeatable).",
)
@click.option("--synthetic", is_flag=True, help="Mark as training data for ever.")
@acting_options
@session_options
@click.pass_obj
def command(
    session: Session,
    folder: Path,
    case_id: str,
    title: str,
    profile: str,
    authorities: tuple[str, ...],
    synthetic: bool,
) -> None:
    """Open a new case in the folder CASE, which must not exist or be empty.

    Case id and title are sealed: the part of the case that travels does not hold them.
    """
    from evidence.addresses import StampAuthority
    from evidence.countersigning import newest_head
    from evidence.founding import create_case

    stampers = tuple(StampAuthority.from_text(text) for text in authorities)
    identity, signer = session.acting()
    case = create_case(
        folder,
        identity,
        signer,
        case_id=case_id,
        title=title,
        profile=profile,
        synthetic=synthetic,
        authorities=stampers,
    )
    session.remember(case)(newest_head(case).note)
    if session.as_json:
        output.emit_json(
            "init",
            {
                "case": str(folder),
                "origin": case.settings.origin,
                "profile": profile,
                "founder": identity.key,
                "entries": 1,
            },
        )
        return
    output.title(f"Opened case {case_id}")
    output.fields(
        [
            ("folder", str(folder)),
            ("log origin", case.settings.origin),
            ("profile", profile),
            ("founder", f"{identity.name} ({identity.role})"),
            ("key id", identity.key),
        ]
    )
    if not session.quiet:
        output.tell(f"Next: custody -C {folder} acquire chat FILE")
