"""CASE/UCO 1.4: read by rdflib, judged by case_validate with the ontology it ships."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import rdflib
from hypothesis import given, settings
from hypothesis import strategies as st

from evidence.interchange.caseuco import case_jsonld
from evidence.interchange.source import Source
from manifests.canonical import Json
from manifests.entries import Entry
from tests.interchange import acquired, entry, many, source

# rdflib's own JSON-LD parser uses what rdflib calls deprecated.
pytestmark = pytest.mark.filterwarnings("ignore:ConjunctiveGraph:DeprecationWarning")
CASE = rdflib.Namespace("https://ontology.caseontology.org/case/investigation/")
UCO = "https://ontology.unifiedcyberontology.org/uco/"
VALIDATE = Path(sys.executable).parent / "case_validate"
GROUND = {
    "number": "AU-0001",
    "type": "warrant",
    "valid_until": "2027-01-01T00:00:00.000000Z",
}


STARTED = "2026-01-02T03:04:04.000000Z"
KINDS = ["acquire", "authority_add", "consent_add", "disclose", "x"]


def every_kind() -> list[Entry]:
    """One entry of each kind that has a mapping of its own."""
    offer: dict[str, Json] = {
        "number": "TR-0001",
        "recipient": "b" * 64,
        "alias": "POL-1",
    }
    consent: dict[str, Json] = {"number": "CO-0001", "subject": "A1"}
    lineage: dict[str, Json] = {"exhibit": "EX-0009", "log": "x"}
    parse: dict[str, Json] = {"parser": "chat", "outcome": "parsed"}
    times: dict[str, Json] = {"started": STARTED, "ended": STARTED}
    return [
        entry(0, "case_open", {"profile": "police", "ground": GROUND}),
        entry(1, "consent_add", consent),
        acquired(2, lineage=lineage, parse=parse, **times),
        entry(3, "transfer_out", offer, exhibits=["EX-0003"], authority="AU-0001"),
        entry(4, "annotate", {"kind": "fact"}, exhibits=["EX-0003"], role="quality"),
        entry(5, "erase", {}, exhibits=["EX-0003"]),
    ]  # fmt: skip


def validate(path: Path) -> tuple[int, str]:
    done = subprocess.run(
        [sys.executable, VALIDATE, "--built-version", "case-1.4.0", path],
        capture_output=True, text=True, timeout=300, check=False,
        env={"PATH": "", "http_proxy": "http://127.0.0.1:9", "https_proxy": "http://127.0.0.1:9"},
    )  # fmt: skip
    return done.returncode, done.stdout + done.stderr


def graph_of(told: Source) -> rdflib.Graph:
    return rdflib.Graph().parse(data=case_jsonld(told), format="json-ld")


def test_case_validate_accepts_every_kind(tmp_path: Path) -> None:
    (tmp_path / "case.jsonld").write_bytes(case_jsonld(source(every_kind())))
    code, told = validate(tmp_path / "case.jsonld")
    assert (code, told.strip().splitlines()[-1]) == (0, "Conforms: True"), told


@pytest.mark.agreement
def test_case_validate_would_refuse_a_hash_without_method(tmp_path: Path) -> None:
    """So that what it accepts above says something."""
    data, method = (
        case_jsonld(source(every_kind())),
        b'"uco-types:hashMethod":"SHA256",',
    )
    assert method in data
    (tmp_path / "bad.jsonld").write_bytes(data.replace(method, b""))
    code, told = validate(tmp_path / "bad.jsonld")
    assert code == 1 and "hashMethod" in told


@pytest.mark.agreement
def test_case_validate_accepts_many_exhibits(tmp_path: Path) -> None:
    (tmp_path / "case.jsonld").write_bytes(case_jsonld(many(20)))
    code, told = validate(tmp_path / "case.jsonld")
    assert code == 0, told[:2000]


def test_what_stands_where() -> None:
    graph = graph_of(source(every_kind()))
    (record,) = graph.subjects(rdflib.RDF.type, CASE.ProvenanceRecord)
    assert str(graph.value(record, CASE.exhibitNumber)) == "EX-0003"
    assert str(graph.value(record, CASE.rootExhibitNumber)) == "EX-0009"
    actions = set(graph.subjects(rdflib.RDF.type, CASE.InvestigativeAction))
    assert len(actions) == 6
    first = [a for a in actions if graph.value(a, CASE.wasInformedBy) is None]
    # One chain from the last act to the first, each informed by the one before.
    seen = {graph.value(a, CASE.wasInformedBy) for a in actions} - {None}
    assert len(first) == 1 and len(seen) == 5
    kinds = {str(v) for v in graph.objects(None, CASE.authorizationType)}
    assert kinds == {"warrant", "consent"}
    hashes = [
        str(v) for v in graph.objects(None, rdflib.URIRef(f"{UCO}types/hashValue"))
    ]
    assert [h.lower() for h in hashes] == [f"{2:064x}"]
    (whole,) = graph.subjects(rdflib.RDF.type, CASE.Investigation)
    held = set(graph.objects(whole, rdflib.URIRef(f"{UCO}core/object")))
    assert held == actions | {record}
    to = rdflib.URIRef(f"{UCO}action/participant")
    assert len(list(graph.triples((None, to, None)))) == 2  # an alias and a key


def test_the_same_entries_give_the_same_bytes_and_more_keep_the_ids() -> None:
    few = every_kind()
    data = case_jsonld(source(few))
    assert data == case_jsonld(source(every_kind()))
    ids = {node["@id"] for node in json.loads(data)["@graph"]}
    more = json.loads(case_jsonld(source([*few, entry(6, "erase", {})])))
    assert ids < {node["@id"] for node in more["@graph"]}


word = st.text(max_size=30)
anything = st.one_of(word, st.integers(-9, 9), st.none(), st.lists(word, max_size=2))


@settings(max_examples=15, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(KINDS),
            st.dictionaries(
                st.sampled_from(
                    ["kind", "number", "type", "recipient", "tool", "parse", "payload",
                     "inventory", "started", "valid_from", "lineage", "alias"]
                ),
                st.one_of(anything, st.dictionaries(st.sampled_from(
                    ["name", "version", "parser", "exhibit", "sha256"]), anything)),
            ),
            anything, anything,
        ),
        max_size=5,
    )
)  # fmt: skip
def test_any_log_gives_a_graph_that_rdflib_reads(
    acts: list[tuple[str, dict[str, Any], Any, Any]],
) -> None:
    entries = [
        entry(number, kind, facts, role=role, authority=ground, exhibits=["EX-0001"])
        for number, (kind, facts, role, ground) in enumerate(acts)
    ]
    graph = graph_of(source(entries))
    found = list(graph.subjects(rdflib.RDF.type, CASE.InvestigativeAction))
    assert len(found) == len(acts)
