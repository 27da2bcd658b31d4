"""The model of the log protocol, searched by spin: it holds, and it can fail.

Each part of ``docs/spec/model/custody.pml`` is searched in full. Then one safeguard at
a time is taken away, or a place of interest is declared forbidden: each must be found,
by the assertion that stands for it.
"""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

MODEL = Path(__file__).resolve().parents[2] / "docs/spec/model/custody.pml"
README = MODEL.with_name("README.md")
SECONDS = 300
MEGABYTES = 2000

HOLDS = (
    ("LOG",),
    ("TAMPER",),
    ("WITNESS",),
    ("SPLIT",),
    ("SPLIT", "ONE_DISHONEST"),
    ("HONEST",),
    ("ROLLBACK",),
)

# What is taken away, and a word of the assertion that has to notice.
FAILS = (
    ("LOG", "RECOVER_WITHOUT_FSYNC", "attacked"),
    ("LOG", "NO_FSYNC_BEFORE_CHECKPOINT", "told"),
    ("LOG", "NO_FSYNC_OF_PAYLOAD", "held"),
    ("LOG", "TOLD_BEFORE_FSYNC", "told"),
    ("LOG", "TORN_TAIL_STAYS", "told"),
    ("LOG", "CUT_BEFORE_QUARANTINE", "owed"),
    ("LOG", "QUARANTINE_NOT_SYNCED_AGAIN", "owed"),
    ("LOG", "FAILED_LINE_STAYS", "denied"),
    ("TAMPER", "CHECKPOINT_NOT_COMPARED", "forged"),
    ("TAMPER", "TAIL_NOT_VERIFIED", "forged"),
    ("TAMPER", "RECOVER_REWRITES", "forged"),
    ("WITNESS", "WITNESS_SIGNS_ANYTHING", "cosigned"),
    ("WITNESS", "WITNESS_TAKES_SMALLER", "cosigned"),
    ("WITNESS", "WITNESS_TAKES_OTHER_ROOT", "cosigned"),
    ("WITNESS", "WITNESS_WITHOUT_PROOF", "cosigned"),
    ("WITNESS", "WITNESS_PERSISTS_LATE", "cosigned"),
    ("WITNESS", "WITNESS_SKIPS_SAME", "cosigned"),
    ("WITNESS", "WITNESS_WITHOUT_FSYNC", "cosigned"),
    ("WITNESS", "WITNESS_WITHOUT_LOCK", "cosigned"),
    ("SPLIT", "POLICY_ANY", "accepted"),
    ("SPLIT", "ONE_DISHONEST WITNESS_SIGNS_ANYTHING", "accepted"),
    ("HONEST", "RECOVER_WITHOUT_FSYNC", "attacked"),
    ("HONEST", "NO_FSYNC_BEFORE_CHECKPOINT", "told"),
    ("ROLLBACK", "VERIFIER_TRUSTS_THE_CASE", "known_ids"),
    ("ROLLBACK", "VERIFIER_COUNTS_ONLY", "known_ids"),
    ("ROLLBACK", "VERIFIER_PASSES_SHORTER", "known_ids"),
    ("ROLLBACK", "WITNESS_SIGNS_ANYTHING", "cosigned"),
)

# Places that must be reachable, or what holds there holds for nothing.
REACHED = (
    ("LOG", "COVER_TORN"),
    ("LOG", "COVER_DENIED"),
    ("LOG", "COVER_COMMITTED"),
    ("TAMPER", "COVER_REFUSED"),
    ("WITNESS", "COVER_COSIGNED"),
    ("WITNESS", "COVER_WITNESS_REFUSED"),
    ("SPLIT", "COVER_ACCEPTED"),
    ("SPLIT", "COVER_SPLIT"),
    ("HONEST", "COVER_CONFIRMED"),
    ("ROLLBACK", "COVER_ROLLBACK_FOUND"),
    ("ROLLBACK", "COVER_WITNESS_REFUSED"),
)


def search(folder: Path, *macros: str, level: str = "-O0") -> str:
    """Return what the search of the model with these macros prints.

    Args:
        level: of optimisation; a search that soon finds an error needs none.
    """
    for program in ("spin", "cc"):
        if shutil.which(program) is None:
            pytest.skip(f"{program} is not installed")
    flags = [f"-D{macro}" for macro in macros]
    compiling = ("cc", level, "-w", "-DSAFETY", f"-DMEMLIM={MEGABYTES}")
    output = ""
    for command in (
        ("spin", *flags, "-a", str(MODEL)),
        (*compiling, "-o", "pan", "pan.c"),
        ("./pan", "-m1000000", "-n"),
    ):
        done = subprocess.run(
            command,
            cwd=folder,
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=False,
        )
        output = done.stdout + done.stderr
        assert done.returncode == 0, (command, output[-3000:])
    return output


def errors(output: str) -> int:
    found = re.search(r"errors: (\d+)", output)
    assert found, output[-3000:]
    return int(found[1])


@pytest.mark.parametrize("macros", HOLDS, ids="-".join)
def test_it_holds(macros: tuple[str, ...], tmp_path: Path) -> None:
    output = search(tmp_path, *macros, level="-O2")
    assert errors(output) == 0, output[-3000:]
    assert "Full statespace search for:" in output
    # The checks of assertions and of processes that hang are on.
    assert re.search(r"assertion violations\s+\+", output)
    assert re.search(r"invalid end states\s+\+", output)
    for cut in ("too small", "not completed", "out of memory", "truncated", "hash-"):
        assert cut not in output, output[-3000:]
    states = re.search(r"(\d+) states, stored", output)
    assert states
    assert int(states[1]) > 100_000


@pytest.mark.parametrize(("part", "macros", "word"), FAILS)
def test_without_a_safeguard_it_fails(
    part: str, macros: str, word: str, tmp_path: Path
) -> None:
    output = search(tmp_path, part, *macros.split())
    assert errors(output) == 1
    (violated,) = re.findall(r"assertion violated (.*)\(at depth", output)
    assert re.search(rf"\b{word}\b", violated), violated


@pytest.mark.parametrize(("part", "macro"), REACHED)
def test_the_place_is_reached(part: str, macro: str, tmp_path: Path) -> None:
    output = search(tmp_path, part, macro)
    assert errors(output) == 1
    (violated,) = re.findall(r"assertion violated (.*)\(at depth", output)
    # The very assertion that the macro adds.
    added = re.findall(rf"#ifdef {macro}\n\s*assert\((.*)\);", MODEL.read_text("utf-8"))
    assert added
    words = {word for text in added for word in re.findall(r"[a-z_]+", text)}
    shown = set(re.findall(r"[a-z_]+", violated))
    assert shown <= words | {"head", "w"} or violated.strip() == "0", violated


def test_every_safeguard_of_the_model_is_tried_and_told() -> None:
    text, told = MODEL.read_text("utf-8"), README.read_text("utf-8")
    marked = re.findall(
        r"#(?:ifn?def|elif defined)\W+([A-Z_]+)\)?\s+/\* MUTATION", text
    )
    tried = {word for _, macros, _ in FAILS for word in macros.split()}
    assert len(marked) >= 20
    assert set(marked) == tried - {"ONE_DISHONEST"}
    covers = set(re.findall(r"\bCOVER_[A-Z]\w+", text))
    assert covers == {macro for _, macro in REACHED}
    assert {word for word in tried if f"`{word}`" not in told} == set()
