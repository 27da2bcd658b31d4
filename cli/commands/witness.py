"""`custody witness`: have other parties countersign the record of a case."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from cli import output
from cli.session import Session, session_options
from cli.witnesses import given_witnesses, known_witnesses, witness_option
from cli.writing_out import check_target, output_option, write_out

if TYPE_CHECKING:
    from evidence.case import Case
    from evidence.countersigning import Added
    from evidence.submitting import Reply
    from manifests.verifying.witnesses import Witness


@click.group(name="witness")
@session_options
def command() -> None:
    """Have other parties countersign the record of a case."""


@command.command(name="request")
@output_option("File to write: the request, to be taken to the witness.")
@click.option(
    "--old",
    "olds",
    metavar="N",
    type=click.IntRange(min=0),
    multiple=True,
    help="Number of entries the witness has seen last (repeatable).",
)
@session_options
@click.pass_obj
def request(session: Session, target: Path, olds: tuple[int, ...]) -> None:
    """Write what a witness needs: the newest checkpoint and proofs.

    It holds hashes and keys, no name and no evidence. The witness answers with
    'custody cosign'.
    """
    from evidence.countersigning import make_request
    from manifests.witnessing import read_request

    case = session.open_case()
    check_target(target)
    data, log = make_request(case, olds)
    write_out(target, data)
    if session.as_json:
        value = {
            "file": str(target),
            "origin": log.head.checkpoint.origin,
            "entries": log.head.size,
            "root": log.head.checkpoint.root.hex(),
            "proofs_from": list(read_request(data).proofs),
            "keys": [key.id for key in log.keys],
        }
        output.emit_json("witness-request", value)
        return
    output.title("Request to a witness")
    output.fields(
        [
            ("file", str(target)),
            ("entries", str(log.head.size)),
            *(("log key id", key.id) for key in log.keys),
        ]
    )
    if not session.quiet:
        output.tell("Read the key id to the witness on another way than this file.")


@command.command(name="add")
@click.argument(
    "file",
    metavar="COSIGNATURE",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
)
@witness_option
@session_options
@click.pass_obj
def add(session: Session, file: Path, given: tuple[str, ...]) -> None:
    """Keep the cosignature a witness sent back, if it verifies."""
    from evidence.countersigning import add_cosignatures
    from manifests.verifying.heads import MAX_COMPANION_BYTES

    case = session.open_case()
    witnesses = _witnesses(session, case, given)
    with file.open("rb") as stream:
        data = stream.read(MAX_COMPANION_BYTES + 1)
    _tell_added(session, add_cosignatures(case, data, witnesses, what=str(file)))


def _witnesses(
    session: Session, case: Case, given: tuple[str, ...]
) -> tuple[Witness, ...]:
    """Return the witnesses known here, and those the case's own settings name."""
    from evidence.countersigning import configured_witnesses

    named = [found.key for found in configured_witnesses(case) if found.key]
    found = (*known_witnesses(session, given), *given_witnesses(named))
    return tuple(dict.fromkeys(found))


def _tell_added(session: Session, added: Added) -> None:
    if session.as_json:
        value = {
            "entries": added.size,
            "file": added.name,
            "new": added.new,
            "witnesses": [{"name": name, "time": time} for name, time in added.held],
            "left_out": added.strangers,
        }
        output.emit_json("witness-add", value)
        return
    state = "kept" if added.new else "there already"
    output.say(f"Countersigned: the first {added.size} entries ({state}).")
    for name, time in added.held:
        output.fields([(name, _shown(time))])
    if added.strangers:
        output.tell(f"{added.strangers} signature(s) by unknown keys were left out.")


@command.command(name="list")
@witness_option
@session_options
@click.pass_obj
def list_(session: Session, given: tuple[str, ...]) -> None:
    """List the cosignatures in the case. 'custody verify' judges them."""
    from evidence.countersigning import list_cosignatures

    case = session.open_case()
    found = list_cosignatures(case, _witnesses(session, case, given))
    words = {True: "holds", False: "WRONG", None: "key not known"}
    if session.as_json:
        items = [
            {
                "entries": item.size,
                "file": item.file,
                "name": item.name,
                "key_id": item.key_id,
                "time": item.time,
                "state": words[item.holds],
            }
            for item in found
        ]
        output.emit_json("witness-list", {"cosignatures": items})
        return
    if not found:
        output.say("Nobody has countersigned this case yet.")
        return
    rows = [
        [
            str(item.size),
            _shown(item.time),
            words[item.holds],
            item.label or item.name,
        ]
        for item in found
    ]
    output.table(["entries", "time (UTC)", "signature", "witness"], rows)


@command.command(name="send")
@click.argument("url", metavar="URL|NAME")
@witness_option
@click.option(
    "--timeout",
    type=click.FloatRange(min=1, max=600),
    default=30,
    show_default=True,
    help="Seconds to wait for each answer.",
)
@session_options
@click.pass_obj
def send(session: Session, url: str, given: tuple[str, ...], timeout: float) -> None:
    """Ask a witness's server to cosign (C2SP tlog-witness), and keep the answer.

    This uses the network. URL is the witness's submission prefix; NAME is that of a
    [[witness]] table in custody.toml, which gives url and key. What is sent: the
    newest checkpoint and hashes.
    """
    from evidence.countersigning import (
        add_cosignatures,
        list_cosignatures,
        read_leaves,
    )
    from evidence.network import post
    from evidence.submitting import ANSWER_BYTES, TEXT_TYPE, submit

    case = session.open_case()
    address, keys = _server(case, url, given)
    witnesses = tuple(dict.fromkeys(given_witnesses(keys)))
    log = read_leaves(case)
    before = [
        item.size
        for item in list_cosignatures(case, witnesses)
        if item.holds and item.size <= log.head.size
    ]

    def ask(target: str, body: bytes) -> Reply:
        return post(
            target,
            body,
            TEXT_TYPE,
            accept=TEXT_TYPE,
            timeout=timeout,
            limit=ANSWER_BYTES,
        )

    data = submit(ask, address, log, max(before, default=0), witnesses)
    _tell_added(session, add_cosignatures(case, data, witnesses, what=address))


def _server(
    case: Case, wanted: str, given: tuple[str, ...]
) -> tuple[str, tuple[str, ...]]:
    """Return the address and the keys of a witness's server."""
    from evidence.countersigning import configured_witnesses
    from evidence.witness_errors import WitnessUnknownError

    if wanted.startswith(("http://", "https://")):
        if not given:
            reason = "without its key no answer could be checked"
            raise WitnessUnknownError(wanted=wanted, reason=reason)
        return wanted, given
    for found in configured_witnesses(case):
        if found.name == wanted:
            keys = given or ((found.key,) if found.key else ())
            if not found.url or not keys:
                reason = "its url or key is not in custody.toml"
                raise WitnessUnknownError(wanted=wanted, reason=reason)
            return found.url, keys
    reason = "custody.toml has no [[witness]] of that name"
    raise WitnessUnknownError(wanted=wanted, reason=reason)


@command.command(name="key")
@click.option(
    "--as",
    "actor",
    metavar="NAME",
    help="Identity that witnesses (default: $CUSTODY_IDENTITY or the only one).",
)
@click.option(
    "--witness-name",
    metavar="NAME",
    help="Name in countersignatures, e.g. witness.example.org; chosen once.",
)
@session_options
@click.pass_obj
def key(session: Session, actor: str | None, witness_name: str | None) -> None:
    """Print your verifier keys as a witness, for others' policies.

    One line for each key: Ed25519, and ML-DSA-44 where there is one.
    """
    from evidence.witness import WitnessDesk
    from manifests.cosignature import Cosigner
    from manifests.keys import Algorithm

    session.actor = actor or session.actor
    identity = session.identity()
    desk = WitnessDesk(session.memory().home)
    name = desk.fix_name(identity.public, witness_name)
    keys = []
    if identity.public.algorithm is Algorithm.ED25519:
        keys.append(Cosigner(name, identity.public).vkey)
    if identity.post_quantum is not None:
        keys.append(Cosigner(name, identity.post_quantum).vkey)
    if session.as_json:
        output.emit_json("witness-key", {"name": name, "vkeys": keys})
        return
    for vkey in keys:
        output.say(vkey)


def _shown(time: int) -> str:
    """Return a POSIX time a stranger wrote, as far as it is one."""
    from datetime import UTC, datetime

    if not 0 < time < 253402300800:  # the year 10000
        return "-" if time == 0 else str(time)
    return datetime.fromtimestamp(time, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
