"""Cosignatures of other parties over the heads of a log: whose count, and how far.

A cosignature counts when a key that the verifier knows from outside, and that is no key
of the case, made it over a checkpoint that holds. It speaks for the entries of its
checkpoint and so for every shorter stretch, because all heads that hold are heads of
one and the same log. C2SP tlog-cosignature, tlog-policy.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from manifests.cosignature import Cosigner
from manifests.errors import MalformedError
from manifests.keys import KeyId, PostQuantumKey, PublicKey
from manifests.note import NoteSignature
from manifests.postquantum import is_available
from manifests.verifying.heads import Head, read_cosignatures
from manifests.verifying.policy import NOBODY, Policy
from manifests.verifying.verdict import Axis, AxisVerdict, Code, Finding, Status

CLOCK_TOLERANCE = timedelta(minutes=5)
_MAX_NAMED = 8
_MAX_FINDINGS = 1000
_MAX_SECONDS = 253402300799  # 9999-12-31; later times cannot be shown


@dataclass(frozen=True, slots=True)
class Witness:
    """A key whose countersignature the verifier takes into account.

    Attributes:
        label: what the verifier calls it.
        name: its name in notes; "" when any will do (the key id binds name and key).
    """

    label: str
    key: PublicKey | PostQuantumKey
    name: str = ""

    def cosigner(self, line: NoteSignature) -> Cosigner | None:
        """Return the cosigner a line claims to be by, None if not this witness."""
        if self.name not in ("", line.name):
            return None
        cosigner = Cosigner(line.name, self.key)
        return cosigner if cosigner.names(line) else None


@dataclass(frozen=True, slots=True)
class Countersigned:
    """One cosignature that counts: POSIX `time`, 0 when it states none."""

    label: str
    size: int
    time: int


def judge_witnesses(
    heads: Sequence[Head],
    own: Iterable[PublicKey | PostQuantumKey],
    entries: int,
    *,
    witnesses: Sequence[Witness],
    policy: Policy | None,
    now: datetime | None,
) -> tuple[list[Finding], AxisVerdict, int]:
    """Judge every cosignature; return findings, the axis, and the size witnessed.

    Args:
        heads: the checkpoints and what stands beside them.
        own: every key of the case; entries: how many there are.
        witnesses: keys known from outside; used only without a policy.
        policy: the verifier's; its witnesses alone count then.
        now: the verifier's present time; None leaves future times unremarked.
    """
    if policy is not None:
        witnesses = [
            Witness(name, cosigner.key, cosigner.name)
            for name, cosigner in policy.witnesses.items()
        ]
    court = _Court(list(own), witnesses, now)
    court.inside = {head.size for head in heads if not head.outside}
    for head in heads:
        court.hear(head)
    size = _size(court, policy)
    if policy is not None and size == 0 and policy.quorum != NOBODY:
        court.miss(policy)
    return court.findings, _axis(court, entries, policy, size), size


def judge_policy_log(heads: Sequence[Head], policy: Policy | None) -> list[Finding]:
    """Refuse a case when no log of the policy has signed one of `heads`, its newest."""
    if policy is None or not policy.logs:
        return []
    if any(known.has_signed(head.signed) for known in policy.logs for head in heads):
        return []
    text = "No log key of your policy signed the newest checkpoint of this case."
    return [Finding(Axis.TRUSTED, Code.KEY_NOT_ANCHORED, "policy", text)]


def policy_keys(origin: str, policy: Policy | None) -> frozenset[KeyId]:
    """Return the ids of the keys the policy gives for the log of `origin`."""
    return frozenset(
        known.key.id
        for known in (policy.logs if policy is not None else ())
        if known.origin == origin and isinstance(known.key, PublicKey)
    )


def unestablished(witnessed: int, outside: int) -> str:
    """Say what is not known of the end of the log.

    Args:
        witnessed: entries that are countersigned; outside: entries that a checkpoint
            kept outside the case confirms. 0 for none.
    """
    if witnessed:
        return (
            f"That nothing newer was cut off the end: the first {witnessed} entries "
            "are countersigned; of what may have come after them only the case itself "
            "tells."
        )
    confirmed = f"one was given and confirms the first {outside} entries"
    return (
        "That nothing was cut off the end: whoever can write to the only copy of "
        "a case can remove its newest acts with their checkpoints, and the holder "
        "of the key can rewrite all of it, as far as no checkpoint was kept "
        f"outside the case ({confirmed if outside else 'none was given'})."
    )


@dataclass(slots=True)
class _Court:
    """Collects what the cosignatures of all heads say."""

    keys: list[PublicKey | PostQuantumKey]
    witnesses: Sequence[Witness]
    now: datetime | None
    kept: dict[bool, dict[Finding, None]] = field(
        default_factory=lambda: {True: {}, False: {}}
    )
    counted: list[Countersigned] = field(default_factory=list)
    strangers: set[tuple[str, bytes]] = field(default_factory=set)
    inside: set[int] = field(default_factory=set)
    own: list[Witness] = field(init=False)

    def __post_init__(self) -> None:
        """Keys of the case never witness it, whoever else trusts them.

        Nor does the other key of an identity one of whose keys is the case's.
        """
        self.own = [Witness("", key) for key in self.keys]
        mine = {key.raw for key in self.keys}
        own = [w for w in self.witnesses if w.key.raw in mine]
        labels = {w.label for w in own if not w.name}
        beside = [w for w in self.witnesses if not w.name and w.label in labels]
        self.own += beside
        taken = {w.key.raw for w in (*own, *beside)}
        self.witnesses = [w for w in self.witnesses if w.key.raw not in taken]

    def _find(self, code: Code, subject: str, text: str) -> None:
        self._add(Finding(Axis.WITNESSED, code, subject, text))

    def _remark(self, code: Code, subject: str, text: str) -> None:
        self._add(Finding(Axis.WITNESSED, code, subject, text, fails=False))

    def _add(self, finding: Finding) -> None:
        """Keep a finding once; of failures and of remarks at most so many."""
        kept = self.kept[finding.fails]
        if len(kept) < _MAX_FINDINGS:
            kept.setdefault(finding)

    @property
    def findings(self) -> list[Finding]:
        """What was found, failures first."""
        return [*self.kept[True], *self.kept[False]]

    def hear(self, head: Head) -> None:
        """Judge the cosignatures of one head: beside it and in the note itself."""
        for line in head.signed.signatures:
            if line.name != head.checkpoint.origin:
                self._hear_line(head, head.name, line)
        if head.outside and head.size in self.inside:
            return  # the files in the case belong to the case's own checkpoint
        for name, data in head.cosignatures:
            try:
                lines = read_cosignatures(data)
            except MalformedError as error:
                self._find(Code.COSIGNATURE_MALFORMED, name, error.what)
                continue
            for line in lines:
                self._hear_line(head, name, line)

    def _hear_line(self, head: Head, subject: str, line: NoteSignature) -> None:
        claimed = _claimed(self.witnesses, line)
        post_quantum = any(isinstance(c.key, PostQuantumKey) for _, c in claimed)
        if post_quantum and not is_available():
            text = "This installation cannot check its ML-DSA-44 signature."
            self._remark(Code.POST_QUANTUM_UNCHECKED, subject, text)
            return
        for witness, cosigner in claimed:
            time = cosigner.time_of(line, head.signed.text, head.checkpoint)
            if time >= 0:
                self._count(head, subject, witness, time)
                return
        if claimed:
            text = f"The countersignature of {claimed[0][0].label} does not hold."
            self._find(Code.COSIGNATURE_WRONG, subject, text)
        elif _claimed(self.own, line):
            text = "It is by a key of the case itself, so it witnesses nothing."
            self._remark(Code.WITNESS_OWN_KEY, subject, text)
        else:
            self.strangers.add((line.name, line.key_id))

    def _count(self, head: Head, subject: str, witness: Witness, time: int) -> None:
        if not head.holds:
            text = (
                f"{witness.label} countersigned this checkpoint over {head.size} "
                f"entries ({_moment(time)}), and the manifest does not fit it."
            )
            self._find(Code.COSIGNATURE_HEAD, subject, text)
            return
        self.counted.append(Countersigned(witness.label, head.size, time))
        moment = _datetime(time)
        if time and (moment is None or self._is_future(moment)):
            text = f"Its time, {_moment(time)}, is in the future: a clock is wrong."
            self._remark(Code.COSIGNATURE_FUTURE, subject, text)
        elif time and moment is not None and _is_before(moment, head.last_time):
            text = (
                f"{witness.label} countersigned at {_moment(time)} what states a later "
                f"time ({head.last_time}): a clock was wrong, or was set."
            )
            self._remark(Code.TIME_AFTER_WITNESS, subject, text)

    def _is_future(self, moment: datetime) -> bool:
        return self.now is not None and moment > self.now + CLOCK_TOLERANCE

    def miss(self, policy: Policy) -> None:
        """Say that the quorum is not reached, and who was there."""
        there = sorted({counted.label for counted in self.counted})
        named = ", ".join(map(shown, there[:_MAX_NAMED])) or "nobody"
        text = f"The policy asks for {shown(policy.quorum)}; countersigned by: {named}."
        self._find(Code.QUORUM_MISSED, "policy", text)


def shown(name: str) -> str:
    """Return a policy's name as text; bytes that are not UTF-8 are spelled out."""
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


def _claimed(
    witnesses: Sequence[Witness], line: NoteSignature
) -> list[tuple[Witness, Cosigner]]:
    found = ((witness, witness.cosigner(line)) for witness in witnesses)
    return [(witness, cosigner) for witness, cosigner in found if cosigner is not None]


def _size(court: _Court, policy: Policy | None) -> int:
    """Return the largest size that enough witnesses have countersigned; 0 for none."""
    for size in sorted({counted.size for counted in court.counted}, reverse=True):
        labels = frozenset(c.label for c in court.counted if c.size >= size)
        if policy is None or policy.is_reached(labels):
            return size
    return 0


def _axis(court: _Court, entries: int, policy: Policy | None, size: int) -> AxisVerdict:
    failures = sum(1 for found in court.findings if found.fails)
    if failures:
        number = f"{failures} finding" + ("s" if failures > 1 else "")
        return AxisVerdict(Status.FAIL, f"{number}; see below.")
    if size == 0:
        return AxisVerdict(Status.NOT_CHECKED, _why_not(court, policy))
    times: dict[str, int] = {}
    for found in court.counted:
        if found.size >= size:
            known = times.get(found.label, 0)
            earlier = min(known, found.time) if known and found.time else 0
            times[found.label] = earlier or known or found.time
    named = [f"{shown(label)} ({_moment(time)})" for label, time in times.items()]
    more = f" and {len(named) - _MAX_NAMED} more" if len(named) > _MAX_NAMED else ""
    by = ", ".join(named[:_MAX_NAMED]) + more
    text = f"The first {size} of {entries} entries are countersigned by {by}."
    remarks = len(court.findings)
    if remarks:
        text += f" {remarks} remark{'s' if remarks > 1 else ''}; see below."
    return AxisVerdict(Status.PASS, text)


def _why_not(court: _Court, policy: Policy | None) -> str:
    strangers = len(court.strangers)
    if strangers:
        keys = "1 key" if strangers == 1 else f"{strangers} keys"
        return f"Countersigned by {keys} you do not know; give --witness or --policy."
    if policy is not None and policy.quorum == NOBODY:
        return "Your policy asks for no countersignature, and none is there."
    return "No countersignature of another party is there."


def _datetime(time: int) -> datetime | None:
    return datetime.fromtimestamp(time, UTC) if time <= _MAX_SECONDS else None


def _moment(time: int) -> str:
    moment = _datetime(time)
    if time == 0:
        return "no time stated"
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ") if moment else f"POSIX time {time}"


def _is_before(moment: datetime, stated: str) -> bool:
    """Tell whether a witness's time lies before a time stated in the log."""
    try:
        told = datetime.fromisoformat(stated)
    except ValueError:
        return False  # its form is judged with the entry
    return told.tzinfo is not None and moment + CLOCK_TOLERANCE < told
