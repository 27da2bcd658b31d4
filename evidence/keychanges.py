"""Changing who may sign in a case, and answering acts that need a second person.

What the rules allow is decided by `manifests.standing` when the entry is appended;
here the entry is put together and the parts of it that people read are stored.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from evidence.case import IDENTITIES, CaseWriter
from evidence.clock import now, utc_text
from evidence.identity import Identity
from evidence.joining import JoinRequest, request_to_join
from evidence.key_errors import KeyChangeRefusedError, TimeRefusedError
from evidence.retention.erasing import check_no_hold
from evidence.retention.register import register_of
from evidence.signals import held
from manifests import durable
from manifests.canonical import Json
from manifests.entries import Entry, EntryType
from manifests.errors import MalformedError
from manifests.keys import KeyId, Signer
from manifests.warrants import Warrant

MAX_REASON = 10_000


def moment(text: str) -> str:
    """Return a time given with its offset as UTC, RFC 3339, microseconds.

    Args:
        text: ``2026-03-01T14:30:00+01:00``, ``...Z``, or ``now``.

    Raises:
        TimeRefusedError: it is no time, or lacks its offset (so it is ambiguous).
    """
    if text.strip().casefold() == "now":
        return now().time
    try:
        told = datetime.fromisoformat(text.strip())
    except ValueError as error:
        raise TimeRefusedError(text=text, reason="it is not written so") from error
    if told.tzinfo is None:
        raise TimeRefusedError(text=text, reason="it names no time zone")
    try:
        return utc_text(told.astimezone(UTC))
    except (OverflowError, ValueError) as error:
        raise TimeRefusedError(text=text, reason="it is out of range") from error


@contextmanager
def explained() -> Iterator[None]:
    """Say what the rules refuse as such, not as a damaged file."""
    try:
        yield
    except MalformedError as error:
        reason = f"{error.facts['what']} is refused, {error.facts['reason']}"
        raise KeyChangeRefusedError(reason=reason) from error


def is_waiting(writer: CaseWriter, entry: Entry) -> bool:
    """Tell whether an entry is not in force before a second person approves it."""
    return entry.seq in writer.log.standing.pending


def enrol(
    writer: CaseWriter,
    request: JoinRequest,
    warrant: Warrant,
    *,
    replaces: KeyId | None = None,
) -> Entry:
    """Enrol the key of a request with what `warrant` allows it.

    Raises:
        JoinRefusedError: the request is for another case, or its proof does not hold.
        TimeRefusedError: it could never act.
        KeyChangeRefusedError: the case does not allow it.
    """
    request.check(writer.case.settings.origin)
    if not warrant.rights:
        raise KeyChangeRefusedError(reason="a key without any right can do nothing")
    until = warrant.not_after
    if until and until <= max(warrant.not_before, now().time):
        raise TimeRefusedError(text=until, reason="the key could never act")
    facts: dict[str, Json] = {
        "enrols": request.key_object(warrant),
        "replaces": replaces,
    }
    with held(), explained():
        entry = writer.record(
            EntryType.KEY_ENROL,
            facts=facts,
            private={"holder": request.identity.fields()},
        )
        _store_description(writer, request.identity)
    return entry


def revoke(writer: CaseWriter, key: KeyId, *, since: str, reason: str) -> Entry:
    """Let nothing count that `key` signs from `since` on (UTC, RFC 3339).

    Raises:
        KeyChangeRefusedError: it is the own key, or nobody would be left to manage
            the keys, or the key is not there.
        TimeRefusedError: the time is still to come.
    """
    standing = writer.log.standing
    own = writer.signer.public.id
    if standing.holders.get(key) == standing.holders[own] and key in standing.in_force:
        text = "it is your own key; replace it with 'custody key rotate'"
        raise KeyChangeRefusedError(reason=text)
    if since > now().time:
        raise TimeRefusedError(text=since, reason="it is still to come")
    facts: dict[str, Json] = {"from": since, "key": key, "reason": reason}
    with held(), explained():
        return writer.record(EntryType.KEY_REVOKE, facts=facts)


def rotate(writer: CaseWriter, identity: Identity, signer: Signer) -> Entry:
    """Replace the acting key by another one of the same person.

    Unless the entry waits for a second person, the new key is in force at once and
    signs the checkpoint, so `writer` goes on with it.

    Raises:
        KeyChangeRefusedError: the case does not allow it.
    """
    old = writer.log.standing.in_force[writer.signer.public.id]
    request = request_to_join(identity, signer, writer.case.settings.origin)
    warrant = request.warrant(
        roles=old.roles,
        rights=old.rights,
        not_before=old.not_before,
        not_after=old.not_after,
    )
    with held():
        entry = enrol(writer, request, warrant, replaces=old.key.id)
        if not is_waiting(writer, entry):
            writer.identity, writer.signer = identity, signer
    return entry


def waiting_entry(writer: CaseWriter, seq: int) -> Entry:
    """Return the entry `seq`, which waits for a second person.

    Raises:
        KeyChangeRefusedError: it does not wait (any more), or it is the own one.
    """
    standing = writer.log.standing
    entry = standing.pending.get(seq)
    if entry is None:
        reason = f"entry {seq} does not wait for a second person"
        raise KeyChangeRefusedError(reason=reason)
    own = standing.holders[writer.signer.public.id]
    if standing.holders[KeyId(entry.actor)] == own:
        reason = f"entry {seq} is your own; another person has to answer it"
        raise KeyChangeRefusedError(reason=reason)
    return entry


def answer(writer: CaseWriter, seq: int, *, approves: bool, reason: str) -> Entry:
    """Approve or refuse what another person did; the reason is sealed.

    Raises:
        KeyChangeRefusedError: nothing of that number waits for this person.
        LegalHoldError: it would erase what is under a legal hold by now.
    """
    entry = waiting_entry(writer, seq)
    if approves and entry.type == EntryType.ERASE:
        check_no_hold(register_of(writer.case), entry.exhibits)
    facts: dict[str, Json] = {
        "entry": entry.leaf.hex(),
        "kind": "approval" if approves else "refusal",
        "seq": seq,
    }
    private: dict[str, Json] | None = {"reason": reason} if reason else None
    with held(), explained():
        return writer.record(EntryType.ANNOTATE, facts=facts, private=private)


def _store_description(writer: CaseWriter, identity: Identity) -> None:
    """Put the public description beside the others, for people to read."""
    if writer.vault is not None:
        return  # it holds a name in clear; the sealed record tells it, too
    path = writer.case.path / IDENTITIES / f"{identity.key}.json"
    if not path.exists():
        durable.write_new(path, identity.to_bytes(), system=writer.log.system)
