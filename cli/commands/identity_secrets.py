"""`custody identity passphrase` and `recipient`: how a private key is kept."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from cli import output
from cli.session import Session, session_options
from cli.writing_out import check_target, output_option, write_out

_FILE = click.Path(path_type=Path, exists=True, dir_okay=False)


def new_passphrase(session: Session, name: str) -> str:
    """Return a passphrase for a new key: given, or asked for twice.

    Raises:
        PassphraseNeededError, PassphraseRefusedError: none, empty, or not repeated.
    """
    from evidence.key_errors import PassphraseNeededError, PassphraseRefusedError

    given = session.given_passphrase()
    if given is None:
        if not sys.stdin.isatty():
            raise PassphraseNeededError(name=name)
        given = str(click.prompt("New passphrase", hide_input=True, err=True))
        again = str(click.prompt("The same again", hide_input=True, err=True))
        if given != again:
            raise PassphraseRefusedError(reason="the two entries differ")
    if not given:
        raise PassphraseRefusedError(reason="it is empty")
    return given


@click.command(name="passphrase")
@click.argument("name", required=False)
@click.option("--passphrase-file", type=_FILE, help="File that holds the old one.")
@click.option("--new-passphrase-file", type=_FILE, help="File that holds the new one.")
@session_options
@click.pass_obj
def passphrase(
    session: Session,
    name: str | None,
    passphrase_file: Path | None,
    new_passphrase_file: Path | None,
) -> None:
    """Change the passphrase of a private key; the key stays the same.

    Copies of the key file made before still open with the old passphrase: destroy them
    if the old one became known, and rotate the key ('custody key rotate').
    """
    from evidence.vault.people import change_passphrase

    session.passphrase_file = passphrase_file
    store = session.store()
    identity = store.find(name)
    fresh = Session(passphrase_file=new_passphrase_file)

    def ask_new(whose: str) -> str:
        if new_passphrase_file is None and not sys.stdin.isatty():
            from evidence.key_errors import PassphraseNeededError

            raise PassphraseNeededError(name=whose)
        return _typed_or_given(fresh, whose, given=new_passphrase_file is not None)

    change_passphrase(store, identity, old=session.ask_passphrase, new=ask_new)
    if session.as_json:
        output.emit_json("identity-passphrase", {"key": identity.key})
    elif not session.quiet:
        output.tell(
            f"The passphrase of {identity.name} was changed. Old copies of the key "
            "file still open with the old one: back up anew, destroy the old backup."
        )


def _typed_or_given(session: Session, name: str, *, given: bool) -> str:
    """Never take the new passphrase from the variable that holds the old one."""
    if given:
        return new_passphrase(session, name)
    from evidence.key_errors import PassphraseRefusedError

    typed = str(click.prompt("New passphrase", hide_input=True, err=True))
    if typed != str(click.prompt("The same again", hide_input=True, err=True)):
        raise PassphraseRefusedError(reason="the two entries differ")
    if not typed:
        raise PassphraseRefusedError(reason="it is empty")
    return typed


@click.command(name="recipient")
@click.argument("name", required=False)
@click.option("--passphrase-file", type=_FILE, help="File that holds the passphrase.")
@output_option(
    "Also write the age identity here, for the age tool; passphrase-protected.",
    required=False,
)
@session_options
@click.pass_obj
def recipient(
    session: Session,
    name: str | None,
    passphrase_file: Path | None,
    target: Path | None,
) -> None:
    """Show the age recipient of an identity; make it where there is none yet.

    With -o, the secret age identity is written too, in age's own passphrase-protected
    form, so that 'age -d -i FILE' opens the case without this tool.
    """
    from evidence.vault import agekeys
    from evidence.vault.people import age_identities, make_recipient

    session.passphrase_file = passphrase_file
    if target is not None:
        check_target(target)
    store = session.store()
    identity = store.find(name)
    if not identity.recipient:
        _, signer = session.open_key(identity.key)

        def fresh(whose: str) -> str:
            return new_passphrase(session, whose)

        identity = make_recipient(store, identity, signer, fresh)
    if target is not None:
        secret = age_identities(store, identity, session.ask_passphrase)[0]
        comment = "custody: age identity"
        passphrase = new_passphrase(session, identity.name)
        write_out(target, agekeys.protected(secret, comment, passphrase))
    if session.as_json:
        value = {"key": identity.key, "recipient": identity.recipient}
        output.emit_json("identity-recipient", value)
    else:
        output.say(identity.recipient)
