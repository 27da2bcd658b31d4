"""The catalogues by name, and the check of a verified case against one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from evidence.conformity.dossier import read_dossier
from evidence.conformity.e_evidence import E_EVIDENCE
from evidence.conformity.forensic import FRE902, ISO27037
from evidence.conformity.led import LED
from evidence.conformity.model import Catalogue, Table, judge

if TYPE_CHECKING:
    from collections.abc import Iterable

    from evidence.case import Case
    from evidence.checking import Checked

CATALOGUES: Final[dict[str, Catalogue]] = {
    one.name: one for one in (E_EVIDENCE, LED, ISO27037, FRE902)
}


def tables(
    case: Case, checked: Checked, names: Iterable[str], *, at: str
) -> tuple[Table, ...]:
    """Return what a verified case makes of some catalogues.

    Args:
        names: of `CATALOGUES`; at: UTC time, as `clock.utc_text` writes it.

    Raises:
        CaseUnreadableError, MalformedError: its log cannot be read.
    """
    wanted = tuple(dict.fromkeys(names))
    if not wanted:
        return ()
    dossier = read_dossier(case, checked, at)
    return tuple(judge(CATALOGUES[name], dossier) for name in wanted)
