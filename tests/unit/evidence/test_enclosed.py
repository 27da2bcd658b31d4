"""Disclosures out of an encrypted case: nothing readable; what was changed shows."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import pyrage
import pytest
from hypothesis import given
from hypothesis import strategies as some

from evidence.case import writing
from evidence.consent_errors import PayloadEncryptedError, RecipientMissingError
from evidence.disclosed import check_disclosure
from evidence.disclosing import Portion, folder_for, prepare, record, write_folder
from evidence.enclosing import Enclosure
from evidence.grounds import Basis
from evidence.vault.agekeys import new_identity, recipient_of
from evidence.vault_errors import LockedError, NotARecipientError
from manifests import disclosure as form
from manifests.canonical import Json
from manifests.entries import Entry, EntryType
from manifests.errors import MalformedError, ProofTooLargeError
from manifests.proof import Placed
from manifests.verifying.judge import Anchors
from manifests.verifying.verdict import Verdict
from tests.builders import codes
from tests.safe import Safe, new_safe

SECRET = b"Ottoline was there"
THEIRS, STRANGER = new_identity(), new_identity()
Change = Callable[[Path], object]
Making = Callable[[Enclosure], Enclosure]


def disclose(
    safe: Safe,
    target: Path,
    *portions: Portion,
    in_clear: bool = False,
    making: Making = lambda made: made,
) -> Entry:
    """Give to THEIRS; `making` is what a giver that cheats does before signing."""
    to = None if in_clear else lambda: recipient_of(THEIRS)
    case = safe.opened()
    prepared = prepare(case, portions, to=to, in_clear=in_clear)
    for item in prepared:
        if item.enclosure is not None:
            object.__setattr__(item, "enclosure", making(item.enclosure))
    with folder_for(target) as part:
        with writing(case, safe.bench.identity, safe.bench.signer) as writer:
            entry = record(
                writer,
                prepared,
                recipient="NGO-1",
                purpose="support",
                basis=Basis("CO-0001"),
                note="n",
                encrypted_to="" if in_clear else recipient_of(THEIRS),
            )
        write_folder(case, prepared, entry, part=part, target=target)
    return entry


def verdict(folder: Path, *identities: str) -> Verdict:
    opener = None if not identities else lambda: ("They", list(identities))
    return check_disclosure(folder, anchors=Anchors(), opener=opener).verdict


@pytest.fixture(scope="module")
def safe(tmp_path_factory: pytest.TempPathFactory) -> Safe:
    """Two trees; a part and a whole that were disclosed stand beside the case."""
    folder = tmp_path_factory.mktemp("enclosed")
    safe = new_safe(folder / "case")
    for tree in ("one", "two"):
        (folder / tree).mkdir()
        for number in range(9):
            text = SECRET + b" %d in %s\n" % (number, tree.encode())
            (folder / tree / f"Ottoline-{number}").write_bytes(text)
        safe.bench.acquire(folder / tree)
    disclose(safe, folder / "part", Portion("EX-0001", (2, 3, 7), payload=False))
    disclose(safe, folder / "whole", Portion("EX-0001"), Portion("EX-0002"))
    disclose(safe, folder / "bare", Portion("EX-0002", None, payload=False))
    return safe


def told(found: Verdict) -> set[str]:
    """Codes of all findings, remarks too."""
    return {finding.code.value for finding in found.findings}


def copied(safe: Safe, name: str, to: Path) -> Path:
    return Path(shutil.copytree(safe.path.parent / name, to / name))


@pytest.fixture
def part(safe: Safe, tmp_path: Path) -> Path:
    return copied(safe, "part", tmp_path)


@pytest.fixture
def whole(safe: Safe, tmp_path: Path) -> Path:
    return copied(safe, "whole", tmp_path)


@pytest.fixture
def bare(safe: Safe, tmp_path: Path) -> Path:
    return copied(safe, "bare", tmp_path)


def test_it_holds_ciphertext_and_says_so(part: Path, whole: Path, bare: Path) -> None:
    for folder in (part, whole, bare):
        for path in folder.iterdir():
            assert b"Ottoline" not in path.read_bytes(), path
        assert not list(folder.glob("*.jsonl"))
        found = verdict(folder)
        assert found.exit_code() == 0, found.findings
        assert told(found) == {"PLAINTEXT_UNCHECKED"}
        assert any("not decrypted" in line for line in found.not_established)
    assert not list(bare.glob("*.key.age")) + list(part.glob("*.key.age"))


def test_with_the_key_nothing_is_left_unchecked(
    safe: Safe, part: Path, whole: Path, bare: Path
) -> None:
    for folder in (part, whole, bare):
        found = verdict(folder, STRANGER, THEIRS)
        assert found.exit_code() == 0
        assert told(found) == set(), found.findings
    assert safe.verify().exit_code() == 0


def age(identity: Path, file: Path) -> bytes:
    if shutil.which("age") is None:
        pytest.skip("the age tool is not installed")
    words = ["age", "--decrypt", "--identity", str(identity), str(file)]
    return subprocess.run(words, check=True, capture_output=True).stdout


def test_the_age_tool_opens_what_was_received(
    safe: Safe, part: Path, whole: Path, tmp_path: Path
) -> None:
    mine, key = tmp_path / "mine", tmp_path / "key"
    mine.write_text(THEIRS + "\n")
    key.write_bytes(age(mine, whole / "EX-0002.key.age"))
    inventory = age(key, whole / "EX-0002.inventory.jsonl.age").splitlines()
    assert len(inventory) == 10
    assert SECRET + b" 8 in two\n" in age(key, whole / "EX-0002.payload.tar.age")
    chosen = age(mine, part / "EX-0001.records.jsonl.age").splitlines()
    records = [form.read_record(line) for line in chosen]
    assert [one.index for one in records] == [1, 2, 6]
    assert all(b"Ottoline" in one.line for one in records)
    # What was given is the recorded ciphertext, byte for byte.
    name = "EX-0002/inventory.jsonl.age"
    stored = (safe.path / "exhibits" / name).read_bytes()
    assert (whole / name.replace("/", ".")).read_bytes() == stored


def test_the_key_of_the_case_does_not_go(safe: Safe, whole: Path) -> None:
    mine = pyrage.x25519.Identity.from_str(THEIRS)
    held = pyrage.decrypt((whole / "EX-0001.key.age").read_bytes(), [mine]).decode()
    key = pyrage.x25519.Identity.from_str(held.split()[-1])
    with pytest.raises(pyrage.DecryptError):
        pyrage.decrypt((whole / "EX-0002.payload.tar.age").read_bytes(), [key])
    for path in (safe.path / "keys").iterdir():
        with pytest.raises(pyrage.DecryptError):
            pyrage.decrypt(path.read_bytes(), [mine, key])


def test_the_entry_tells_digests_and_no_recipient(safe: Safe, part: Path) -> None:
    acts = [e for e in safe.bench.case.entries() if e.type == EntryType.DISCLOSE]
    given = form.given_of(acts[0])["EX-0001"]
    data = (part / "EX-0001.records.jsonl.age").read_bytes()
    assert given["records_sha256"] == sha256(data).hexdigest()
    assert b"age1" not in acts[0].line
    assert safe.opened().sealed(acts[0])["encrypted_to"] == recipient_of(THEIRS)


@pytest.mark.parametrize("name", ["part", "whole"])
def test_a_wrong_key_is_no_fault_of_the_folder(safe: Safe, name: str) -> None:
    with pytest.raises(NotARecipientError):
        verdict(safe.path.parent / name, STRANGER)


def test_nobody_is_asked_for_a_key_where_nothing_is_encrypted(
    safe: Safe, tmp_path: Path
) -> None:
    portion = Portion("EX-0001", (2,), payload=False)
    entry = disclose(safe, tmp_path / "clear", portion, in_clear=True)
    assert form.given_of(entry)["EX-0001"]["in_clear"] is True

    def opener() -> tuple[str, list[str]]:
        raise LockedError(reason="asked")

    folder = tmp_path / "clear"
    found = check_disclosure(folder, anchors=Anchors(), opener=opener).verdict
    assert told(found) == set()
    assert b"Ottoline" in (folder / "EX-0001.records.jsonl").read_bytes()


def test_nothing_goes_in_clear_unless_somebody_says_so(safe: Safe) -> None:
    for portion in (Portion("EX-0001"), Portion("EX-0001", (1,), payload=False)):
        with pytest.raises(RecipientMissingError):
            prepare(safe.opened(), [portion])
    with pytest.raises(PayloadEncryptedError):
        prepare(safe.opened(), [Portion("EX-0001")], in_clear=True)


def test_more_records_than_memory_should_hold_are_refused(
    safe: Safe, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("evidence.enclosing.MAX_ENCLOSED_BYTES", 1000)
    portion = Portion("EX-0001", None, payload=False)
    with pytest.raises(ProofTooLargeError):
        prepare(safe.opened(), [portion], to=lambda: recipient_of(THEIRS))


# -- a thief, or whoever carries it --------------------------------------------------


def exchanged(one: str, other: str) -> Change:
    def change(folder: Path) -> None:
        kept = (folder / one).read_bytes()
        (folder / one).write_bytes((folder / other).read_bytes())
        (folder / other).write_bytes(kept)

    return change


def put(name: str, plain: bytes) -> Change:
    """Anybody can encrypt to the recipient."""
    to = pyrage.x25519.Recipient.from_str(recipient_of(THEIRS))
    return lambda folder: (folder / name).write_bytes(pyrage.encrypt(plain, [to]))


def gone(name: str) -> Change:
    return lambda folder: (folder / name).unlink()


OTHER_KEY = f"{new_identity()}\n".encode()
ATTACKS: dict[str, tuple[str, Change, str]] = {
    "ciphertexts of inventories exchanged": (
        "whole",
        exchanged("EX-0001.inventory.jsonl.age", "EX-0002.inventory.jsonl.age"),
        "INVENTORY_MODIFIED",
    ),
    "ciphertexts of payloads exchanged": (
        "whole",
        exchanged("EX-0001.payload.tar.age", "EX-0002.payload.tar.age"),
        "PAYLOAD_MODIFIED",
    ),
    "wrapped keys exchanged": (
        "whole",
        exchanged("EX-0001.key.age", "EX-0002.key.age"),
        "KEY_FILE_WRONG",
    ),
    "a key of the attacker's": (
        "whole",
        put("EX-0001.key.age", OTHER_KEY),
        "KEY_FILE_WRONG",
    ),
    "a key that is none": (
        "whole",
        lambda f: (f / "EX-0001.key.age").write_bytes(b"no key"),
        "KEY_FILE_WRONG",
    ),
    "an inventory missing": (
        "whole",
        gone("EX-0001.inventory.jsonl.age"),
        "INVENTORY_MISSING",
    ),
    "a key missing": ("whole", gone("EX-0001.key.age"), "KEY_FILE_MISSING"),
    "a payload missing": (
        "whole",
        gone("EX-0001.payload.tar.age"),
        "PAYLOAD_MISSING",
    ),
    "an inventory in clear beside it": (
        "whole",
        lambda f: (f / "EX-0001.inventory.jsonl").write_bytes(b"{}\n"),
        "UNLISTED",
    ),
    "other records for the recipient": (
        "part",
        put("EX-0001.records.jsonl.age", b"{}\n"),
        "INVENTORY_MODIFIED",
    ),
    "records missing": (
        "part",
        gone("EX-0001.records.jsonl.age"),
        "INVENTORY_MISSING",
    ),
    "a key nobody gave": ("part", put("EX-0001.key.age", OTHER_KEY), "UNLISTED"),
}


@pytest.mark.parametrize("key", [(), (THEIRS,)], ids=["without-key", "with-key"])
@pytest.mark.parametrize("name", ATTACKS)
def test_what_was_changed_shows(
    safe: Safe, tmp_path: Path, name: str, key: tuple[str, ...]
) -> None:
    kind, change, code = ATTACKS[name]
    folder = copied(safe, kind, tmp_path)
    change(folder)
    found = verdict(folder, *key)
    assert found.exit_code() != 0
    assert code in codes(found), found.findings


@given(at=some.floats(0, 0.999), bit=some.integers(0, 7), which=some.integers(0, 3))
def test_any_changed_bit_of_a_ciphertext_shows(
    safe: Safe, at: float, bit: int, which: int
) -> None:
    files = (
        ("part", "EX-0001.records.jsonl.age"),
        ("whole", "EX-0001.inventory.jsonl.age"),
        ("whole", "EX-0001.key.age"),
        ("whole", "EX-0001.payload.tar.age"),
    )
    kind, name = files[which]
    path = safe.path.parent / kind / name
    kept = path.read_bytes()
    data = bytearray(kept)
    data[int(at * len(data))] ^= 1 << bit
    try:
        path.write_bytes(data)
        assert verdict(path.parent).exit_code() == 10
        assert verdict(path.parent, THEIRS).exit_code() == 10
    finally:
        path.write_bytes(kept)


# -- a giver that cheats -------------------------------------------------------------


def test_a_key_of_something_else_shows_to_the_recipient(
    safe: Safe, tmp_path: Path
) -> None:
    to = pyrage.x25519.Recipient.from_str(recipient_of(THEIRS))
    bad = Enclosure(key=pyrage.encrypt(OTHER_KEY, [to]))
    disclose(safe, tmp_path / "w", Portion("EX-0001"), making=lambda _: bad)
    assert verdict(tmp_path / "w").exit_code() == 0  # its digest is the recorded one
    assert "KEY_FILE_WRONG" in codes(verdict(tmp_path / "w", THEIRS))


def test_a_record_that_is_none_shows_to_the_recipient(
    safe: Safe, tmp_path: Path
) -> None:
    to = pyrage.x25519.Recipient.from_str(recipient_of(THEIRS))

    def forge(made: Enclosure) -> Enclosure:
        key = pyrage.x25519.Identity.from_str(THEIRS)
        first = form.read_record(pyrage.decrypt(made.records, [key]).splitlines()[0])
        line = first.line.replace(b"Ottoline", b"Rosamund")
        assert line != first.line
        forged = form.write_record(Placed(line, first.index, first.path))
        return Enclosure(records=pyrage.encrypt(forged + b"\n", [to]))

    portion = Portion("EX-0001", (2,), payload=False)
    disclose(safe, tmp_path / "p", portion, making=forge)
    assert verdict(tmp_path / "p").exit_code() == 0
    found = codes(verdict(tmp_path / "p", THEIRS))
    assert {"RECORD_WRONG", "INVENTORY_MODIFIED"} <= found


@pytest.mark.parametrize(
    "facts",
    [
        {"key_sha256": "00"},
        {"key_sha256": 1},
        {"records_sha256": "X" * 64},
        {"key_sha256": "0" * 64, "records_sha256": "0" * 64},
    ],
)
def test_an_entry_that_names_no_digest_is_refused(facts: dict[str, Json]) -> None:
    with pytest.raises(MalformedError):
        form.read_enclosed(facts)
