"""`custody recipient`: who can decrypt an encrypted case."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from cli import output
from cli.consulting import consult_first, consulting_options
from cli.session import Session, acting_options, session_options
from cli.writing_out import check_target, output_option, write_out

if TYPE_CHECKING:
    from evidence.case import Case
    from evidence.vault.holders import Holder, Holders
    from evidence.vault.keyring import CaseKeys

INCOMPLETE = 3


@click.group(name="recipient")
@session_options
def command() -> None:
    """Who can decrypt an encrypted case."""


def _holders(case: Case) -> Holders:
    from evidence.vault.holders import holders_of
    from evidence.vault_errors import NotEncryptedError

    found = holders_of(case.entries())
    if found is None:
        raise NotEncryptedError
    return found


def _keys(case: Case) -> CaseKeys:
    from evidence.vault.keyring import CaseKeys

    return case.keys or CaseKeys(case.path)


def _names(case: Case) -> dict[str, str]:
    """Return whose recipients these are, from the sealed records."""
    from evidence.vault.holders import ADD

    found: dict[str, str] = {}
    for entry in case.entries():
        sealed = case.sealed(entry)
        founder, holder = sealed.get("founder"), entry.facts.get("holder")
        if entry.seq == 0 and isinstance(founder, dict):
            for own in _holders(case).of_key(entry.actor):
                found[own] = str(founder.get("name"))
        elif entry.facts.get("kind") == ADD and isinstance(holder, dict):
            found[str(holder.get("recipient"))] = str(sealed.get("name"))
    return found


@command.command(name="list")
@click.option("--named", is_flag=True, help="Show sealed names; on record.")
@consulting_options
@session_options
@click.pass_obj
def list_(session: Session, named: bool) -> int:
    """List who can decrypt, and whether the key files are for exactly these.

    --named is a consultation: it needs a key, --purpose and --because, and is recorded
    before anything is shown.

    \b
    EXIT STATUS
      3 a change was interrupted: some key files are for others; see 'refresh'
    """
    from evidence.vault.changing import key_files
    from evidence.vault.holders import reach

    case = session.open_case()
    holders = _holders(case)
    files = key_files(case, len(holders.current))
    if session.as_json:
        found = [holder.facts() for holder in holders.current.values()]
        value = {"holders": found, "key_files": files.count, "stale": files.stale}
        output.emit_json("recipients", value)
        return INCOMPLETE if files.stale else 0
    if named:
        consult_first(session, case, "recipients")
    names = _names(case) if named else {}
    rows = [
        [h.kind, names.get(h.recipient) or (h.key or "-")[:16], h.recipient]
        for h in holders.current.values()
    ]
    output.table(["kind", "who", "recipient"], rows)
    output.say(reach(holders))
    if not files.stale:
        return 0
    count = f"{len(files.stale)} of {files.count} key files"
    output.tell(f"{count} are not for these: run 'custody recipient refresh'.")
    return INCOMPLETE


@command.command(name="add")
@click.argument("who", metavar="FILE|age1...")
@click.option("--recovery", is_flag=True, help="A recovery key, not a custodian.")
@click.option("--name", default="", help="Whose it is (sealed); for age1...")
@click.option("--fingerprint", metavar="WORDS", help="Words the person read to you.")
@acting_options
@session_options
@click.pass_obj
def add(
    session: Session, who: str, recovery: bool, name: str, fingerprint: str | None
) -> None:
    """Let somebody decrypt the whole case, what is there already included.

    FILE is a public description ('custody identity export'); its key vouches for the
    recipient, so compare its words with the person. A bare age1... is taken as it is.
    """
    from evidence.vault.changing import add_holder
    from evidence.vault.holders import CUSTODIAN, RECOVERY, Holder, check_recipient

    case = session.open_case()
    _holders(case)
    if recovery or who.startswith("age1"):
        kind = RECOVERY if recovery else CUSTODIAN
        holder = Holder(check_recipient(who), kind)
    else:
        holder, name = _described(session, Path(who), fingerprint)
    identity, signer = session.acting()
    with session.writing(case, identity, signer) as writer:
        entry, count = add_holder(writer, _keys(case), holder, name=name)
    _tell(session, holder, entry.seq, count)


def _described(
    session: Session, path: Path, fingerprint: str | None
) -> tuple[Holder, str]:
    from cli.confirming import confirm_key
    from evidence.case import unreadable
    from evidence.identity import Identity
    from evidence.vault.people import holder

    try:
        with path.open("rb") as stream:
            identity = Identity.from_bytes(stream.read(1 << 16))
    except OSError as error:
        raise unreadable(str(path), error) from error
    found = holder(identity)
    confirm_key(identity, fingerprint, known=session.known_keys())
    return found, identity.name


def _tell(session: Session, holder: Holder, seq: int, count: int) -> None:
    if session.as_json:
        value = {"holder": holder.facts(), "entry": seq, "key_files": count}
        output.emit_json("recipient", value)
        return
    output.say(f"Entry {seq}; {count} key file(s) encrypted anew.")


@command.command(name="remove")
@click.argument("recipient", metavar="age1...")
@acting_options
@session_options
@click.pass_obj
def remove(session: Session, recipient: str) -> None:
    """Leave a recipient out when keys are encrypted from now on.

    Whoever has a copy of the case or of its keys folder from before can still decrypt
    everything acquired until now: the keys themselves stay the same. Sealed records
    of the case as a whole stay readable for them, also new ones they get hold of.
    """
    from evidence.vault.changing import remove_holder
    from evidence.vault.holders import check_recipient

    case = session.open_case()
    holders = _holders(case)
    wanted = check_recipient(recipient)
    identity, signer = session.acting()
    with session.writing(case, identity, signer) as writer:
        entry, count = remove_holder(writer, _keys(case), wanted, name="")
    _tell(session, holders.current[wanted], entry.seq, count)
    output.tell(
        "What they copied before stays readable for them: have these copies destroyed. "
        "For full effect on what comes, open a new case."
    )


@command.command(name="refresh")
@acting_options
@session_options
@click.pass_obj
def refresh(session: Session) -> None:
    """Encrypt the keys to the present recipients again, after an interruption."""
    from evidence.vault.changing import rewrap

    case = session.open_case()
    _holders(case)
    identity, signer = session.acting()
    with session.writing(case, identity, signer) as writer:
        count = rewrap(writer, _keys(case))
    if session.as_json:
        output.emit_json("recipient-refresh", {"key_files": count})
    else:
        output.say(f"{count} key file(s) encrypted anew.")


@command.command(name="recovery")
@output_option("File to write; it must not exist.")
@session_options
@click.pass_obj
def recovery(session: Session, target: Path) -> None:
    """Make a recovery key: a file to keep elsewhere, on paper or on a stick.

    Its recipient goes to 'custody init --recovery' or 'recipient add --recovery'.
    Whoever has the file can decrypt: write it to the stick, not to this computer.
    """
    from evidence.vault.agekeys import identity_file, new_identity, recipient_of

    check_target(target)
    secret = new_identity()
    recipient = recipient_of(secret)
    write_out(target, identity_file(secret, "custody: recovery key"))
    if session.as_json:
        output.emit_json("recovery", {"file": str(target), "recipient": recipient})
        return
    output.say(recipient)
    output.tell(
        f"Wrote {target}. It is not protected by a passphrase: print it or keep the "
        "stick locked up, away from the case, and try it once: "
        "CUSTODY_AGE_IDENTITY=FILE custody verify CASE"
    )
