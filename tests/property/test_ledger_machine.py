"""A case lived through at random: what was committed is there, in order, for ever.

The model is the list of committed acts. Between acts the machine crashes the way a
case can be left (torn line, missing checkpoint, unfinished files), several at a time;
opening must put it right without losing a committed act.
"""

from __future__ import annotations

import contextlib
import json
import shutil
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
)

from evidence.acquire import Request, acquire
from evidence.case import open_case, writing
from evidence.checking import check_case
from evidence.errors import SignerNotAllowedError
from evidence.methods import take_files
from manifests.entries import EntryType
from manifests.errors import BrokenManifestError, CaseLockedError
from manifests.verifying.judge import Anchors
from manifests.verifying.verdict import Code, Status, Verdict
from tests.builders import Bench, new_bench
from tests.faults import CRASH, Crash, Trouble
from tests.thorough import examples

Text = st.text(max_size=20).filter(lambda t: t.isprintable())


def _memory() -> Path:
    """A folder in memory where there is one: fsync is not what is tested here."""
    shared = Path("/dev/shm")
    with contextlib.suppress(OSError):
        return Path(tempfile.mkdtemp(dir=shared))
    return Path(tempfile.mkdtemp())


class CaseLife(RuleBasedStateMachine):
    """Acts, crashes and attacks on one case.

    Attributes:
        acts: (type, a text that tells it apart) of every committed act but recoveries.
        dirty: the case was left as a crash leaves it.
        kept: copies of checkpoints kept outside, size to note.
    """

    def __init__(self) -> None:
        super().__init__()
        self.folder = _memory()
        self.acts: list[tuple[str, str]] = []
        self.dirty = False
        self.kept: dict[int, bytes] = {}
        self.old: Path | None = None
        self.old_size = 0

    def teardown(self) -> None:
        shutil.rmtree(self.folder)

    @initialize()
    def found(self) -> None:
        self.bench = new_bench(self.folder / "case")
        self.acts.append(("case_open", ""))
        self.source = self.folder / "source.txt"

    # -- what is there -----------------------------------------------------------

    @property
    def path(self) -> Path:
        return self.bench.case.path

    def _writing(self, **more: Any) -> Any:
        bench = self.bench
        return writing(bench.case, bench.identity, bench.signer, **more)

    def _bodies(self) -> list[dict[str, Any]]:
        data = (self.path / "manifest/entries.jsonl").read_bytes()
        whole = data[: data.rfind(b"\n") + 1]
        return [json.loads(line)["body"] for line in whole.splitlines()]

    def _told(self) -> list[tuple[str, str]]:
        """The acts as the manifest tells them, by type and telling text."""
        return [
            (body["type"], body["facts"].get("text", ""))
            if body["type"] != "acquire"
            else ("acquire", body["exhibits"][0])
            for body in self._bodies()
            if body["type"] != "recovery"
        ]

    def _verdict(self) -> Verdict:
        notes = tuple((f"{size}.note", note) for size, note in self.kept.items())
        return check_case(self.bench.case, anchors=Anchors(), outside=notes).verdict

    # -- acts --------------------------------------------------------------------

    @rule(text=Text)
    def note(self, text: str) -> None:
        with self._writing() as writer:
            writer.record(
                EntryType.ANNOTATE, facts={"text": text}, private={"secret": text}
            )
        self.acts.append(("annotate", text))
        self.dirty = False

    @rule(data=st.binary(max_size=50))
    def take(self, data: bytes) -> None:
        self.source.write_bytes(data)
        acquired = self.bench.acquire(self.source)
        number = 1 + sum(kind == "acquire" for kind, _ in self.acts)
        assert acquired.exhibit == f"EX-{number:04d}"
        payload = self.bench.case.exhibit_folder(acquired.exhibit) / "payload"
        assert payload.read_bytes() == data
        self.acts.append(("acquire", acquired.exhibit))
        self.dirty = False

    @rule()
    def recover(self) -> None:
        with self._writing():
            pass
        self.dirty = False

    @rule(texts=st.lists(Text, min_size=2, max_size=3))
    def several_acts_and_an_error(self, texts: list[str]) -> None:
        with pytest.raises(ZeroDivisionError), self._writing() as writer:
            for text in texts:
                writer.record(EntryType.ANNOTATE, facts={"text": text})
                self.acts.append(("annotate", text))
            _ = 1 // 0
        self.dirty = False

    @rule()
    def a_second_writer_is_refused(self) -> None:
        with self._writing():
            before = self._bodies()
            with pytest.raises(CaseLockedError), self._writing():
                raise AssertionError("two writers")
            assert self._bodies() == before
        self.dirty = False

    # -- crashes -----------------------------------------------------------------

    @rule(at=st.integers(0, 60), text=Text)
    def crash_while_taking(self, at: int, text: str) -> None:
        """Any system call of an acquisition or a note can be the last one."""
        system = Trouble(CRASH, at).system()
        self.source.write_text(text)
        request = Request("files", (self.source,))
        # How far it gets is seen from the acts that returned.
        done: list[tuple[str, str]] = []
        with contextlib.suppress(Crash), self._writing(system=system) as writer:
            writer.record(EntryType.ANNOTATE, facts={"text": text})
            done.append(("annotate", text))
            done.append(("acquire", acquire(writer, request, take_files).exhibit))
        self.acts += done
        self._adopt_what_was_under_way()
        self.dirty = True

    def _adopt_what_was_under_way(self) -> None:
        """An entry whole on disk is committed, also when nobody was told."""
        told = self._told()
        assert told[: len(self.acts)] == self.acts
        assert len(told) <= len(self.acts) + 1
        self.acts = told

    @rule(data=st.binary(min_size=1, max_size=300).filter(lambda b: b"\n" not in b))
    def tear_the_tail(self, data: bytes) -> None:
        with (self.path / "manifest/entries.jsonl").open("ab") as stream:
            stream.write(data)
        self.dirty = True

    @precondition(lambda self: len(self.acts) > 1)
    @rule()
    def lose_the_newest_checkpoint(self) -> None:
        notes = sorted((self.path / "manifest/checkpoints").glob("*.note"))
        if len(notes) > 1:
            notes[-1].unlink()

    @rule(what=st.sampled_from(["staging", "exhibit", "private", "temporary"]))
    def leave_something(self, what: str) -> None:
        number = 1 + sum(kind == "acquire" for kind, _ in self.acts)
        left = {
            "staging": self.path / "staging" / "EX-0001-00",
            "exhibit": self.path / "exhibits" / f"EX-{number:04d}",
            "private": self.path / "private" / f"{len(self._bodies()):010d}.json",
            "temporary": self.path / "private" / ".incomplete-11",
        }[what]
        if what in ("staging", "exhibit"):
            left.mkdir(exist_ok=True)
            left /= "payload"
        left.write_bytes(b"unfinished")
        self.dirty = True

    # -- outside copies and attacks ------------------------------------------------

    @rule()
    def keep_a_checkpoint_outside(self) -> None:
        newest = max((self.path / "manifest/checkpoints").glob("*.note"))
        self.kept[int(newest.stem)] = newest.read_bytes()

    @precondition(lambda self: not self.dirty)
    @rule()
    def copy_the_case(self) -> None:
        if self.old is not None:
            shutil.rmtree(self.old)
        self.old = Path(shutil.copytree(self.path, self.folder / "old"))
        self.old_size = len(self._bodies())

    @precondition(lambda self: self.old is not None)
    @rule()
    def an_old_copy_is_told_from_a_kept_checkpoint(self) -> None:
        assert self.old is not None
        notes = tuple((f"{size}.note", note) for size, note in self.kept.items())
        verdict = check_case(
            open_case(self.old), anchors=Anchors(), outside=notes
        ).verdict
        found = {f.code for f in verdict.findings if f.fails}
        newer = any(size > self.old_size for size in self.kept)
        assert found == ({Code.ROLLBACK} if newer else set())
        assert verdict.exit_code() == (12 if newer else 0)

    @precondition(lambda self: len(self.acts) > 2)
    @rule(place=st.integers(0, 10**6), bit=st.integers(0, 6))
    def an_altered_entry_is_never_extended(self, place: int, bit: int) -> None:
        log = self.path / "manifest/entries.jsonl"
        good = log.read_bytes()
        newest = max((self.path / "manifest/checkpoints").glob("*.note"))
        covered = good.splitlines(keepends=True)[: int(newest.stem)]
        # Any of the lines the checkpoint covers, the last as often as the others.
        chosen = len(covered) - 1 - place % len(covered)
        start = sum(map(len, covered[:chosen]))
        harmed = bytearray(good)
        harmed[start + place // len(covered) % len(covered[chosen])] ^= 1 << bit
        log.write_bytes(harmed)
        # With another founder in the first line the own key is a stranger's.
        refusals = (BrokenManifestError, SignerNotAllowedError)
        with pytest.raises(refusals), self._writing():
            raise AssertionError("went on from an altered log")
        assert log.read_bytes() == bytes(harmed)
        log.write_bytes(good)

    # -- what always holds -----------------------------------------------------------

    @invariant()
    def every_committed_act_is_there(self) -> None:
        if self.acts:
            assert self._told() == self.acts
            sequence = [body["seq"] for body in self._bodies()]
            assert sequence == list(range(len(sequence)))

    @invariant()
    def a_tidy_case_verifies(self) -> None:
        if not self.acts or self.dirty:
            return
        verdict = self._verdict()
        assert [a for a, v in verdict.axes.items() if v.status is Status.FAIL] == []
        exhibits = sum(kind == "acquire" for kind, _ in self.acts)
        assert verdict.counts["matched"] == exhibits
        there = sorted(p.name for p in (self.path / "exhibits").iterdir())
        assert there == [f"EX-{n:04d}" for n in range(1, exhibits + 1)]


TestCaseLife = CaseLife.TestCase
TestCaseLife.settings = settings(
    max_examples=examples(25, 100),
    stateful_step_count=25,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
)


def test_the_bench_is_what_the_machine_thinks(tmp_path: Path) -> None:
    bench: Bench = new_bench(tmp_path / "case")
    assert [entry.type for entry in bench.case.entries()] == ["case_open"]
