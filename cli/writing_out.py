"""Files a verb writes for its user: the option that names one, and what is refused.

The same everywhere: nothing that exists is overwritten, a link counts as existing, and
nothing goes among the evidence of any case.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import click

_F = TypeVar("_F", bound=Callable[..., object])


def output_option(
    text: str, *, required: bool = True, name: str = "target"
) -> Callable[[_F], _F]:
    """Return the option ``-o``, ``--output``.

    Args:
        text: its help; name: of the argument that gets the path.
    """
    return click.option(
        "-o",
        "--output",
        name,
        required=required,
        type=click.Path(path_type=Path),
        help=text,
    )


def check_target(target: Path) -> None:
    """Refuse a file that may not be written, before any work or question.

    Raises:
        OutputForbiddenError: it would lie among the evidence of a case.
        OutputExistsError: something is there.
    """
    from evidence.case import is_among_evidence
    from evidence.errors import OutputExistsError, OutputForbiddenError

    if is_among_evidence(target):
        raise OutputForbiddenError(path=str(target))
    if target.exists() or target.is_symlink():
        raise OutputExistsError(path=str(target))


def write_out(target: Path, data: bytes) -> None:
    """Write a file for the user, durable and all or nothing.

    Raises:
        OutputForbiddenError, OutputExistsError: as `check_target`, looked at again.
        StorageFailedError: the system refused.
    """
    from manifests import durable

    check_target(target)
    durable.write_new(target, data)
