"""A report beside the one composed again from its log: every leaf, and what differs.

What may differ is in `evidence.report.stated`, and is held to what the log says of it:
who acted is one name for each key, items are as many as were counted, words stand
where entries say there are some.
"""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from typing import TYPE_CHECKING, Any

from evidence.casework.losses import totals
from evidence.report.stated import stated
from evidence.report.words import NOT_SHOWN
from manifests.verifying.verdict import Axis, Code, Finding, Status

if TYPE_CHECKING:
    from evidence.report.attachments import Attachment
    from evidence.report.extras import Losses
    from evidence.report.model import CheckTable, Report, Statement
    from evidence.report.options import Options

    _Persons = tuple[tuple[str, str, str], ...] | None

_KEY = re.compile(r"(key [0-9a-f]{16})")
_PSEUDONYM = re.compile(r"PE-\d{4,}", re.ASCII)
_CONDITIONS = re.compile(r"(AU-\d{4,}): (\d+) condition", re.ASCII)
_POST_QUANTUM = re.compile(r" \d+ checkpoint\(s\) carry an ML-DSA-44 signature, too\.")
# Findings on the log that need more than the log.
_OUTSIDE = frozenset({Code.ROLLBACK, Code.POST_QUANTUM_UNCHECKED, Code.CHECKPOINT_LAGS})
_LOG_AXES = frozenset({Axis.CONSISTENT.value, Axis.SIGNED.value})
# Members that name who acted: a key where no sealed record tells more.
_ACTORS = frozenset(
    {
        "Event.actor", "Exhibit.examiner", "Statement.author", "LabelLine.author",
        "CaseworkLine.author", "CaseworkLine.answers", "AccessLine.who",
        "LossLine.author", "Span.holder",
    }
)  # fmt: skip
_NAMED = ", ".join


class Matching:
    """Walks two models side by side.

    Attributes:
        compared: how many figures and texts were compared; stated: members that
            differ and may.
    """

    def __init__(self, options: Options, told: Report, found: Report) -> None:
        self._options = options
        self._told, self._found = told, found
        self._names: dict[str, str] = {}
        self.findings: list[Finding] = []
        self.compared = 0
        self.stated: set[str] = set()
        self._own: Mapping[str, Callable[[Any, Any, str], None]] = {
            "Person.name": self._nothing,
            "Report.axes": self._axes,
            "Report.findings": self._findings,
            "Report.level": self._level,
            "Report.facts": self._statements,
            "Report.assessments": self._statements,
            "Report.not_acquired": self._not_acquired,
            "Report.conditions": self._conditions,
            "Report.attachments": self._nothing,
            "Exhibit.description": self._description,
            "Extras.losses": self._losses,
            "Persons.lines": self._persons,
            "Extras.thumbnails": self._thumbnails,
            "CheckTable.counts": self._nothing,
        }

    def run(self) -> None:
        """Compare the two."""
        self.compare(self._told, self._found, "")

    def compare(self, told: object, found: object, where: str) -> None:
        """Compare two values of one place."""
        if is_dataclass(told) and type(told) is type(found):
            self._members(told, found, where)
        elif isinstance(told, tuple) and isinstance(found, tuple):
            if len(told) != len(found):
                self._differ(where, f"{len(told)} lines", f"{len(found)}")
            for number, (one, other) in enumerate(zip(told, found, strict=False)):
                self.compare(one, other, f"{where}[{number}]")
        else:
            self._leaf(told, found, where)

    def compare_list(self, told: bytes, found: Attachment) -> None:
        """Compare an attached list of all rows with the one composed again."""
        rows = [*_rows(told)]
        others = [*_rows(found.content)]
        if len(rows) != len(others):
            self._differ(found.name, f"{len(rows)} lines", f"{len(others)}")
        for number, (row, other) in enumerate(zip(rows, others, strict=False), 1):
            place = f"{found.name}, row {number}"
            if len(row) != len(other):
                self._differ(place, f"{len(row)} cells", f"{len(other)}")
            for one, real in zip(row, other, strict=False):
                self._actor(one, real, place)

    def _members(self, told: Any, found: Any, where: str) -> None:
        kind = type(told).__name__
        if kind == "Person":
            self._person(told, found, where)
        if kind == "CheckTable":
            self._counts(told, where)
        for field in fields(told):
            place = f"{where}.{field.name}" if where else field.name
            member = f"{kind}.{field.name}"
            mine, other = getattr(told, field.name), getattr(found, field.name)
            if member in self._own:
                self._own[member](mine, other, place)
            elif member in _ACTORS:
                self._actor(mine, other, place)
            elif mine != other and stated(self._options, member):
                self.stated.add(member)
            else:
                self.compare(mine, other, place)

    def _leaf(self, told: object, found: object, where: str) -> None:
        self.compared += 1
        if told != found:
            self._differ(where, _short(told), _short(found))

    def _differ(self, where: str, told: str, found: str) -> None:
        text = f"The report says {told}; the log it carries says {found}."
        finding = Finding(Axis.CONSISTENT, Code.FIGURE_WRONG, where, text)
        self.findings.append(finding)

    def _nothing(self, told: object, found: object, where: str) -> None:
        """Compared elsewhere."""

    # -- who acted -----------------------------------------------------------------

    def _person(self, told: Any, found: Any, where: str) -> None:
        """Note whose key it is; a key has one name in the whole report."""
        key = f"key {found.key[:16]}"
        if told.name not in (None, found.name, key):
            self._name(key, told.name, f"{where}.name")

    def _name(self, key: str, name: str, where: str) -> None:
        known = self._names.setdefault(key, name)
        if known != name:
            self._differ(where, f"{_short(name)} for {key}", _short(known))
        elif not (name == key or self._options.named_staff or _is_pseudonym(name)):
            self._differ(where, _short(name), _short(key))
        if name != key:
            self.stated.add("Person.name")

    def _actor(self, told: str, found: str, where: str) -> None:
        """Compare texts in which a name may stand where the log has a key."""
        parts = _KEY.split(found)
        pattern = "".join(
            "(.{1,400}?)" if number % 2 else re.escape(part)
            for number, part in enumerate(parts)
        )
        match = re.fullmatch(pattern, told, re.DOTALL)
        self.compared += 1
        if match is None:
            self._differ(where, _short(told), _short(found))
            return
        for key, name in zip(parts[1::2], match.groups(), strict=True):
            self._name(key, name, where)

    # -- the verdict printed -------------------------------------------------------

    def _axes(self, told: Any, found: Any, where: str) -> None:
        known = {status.value for status in Status}
        if any(one.status not in known for one in told):
            self._differ(where, "a status that is none", "one of those there are")
        self.compare(told, found, where)

    def _findings(self, told: Any, found: Any, where: str) -> None:
        def log(lines: Any) -> set[tuple[str, str, str]]:
            return {
                (one.axis, one.code, one.subject)
                for one in lines
                if one.axis in _LOG_AXES and one.code not in _OUTSIDE
            }

        odd = log(told) ^ log(found)
        if odd:
            names = _NAMED(sorted(code for _, code, _ in odd))
            self._differ(where, "other findings on the log", names)
        axes, codes = {axis.value for axis in Axis}, {code.value for code in Code}
        if any(one.axis not in axes or one.code not in codes for one in told):
            self._differ(where, "a finding that is none", "those there are")

    def _level(self, told: str, found: str, where: str) -> None:
        """Compare but for what stands in the axes printed, which is stated."""
        text = found
        for axis in (Axis.TIMESTAMPED.value, Axis.WITNESSED.value):
            for one, other in zip(self._told.axes, self._found.axes, strict=False):
                if one.axis == other.axis == axis:
                    text = text.replace(other.explanation, one.explanation, 1)
        self._leaf(_POST_QUANTUM.sub("", told), _POST_QUANTUM.sub("", text), where)

    # -- words of sealed records ---------------------------------------------------

    def _description(self, told: str, found: str, where: str) -> None:
        """Whether there are words is sealed, too."""
        member = "Exhibit.description"
        if told == found:
            self.compared += 1
        elif told == NOT_SHOWN or stated(self._options, member):
            self.stated.add(member)
        else:
            self._differ(where, _short(told), _short(found))

    def _statements(self, told: Any, found: Any, where: str) -> None:
        """Compare notes; words of decisions stand among them where they are shown."""
        left = list(found)
        for number, one in enumerate(told):
            place = f"{where}[{number}]"
            if left and left[0].entry == one.entry:
                self.compare(one, left.pop(0), place)
            elif not self._is_typed(one):
                self._differ(place, f"entry {one.entry}", "no such words")
        if left:
            self._differ(where, "fewer", f"entry {left[0].entry}, too")

    def _is_typed(self, one: Statement) -> bool:
        """Tell whether a decision or interference item holds these words."""
        casework = self._told.casework  # compared with the log in its own place
        if not self._options.decisions:
            return False
        for line in (*(casework.decisions or ()), *(casework.interference or ())):
            if line.entry != one.entry:
                continue
            exhibits = {_NAMED(e.exhibits) for e in self._told.events}
            same = (one.time, one.author) == (line.time, line.author)
            self.stated.add("Statement.text")
            return same and one.exhibit in exhibits and line.number in one.remark
        return False

    def _not_acquired(self, told: Any, found: Any, where: str) -> None:
        """Compare the counts; items named are of those counted."""
        counted = tuple(one for one in told if one.item is None)
        self.compare(counted, found, where)
        named = [one for one in told if one.item is not None]
        if not named:
            return
        self.stated.add("NotAcquired.item")
        most = {(one.exhibit, one.outcome): one.count for one in found}
        for pair, number in Counter((n.exhibit, n.outcome) for n in named).items():
            real = most.get(pair, 0) if self._options.sources else 0
            if number > real or any(n.count != 1 for n in named):
                self._differ(where, f"{number} items {pair[1]} of {pair[0]}", f"{real}")

    def _conditions(self, told: Any, found: Any, where: str) -> None:
        """Compare; where sources are shown, a number may be spelled out in words."""
        left = list(told)
        for line in found:
            match = _CONDITIONS.match(line)
            if left and left[0] == line:
                left.pop(0)
            elif match is None or not stated(self._options, "Report.conditions"):
                self._differ(where, _short(left[0] if left else "fewer"), _short(line))
                return
            else:
                mine = [one for one in left if one.startswith(f"{match[1]}: ")]
                left = left[len(mine) :]
                self.stated.add("Report.conditions")
                if len(mine) != int(match[2]):
                    self._differ(where, f"{len(mine)} conditions", _short(line))
        self.compared += len(found)
        if left:
            self._differ(where, _short(left[0]), "no more")

    def _losses(self, told: Losses, found: Losses, where: str) -> None:
        self.compare(told.counts, found.counts, f"{where}.counts")
        self.compare(told.lines, found.lines, f"{where}.lines")
        if not stated(self._options, "Losses.unread"):
            self.compare(told.unread, found.unread, f"{where}.unread")
        sums: list[tuple[str, str, str]] = []
        for words, prefix in (("Presumed harm", "HA-"), ("Presumed proceeds", "PC-")):
            pairs = [
                (one.amount, one.currency)
                for one in told.lines or ()
                if one.number.startswith(prefix)
            ]
            sums += [(words, total, code) for code, total in totals(pairs).items()]
        self.compare(told.totals, tuple(sums), f"{where}.totals")

    def _persons(self, told: _Persons, found: _Persons, where: str) -> None:
        if told is None or found is None:
            self._leaf(told, found, where)
            return
        from evidence.report.persons import WORDS

        known = {line[0] for line in found}
        ids = [line[0] for line in told]
        merged = {line[2] for line in told} - {""}
        odd = (set(ids) | merged) - known
        words = {line[1] for line in told} - WORDS
        if odd or words or ids != sorted(set(ids)):
            self._differ(where, _short([*odd, *words, *ids][0]), "other persons")
        self.stated.add("Persons.lines")

    def _thumbnails(self, told: Any, _: object, where: str) -> None:
        wanted = self._options.thumbnails
        self._leaf(tuple(one.exhibit for one in told), wanted, where)
        self.stated |= {"Thumbnail.cells"} if told else set()

    def _counts(self, table: CheckTable, where: str) -> None:
        counts = Counter(line.outcome for line in table.lines)
        parts = [part for part in table.counts.split(", ") if part[:2] != "0 "]
        real = [f"{number} {word}" for word, number in counts.items()]
        self._leaf(sorted(parts), sorted(real), f"{where}.counts")


def _is_pseudonym(name: str) -> bool:
    return _PSEUDONYM.fullmatch(name) is not None


def _rows(data: bytes) -> list[list[str]]:
    text = io.StringIO(data.decode("utf-8", "replace"), newline="")
    try:
        return [*csv.reader(text, strict=True)]
    except csv.Error:
        return []


def _short(value: object) -> str:
    text = " ".join(str(value).split())
    return f"'{text[:120]}...'" if len(text) > 120 else f"'{text}'"
