"""An encrypted case: what stands on disk, who reads it, what a damage does."""

from __future__ import annotations

import io
import shutil
import subprocess
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from evidence.case import Case, writing
from evidence.errors import UnsealableError
from evidence.inventory import read_records
from evidence.methods import take_chat, take_image, take_screenshot
from evidence.vault.agekeys import new_identity, recipient_of
from evidence.vault.changing import add_holder, key_files, remove_holder, rewrap
from evidence.vault.holders import CUSTODIAN, Holder, holders_of
from evidence.vault_errors import (
    KeyFileError,
    LockedError,
    NotARecipientError,
    RecipientRefusedError,
)
from manifests.entries import EntryType
from manifests.errors import StorageFailedError
from tests.builders import codes
from tests.eye import holding, watching
from tests.faults import Crash, Trouble
from tests.safe import Safe, new_safe

AGE = shutil.which("age")
CANARY = "CANARY-Zeynab-Quliyeva"
CHAT = f"01/02/2024, 10:00 - {CANARY}: hello {CANARY}\n" * 40


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Safe:
    """A chat and a folder in an encrypted case, and a note."""
    tmp_path = tmp_path_factory.mktemp("made")
    safe = new_safe(tmp_path / "CASE")
    chat = tmp_path / f"{CANARY}.txt"
    chat.write_text(CHAT)
    folder = tmp_path / "folder"
    folder.mkdir()
    for name in ("one", "two"):
        (folder / name).write_text(CANARY * 20000)
    safe.bench.acquire(chat, kind="chat", method=take_chat)
    safe.bench.acquire(folder)
    with writing(safe.bench.case, safe.bench.identity, safe.bench.signer) as writer:
        writer.record(
            EntryType.ANNOTATE,
            facts={"kind": "fact"},
            private={"text": CANARY},
            exhibits=("EX-0001",),
        )
    return safe


@pytest.fixture
def safe(made: Safe, tmp_path: Path) -> Safe:
    """A copy of that case."""
    shutil.copytree(made.path, tmp_path / "CASE")
    (tmp_path / "one").write_text("another file")
    return made.at(tmp_path / "CASE")


def test_with_the_key_everything_is_read_and_verified(safe: Safe) -> None:
    case = safe.opened()
    entries = list(case.entries())
    assert case.sealed(entries[0])["case_id"] == "TEST 1/2026"
    assert case.sealed(entries[3])["text"] == CANARY
    records = list(read_records(case.open_inventory("EX-0001")))
    with case.open_payload("EX-0001") as stream:
        assert stream.read() == CHAT.encode()
    senders = [r["sender"] for r in records if r["kind"] == "message"]
    assert senders == [CANARY] * 40
    assert not safe.verify().findings
    assert not safe.verify(safe.recovery).findings


def test_without_a_key_ciphertext_is_verified_and_nothing_read(safe: Safe) -> None:
    verdict = safe.bench.verify()
    assert codes(verdict) == set()
    assert codes(verdict, failing=False) == {"PLAINTEXT_UNCHECKED"}
    assert any("encrypted" in line for line in verdict.not_established)
    for entry in safe.bench.case.entries():
        with pytest.raises(LockedError):
            safe.bench.case.sealed(entry)
    with pytest.raises(LockedError):
        safe.bench.case.open_inventory("EX-0001")


def test_the_key_of_another_case_opens_nothing(safe: Safe) -> None:
    case = safe.opened(new_identity())
    with pytest.raises(NotARecipientError):
        case.sealed(next(case.entries()))
    with pytest.raises(NotARecipientError):
        safe.verify(new_identity())


def test_public_facts_hold_no_digest_of_the_plaintext(safe: Safe) -> None:
    from hashlib import sha256

    log = (safe.path / "manifest/entries.jsonl").read_text()
    assert sha256(CHAT.encode()).hexdigest() not in log
    private = safe.opened().sealed(list(safe.bench.case.entries())[1])
    assert private["payload"] == {
        "bytes": len(CHAT),
        "sha256": sha256(CHAT.encode()).hexdigest(),
    }


def test_no_plaintext_is_in_any_file_at_any_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Acquiring and verifying (the commands: scripts/test_plaintext.py)."""
    watched = {n: tmp_path / n for n in ("CASE", "tmp", "home")}
    for name in ("tmp", "home"):
        watched[name].mkdir()
        monkeypatch.setenv({"tmp": "TMPDIR", "home": "HOME"}[name], str(watched[name]))
    monkeypatch.setenv("CUSTODY_HOME", str(watched["home"]))
    source = tmp_path / "source"
    source.mkdir()
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as stream:
        stream.writestr("_chat.txt", f"[01.02.24, 10:00:00] {CANARY}: hi\n" * 9)
    (source / "chat.zip").write_bytes(archive.getvalue())
    (source / "tree").mkdir()
    (source / "tree" / CANARY).write_text(CANARY * 200_000)
    (source / "chat.txt").write_text(CHAT)

    needles = (CANARY.encode(), CANARY.encode("utf-16-le"))
    with watching(tuple(watched.values()), needles) as eye:
        safe = new_safe(watched["CASE"])
        safe.bench.acquire(source / "chat.txt", kind="chat", method=take_chat)
        safe.bench.acquire(source / "chat.zip", kind="chat", method=take_chat)
        safe.bench.acquire(source / "tree")
        safe.bench.acquire(source / "chat.txt", kind="disk", method=take_image)
        safe.bench.acquire(
            source / "chat.txt", kind="screenshot", method=take_screenshot
        )
        assert not safe.verify().findings
        list(read_records(safe.opened().open_inventory("EX-0001")))
    assert eye.found == []
    assert eye.elsewhere(watched["CASE"]) == []  # nothing written anywhere else


def test_the_eye_sees_what_a_plain_case_writes(tmp_path: Path) -> None:
    from tests.builders import new_bench

    (tmp_path / "a.txt").write_text(CHAT)
    new_bench(tmp_path / "CASE").acquire(tmp_path / "a.txt")
    assert holding((tmp_path / "CASE",), (CANARY.encode(),))


@pytest.mark.skipif(AGE is None, reason="the age tool is not here")
def test_the_plain_age_tool_decrypts_everything(safe: Safe, tmp_path: Path) -> None:
    (tmp_path / "mine").write_text(safe.recovery + "\n")

    def age(key: Path, file: str) -> bytes:
        words = [str(AGE), "-d", "-i", str(key), str(safe.path / file)]
        return subprocess.run(words, capture_output=True, check=True).stdout

    (tmp_path / "ex").write_bytes(age(tmp_path / "mine", "keys/EX-0001.age"))
    (tmp_path / "case").write_bytes(age(tmp_path / "mine", "keys/case.age"))
    assert age(tmp_path / "ex", "exhibits/EX-0001/payload.age") == CHAT.encode()
    lines = age(tmp_path / "ex", "exhibits/EX-0001/inventory.jsonl.age")
    assert lines.count(b'"kind":"message"') == 40
    assert CANARY.encode() in age(tmp_path / "ex", "private/0000000003.json.age")
    assert b"TEST 1/2026" in age(tmp_path / "case", "private/0000000000.json.age")


def flip(path: Path) -> None:
    path.chmod(0o600)
    data = bytearray(path.read_bytes())
    data[-1] ^= 1
    path.write_bytes(data)


DAMAGES: dict[str, tuple[Callable[[Path], object], set[str], set[str]]] = {
    # damage: (what is done, codes without a key, codes with it)
    "payload altered": (
        lambda case: flip(case / "exhibits/EX-0001/payload.age"),
        {"PAYLOAD_MODIFIED"},
        {"PAYLOAD_MODIFIED", "PLAINTEXT_MODIFIED"},
    ),
    "inventory altered": (
        lambda case: flip(case / "exhibits/EX-0002/inventory.jsonl.age"),
        {"INVENTORY_MODIFIED"},
        {"INVENTORY_MODIFIED", "PLAINTEXT_MODIFIED"},
    ),
    "sealed record altered": (
        lambda case: flip(case / "private/0000000003.json.age"),
        {"PRIVATE_MODIFIED"},
        {"PRIVATE_MODIFIED", "PLAINTEXT_MODIFIED"},
    ),
    "key of an exhibit gone": (
        lambda case: (case / "keys/EX-0002.age").unlink(),
        {"KEY_FILE_MISSING"},
        {"KEY_FILE_MISSING", "PLAINTEXT_MODIFIED"},
    ),
    "key of the case gone": (
        lambda case: (case / "keys/case.age").unlink(),
        {"KEY_FILE_MISSING"},
        {"KEY_FILE_MISSING", "PLAINTEXT_MODIFIED"},
    ),
    "keys exchanged": (
        lambda case: shutil.copy(case / "keys/EX-0002.age", case / "keys/EX-0001.age"),
        set(),
        {"KEY_FILE_WRONG", "PLAINTEXT_MODIFIED"},
    ),
    "key altered": (
        lambda case: flip(case / "keys/EX-0001.age"),
        set(),
        {"KEY_FILE_WRONG", "PLAINTEXT_MODIFIED"},
    ),
    "plain payload beside": (
        lambda case: (case / "exhibits/EX-0001/payload").write_text("x"),
        {"UNLISTED"},
        {"UNLISTED"},
    ),
    "a key too many": (
        lambda case: (case / "keys/EX-0009.age").write_text("x"),
        {"UNLISTED"},
        {"UNLISTED"},
    ),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_damages_are_found_with_and_without_a_key(safe: Safe, damage: str) -> None:
    act, without, with_key = DAMAGES[damage]
    act(safe.path)
    assert codes(safe.bench.verify()) == without
    assert codes(safe.verify()) == with_key


def test_a_swapped_key_is_no_reason_to_show_something_else(safe: Safe) -> None:
    shutil.copy(safe.path / "keys/EX-0002.age", safe.path / "keys/EX-0001.age")
    case = safe.opened()
    with pytest.raises(UnsealableError):
        case.sealed(list(case.entries())[1])


def writer_of(safe: Safe, **more: object):  # type: ignore[no-untyped-def]
    bench = safe.bench
    return writing(bench.case, bench.identity, bench.signer, **more)  # type: ignore[arg-type]


def keys_of(case: Case):  # type: ignore[no-untyped-def]
    assert case.keys is not None
    return case.keys


def test_a_custodian_comes_and_goes(safe: Safe) -> None:
    guest = new_identity()
    holder = Holder(recipient_of(guest), CUSTODIAN, "a" * 64)
    with writer_of(safe) as writer:
        _, count = add_holder(writer, keys_of(safe.opened()), holder, name="Asgi")
    assert count == 3
    assert not safe.verify(guest).findings
    assert key_files(safe.bench.case, 3).stale == ()
    with writer_of(safe) as writer:
        remove_holder(writer, keys_of(safe.opened()), holder.recipient, name="")
    with pytest.raises(NotARecipientError):
        safe.verify(guest)
    assert not safe.verify().findings
    found = holders_of(safe.bench.case.entries())
    assert found is not None
    assert len(found.current) == 2


def test_who_was_removed_cannot_read_what_comes(safe: Safe, tmp_path: Path) -> None:
    guest = new_identity()
    holder = Holder(recipient_of(guest), CUSTODIAN, None)
    with writer_of(safe) as writer:
        add_holder(writer, keys_of(safe.opened()), holder, name="")
        remove_holder(writer, keys_of(safe.opened()), holder.recipient, name="")
    safe.bench.acquire(tmp_path / "one")
    with pytest.raises(NotARecipientError):
        keys_of(safe.opened(guest)).identity("EX-0003")
    assert keys_of(safe.opened()).identity("EX-0003")


def test_nobody_can_lock_everybody_out(safe: Safe) -> None:
    with writer_of(safe) as writer, pytest.raises(RecipientRefusedError):
        remove_holder(writer, keys_of(safe.opened()), recipient_of(safe.mine), name="")
    with writer_of(safe) as writer, pytest.raises(RecipientRefusedError):
        again = Holder(recipient_of(safe.mine), CUSTODIAN, None)
        add_holder(writer, keys_of(safe.opened()), again, name="")


def test_a_recipient_is_not_added_while_a_key_is_wrong(safe: Safe) -> None:
    shutil.copy(safe.path / "keys/EX-0002.age", safe.path / "keys/EX-0001.age")
    before = (safe.path / "manifest/entries.jsonl").read_bytes()
    holder = Holder(recipient_of(new_identity()), CUSTODIAN, None)
    with writer_of(safe) as writer, pytest.raises(KeyFileError):
        add_holder(writer, keys_of(safe.opened()), holder, name="")
    assert (safe.path / "manifest/entries.jsonl").read_bytes() == before


def test_a_power_cut_while_keys_are_rewritten_leaves_each_old_or_new(
    safe: Safe, tmp_path: Path
) -> None:
    """At every system call: the custodian still opens all, and a repeat ends it."""
    guest = new_identity()
    holder = Holder(recipient_of(guest), CUSTODIAN, None)
    at = 0
    while True:
        copy = tmp_path / f"copy-{at}"
        shutil.copytree(safe.path, copy)
        trouble = Trouble("crash", at)
        there = safe.at(copy)
        try:
            with writer_of(there, system=trouble.system()) as writer:
                add_holder(writer, keys_of(there.opened()), holder, name="")
        except Crash:
            pass
        else:
            break
        keys = keys_of(there.opened())
        assert all(keys.identity(name) for name in ("case", "EX-0001", "EX-0002"))
        with writer_of(there) as writer:
            rewrap(writer, keys)
        holders = holders_of(there.bench.case.entries())
        assert holders is not None
        assert key_files(there.bench.case, len(holders.current)).stale == ()
        assert codes(there.verify()) == set()
        shutil.rmtree(copy)
        at += 5
    assert at > 20


def test_a_crash_while_acquiring_leaves_no_key_without_an_exhibit(
    safe: Safe, tmp_path: Path
) -> None:
    from evidence.acquire import Request, acquire
    from evidence.methods import take_files

    request = Request("files", (tmp_path / "one",))
    for at in range(0, 40, 5):
        copy = tmp_path / f"copy-{at}"
        shutil.copytree(safe.path, copy)
        there = safe.at(copy)
        trouble = Trouble("crash", at)
        try:
            with writer_of(there, system=trouble.system()) as writer:
                acquire(writer, request, take_files)
        except (Crash, StorageFailedError):
            pass
        with writer_of(there):
            pass  # opening to write tidies
        assert codes(there.verify()) == set(), at
        names = {p.name for p in (copy / "keys").iterdir()}
        exhibits = {f"{p.name}.age" for p in (copy / "exhibits").iterdir()}
        assert names == {"case.age", *exhibits}
        shutil.rmtree(copy)
