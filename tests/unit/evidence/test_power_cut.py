"""A power cut at any moment: only what was fsynced survives, and that is enough.

A model of the strictest file system POSIX allows: after a cut a file has the content of
its last fsync, a folder the names of its last fsync (a file without one is empty, a
name without one is gone). Real file systems keep more; the protocol of
`manifests.durable` must not need it. A second variant keeps all names but only fsynced
content, as file systems with delayed allocation do.
"""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from evidence.acquire import Request, acquire
from evidence.case import open_case, writing
from evidence.errors import NotACaseError
from evidence.founding import create_case
from evidence.identity import Identity
from evidence.keyfile import FileSigner, new_signer
from evidence.methods import take_files
from evidence.rehashing import rehash
from manifests.durable import System
from manifests.entries import EntryType
from manifests.verifying.verdict import Status
from tests.builders import Bench
from tests.faults import Crash

pytestmark = pytest.mark.skipif(
    not sys.platform.startswith("linux"), reason="reads what is open through /proc"
)
_REAL_FSYNC = os.fsync


@dataclass
class Disk:
    """What is durable below `root`, by inode; `cut_at` is the step it all ends.

    A step is a change (rename, mkdir, write, ...) or an fsync.
    """

    root: Path
    cut_at: int
    steps: int = 0
    contents: dict[int, bytes] = field(default_factory=dict)
    names: dict[int, dict[str, int]] = field(default_factory=dict)
    folders: set[int] = field(default_factory=set)
    dead: bool = False
    before_the_cut: Callable[[], None] = lambda: None

    def __post_init__(self) -> None:
        self._remember_folder(str(self.root))

    def system(self) -> System:
        real = System()
        return System(
            open=self._step(real.open),
            write=self._step(real.write),
            fsync=self.fsync,
            ftruncate=self._step(real.ftruncate),
            rename=self._step(real.rename),
            unlink=self._step(real.unlink),
            mkdir=self._step(real.mkdir),
        )

    def _step(self, real: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: Any) -> Any:
            self._advance()
            return real(*arguments)

        return call

    def _advance(self) -> None:
        if self.dead:
            raise Crash
        if self.steps == self.cut_at:
            self.dead = True
            self.before_the_cut()
            raise Crash
        self.steps += 1

    def fsync(self, fd: int) -> None:
        self._advance()
        status, name = os.fstat(fd), f"/proc/self/fd/{fd}"
        if stat.S_ISDIR(status.st_mode):
            self._remember_folder(name)
        else:
            self.contents[status.st_ino] = Path(name).read_bytes()

    def _remember_folder(self, name: str) -> None:
        inode = os.stat(name).st_ino
        with os.scandir(name) as found:
            entries = list(found)
        self.names[inode] = {entry.name: entry.inode() for entry in entries}
        self.folders |= {inode, *(e.inode() for e in entries if e.is_dir())}

    def keep_all_names(self) -> None:
        """The second variant: every name as it is now, contents as fsynced."""
        for folder, _, _ in os.walk(self.root):
            self._remember_folder(folder)

    def restore(self, target: Path) -> None:
        """Write what is durable to a new folder."""
        self._restore(os.stat(self.root).st_ino, target)

    def _restore(self, inode: int, target: Path) -> None:
        if inode not in self.folders:
            target.write_bytes(self.contents.get(inode, b""))
            return
        target.mkdir(mode=0o700)
        for name, child in self.names.get(inode, {}).items():
            self._restore(child, target / name)


@dataclass
class Story:
    """Founding, two acquisitions, a note, new digests; what was reported as done."""

    disk: Disk
    signer: FileSigner
    identity: Identity
    source: Path
    done: list[str] = field(default_factory=list)

    def play(self) -> None:
        system = self.disk.system()
        case = create_case(
            self.disk.root / "case",
            self.identity,
            self.signer,
            case_id="1",
            title="t",
            profile="ngo",
            system=system,
        )
        self.done.append("case_open")
        with writing(case, self.identity, self.signer, system=system) as writer:
            acquire(writer, Request("files", (self.source,)), take_files)
            self.done.append("acquire")
            writer.record(
                EntryType.ANNOTATE, facts={"kind": "fact"}, private={"text": "x"}
            )
            self.done.append("annotate")
        with writing(case, self.identity, self.signer, system=system) as writer:
            acquire(writer, Request("files", (self.source.parent,)), take_files)
            self.done.append("acquire")
        with writing(case, self.identity, self.signer, system=system) as writer:
            rehash(writer)
            self.done.append("renew")


def _story(tmp_path: Path, cut_at: int) -> Story:
    signer = new_signer()
    time = "2026-01-01T00:00:00.000000Z"
    identity = Identity("Tess", "examiner", "", time, signer.public)
    root = tmp_path / f"disk {cut_at}"
    root.mkdir()
    source = tmp_path / "sources" / "a.txt"
    source.parent.mkdir(exist_ok=True)
    source.write_text("a source" * 100)
    return Story(Disk(root, cut_at), signer, identity, source)


def _play(story: Story, monkeypatch: pytest.MonkeyPatch) -> bool:
    """Play the story; True when the power was cut."""
    # The payload's and the inventory's fsyncs do not go through `System`.
    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", story.disk.fsync)
        try:
            story.play()
        except Crash:
            return True
    return False


def _must_hold(story: Story, folder: Path) -> None:
    """What was reported is there, the rest is gone or set aside, work goes on."""
    story.disk.restore(folder)
    if not story.done:
        try:
            open_case(folder / "case")
        except NotACaseError:
            return
    bench = Bench(open_case(folder / "case"), story.identity, story.signer)
    with writing(bench.case, bench.identity, bench.signer):
        pass
    kinds = [e.type for e in bench.case.entries() if e.type != EntryType.RECOVERY]
    assert kinds[: len(story.done)] == story.done
    assert len(kinds) <= len(story.done) + 1  # the act that was under way may count
    verdict = bench.verify()
    failing = [axis for axis, v in verdict.axes.items() if v.status is Status.FAIL]
    assert failing == [], verdict.findings
    exhibit = bench.acquire(story.source).exhibit
    assert exhibit == f"EX-{kinds.count('acquire') + 1:04d}"


@pytest.fixture(scope="module")
def steps(tmp_path_factory: pytest.TempPathFactory) -> int:
    """How many steps the whole story has."""
    story = _story(tmp_path_factory.mktemp("dry"), -1)
    with pytest.MonkeyPatch.context() as patch:
        assert not _play(story, patch)
    assert story.done == ["case_open", "acquire", "annotate", "acquire", "renew"]
    return story.disk.steps


@pytest.mark.parametrize("part", range(8))
@pytest.mark.parametrize("variant", ["nothing unsynced", "all names"])
def test_a_power_cut(
    part: int,
    variant: str,
    steps: int,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert steps > 80
    for cut_at in range(part, steps, 8):
        story = _story(tmp_path, cut_at)
        if variant == "all names":
            story.disk.before_the_cut = story.disk.keep_all_names
        assert _play(story, monkeypatch)
        _must_hold(story, tmp_path / f"after {cut_at}")


def test_the_model_forgets_what_was_not_synced(tmp_path: Path) -> None:
    """The test of the test: without fsyncs nothing would be left."""
    disk = Disk(tmp_path, -1)
    system = disk.system()
    fd = system.open(str(tmp_path / "a"), os.O_CREAT | os.O_WRONLY, 0o600)
    system.write(fd, b"synced")
    disk.fsync(fd)
    system.write(fd, b" and not")
    system.close(fd)
    disk.restore(tmp_path.parent / "no name")
    assert list((tmp_path.parent / "no name").iterdir()) == []
    folder = os.open(tmp_path, os.O_RDONLY)
    disk.fsync(folder)
    os.close(folder)
    disk.restore(tmp_path.parent / "with name")
    assert (tmp_path.parent / "with name" / "a").read_bytes() == b"synced"
