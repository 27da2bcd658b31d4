"""What a verifier brings along: identities, roots, witnesses, a policy.

Trust comes from the verifier's side, never from what is verified (DESIGN 7): files
given on the command line, and the key store of this person.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, TypedDict, TypeVar

import click

from cli.witnesses import known_witnesses, witness_option

if TYPE_CHECKING:
    from cli.session import Session
    from manifests.verifying.judge import Anchors

_F = TypeVar("_F", bound=Callable[..., object])
_PATH = click.Path(path_type=Path, exists=True, dir_okay=False)
_MAX_ROOTS = 1 << 20


class Trust(TypedDict):
    """The options of `trust_options`, as commands receive them."""

    trusted: tuple[Path, ...]
    tsa_roots: tuple[Path, ...]
    given: tuple[str, ...]
    policy: Path | None


def trust_options(function: _F) -> _F:
    """Add the options that say whom the verifier relies on."""
    for option in (
        click.option(
            "--tsa-root",
            "tsa_roots",
            type=_PATH,
            multiple=True,
            help="Root certificate you trust for time, PEM or DER (repeatable).",
        ),
        click.option(
            "--policy",
            type=_PATH,
            help="Whose countersignatures suffice: a C2SP tlog-policy file.",
        ),
        witness_option,
        click.option(
            "--trust",
            "trusted",
            type=_PATH,
            multiple=True,
            help="Public identity you hold to be genuine (repeatable).",
        ),
    ):
        function = option(function)
    return function


def anchors(session: Session, trust: Trust, *, now: datetime | None) -> Anchors:
    """Return what to judge against.

    Args:
        now: the present time, to tell what has aged or lies ahead; None where the
            same case must give the same answer at any time.

    Raises:
        MalformedError: a file given is not what its option takes.
    """
    from evidence.identity import Identity
    from manifests.verifying.certificates import StampRoots
    from manifests.verifying.judge import Anchors
    from manifests.verifying.policy import MAX_POLICY_BYTES, read_policy

    paths, policy = trust["trusted"], trust["policy"]
    stamp_roots = tuple(_read(path, _MAX_ROOTS) for path in trust["tsa_roots"])
    StampRoots.from_bytes(*stamp_roots)  # refused now, not after hours of hashing
    given = [Identity.from_bytes(path.read_bytes()[: 1 << 16]) for path in paths]
    return Anchors(
        frozenset(identity.key for identity in given),
        frozenset() if paths else session.known_keys(),
        stamp_roots=stamp_roots,
        now=now,
        witnesses=known_witnesses(session, trust["given"], given),
        policy=read_policy(_read(policy, MAX_POLICY_BYTES)) if policy else None,
    )


def _read(path: Path, limit: int) -> bytes:
    """Return a file's bytes, one more than `limit` at most: what reads them refuses."""
    with path.open("rb") as stream:
        return stream.read(limit + 1)
