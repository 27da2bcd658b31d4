"""Going on with an offer that was recorded and whose package was never named.

A kill, a power cut, a full disk or a medium that was pulled out leave the offer's entry
and an unfinished folder. What is there is hashed again and only the rest is copied.
Nothing is offered anew: the same exhibits, the same recipient, the same wrapped keys,
and the ground is asked again, since a consent may have been withdrawn meanwhile.
"""

from __future__ import annotations

import os
import stat
from base64 import b64decode
from collections.abc import Mapping, Sequence
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

from evidence.authority_errors import GroundRefusedError
from evidence.case import Case
from evidence.disclosing import Portion, Prepared, prepare
from evidence.enclosing import Enclosure
from evidence.grounds import Claim
from evidence.hashing import hash_file
from evidence.identity import Identity
from evidence.transfer.alongside import REPORT, is_earlier
from evidence.transfer.bag import ALGORITHMS, BAGIT, DATA, INFO, look, manifest_name
from evidence.transfer.offering import Wish, basis_of, given_of
from evidence.transfer.packing import CUSTODY_FILES, UNFINISHED, own_files
from evidence.transfer.register import Transfer, read_transfers
from evidence.transfer.words import CUSTODY, PACKED
from evidence.transfer_errors import (
    NotContinuedError,
    PackageMalformedError,
    PartUnknownError,
)
from evidence.vault.people import holder
from manifests import disclosure as form
from manifests import durable, ledger
from manifests.canonical import Json
from manifests.durable import TEMPORARY_PREFIX
from manifests.entries import Entry
from manifests.errors import CustodyError
from manifests.verifying.expected import AGE

_TOP = frozenset(
    {BAGIT, INFO}
    | {manifest_name(name, tag=tag) for name in ALGORITHMS for tag in (False, True)}
)


def check_offered(case: Case, number: str, at: str) -> tuple[Transfer, Entry]:
    """Return an offer that may be continued, and its entry.

    Args:
        at: UTC time now.

    Raises:
        TransferUnknownError: there is none of that number.
        NotContinuedError: it was answered, or may no longer be had.
    """
    one = read_transfers(case).offer(number)
    if one.answers:
        reason = f"it was answered ({one.answers[-1].result})"
        raise NotContinuedError(number=one.number, reason=reason)
    if one.available_until and at > one.available_until:
        reason = f"it was to be had until {one.available_until}"
        raise NotContinuedError(number=one.number, reason=reason)
    entry = next(entry for entry in case.entries() if entry.seq == one.entry)
    return one, entry


def wish_of(case: Case, entry: Entry, trusted: Sequence[Identity]) -> Wish:
    """Return what an offer's entry says is to be handed over.

    Raises:
        NotContinuedError: the recipient's key is trusted no more.
        SealedRecordError, LockedError, ...: its sealed record cannot be read.
    """
    facts, sealed = entry.facts, case.sealed(entry)
    key = str(facts.get("recipient"))
    recipient = next((one for one in trusted if one.key == key), None)
    if recipient is None:
        reason = f"the key {key} is not, or no longer, one you trust"
        raise NotContinuedError(number=str(facts.get("number")), reason=reason)

    return Wish(
        recipient=recipient,
        purpose=_text(facts, "purpose"),
        channel=_text(facts, "channel"),
        alias=_text(facts, "alias"),
        kind=_text(facts, "recipient_kind"),
        reference=_text(sealed, "reference"),
        contact=_text(sealed, "contact"),
        remarks=_text(sealed, "remarks"),
        whole=facts.get("whole") is True,
        emergency=facts.get("emergency") is True,
    )


def _text(of: Mapping[str, Json], name: str) -> str:
    value = of.get(name)
    return value if isinstance(value, str) else ""


def ask_again(case: Case, entry: Entry, wish: Wish, at: str) -> None:
    """Refuse to go on where the ground does not cover the hand-over any more.

    What an override led around when it was offered needs no new one.

    Raises:
        GroundRefusedError, ...: as `evidence.leaving.basis_to_leave`.
    """
    ground = entry.body.get("authority")
    reason = case.sealed(entry).get("override_reason")
    claim = Claim(
        ground if isinstance(ground, str) else "",
        reason if isinstance(reason, str) else "",
    )
    basis = basis_of(case, wish, entry.exhibits, at, claim)
    told = entry.facts.get("override")
    listed = told.get("refusals") if isinstance(told, dict) else None
    known = set(listed) if isinstance(listed, list) else set()
    new = [one for one in basis.overridden if one.code not in known]
    if new:
        codes = " ".join(sorted({one.code for one in new}))
        text = " ".join(one.text for one in new)
        raise GroundRefusedError(reason=text, refusals=codes)


def prepare_again(case: Case, entry: Entry, wish: Wish, part: Path) -> list[Prepared]:
    """Return what was offered, ready to be written: with the keys wrapped then.

    Args:
        part: the unfinished folder; it need not be there.

    Raises:
        NotContinuedError: something is not what was offered, or lost.
        As `evidence.disclosing.prepare`.
    """
    if wish.whole:
        return []
    listed = entry.facts.get("exhibits")
    given = listed if isinstance(listed, list) else []
    told = [one for one in given if isinstance(one, dict)]
    portions = [
        Portion(str(one.get("exhibit")), None, one.get("payload") is True)
        for one in told
    ]
    made = prepare(case, portions, to=lambda: holder(wish.recipient).recipient)
    kept = case.sealed(entry).get("keys")
    keys = kept if isinstance(kept, dict) else {}
    number = str(entry.facts.get("number"))
    found = [
        _with_enclosure(item, one, keys, part, number)
        for item, one in zip(made, told, strict=True)
    ]
    for item, one in zip(found, told, strict=True):
        if given_of(item) != one:
            reason = f"{item.portion.exhibit} is not what was offered"
            raise NotContinuedError(number=number, reason=reason)
    return found


def _with_enclosure(
    item: Prepared,
    told: dict[str, Json],
    keys: dict[str, Json],
    part: Path,
    number: str,
) -> Prepared:
    """Put the age files of the offer in the place of fresh ones: it names digests."""
    if item.enclosure is None:
        return item
    name = item.expected.id
    if item.enclosure.key:
        data = b64decode(str(keys.get(name, "")))
        return replace(item, enclosure=Enclosure(key=data))
    for folder in (UNFINISHED, DATA):
        path = part / folder / (form.records_name(name) + AGE)
        if not os.path.lexists(path):
            continue
        with ledger.open_plain(path) as stream:
            data = stream.read(2 * form.MAX_ENCLOSED_BYTES)
        if sha256(data).hexdigest() == told.get("records_sha256"):
            return replace(item, enclosure=Enclosure(records=data))
    reason = f"the records of {name}, encrypted for the recipient, were lost"
    raise NotContinuedError(number=number, reason=reason)


# -- the unfinished folder -----------------------------------------------------------


def is_whole(part: Path, one: Transfer) -> bool:
    """Tell whether an unfinished folder only lacks its name: it was recorded as it is.

    Raises:
        CaseUnreadableError: it cannot be read.
    """
    if not one.packages or not part.is_dir() or part.is_symlink():
        return False
    try:
        looked = look(part)
    except PackageMalformedError:
        return False
    return looked.identity == one.packages[-1] and not looked.differences


def clear_part(case: Case, part: Path, prepared: Sequence[Prepared]) -> int:
    """Make an unfinished folder ready to be gone on with; return the bytes it holds.

    Args:
        prepared: what was offered; nothing for the whole case.

    Raises:
        PartUnknownError: something in it is not of this offer; nothing was changed.
        OSError, StorageFailedError: it cannot be read or changed.
    """
    ours = _names(case, prepared)
    kept, spare = 0, []
    for path in sorted(part.rglob("*")):
        name, status = path.relative_to(part).as_posix(), path.lstat()
        if stat.S_ISDIR(status.st_mode):
            continue
        if not stat.S_ISREG(status.st_mode):
            raise PartUnknownError(path=str(path))
        if path.name.startswith(TEMPORARY_PREFIX) or name in _TOP:
            spare.append(path)
        elif is_earlier(name):
            spare.append(path)  # made anew: newer heads may be signed by now
        elif name not in ours:
            raise PartUnknownError(path=str(path))
        else:
            kept += status.st_size
    both = (part / DATA).is_dir() and (part / UNFINISHED).is_dir()
    if both:
        raise PartUnknownError(path=str(part / UNFINISHED))
    for path in spare:
        path.unlink()
    if prepared and (part / DATA).is_dir():
        durable.move_folder(part / DATA, part / UNFINISHED)
    return kept


def _names(case: Case, prepared: Sequence[Prepared]) -> frozenset[str]:
    """Return every path a package of the offer may hold, unfinished or not."""
    found = {f"{CUSTODY}/{name}" for name in (*CUSTODY_FILES, REPORT)}
    if not prepared:
        return frozenset(found | {f"{DATA}/{name}" for name in own_files(case)})
    names = {form.NAME}
    for item in prepared:
        exhibit = item.expected.id
        whole, chosen = form.inventory_name(exhibit), form.records_name(exhibit)
        names |= {whole, whole + AGE, chosen, chosen + AGE, form.proof_name(exhibit)}
        names |= {form.key_name(exhibit)}
        names |= {form.payload_name(exhibit, item.expected.payload_name)}
    return frozenset(found | {f"{d}/{n}" for d in (DATA, UNFINISHED) for n in names})


# -- one encrypted file ----------------------------------------------------------------


def name_sealed(case: Case, one: Transfer, target: Path) -> bool:
    """Name an encrypted file, or its parts, that were written and recorded.

    Returns:
        False when they are not there as recorded; they are made again then.

    Raises:
        StorageFailedError: the disk refused.
    """
    from evidence.copying import Written
    from evidence.envelope import parts, sealed

    told = _envelope(case, one)
    if told is None:
        return False
    digests = told.get("parts")
    if not isinstance(digests, list):
        if not _has(parts.unfinished(target), str(told.get("sha256"))):
            return False
        sealed.give_name(target)
        return True
    written: list[Written] = []
    for number, digest in enumerate(digests, 1):
        path = parts.part_path(target, number)
        if _has(path, str(digest)) and not parts.unfinished(path).exists():
            path.rename(parts.unfinished(path))
        if not _has(parts.unfinished(path), str(digest)):
            return False
        written.append(Written(parts.unfinished(path).stat().st_size, str(digest)))
    size = told.get("bytes")
    whole = Written(size if isinstance(size, int) else 0, str(told.get("sha256")))
    parts.name_parts(target, written, whole)
    return True


def _envelope(case: Case, one: Transfer) -> dict[str, Json] | None:
    """Return what the newest entry on a package of an offer says of its envelope."""
    found: Json = None
    for entry in case.entries():
        facts = entry.facts
        if facts.get("kind") == PACKED and facts.get("transfer") == one.number:
            found = facts.get("envelope")
    return found if isinstance(found, dict) else None


def _has(path: Path, digest: str) -> bool:
    try:
        return path.is_file() and hash_file(path).sha256 == digest
    except (OSError, CustodyError):
        return False  # written again
