"""Several acts at once: one write, one fsync; after a crash, a beginning of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from evidence.keyfile import FileSigner, new_signer
from manifests import durable
from manifests.entries import Act, Clock, EntryType
from manifests.errors import KeyNotInForceError, MalformedError, StorageFailedError
from manifests.ledger import ENTRIES, Ledger, create
from manifests.reopening import open_to_append
from manifests.verifying.log import LogReader
from tests.faults import CRASH, EIO, NEVER, SHORT, Crash, Trouble
from tests.keyhouse import ORIGIN, key_object, minute

CLOCK = Clock(minute(1), 0, "yes", 0)


@pytest.fixture
def signer() -> FileSigner:
    return new_signer()


def _open(folder: Path, signer: FileSigner, trouble: Trouble | None = None) -> Ledger:
    system = trouble.system() if trouble else durable.SYSTEM
    return open_to_append(folder, ORIGIN, key=signer.public, system=system)


@pytest.fixture
def folder(tmp_path: Path, signer: FileSigner) -> Path:
    key = signer.public
    founder = {"algorithm": "ed25519", "key": key.id, "public": key.text}
    log = create(tmp_path / "manifest", ORIGIN)
    log.append(
        Act(EntryType.CASE_OPEN, "examiner", {"founder": founder}), CLOCK, signer
    )
    log.checkpoint(signer)
    return tmp_path / "manifest"


def _acts(count: int) -> list[Act]:
    return [Act(EntryType.SEAL, "examiner", {"number": n}) for n in range(count)]


def _lines(folder: Path) -> list[bytes]:
    return (folder / ENTRIES).read_bytes().splitlines(keepends=True)


def _failing(folder: Path) -> set[str]:
    reader = LogReader(ORIGIN)
    for path in sorted((folder / "checkpoints").glob("*.note")):
        reader.checkpoint(path.name, path.read_bytes())
    for line in _lines(folder):
        reader.line(line)
    return {f.code.value for f in reader.finish().findings if f.fails}


def test_one_write_one_fsync(folder: Path, signer: FileSigner) -> None:
    trouble = Trouble(at=NEVER)
    log = _open(folder, signer, trouble)
    trouble.calls.clear()
    entries = log.append_all(_acts(50), CLOCK, signer)
    assert trouble.calls == ["open", "write", "fsync"]
    assert [entry.seq for entry in entries] == list(range(1, 51))
    assert len(_lines(folder)) == log.size == 51
    trouble.calls.clear()
    log.append(_acts(1)[0], CLOCK, signer)
    assert trouble.calls == ["write", "fsync"]
    log.close()
    assert trouble.calls == ["write", "fsync", "close"]
    log.append(_acts(1)[0], CLOCK, signer)  # closing only lets the file go
    log.checkpoint(signer)
    assert _failing(folder) == set()


def test_nothing_is_nothing(folder: Path, signer: FileSigner) -> None:
    """An empty group once wrote an empty line, which no reader could forgive."""
    before = (folder / ENTRIES).read_bytes()
    assert _open(folder, signer).append_all([], CLOCK, signer) == []
    assert (folder / ENTRIES).read_bytes() == before


@pytest.mark.parametrize("cut", [0, 1, 2, 3])
def test_a_crash_leaves_a_beginning(folder: Path, signer: FileSigner, cut: int) -> None:
    """Cut the group's one write within each of its lines: what is whole, counts."""
    before = (folder / ENTRIES).read_bytes()
    _open(folder, signer).append_all(_acts(4), CLOCK, signer)
    whole = _lines(folder)
    kept = b"".join(whole[: 1 + cut]) + whole[1 + cut][:77]
    assert kept.startswith(before)
    (folder / ENTRIES).write_bytes(kept)
    log = _open(folder, signer)
    assert log.size == 1 + cut and log.torn is not None and log.torn.size == 77
    assert _lines(folder) == whole[: 1 + cut]
    log.append_all(_acts(2), CLOCK, signer)
    log.checkpoint(signer)
    assert _failing(folder) == set()


def test_the_machine_stops_in_the_write(folder: Path, signer: FileSigner) -> None:
    trouble = Trouble(CRASH)
    log = _open(folder, signer, trouble)
    trouble.at = len(trouble.calls) + 1  # open, then the write, half of which lands
    with pytest.raises(Crash):
        log.append_all(_acts(6), CLOCK, signer)
    found = _lines(folder)
    assert 1 < len(found) < 7
    again = _open(folder, signer)
    assert again.size == len([line for line in found if line.endswith(b"\n")])


def test_a_short_write_leaves_none(folder: Path, signer: FileSigner) -> None:
    before = (folder / ENTRIES).read_bytes()
    trouble = Trouble(SHORT)
    log = _open(folder, signer, trouble)
    trouble.at = len(trouble.calls) + 1
    with pytest.raises(StorageFailedError):
        log.append_all(_acts(6), CLOCK, signer)
    assert (folder / ENTRIES).read_bytes() == before
    assert log.size == 1
    log.append_all(_acts(1), CLOCK, signer)  # it goes on as if nothing had been
    assert len(_lines(folder)) == 2


def test_one_bad_act_records_none(folder: Path, signer: FileSigner) -> None:
    log = _open(folder, signer)
    before = (folder / ENTRIES).read_bytes()
    with pytest.raises(MalformedError):
        log.append_all(
            [*_acts(2), Act(EntryType.SEAL, "x", {"f": 1 << 60})], CLOCK, signer
        )
    assert (folder / ENTRIES).read_bytes() == before
    assert len(log.append_all(_acts(2), CLOCK, signer)) == 2


def test_rules_hold_within_the_group(folder: Path, signer: FileSigner) -> None:
    """An act after the key's own replacement in the same group is refused with it."""
    log, fresh = _open(folder, signer), new_signer()
    enrols = key_object(fresh)
    rotation = Act(
        EntryType.KEY_ENROL,
        "examiner",
        {"enrols": enrols, "replaces": signer.public.id},
    )
    with pytest.raises(KeyNotInForceError):
        log.append_all([rotation, *_acts(1)], CLOCK, signer)
    assert len(_lines(folder)) == 1 and signer.public.id in log.standing.in_force
    assert fresh.public.id not in log.standing.in_force
    log.append_all([*_acts(1), rotation], CLOCK, signer)
    with pytest.raises(KeyNotInForceError):
        log.checkpoint(signer)
    log.checkpoint(fresh)
    assert _failing(folder) == set()


def test_a_change_of_keys_that_is_not_stored_changes_nothing(
    folder: Path, signer: FileSigner
) -> None:
    trouble = Trouble(EIO)
    log, fresh = _open(folder, signer, trouble), new_signer()
    enrols = Act(EntryType.KEY_ENROL, "examiner", {"enrols": key_object(fresh)})
    trouble.at = len(trouble.calls) + 1  # open, then the write
    with pytest.raises(StorageFailedError):
        log.append_all([*_acts(1), enrols], CLOCK, signer)
    assert fresh.public.id not in log.standing.in_force
    log.append(enrols, CLOCK, signer)
    assert fresh.public.id in log.standing.in_force
