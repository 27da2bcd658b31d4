"""The table of error classes, for `custody errors`, the documentation and a test."""

from __future__ import annotations

import importlib
from collections.abc import Iterator

from manifests.errors import CustodyError

# Every module that defines error classes.
_MODULES = (
    "manifests.errors",
    "manifests.merkle",
    "evidence.access_errors",
    "evidence.authority_errors",
    "evidence.casework_errors",
    "evidence.consent_errors",
    "evidence.envelope_errors",
    "evidence.errors",
    "evidence.guiding_errors",
    "evidence.interchange_errors",
    "evidence.key_errors",
    "evidence.network_errors",
    "evidence.peer_errors",
    "evidence.people_errors",
    "evidence.reading",
    "evidence.report_errors",
    "evidence.retention_errors",
    "evidence.transfer_errors",
    "evidence.vault_errors",
    "evidence.witness_errors",
)


def _below(kind: type[CustodyError]) -> Iterator[type[CustodyError]]:
    for child in kind.__subclasses__():
        yield child
        yield from _below(child)


def error_classes() -> list[type[CustodyError]]:
    """Return every error class with a code of its own, by exit code and code."""
    for name in _MODULES:
        importlib.import_module(name)
    own = {kind for kind in _below(CustodyError) if "code" in vars(kind)}
    return sorted(own, key=lambda kind: (kind.exit_code, kind.code))
