"""Four verifiers of erasures: what takes effect, what is gone, what is still there.

The logs are forged by hand; the expected findings follow from docs/spec/erasure-v1.md.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from tests.engines import Found, agree
from tests.forge import Ed25519, Forge, at

pytestmark = pytest.mark.skipif(
    shutil.which("openssl") is None, reason="the openssl command is not installed"
)

ANNA, BERT, CARL = (Ed25519(name) for name in ("anna", "bert", "carl"))
PAYLOAD = b"a payload"
RECORD = b'{"salt":"00"}'
GONE: Found = {
    ("complete", "PAYLOAD_MISSING"),
    ("complete", "INVENTORY_MISSING"),
    ("complete", "PRIVATE_MISSING"),
}
ERASED: Found = {("complete", "ERASED")}
STILL: Found = {("complete", "ERASED_STILL_PRESENT")}
NOTHING: Found = set()


def acquired(rule: tuple[str, ...] = (), *, keep: bool = False) -> Forge:
    """Anna acquired EX-0001, of which nothing is there any more unless it is kept."""
    approver = BERT.facts(rights=["approve"])
    facts = {"two_person": list(rule), "approvers": [approver]} if rule else {}
    forge = Forge(ANNA, facts)
    put(forge, "EX-0001", keep=keep)
    return forge


def put(forge: Forge, name: str, *, keep: bool = False, by: Ed25519 = ANNA) -> int:
    seq = len(forge.lines)
    if keep:
        forge.files[f"exhibits/{name}/payload"] = PAYLOAD
        forge.files[f"exhibits/{name}/inventory.jsonl"] = b""
        forge.files[f"private/{seq:010d}.json"] = RECORD
    facts = {
        "payload": {
            "name": "payload",
            "bytes": len(PAYLOAD),
            "sha256": sha256(PAYLOAD).hexdigest(),
        },
        "inventory": {"records": 0, "root": sha256(b"").hexdigest()},
    }
    private = sha256(b"\x00" + RECORD).hexdigest()
    return forge.add("acquire", facts, by=by, exhibits=[name], private=private)


def erased(forge: Forge, *names: str, by: Ed25519 = ANNA, **more: Any) -> int:
    facts = {"reason": "court-order", **more.pop("facts", {})}
    listed = {"exhibits": list(names or ("EX-0001",)), **more}
    return forge.add("erase", facts, by=by, **listed)


def ended(forge: Forge, *by: Ed25519) -> Forge:
    forge.note(*(by or (ANNA,)))
    return forge


def answer(forge: Forge, seq: int, kind: str = "approval", by: Ed25519 = BERT) -> int:
    facts = {"kind": kind, "seq": seq, "entry": forge.leaves[seq].hex()}
    return forge.add("annotate", facts, by=by)


def simple(**more: Any) -> Forge:
    forge = acquired()
    erased(forge, **more)
    return ended(forge)


def with_file(name: str, data: bytes = b"x") -> Forge:
    forge = simple()
    forge.files[name] = data
    return ended(forge)


def never_erased() -> Forge:
    return ended(acquired())


def two_persons(kind: str = "", *, keep: bool = False) -> Forge:
    forge = acquired(("erase", "key_enrol"), keep=keep)
    seq = erased(forge)
    if kind:
        answer(forge, seq, kind)
    return ended(forge)


def approval_void() -> Forge:
    forge = acquired(("erase", "key_enrol"))
    enrol = forge.add("key_enrol", {"enrols": CARL.facts()}, by=ANNA)
    answer(forge, enrol)
    answer(forge, erased(forge), by=CARL)
    told = {"key": CARL.id, "from": at(4), "reason": "compromised"}
    forge.add("key_revoke", told, by=ANNA)
    return ended(forge)


def approved_by_oneself() -> Forge:
    forge = acquired(("erase", "key_enrol"))
    answer(forge, erased(forge), by=ANNA)
    return ended(forge)


def without_right() -> Forge:
    forge = acquired()
    forge.add("key_enrol", {"enrols": BERT.facts(rights=["approve"])}, by=ANNA)
    erased(forge, by=BERT)
    return ended(forge)


def by_a_stranger() -> Forge:
    forge = acquired()
    erased(forge, by=CARL)
    return ended(forge)


def signed_by_another() -> Forge:
    forge = acquired()
    erased(forge, signers=[CARL])
    return ended(forge)


def revoked_before() -> Forge:
    forge = acquired()
    forge.add("key_enrol", {"enrols": BERT.facts()}, by=ANNA)
    erased(forge, by=BERT)
    told = {"key": BERT.id, "from": at(3), "reason": "compromised"}
    forge.add("key_revoke", told, by=ANNA)
    return ended(forge)


def revoked_afterwards() -> Forge:
    forge = acquired()
    forge.add("key_enrol", {"enrols": BERT.facts()}, by=ANNA)
    erased(forge, by=BERT)
    told = {"key": BERT.id, "from": at(4.5), "reason": "left"}
    forge.add("key_revoke", told, by=ANNA)
    return ended(forge)


def in_advance() -> Forge:
    """The insider's trick: a tombstone first, the exhibit afterwards."""
    forge = Forge(ANNA)
    erased(forge)
    put(forge, "EX-0001")
    return ended(forge)


def of_another_log() -> Forge:
    return simple(log="case.custody.invalid/" + "f" * 32)


def shared_record(*names: str, keep: bool = False) -> Forge:
    """An entry about two exhibits: its record goes with the second one only."""
    forge = acquired()
    put(forge, "EX-0002")
    seq = len(forge.lines)
    if keep:
        forge.files[f"private/{seq:010d}.json"] = RECORD
    private = sha256(b"\x00" + RECORD).hexdigest()
    forge.add("annotate", by=ANNA, exhibits=["EX-0001", "EX-0002"], private=private)
    for name in names:
        erased(forge, name)
    return ended(forge)


def later_record(*, keep: bool) -> Forge:
    """What is said of it after it was erased stays."""
    forge = acquired()
    erased(forge)
    seq = len(forge.lines)
    if keep:
        forge.files[f"private/{seq:010d}.json"] = RECORD
    private = sha256(b"\x00" + RECORD).hexdigest()
    forge.add("annotate", by=ANNA, exhibits=["EX-0001"], private=private)
    return ended(forge)


def own_record(*, keep: bool) -> Forge:
    """The sealed record of the erasure itself is not erased by another one."""
    forge = acquired()
    seq = len(forge.lines)
    if keep:
        forge.files[f"private/{seq:010d}.json"] = RECORD
    erased(forge, private=sha256(b"\x00" + RECORD).hexdigest())
    put(forge, "EX-0002")
    erased(forge, "EX-0001", "EX-0002")
    return ended(forge)


def with_report(*, keep: bool, named: bool = True) -> Forge:
    forge = acquired()
    digest = sha256(b"x").hexdigest()
    forge.add("report_issue", {"file": "R.pdf", "sha256": digest}, by=ANNA)
    if keep:
        forge.files["reports/R.pdf"] = b"x"
    erased(forge, facts={"reports": ["R.pdf"]} if named else {})
    return ended(forge)


def form(**more: Any) -> Callable[[], Forge]:
    return lambda: simple(**more)


MALFORMED = GONE | {("consistent", "ENTRY_MALFORMED")}
PENDING: Found = {("signed", "APPROVAL_PENDING")}
CASES: dict[str, tuple[Callable[[], Forge], Found, Found]] = {
    "erased": (simple, NOTHING, ERASED),
    "never erased": (never_erased, GONE, NOTHING),
    "with a ground": (form(authority="AU-0001"), NOTHING, ERASED),
    "payload put back": (
        lambda: with_file("exhibits/EX-0001/payload", PAYLOAD),
        STILL,
        ERASED,
    ),
    "inventory put back": (
        lambda: with_file("exhibits/EX-0001/inventory.jsonl"),
        STILL,
        ERASED,
    ),
    "record put back": (lambda: with_file("private/0000000001.json"), STILL, ERASED),
    "something else there": (
        lambda: with_file("exhibits/EX-0001/payload.tar"),
        {("complete", "UNLISTED")},
        ERASED,
    ),
    "waits": (two_persons, GONE, PENDING),
    "waits, all there": (lambda: two_persons(keep=True), NOTHING, PENDING),
    "approved": (lambda: two_persons("approval"), NOTHING, ERASED),
    "approved, all there": (
        lambda: two_persons("approval", keep=True),
        STILL,
        ERASED,
    ),
    "refused": (
        lambda: two_persons("refusal"),
        GONE,
        {("signed", "APPROVAL_REFUSED")},
    ),
    "approved by oneself": (
        approved_by_oneself,
        GONE | {("signed", "KEY_CLAIM")},
        PENDING,
    ),
    "approval void": (
        approval_void,
        GONE | {("signed", "KEY_REVOKED")},
        PENDING,
    ),
    "without the right": (without_right, GONE | {("signed", "KEY_RIGHT")}, NOTHING),
    "by a stranger": (by_a_stranger, GONE | {("signed", "SIGNER_UNKNOWN")}, NOTHING),
    "signed by another": (
        signed_by_another,
        GONE | {("signed", "SIGNER_UNKNOWN"), ("signed", "SIGNATURE_WRONG")},
        NOTHING,
    ),
    "revoked from before": (
        revoked_before,
        GONE | {("signed", "KEY_REVOKED")},
        NOTHING,
    ),
    "revoked afterwards": (revoked_afterwards, NOTHING, ERASED),
    "in advance": (in_advance, GONE, NOTHING),
    "of another log": (
        of_another_log,
        GONE | {("consistent", "ENTRY_FOREIGN")},
        NOTHING,
    ),
    "shared record, one erased": (
        lambda: shared_record("EX-0001"),
        GONE,
        ERASED,
    ),
    "shared record, both erased": (
        lambda: shared_record("EX-0001", "EX-0002"),
        NOTHING,
        ERASED,
    ),
    "shared record still there": (
        lambda: shared_record("EX-0001", "EX-0002", keep=True),
        STILL,
        ERASED,
    ),
    "a later record": (lambda: later_record(keep=True), NOTHING, ERASED),
    "a later record gone": (
        lambda: later_record(keep=False),
        {("complete", "PRIVATE_MISSING")},
        ERASED,
    ),
    "its own record": (lambda: own_record(keep=True), NOTHING, ERASED),
    "its own record gone": (
        lambda: own_record(keep=False),
        {("complete", "PRIVATE_MISSING")},
        ERASED,
    ),
    "a report with it": (lambda: with_report(keep=False), NOTHING, ERASED),
    "a report still there": (lambda: with_report(keep=True), STILL, ERASED),
    "a report not named": (
        lambda: with_report(keep=False, named=False),
        NOTHING,
        ERASED | {("complete", "REPORT_MISSING")},
    ),
    "no exhibits": (form(exhibits=[]), MALFORMED, NOTHING),
    "odd exhibit": (form(exhibits=["EX-0001", "EX-1"]), MALFORMED, NOTHING),
    "exhibit twice": (form(exhibits=["EX-0001", "EX-0001"]), MALFORMED, NOTHING),
    "unknown exhibit": (
        form(exhibits=["EX-0001", "EX-0009"]),
        NOTHING,
        ERASED,
    ),
    "reason in words": (form(facts={"reason": "Because"}), MALFORMED, NOTHING),
    "reason with a newline": (form(facts={"reason": "x\n"}), MALFORMED, NOTHING),
    "no reason": (form(facts={"reason": None}), MALFORMED, NOTHING),
    "long reason": (form(facts={"reason": "x" * 41}), MALFORMED, NOTHING),
    "odd ground": (form(authority="by Anna"), MALFORMED, NOTHING),
    "reports that are none": (form(facts={"reports": [1]}), MALFORMED, NOTHING),
    "null as reports": (form(facts={"reports": None}), NOTHING, ERASED),
}


@pytest.mark.parametrize("name", CASES)
def test_all_agree_on_erasures(
    name: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("CUSTODY_HOME", str(tmp_path / "no-keys"))
    build, failing, remarks = CASES[name]
    found = agree(build().write(tmp_path / "case"), capsys)
    assert (found.failing, found.remarks) == (failing, remarks)


def test_all_agree_on_the_tools_own_erasures(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Of an encrypted case, with the key and the ciphertext gone, and put back."""
    from tests.erasing import erase, fill
    from tests.safe import new_safe

    safe = new_safe(tmp_path / "CASE")
    fill(safe.bench, tmp_path / "sources")
    key = (safe.path / "keys/EX-0001.age").read_bytes()
    erase(safe.bench)
    found = agree(safe.path, capsys)
    assert found.failing == set()
    assert ("complete", "ERASED") in found.remarks
    (safe.path / "keys/EX-0001.age").write_bytes(key)
    assert agree(safe.path, capsys).failing == STILL
