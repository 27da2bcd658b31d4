"""From the register of persons to its lines in the report: pseudonym and category."""

from __future__ import annotations

from collections.abc import Sequence

from evidence.case import Case
from evidence.people.person import Category
from evidence.people.register import KIND, read_register
from evidence.report.extras import Persons
from evidence.report.i18n import N_
from manifests.entries import Entry, EntryType

# Directive (EU) 2016/680, Article 6, points (a) to (d).
_WORDS = {
    Category.SUSPECT: N_("suspect (a)"),
    Category.CONVICTED: N_("convicted (b)"),
    Category.VICTIM: N_("victim, or presumed to be one (c)"),
    Category.OTHER: N_("other party (d)"),
}
_BY_CODE = {category.value: words for category, words in _WORDS.items()}
_UNREAD = N_("not available: the record cannot be read")
WORDS = frozenset((*_BY_CODE.values(), _UNREAD))  # all that can be said of one


def persons(case: Case, entries: Sequence[Entry], *, shown: bool) -> Persons:
    """Return how many persons are registered; who is what only where `shown`.

    Staff are not among them: they are in the table of keys. Names are never shown.
    """
    added = [
        entry
        for entry in entries
        if entry.type == EntryType.ANNOTATE
        and (entry.facts.get("kind"), entry.facts.get("act")) == (KIND, "add")
    ]
    if not shown:
        return Persons(len(added))
    lines = []
    for person in read_register(case, entries).people.values():
        if person.category == Category.STAFF:
            continue
        words = _BY_CODE.get(person.category, _UNREAD)
        lines.append((person.id, words, person.merged_into))
    return Persons(len(added), tuple(lines))
