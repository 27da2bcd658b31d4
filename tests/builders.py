"""Builders of identities and cases for tests; keys are made for each test."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from evidence.acquire import Acquired, Method, Request, acquire
from evidence.authority.instruments import CATEGORIES, Instrument
from evidence.authority.order import Order
from evidence.case import Case, writing
from evidence.checking import check_case
from evidence.founding import create_case
from evidence.identity import Identity
from evidence.keyfile import FileSigner, new_signer
from evidence.methods import take_files
from manifests.verifying.judge import Anchors
from manifests.verifying.verdict import Verdict

# The legal ground a test's case begins with, so that it may acquire.
OWN_INITIATIVE = Order(type=Instrument.OWN_INITIATIVE, categories=CATEGORIES)


@dataclass(frozen=True)
class Bench:
    """A case with the key that may write to it."""

    case: Case
    identity: Identity
    signer: FileSigner

    def acquire(
        self,
        *sources: Path,
        kind: str = "files",
        method: Method = take_files,
        **options: object,
    ) -> Acquired:
        """Acquire `sources` as one exhibit."""
        request = Request(kind, sources, options=options)  # type: ignore[arg-type]
        with writing(self.case, self.identity, self.signer) as writer:
            return acquire(writer, request, method)

    def verify(self, **anchors: frozenset[str]) -> Verdict:
        """Verify the case as it is now."""
        return check_case(self.case, anchors=Anchors(**anchors)).verdict  # type: ignore[arg-type]


def new_bench(
    folder: Path,
    *,
    case_id: str = "TEST 1/2026",
    profile: str = "police",
    ground: Order | None = OWN_INITIATIVE,
) -> Bench:
    """Make a case in `folder` with a fresh key."""
    signer = new_signer()
    identity = Identity(
        "Tess Tester", "examiner", "Lab", "2026-01-01T00:00:00.000000Z", signer.public
    )
    case = create_case(
        folder,
        identity,
        signer,
        case_id=case_id,
        title="A test",
        profile=profile,
        ground=ground,
    )
    return Bench(case, identity, signer)


def codes(verdict: Verdict, *, failing: bool = True) -> set[str]:
    """Return the reason codes of a verdict's findings."""
    return {f.code.value for f in verdict.findings if f.fails or not failing}
