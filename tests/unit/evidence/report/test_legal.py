"""What the report says of legal grounds, known only later included."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from evidence.authority.order import order_from
from evidence.authority.recording import add_authority, change
from evidence.authority.register import WITHDRAWN
from evidence.case import writing
from evidence.report.compose import compose
from evidence.report.legal import deviations
from evidence.report.model import Deviation, Report
from evidence.report.options import Options
from manifests.entries import Entry
from manifests.verifying.judge import Anchors
from tests.builders import Bench, new_bench

AT = "2099-01-01T00:00:00Z"
SECRETS = ("RG 77/2026", "Giudice Neri", "not to be used in Riga")


def report_of(bench: Bench, *, sources: bool = False) -> Report:
    return compose(bench.case, Options(AT, sources=sources), anchors=Anchors())


def filled(tmp_path: Path) -> Bench:
    bench = new_bench(tmp_path / "case", ground=None)
    source = tmp_path / "f.txt"
    source.write_text("x")
    order = order_from(
        {
            "type": "warrant",
            "reference": SECRETS[0],
            "issuing_authority": {"name": SECRETS[1]},
            "issued_at": "2026-01-01",
            "categories": ["content"],
            "conditions": [SECRETS[2]],
        }
    )
    with writing(bench.case, bench.identity, bench.signer) as writer:
        add_authority(writer, order)
    bench.acquire(source)
    return bench


def test_what_an_authority_grounds_is_told_and_its_names_only_with_sources(
    tmp_path: Path,
) -> None:
    bench = filled(tmp_path)
    plain = report_of(bench)
    (ground,) = plain.authorities
    assert (ground.id, ground.kind, ground.grounded) == (
        "AU-0001",
        "Search or seizure warrant",
        ("EX-0001",),
    )
    assert (ground.covers, ground.conditions) == ("content", 1)
    assert plain.deviations == ()
    assert not [secret for secret in SECRETS if secret in repr(plain)]
    full = report_of(bench, sources=True)
    assert not [secret for secret in SECRETS if secret not in repr(full)]


def test_an_act_under_a_ground_withdrawn_before_it_shows(tmp_path: Path) -> None:
    bench = filled(tmp_path)
    with writing(bench.case, bench.identity, bench.signer) as writer:
        change(writer, "AU-0001", WITHDRAWN, at="2026-01-02", reason="x")
    report = report_of(bench)
    assert report.deviations == (
        Deviation(2, ("EX-0001",), "AU-0001", "in doubt", ("AUTHORITY_WITHDRAWN",)),
    )
    assert "was withdrawn at 2026-01-02" in report.authorities[0].state


def test_acquisitions_without_a_ground_overrides_and_doubts_show(
    tmp_path: Path,
) -> None:
    entry = list(filled(tmp_path).case.entries())[-1]

    def like(ground: str | None, facts: dict[str, Any]) -> Entry:
        return replace(entry, body={**entry.body, "authority": ground, "facts": facts})

    found = deviations(
        [
            like(None, {"kind": "files"}),
            like(None, {"kind": "document"}),
            like(None, {"kind": "files", "override": {"refusals": ["A", "B"]}}),
            like("AU-0001", {"kind": "files", "ground_doubts": ["C"]}),
            like("AU-0001", {"kind": "files"}),
            like(None, {"kind": "files", "override": {"refusals": 5}}),
        ]
    )
    assert [(line.ground, line.how, line.codes) for line in found] == [
        ("", "no ground", ()),
        ("", "overridden", ("A", "B")),
        ("AU-0001", "in doubt", ("C",)),
        ("", "overridden", ()),
    ]
