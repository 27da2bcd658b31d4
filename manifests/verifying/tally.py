"""What the judges of a case and of a proof say alike: findings and keys, counted."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from manifests.keys import KeyId
from manifests.verifying.verdict import Axis, AxisVerdict, Code, Finding, Status


def counted(number: int, one: str, many: str | None = None) -> str:
    """Return a number with its noun, e.g. "1 entry", "2 entries"."""
    return f"{number} {one if number == 1 else many or one + 's'}"


def remaining(number: int, erased: int, one: str = "") -> str:
    """Return how many of `number` are left and, if any went, how many were erased.

    Args:
        one: the noun; "" for the number alone.
    """
    left = counted(number - erased, one) if one else f"{number - erased:,}"
    return f"{left} ({erased} more erased)" if erased else left


def failing(axis: Axis, findings: Sequence[Finding]) -> AxisVerdict | None:
    """Return the verdict of an axis on which something fails, else None."""
    failures = sum(1 for f in findings if f.axis is axis and f.fails)
    if not failures:
        return None
    return AxisVerdict(Status.FAIL, f"{counted(failures, 'finding')}; see below.")


def remarked(axis: Axis, findings: Sequence[Finding]) -> str:
    """Return what to add to an axis's text when there are remarks, else ""."""
    remarks = sum(1 for f in findings if f.axis is axis and not f.fails)
    return f" {counted(remarks, 'remark')}; see below." if remarks else ""


def unanchored(
    signers: Iterable[KeyId], demanded: frozenset[KeyId], text: str
) -> list[Finding]:
    """Return a finding, saying `text`, for each key that is not one demanded."""
    if not demanded:
        return []
    return [
        Finding(Axis.TRUSTED, Code.KEY_NOT_ANCHORED, f"key {key}", text)
        for key in signers
        if key not in demanded
    ]
