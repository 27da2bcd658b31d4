"""The ledger goes on only from what its own key vouched for."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from evidence.keyfile import FileSigner, new_signer
from manifests import ledger
from manifests.canonical import Json
from manifests.checkpoint import Checkpoint, sign_checkpoint
from manifests.durable import System
from manifests.entries import Act, Clock, EntryType, write_entry
from manifests.errors import (
    BrokenManifestError,
    KeyNotInForceError,
    MalformedError,
)
from manifests.ledger import ENTRIES, Ledger
from manifests.reopening import open_to_append
from tests.faults import CRASH, Crash, Trouble

ORIGIN = "case.custody.invalid/test"
CLOCK = Clock("2026-01-01T00:00:00.000000Z", 0, "unknown", None)


def opening(signer: FileSigner) -> Act:
    key = signer.public
    founder: Json = {"algorithm": "ed25519", "key": key.id, "public": key.text}
    facts: dict[str, Json] = {"founder": founder, "number": 0}
    return Act(EntryType.CASE_OPEN, "examiner", facts)


def act(number: int = 0) -> Act:
    return Act(EntryType.ANNOTATE, "examiner", {"number": number})


def leaf(line: bytes) -> bytes:
    return hashlib.sha256(b"\x00" + line.rstrip(b"\n")).digest()


def node(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()


@pytest.fixture
def signer() -> FileSigner:
    return new_signer()


@pytest.fixture
def folder(tmp_path: Path, signer: FileSigner) -> Path:
    """A log of three entries with a checkpoint over one and over three."""
    log = ledger.create(tmp_path / "manifest", ORIGIN)
    log.append(opening(signer), CLOCK, signer)
    log.checkpoint(signer)
    log.append(act(1), CLOCK, signer)
    log.append(act(2), CLOCK, signer)
    log.checkpoint(signer)
    return tmp_path / "manifest"


def lines(folder: Path) -> list[bytes]:
    return (folder / ENTRIES).read_bytes().splitlines(keepends=True)


def reopen(folder: Path, signer: FileSigner) -> Ledger:
    return open_to_append(folder, ORIGIN, key=signer.public)


def test_the_chain_and_the_root(folder: Path, signer: FileSigner) -> None:
    first, second, third = lines(folder)
    log = reopen(folder, signer)
    assert log.size == 3
    assert log.last_leaf == leaf(third).hex()
    assert log.root == node(node(leaf(first), leaf(second)), leaf(third))
    assert json.loads(second)["body"]["prev"] == leaf(first).hex()
    assert json.loads(first)["body"]["prev"] == "0" * 64
    names = sorted(p.name for p in (folder / "checkpoints").iterdir())
    assert names == ["0000000001.note", "0000000003.note"]


def test_every_entry_is_observed_once(folder: Path, signer: FileSigner) -> None:
    seen: list[int] = []
    open_to_append(
        folder,
        ORIGIN,
        key=signer.public,
        observe=lambda entry: seen.append(entry.seq),
    )
    assert seen == [0, 1, 2]


def test_no_second_checkpoint_of_one_size(folder: Path, signer: FileSigner) -> None:
    log = reopen(folder, signer)
    assert log.checkpoint(signer) is None
    log.append(act(), CLOCK, signer)
    made = log.checkpoint(signer)
    assert made is not None
    assert made.read_text().splitlines()[:2] == [ORIGIN, "4"]


def test_an_act_outside_the_format_is_not_recorded(
    folder: Path, signer: FileSigner
) -> None:
    log, before = reopen(folder, signer), lines(folder)
    for facts in ({"x": "y" * 70_000}, {"x": 1.5}, {"x": "\udcff"}):
        with pytest.raises(MalformedError):
            log.append(Act(EntryType.ANNOTATE, "examiner", facts), CLOCK, signer)  # type: ignore[arg-type]
    assert lines(folder) == before
    log.append(act(), CLOCK, signer)
    assert len(lines(folder)) == 4


# --- what is altered is not extended --------------------------------------------------


def _change(old: bytes, new: bytes) -> Callable[[Path], None]:
    def change(folder: Path) -> None:
        data = (folder / ENTRIES).read_bytes()
        assert data.count(old) == 1
        (folder / ENTRIES).write_bytes(data.replace(old, new))

    return change


def _keep(*wanted: int) -> Callable[[Path], None]:
    def keep(folder: Path) -> None:
        found = lines(folder)
        (folder / ENTRIES).write_bytes(b"".join(found[i] for i in wanted))

    return keep


def _add(text: bytes) -> Callable[[Path], None]:
    def add(folder: Path) -> None:
        with (folder / ENTRIES).open("ab") as stream:
            stream.write(text)

    return add


def _no_checkpoints(folder: Path) -> None:
    for path in (folder / "checkpoints").iterdir():
        path.unlink()


def _checkpoint_folder(folder: Path) -> None:
    (folder / "checkpoints/0000000003.note").unlink()
    (folder / "checkpoints/0000000003.note").mkdir()


def _checkpoint_pipe(folder: Path) -> None:
    os.mkfifo(folder / "checkpoints/0000000004.note")


def _cut_note(folder: Path) -> None:
    path = folder / "checkpoints/0000000003.note"
    path.write_bytes(path.read_bytes()[:-10])


HARMS: dict[str, Callable[[Path], None]] = {
    "a byte": _change(b'"number":1', b'"number":5'),
    # No later entry names the last one's hash: only the checkpoint's root tells.
    "a byte of the last": _change(b'"number":2', b'"number":5'),
    "the end cut off": _keep(0, 1),
    "all but the first": _keep(0),
    "nothing left": _keep(),
    "one missing": _keep(0, 2),
    "two swapped": _keep(0, 2, 1),
    "one twice": _keep(0, 1, 1, 2),
    "the last twice": _keep(0, 1, 2, 2),
    "an empty line": _add(b"\n"),
    "a line of text": _add(b"hello\n"),
    "an endless line": _add(b"x" * 200_000),
    "an endless ended line": _add(b"x" * 200_000 + b"\n"),
    "zeros and a newline": _add(bytes(100) + b"\n"),
    "no checkpoint": _no_checkpoints,
    "a cut checkpoint": _cut_note,
}


@pytest.mark.parametrize("harm", HARMS)
def test_an_altered_log_is_not_extended(
    harm: str, folder: Path, signer: FileSigner
) -> None:
    HARMS[harm](folder)
    before = (folder / ENTRIES).read_bytes()
    with pytest.raises(BrokenManifestError):
        reopen(folder, signer)
    assert (folder / ENTRIES).read_bytes() == before
    assert list((folder / "quarantine").iterdir()) == []


@pytest.mark.parametrize("harm", [_checkpoint_folder, _checkpoint_pipe])
def test_a_checkpoint_that_cannot_be_read(
    harm: Callable[[Path], None], folder: Path, signer: FileSigner
) -> None:
    harm(folder)
    with pytest.raises(BrokenManifestError, match="cannot be read"):
        reopen(folder, signer)


def _forged(folder: Path, signer: FileSigner, *, seq: int = 3, prev: str = "") -> bytes:
    prev = prev or leaf(lines(folder)[-1]).hex()
    return write_entry(act(9), CLOCK, origin=ORIGIN, seq=seq, prev=prev, signer=signer)


def test_a_stranger_s_entry_at_the_end_is_not_vouched_for(
    folder: Path, signer: FileSigner
) -> None:
    _add(_forged(folder, new_signer()) + b"\n")(folder)
    with pytest.raises(BrokenManifestError, match="signature"):
        reopen(folder, signer)


def test_a_signature_over_something_else(folder: Path, signer: FileSigner) -> None:
    line = _forged(folder, signer).replace(b'"number":9', b'"number":8')
    _add(line + b"\n")(folder)
    with pytest.raises(BrokenManifestError, match="signature"):
        reopen(folder, signer)


def test_a_log_rewritten_with_its_checkpoints(folder: Path, signer: FileSigner) -> None:
    """Root and entries agree, but the checkpoint is a stranger's."""
    stranger = new_signer()
    other = ledger.create(folder.parent / "other", ORIGIN)
    other.append(opening(stranger), CLOCK, stranger)
    for number in range(2):
        other.append(act(number + 50), CLOCK, stranger)
    other.checkpoint(stranger)
    with pytest.raises(KeyNotInForceError):
        reopen(folder.parent / "other", signer)


def test_a_checkpoint_of_another_log(folder: Path, signer: FileSigner) -> None:
    log = reopen(folder, signer)
    note = sign_checkpoint(Checkpoint("case.custody.invalid/b", 3, log.root), signer)
    (folder / "checkpoints/0000000003.note").write_bytes(note)
    with pytest.raises(BrokenManifestError, match="another manifest"):
        reopen(folder, signer)


def test_another_logs_entries(folder: Path, signer: FileSigner) -> None:
    with pytest.raises(BrokenManifestError):
        open_to_append(folder, "case.custody.invalid/other", key=signer.public)


# --- what a crash leaves is put right ------------------------------------------------


def test_entries_after_the_checkpoint_are_kept(
    folder: Path, signer: FileSigner
) -> None:
    """A crash between entry and checkpoint: the entry is committed."""
    _add(_forged(folder, signer) + b"\n")(folder)
    log = reopen(folder, signer)
    assert (log.size, log.newest_checkpoint) == (4, 3)
    assert log.checkpoint(signer) is not None
    assert reopen(folder, signer).newest_checkpoint == 4


@pytest.mark.parametrize("cut", [1, 2, 50, -2, -1])
def test_an_incomplete_line_is_set_aside(
    cut: int, folder: Path, signer: FileSigner
) -> None:
    before = (folder / ENTRIES).read_bytes()
    torn = (_forged(folder, signer) + b"\n")[:cut]
    _add(torn)(folder)
    log = reopen(folder, signer)
    assert log.torn is not None
    assert log.torn.size == len(torn)
    assert log.torn.sha256 == hashlib.sha256(torn).hexdigest()
    assert (folder / "quarantine" / log.torn.name).read_bytes() == torn
    assert (folder / ENTRIES).read_bytes() == before
    assert log.append(act(), CLOCK, signer).seq == 3
    assert reopen(folder, signer).torn is None


def test_blocks_of_zeros_are_set_aside(folder: Path, signer: FileSigner) -> None:
    """What some file systems leave of an append when the power fails."""
    _add(bytes(4096))(folder)
    log = reopen(folder, signer)
    assert log.torn is not None
    assert log.size == 3


def test_a_crash_while_setting_aside(folder: Path, signer: FileSigner) -> None:
    """The piece is in quarantine, the log not yet cut: it is done once more."""
    _add(b'{"body"')(folder)
    copy = (folder / ENTRIES).read_bytes()
    first = reopen(folder, signer).torn
    (folder / ENTRIES).write_bytes(copy)
    assert reopen(folder, signer).torn == first
    assert len(list((folder / "quarantine").iterdir())) == 1


class Disk:
    """Remembers what a power cut would leave: bytes of the log, names in quarantine."""

    def __init__(self, folder: Path) -> None:
        self.log, self.quarantine = folder / ENTRIES, folder / "quarantine"
        self.stored = self.named = -1

    def fsync(self, fd: int) -> None:
        os.fsync(fd)
        if os.path.samestat(os.fstat(fd), self.log.stat()):
            self.stored = os.fstat(fd).st_size
        elif os.path.samestat(os.fstat(fd), self.quarantine.stat()):
            self.named = len(list(self.quarantine.iterdir()))

    def ftruncate(self, fd: int, size: int) -> None:
        assert self.named == len(list(self.quarantine.iterdir()))
        os.ftruncate(fd, size)

    def system(self) -> System:
        return System(fsync=self.fsync, ftruncate=self.ftruncate)


def test_a_line_of_a_killed_writer_is_stored_before_a_checkpoint_covers_it(
    folder: Path, signer: FileSigner
) -> None:
    """The model (docs/spec/model) found it: a power cut left a checkpoint beyond."""
    log = reopen(folder, signer)
    log.system = Trouble(CRASH, at=2).system()  # open, write, then killed
    with pytest.raises(Crash):
        log.append(act(3), CLOCK, signer)
    disk = Disk(folder)
    log = open_to_append(folder, ORIGIN, key=signer.public, system=disk.system())
    assert log.size == 4
    assert disk.stored == (folder / ENTRIES).stat().st_size
    assert log.checkpoint(signer)


def test_a_piece_that_a_killed_opening_set_aside_is_stored_before_the_cut(
    folder: Path, signer: FileSigner
) -> None:
    """Its name was seen, but a power cut after the cut would have lost it."""
    _add(b'{"body"')(folder)
    copy = (folder / ENTRIES).read_bytes()
    reopen(folder, signer)
    (folder / ENTRIES).write_bytes(copy)
    disk = Disk(folder)
    open_to_append(folder, ORIGIN, key=signer.public, system=disk.system())
    assert disk.named == 1
    assert disk.stored == sum(map(len, lines(folder)))


def test_unfinished_notes_do_not_count(folder: Path, signer: FileSigner) -> None:
    (folder / "checkpoints/.incomplete-0011").write_bytes(b"half a note")
    assert reopen(folder, signer).newest_checkpoint == 3
