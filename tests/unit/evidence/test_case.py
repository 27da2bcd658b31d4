"""Every system call of every act may fail: nothing reported is lost, nothing half."""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from evidence.acquire import Request, acquire
from evidence.case import Case, open_case, writing
from evidence.errors import (
    CaseUnreadableError,
    FolderNotEmptyError,
    NotACaseError,
    SealedRecordError,
    SignerNotAllowedError,
)
from evidence.founding import create_case
from evidence.identity import Identity
from evidence.keyfile import new_signer
from evidence.methods import take_files
from manifests.durable import System
from manifests.entries import EntryType
from manifests.errors import (
    CaseLockedError,
    CheckpointMissingError,
    MalformedError,
    NewerFormatError,
    RecordUnclearError,
    StorageFailedError,
)
from manifests.verifying.verdict import Status
from tests.builders import Bench, new_bench
from tests.faults import CRASH, DEAD, KINDS, Crash, Trouble

Act = Callable[[Bench, System], None]
STAGED = re.compile(r"EX-\d{4}-[0-9a-f]{12}")


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Bench:
    """A case with one exhibit, to be copied."""
    folder = tmp_path_factory.mktemp("model")
    (folder / "source.txt").write_text("a source")
    bench = new_bench(folder / "case")
    bench.acquire(folder / "source.txt")
    return bench


@pytest.fixture
def memory(tmp_path: Path) -> Iterator[Path]:
    """A folder in memory where there is one: here no fsync has to be waited for."""
    shared = Path("/dev/shm")
    if not os.access(shared, os.W_OK):
        yield tmp_path
        return
    with tempfile.TemporaryDirectory(dir=shared) as folder:
        yield Path(folder)


def copy_of(model: Bench, folder: Path) -> Bench:
    path = Path(shutil.copytree(model.case.path, folder))
    return Bench(open_case(path), model.identity, model.signer)


def source_of(model: Bench) -> Path:
    return model.case.path.parent / "source.txt"


def stored(case: Case) -> list[bytes]:
    data = (case.manifest / "entries.jsonl").read_bytes()
    return [line for line in data.splitlines(keepends=True) if line[-1:] == b"\n"]


def passes(bench: Bench) -> bool:
    verdict = bench.verify()
    return all(axis.status is not Status.FAIL for axis in verdict.axes.values())


# --- acts under trouble ---------------------------------------------------------------


def note(bench: Bench, system: System) -> None:
    with writing(bench.case, bench.identity, bench.signer, system=system) as writer:
        writer.record(EntryType.ANNOTATE, facts={"kind": "fact"}, private={"text": "x"})


def take(bench: Bench, system: System) -> None:
    request = Request("files", (bench.case.path.parent / "source.txt",))
    with writing(bench.case, bench.identity, bench.signer, system=system) as writer:
        acquire(writer, request, take_files)


def take_after_a_crash(bench: Bench, system: System) -> None:
    """The same on a case with everything a crash can leave."""
    case = bench.case
    (case.path / "staging" / "EX-0002-0011").mkdir(exist_ok=True)
    (case.path / "staging" / "EX-0002-0011" / "payload").write_bytes(b"staged")
    (case.path / "staging" / "EX-0002-empty").mkdir(exist_ok=True)
    (case.exhibit_folder("EX-0002")).mkdir(exist_ok=True)
    (case.exhibit_folder("EX-0002") / "payload").write_bytes(b"moved")
    case.private_path(2).write_bytes(b"{}")
    (case.path / "private" / ".incomplete-00").write_bytes(b"x")
    with (case.manifest / "entries.jsonl").open("ab") as stream:
        stream.write(b'{"body":{"act')
    take(bench, system)


ACTS = {"note": note, "acquire": take, "recover and acquire": take_after_a_crash}
PER_RUN = 8  # positions a test looks at


def _positions(act: str) -> Iterator[tuple[str, str, int]]:
    for kind in KINDS:
        for start in range(0, _LONGEST[act], PER_RUN):
            yield act, kind, start


# How many system calls each act makes, rounded up; a test below holds it true.
_LONGEST = {"note": 24, "acquire": 40, "recover and acquire": 96}


@pytest.mark.parametrize("act", ACTS)
def test_the_positions_cover_every_call(act: str, model: Bench, tmp_path: Path) -> None:
    (tmp_path / "source.txt").write_text("a source")
    bench = copy_of(model, tmp_path / "case")
    trouble = Trouble()
    ACTS[act](bench, trouble.system())
    assert _LONGEST[act] - PER_RUN <= len(trouble.calls) <= _LONGEST[act]
    assert {"open", "write", "fsync", "close", "rename"} <= set(trouble.calls)
    assert passes(bench)


@pytest.mark.parametrize(
    ("act", "kind", "start"), [p for a in ACTS for p in _positions(a)]
)
def test_trouble_at_any_call(
    act: str, kind: str, start: int, model: Bench, memory: Path
) -> None:
    (memory / "source.txt").write_text("a source")
    for at in range(start, start + PER_RUN):
        bench = copy_of(model, memory / f"case{at}")
        _trouble_once(ACTS[act], bench, Trouble(kind, at))


def _trouble_once(act: Act, bench: Bench, trouble: Trouble) -> None:
    before = stored(bench.case)
    wanted: set[int] = {1}
    try:
        act(bench, trouble.system())
    except CheckpointMissingError:
        assert trouble.kind != CRASH
    except RecordUnclearError:
        assert trouble.kind == DEAD
        wanted = {0, 1}
    except StorageFailedError:
        wanted = {0}
        staging = bench.case.path / "staging"
        ours = [p for p in staging.iterdir() if STAGED.fullmatch(p.name)]
        assert ours == [] or trouble.kind == DEAD
    except Crash:
        wanted = {0, 1}
    _must_go_on(bench, before, wanted)


def _must_go_on(bench: Bench, before: list[bytes], wanted: set[int]) -> None:
    """Reopening recovers; what was there is there; the next acquisition works."""
    with writing(bench.case, bench.identity, bench.signer):
        pass
    now = stored(bench.case)
    assert now[: len(before)] == before
    added = [line for line in now[len(before) :] if b'"type":"recovery"' not in line]
    assert len(added) in wanted
    exhibits = sorted(p.name for p in (bench.case.path / "exhibits").iterdir())
    count = sum(b'"type":"acquire"' in line for line in now)
    assert exhibits == [f"EX-{number:04d}" for number in range(1, count + 1)]
    assert list((bench.case.path / "staging").iterdir()) == []
    assert passes(bench)
    acquired = bench.acquire(bench.case.path.parent / "source.txt")
    assert acquired.exhibit == f"EX-{count + 1:04d}"
    assert acquired.seq == len(now)


# --- founding -----------------------------------------------------------------------


def found(path: Path, system: System) -> Bench:
    signer = new_signer()
    time = "2026-01-01T00:00:00.000000Z"
    identity = Identity("Tess", "examiner", "", time, signer.public)
    case = create_case(
        path,
        identity,
        signer,
        case_id="1",
        title="t",
        profile="ngo",
        system=system,
    )
    return Bench(case, identity, signer)


def _calls_of_founding(folder: Path) -> int:
    trouble = Trouble()
    found(folder, trouble.system())
    return len(trouble.calls)


@pytest.mark.parametrize("kind", KINDS)
def test_trouble_while_a_case_is_founded(kind: str, memory: Path) -> None:
    total = _calls_of_founding(memory / "dry")
    for at in range(total):
        path = memory / f"{at}" / "case"
        trouble = Trouble(kind, at)
        try:
            bench = found(path, trouble.system())
        except StorageFailedError:
            assert kind != CRASH
            assert not path.parent.exists()
            continue
        except Crash:
            # The folder may be there, but it is no case, and nobody takes it for one.
            with pytest.raises(NotACaseError):
                open_case(path)
            continue
        assert kind != CRASH or at >= total
        assert passes(bench)
        assert len(stored(bench.case)) == 1


def test_a_failed_founding_can_be_repeated_in_an_existing_folder(
    tmp_path: Path,
) -> None:
    path = tmp_path / "case"
    path.mkdir()
    with pytest.raises(StorageFailedError):
        found(path, Trouble(DEAD, 30).system())
    assert list(path.iterdir()) == []
    assert passes(found(path, System()))


def test_founding_refuses_a_folder_in_use(model: Bench, tmp_path: Path) -> None:
    before = sorted(p.name for p in model.case.path.iterdir())
    with pytest.raises(FolderNotEmptyError):
        found(model.case.path, System())
    assert sorted(p.name for p in model.case.path.iterdir()) == before
    (tmp_path / "file").write_text("x")
    with pytest.raises(FolderNotEmptyError):
        found(tmp_path / "file", System())


# --- opening ------------------------------------------------------------------------


def test_one_writer_at_a_time(model: Bench, tmp_path: Path) -> None:
    bench = copy_of(model, tmp_path / "case")
    with (
        writing(bench.case, bench.identity, bench.signer),
        pytest.raises(CaseLockedError) as caught,
        writing(bench.case, bench.identity, bench.signer),
    ):
        raise AssertionError("two writers at once")
    assert str(caught.value.facts["owner"]).startswith("process ")
    assert passes(bench)


def test_a_stranger_may_not_write(model: Bench, tmp_path: Path) -> None:
    bench = copy_of(model, tmp_path / "case")
    before = stored(bench.case)
    stranger = new_signer()
    identity = Identity("X", "examiner", "", "2026", stranger.public)
    with (
        pytest.raises(SignerNotAllowedError),
        writing(bench.case, identity, stranger),
    ):
        raise AssertionError("a stranger got in")
    # Nor does the founder's name help without the founder's key.
    with (
        pytest.raises(SignerNotAllowedError),
        writing(bench.case, bench.identity, stranger),
    ):
        raise AssertionError("a stranger got in")
    assert stored(bench.case) == before


def test_an_error_inside_keeps_what_was_recorded(model: Bench, tmp_path: Path) -> None:
    bench = copy_of(model, tmp_path / "case")
    with (
        pytest.raises(ZeroDivisionError),
        writing(bench.case, bench.identity, bench.signer) as writer,
    ):
        writer.record(EntryType.ANNOTATE, facts={"kind": "fact"})
        _ = 1 // 0
    assert len(stored(bench.case)) == 3
    assert (bench.case.manifest / "checkpoints/0000000003.note").is_file()
    assert passes(bench)


def test_the_first_error_is_the_one_told(model: Bench, tmp_path: Path) -> None:
    """A checkpoint that fails after it must not hide why the act failed."""
    bench = copy_of(model, tmp_path / "case")
    trouble = Trouble(DEAD)
    with (
        pytest.raises(ZeroDivisionError) as caught,
        writing(
            bench.case, bench.identity, bench.signer, system=trouble.system()
        ) as writer,
    ):
        writer.record(EntryType.ANNOTATE, facts={"kind": "fact"})
        trouble.at = len(trouble.calls)
        _ = 1 // 0
    assert "could not be stored" in caught.value.__notes__[0]


def test_folders_a_copy_dropped_are_made_again(model: Bench, tmp_path: Path) -> None:
    """ZIP tools, mail gateways and version control forget empty folders."""
    bench = copy_of(model, tmp_path / "case")
    for name in ("staging", "quarantine", "packages", "reports", "manifest/quarantine"):
        (bench.case.path / name).rmdir()
    assert passes(bench)
    assert bench.acquire(source_of(model)).exhibit == "EX-0002"
    assert passes(bench)


@pytest.mark.parametrize(
    ("content", "error"),
    [
        (None, NotACaseError),
        (b"", NotACaseError),
        (b"\xff", NotACaseError),
        (b"format = 1", NotACaseError),
        (b'format = "1"\norigin = "a"', NotACaseError),
        (b'format = 1\norigin = "A B"', NotACaseError),
        (b'format = 1\norigin = "../x"\nx = ' + b"[" * 9000, NotACaseError),
        (b'format = 2\norigin = "a"', NewerFormatError),
    ],
)
def test_odd_settings(content: bytes | None, error: type, tmp_path: Path) -> None:
    if content is not None:
        (tmp_path / "custody.toml").write_bytes(content)
    with pytest.raises(error):
        open_case(tmp_path)


def test_sealed_records_are_checked(model: Bench, tmp_path: Path) -> None:
    bench = copy_of(model, tmp_path / "case")
    entry = list(bench.case.entries())[1]
    assert bench.case.sealed(entry)["description"] == ""
    path = bench.case.private_path(1)
    path.write_bytes(path.read_bytes().replace(b'""', b'"x"', 1))
    with pytest.raises(SealedRecordError):
        bench.case.sealed(entry)
    path.unlink()
    with pytest.raises(SealedRecordError):
        bench.case.sealed(entry)
    path.symlink_to(path)
    with pytest.raises((SealedRecordError, CaseUnreadableError)):
        bench.case.sealed(entry)


@pytest.mark.parametrize("text", ["", "  ", "x" * 1001, "\udcff"])
def test_odd_titles(text: str, tmp_path: Path) -> None:
    signer = new_signer()
    identity = Identity("T", "examiner", "", "2026", signer.public)
    with pytest.raises(MalformedError):
        create_case(
            tmp_path / "case",
            identity,
            signer,
            case_id="1",
            title=text,
            profile="ngo",
        )
    assert not (tmp_path / "case").exists()
