"""Names in a report against the descriptions of keys it carries.

Neither is proved by the log, which holds no names; but a report that contradicts its
own attachments was not made by this program.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from evidence.identity import Identity
from evidence.report.model import Person
from manifests.errors import CustodyError
from manifests.verifying.verdict import Axis, Code, Finding

_BEGINS, _ENDS = "identity-", ".json"


def compare_names(
    people: tuple[Person, ...], attachments: Mapping[str, bytes]
) -> Iterator[Finding]:
    """Yield where a key has another name in print than in its description.

    Args:
        people: those the report lists; attachments: name to content.
    """
    printed = {person.key: person for person in people}
    for name, content in sorted(attachments.items()):
        if not (name.startswith(_BEGINS) and name.endswith(_ENDS)):
            continue
        key = name.removeprefix(_BEGINS).removesuffix(_ENDS)
        person, described = printed.get(key), _read(content)
        if described is None or described.key != key:
            text = "It is no description of the key it is named after."
        elif person is None:
            text = "The report lists nobody with this key."
        elif person.name != described.name:
            text = "It gives its key's holder another name than the report prints."
        elif person.organisation not in (None, described.organisation):
            text = "It names another organisation than the report prints."
        else:
            continue
        yield Finding(Axis.CONSISTENT, Code.FIGURE_WRONG, name, text)


def _read(content: bytes) -> Identity | None:
    try:
        return Identity.from_bytes(content)
    except CustodyError:
        return None
