"""C2SP tlog-policy: which logs are meant, and whose cosignatures together suffice.

The parser is strict: what the specification does not allow is refused, never skipped.
Names are opaque octets; they are kept as text in which a byte that is not UTF-8 is a
surrogate escape (PEP 383), so that two names are equal exactly when their bytes are.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from manifests import note
from manifests.checkpoint import is_signed_by, read_checkpoint
from manifests.cosignature import ML_DSA_44, Cosigner
from manifests.errors import MalformedError
from manifests.keys import PostQuantumKey, PublicKey

NOBODY = "none"
MAX_POLICY_BYTES = 1 << 20
MAX_OF_A_KIND = 256  # the specification asks for at least 32 logs, witnesses, groups
_SPACES = re.compile("[ \t]+")
_NUMBER = re.compile("[1-9][0-9]{0,3}")
_OCTETS = frozenset({0x09, 0x0A, *range(0x20, 0x7F), *range(0x80, 0x100)})


@dataclass(frozen=True, slots=True)
class PolicyLog:
    """A log the policy accepts: its origin and the key that signs its checkpoints."""

    origin: str
    key: PublicKey | PostQuantumKey
    url: str = ""

    def has_signed(self, signed: note.SignedNote) -> bool:
        """Tell whether this log's key signed a checkpoint note of its origin."""
        head = read_checkpoint(signed.text)
        if head.origin != self.origin:
            return False
        if isinstance(self.key, PublicKey):
            return is_signed_by(signed, self.origin, self.key)
        key = Cosigner(self.origin, self.key)
        lines = [line for line in signed.signatures if key.names(line)]
        times = [key.time_of(line, signed.text, head) for line in lines]
        return bool(times) and min(times) >= 0


@dataclass(frozen=True, slots=True)
class Group:
    """`least` of `members` (witnesses or groups defined before) make it witness."""

    name: str
    least: int
    members: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Policy:
    """A parsed policy; build it with `read_policy`.

    Attributes:
        witnesses: by their names in the policy; urls: where they answer, if told.
        groups: in the order of the file, so each after what it refers to.
        quorum: name of a witness or group, or "none".
    """

    logs: tuple[PolicyLog, ...] = ()
    witnesses: Mapping[str, Cosigner] = field(default_factory=dict)
    groups: tuple[Group, ...] = ()
    quorum: str = NOBODY
    urls: Mapping[str, str] = field(default_factory=dict)

    def is_reached(self, cosigned: frozenset[str]) -> bool:
        """Tell whether the witnesses `cosigned` (names here) reach the quorum."""
        if self.quorum == NOBODY:
            return True
        reached = {name for name in self.witnesses if name in cosigned}
        for group in self.groups:
            if sum(member in reached for member in group.members) >= group.least:
                reached.add(group.name)
        return self.quorum in reached


def read_policy(data: bytes) -> Policy:
    """Read a policy file.

    Raises:
        MalformedError: it is not what the specification allows, or too large.
    """
    if len(data) > MAX_POLICY_BYTES:
        raise _refused("it is too long")
    if not set(data) <= _OCTETS:
        raise _refused("it holds control characters")
    if data and not data.endswith(b"\n"):
        raise _refused("its last line is not ended by a newline")
    reader = _Reader()
    for line in data.decode("utf-8", "surrogateescape").split("\n"):
        words = _SPACES.split(line.strip(" \t"))
        if words[0] and not words[0].startswith("#"):
            reader.take(words)
    return reader.finish()


def _refused(reason: str) -> MalformedError:
    return MalformedError(what="The policy", reason=reason)


class _Reader:
    """Collects the lines of a policy, each judged against those before."""

    def __init__(self) -> None:
        self._logs: list[PolicyLog] = []
        self._witnesses: dict[str, Cosigner] = {}
        self._urls: dict[str, str] = {}
        self._groups: list[Group] = []
        self._members: set[str] = set()
        self._quorum: str | None = None

    def take(self, words: list[str]) -> None:
        takers = {
            "log": self._log,
            "witness": self._witness,
            "group": self._group,
            "quorum": self._take_quorum,
        }
        taker = takers.get(words[0])
        if taker is None:
            raise _refused("it has a line of an unknown kind")
        taker(words[1:])

    def finish(self) -> Policy:
        if self._quorum is None:
            raise _refused("it has no quorum line")
        return Policy(
            tuple(self._logs),
            self._witnesses,
            tuple(self._groups),
            self._quorum,
            self._urls,
        )

    def _log(self, words: list[str]) -> None:
        if not 1 <= len(words) <= 2:
            raise _refused("a log line has not its form")
        found = PolicyLog(*_log_key(words[0]), *words[1:])
        if any(found.key == other.key for other in self._logs):
            raise _refused("two logs have the same key")
        self._logs.append(found)
        _bound(len(self._logs))

    def _witness(self, words: list[str]) -> None:
        if not 2 <= len(words) <= 3:
            raise _refused("a witness line has not its form")
        name, vkey = words[0], words[1]
        self._claim(name)
        found = Cosigner.from_vkey(vkey)
        if any(found.key == other.key for other in self._witnesses.values()):
            raise _refused("two witnesses have the same key")
        self._witnesses[name] = found
        if len(words) == 3:
            self._urls[name] = words[2]
        _bound(len(self._witnesses))

    def _group(self, words: list[str]) -> None:
        if len(words) < 3:
            raise _refused("a group line has not its form")
        name, rule, members = words[0], words[1], words[2:]
        self._claim(name)
        for member in members:
            if not self._is_defined(member):
                raise _refused("a group has a member that is not defined before it")
            if member in self._members:
                raise _refused("a name is a member twice")
            self._members.add(member)
        self._groups.append(Group(name, _least(rule, len(members)), tuple(members)))
        _bound(len(self._groups))

    def _take_quorum(self, words: list[str]) -> None:
        if len(words) != 1:
            raise _refused("the quorum line has not its form")
        if self._quorum is not None:
            raise _refused("it has more than one quorum line")
        if words[0] != NOBODY and not self._is_defined(words[0]):
            raise _refused("the quorum is not defined before it")
        self._quorum = words[0]

    def _is_defined(self, name: str) -> bool:
        return name in self._witnesses or any(g.name == name for g in self._groups)

    def _claim(self, name: str) -> None:
        if name == NOBODY:
            raise _refused("the name none is reserved")
        if self._is_defined(name):
            raise _refused("a name is defined twice")


def _log_key(vkey: str) -> tuple[str, PublicKey | PostQuantumKey]:
    name, kind, raw = note.read_vkey(vkey)
    if kind == note.ED25519:
        return name, PublicKey(raw)
    if kind == ML_DSA_44:
        return name, PostQuantumKey(raw)
    raise MalformedError(what="a verifier key", reason="it is no log's")


def _least(rule: str, members: int) -> int:
    words = {"any": 1, "all": members}
    if rule in words:
        return words[rule]
    if not _NUMBER.fullmatch(rule) or int(rule) > members:
        raise _refused("a group's threshold is not a number from 1 to its members")
    return int(rule)


def _bound(count: int) -> None:
    if count > MAX_OF_A_KIND:
        raise _refused(f"it has more than {MAX_OF_A_KIND} lines of one kind")
