"""A package that was received, opened with distrust: re-hashed, and its offer read."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from evidence.case import Case, open_case, unreadable
from evidence.checking import Checked, check_case
from evidence.disclosed import CheckedDisclosure, check_disclosure, is_disclosure
from evidence.transfer.alongside import Alongside, look_alongside
from evidence.transfer.bag import DATA, Difference, Looked, is_bag, look
from evidence.transfer.packing import OFFER
from evidence.transfer.transmission import (
    NAME,
    agrees,
    listed_files,
    read_transmission,
)
from evidence.transfer.words import CUSTODY
from evidence.transfer_errors import PackageMalformedError
from evidence.vault.keyring import Opener, locked
from evidence.vault_errors import LockedError, NotARecipientError
from manifests import ledger
from manifests.canonical import Json
from manifests.entries import Entry
from manifests.errors import CustodyError, MalformedError
from manifests.transfer import MAX_BYTES, Side, TransferProof, read_transfer
from manifests.verifying.judge import Anchors
from manifests.verifying.proofs import ProofReading
from manifests.verifying.transfers import judge_transfer
from manifests.verifying.verdict import Axis, Status, Verdict

Progress = Callable[[int], None]
_SOUND = (Axis.COMPLETE, Axis.INTACT, Axis.CONSISTENT, Axis.SIGNED, Axis.WITNESSED)


@dataclass(frozen=True, slots=True)
class Opened:
    """A package as it is.

    Attributes:
        looked: every file re-hashed.
        offer: the sender's entry with its proof.
        verdict: on offer and content; None when the content could not be judged.
        transmission: the transmission manifest; None when it is not one.
        content: what was judged: a disclosure, or a whole case.
        problem: why the content could not be judged, "" when it was.
        alongside: what older proofs and a report in it turned out to be.
    """

    path: Path
    looked: Looked
    offer: TransferProof
    offered: Verdict
    verdict: Verdict | None
    transmission: dict[str, Json] | None
    content: CheckedDisclosure | tuple[Case, Checked] | None
    problem: str = ""
    alongside: Alongside = field(default_factory=Alongside)

    @property
    def side(self) -> Side:
        """The offer's side."""
        return self.offer.offer

    @property
    def differences(self) -> tuple[Difference, ...]:
        """Everything that is not as it should be, one line each."""
        found = [*self.looked.differences, *self.alongside.differences]
        if self.transmission is None:
            text = "it is no transmission manifest, or fits neither offer nor files"
            found.append(Difference("modified", f"{CUSTODY}/{NAME}", text))
        if self.problem:
            found.append(Difference("unreadable", DATA, self.problem))
        for verdict in (self.offered, self.verdict):
            if verdict is not None:
                found += [
                    Difference("modified", f.subject, f"{f.code.value}: {f.text}")
                    for f in verdict.findings
                    if f.fails
                ]
        return tuple(dict.fromkeys(found))


def is_package(folder: Path) -> bool:
    """Tell whether a folder means to be a package of a hand-over."""
    return is_bag(folder) and (folder / CUSTODY).is_dir()


def read_offer(folder: Path) -> TransferProof:
    """Return the offer a package holds, unjudged.

    Raises:
        PackageMalformedError: there is none that can be read.
    """
    try:
        with ledger.open_plain(folder / CUSTODY / OFFER) as stream:
            data = stream.read(MAX_BYTES + 1)
        offer = read_transfer(data)
    except OSError as error:
        raise PackageMalformedError(reason=f"it has no {CUSTODY}/{OFFER}") from error
    except MalformedError as error:
        raise PackageMalformedError(reason=error.what.rstrip(".")) from error
    if offer.answer is not None:
        raise PackageMalformedError(reason="it holds an answer in place of an offer")
    return offer


def opener_for(folder: Path, key: str, opener: Opener) -> Opener | None:
    """Return `opener` if a package is offered to this key; else nothing opens it."""
    try:
        told = read_offer(folder).offer.entry.facts
    except PackageMalformedError:
        return None  # whoever opens the package says so
    return opener if told.get("recipient") == key else None


def open_package(
    folder: Path,
    *,
    anchors: Anchors,
    opener: Opener | None = None,
    progress: Progress | None = None,
) -> Opened:
    """Re-hash a package and judge what it holds.

    Args:
        opener: gives the age identities of who reads; None to compare what is
            encrypted with its digests alone.

    Raises:
        LockedError, NotARecipientError: it is encrypted to somebody else.
        PackageMalformedError: it is none, or built to do harm; nothing of it is used.
        CaseUnreadableError: it cannot be read.
    """
    if not folder.is_dir() or folder.is_symlink():
        raise PackageMalformedError(reason="it is no folder")
    looked = look(folder, progress=progress)
    offer = read_offer(folder)
    entry = offer.offer.entry
    verdict, content, problem = _judge(folder / DATA, offer, anchors, opener)
    return Opened(
        folder,
        looked,
        offer,
        judge_transfer(offer, anchors),
        verdict,
        _transmission(folder, looked, offer.offer.entry),
        content,
        problem,
        look_alongside(folder, looked, entry, _acquired(content), anchors),
    )


def _judge(
    data: Path, offer: TransferProof, anchors: Anchors, opener: Opener | None
) -> tuple[Verdict | None, CheckedDisclosure | tuple[Case, Checked] | None, str]:
    try:
        if is_disclosure(data):
            part = check_disclosure(data, anchors=anchors, opener=opener)
            if part.disclosure.entry.line != offer.offer.entry.line:
                return part.verdict, None, "its content belongs to another offer"
            return part.verdict, part, ""
        case = open_case(data).opened(opener or locked)
        checked = check_case(
            case,
            anchors=anchors,
            outside=(("the offer's", offer.offer.note),),
            decrypt=opener is not None,
        )
        lines = {entry.line for entry in case.entries()}
        if offer.offer.entry.line not in lines:
            return checked.verdict, None, "its content belongs to another offer"
        return checked.verdict, (case, checked), ""
    except (LockedError, NotARecipientError):
        raise  # nothing is wrong with it: it is for somebody else
    except CustodyError as error:
        return None, None, error.what.rstrip(".")


def _acquired(
    content: CheckedDisclosure | tuple[Case, Checked] | None,
) -> dict[str, ProofReading]:
    """Return what the content proves of each exhibit that was disclosed."""
    if not isinstance(content, CheckedDisclosure):
        return {}
    return {name: seen.reading for name, seen in content.exhibits.items()}


def _transmission(folder: Path, looked: Looked, offer: Entry) -> dict[str, Json] | None:
    """Return the transmission manifest if it says what lists and signed offer do."""
    try:
        with ledger.open_plain(folder / CUSTODY / NAME) as stream:
            value = read_transmission(stream.read(MAX_BYTES + 1))
        files = listed_files(value)
        if not agrees(value, offer):
            return None
    except MalformedError:
        return None
    except FileNotFoundError:
        return None
    except OSError as error:
        raise unreadable(NAME, error) from error
    told = {name: (one, other) for name, (_, one, other) in files.items()}
    listed = {n: d for n, d in looked.listed.items() if n.startswith(f"{DATA}/")}
    sizes = {n: size for n, (size, _, _) in files.items() if n in looked.sizes}
    same = all(
        looked.sizes[name] == size or (name in _changed(looked))
        for name, size in sizes.items()
    )
    return value if told == listed and same else None


def _changed(looked: Looked) -> frozenset[str]:
    return frozenset(one.path for one in looked.differences)


def is_sound(verdict: Verdict) -> bool:
    """Tell whether no axis that rests on what is here alone failed."""
    return all(verdict.axes[axis].status is not Status.FAIL for axis in _SOUND)
