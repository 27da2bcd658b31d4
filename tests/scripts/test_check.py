"""The real command: `custody check` on a case made with the real commands."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.desk import Desk
from tests.stamping import needs_openssl, new_authority, pem
from tests.tsa_server import honest, serving

NOW = datetime.now(UTC)
SECRETS = ("Zelda Quist", "Court of Somewhere", "Provider Ltd", "77 Js 1234")
NAMES = ("e-evidence", "led", "iso27037", "fre902")

# By hand, from the articles. Nothing was sent on; the EPOC is no emergency, the EPOC-PR
# is one and was validated afterwards.
COMPLETE = {
    "met": "2 3-8 3-9-order 3-9-data 3-18 4 4-5 5-4 5-5-a 5-5-b 5-5-c 5-5-e 5-5-f "
    "5-5-h 5-5-i 5-5-j 8 9-1 9-1-sign 10-2 10-6 10-9 11 12-use 13-1 13-2 "
    "13-4-integrity 13-4-origin 13-4-secrecy 13-4-time 13-4-witness 13-4-access "
    "18-5 19-1 28",
    "missing": "",
    "not applicable": "5-5-g 19-5 19-6 2025-a1 2025-a2 2025-a3 2025-a4 2025-a5 "
    "2025-a6 2025-a7 2025-b 2025-c",
    "not shown": "12 13-3 20 21",
}


def ago(**period: float) -> str:
    return (NOW - timedelta(**period)).strftime("%Y-%m-%dT%H:%M:%SZ")


def epoc(empty: dict[str, Any]) -> dict[str, Any]:
    """The order's template, filled in."""
    issuer = empty["issuing_authority"] | {"name": SECRETS[1], "kind": "judge"}
    told = {
        "state": "delayed",
        "grounds": ["inquiries"],
        "reasons": "They would flee.",
        "review_at": (NOW + timedelta(days=30)).strftime("%Y-%m-%dT%H:%M:%SZ"),
    }
    return empty | {
        "reference": SECRETS[3],
        "issuing_authority": issuer,
        "enforcing_authority": empty["enforcing_authority"] | {"name": "Elsewhere"},
        "addressee": empty["addressee"] | {"name": SECRETS[2]},
        "issued_at": ago(days=2),
        "received_at": ago(days=1),
        "data_from": ago(days=90),
        "data_to": ago(days=1.5),
        "categories": ["content"],
        "identifiers": [{"kind": "email", "value": "x@example.org"}],
        "deadline": "10-days-notified",
        "proceedings": "criminal",
        "provision": "Art. 600",
        "annex_iv": [3],
        "threshold": "max-3-years",
        "controller": "controller",
        "user_information": told,
        "authentication": "signature",
        "channel": "dits",
        "necessity": "No milder means.",
        "summary": "A case.",
        "conditions": ["not for intelligence"],
    }


def preserving(order: dict[str, Any], empty: dict[str, Any]) -> dict[str, Any]:
    issuer = order["issuing_authority"] | {"kind": "prosecutor"}
    more = {"type": "epoc-pr", "deadline": "", "categories": ["subscriber"]}
    more |= {"emergency": True, "threat": "life", "emergency_reason": "Danger."}
    more |= {"ex_post_validation": True, "threshold": "", "conditions": []}
    return empty | order | more | {"issuing_authority": issuer}


def make_case(desk: Desk) -> None:
    """Everything but seal and witness."""
    desk.run("identity", "new", "--name", "Tess Tester", "--no-passphrase")
    desk.run("init", "case", "--case-id", "1", "--title", "t", "--encrypt")
    for name in ("order.pdf", "second.pdf", "f.txt"):
        (desk.folder / name).write_text(f"evidence {name}")
    empty, other = (
        json.loads(desk.run("authority", "template", "--type", kind).stdout)
        for kind in ("epoc", "epoc-pr")
    )
    order = epoc(empty)
    second = preserving(order, other)
    for name, value in (("epoc.json", order), ("pr.json", second)):
        (desk.folder / name).write_text(json.dumps(value))
    case = ("-C", "case")
    add = (*case, "authority", "add", "--from")
    desk.run(*add, "epoc.json", "--file", "order.pdf")
    desk.run(*add, "pr.json", "--file", "second.pdf")
    change = (*case, "authority")
    desk.run(
        *change, "validated", "AU-0002", "--result", "granted", "--at", ago(days=1)
    )
    question = (*change, "clarification", "AU-0001", "--at")
    desk.run(*question, ago(hours=20))
    desk.run(*question, ago(hours=10), "--answered")
    desk.run(*case, "acquire", "files", "f.txt", "--authority", "AU-0001")
    person = ("person", "add", "--category", "suspect", "--name", SECRETS[0])
    desk.run(*case, *person)
    why = ("--purpose", "court", "--because", "for the hearing")
    desk.run(*case, "person", "show", "PE-0001", *why)
    issue = ("--issue", "--check", "e-evidence")
    desk.run(*case, "report", "-o", "r.pdf", *issue)


def witness(desk: Desk, folder: Path) -> tuple[str, Path]:
    """Have a prosecutor countersign; return how to know them."""
    folder.mkdir()
    other = Desk(folder)
    role = ("--role", "prosecutor", "--no-passphrase")
    other.run("identity", "new", "--name", "Procura", *role)
    other.run("identity", "export", "-o", "procura.json")
    desk.run("identity", "export", "-o", "tess.json")
    desk.run("-C", "case", "witness", "request", "-o", "head.req")
    for name in ("head.req", "tess.json"):
        shutil.copy(desk.folder / name, folder / name)
    other.run("cosign", "head.req", "-o", "head.cosig", "--log", "tess.json")
    known = ("--witness", folder / "procura.json")
    desk.run("-C", "case", "witness", "add", folder / "head.cosig", *known)
    return known


def rows(value: dict[str, Any]) -> dict[str, str]:
    return {row["id"]: row["outcome"] for row in value["rows"]}


@needs_openssl
def test_a_complete_case_row_by_row(tmp_path: Path) -> None:
    desk = Desk(tmp_path / "desk")
    desk.folder.mkdir()
    make_case(desk)
    authority = new_authority()
    root = tmp_path / "root.pem"
    root.write_bytes(pem(authority.root))
    with serving(honest(authority, tmp_path / "tsa")) as server:
        desk.run("-C", "case", "seal", "--tsa", f"own={server.url}")
    known = witness(desk, tmp_path / "prosecutor")
    check = ("-C", "case", "check", "e-evidence")
    trust = ("--tsa-root", root, *known)
    value = desk.ask(*check, *trust)
    expected = {row: word for word, ids in COMPLETE.items() for row in ids.split()}
    assert rows(value) == expected
    assert value["missing"] == []
    assert value["counts"]["met"] == len(COMPLETE["met"].split())
    desk.ask(*check, *trust, "--strict")
    entries = {row["id"]: row["entries"] for row in value["rows"]}
    lines = [json.loads(line)["body"] for line in desk.lines()]
    for row, kind in (("9-1", "authority_add"), ("18-5", "report_issue")):
        assert kind in {lines[number]["type"] for number in entries[row]}

    # Without the verifier's own roots and witnesses time is not shown, nor met.
    bare = desk.ask(*check)
    changed = {row for row, word in rows(bare).items() if word != expected[row]}
    assert changed == {"13-4-time", "13-4-witness"}
    assert bare["missing"] == []
    strict = desk.ask(*check, "--strict", code=5)
    assert strict["missing"] == ["13-4-time", "13-4-witness"]

    # Without a custodian's key the orders are not shown, nor missing.
    locked = desk.ask(*check, CUSTODY_HOME=str(tmp_path / "nobody"))
    changed = {row for row, word in rows(locked).items() if word != expected[row]}
    sealed = {f"5-5-{letter}" for letter in "abcfhij"} | {"12-use", "13-2", "28"}
    assert changed == {*sealed, "13-4-access", "13-4-time", "13-4-witness"}

    runs = (desk.run("-C", "case", "check", name, code=None) for name in NAMES)
    told = "".join(run.stdout for run in runs)
    words = ["pdftotext", "-layout", str(desk.folder / "r.pdf"), "-"]
    text = subprocess.run(words, capture_output=True, check=True).stdout.decode()
    assert "Comparison with laws and standards" in text
    assert "no legal advice" in " ".join(text.split())
    assert "Art. 13(4)" in text
    for shown in (told, text, json.dumps(value)):
        assert not re.search(r"(?<!not )\b(in)?admissib", shown, re.IGNORECASE)
        assert not [secret for secret in SECRETS if secret in shown]
    assert "met\tArt. 13(4)\tConfidentiality" in told
    assert "MISSING\tArt. 4(1)(e), 5\t" in told
    assert "no legal advice" in told


@pytest.fixture
def small(tmp_path: Path) -> Desk:
    desk = Desk(tmp_path)
    desk.open_case()
    (tmp_path / "f.txt").write_text("evidence")
    desk.run("-C", "case", "acquire", "files", "f.txt")
    return desk


def test_a_failed_verification_comes_first(small: Desk) -> None:
    (payload,) = (small.case / "exhibits/EX-0001").glob("payload*")
    payload.chmod(0o600)
    payload.write_text("EVIDENCE")
    done = small.run("-C", "case", "check", "fre902", code=10)
    assert "The verification FAILS" in done.stderr
    assert "MISSING\t902(14)" in done.stdout


def test_time_and_names_are_checked(small: Desk) -> None:
    small.run("-C", "case", "check", "gdpr", code=2)
    small.run("-C", "case", "check", "led", "--at", "someday", code=32)
    early = small.ask("-C", "case", "check", "led", "--at", "2026-01-01", code=5)
    assert early["at"] == "2026-01-01T00:00:00.000000Z"
    before = small.lines()
    small.run("-C", "case", "check", "led", code=5)
    assert small.lines() == before
