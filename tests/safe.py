"""A bench whose case is encrypted, with who may open it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from evidence.case import Case
from evidence.checking import check_case
from evidence.founding import create_case
from evidence.identity import Identity
from evidence.keyfile import FileSigner, new_signer
from evidence.vault.agekeys import new_identity, recipient_of
from evidence.vault.holders import CUSTODIAN, RECOVERY, Holder
from manifests.verifying.judge import Anchors
from manifests.verifying.verdict import Verdict
from tests.builders import Bench


@dataclass(frozen=True)
class Safe:
    """An encrypted case.

    Attributes:
        mine: the custodian's age identity; recovery: the one kept elsewhere.
    """

    bench: Bench
    mine: str
    recovery: str

    def at(self, folder: Path) -> Safe:
        """The same case where it was copied to."""
        case = Case(folder, self.bench.case.settings)
        return replace(self, bench=replace(self.bench, case=case))

    @property
    def path(self) -> Path:
        return self.bench.case.path

    def opened(self, *identities: str) -> Case:
        """The case, with the custodian's identity or the ones given."""
        return self.bench.case.opened(lambda: ("Tess", list(identities or [self.mine])))

    def verify(self, *identities: str) -> Verdict:
        """Verify with keys."""
        case = self.opened(*identities)
        return check_case(case, anchors=Anchors(), decrypt=True).verdict


def new_safe(folder: Path) -> Safe:
    """Make an encrypted case in `folder`."""
    signer: FileSigner = new_signer()
    created = "2026-01-01T00:00:00.000000Z"
    identity = Identity("Tess Tester", "examiner", "Lab", created, signer.public)
    mine, recovery = signer.age_identity, new_identity()
    case = create_case(
        folder,
        identity,
        signer,
        case_id="TEST 1/2026",
        title="A test",
        profile="ngo",
        holders=(
            Holder(recipient_of(mine), CUSTODIAN, identity.key),
            Holder(recipient_of(recovery), RECOVERY),
        ),
    )
    return Safe(Bench(case, identity, signer), mine, recovery)
