"""The commands the report prints must work, and fail on a forged case."""

from __future__ import annotations

import shutil
import subprocess
from hashlib import sha256
from pathlib import Path

import pytest

from evidence.report.compose import compose
from evidence.report.options import Options
from manifests.verifying.judge import Anchors
from tests.builders import Bench, new_bench

TOOLS = ("openssl", "xxd", "sha256sum", "base64", "sed", "grep", "bash")
pytestmark = pytest.mark.skipif(
    not all(shutil.which(tool) for tool in TOOLS), reason=f"needs {', '.join(TOOLS)}"
)


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    source = tmp_path / "a.txt"
    source.write_bytes(b"evidence")
    bench = new_bench(tmp_path / "case")
    bench.acquire(source)
    return bench


def run(bench: Bench) -> list[str]:
    report = compose(bench.case, Options("2026-01-01T00:00:00Z"), anchors=Anchors())
    script = "\n".join(
        command for _, command in report.hand_check if not command.startswith("custody")
    )
    ended = subprocess.run(
        ["bash", "-c", script],
        cwd=bench.case.path,
        capture_output=True,
        text=True,
        check=False,
    )
    return (ended.stdout + ended.stderr).splitlines()


def test_every_command_confirms_a_good_case(bench: Bench) -> None:
    report = compose(bench.case, Options("2026-01-01T00:00:00Z"), anchors=Anchors())
    lines = run(bench)
    assert lines[0] == f"{report.exhibits[0].sha256}  exhibits/EX-0001/payload"
    leaf = lines[1].split()[0]
    assert lines[2] == f'"prev":"{leaf}"'
    assert next(bench.case.entries()).private == bytes.fromhex(lines[3].split()[0])
    assert lines[4] == report.root
    assert lines[5].split()[0] == bench.identity.key
    raw = bench.identity.public.spki[12:]
    origin = bench.case.settings.origin.encode()
    assert lines[6] == sha256(origin + b"\n\x01" + raw).hexdigest()[:8]
    assert lines[7] == "Signature Verified Successfully"
    assert bench.verify().exit_code() == 0  # nothing was left inside the case


def test_a_forged_checkpoint_is_refused_by_openssl(bench: Bench) -> None:
    note = max((bench.case.manifest / "checkpoints").iterdir())
    lines = note.read_text("utf-8").split("\n")
    lines[2] = ("B" if lines[2][0] != "B" else "C") + lines[2][1:]
    note.write_text("\n".join(lines), "utf-8")
    assert "Signature Verification Failure" in run(bench)
