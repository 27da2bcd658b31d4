"""Founding a case: the folder, its first entry and, last, its settings."""

from __future__ import annotations

import os
import re
import secrets
import shutil
from dataclasses import dataclass
from pathlib import Path

from evidence import clock
from evidence.addresses import StampAuthority, check_distinct
from evidence.authority.checks import checked
from evidence.authority.instruments import CATEGORIES, Instrument
from evidence.authority.order import Order
from evidence.authority.register import authority_id
from evidence.case import (
    FOLDERS,
    IDENTITIES,
    LOCK,
    SETTINGS,
    Case,
    CaseWriter,
    Settings,
)
from evidence.errors import FolderNotEmptyError
from evidence.identity import Identity
from evidence.joining import JoinRequest
from evidence.key_errors import KeyChangeRefusedError
from evidence.signals import held
from evidence.tool import tool_facts
from evidence.vault.holders import CASE, Holder, Holders
from evidence.vault.keyring import FOLDER as KEYS
from evidence.vault.writing import Vault, fresh_key
from manifests import durable, ledger
from manifests.canonical import Json
from manifests.durable import SYSTEM, System
from manifests.entries import FORMAT_VERSION, EntryType
from manifests.errors import MalformedError, StorageFailedError
from manifests.keys import Signer
from manifests.lock import WriterLock
from manifests.warrants import CAN_WAIT

_ORIGIN = re.compile(r"case\.custody\.invalid/[0-9a-f]{32}")


def new_origin() -> str:
    """Return a fresh log origin; it must never name two cases."""
    return f"case.custody.invalid/{secrets.token_hex(16)}"


@dataclass(frozen=True, slots=True)
class SecondPersons:
    """Who begins in a case beside its founder, and which acts need two people.

    Attributes:
        origin: chosen before the case with `new_origin`, so that the keys of
            `approvers` could be proved for it.
        two_person: types of acts that need a second person, for ever.
        approvers: their keys get every right.
    """

    origin: str
    two_person: tuple[str, ...] = ()
    approvers: tuple[JoinRequest, ...] = ()

    def check(self) -> None:
        """Refuse what the first entry could not say.

        Raises:
            MalformedError: the origin has another form.
            KeyChangeRefusedError: two people are needed and there is one, or for an
                act that cannot wait.
            JoinRefusedError: an approver's request is not for this origin.
        """
        unknown = sorted({*self.two_person} - CAN_WAIT)
        if unknown:
            raise KeyChangeRefusedError(reason=f"{unknown[0]} is no act that can wait")
        if self.two_person and not self.approvers:
            reason = "a two-person rule needs a second person from the beginning"
            raise KeyChangeRefusedError(reason=reason)
        if not _ORIGIN.fullmatch(self.origin):
            raise MalformedError(what="the log origin", reason="it is not a fresh one")
        for request in self.approvers:
            request.check(self.origin)

    def facts(self) -> dict[str, Json]:
        """What the first entry says of them."""
        facts: dict[str, Json] = {}
        if self.two_person:
            # Without key_enrol one person could enrol a second key as second person.
            types = {*self.two_person, EntryType.KEY_ENROL.value}
            facts["two_person"] = [*sorted(types)]
        if self.approvers:
            facts["approvers"] = [r.key_object(r.warrant()) for r in self.approvers]
        return facts


def create_case(  # noqa: PLR0913 - each is a fact of the one act
    path: Path,
    identity: Identity,
    signer: Signer,
    *,
    case_id: str,
    title: str,
    profile: str,
    synthetic: bool = False,
    authorities: tuple[StampAuthority, ...] = (),
    second: SecondPersons | None = None,
    ground: Order | None = None,
    holders: tuple[Holder, ...] = (),
    system: System = SYSTEM,
) -> Case:
    """Make a new case and its first entry, or leave the folder as it was.

    Args:
        path: a folder that does not exist or is empty.
        case_id: reference of the proceedings; kept in the sealed record only.
        authorities: time-stamping authorities for the settings; nobody is asked yet.
        synthetic: marks demo and training cases, in the manifest for ever.
        second: who begins in the case beside the founder, and what for.
        ground: legal ground the case begins with, its AU-0001. An organisation of the
            profile ``ngo`` begins on its own initiative when none is given.
        holders: who can decrypt; the case is encrypted when there are any.

    Raises:
        OrderRefusedError: the ground contradicts itself.
        JoinRefusedError: an approver's request is not for `origin`.
        KeyChangeRefusedError: the rule cannot be kept by these people.
        FolderNotEmptyError: `path` holds something.
        StorageFailedError: it could not be stored.
    """
    for what, text in (("the case id", case_id), ("the title", title)):
        if not text.strip() or len(text) > 1000:
            raise MalformedError(what=what, reason="it is empty or too long")
    check_distinct(authorities)
    ground = _first_ground(ground, profile)
    second = second or SecondPersons(new_origin())
    second.check()
    case = Case(path, Settings(second.origin, profile, authorities))
    sealed: dict[str, Json] = {
        "case_id": case_id,
        "founder": {
            "name": identity.name,
            "organisation": identity.organisation,
            "role": identity.role,
        },
        "title": title,
    }
    if second.approvers:
        sealed["approvers"] = [r.identity.fields() for r in second.approvers]
    if ground is not None:
        sealed["ground"] = ground.sealed()
    made = _make_empty_folder(path, system)
    with held(), WriterLock(path / LOCK):
        _check_empty(path)  # again: somebody may have been faster
        try:
            writer = _lay_out(case, identity, signer, system, holders)
            for request in second.approvers if writer.vault is None else ():
                _describe(case, request.identity, system)
            facts: dict[str, Json] = {
                "format": FORMAT_VERSION,
                "founder": _founder(signer),
                "profile": profile,
                "synthetic": synthetic,
                "tool": tool_facts(),
                **second.facts(),
            }
            if ground is not None:
                facts["ground"] = ground.facts(authority_id(1))
            if writer.vault is not None:
                facts["encryption"] = dict(writer.vault.holders.opening())
            writer.record(EntryType.CASE_OPEN, facts=facts, private=sealed)
            writer.log.checkpoint(signer)
            # Last: a folder without settings is no case, so none is ever half made.
            settings = case.settings.to_text().encode("utf-8")
            durable.write_new(path / SETTINGS, settings, system=system)
            writer.log.close()
        except BaseException as error:
            _clear_away(path, made, error)
            raise
    return case


def _first_ground(given: Order | None, profile: str) -> Order | None:
    """Return the ground a case begins with (ADR 0017), checked; None for none."""
    if given is None and profile == "ngo":
        given = Order(type=Instrument.OWN_INITIATIVE, categories=CATEGORIES)
    return checked(given, now=clock.now().time) if given is not None else None


def _describe(case: Case, identity: Identity, system: System) -> None:
    public = case.path / IDENTITIES / f"{identity.key}.json"
    if not public.exists():
        durable.write_new(public, identity.to_bytes(), system=system)


def _founder(signer: Signer) -> dict[str, Json]:
    """Return the founder's key as it stands in the first entry."""
    key = signer.public
    founder: dict[str, Json] = {
        "algorithm": key.algorithm.value,
        "key": key.id,
        "public": key.text,
    }
    if signer.post_quantum is not None:
        founder["post_quantum"] = signer.post_quantum.public.text
    return founder


def _lay_out(
    case: Case,
    identity: Identity,
    signer: Signer,
    system: System,
    holders: tuple[Holder, ...],
) -> CaseWriter:
    for name in FOLDERS:
        durable.make_folder(case.path / name, system=system)
    log = ledger.create(case.manifest, case.settings.origin, system=system)
    writer = CaseWriter(case, log, identity, signer)
    if holders:
        writer.vault = _lay_out_vault(case, holders, system)
    else:
        _describe(case, identity, system)  # it holds a name in clear
    return writer


def _lay_out_vault(case: Case, holders: tuple[Holder, ...], system: System) -> Vault:
    durable.make_folder(case.path / KEYS, system=system)
    key = fresh_key()
    found = Holders(key.recipient, {holder.recipient: holder for holder in holders})
    vault = Vault(case.path, case.settings.origin, found, system)
    vault.store(key, CASE)
    return vault


def _check_empty(path: Path) -> None:
    """Raise unless the folder holds nothing but, at most, the lock."""
    if any(found.name != LOCK for found in path.iterdir()):
        raise FolderNotEmptyError(path=str(path))


def _make_empty_folder(path: Path, system: System) -> list[Path]:
    """Make `path` and what is missing above it; return what was made, outermost first.

    Raises:
        FolderNotEmptyError: it is there and holds something, or is no folder.
        StorageFailedError: the system refused.
    """
    missing = [p for p in (path, *path.parents) if not os.path.lexists(p)]
    missing.reverse()
    made: list[Path] = []
    try:
        for folder in missing:
            durable.make_folder(folder, system=system)
            made.append(folder)
        _check_empty(path)
    except NotADirectoryError as error:
        raise FolderNotEmptyError(path=str(path)) from error
    except OSError as error:
        durable.storage_failure(error, str(path))
    except StorageFailedError as error:
        _clear_away(path, made, error)
        raise
    return made


def _clear_away(path: Path, made: list[Path], error: BaseException) -> None:
    """Remove what a failed `create_case` put into a folder that was empty."""
    try:
        for found in path.iterdir() if path.is_dir() else ():
            shutil.rmtree(found) if found.is_dir() else found.unlink()
        for folder in reversed(made):
            folder.rmdir()
    except OSError as second:
        error.add_note(f"The unfinished case could not be removed: {second}")
