"""Which comparisons of the verifiers run at once, and which in the slow suite.

Every damage is judged by four verifiers, which takes minutes. `make test` takes every
twelfth of them; the mark `agreement` has the rest, which ``.ci/run`` runs.
"""

from __future__ import annotations

import pytest

_COMPARED = frozenset(
    {
        "test_the_two_agree_on_damage",
        "test_all_verifiers_agree",
        "test_all_agree_on_damage_to_lists",
        "test_all_agree_on_lists_of_other_making",
        "test_all_agree_on_entries_of_other_making",
        "test_all_agree_on_erasures",
    }
)
_EVERY = 12


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark all but every twelfth comparison `agreement`."""
    compared = [
        item for item in items if getattr(item, "originalname", "") in _COMPARED
    ]
    for number, item in enumerate(compared):
        if number % _EVERY:
            item.add_marker(pytest.mark.agreement)
