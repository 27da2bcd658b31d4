"""What every command shares: the case, the identity, how to answer."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import click

if TYPE_CHECKING:
    from evidence.case import Case, CaseWriter
    from evidence.heads import Memory
    from evidence.identity import Identity, IdentityStore
    from manifests.keys import KeyId, Signer
    from manifests.warrants import Right

_F = TypeVar("_F", bound=Callable[..., object])
_MAX_PASSPHRASE_FILE = 4096
_ATTEMPTS = 3
AGE_IDENTITY = "CUSTODY_AGE_IDENTITY"  # file that opens an encrypted case


@dataclass(slots=True)
class Session:
    """Options that apply to every verb; set on the group or on the verb."""

    case: Path | None = None
    as_json: bool = False
    quiet: bool = False
    verbose: bool = False
    actor: str | None = None
    passphrase_file: Path | None = None
    role: str | None = None
    _signers: dict[str, Signer] = field(default_factory=dict)

    def case_path(self) -> Path:
        """Return the case folder: -C, $CUSTODY_CASE, or the current folder."""
        return self.case or Path(os.environ.get("CUSTODY_CASE") or ".")

    def open_case(self) -> Case:
        """Open the case to read."""
        from evidence.case import open_case

        return open_case(self.case_path()).opened(self.age_identities)

    def age_identities(self) -> tuple[str, list[str]]:
        """Return a name and the age identities of who reads an encrypted case.

        They are those of who acts, or in the file $CUSTODY_AGE_IDENTITY (a recovery
        key); a passphrase may be asked for.

        Raises:
            LockedError: there is nobody, or no passphrase.
        """
        from evidence.key_errors import (
            IdentityUnknownError,
            NoIdentityError,
            PassphraseNeededError,
        )
        from evidence.keyfile import FileSigner
        from evidence.vault.agekeys import read_identity_file
        from evidence.vault.people import age_identities, is_on_token
        from evidence.vault_errors import LockedError

        given = os.environ.get(AGE_IDENTITY)
        try:
            if given:
                path = Path(given)
                with path.open("rb") as stream:
                    protected = stream.read(4) == b"age-"
                passphrase = self.ask_passphrase(path.name) if protected else None
                return path.name, read_identity_file(path, passphrase)
            identity = self.identity()
            store = self.store()
            if is_on_token(store, identity):
                found = age_identities(store, identity, self.ask_passphrase)
                return identity.name, found
            _, signer = self._opened(identity)
            assert isinstance(signer, FileSigner)  # noqa: S101 - not on a token
            return identity.name, [signer.age_identity]
        except (IdentityUnknownError, NoIdentityError, PassphraseNeededError) as error:
            raise LockedError(reason=error.what.rstrip(".")) from error
        except OSError as error:
            reason = f"the file {AGE_IDENTITY} names cannot be read"
            raise LockedError(reason=reason) from error

    def reader(self) -> Callable[[], tuple[str, list[str]]] | None:
        """Return what opens encrypted files if a key was named, else None."""
        named = self.actor is not None or self.passphrase_file is not None
        return self.age_identities if named or os.environ.get(AGE_IDENTITY) else None

    def store(self) -> IdentityStore:
        """Return the store of this person's identities."""
        from evidence.identity import IdentityStore, home_folder

        return IdentityStore(home_folder())

    def memory(self) -> Memory:
        """Return what this machine remembers of the heads it vouched for."""
        from evidence.heads import Memory
        from evidence.identity import home_folder

        return Memory(home_folder())

    @contextmanager
    def writing(
        self,
        case: Case,
        identity: Identity,
        signer: Signer,
        *,
        right: Right | None = None,
    ) -> Iterator[CaseWriter]:
        """Open a case to write: it must extend what this machine vouched for.

        Args:
            right: what the key is going to be used for; to act, when None.

        Raises:
            BrokenManifestError: it was put back to an older state, or rewritten.
            As `evidence.case.writing`.
        """
        from evidence.case import writing
        from manifests.warrants import Right

        known = self.memory().known(case.settings.origin)
        with writing(
            case,
            identity,
            signer,
            known=known,
            vouched=self.remember(case),
            right=right or Right.ACT,
        ) as writer:
            if writer.unfinished:
                from cli import output

                output.tell(f"Warning: {writer.unfinished}")
            yield writer

    def remember(self, case: Case) -> Callable[[bytes], None]:
        """Return what keeps a head in this machine's memory.

        It raises `HeadNotRememberedError` when it cannot: the act is recorded then.
        """
        from evidence.witness_errors import HeadNotRememberedError
        from manifests.errors import CustodyError

        def keep(note: bytes) -> None:
            try:
                self.memory().remember(case.settings.origin, note)
            except CustodyError as error:
                reason = error.what.rstrip(".")
                raise HeadNotRememberedError(reason=reason) from error

        return keep

    def trusted(self) -> list[Identity]:
        """Return the keys of others this person trusts.

        Raises:
            TrustUnclearError: they cannot be relied on.
        """
        from evidence.identity import home_folder
        from evidence.trust import TrustStore

        return TrustStore(home_folder()).list()

    def known_keys(self) -> frozenset[KeyId]:
        """Return the ids of the own keys and of those trusted."""
        known = [*self.store().list(), *self.trusted()]
        return frozenset(identity.key for identity in known)

    def identity(self) -> Identity:
        """Return who acts: --as, $CUSTODY_IDENTITY, or the only identity."""
        wanted = self.actor or os.environ.get("CUSTODY_IDENTITY") or None
        return self.store().find(wanted)

    def acting(self) -> tuple[Identity, Signer]:
        """Return who acts and their opened key; may ask for the passphrase.

        At a terminal a mistyped passphrase may be typed again, `_ATTEMPTS` times.
        """
        _warn_of_foreign_code()
        identity, signer = self._opened(self.identity())
        if self.role is None:
            return identity, signer
        return identity.acting_as(self.role), signer

    def open_key(self, wanted: str) -> tuple[Identity, Signer]:
        """Return another identity of this person and its opened key."""
        return self._opened(self.store().find(wanted))

    def _opened(self, identity: Identity) -> tuple[Identity, Signer]:
        signer = self._signers.get(identity.key)
        if signer is None:
            signer = self._signers[identity.key] = self._open(identity)
        return identity, signer

    def _open(self, identity: Identity) -> Signer:
        from evidence.key_errors import WrongPassphraseError

        store = self.store()
        asking = self.given_passphrase() is None and sys.stdin.isatty()
        for _ in range(_ATTEMPTS - 1 if asking else 0):
            try:
                return store.signer(identity, self.ask_passphrase)
            except WrongPassphraseError as error:
                from cli import output

                output.tell(error.what)
        return store.signer(identity, self.ask_passphrase)

    def given_passphrase(self) -> str | None:
        """Return a passphrase from a file or the environment, None without one.

        Raises:
            PassphraseRefusedError: it is not UTF-8 text.
        """
        from evidence.key_errors import PassphraseRefusedError

        try:
            if self.passphrase_file is not None:
                with self.passphrase_file.open("rb") as stream:
                    data = stream.read(_MAX_PASSPHRASE_FILE)
                return data.decode("utf-8").rstrip("\r\n")
            given = os.environ.get("CUSTODY_PASSPHRASE")
            if given is not None:
                given.encode("utf-8")
        except UnicodeError as error:
            raise PassphraseRefusedError(reason="it is not UTF-8 text") from error
        return given

    def ask_passphrase(self, name: str) -> str:
        """Return the passphrase of an existing key.

        Raises:
            PassphraseNeededError: none was given and there is no terminal to ask at.
        """
        from evidence.key_errors import PassphraseNeededError
        from evidence.visible import visible

        given = self.given_passphrase()
        if given is not None:
            return given
        if not sys.stdin.isatty():
            raise PassphraseNeededError(name=name)
        prompt = f"Passphrase of {visible(name)}"
        return str(click.prompt(prompt, hide_input=True, err=True))


def _warn_of_foreign_code() -> None:
    """Say so when the environment can put other code in the place of this tool's."""
    from cli import output

    if os.environ.get("PYTHONPATH") and not sys.flags.ignore_environment:
        output.tell("Warning: PYTHONPATH is set; code from there may be running.")


def _setter(attribute: str) -> Callable[[click.Context, click.Parameter, object], None]:
    def store(ctx: click.Context, _param: click.Parameter, value: object) -> None:
        if value not in (None, False):
            setattr(ctx.ensure_object(Session), attribute, value)

    return store


def session_options(function: _F) -> _F:
    """Add the options every verb takes; they may stand before or after the verb."""
    path = click.Path(path_type=Path)
    for option in (
        click.option(
            "-C",
            "--case",
            type=path,
            expose_value=False,
            callback=_setter("case"),
            help="Case folder (default: $CUSTODY_CASE or the current folder).",
        ),
        click.option(
            "--json",
            is_flag=True,
            expose_value=False,
            callback=_setter("as_json"),
            help="Print the result as one JSON object.",
        ),
        click.option(
            "-q",
            "--quiet",
            is_flag=True,
            expose_value=False,
            callback=_setter("quiet"),
            help="No progress and no hints.",
        ),
        click.option(
            "-v",
            "--verbose",
            is_flag=True,
            expose_value=False,
            callback=_setter("verbose"),
            help="More detail; a bug shows its traceback.",
        ),
    ):
        function = option(function)
    return function


def acting_options(function: _F) -> _F:
    """Add the options of verbs that sign."""
    return click.option(
        "--role",
        "acting_role",
        metavar="ROLE",
        expose_value=False,
        callback=_setter("role"),
        help="Role to act in (default: that of the identity).",
    )(signing_options(function))


def signing_options(function: _F) -> _F:
    """Add the options of verbs that sign, except for the role."""
    path = click.Path(path_type=Path, exists=True, dir_okay=False)
    for option in (
        click.option(
            "--as",
            "actor",
            metavar="NAME",
            expose_value=False,
            callback=_setter("actor"),
            help="Identity to act as (default: $CUSTODY_IDENTITY or the only one).",
        ),
        click.option(
            "--passphrase-file",
            type=path,
            expose_value=False,
            callback=_setter("passphrase_file"),
            help="File that holds the passphrase (or set $CUSTODY_PASSPHRASE).",
        ),
    ):
        function = option(function)
    return function
