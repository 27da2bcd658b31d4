"""The verdict on a package: its lists, its offer and what it holds, in one."""

from __future__ import annotations

from evidence.transfer.opening import Opened
from manifests.verifying.tally import failing
from manifests.verifying.verdict import (
    Axis,
    AxisVerdict,
    Code,
    Finding,
    Status,
    Verdict,
)

_CODES = {
    "modified": (Axis.INTACT, Code.PACKAGE_MODIFIED),
    "moved": (Axis.INTACT, Code.PACKAGE_MOVED),
    "unreadable": (Axis.INTACT, Code.UNREADABLE),
    "new": (Axis.COMPLETE, Code.PACKAGE_NEW),
    "missing": (Axis.COMPLETE, Code.PACKAGE_MISSING),
}
_UNSIGNED = (
    "That names, orders and remarks in the transmission manifest are the giver's, "
    "until the package's number was compared with them."
)
# What the verdict on the offer says of both, in words of its own.
_SAID = ("That the content of the exhibit is true", "That the recorded times are true")
_ORDER = (Status.FAIL, Status.NOT_CHECKED, Status.PASS)


def package_verdict(opened: Opened) -> Verdict:
    """Return the verdict on a package: the worst of lists, offer and content."""
    findings = [
        Finding(*_CODES[one.word], one.path, f"{one.word}: {one.detail}.")
        for one in (*opened.looked.differences, *opened.alongside.differences)
    ]
    if opened.transmission is None:
        text = "It is no transmission manifest, or fits neither offer nor files."
        subject = "transmission-manifest.json"
        findings.append(Finding(Axis.INTACT, Code.PACKAGE_MODIFIED, subject, text))
    if opened.problem:
        text = f"The content cannot be judged: {opened.problem}."
        findings.append(Finding(Axis.INTACT, Code.UNREADABLE, "data", text))
    content = opened.verdict
    findings += opened.offered.findings
    findings += content.findings if content else ()
    unique = tuple(dict.fromkeys(findings))
    axes: dict[Axis, AxisVerdict] = {}
    for axis in Axis:
        axes[axis] = failing(axis, unique) or _axis(axis, opened)
    base = content or opened.offered
    content_said = [t for t in base.not_established if not t.startswith(_SAID)]
    said = [*opened.offered.not_established, _UNSIGNED, *content_said]
    return Verdict(
        origin=base.origin,
        size=base.size,
        root=base.root,
        axes=axes,
        findings=unique,
        counts={word: n for word, n in opened.looked.counts.items() if n},
        not_established=tuple(dict.fromkeys(said)),
    )


def _axis(axis: Axis, opened: Opened) -> AxisVerdict:
    """Return an axis on which nothing failed."""
    content, offered = opened.verdict, opened.offered.axes[axis]
    if content is None:
        return AxisVerdict(Status.NOT_CHECKED, "The content could not be judged.")
    own = content.axes[axis]
    if axis in (Axis.COMPLETE, Axis.INTACT):
        return AxisVerdict(own.status, f"Every file is as listed. {own.explanation}")
    worse = min(own, offered, key=lambda one: _ORDER.index(one.status))
    older = opened.alongside.outside.get(axis)
    if older is None or worse.status is not Status.NOT_CHECKED:
        return worse
    return older
