"""`custody seal`: checkpoint and trusted time."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cli import output
from cli.session import Session, acting_options, session_options

if TYPE_CHECKING:
    from evidence.addresses import StampAuthority
    from evidence.case import Case
    from evidence.pending import Pending, Stamping
    from evidence.rehashing import Rehashed

_FILE = click.Path(path_type=Path, exists=True, dir_okay=False)
_FOLDER = click.Path(path_type=Path, exists=True, file_okay=False)
_REFUSED, _PENDING = 25, 3


@click.command(name="seal")
@click.option(
    "--tsa",
    "given",
    metavar="NAME=URL",
    multiple=True,
    help="Ask this time-stamping authority too (repeatable).",
)
@click.option("--offline", is_flag=True, help="Ask nobody; let the requests wait.")
@click.option(
    "--requests",
    type=_FOLDER,
    help="Write what waits as .tsq files into this folder; ask nobody.",
)
@click.option(
    "--add",
    "added",
    type=_FILE,
    multiple=True,
    help="Add a time stamp that came as a .tsr file (repeatable); ask nobody.",
)
@click.option(
    "--name",
    default="",
    help="Authority of an added time stamp that answers no request of this case.",
)
@click.option(
    "--renew",
    is_flag=True,
    help="Put all time stamps under a new one, before their certificates end.",
)
@click.option(
    "--rehash",
    is_flag=True,
    help="Check everything and renew all digests by SHA-512, before SHA-256 ages.",
)
@acting_options
@session_options
@click.pass_obj
def command(
    session: Session,
    given: tuple[str, ...],
    offline: bool,
    requests: Path | None,
    added: tuple[Path, ...],
    name: str,
    renew: bool,
    rehash: bool,
) -> int:
    """Seal the case: a checkpoint over all entries, and time stamps over that.

    Asks the authorities that custody.toml names and those of --tsa, and asks again for
    what is still waiting. Each gets the SHA-256 of the checkpoint file and nothing
    else. Without an authority, or with --offline, nothing goes to the network.

    With --rehash everything is verified first; then a list of the SHA-512 of every
    file that is evidence is recorded, and time stamps by SHA-512 are asked for it.

    \b
    EXIT STATUS
      0   every time stamp asked for is there (or none was asked for)
      3   something waits: run 'custody seal' again, or send it by hand
      17  with --rehash: the case does not verify; nothing was renewed
      25  an authority refused
      26  a file given with --add is no time stamp of this case
    """
    from evidence.addresses import StampAuthority, is_authority_name
    from evidence.pending import BY_HAND, Queue, ask_waiting
    from evidence.rehashing import newest_unstamped

    if name and not added:
        raise click.UsageError("--name belongs to --add FILE.")
    if name and not is_authority_name(name):
        raise click.UsageError("--name takes 1 to 40 of a-z, 0-9 and '-'.")
    if rehash and (renew or added):
        raise click.UsageError("--rehash goes without --renew and --add.")
    asked = [StampAuthority.from_text(text) for text in given]
    case = session.open_case()
    queue = Queue(case)
    if added:
        done = [queue.take(_read(path), name=name or BY_HAND) for path in added]
        return _report(session, case, "", done)
    renewed = _rehashed(session, case) if rehash else None
    checkpoint = _checkpoint(session, case, renew=renew)
    authorities = _authorities(case, asked)
    if requests is not None and not authorities:
        authorities = [StampAuthority(BY_HAND, "")]
    done = queue.add(checkpoint, authorities)
    for unstamped in newest_unstamped(case, int(checkpoint[:10])):
        done += queue.add(unstamped, authorities)
    if offline or requests is not None:
        if requests is not None:
            for path in queue.export(requests):
                output.tell(f"Request: {path}")
        done += [_waiting(pending) for pending in queue.waiting()]
    else:
        for pending in queue.waiting():
            if pending.authority.url and not session.quiet:
                name = pending.authority.name
                output.tell(f"Asking {name} for {pending.checkpoint} ...")
        done += ask_waiting(queue)
    return _report(session, case, checkpoint, done, renewed)


def _rehashed(session: Session, case: Case) -> Rehashed:
    """Renew all digests; the checkpoint over the entry is made at the end."""
    from evidence.rehashing import rehash

    identity, signer = session.acting()
    meter = output.Meter("rehashing", on=not session.quiet and not session.as_json)
    try:
        with session.writing(case, identity, signer) as writer:
            return rehash(writer, progress=meter)
    finally:
        meter.close()


def _checkpoint(session: Session, case: Case, *, renew: bool) -> str:
    """Return the checkpoint over all entries, made now where it is missing."""
    from evidence.renewal import newest_checkpoint, renewal_facts
    from manifests.entries import EntryType

    name, there = newest_checkpoint(case)
    facts = list(renewal_facts(case)) if renew else []
    if renew and not facts:
        raise click.UsageError("There is no time stamp to renew.")
    if there and not renew:
        return name  # nothing to sign: no key is needed
    identity, signer = session.acting()
    with session.writing(case, identity, signer) as writer:
        for covered in facts:
            writer.record(EntryType.RENEW, facts=covered)
    return newest_checkpoint(case)[0]


def _authorities(case: Case, asked: list[StampAuthority]) -> list[StampAuthority]:
    """Return whom to ask; one given now replaces a configured one of its name."""
    named = {a.name: a for a in (*case.settings.authorities, *asked)}
    return list(named.values())


def _waiting(pending: Pending) -> Stamping:
    """Return what is known of a request nobody was asked about now."""
    from evidence.pending import Stamping

    return Stamping(
        pending.checkpoint, pending.authority.name, pending.reason, pending.detail
    )


def _read(path: Path) -> bytes:
    """Return a file's bytes, one more than a token can have at most."""
    from manifests.verifying.tokens import MAX_TOKEN_BYTES

    with path.open("rb") as stream:
        return stream.read(MAX_TOKEN_BYTES + 1)


def _report(
    session: Session,
    case: Case,
    checkpoint: str,
    done: list[Stamping],
    renewed: Rehashed | None = None,
) -> int:
    """Print what became of each request and return the exit code."""
    from evidence.pending import Outcome

    there = (Outcome.STAMPED, Outcome.ALREADY)
    waiting = [item for item in done if item.outcome not in there]
    refused = any(item.outcome is Outcome.REFUSED for item in waiting)
    if session.as_json:
        value = {
            "case": str(case.path),
            "checkpoint": checkpoint or None,
            "rehashed": asdict(renewed) if renewed else None,
            "stamps": [
                {
                    "checkpoint": item.checkpoint,
                    "authority": item.authority,
                    "outcome": item.outcome.value,
                    "detail": item.detail,
                    "file": item.file or None,
                    "time": item.time or None,
                }
                for item in done
            ],
            "waiting": len(waiting),
        }
        output.emit_json("seal", value)
    else:
        _print(checkpoint, done, renewed)
    return _REFUSED if refused else _PENDING if waiting else 0


def _print(checkpoint: str, done: list[Stamping], renewed: Rehashed | None) -> None:
    if renewed:
        output.say(f"Renewed by SHA-512: {renewed.files} files ({renewed.bytes} bytes)")
        output.say(f"and {renewed.entries} entries, in {renewed.list}")
    if checkpoint:
        output.say(f"Checkpoint: {checkpoint}")
    for item in done:
        told = item.time or item.detail
        text = f"{item.checkpoint} by {item.authority}: {item.outcome.value}"
        output.say(f"{text} ({told})" if told else text)
    if not done:
        output.say("No time-stamping authority is configured or given: no time stamp.")
        output.tell("Name one: --tsa NAME=URL, or [[timestamp_authority]] in settings.")
