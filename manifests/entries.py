"""Entries: the signed lines of the manifest.

A line is ``{"body":{...},"signatures":[{"key":K,"sig":S}]}`` in canonical JSON, at
most 65,535 bytes, ended by a newline that is not part of it. S is base64 of an Ed25519
signature over the DSSE v1 pre-authentication encoding of the body's canonical bytes
with type `PAYLOAD_TYPE`. The leaf hash of an entry is that of its whole line, so
signatures cannot be exchanged afterwards either.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

import msgspec

from manifests import canonical
from manifests.canonical import Json
from manifests.errors import MalformedError
from manifests.keys import Signer
from manifests.merkle import leaf_hash

FORMAT_VERSION = 1
PAYLOAD_TYPE = "application/vnd.custody.entry.v1+json"
MAX_LINE_BYTES = 65_535  # C2SP tlog-tiles: an entry's length is a uint16
NO_PREVIOUS = "0" * 64  # `prev` of the first entry
_HASH = re.compile(r"[0-9a-f]{64}")
_KEY_NAME = re.compile(r"case|EX-[0-9]{4,9}")
_MEMBERS = frozenset(("body", "signatures"))
_SIGNATURE = frozenset(("key", "sig"))


class EntryType(StrEnum):
    """Closed set of acts (custody events); new ones need a new format version."""

    CASE_OPEN = "case_open"
    KEY_ENROL = "key_enrol"
    KEY_REVOKE = "key_revoke"
    AUTHORITY_ADD = "authority_add"
    CONSENT_ADD = "consent_add"
    CONSENT_WITHDRAW = "consent_withdraw"
    IDENTIFY = "identify"
    COLLECT = "collect"
    ACQUIRE = "acquire"
    IMPORT = "import"
    VERIFY = "verify"
    SEAL = "seal"
    UNSEAL = "unseal"
    CHECKOUT = "checkout"
    CHECKIN = "checkin"
    TRANSFER_OUT = "transfer_out"
    TRANSFER_IN = "transfer_in"
    CONSULT = "consult"
    COPY = "copy"
    DERIVE = "derive"
    ANALYSE = "analyse"
    ANNOTATE = "annotate"
    COMBINE = "combine"
    DISCLOSE = "disclose"
    TRANSMIT = "transmit"
    RESTRICT = "restrict"
    LIFT_RESTRICTION = "lift_restriction"
    RECTIFY = "rectify"
    REVIEW_RETENTION = "review_retention"
    ERASE = "erase"
    RENEW = "renew"
    CORRECTION_NOTICE = "correction_notice"
    RECOVERY = "recovery"
    REPORT_ISSUE = "report_issue"
    REPORT_SUPERSEDE = "report_supersede"
    CASE_CLOSE = "case_close"


@dataclass(frozen=True, slots=True)
class Clock:
    """When something was recorded, and how far that time can be relied on.

    Attributes:
        time: UTC, RFC 3339 with six fractional digits and ``Z``.
        offset_us: microseconds on the monotonic clock since the process began, so
            that a step of the wall clock within one run shows.
        sync: "yes", "no" or "unknown": is the system clock synchronised?
        error_us: the kernel's estimate of the clock's error; None when unknown.
    """

    time: str
    offset_us: int
    sync: str
    error_us: int | None

    def body(self) -> dict[str, Json]:
        """The members the clock contributes to an entry's body."""
        quality: dict[str, Json] = {
            "error_us": self.error_us,
            "offset_us": self.offset_us,
            "sync": self.sync,
        }
        return {"clock": quality, "time": self.time}


@dataclass(frozen=True, slots=True)
class Act:
    """What an entry says, before it has a place in the manifest.

    Attributes:
        role: role in which the actor acts (examiner, custodian, ...).
        authority: legal ground, e.g. "AU-0001"; None when none is recorded.
        facts: public and type-specific; no personal data.
        private: commitment of the sealed record (32 bytes); None when there is none.
        private_file: of an encrypted sealed record, ``bytes`` and ``sha256`` of its
            file and ``key``, whose key opens it ("case" or an exhibit id).
    """

    type: EntryType
    role: str
    facts: Mapping[str, Json]
    exhibits: tuple[str, ...] = ()
    authority: str | None = None
    private: bytes | None = None
    private_file: Mapping[str, Json] | None = None


@dataclass(frozen=True, slots=True)
class PrivateFile:
    """An encrypted sealed record as its entry names it.

    Attributes:
        bytes, sha256: of the file (an age file), the digest in hex.
        key: whose key opens it: "case", or an exhibit id.
    """

    bytes: int
    sha256: str
    key: str


def read_private_file(value: Json) -> PrivateFile | None:
    """Read the member ``private_file`` of a body; None when it is absent or null.

    Raises:
        MalformedError: it has another form.
    """
    if value is None:
        return None
    if isinstance(value, dict):
        size, digest, key = (value.get(k) for k in ("bytes", "sha256", "key"))
        if (
            isinstance(size, int)
            and not isinstance(size, bool)
            and size >= 0
            and isinstance(digest, str)
            and _is_hash(digest)
            and isinstance(key, str)
            and _KEY_NAME.fullmatch(key)
        ):
            return PrivateFile(size, digest, key)
    raise MalformedError(what="an entry", reason="'private_file' has not its form")


@dataclass(frozen=True, slots=True)
class Entry:
    """A line read back; `body` keeps members this version does not know."""

    line: bytes
    body: Mapping[str, Json]
    signatures: tuple[tuple[str, bytes], ...]

    @property
    def seq(self) -> int:
        """Sequence number, from 0; also the leaf index in the tree."""
        return _integer(self.body, "seq")

    @property
    def type(self) -> str:
        """The entry type as written (maybe one this version does not know)."""
        return _text(self.body, "type")

    @property
    def time(self) -> str:
        """UTC time as written."""
        return _text(self.body, "time")

    @property
    def actor(self) -> str:
        """Key id of who acted."""
        return _text(self.body, "actor")

    @property
    def exhibits(self) -> tuple[str, ...]:
        """Exhibits the act concerns."""
        value = self.body.get("exhibits")
        if not isinstance(value, list):
            raise MalformedError(what="an entry", reason="'exhibits' is not a list")
        names = tuple([v for v in value if isinstance(v, str)])
        if len(names) != len(value):
            raise MalformedError(what="an entry", reason="'exhibits' is not a list")
        return names

    @property
    def facts(self) -> Mapping[str, Json]:
        """Public facts."""
        value = self.body.get("facts")
        if not isinstance(value, dict):
            raise MalformedError(what="an entry", reason="'facts' is not an object")
        return value

    @property
    def private(self) -> bytes | None:
        """Commitment of the sealed record, or None."""
        value = self.body.get("private")
        if value is None:
            return None
        if not isinstance(value, str) or not _HASH.fullmatch(value):
            raise MalformedError(what="an entry", reason="'private' is no commitment")
        return bytes.fromhex(value)

    @property
    def private_file(self) -> PrivateFile | None:
        """The sealed record's file, when it is encrypted.

        Raises:
            MalformedError: the member has another form.
        """
        return read_private_file(self.body.get("private_file"))

    @property
    def leaf(self) -> bytes:
        """RFC 6962 leaf hash of the line."""
        return leaf_hash(self.line)


def _text(body: Mapping[str, Json], name: str) -> str:
    value = body.get(name)
    if not isinstance(value, str):
        raise MalformedError(what="an entry", reason=f"'{name}' is not text")
    return value


def _integer(body: Mapping[str, Json], name: str) -> int:
    value = body.get(name)
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise MalformedError(what="an entry", reason=f"'{name}' is not a count")
    return value


def pre_authentication_encoding(body: bytes) -> bytes:
    """Return the DSSE v1 PAE of `body` (what is signed)."""
    kind = PAYLOAD_TYPE.encode("ascii")
    return b"DSSEv1 %d %s %d %s" % (len(kind), kind, len(body), body)


def write_entry(
    act: Act, clock: Clock, *, origin: str, seq: int, prev: str, signer: Signer
) -> bytes:
    """Return the signed line of `act` at its place in the manifest (no newline).

    Raises:
        MalformedError: the act is outside the canonical profile or too long.
    """
    return sign_entry(act, clock, origin=origin, seq=seq, prev=prev, signer=signer).line


def sign_entry(
    act: Act, clock: Clock, *, origin: str, seq: int, prev: str, signer: Signer
) -> Entry:
    """Sign `act` at its place in the manifest; return it as a reader reads it back.

    Raises:
        MalformedError: the act is outside the canonical profile or too long.
    """
    body: dict[str, Json] = {
        "v": FORMAT_VERSION,
        "log": origin,
        "seq": seq,
        "prev": prev,
        "type": act.type.value,
        "actor": signer.public.id,
        "role": act.role,
        "authority": act.authority,
        "exhibits": list(act.exhibits),
        "facts": dict(act.facts),
        "private": act.private.hex() if act.private is not None else None,
        **clock.body(),
    }
    if act.private_file is not None:
        body["private_file"] = dict(act.private_file)
    raw = canonical.encode(body, what="an entry", around=1)
    key, signature = signer.public.id, signer.sign(pre_authentication_encoding(raw))
    line = b'{"body":%s,"signatures":[{"key":"%s","sig":"%s"}]}' % (
        raw,
        key.encode("ascii"),
        base64.b64encode(signature),
    )
    return _read_own(line, raw, (key, signature))


def _read_own(line: bytes, raw: bytes, signature: tuple[str, bytes]) -> Entry:
    """Return a line just made as a reader reads it back.

    What a reader would refuse is refused before it is written. A plain line it could
    only refuse for its length or for the form of a member: the encoder's checks, and
    its order, leave ASCII without escapes no second spelling (a property test compares
    them). Any other line is read as a stranger's would be.
    """
    if len(line) <= MAX_LINE_BYTES and raw.isascii() and b"\\" not in raw:
        body = msgspec.json.decode(raw)
        if _has_form(body):
            return Entry(line, body, (signature,))
    return read_entry(line)


def read_entry(line: bytes) -> Entry:
    """Read one line (no newline) without judging signatures, place or meaning.

    Raises:
        MalformedError: not canonical, too long, or not of the prescribed shape.
    """
    value = canonical.decode_object(line, what="an entry", max_bytes=MAX_LINE_BYTES)
    body, raw_signatures = value.get("body"), value.get("signatures")
    if value.keys() != _MEMBERS or not isinstance(body, dict):
        raise MalformedError(what="an entry", reason="it lacks body and signatures")
    if not isinstance(raw_signatures, list) or not 1 <= len(raw_signatures) <= 16:
        raise MalformedError(what="an entry", reason="it has no list of signatures")
    entry = Entry(line, body, tuple([_read_signature(s) for s in raw_signatures]))
    if not _has_form(body):
        _ = entry.seq, entry.type, entry.time, entry.actor, entry.exhibits
        _ = entry.facts, entry.private
    return entry


def _has_form(body: Mapping[str, Json]) -> bool:
    """Tell whether the members have the form `Entry` asks for, at one glance.

    False only says that its members, asked one by one, will tell.
    """
    get = body.get
    seq, exhibits, private = get("seq"), get("exhibits"), get("private")
    return (
        type(seq) is int
        and seq >= 0
        and type(get("type")) is type(get("time")) is type(get("actor")) is str
        and type(get("facts")) is dict
        and type(exhibits) is list
        and {str}.issuperset(map(type, exhibits))
        and (private is None or (type(private) is str and _is_hash(private)))
    )


def _is_hash(text: str) -> bool:
    return _HASH.fullmatch(text) is not None


def glance_entry(line: bytes) -> Entry:
    """Read a line of one's own log fast, without its signatures and its strictness.

    Only for the writer, which compares the root over all lines with the newest
    checkpoint: what stands there is then what was strictly checked when written.

    Raises:
        MalformedError: it is not an entry at all.
    """
    try:
        value = msgspec.json.decode(line)
    except (msgspec.DecodeError, RecursionError) as error:
        raise MalformedError(what="an entry", reason="it is not valid JSON") from error
    body = value.get("body") if isinstance(value, dict) else None
    if not isinstance(body, dict):
        raise MalformedError(what="an entry", reason="it has no body")
    entry = Entry(line, body, ())
    _ = entry.seq, entry.type, entry.exhibits, entry.facts
    return entry


def _read_signature(value: Json) -> tuple[str, bytes]:
    if isinstance(value, dict) and value.keys() == _SIGNATURE:
        key, sig = value["key"], value["sig"]
        if isinstance(key, str) and isinstance(sig, str):
            try:
                return key, canonical.base64_bytes(sig)
            except ValueError as error:
                reason = "a signature is not base64"
                raise MalformedError(what="an entry", reason=reason) from error
    raise MalformedError(what="an entry", reason="a signature has not its form")


def body_bytes(line: bytes) -> bytes:
    """Return the exact bytes the signatures cover, cut out of a canonical line.

    ``"body"`` sorts first, so its bytes stand between two fixed texts. The second
    cannot stand inside a string (its quotes would be escaped) nor in a signature.
    """
    return line[len(b'{"body":') : line.rindex(b',"signatures":[')]
