"""No test is left out unnoticed: with ``CUSTODY_NO_SKIPS`` set, a skip is a failure.

Tests skip where a program, a privilege or a feature of the platform is missing, which
suits a contributor's machine. ``.ci/run`` installs all of it and sets the variable;
then a skip fails, in a test, a fixture or a whole module, unless `ALLOWED` names its
reason and `Allowed.here` says that this machine really cannot.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

VARIABLE = "CUSTODY_NO_SKIPS"
REPOSITORY = Path(__file__).resolve().parents[1]
_CAP_SYS_ADMIN = 21  # linux/capability.h


def shared_folder() -> Path:
    """Where the real-world data is looked for."""
    default = REPOSITORY.parent / "shared" / "data"
    return Path(os.environ.get("CUSTODY_SHARED_DATA", default))


def _always() -> bool:
    return True


def _has_no_shared_data() -> bool:
    """True unless the folder is there, or somebody said that it is."""
    return "CUSTODY_SHARED_DATA" not in os.environ and not shared_folder().exists()


def _may_not_mount() -> bool:
    """True without the capability to mount, as root in most containers is."""
    status = Path("/proc/self/status")
    told = status.read_text() if status.exists() else ""
    found = re.search(r"^CapEff:\s*([0-9a-f]+)$", told, re.MULTILINE)
    return not (found and int(found[1], 16) >> _CAP_SYS_ADMIN & 1)


def _has_no_loop_devices() -> bool:
    return _may_not_mount() or not Path("/dev/loop-control").exists()


def _has_no_mldsa() -> bool:
    from manifests.postquantum import is_available

    return not is_available()


@dataclass(frozen=True)
class Allowed:
    """A reason for which a test may be left out even where everything is installed.

    Attributes:
        reason: regular expression; the whole reason of the skip has to match.
        why: why the machine cannot simply be given what is missing.
        here: whether it is true of this machine.
    """

    reason: str
    why: str
    here: Callable[[], bool] = _always


ALLOWED = (
    Allowed(
        r"this Pillow writes no (WebP|WEBP|AVIF)",
        "a wheel of Pillow has these or not; no package of the system adds them",
    ),
    Allowed(
        "no network name spaces here", "containers and hardened kernels refuse them"
    ),
    Allowed(
        "only root can mount a small file system",
        "root in a container is not allowed to mount",
        _may_not_mount,
    ),
    Allowed("no loop device here", "containers have none", _has_no_loop_devices),
    Allowed(
        "this installation has no ML-DSA-44",
        "the OpenSSL inside cryptography's wheel has it or not",
        _has_no_mldsa,
    ),
    Allowed("POSIX .*", "these tests are not for Windows", lambda: os.name == "nt"),
    Allowed(
        "not a git checkout: nothing says which files belong here",
        "an unpacked source distribution is tested, too",
        lambda: not (REPOSITORY / ".git").exists(),
    ),
    Allowed(
        "the shared real-world data is not beside this checkout",
        "the data is not ours to publish",
        _has_no_shared_data,
    ),
)


def is_allowed(reason: str, allowed: tuple[Allowed, ...] = ALLOWED) -> bool:
    """Whether a test may be left out for `reason` on this machine."""
    return any(re.fullmatch(one.reason, reason) and one.here() for one in allowed)


def _reason(report: pytest.TestReport | pytest.CollectReport) -> str:
    """Why it was skipped; pytest gives (path, line, "Skipped: reason")."""
    told = report.longrepr
    text = told[2] if isinstance(told, tuple) else str(told)
    return text.removeprefix("Skipped: ")


def _forbid(report: pytest.TestReport | pytest.CollectReport) -> None:
    """Turn a skip that is not allowed into a failure."""
    if not os.environ.get(VARIABLE) or report.outcome != "skipped":
        return
    if hasattr(report, "wasxfail") or is_allowed(reason := _reason(report)):
        return
    report.outcome = "failed"
    report.longrepr = (
        f"{report.nodeid} was skipped: {reason!r}. {VARIABLE} is set, so nothing may "
        "be missing here: install what it needs, or name the reason in tests/skips.py."
    )


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Iterator[None]:
    """Look at each phase of each test."""
    report: pytest.TestReport = yield
    _forbid(report)
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Iterator[None]:
    """Look at each module: `importorskip` and the like leave out all of it."""
    report: pytest.CollectReport = yield
    _forbid(report)
    return report
