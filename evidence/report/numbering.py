"""The number of a report, derived from what it is made of: same input, same number."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from hashlib import sha256
from typing import TYPE_CHECKING

from evidence.report.i18n import ENGLISH
from manifests import canonical
from manifests.canonical import Json

if TYPE_CHECKING:
    from evidence.report.options import Options


def report_number(
    options: Options,
    *,
    origin: str,
    size: int,
    root: str,
    tool: str,
    axes: Mapping[str, str],
    findings: Iterable[tuple[str, str]],
) -> str:
    """Return ``R-`` and 16 hex digits.

    Args:
        tool: its version alone; axes: name to status; findings: code and subject.
    """
    seed: dict[str, Json] = {
        "axes": dict(axes),
        "checks": [*options.checks],
        "classification": options.classification,
        "decisions": options.decisions,
        "findings": [[code, subject] for code, subject in findings],
        "named_staff": options.named_staff,
        **({"pades": options.pades} if options.pades else {}),
        "issuer": options.issuer.key if options.issuer else None,
        "matrix": options.matrix,
        "origin": origin,
        "rendered_at": options.rendered_at,
        "root": root,
        "size": size,
        "sources": options.sources,
        "texts": options.texts,
        "time_given": options.time_given,
        "tool": tool,
        **_chosen(options),
    }
    return f"R-{sha256(canonical.encode(seed)).hexdigest()[:16]}"


def _chosen(options: Options) -> dict[str, Json]:
    """Return what only some reports have, so that the ids of the others stay."""
    chosen: dict[str, Json] = {
        "contact": options.contact,
        "language": "" if options.language == ENGLISH else options.language,
        "losses": options.losses,
        "only": [*options.only],
        "persons": options.persons,
        "template": "" if options.template == "general" else options.template,
        "thumbnails": [*options.thumbnails],
        "variant": options.variant,
    }
    return {name: value for name, value in chosen.items() if value}
