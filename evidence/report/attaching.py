"""Which files of a case travel inside its report: those that prove it, none sealed.

Taken is what has the form it should have and belongs to the entries the report covers:
a file that only bears the right name might hold anything. What is left out is said,
with the reason.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from hashlib import sha256
from itertools import islice
from pathlib import Path

from evidence.case import IDENTITIES, Case, unreadable
from evidence.identity import Identity
from evidence.report import verify_text
from evidence.report.attachments import Attachment, Attachments, listed
from evidence.report.model import Report
from evidence.report.restating import graph, keys_of, transmissions
from evidence.second import FOLDER as RENEWALS
from manifests import canonical, ledger
from manifests.canonical import Json
from manifests.errors import CustodyError
from manifests.note import MAX_NOTE_BYTES, read_note
from manifests.verifying.checkpoints import is_companion
from manifests.verifying.der import DerError
from manifests.verifying.heads import (
    CADES,
    COSIGNATURES,
    MAX_COMPANION_BYTES,
    TOKEN,
    read_cosignatures,
)
from manifests.verifying.rehashed import MAX_LIST_BYTES, read_lines, token_owner
from manifests.verifying.tokens import read_token

LOG, KEYS, GUIDE = "entries.jsonl", "keys.json", "VERIFY.txt"
MOST_LOG_BYTES = 24 << 20
MOST_PROOF_BYTES = 4 << 20  # of checkpoints, tokens, countersignatures, lists together
MOST_FILES = 200
_MAX_IDENTITY = 16_384


@dataclass(slots=True)
class Attached:
    """What goes into the PDF, and what does not and why."""

    files: list[Attachment] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)

    def add(self, one: Attachment | str) -> None:
        """Take a file, or the sentence that says why it is left out."""
        if isinstance(one, str):
            self.left_out.append(one)
        else:
            self.files.append(one)

    def said(self) -> Attachments:
        """Return what the report says of it."""
        return Attachments(tuple(map(listed, self.files)), tuple(self.left_out))


def attachments_of(
    case: Case,
    report: Report,
    *,
    named_staff: bool,
    sources: bool = False,
    lists: Iterable[Attachment] = (),
) -> Attached:
    """Gather the files that prove a report.

    Args:
        report: says how many entries are covered, and by whose keys.
        named_staff: names of staff may stand in them.
        sources: references of orders may, too.
        lists: what is too long to be printed (`evidence.report.summing`).

    Raises:
        CaseUnreadableError: the case cannot be read.
    """
    variant = report.extras.variant
    if variant.name == "victim":
        return Attached()  # whoever finds the receipt must not learn of a case
    attached = Attached([*lists])
    if not variant.log:
        _add_guide(attached)
        attached.left_out.append(
            "The log, its checkpoints and keys: this variant carries none of them; "
            "whoever may see them can ask the issuer."
        )
        return attached
    try:
        _add_guide(attached)
        _add_keys(attached, case, report, named=named_staff)
        _add_log(attached, case, report)
        attached.add(graph(case, report))
        for added in transmissions(case, report, named=named_staff and sources):
            attached.add(added)
        _Proofs(attached, case, report, named=named_staff).add()
    except OSError as error:
        raise unreadable("The manifest", error) from error
    attached.left_out.append(
        "Sealed records, inventories and payloads: a report carries no evidence."
    )
    return attached


def derived(case: Case, report: Report) -> list[Attachment]:
    """Return the attachments that follow from the log alone: guide, keys, CASE/UCO.

    Raises:
        CaseUnreadableError, MalformedError, OSError: the log cannot be read.
    """
    attached = Attached()
    _add_guide(attached)
    if report.extras.variant.log:
        _add_keys(attached, case, report, named=False)
        attached.add(graph(case, report))
    return attached.files


def with_attachments(report: Report, attached: Attached) -> Report:
    """Return the report with what it says of its attachments."""
    return replace(report, attachments=attached.said())


def _add_guide(attached: Attached) -> None:
    attached.files.append(
        Attachment(
            GUIDE,
            "text/plain",
            "Supplement",
            "How to take the attachments out and check them by hand.",
            verify_text.VERIFY.encode("ascii"),
        )
    )


def _add_log(attached: Attached, case: Case, report: Report) -> None:
    """Add the covered lines, exact; of too many, their size and digest."""
    digest, size = sha256(), 0
    kept: list[bytes] = []
    lines = ledger.read_lines(case.manifest / ledger.ENTRIES)
    for line in islice(lines, report.size):
        size += len(line)
        digest.update(line)
        if size <= MOST_LOG_BYTES:
            kept.append(line)
    if size > MOST_LOG_BYTES:
        attached.left_out.append(
            f"The log ({LOG}): its {report.size:,} entries of {size:,} bytes are more "
            f"than the {MOST_LOG_BYTES:,} bytes a report carries, so that it can be "
            "sent and opened; it stays in the case. SHA-256 of these entries: "
            f"{digest.hexdigest()}."
        )
        return
    attached.files.append(
        Attachment(
            LOG,
            "application/jsonl",
            "Source",
            "The signed log this report was made from, as far as it covers it.",
            b"".join(kept),
        )
    )


def _add_keys(attached: Attached, case: Case, report: Report, *, named: bool) -> None:
    """Add the public keys of those who acted, as the log has them.

    Their descriptions go along only where staff is named, and only where the case
    holds them: one that is encrypted has them in sealed records alone.
    """
    known = keys_of(case, report.size)
    keys: list[Json] = []
    described = 0
    for person in report.people:
        public = known.get(person.key)
        if public is not None:
            keys.append({"key": person.key, "public": public.text})
        data = _read(case.path / IDENTITIES / f"{person.key}.json", _MAX_IDENTITY)
        identity = _identity(data)
        if named and identity is not None and identity.key == person.key:
            described += 1
            attached.files.append(
                Attachment(
                    f"identity-{identity.key}.json",
                    "application/json",
                    "Supplement",
                    "The public description of a key, as its holder gave it.",
                    identity.to_bytes(),
                )
            )
    missing = len(report.people) - len(keys)
    if missing:
        attached.left_out.append(f"{missing} public key(s): the log has none.")
    if not named:
        attached.left_out.append(
            "Descriptions of keys (names, organisations): this variant names no staff."
        )
    elif described < len(report.people):
        attached.left_out.append(
            f"{len(report.people) - described} description(s) of keys (names, "
            "organisations): the case holds none in clear."
        )
    content = canonical.encode({"format": "custody-keys-1", "keys": keys})
    attached.files.append(
        Attachment(
            KEYS,
            "application/json",
            "Supplement",
            "The public keys of those who acted (base64 SPKI), by key id.",
            content + b"\n",
        )
    )


def _identity(data: bytes) -> Identity | None:
    try:
        return Identity.from_bytes(data)
    except CustodyError:
        return None


def _read(path: Path, limit: int) -> bytes:
    """Return a plain file's bytes; b"" when it is none, is not there or is too big."""
    try:
        with ledger.open_plain(path) as stream:
            data = stream.read(limit + 1)
    except OSError:
        return b""
    return data if len(data) <= limit else b""


@dataclass(slots=True)
class _Proofs:
    """Adds checkpoints and what stands beside them, the newest first."""

    attached: Attached
    case: Case
    report: Report
    named: bool
    _bytes: int = 0
    _files: int = 0
    _beyond: int = 0
    _formless: int = 0

    def add(self) -> None:
        """Add them all, and say what was left out."""
        folder = self.case.manifest / ledger.CHECKPOINTS
        names = sorted((path.name for path in folder.iterdir()), reverse=True)
        covered = [name for name in names if self._is_covered(name)]
        companions = [name for name in covered if is_companion(name)]
        notes = [name for name in covered if name.endswith(".note")]
        owners = {name[:10] for name in companions}
        plain = [name for name in notes[1:] if name[:10] not in owners]
        named = [name for name in companions if name.endswith(CADES)]
        for name in notes:
            if name not in plain:
                self._take(folder / name, MAX_NOTE_BYTES)
        for name in companions:
            if self.named or not name.endswith(CADES):
                self._take(folder / name, MAX_COMPANION_BYTES)
        self._take_lists()
        self._say(plain, [] if self.named else named)

    def _is_covered(self, name: str) -> bool:
        number = name[:10]
        plain = number.isascii() and number.isdigit() and len(number) == 10
        known = is_companion(name) or name == f"{number}.note"
        return plain and known and int(number) <= self.report.size

    def _take_lists(self) -> None:
        folder = self.case.path / RENEWALS
        if folder.is_dir():
            for name in sorted((p.name for p in folder.iterdir()), reverse=True):
                if _is_list(name) and int(name[:10]) < self.report.size:
                    self._take(folder / name, MAX_LIST_BYTES)

    def _take(self, path: Path, limit: int) -> None:
        size = path.lstat().st_size
        if self._files >= MOST_FILES or self._bytes + size > MOST_PROOF_BYTES:
            self._beyond += 1
            return
        data = _read(path, limit)
        kind = _kind(path.name)
        if not data or not kind.fits(data):
            self._formless += 1
            return
        self._files += 1
        self._bytes += len(data)
        self.attached.files.append(
            Attachment(path.name, kind.media_type, "Source", kind.description, data)
        )

    def _say(self, plain: list[str], named: list[str]) -> None:
        say = self.attached.left_out.append
        if plain:
            say(
                f"{len(plain)} earlier checkpoint(s) that carry neither time stamp nor "
                "countersignature: their roots follow from the log."
            )
        if named:
            say(
                f"{len(named)} signature(s) with a certificate ({CADES}): the "
                "certificate names its holder, and this variant names no staff."
            )
        if self._beyond:
            say(
                f"{self._beyond} older file(s) with checkpoints, time stamps, "
                "countersignatures or lists of digests: more than the "
                f"{MOST_FILES} files or {MOST_PROOF_BYTES:,} bytes a report carries; "
                "they stay in the case."
            )
        if self._formless:
            say(
                f"{self._formless} file(s) beside the log that do not have the form "
                "their name promises."
            )


@dataclass(frozen=True, slots=True)
class _Kind:
    media_type: str
    description: str
    fits: Callable[[bytes], bool]


def _is_list(name: str) -> bool:
    number, dot, rest = name.partition(".")
    plain = number.isascii() and number.isdigit() and len(number) == 10 and bool(dot)
    return plain and (rest == "sha512" or token_owner(name) is not None)


def _reads(reader: Callable[[bytes], object]) -> Callable[[bytes], bool]:
    def fits(data: bytes) -> bool:
        try:
            reader(data)
        except (CustodyError, DerError):
            return False
        return True

    return fits


def _all_lines(data: bytes) -> list[tuple[str, str]]:
    return list(read_lines(data.splitlines(keepends=True)))


def _is_signed_data(data: bytes) -> bool:
    from asn1crypto.cms import ContentInfo  # heavy: only where there is one

    try:
        found = ContentInfo.load(data, strict=True)
        return bool(found["content_type"].native == "signed_data" and found.native)
    except (ValueError, TypeError, KeyError):
        return False


_KINDS: Iterable[tuple[str, _Kind]] = (
    (
        ".note",
        _Kind("text/plain", "A signed head of the log.", _reads(read_note)),
    ),
    (
        TOKEN,
        _Kind("application/cms", "A time stamp (RFC 3161 token).", _reads(read_token)),
    ),
    (
        COSIGNATURES,
        _Kind(
            "text/plain", "Countersignatures of witnesses.", _reads(read_cosignatures)
        ),
    ),
    (
        CADES,
        _Kind(
            "application/pkcs7-signature",
            "A signature with a certificate, over a signed head of the log.",
            _is_signed_data,
        ),
    ),
    (
        ".sha512",
        _Kind("text/plain", "Second digests, made by a renewal.", _reads(_all_lines)),
    ),
)


def _kind(name: str) -> _Kind:
    return next(kind for suffix, kind in _KINDS if name.endswith(suffix))
