"""Four verifiers of one case: the tool and three that share no code with it.

``python``: tests/docs/independent_verifier.py; ``shell``: verify.sh as it is shipped,
with nothing but the programs it names in PATH; ``node``: tests/reference/verify.mjs.
"""

from __future__ import annotations

import atexit
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from cli.main import run_arguments

HERE = Path(__file__).resolve().parent
SCRIPT = HERE.parent / "evidence" / "handcheck" / "verify.sh"
AXES = ("complete", "intact", "consistent", "signed")
PROGRAMS = (
    *("awk", "base64", "cat", "cut", "find", "head", "jq", "mkdir", "mktemp"),
    *("openssl", "rm", "sed", "sha256sum", "sort", "split", "tail", "tr", "wc", "xxd"),
)
Found = set[tuple[str, str]]  # axis and code


@dataclass(frozen=True)
class Judged:
    """A verdict, as far as verifiers have to agree."""

    axes: dict[str, str]
    failing: Found
    remarks: Found
    holding: dict[str, int] = field(default_factory=dict)
    exit_code: int | None = field(default=None, compare=False)

    @classmethod
    def of(
        cls,
        axes: dict[str, str],
        findings: list[dict[str, Any]],
        exit_code: int | None = None,
        **holding: int,
    ) -> Judged:
        # Where in a payload the damage is: a service, not a part of the verdict.
        # Axes beyond these four need what a verifier is given; not all look at them.
        kept = [
            f for f in findings if f["code"] != "MEMBER_MODIFIED" and f["axis"] in AXES
        ]
        failing = {(f["axis"], f["code"]) for f in kept if f["fails"]}
        remarks = {(f["axis"], f["code"]) for f in kept if not f["fails"]}
        # Only what is said of an axis that passes can be compared.
        of = {"signed": "signed", "checkpoints": "consistent", "outside": "consistent"}
        holding = {name: n for name, n in holding.items() if axes[of[name]] == "pass"}
        if exit_code in (21, 22, 23):
            exit_code = 0
        return cls({a: axes[a] for a in AXES}, failing, remarks, holding, exit_code)


def _words(outside: Sequence[Path]) -> list[str]:
    return [word for path in outside for word in ("--checkpoint", str(path))]


def python(case: Path, *outside: Path) -> Judged:
    """The verifier written from the specification with the standard library."""
    program = str(HERE / "docs" / "independent_verifier.py")
    done = subprocess.run(
        [sys.executable, "-I", program, str(case), *_words(outside)],
        capture_output=True,
        check=False,
        env={"PATH": os.environ["PATH"]},
    )
    assert done.returncode in (0, 1), done.stderr.decode()
    found = json.loads(done.stdout)
    assert done.returncode == int("fail" in found["axes"].values())
    return Judged.of(found["axes"], found["findings"], **found["holding"])


def tool(
    case: Path, capsys: pytest.CaptureFixture[str], *outside: Path
) -> tuple[Judged, list[dict[str, Any]]]:
    """What ``custody verify --json`` says, and all its findings."""
    capsys.readouterr()
    code = run_arguments(["verify", str(case), "--json", *_words(outside)])
    found = json.loads(capsys.readouterr().out)
    axes = {axis: found["axes"][axis]["status"] for axis in AXES}
    said = {axis: found["axes"][axis]["why"] for axis in AXES}
    judged = Judged.of(
        axes,
        found["findings"],
        code,
        signed=_number(r"signatures on (\d+) of", said["signed"]),
        checkpoints=_number(r"confirmed by (\d+) checkpoint", said["consistent"]),
        outside=_number(r"outside confirms the first (\d+)", said["consistent"]),
    )
    return judged, found["findings"]


def _number(pattern: str, text: str) -> int:
    found = re.search(pattern, text)
    return int(found[1]) if found else 0


@cache
def bare_path() -> str:
    """A folder with links to the programs verify.sh names, and to nothing else."""
    folder = Path(tempfile.mkdtemp(prefix="only-these-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    for name in PROGRAMS:
        (folder / name).symlink_to(str(shutil.which(name)))
    assert not any("python" in path.name for path in folder.iterdir())
    return str(folder)


def shells() -> list[list[str]]:
    """The POSIX shells that are here."""
    known = [["dash"], ["busybox", "sh"], ["bash", "--posix"]]
    return [
        [str(shutil.which(words[0])), *words[1:]]
        for words in known
        if shutil.which(words[0])
    ]


def run_script(
    *words: str, shell: Sequence[str] = (), **options: Any
) -> subprocess.CompletedProcess[str]:
    """Run verify.sh where no Python can be found."""
    given = {"PATH": bare_path(), "TMPDIR": tempfile.gettempdir()}
    given |= options.pop("env", {})
    return subprocess.run(
        [*(shell or shells()[0]), str(SCRIPT), *words],
        capture_output=True,
        text=True,
        check=False,
        env=given,
        **options,
    )


def shell(case: Path, *outside: Path, words: Sequence[str] = ()) -> Judged:
    """What verify.sh says."""
    done = run_script(str(case), *words, *_words(outside))
    assert done.stderr == ""
    axes, findings = {}, []
    for line in done.stdout.splitlines():
        first, _, rest = line.partition(" ")
        if first in ("FAIL", "remark"):
            axis, code, *_ = rest.split()
            findings.append({"axis": axis, "code": code, "fails": first == "FAIL"})
        elif match := re.match(r"(PASS|FAIL|not checked) ", rest.lstrip()):
            axes[first] = match[1].lower()
    assert re.fullmatch(r"[\x20-\x7e\n]*", done.stdout)
    said = done.stdout
    return Judged.of(
        axes,
        findings,
        done.returncode,
        signed=_number(r"PASS +(\d+) of \d+ entries signed", said),
        checkpoints=_number(r"confirmed by (\d+) checkpoint", said),
        outside=_number(r"outside confirms the first (\d+)", said),
    )


def node(case: Path, *outside: Path) -> Judged:
    """What the reference verifier in JavaScript says."""
    program = str(HERE / "reference" / "verify.mjs")
    done = subprocess.run(
        [str(shutil.which("node")), program, str(case), *_words(outside)],
        capture_output=True,
        check=False,
    )
    assert done.stderr == b"", done.stderr.decode()
    found = json.loads(done.stdout)
    assert found["exit"] == done.returncode
    return Judged.of(
        found["axes"], found["findings"], done.returncode, **found["holding"]
    )


def has_script_programs() -> bool:
    """Tell whether verify.sh can run here."""
    return all(shutil.which(name) for name in PROGRAMS) and bool(shells())


@cache
def has_node() -> bool:
    """Tell whether Node.js 18 or newer is here."""
    if shutil.which("node") is None:
        return False
    said = subprocess.run(["node", "--version"], capture_output=True, check=False)
    return int(_number(r"v(\d+)\.", said.stdout.decode())) >= 18


def without_post_quantum(
    judged: Judged, findings: list[dict[str, Any]], apart: Judged
) -> Judged:
    """The tool's verdict for an engine that cannot check ML-DSA-44.

    What rests on such a line alone is left out; the engine must have said that it did
    not look (POST_QUANTUM_UNCHECKED).
    """
    unchecked = {("signed", "POST_QUANTUM_UNCHECKED")}
    second = [
        f
        for f in findings
        if f["code"] == "CHECKPOINT_SIGNATURE" and "ML-DSA-44" in f["text"]
    ]
    rest = [f for f in findings if f not in second]
    if second:
        assert apart.remarks & unchecked
    axes = {
        axis: "fail" if any(f["axis"] == axis and f["fails"] for f in rest) else "pass"
        for axis in AXES
    }
    holding = dict(apart.holding if second else judged.holding)
    kept = Judged.of(axes, rest)
    return Judged(
        axes,
        kept.failing,
        kept.remarks | (apart.remarks & unchecked),
        holding,
        apart.exit_code if second else judged.exit_code,
    )


def opinions(
    case: Path, capsys: pytest.CaptureFixture[str], *outside: Path
) -> tuple[Judged, list[dict[str, Any]], dict[str, Judged]]:
    """Return the tool's verdict and findings, and what the others here say."""
    engines: dict[str, Callable[..., Judged]] = {"python": python}
    if has_script_programs():
        engines["shell"] = shell
    if has_node():
        engines["node"] = node
    with ThreadPoolExecutor() as pool:
        running = {n: pool.submit(e, case, *outside) for n, e in engines.items()}
        ours, findings = tool(case, capsys, *outside)
        said = {name: future.result() for name, future in running.items()}
    return ours, findings, said


def agree(case: Path, capsys: pytest.CaptureFixture[str], *outside: Path) -> Judged:
    """Return the verdict all verifiers that can run here agree on."""
    ours, findings, said = opinions(case, capsys, *outside)
    assert said["python"] == ours
    if "shell" in said:
        fair = without_post_quantum(ours, findings, said["shell"])
        assert said["shell"] == fair
        assert said["shell"].exit_code == fair.exit_code
    if "node" in said:
        assert said["node"] == ours
        assert said["node"].exit_code == ours.exit_code
    return ours
