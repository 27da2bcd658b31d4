"""Builders for tests of erasing: a case with something to erase, and searches."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from evidence.case import CaseWriter, writing
from evidence.grounds import Claim
from evidence.methods import take_chat
from evidence.retention import erasing
from manifests.durable import SYSTEM, System
from manifests.entries import Entry, EntryType
from tests.builders import Bench

CANARY = "CANARY-Aysel"
OVERRIDE = Claim(override="a test")


def fill(bench: Bench, folder: Path) -> None:
    """Acquire a chat (EX-0001) and a tree (EX-0002), and note something on both."""
    folder.mkdir(exist_ok=True)
    chat = folder / "chat.txt"
    chat.write_text(f"01/02/2024, 10:00 - {CANARY}: hello {CANARY}\n")
    bench.acquire(chat, kind="chat", method=take_chat, description=CANARY)
    (folder / "tree").mkdir()
    (folder / "tree" / "a").write_text("kept as it is")
    bench.acquire(folder / "tree")
    with writing(bench.case, bench.identity, bench.signer) as writer:
        for names in (("EX-0001",), ("EX-0001", "EX-0002"), ("EX-0002",)):
            note(writer, names)


def note(writer: CaseWriter, names: tuple[str, ...]) -> Entry:
    """Note a fact about exhibits; its text is a canary if it is of the first alone."""
    text = f"about {CANARY}" if names == ("EX-0001",) else "about more"
    return writer.record(
        EntryType.ANNOTATE,
        facts={"kind": "fact"},
        private={"text": text},
        exhibits=names,
    )


def erase(
    bench: Bench,
    *names: str,
    copies: Sequence[Path] = (),
    system: System = SYSTEM,
    reason: str = "court-order",
) -> erasing.Outcome:
    """Erase, as the command does."""
    with writing(bench.case, bench.identity, bench.signer, system=system) as writer:
        found = erasing.plan(bench.case, names or ("EX-0001",), copies)
        erasing.erase(writer, found, reason=reason, text="ordered", claim=OVERRIDE)
        return erasing.carry_out(writer, found.copies)


def holding(folder: Path, *needles: bytes) -> list[str]:
    """Return the files below a folder whose name or content holds a needle."""
    return [
        str(path.relative_to(folder))
        for path in sorted(folder.rglob("*"))
        if any(n in str(path.relative_to(folder)).encode() for n in needles)
        or (path.is_file() and any(n in path.read_bytes() for n in needles))
    ]
