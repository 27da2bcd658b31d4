"""A few examples in the fast tests, the others in the slow suite ``.ci/run`` runs."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest

slow = pytest.mark.agreement


def few(values: Iterable[Any], *, kept: int = 2) -> list[Any]:
    """Return parameters of which all but the first `kept` are marked as slow."""
    return [
        value if number < kept else pytest.param(value, marks=slow)
        for number, value in enumerate(values)
    ]
