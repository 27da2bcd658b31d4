"""Proofs judged in this process, for tests."""

from __future__ import annotations

import tarfile
from pathlib import Path
from typing import Any

from evidence.parsing.base import Job, Record, Summary
from evidence.peers.checking import Signer
from evidence.peers.parser import PeerProofParser

NOBODY = Signer()


def packed(folder: Path, target: Path) -> Path:
    """A folder as the tar an exhibit is (made by another program's library)."""
    with tarfile.open(target, "w", format=tarfile.PAX_FORMAT) as tar:
        tar.add(folder, arcname=folder.name)
    return target


def judged(
    payload: Path,
    proof: Path | None = None,
    *,
    tree: bool = False,
    name: str = "",
    signer: Signer = NOBODY,
) -> tuple[list[dict[str, Any]], list[dict[str, Any]], tuple[str, ...]]:
    """Return the proofs' facts, the findings, and the sealed sentences."""
    options: dict[str, Any] = {"proof": str(proof) if proof else None, "tree": tree}
    options.update(signer.options())
    job = Job(str(payload), name or payload.name, options=options)
    items = list(PeerProofParser().parse(job))
    findings = [i.fields for i in items if isinstance(i, Record)]
    summary = items[-1]
    assert isinstance(summary, Summary)
    proofs = summary.public["proofs"]
    assert isinstance(proofs, list)
    return [p for p in proofs if isinstance(p, dict)], findings, summary.limits
