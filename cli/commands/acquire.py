"""`custody acquire`: take evidence into exhibits."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import click

from cli import output
from cli.grounds import claim, ground_options, tell_doubts, tell_unused
from cli.peers import PeerCheck, peer_option
from cli.session import Session, acting_options, session_options

if TYPE_CHECKING:
    from evidence.acquire import Acquired, Method, Request
    from evidence.case import CaseWriter
    from evidence.parsing.base import Json

INCOMPLETE = 3
_STATUS = """\b
EXIT STATUS
  0 everything attempted was acquired   3 acquired, but something was left out
  18 acquired, and a --peer-proof does not fit it
  30-39 the source cannot be used       40-49 storage, lock or space
"""
_F = TypeVar("_F", bound=Callable[..., object])
_PATH = click.Path(path_type=Path)


@click.group(name="acquire", epilog=_STATUS)
@session_options
def command() -> None:
    """Acquire evidence: copied bit for bit, hashed while it is read, signed."""


def _exhibit_options(function: _F) -> _F:
    for option in (
        click.option("--description", "-D", default="", help="In your words (sealed)."),
        click.option(
            "--category",
            type=click.Choice(
                ["subscriber", "identification_only", "traffic", "content"]
            ),
            default="content",
            show_default=True,
            help="Data category, Regulation (EU) 2023/1543 Art. 3.",
        ),
    ):
        function = option(function)
    return peer_option(ground_options(acting_options(session_options(function))))


def _run(session: Session, requests: list[Request], method: Method) -> int:
    """Acquire each request as one exhibit; return the exit code."""
    from evidence.acquire import acquire
    from manifests.errors import CustodyError

    case = session.open_case()
    identity, signer = session.acting()
    peers = PeerCheck.from_context()
    done: list[Acquired] = []
    with session.writing(case, identity, signer) as writer:
        _tell_recovered(session, len(writer.recovered))
        for request in requests:
            meter = output.Meter(str(request.sources[0]), on=not session.quiet)
            try:
                acquired = acquire(
                    writer, request, peers.around(method), progress=meter
                )
            except CustodyError as problem:
                # What this command acquired before the failure stays: say so first.
                if done:
                    names = ", ".join(acquired.exhibit for acquired in done)
                    problem.done = f"Acquired before that, and kept: {names}."
                    if session.as_json:
                        _emit(writer, done, peers, complete=False)
                raise
            finally:
                meter.close()
            new = [acquired]
            try:
                new += peers.finish(writer, acquired)
            except CustodyError as problem:
                problem.done = f"Acquired before that, and kept: {acquired.exhibit}."
                if session.as_json:
                    _emit(writer, [*done, acquired], peers, complete=False)
                raise
            finally:
                done += new
                if not session.as_json:
                    _show(acquired, quiet=session.quiet)
                    for sentence in peers.sentences(acquired.exhibit):
                        output.tell(f"  Peer proof: {sentence}")
                    for one in new[1:]:
                        _show(one, quiet=session.quiet)
        complete = all(acquired.complete for acquired in done)
        complete = complete and not peers.incomplete
        if session.as_json:
            _emit(writer, done, peers, complete=complete)
        size, root = writer.log.size, writer.log.root.hex()
    if not session.as_json and not session.quiet:
        output.tell(f"The manifest now has {size} entries; root {root[:16]}...")
    peers.check()
    return 0 if complete else INCOMPLETE


def _emit(
    writer: CaseWriter, done: list[Acquired], peers: PeerCheck, *, complete: bool
) -> None:
    output.emit_json(
        "acquire",
        {
            "exhibits": [
                {**_as_json(one), "peer_proofs": peers.told.get(one.exhibit, [])}
                for one in done
            ],
            "entries": writer.log.size,
            "root": writer.log.root.hex(),
            "complete": complete,
        },
    )


def _tell_recovered(session: Session, count: int) -> None:
    if count and not session.quiet:
        output.tell(
            f"Interrupted work was found: {count} item(s) moved to quarantine and "
            "recorded."
        )


def _as_json(acquired: Acquired) -> dict[str, object]:
    return {
        "exhibit": acquired.exhibit,
        "entry": acquired.seq,
        "authority": acquired.basis.ground,
        "facts": acquired.facts,
        "limits": acquired.limits,
    }


def _show(acquired: Acquired, *, quiet: bool) -> None:
    from evidence.narration import counted, kind_text, size_text, summary_pairs

    facts = acquired.facts
    payload, inventory = facts["payload"], facts["inventory"]
    assert isinstance(payload, dict)  # noqa: S101 - made by acquire a moment ago
    assert isinstance(inventory, dict)  # noqa: S101
    records = counted(int(str(inventory["records"])), "record")
    output.title(f"{acquired.exhibit}  {kind_text(facts)}")
    output.fields(
        [
            ("payload", f"{payload['name']}, {size_text(int(str(payload['bytes'])))}"),
            ("sha256", str(payload["sha256"])),
            ("inventory", f"{records}, root {inventory['root']}"),
            *[(name.lower(), value) for name, value in summary_pairs(facts)],
            ("ground", _ground_text(acquired)),
            ("entry", str(acquired.seq)),
        ]
    )
    tell_doubts(acquired.basis.doubts)
    _tell_range(facts)
    if quiet:
        return
    tell_unused(unused=acquired.basis.unused)
    for limit in acquired.limits:
        output.tell(f"  Note: {limit}")
    if not acquired.complete:
        output.tell(
            "  INCOMPLETE: something attempted is not in the exhibit; "
            f"see 'custody show {acquired.exhibit}'."
        )


def _tell_range(facts: Mapping[str, Json]) -> None:
    """Say loudly what the time range of the ground was not compared with."""
    from evidence.datatimes import in_words

    told = facts.get("data_range")
    if isinstance(told, dict) and told.get("checked") != "yes":
        text = in_words(told)
        output.tell(f"  TIME RANGE of the legal ground {text}. Compare it yourself.")


def _ground_text(acquired: Acquired) -> str:
    basis = acquired.basis
    text = basis.ground or "none"
    if basis.overridden:
        codes = ", ".join(sorted({refusal.code for refusal in basis.overridden}))
        text += f", overridden: {codes}"
    return text


def _request(
    kind: str,
    sources: tuple[Path, ...],
    description: str,
    category: str,
    options: dict[str, Json] | None = None,
) -> Request:
    from evidence.acquire import Request

    ground = claim()
    return Request(
        kind,
        sources,
        category=category,
        description=description,
        authority=ground.wanted or None,
        override=ground.override,
        options=options or {},
        command=("custody", *sys.argv[1:]),
    )


@command.command(name="chat", epilog=_STATUS)
@click.argument("source", metavar="FILE", type=_PATH)
@click.option(
    "--app",
    type=click.Choice(["auto", "whatsapp", "telegram"]),
    default="auto",
    show_default=True,
    help="App the export is from.",
)
@click.option("--timezone", help="IANA zone of the exporting phone, e.g. Europe/Rome.")
@click.option(
    "--date-order",
    type=click.Choice(["auto", "dmy", "mdy", "ymd"]),
    default="auto",
    show_default=True,
    help="Order of day and month, when the export does not tell.",
)
@_exhibit_options
@click.pass_obj
def chat(
    session: Session,
    source: Path,
    app: str,
    timezone: str | None,
    date_order: str,
    description: str,
    category: str,
) -> int:
    """Acquire a chat export: WhatsApp text or ZIP, Telegram JSON, or their folder.

    Every message becomes an inventory record with its time as written, its time in
    UTC where --timezone (or the export) tells, and its place in the source's bytes.
    """
    from evidence.methods import take_chat
    from evidence.zones import check_timezone

    check_timezone(timezone)
    options: dict[str, Json] = {
        "app": app,
        "date_order": date_order,
        "timezone": timezone,
    }
    request = _request("chat", (source,), description, category, options)
    return _run(session, [request], take_chat)


@command.command(name="screenshot", epilog=_STATUS)
@click.argument("sources", metavar="FILE...", type=_PATH, nargs=-1, required=True)
@_exhibit_options
@click.pass_obj
def screenshot(
    session: Session, sources: tuple[Path, ...], description: str, category: str
) -> int:
    """Acquire pictures, one exhibit each; metadata goes to the sealed inventory."""
    from evidence.methods import take_screenshot

    requests = [_request("screenshot", (s,), description, category) for s in sources]
    return _run(session, requests, take_screenshot)


@command.command(name="disk", epilog=_STATUS)
@click.argument("image", metavar="IMAGE", type=_PATH)
@click.option(
    "--path",
    "globs",
    metavar="GLOB",
    multiple=True,
    help="Take only matching files, e.g. '/home/*/*.db' (repeatable).",
)
@click.option("--partition", type=int, help="Only this partition (from the listing).")
@click.option("--deleted", is_flag=True, help="Deleted files as well.")
@_exhibit_options
@click.pass_obj
def disk(
    session: Session,
    image: Path,
    globs: tuple[str, ...],
    partition: int | None,
    deleted: bool,
    description: str,
    category: str,
) -> int:
    """Acquire a raw disk image or device, or the files in it that match --path."""
    from evidence.methods import take_image, take_image_files

    paths: list[Json] = list(globs)
    options: dict[str, Json] = {
        "deleted": deleted,
        "partition": partition,
        "paths": paths,
    }
    request = _request("disk", (image,), description, category, options)
    return _run(session, [request], take_image_files if globs else take_image)


@command.command(name="files", epilog=_STATUS)
@click.argument("sources", metavar="PATH...", type=_PATH, nargs=-1, required=True)
@_exhibit_options
@click.pass_obj
def files(
    session: Session, sources: tuple[Path, ...], description: str, category: str
) -> int:
    """Acquire any files and folders as one exhibit, with an outcome for each thing.

    Symbolic links are recorded, not followed; FIFOs, sockets and devices are skipped
    with a reason; unreadable or changing files are reported, never left out silently.
    """
    from evidence.methods import take_files

    return _run(
        session, [_request("files", sources, description, category)], take_files
    )
