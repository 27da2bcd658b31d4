"""What a forger can change in a report: every leaf, one at a time, told consistently.

The forger has a key and a certificate of their own, renders the report anew and puts
everything into it that belongs there. The log they cannot change.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from evidence.case import Case
from evidence.report import compose as composing
from evidence.report.attachments import Attachment
from evidence.report.making import attach, make_pdf
from evidence.report.matching import Matching
from evidence.report.model import Report
from evidence.report.options import Options
from evidence.report.received import Received, take_apart
from evidence.report.recorded import NAME, Recorded, _write, read_recorded
from evidence.report.refigured import embedded_case, own_figures, refigure
from evidence.report.stated import TABLE, stated
from evidence.report.verifying import as_attachment, check_report, compare_attachments
from evidence.report_errors import ReportModelError
from manifests.verifying.judge import Anchors
from manifests.verifying.verdict import Axis, Code, Status
from tests.desk import WHY, Desk
from tests.few import few
from tests.pdfattack import cover, rewritten

VARIANTS = ("full", "defence")


@dataclass(frozen=True)
class Made:
    """A report as its receiver has it."""

    path: Path
    received: Received
    recorded: Recorded

    @property
    def files(self) -> Mapping[str, bytes]:
        return {name: one.content for name, one in self.received.attachments.items()}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Made]:
    desk = Desk(tmp_path_factory.mktemp("forged"))
    desk.run("identity", "new", "--name", "Tess Tester", "--no-passphrase")
    ground = ("--authority-type", "own-initiative")
    desk.run("init", desk.case, "--case-id", "T 1", "--title", "A case", *ground)
    person = {"category": "victim", "names": ["May Rose"]}
    (desk.folder / "victim.json").write_text(json.dumps(person))
    (desk.folder / "one.txt").write_text("hello\n")
    for words in (
        ("person", "add", "--from", "victim.json"),
        ("acquire", "files", "one.txt", "--description", "the first"),
        ("note", "EX-0001", "--fact", "seen"),
        ("note", "EX-0001", "--assessment", "thought"),
        ("decision", "add", "--kind", "other", "--reason", "decided"),
        (
            "interference",
            "add",
            "--kind",
            "threat",
            "--at",
            "2026-01-02",
            "--fact",
            "met",
        ),
        (
            *("harm", "add", "--kind", "wages", "--known", "calculation"),
            *("--amount", "4711.25", "--currency", "EUR", "--exhibit", "EX-0001"),
        ),
    ):
        desk.run("-C", "case", *words)
    found = {}
    for variant in (*VARIANTS, "public"):
        path = desk.folder / f"{variant}.pdf"
        why = () if variant == "public" else WHY
        desk.run("-C", "case", "report", "-o", path, "--variant", variant, *why)
        received = take_apart(path.read_bytes())
        recorded = read_recorded(received.attachments[NAME].content)
        found[variant] = Made(path, received, recorded)
    return found


# -- changing every leaf -------------------------------------------------------------


def changed(value: Any) -> Iterator[tuple[str, str, Any]]:
    """Yield member, place and the value with that one leaf changed."""
    for field in fields(value):
        member = f"{type(value).__name__}.{field.name}"
        for inner, place, other in _changes(getattr(value, field.name), member):
            yield inner, f"{field.name}{place}", replace(value, **{field.name: other})


def _changes(value: Any, member: str) -> Iterator[tuple[str, str, Any]]:
    if is_dataclass(value):
        for inner, place, other in changed(value):
            yield inner, f".{place}", other
    elif isinstance(value, tuple):
        for number, one in enumerate(value):
            for inner, place, other in _changes(one, member):
                whole = (*value[:number], other, *value[number + 1 :])
                yield inner, f"[{number}]{place}", whole
        if value:
            yield member, "[without the last]", value[:-1]
            yield member, "[the first twice]", (value[0], *value)
    elif isinstance(value, bool):
        yield member, "", not value
    elif isinstance(value, int):
        yield member, "", value + 1
    elif value is None:
        yield member, "", "x"
    elif re.search(r"\d", value):
        at = re.search(r"\d", value).start()  # type: ignore[union-attr]
        digit = str((int(value[at]) + 1) % 10)
        yield member, "", value[:at] + digit + value[at + 1 :]
    else:
        yield member, "", f"{value}x"


def test_every_leaf_is_met() -> None:
    @dataclass(frozen=True)
    class Inner:
        number: int = 1

    @dataclass(frozen=True)
    class Outer:
        word: str = "a"
        inner: tuple[Inner, ...] = (Inner(), Inner(7))

    found = {place: other for _, place, other in changed(Outer())}
    assert found["word"] == Outer("ax")
    assert found["inner[1].number"] == Outer(inner=(Inner(), Inner(8)))
    assert found["inner[without the last]"] == Outer(inner=(Inner(),))
    assert len(found) == 5


def forgeries(recorded: Recorded) -> list[tuple[str, str, Recorded]]:
    """Every report with one leaf changed, in what it says or in what it was asked."""
    said = [
        (member, f"report.{place}", replace(recorded, report=report))
        for member, place, report in changed(recorded.report)
    ]
    asked = [
        (member, f"options.{place}", replace(recorded, options=options))
        for member, place, options in changed(recorded.options)
    ]
    return said + asked


@pytest.fixture
def composed_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Compose a report once for the same options and case."""
    kept: dict[Any, Any] = {}
    compose = composing.compose

    def once(case: Case, options: Options, *, anchors: Anchors) -> Report:
        key = (case.path, options)
        if key not in kept:
            kept[key] = compose(case, options, anchors=anchors)
        return kept[key]

    monkeypatch.setattr(composing, "compose", once)


def wrong(one: Made, forged: Recorded, case: Case) -> set[str]:
    """The codes of what fails."""
    try:
        forged = read_recorded(_write(forged))
    except ReportModelError:
        return {Code.MODEL_MALFORMED.value}
    found = refigure(case, forged, one.files).findings
    listed = compare_attachments(one.received, forged)
    return {f.code.value for f in (*found, *listed) if f.fails}


@pytest.mark.usefixtures("composed_once")
@pytest.mark.parametrize("variant", VARIANTS)
def test_what_a_forger_changes_is_found_or_listed_as_stated(
    made: dict[str, Made], variant: str
) -> None:
    one = made[variant]
    options, report = one.recorded.options, one.recorded.report
    passed: set[str] = set()
    unlisted: list[str] = []
    with embedded_case(report.origin, report.profile, one.files) as case:
        assert not wrong(one, one.recorded, case)
        for member, place, forged in forgeries(one.recorded):
            if wrong(one, forged, case):
                continue
            passed.add(member)
            if stated(options, member) is None:
                unlisted.append(f"{member} at {place}")
    assert not unlisted, "\n".join(unlisted)
    assert "Statement.text" in passed


@pytest.mark.parametrize("name", ["VERIFY.txt", "keys.json", "case.jsonld"])
def test_files_that_say_the_log_again_say_the_same(
    made: dict[str, Made], name: str
) -> None:
    one = made["defence"]
    report = one.recorded.report
    with embedded_case(report.origin, report.profile, one.files) as case:
        files = {**one.files, name: one.files[name] + b" "}
        found = refigure(case, one.recorded, files).findings
        other = replace(one.recorded, libraries=(("zlib", "0.1"),))
        (remark,) = refigure(case, other, files).findings
    assert [(f.code, f.subject) for f in found] == [("FIGURE_WRONG", name)]
    assert (remark.code, remark.subject, remark.fails) == (
        "FIGURES_UNCHECKED",
        name,
        False,
    )


def forged_pdf(one: Made, forged: Recorded, folder: Path) -> Path:
    """Render a report anew and attach to it what belongs there."""
    files = [
        as_attachment(name, carried)
        for name, carried in one.received.attachments.items()
        if name != NAME
    ]
    path = folder / "forged.pdf"
    path.write_bytes(make_pdf(forged.report, forged.options, files))
    return path


@pytest.mark.parametrize(
    "field", few(["synthetic", "supersedes", "withheld", "title"], kept=1)
)
def test_a_forged_report_rendered_anew(
    made: dict[str, Made], tmp_path: Path, field: str
) -> None:
    """The leaves above, with pages, attachments and all: one is stated."""
    one = made["full"]
    values = {
        "synthetic": True,
        "supersedes": "R-0000000000000000",
        "withheld": (),
        "title": "Another case",
    }
    report = replace(one.recorded.report, **{field: values[field]})
    path = forged_pdf(one, replace(one.recorded, report=report), tmp_path)
    verdict = check_report(path, anchors=Anchors()).verdict
    assert verdict.axes[Axis.INTACT].status is Status.PASS
    failed = {f.code.value for f in verdict.findings if f.fails}
    assert failed == (set() if field == "title" else {"FIGURE_WRONG"})
    told = " ".join(verdict.not_established)
    assert "the reference of the proceedings and the title of the case" in told


def test_a_list_of_all_rows_is_the_log_s(made: dict[str, Made]) -> None:
    """Names may stand where the log has a key; nothing else differs."""
    one = made["full"]
    key = f"key {one.recorded.report.founder.key[:16]}"
    rows = f"entry,by\r\n0,{key}\r\n1,{key}\r\n"
    again = Attachment("custody.csv", "text/csv", "Data", "Rows.", rows.encode())

    def codes(text: str) -> list[str]:
        report = one.recorded.report
        matching = Matching(one.recorded.options, report, report)
        matching.compare_list(text.encode(), again)
        return [f.subject for f in matching.findings]

    named = rows.replace(key, "Tess Tester")
    assert not codes(rows)
    assert not codes(named)
    assert codes(named.replace("1,Tess", "1,Eve")) == ["custody.csv, row 3"]
    assert codes(rows.replace("1,", "2,")) == ["custody.csv, row 3"]
    assert codes(f"{rows}2,{key}\r\n") == ["custody.csv"]


@pytest.mark.parametrize("lied", [False, True])
def test_pages_of_another_version_are_compared_by_their_text(
    made: dict[str, Made], tmp_path: Path, *, lied: bool
) -> None:
    """Drawn otherwise, nothing can be said of it; worded otherwise, it fails."""
    one = made["defence"]
    old = replace(one.recorded, libraries=(("zlib", "0.1"),))
    files = [
        as_attachment(name, carried)
        for name, carried in one.received.attachments.items()
        if name != NAME
    ]
    own = replace(
        as_attachment(NAME, one.received.attachments[NAME]), content=_write(old)
    )
    drawn = old.report
    if lied:
        exhibit = replace(drawn.exhibits[0], sha256="0" * 64)
        drawn = replace(drawn, exhibits=(exhibit,))
    path = tmp_path / "old.pdf"
    path.write_bytes(rewritten(attach(drawn, [*files, own]), cover))
    verdict = check_report(path, anchors=Anchors()).verdict
    codes = {f.code.value for f in verdict.findings} - {"REPORT_UNSIGNED"}
    if lied:
        assert verdict.axes[Axis.INTACT].status is Status.FAIL
        assert codes == {"PAGES_DIFFER"}
    else:
        assert verdict.axes[Axis.INTACT].status is Status.NOT_CHECKED
        assert codes == {"PAGES_BY_TEXT"}


def test_one_act_cannot_be_given_to_somebody_else(made: dict[str, Made]) -> None:
    """Names are stated; that one key is one person is not."""
    one = made["full"]
    report = one.recorded.report
    events = (*report.events[:-1], replace(report.events[-1], actor="Eve Else"))
    forged = replace(one.recorded, report=replace(report, events=events))
    with embedded_case(report.origin, report.profile, one.files) as case:
        (found,) = refigure(case, forged, one.files).findings
    assert found.code == "FIGURE_WRONG"
    assert "Eve Else" in found.text


def test_a_report_without_a_log_states_everything_but_what_it_was_asked(
    made: dict[str, Made],
) -> None:
    one = made["public"]
    verdict = check_report(one.path, anchors=Anchors()).verdict
    assert verdict.axes[Axis.CONSISTENT].status is Status.NOT_CHECKED
    assert not own_figures(one.recorded)
    report = one.recorded.report
    for other in (
        replace(report, withheld=()),
        replace(report, report_id="R-0000000000000000"),
        replace(report, size=report.size + 1),  # the number is derived from it
        replace(report, classification="SECRET"),
        replace(report, extras=replace(report.extras, contact="Room 5")),
    ):
        assert own_figures(replace(one.recorded, report=other))


def test_a_report_whose_log_was_taken_out_fails(
    made: dict[str, Made], tmp_path: Path
) -> None:
    from evidence.report.attaching import Attached, with_attachments

    one = made["defence"]
    kept = {"VERIFY.txt", NAME}
    attachments = {n: c for n, c in one.received.attachments.items() if n in kept}
    bare = replace(one, received=replace(one.received, attachments=attachments))
    guide = as_attachment("VERIFY.txt", attachments["VERIFY.txt"])
    report = with_attachments(one.recorded.report, Attached([guide]))
    path = forged_pdf(bare, replace(one.recorded, report=report), tmp_path)
    found = check_report(path, anchors=Anchors()).verdict
    failed = {f.code.value for f in found.findings if f.fails}
    assert failed == {"ATTACHMENT_MISSING"}


def test_options_that_no_report_has_are_a_finding(made: dict[str, Made]) -> None:
    one = made["defence"]
    report = one.recorded.report
    for name, value in (("variant", "none"), ("checks", ("none",)), ("only", ("x",))):
        options = replace(one.recorded.options, **{name: value})
        forged = replace(one.recorded, options=options)
        with embedded_case(report.origin, report.profile, one.files) as case:
            found = refigure(case, forged, one.files).findings
        assert {f.code.value for f in found} == {"FIGURES_UNCHECKED"}, name
        assert found[0].fails


def test_the_table_of_the_specification_is_the_one_the_verifier_uses() -> None:
    text = (Path(__file__).parents[4] / "docs/spec/report-v1.md").read_text("utf-8")
    rows = [
        f"| {', '.join(f'`{member}`' for member in row.members)} | {row.reason} | "
        f"{row.bound or '-'} |"
        for row in TABLE
    ]
    missing = [row for row in rows if row not in text]
    assert not missing, "\n".join(rows)
