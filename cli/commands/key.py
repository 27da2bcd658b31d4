"""`custody key`: who may sign in a case."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from cli import output
from cli.session import Session, acting_options, session_options, signing_options
from cli.writing_out import check_target, output_option, write_out

if TYPE_CHECKING:
    from evidence.joining import JoinRequest
    from evidence.keyholders import KeyList, KeyView
    from manifests.entries import Entry

_FILE = click.Path(path_type=Path, exists=True, dir_okay=False)
_RIGHTS = ("act", "approve", "keys")
_REASONS = ("superseded", "compromised", "lost", "left", "other")
_TIME = "Time with its zone, e.g. 2026-03-01T14:30:00+01:00 or ...Z"


@click.group(name="key")
@session_options
def command() -> None:
    """Who may sign in a case: enrol, revoke, rotate, list."""


@command.command(name="origin")
@session_options
@click.pass_obj
def origin(session: Session) -> None:
    """Choose the log origin of a case to come, for 'key request --origin'.

    Use it for one 'custody init --origin' only.
    """
    from evidence.founding import new_origin

    fresh = new_origin()
    if session.as_json:
        output.emit_json("key-origin", {"origin": fresh})
    else:
        output.say(fresh)


@command.command(name="request")
@click.option("--origin", "wanted", help="Origin of a case to come (or give -C CASE).")
@output_option("File to write.")
@signing_options
@session_options
@click.pass_obj
def request(session: Session, wanted: str | None, target: Path) -> None:
    """Ask to be enrolled: write your public key and a proof made for this one case.

    The file holds no secret. Give it to somebody who may manage the case's keys, and
    read them the words of your key ('custody identity show').
    """
    from evidence.joining import request_to_join

    if wanted is not None and session.case is not None:
        raise click.UsageError("Give either --origin ORIGIN or -C CASE.")
    log = wanted or session.open_case().settings.origin
    check_target(target)
    identity, signer = session.acting()
    made = request_to_join(identity, signer, log)
    made.check(log)
    write_out(target, made.to_bytes())
    if session.as_json:
        value = {"file": str(target), "key": identity.key, "origin": log}
        output.emit_json("key-request", value)
    elif not session.quiet:
        output.tell(f"Wrote {target} for {log}.")


@command.command(name="enrol")
@click.argument("file", type=_FILE)
@click.option("--role", "roles", multiple=True, help="Role it may act in (repeatable).")
@click.option("--any-role", is_flag=True, help="It may act in every role.")
@click.option(
    "--right",
    "rights",
    multiple=True,
    type=click.Choice(_RIGHTS),
    help="What it may do (repeatable; default: act).",
)
@click.option("--from", "since", metavar="TIME", help=f"Valid from. {_TIME}.")
@click.option("--until", metavar="TIME", help="Valid until, this moment not included.")
@click.option(
    "--replaces", metavar="KEYID|NAME", help="Key of the same person it ends."
)
@click.option("--fingerprint", metavar="WORDS", help="Words the person read to you.")
@click.option("--own-role", metavar="ROLE", help="Role you act in yourself.")
@signing_options
@session_options
@click.pass_obj
def enrol(  # noqa: PLR0913, PLR0917 - one an option
    session: Session,
    file: Path,
    roles: tuple[str, ...],
    any_role: bool,
    rights: tuple[str, ...],
    since: str | None,
    until: str | None,
    replaces: str | None,
    fingerprint: str | None,
    own_role: str | None,
) -> None:
    """Let the key in FILE (from 'key request') sign in this case.

    You vouch for it: compare its words with the person. Their name goes to the sealed
    record and to the folder 'identities'.
    """
    from evidence import keychanges
    from evidence.identity import check_role
    from manifests.warrants import Right

    if bool(roles) == any_role:
        raise click.UsageError("Give --role ROLE (repeatable), or --any-role.")
    for role in roles:
        check_role(role)
    session.role = own_role
    joining = _read_request(file)
    old = _keys(session).find(replaces).key if replaces is not None else None
    _confirm(session, joining, fingerprint)
    warrant = joining.warrant(
        roles=tuple(dict.fromkeys(roles)),
        rights=frozenset(Right(right) for right in rights or ("act",)),
        not_before=keychanges.moment(since) if since else "",
        not_after=keychanges.moment(until) if until else "",
    )
    identity, signer = session.acting()
    with session.writing(
        session.open_case(), identity, signer, right=Right.KEYS
    ) as writer:
        entry = keychanges.enrol(writer, joining, warrant, replaces=old)
        waits = keychanges.is_waiting(writer, entry)
    _tell(session, "key-enrol", entry, waits=waits, key=joining.identity.key)


@command.command(name="revoke")
@click.argument("wanted", metavar="KEYID|NAME")
@click.option(
    "--from", "since", metavar="TIME", required=True, help=f"{_TIME}, or now."
)
@click.option("--reason", required=True, type=click.Choice(_REASONS), help="Why.")
@acting_options
@session_options
@click.pass_obj
def revoke(session: Session, wanted: str, since: str, reason: str) -> None:
    """Let nothing count that a key signs from a time on; earlier acts still verify.

    Keys that were enrolled, and acts that were approved, with it from then on lose
    their ground, too. This cannot be undone. Your own key is replaced with 'rotate'.
    """
    from evidence import keychanges
    from manifests.warrants import Right

    key = _keys(session).find(wanted).key
    moment = keychanges.moment(since)
    identity, signer = session.acting()
    with session.writing(
        session.open_case(), identity, signer, right=Right.KEYS
    ) as writer:
        entry = keychanges.revoke(writer, key, since=moment, reason=reason)
        waits = keychanges.is_waiting(writer, entry)
    _tell(session, "key-revoke", entry, waits=waits, key=key)


@command.command(name="rotate")
@click.option(
    "--to", "wanted", metavar="NAME", required=True, help="Your new identity."
)
@acting_options
@session_options
@click.pass_obj
def rotate(session: Session, wanted: str) -> None:
    """Replace your key by another identity of yours; both are at this machine.

    The new key gets what the old one was allowed and signs the head of the log. What
    the old one signed still verifies; it signs nothing more.
    """
    from evidence import keychanges
    from manifests.warrants import Right

    identity, signer = session.acting()
    fresh, fresh_signer = session.open_key(wanted)
    with session.writing(
        session.open_case(), identity, signer, right=Right.KEYS
    ) as writer:
        entry = keychanges.rotate(writer, fresh, fresh_signer)
        waits = keychanges.is_waiting(writer, entry)
    _tell(session, "key-rotate", entry, waits=waits, key=fresh.key)


@command.command(name="list")
@session_options
@click.pass_obj
def list_(session: Session) -> None:
    """List every key the case ever allowed: whose, its state, who vouched for it."""
    found = _keys(session)
    if session.as_json:
        output.emit_json("keys", _json(found))
        return
    output.table(
        ["key id", "whose", "state", "may", "roles", "valid", "vouched by"],
        [_row(view) for view in found.keys],
    )
    if found.waiting:
        output.title("Waiting for a second person (not in force)")
        rows = [[str(w.entry.seq), w.actor, w.text] for w in found.waiting]
        output.table(["entry", "by", "what"], rows)
    if not found.sound:
        output.tell("Warning: the manifest has failures; run 'custody verify'.")
    if not session.quiet:
        output.tell("Names are as the case tells them: see 'custody identity trust'.")


def _keys(session: Session) -> KeyList:
    from evidence.clock import now
    from evidence.keyholders import key_list

    return key_list(session.open_case(), now().time)


def _read_request(file: Path) -> JoinRequest:
    from evidence.joining import MAX_BYTES, read_request

    with file.open("rb") as stream:
        return read_request(stream.read(MAX_BYTES + 1))


def _confirm(session: Session, joining: JoinRequest, fingerprint: str | None) -> None:
    """Compare the fingerprint, unless the key is one's own or trusted already."""
    from cli.confirming import confirm_key

    confirm_key(joining.identity, fingerprint, known=session.known_keys())


def _tell(session: Session, name: str, entry: Entry, *, waits: bool, key: str) -> None:
    from evidence.narration import describe

    if session.as_json:
        value = {"entry": entry.seq, "in_force": not waits, "key": key}
        output.emit_json(name, value)
        return
    output.say(f"Entry {entry.seq}: {describe(entry)}")
    if waits:
        output.say("It is NOT in force until a second person approves it:")
        output.say(f"  custody approve {entry.seq}")


def _row(view: KeyView) -> list[str]:
    bounds = " ".join(
        f"{word} {time[:19]}Z"
        for word, time in (("from", view.not_before), ("until", view.not_after))
        if time
    )
    vouched = " and ".join(_short(name) for name in view.vouched) or "founder"
    return [
        view.key[:16],
        view.name or "name sealed",
        view.state,
        ", ".join(view.rights),
        ", ".join(view.roles) or "any",
        bounds or "-",
        f"{vouched} (entry {view.enrolled})",
    ]


def _short(name: str) -> str:
    plain = len(name) == 64 and not set(name) - set("0123456789abcdef")
    return f"key {name[:16]}" if plain else name


def _json(found: KeyList) -> dict[str, object]:
    keys = [
        {
            "key": view.key,
            "name": view.name or None,
            "state": view.state,
            "in_force": view.in_force,
            "enrolled": view.enrolled,
            "vouched": list(view.vouched),
            "roles": list(view.roles),
            "rights": list(view.rights),
            "not_before": view.not_before or None,
            "not_after": view.not_after or None,
            "post_quantum": view.post_quantum,
        }
        for view in found.keys
    ]
    waiting = [
        {"entry": w.entry.seq, "type": w.entry.type, "by": w.actor, "what": w.text}
        for w in found.waiting
    ]
    return {"keys": keys, "waiting": waiting, "sound": found.sound}
