"""What the exports share: searched before they are put in place, and how they end."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypedDict, TypeVar

import click

from cli import output
from cli.session import Session

if TYPE_CHECKING:
    from evidence.case import Case
    from evidence.grounds import Basis
    from evidence.identity import Identity
    from evidence.interchange.putting import Put
    from evidence.lint.findings import Result
    from manifests.keys import Signer
    from manifests.verifying.expected import ExpectedExhibit

    Acting = tuple[Identity, Signer]

_F = TypeVar("_F", bound=Callable[..., object])


def let_through_option(function: _F) -> _F:
    """Add ``--let-through``."""
    return click.option(
        "--let-through",
        metavar="REASON",
        help="Write it although an identifier was found; the reason is recorded, "
        "sealed.",
    )(function)


def naming_options(function: _F) -> _F:
    """Add what lists of what is inside exhibits need: how, to whom, and for what."""
    for option in (
        click.option(
            "--in-clear",
            is_flag=True,
            help="Of an encrypted case: list what is inside in plaintext.",
        ),
        click.option(
            "--for",
            "given_for",
            metavar="WORD",
            default="",
            help="With --with-names: for what; see 'custody consent words'.",
        ),
        click.option(
            "--to",
            "recipient",
            metavar="ALIAS",
            default="",
            help="With --with-names: who gets it, an alias (ORG-2) or a key id.",
        ),
        click.option(
            "--with-names",
            "named",
            is_flag=True,
            help="Give paths and names of files: a disclosure, recorded first.",
        ),
    ):
        function = option(function)
    return function


class NamingOptions(TypedDict):
    """The options `naming_options` adds."""

    named: bool
    recipient: str
    given_for: str
    in_clear: bool


def naming_of(given: NamingOptions) -> Naming:
    """Return what the options say."""
    return Naming(
        given["named"], given["recipient"], given["given_for"], given["in_clear"]
    )


@dataclass(frozen=True, slots=True)
class Naming:
    """Whether names of files are in a list, to whom it goes, and for what.

    Attributes:
        in_clear: what is encrypted in the case may be listed in plaintext.
    """

    named: bool
    recipient: str
    purpose: str
    in_clear: bool = False

    def check(self) -> None:
        """Refuse names for nobody, and a recipient of nothing.

        Raises:
            click.UsageError: the options do not fit together.
            ConsentAliasError: the recipient is no alias.
        """
        from evidence.consent.words import check_recipient, words

        if not self.named and not self.recipient and not self.purpose:
            return
        if not (self.named and self.recipient and self.purpose):
            raise click.UsageError("Give --with-names, --to and --for together.")
        check_recipient(self.recipient)
        if self.purpose not in words().purposes:
            known = ", ".join(words().purposes)
            raise click.UsageError(f"--for is one of: {known}.")


def check_plaintext(exhibits: list[ExpectedExhibit], naming: Naming) -> None:
    """Refuse to list what is encrypted in plaintext unless somebody decided so.

    Raises:
        ListInClearError: it was not said.
        NothingEncryptedError: it was said of what is not encrypted.
    """
    from evidence.consent_errors import NothingEncryptedError
    from evidence.interchange_errors import ListInClearError

    encrypted = [expected.id for expected in exhibits if expected.encrypted]
    if encrypted and not naming.in_clear:
        raise ListInClearError(exhibit=encrypted[0])
    if naming.in_clear and not encrypted:
        raise NothingEncryptedError(option="--in-clear")


def basis_of_names(case: Case, naming: Naming, names: tuple[str, ...]) -> Basis:
    """Return on what it stands that inventories go to somebody; or refuse it.

    Raises:
        GroundRefusedError, ...: as `evidence.leaving.basis_to_leave`.
    """
    from cli.grounds import claim
    from evidence.clock import now
    from evidence.leaving import basis_to_leave
    from evidence.scope import Scope, Touch

    to, purpose = naming.recipient, naming.purpose
    scope = Scope(Touch.DISCLOSE, now().time, names, recipient=to, purpose=purpose)
    return basis_to_leave(case, scope, claim())


def record_names(
    session: Session,
    case: Case,
    naming: Naming,
    names: tuple[str, ...],
    acting: Acting,
) -> None:
    """Record that inventories go to somebody, on a ground that covers it; or refuse.

    Raises:
        As `basis_of_names`; ProofImpossibleError: an inventory is not the recorded one.
    """
    from evidence.disclosing import Portion, prepare, record

    portions = [Portion(name, None, payload=False) for name in names]
    prepared = prepare(case, portions, in_clear=naming.in_clear)
    to, purpose = naming.recipient, naming.purpose
    with session.writing(case, *acting) as writer:
        basis = basis_of_names(case, naming, names)
        entry = record(
            writer, prepared, recipient=to, purpose=purpose, basis=basis, note="export"
        )
    output.tell(f"Recorded as a disclosure, entry {entry.seq}.")


def chosen(case: Case, names: tuple[str, ...]) -> list[ExpectedExhibit]:
    """Return the exhibits named, in the order of the case.

    Raises:
        ExhibitUnknownError: the case has no such exhibit.
        ExhibitErasedError: it was erased; there is nothing to look at.
    """
    from evidence.errors import ExhibitUnknownError
    from evidence.interchange.source import source_of
    from evidence.retention.absence import refuse_erased

    wanted = {name.upper() for name in names}
    found = [e for _, e in source_of(case).exhibits() if e.id in wanted]
    for name in sorted(wanted - {expected.id for expected in found}):
        raise ExhibitUnknownError(exhibit=name)
    for expected in found:
        refuse_erased(case, expected.id)
    return found


def put_in_place(
    session: Session,
    case: Case,
    target: Path,
    pieces: Iterable[bytes],
    *,
    named: bool = False,
    reason: str | None = None,
) -> Put:
    """Write an export, search it for identifiers, and give it its name.

    Raises:
        IdentifierFoundError, LintIncompleteError: it was not put in place.
        As `evidence.interchange.putting.put`.
    """
    from evidence.interchange.putting import put, search

    check_reason(reason)

    def check(part: Path, digest: str) -> None:
        found = search(case, part, named=named, name=target.name)
        judge(session, case, found, digest, reason)

    return put(target, pieces, check)


def check_reason(reason: str | None) -> None:
    """Refuse a blank reason."""
    if reason is not None and not reason.strip():
        raise click.UsageError("Give a reason with --let-through.")


def judge(
    session: Session, case: Case, result: Result, digest: str, reason: str | None
) -> None:
    """Refuse what identifiers were found in, or record why it may pass."""
    from evidence.lint.leaving import let_through, refuse

    if reason is None:
        refuse(result, "the export")
    elif result.blocking or result.unread:
        with session.writing(case, *session.acting()) as writer:
            let_through(
                writer,
                result.blocking,
                reason,
                unread=len(result.unread),
                file_sha256=digest,
            )
    for problem in result.problems:
        output.tell(f"Warning: not looked for: {problem}")


def tell_put(session: Session, case: Case, made: Put, kind: str) -> int:
    """Say what was written and whether the log behind it verifies."""
    from evidence.interchange.source import failing_axes
    from manifests.verifying.verdict import EXIT_CODES

    failing = failing_axes(case)
    if session.as_json:
        told = {"file": str(made.path), "bytes": made.bytes, "sha256": made.sha256}
        axes = [axis.value for axis in failing]
        output.emit_json("export", {"kind": kind, **told, "failed_axes": axes})
    else:
        output.say(f"{made.bytes:,} bytes written: {made.path}, sha256 {made.sha256}.")
    if failing:
        words = ", ".join(axis.value for axis in failing)
        output.tell(f"THE LOG DOES NOT VERIFY: {words}. Run 'custody verify'.")
    return next((EXIT_CODES[axis] for axis in EXIT_CODES if axis in failing), 0)
