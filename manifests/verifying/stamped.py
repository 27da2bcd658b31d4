"""The axis `timestamped`: what tokens over checkpoints and lists prove together."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256, sha512

from manifests.entries import Entry
from manifests.verifying.certificates import StampRoots
from manifests.verifying.heads import Head
from manifests.verifying.rehashed import Rehash, SeenList
from manifests.verifying.timestamps import (
    TokenVerdict,
    judge_token,
    judge_token_over,
)
from manifests.verifying.verdict import Axis, AxisVerdict, Code, Finding, Status

CLOCK_TOLERANCE = timedelta(minutes=5)
RENEWAL_KIND = "timestamps"
_NEVER = datetime.max.replace(tzinfo=UTC)
# A token that is wrong in itself fails; one that only does not count is a remark.
_FAILING = frozenset(
    {Code.TIMESTAMP_MALFORMED, Code.TIMESTAMP_OTHER_BYTES, Code.TIMESTAMP_SIGNATURE}
)
_BEYOND_SHA256 = frozenset({"sha384", "sha512"})


@dataclass(frozen=True, slots=True)
class Renewed:
    """A list of second digests, to be judged with the tokens over it.

    Attributes:
        holds: it is its entry's, and the log it covers is the one there is.
        left_out: files of these entries that are there but not in it.
    """

    rehash: Rehash
    seen: SeenList
    holds: bool
    left_out: int = 0


@dataclass(frozen=True, slots=True)
class _Stamp:
    """A token with its place, and what it is over.

    Attributes:
        name: its file's; over: that of the file it is over, a note or a list.
        digests, over_digests: SHA-256 and SHA-512 of the two files, hex.
        size: entries that existed when it was made; sound: what it is over holds.
        last_time: that the last of these entries states; "" when not known.
        listed: name to SHA-512 of what it is over, when that is a list.
    """

    name: str
    digests: tuple[str, str]
    over: str
    over_digests: tuple[str, str]
    size: int
    sound: bool
    last_time: str
    verdict: TokenVerdict
    listed: Mapping[str, str] | None = None

    @property
    def proves(self) -> bool:
        """It holds, and so does what it is over."""
        return self.verdict.holds and self.sound

    @property
    def order(self) -> tuple[int, bool]:
        """Where it stands in time: a list is made after the checkpoint of its size."""
        return self.size, self.listed is not None

    @property
    def is_strong(self) -> bool:
        """Neither its imprint nor its signature rests on SHA-256."""
        return _BEYOND_SHA256.issuperset(self.verdict.algorithms)


def judge_timestamps(
    heads: Sequence[Head],
    entries: int,
    roots: StampRoots,
    *,
    renewals: Sequence[Entry] = (),
    renewed: Sequence[Renewed] = (),
    now: datetime | None = None,
) -> tuple[list[Finding], AxisVerdict]:
    """Judge every token of a case, or of a proof.

    Tokens are judged against the case's own note files: a copy of a checkpoint kept
    outside may carry other signatures and so have other bytes.

    Args:
        heads: the checkpoints with what stands beside them; entries: how many the log
            (or the proof's checkpoint) has.
        renewals: `renew` entries of kind `timestamps`, in order.
        renewed: the lists of second digests that are there and are their entries'.
        roots: the verifier's; with none, what is wrong is still found.
        now: the verifier's present time, to tell which tokens have aged.
    """
    stamps = [*_over_heads(heads, roots, now), *_over_lists(renewed, roots, now)]
    findings = [*_problems(stamps, roots), *_clocks(stamps), *_aged(stamps, renewals)]
    findings += _renewing(stamps, renewed)
    verdict = _axis(stamps, findings, entries, roots)
    text = _told(stamps, renewed, roots)
    return findings, AxisVerdict(verdict.status, verdict.explanation + text)


def _over_heads(
    heads: Sequence[Head], roots: StampRoots, now: datetime | None
) -> Iterator[_Stamp]:
    for head in heads:
        if head.outside or not head.tokens:
            continue
        own = _digests(head.note)
        for name, data in head.tokens:
            yield _Stamp(
                name,
                _digests(data),
                head.name,
                own,
                head.size,
                sound=head.holds,
                last_time=head.last_time,
                verdict=judge_token(data, head.note, roots, now=now),
            )


def _over_lists(
    renewed: Sequence[Renewed], roots: StampRoots, now: datetime | None
) -> Iterator[_Stamp]:
    for item in renewed:
        digests = item.seen.digests

        def digest(algorithm: str, known: Mapping[str, str] = digests) -> bytes:
            return bytes.fromhex(known[algorithm])

        for name, data in item.seen.tokens:
            yield _Stamp(
                name,
                _digests(data),
                item.rehash.name,
                (digests["sha256"], digests["sha512"]),
                item.rehash.seq,
                sound=item.holds,
                last_time="",
                verdict=judge_token_over(digest, data, roots, now=now),
                listed=item.seen.lines,
            )


def _digests(data: bytes) -> tuple[str, str]:
    return sha256(data).hexdigest(), sha512(data).hexdigest()


def _renewing(stamps: list[_Stamp], renewed: Sequence[Renewed]) -> Iterator[Finding]:
    """Tell of lists that renew less than they seem to."""
    axis = Axis.TIMESTAMPED
    for item in renewed:
        name = item.rehash.name
        if not item.seen.tokens:
            text = "No time stamp stands over this list yet: 'custody seal' asks again."
            yield Finding(axis, Code.RENEWAL_UNSTAMPED, name, text, fails=False)
        if item.left_out:
            text = (
                f"{_counted(item.left_out, 'file')} there at that time are not in it."
            )
            yield Finding(axis, Code.RENEWAL_PARTIAL, name, text, fails=False)
    for stamp in stamps:
        if stamp.listed is not None and stamp.verdict.holds and not stamp.is_strong:
            text = (
                f"It rests on {' and '.join(sorted(set(stamp.verdict.algorithms)))}, "
                "in its imprint or its signature: it renews nothing if that falls."
            )
            yield Finding(axis, Code.RENEWAL_WEAK, stamp.name, text, fails=False)


def _told(stamps: list[_Stamp], renewed: Sequence[Renewed], roots: StampRoots) -> str:
    """Say what was renewed and under which algorithm; "" without a list."""
    if not renewed:
        return ""
    newest = max(renewed, key=lambda item: item.rehash.seq)
    files = _counted(newest.rehash.files, "file")
    what = f" {newest.rehash.name}: {files} and {newest.rehash.seq} entries by SHA-512"
    proving = [
        stamp
        for stamp in stamps
        if stamp.over == newest.rehash.name and stamp.proves and stamp.is_strong
    ]
    if not proving:
        why = "none holds over it" if roots.roots else "no authority's root was given"
        return f"{what}; not checked by a time stamp: {why}."
    best = min(proving, key=lambda stamp: stamp.verdict.latest or _NEVER)
    moment = _shown(best.verdict.gen_time or _NEVER)
    return f"{what}, renewed by {moment} according to {best.verdict.authority}."


def _problems(stamps: list[_Stamp], roots: StampRoots) -> Iterator[Finding]:
    for stamp in stamps:
        code, text = stamp.verdict.code, stamp.verdict.text
        if code is None or (code is Code.TIMESTAMP_UNTRUSTED and not roots.roots):
            continue  # without a root none is trusted: the axis says so once
        fails = code in _FAILING
        yield Finding(Axis.TIMESTAMPED, code, stamp.name, text, fails=fails)


def _clocks(stamps: list[_Stamp]) -> Iterator[Finding]:
    """Tell when an entry's own time is after the time stamp over it."""
    for stamp in stamps:
        latest = stamp.verdict.latest
        if not stamp.proves or latest is None:
            continue
        claimed = _moment(stamp.last_time)
        if claimed is not None and claimed > latest + CLOCK_TOLERANCE:
            text = (
                f"An entry it covers states {stamp.last_time}, but existed by "
                f"{_shown(latest)}: its clock was wrong, or was set."
            )
            code = Code.TIME_AFTER_STAMP
            yield Finding(Axis.TIMESTAMPED, code, stamp.name, text, fails=False)


def _aged(stamps: list[_Stamp], renewals: Sequence[Entry]) -> Iterator[Finding]:
    """Tell which aged tokens no later one maintains (RFC 4998 5.2)."""
    maintained: set[int] = set()
    order = sorted(range(len(stamps)), key=lambda n: stamps[n].order, reverse=True)
    for number in order:  # later heads first: what maintains must itself be maintained
        stamp = stamps[number]
        if not stamp.proves:
            continue
        fresh = [s for n, s in enumerate(stamps) if n in maintained]
        if not stamp.verdict.aged or _is_renewed(stamp, fresh, renewals):
            maintained.add(number)
    for number, stamp in enumerate(stamps):
        if stamp.proves and number not in maintained and stamp.verdict.not_after:
            text = (
                f"Its authority's certificate ended on "
                f"{_shown(stamp.verdict.not_after)} and it was not renewed before: "
                "'custody seal --renew' while the certificates of all tokens are valid."
            )
            code = Code.TIMESTAMP_AGED
            yield Finding(Axis.TIMESTAMPED, code, stamp.name, text, fails=False)


def _is_renewed(stamp: _Stamp, later: list[_Stamp], renewals: Sequence[Entry]) -> bool:
    """Tell whether a token in `later` vouches in time for an entry that covers it."""
    end = stamp.verdict.not_after
    covering = [entry.seq for entry in renewals if _covers(entry, stamp)]
    return end is not None and any(
        other.verdict.latest is not None
        and other.verdict.latest <= end
        and (_lists(other, stamp) or any(other.size > seq for seq in covering))
        for other in later
    )


def _lists(other: _Stamp, stamp: _Stamp) -> bool:
    """Tell whether `other` is over a list that names exactly `stamp`'s two files."""
    folder = "checkpoints" if stamp.listed is None else "renewals"
    return other.listed is not None and all(
        other.listed.get(f"manifest/{folder}/{name}") == digests[1]
        for name, digests in (
            (stamp.name, stamp.digests),
            (stamp.over, stamp.over_digests),
        )
    )


def _covers(entry: Entry, stamp: _Stamp) -> bool:
    """Tell whether a `renew` entry names exactly this token over this note."""
    facts = entry.facts
    covers = facts.get("covers")
    if facts.get("kind") != RENEWAL_KIND or facts.get("algorithm") != "sha256":
        return False
    for item in covers if isinstance(covers, list) else ():
        if not isinstance(item, dict) or item.get("checkpoint") != stamp.over:
            continue
        tokens = item.get("tokens")
        named = {"name": stamp.name, "sha256": stamp.digests[0]}
        if (
            item.get("note") == stamp.over_digests[0]
            and isinstance(tokens, list)
            and named in tokens
        ):
            return True
    return False


def _axis(
    stamps: list[_Stamp], findings: list[Finding], entries: int, roots: StampRoots
) -> AxisVerdict:
    failures = sum(finding.fails for finding in findings)
    if failures:
        text = f"{_counted(failures, 'finding')}; see below."
        return AxisVerdict(Status.FAIL, text)
    proving = [stamp for stamp in stamps if stamp.proves]
    if proving:
        return AxisVerdict(Status.PASS, _passed(proving, len(findings), entries))
    if not stamps:
        text = "No checkpoint carries a time stamp of an outside authority."
    elif not roots.roots:
        text = (
            f"{_counted(len(stamps), 'time stamp')} found, but no authority's root was "
            "given (--tsa-root), so none is trusted."
        )
    else:
        text = f"Of {_counted(len(stamps), 'time stamp')} none counts: see the remarks."
    return AxisVerdict(Status.NOT_CHECKED, text)


def _passed(proving: list[_Stamp], remarks: int, entries: int) -> str:
    """Say up to where the log is stamped, when and by whom."""
    size = max(stamp.size for stamp in proving)
    newest = [stamp for stamp in proving if stamp.size == size]
    best = min(newest, key=lambda stamp: stamp.verdict.latest or _NEVER)
    verdict = best.verdict
    moment = _shown(verdict.gen_time) if verdict.gen_time else "an unknown time"
    within = f" (to {verdict.accuracy.total_seconds():g} s)" if verdict.accuracy else ""
    text = (
        f"The first {size} of {_counted(entries, 'entry', 'entries')} existed by "
        f"{moment}{within}, according to {verdict.authority}. "
        f"{_counted(len(proving), 'time stamp holds', 'time stamps hold')}."
    )
    if any(stamp.verdict.claims_qualified for stamp in newest):
        text += " It claims to be an EU qualified one; the EU trusted list tells."
    if remarks:
        text += f" {_counted(remarks, 'remark')}; see below."
    return text


def _moment(text: str) -> datetime | None:
    try:
        return datetime.strptime(text, "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=UTC)
    except ValueError:
        return None


def _shown(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def _counted(number: int, one: str, many: str | None = None) -> str:
    return f"{number} {one if number == 1 else many or one + 's'}"
