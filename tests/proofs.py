"""What several tests of proof files share."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable
from typing import Any

from evidence.keyfile import FileSigner
from manifests import canonical, ledger
from manifests.entries import Act, Clock, EntryType, write_entry
from manifests.proof import read_proof
from manifests.verifying.judge import Anchors, SeenFile
from manifests.verifying.proof_verdict import judge
from manifests.verifying.proofs import read
from manifests.verifying.verdict import Verdict

HELLO = SeenFile(6, hashlib.sha256(b"hello\n").hexdigest())


def verdict_on(
    data: bytes, payload: SeenFile | None = HELLO, **anchors: frozenset[Any]
) -> Verdict:
    return judge(read(read_proof(data)), payload, Anchors(**anchors))


def extra_of(data: bytes) -> dict[str, Any]:
    line = data.split(b"\n")[1].removeprefix(b"extra ")
    value = json.loads(base64.b64decode(line))
    assert isinstance(value, dict)
    return value


def with_extra(data: bytes, extra: bytes) -> bytes:
    lines = data.split(b"\n")
    return b"\n".join([lines[0], b"extra " + base64.b64encode(extra), *lines[2:]])


def changed(data: bytes, change: Callable[[dict[str, Any]], object]) -> bytes:
    """The proof with its extra data changed and written canonically again."""
    extra = extra_of(data)
    change(extra)
    return with_extra(data, canonical.encode(extra))


def opening(signer: FileSigner, origin: str, **facts: Any) -> bytes:
    founder = {
        "algorithm": signer.public.algorithm.value,
        "key": signer.public.id,
        "public": signer.public.text,
    }
    act = Act(EntryType.CASE_OPEN, "examiner", {"founder": founder, **facts})
    clock = Clock("2026-01-01T00:00:00.000000Z", 0, "unknown", None)
    return write_entry(
        act, clock, origin=origin, seq=0, prev=ledger.NO_PREVIOUS, signer=signer
    )
