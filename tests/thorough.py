"""How many examples a costly property takes: few in `make test`, many in CI."""

from __future__ import annotations

import os

VARIABLE = "CUSTODY_TEST_THOROUGH"


def examples(usual: int, thorough: int) -> int:
    """The number of examples to try now."""
    return thorough if os.environ.get(VARIABLE) else usual
