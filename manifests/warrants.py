"""How entries say which keys may sign: the forms shared by writer and verifier.

Only forms are here: what an object must look like and which bytes prove possession of
a key. Who may do what follows from the log, and writer (`manifests.standing`) and
verifier (`manifests.verifying.keyring`) each work that out for themselves.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from manifests import canonical
from manifests.canonical import Json, base64_bytes
from manifests.entries import Entry, EntryType
from manifests.errors import MalformedError
from manifests.keys import KeyId, PostQuantumKey, PublicKey

POSSESSION_TYPE = "application/vnd.custody.possession.v1+json"
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", re.ASCII)
ROLE = re.compile(r"[a-z]{2,20}(-[a-z]{1,20})?")
_HASH = re.compile(r"[0-9a-f]{64}")
MAX_ROLES = 16
REASONS = ("superseded", "compromised", "lost", "left", "other")
APPROVALS = ("approval", "refusal")
_KEY_TYPES = frozenset((EntryType.KEY_ENROL.value, EntryType.KEY_REVOKE.value))
_ANNOTATE: Final = EntryType.ANNOTATE.value
MAX_APPROVERS = 16
MAX_KEYS = 1000  # of one log, ended ones included
# Acts that cannot wait: the first one, the answers, and what tidies after a crash.
_NEVER_WAIT = frozenset({EntryType.CASE_OPEN, EntryType.ANNOTATE, EntryType.RECOVERY})
CAN_WAIT = frozenset(kind.value for kind in EntryType) - _NEVER_WAIT


class Right(StrEnum):
    """What a key may do."""

    ACT = "act"  # append entries
    APPROVE = "approve"  # give the second signature
    KEYS = "keys"  # enrol and revoke keys


_ACT: Final = Right.ACT  # looking up a member of an enum is slow


@dataclass(frozen=True, slots=True)
class Warrant:
    """A key and what it may do.

    Attributes:
        roles: roles it may act in; empty for any.
        not_before, not_after: validity of its acts, RFC 3339; "" for no bound.
            ``not_before <= time < not_after``.
    """

    key: PublicKey
    roles: tuple[str, ...] = ()
    rights: frozenset[Right] = frozenset(Right)
    not_before: str = ""
    not_after: str = ""
    post_quantum: PostQuantumKey | None = None

    def facts(self, possession: str) -> dict[str, Json]:
        """The key object of an entry; `possession` is the base64 proof."""
        rights: list[Json] = [*sorted(right.value for right in self.rights)]
        roles: list[Json] = [*self.roles]
        facts: dict[str, Json] = {
            "algorithm": self.key.algorithm.value,
            "key": self.key.id,
            "not_after": self.not_after or None,
            "not_before": self.not_before or None,
            "possession": possession,
            "public": self.key.text,
            "rights": rights,
            "roles": roles,
        }
        if self.post_quantum is not None:
            facts["post_quantum"] = self.post_quantum.text
        return facts


@dataclass(frozen=True, slots=True)
class Revocation:
    """A key that ends, the time from which its acts do not count, and why."""

    key: KeyId
    since: str
    reason: str


@dataclass(frozen=True, slots=True)
class Answer:
    """A second person's answer to an entry: its number, its leaf hash, yes or no."""

    seq: int
    leaf: str
    approves: bool


@dataclass(frozen=True, slots=True)
class Enrolment:
    """A key that comes into a log, and the key of the same person it replaces."""

    warrant: Warrant
    replaces: KeyId | None


def possession_message(
    key: KeyId, origin: str, post_quantum: PostQuantumKey | None = None
) -> bytes:
    """Return what a key signs to prove that its holder takes part in a log (DSSE).

    Args:
        post_quantum: the ML-DSA-44 key of the same holder, so that whoever enrols the
            key can neither drop that one nor put another in its place.
    """
    claim: dict[str, Json] = {"key": key, "log": origin}
    if post_quantum is not None:
        claim["post_quantum"] = post_quantum.fingerprint
    body = canonical.encode(claim, what="a proof of possession")
    kind = POSSESSION_TYPE.encode("ascii")
    return b"DSSEv1 %d %s %d %s" % (len(kind), kind, len(body), body)


def read_founder(entry: Entry) -> Warrant:
    """Read the founder's key from a case_open entry.

    Raises:
        MalformedError: it names no usable key.
    """
    founder = entry.facts.get("founder")
    if entry.seq != 0 or entry.type != EntryType.CASE_OPEN:
        raise MalformedError(what="the first entry", reason="it opens no case")
    if not isinstance(founder, dict):
        raise MalformedError(what="the first entry", reason="it names no founder")
    return Warrant(_public(founder), post_quantum=_post_quantum(founder))


def read_warrant(value: Json, origin: str) -> Warrant:
    """Read a key object and check its proof of possession.

    Raises:
        MalformedError: not its form, or the proof does not hold.
    """
    if not isinstance(value, dict):
        raise MalformedError(what="a key object", reason="it is not an object")
    key, post_quantum = _public(value), _post_quantum(value)
    proof = value.get("possession")
    try:
        signature = base64_bytes(proof) if isinstance(proof, str) else b""
    except ValueError as error:
        raise MalformedError(what="a key object", reason="no proof") from error
    message = possession_message(key.id, origin, post_quantum)
    if not key.is_signed(message, signature):
        reason = "the key did not sign that it takes part in this log"
        raise MalformedError(what="a key object", reason=reason)
    return Warrant(
        key,
        roles=_roles(value.get("roles")),
        rights=_rights(value.get("rights")),
        not_before=_time(value.get("not_before")),
        not_after=_time(value.get("not_after")),
        post_quantum=post_quantum,
    )


def read_enrolment(entry: Entry, origin: str) -> Enrolment:
    """Read a key_enrol entry.

    Raises:
        MalformedError: not its form, or the proof of possession does not hold.
    """
    replaces = entry.facts.get("replaces")
    named = isinstance(replaces, str) and _HASH.fullmatch(replaces)
    if replaces is not None and not named:
        raise MalformedError(what="an enrolment", reason="it replaces no key")
    warrant = read_warrant(entry.facts.get("enrols"), origin)
    return Enrolment(warrant, None if replaces is None else KeyId(str(replaces)))


def read_approvers(entry: Entry, origin: str) -> list[Warrant]:
    """Read the further keys a case begins with.

    Raises:
        MalformedError: not a list of key objects, or a proof does not hold.
    """
    items = entry.facts.get("approvers", [])
    if not isinstance(items, list) or len(items) > MAX_APPROVERS:
        raise MalformedError(what="the list of approvers", reason="it is no list")
    return [read_warrant(item, origin) for item in items]


def read_revocation(entry: Entry) -> Revocation:
    """Read a key_revoke entry.

    Raises:
        MalformedError: not its form, or it reaches into its own future.
    """
    key, since = entry.facts.get("key"), entry.facts.get("from")
    reason = entry.facts.get("reason")
    if not isinstance(key, str) or not _HASH.fullmatch(key):
        raise MalformedError(what="a revocation", reason="it names no key")
    if not isinstance(since, str) or not TIME.fullmatch(since) or since > entry.time:
        raise MalformedError(what="a revocation", reason="its time is not right")
    if not isinstance(reason, str) or reason not in REASONS:
        raise MalformedError(what="a revocation", reason="it gives no known reason")
    return Revocation(KeyId(key), since, reason)


def read_answer(entry: Entry) -> Answer | None:
    """Read an annotate entry that answers another; None for an ordinary note.

    Raises:
        MalformedError: it claims to answer, but not in the prescribed form.
    """
    kind = entry.facts.get("kind")
    if entry.type != EntryType.ANNOTATE or kind not in APPROVALS:
        return None
    seq, leaf = entry.facts.get("seq"), entry.facts.get("entry")
    plain = isinstance(seq, int) and not isinstance(seq, bool)
    if not plain or not isinstance(leaf, str) or not _HASH.fullmatch(leaf):
        raise MalformedError(what="an answer", reason="it names no entry")
    return Answer(int(str(seq)), leaf, kind == "approval")


def right_for(entry_type: str, facts: Mapping[str, Json]) -> Right:
    """Return the right an act needs."""
    if entry_type in _KEY_TYPES:
        return Right.KEYS
    if entry_type == _ANNOTATE and facts.get("kind") in APPROVALS:
        return Right.APPROVE
    return _ACT


def two_person_types(entry: Entry) -> frozenset[str]:
    """Return the types of acts that need a second person in this case.

    Raises:
        MalformedError: the rule is no list of types that can wait, or it leaves out
            `key_enrol`: one person could then enrol a second key as second person.
    """
    value = entry.facts.get("two_person", [])
    if not isinstance(value, list) or not all(isinstance(v, str) for v in value):
        raise MalformedError(what="the two-person rule", reason="it is no list")
    types = frozenset(str(v) for v in value)
    if not types <= CAN_WAIT:
        raise MalformedError(what="the two-person rule", reason="a type cannot wait")
    if types and EntryType.KEY_ENROL not in types:
        raise MalformedError(what="the two-person rule", reason="it lacks key_enrol")
    return types


def _public(value: Mapping[str, Json]) -> PublicKey:
    public, name = value.get("public"), value.get("key")
    if not isinstance(public, str):
        raise MalformedError(what="a key object", reason="it holds no key")
    key = PublicKey.from_text(public)
    if value.get("algorithm") != key.algorithm.value or name not in (None, key.id):
        raise MalformedError(what="a key object", reason="key and key id disagree")
    return key


def _post_quantum(value: Mapping[str, Json]) -> PostQuantumKey | None:
    text = value.get("post_quantum")
    if text is None:
        return None
    if not isinstance(text, str):
        raise MalformedError(what="a key object", reason="its ML-DSA key is no text")
    return PostQuantumKey.from_text(text)


def _roles(value: Json) -> tuple[str, ...]:
    if not isinstance(value, list) or len(value) > MAX_ROLES:
        raise MalformedError(what="a key object", reason="its roles are no list")
    roles = tuple(str(role) for role in value)
    if not all(isinstance(v, str) and ROLE.fullmatch(v) for v in value):
        raise MalformedError(what="a key object", reason="a role is not one word")
    return roles


def _rights(value: Json) -> frozenset[Right]:
    if not isinstance(value, list) or len(value) > len(Right):
        raise MalformedError(what="a key object", reason="its rights are no list")
    try:
        return frozenset(Right(str(v)) for v in value)
    except ValueError as error:
        raise MalformedError(what="a key object", reason="unknown right") from error


def _time(value: Json) -> str:
    if value is None:
        return ""
    if not isinstance(value, str) or not TIME.fullmatch(value):
        raise MalformedError(what="a key object", reason="its validity is no time")
    return value
