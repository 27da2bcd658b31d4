"""Running the self-test, and its result as it is shown and recorded."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256

from evidence import clock
from evidence.case import CaseWriter
from evidence.selftest.answers import ANSWERS, NOT_AVAILABLE
from evidence.selftest.installed import (
    Installed,
    installed,
    platform_facts,
    requirements,
)
from evidence.selftest.parsers import SAMPLES
from evidence.tool import DISTRIBUTION, tool_facts
from manifests import canonical
from manifests.canonical import Json
from manifests.entries import Entry, EntryType


class Result(StrEnum):
    """Outcome of one check."""

    PASS = "pass"  # noqa: S105 - an outcome, not a password
    FAIL = "fail"
    NOT_CHECKED = "not checked"


@dataclass(frozen=True, slots=True)
class Checked:
    """One check: its group, its name, how it ended and, unless it passed, why."""

    group: str
    name: str
    result: Result
    why: str = ""


@dataclass(frozen=True, slots=True)
class SelfTest:
    """Everything one run found."""

    time: str
    checks: tuple[Checked, ...]
    versions: dict[str, str]

    @property
    def counts(self) -> Counter[Result]:
        """How many checks ended how."""
        return Counter(check.result for check in self.checks)

    def fields(self) -> dict[str, Json]:
        """The result as canonical JSON members (no host or user names)."""
        checks: list[Json] = [
            {
                "group": check.group,
                "name": check.name,
                "result": check.result.value,
                "why": check.why,
            }
            for check in self.checks
        ]
        versions: dict[str, Json] = {**self.versions}
        platform: dict[str, Json] = {**platform_facts()}
        return {
            "checks": checks,
            "format": "custody-selftest-1",
            "platform": platform,
            "time": self.time,
            "tool": tool_facts(),
            "versions": versions,
        }


def run(progress: Callable[[str], None] = lambda _name: None) -> SelfTest:
    """Run every check; none stops the others."""
    time = clock.now().time
    checks: list[Checked] = []
    for name, check in ANSWERS:
        progress(name)
        checks.append(_checked("known answers", name, check))
    for sample in SAMPLES:
        progress(sample.title)
        checks.append(_checked("parsers", sample.title, sample.check))
    versions: dict[str, str] = {}
    for name in (DISTRIBUTION, *requirements()):
        progress(name)
        found = installed(name)
        versions[name] = found.version
        checks.append(_files(found))
    return SelfTest(time, tuple(checks), versions)


def record(writer: CaseWriter, result: SelfTest) -> Entry:
    """Enter a result in the manifest: counts and digest in public, the rest sealed.

    Raises:
        StorageFailedError: it was not recorded.
    """
    fields, counts = result.fields(), result.counts
    digest = sha256(canonical.encode(fields, what="a self-test")).hexdigest()
    facts: dict[str, Json] = {
        "failed": counts[Result.FAIL],
        "kind": "selftest",
        "not_checked": counts[Result.NOT_CHECKED],
        "passed": counts[Result.PASS],
        "sha256": digest,
        "tool": tool_facts(),
    }
    return writer.record(EntryType.VERIFY, facts=facts, private={"selftest": fields})


def _checked(group: str, name: str, check: Callable[[], str]) -> Checked:
    try:
        why = check()
    except Exception as error:  # noqa: BLE001 - a check that raises has failed
        why = f"it raised {type(error).__name__}"
    if why == NOT_AVAILABLE:
        return Checked(group, name, Result.NOT_CHECKED, why)
    return Checked(group, name, Result.FAIL if why else Result.PASS, why)


def _files(found: Installed) -> Checked:
    group, title = "installed files", f"{found.name} {found.version}"
    if found.problem:
        return Checked(group, title, Result.NOT_CHECKED, found.problem)
    if found.altered:
        why = "altered or gone: " + ", ".join(found.altered)
        return Checked(group, title, Result.FAIL, why)
    return Checked(group, title, Result.PASS)
