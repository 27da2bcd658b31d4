"""`custody label`: handling codes, use restrictions, grades, quality."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, TypedDict, Unpack

import click

from cli import output
from cli.consulting import consult_first, consulting_options
from cli.session import Session, acting_options, session_options

if TYPE_CHECKING:
    from evidence.labels.history import Mark, Subject
    from manifests.entries import Entry

_SUBJECT = re.compile(
    r"(EX-[0-9]{4,9})(?:#([1-9][0-9]{0,14}))?", re.ASCII | re.IGNORECASE
)
_PURPOSE_HELP = "A purpose, see 'custody label sets' (repeatable)."


class _Given(TypedDict):
    """Options of `custody label add`."""

    wanted_set: str
    handling: tuple[str, ...]
    grade: str
    restrict: str
    not_for: tuple[str, ...]
    only_for: tuple[str, ...]
    only_to: tuple[str, ...]
    lift: tuple[str, ...]
    reason: str


class _LabelGroup(click.Group):
    """`custody label EX-0001 ...` is `custody label add EX-0001 ...`."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Take a first word that is an exhibit as the one to be labelled."""
        if args and _SUBJECT.fullmatch(args[0]):
            args = ["add", *args]
        return super().resolve_command(ctx, args)


@click.group(name="label", cls=_LabelGroup)
@session_options
def command() -> None:
    """Labels that travel: on an exhibit, or on one record of it (EX-0001#12).

    The newest label on each axis (handling, grade, restriction, quality) is in force;
    the earlier ones stay in the record. Labels bar disclosures; they allow none.
    """


def _subject(text: str) -> Subject:
    from evidence.labels.history import Subject

    match = _SUBJECT.fullmatch(text)
    if not match:
        raise click.UsageError("Name an exhibit (EX-0001) or a record (EX-0001#12).")
    return Subject(match[1].upper(), int(match[2] or 0))


@command.command(name="add")
@click.argument("subjects", metavar="EX-0001[#N]...", nargs=-1, required=True)
@click.option(
    "--set",
    "wanted_set",
    default="custody",
    show_default=True,
    help="Code set: a shipped one, or a TOML file of your own.",
)
@click.option("--handling", multiple=True, metavar="CODE", help="Code (repeatable).")
@click.option("--grade", default="", metavar="S/I", help="Source and information, B/2.")
@click.option("--restrict", default="", help="A use restriction in words (sealed).")
@click.option("--not-for", multiple=True, metavar="PURPOSE", help=_PURPOSE_HELP)
@click.option("--only-for", multiple=True, metavar="PURPOSE", help=_PURPOSE_HELP)
@click.option("--only-to", multiple=True, metavar="KIND", help="Kind of recipient.")
@click.option(
    "--lift",
    multiple=True,
    type=click.Choice(["handling", "grade", "restriction"]),
    help="Lift what is in force (repeatable).",
)
@click.option("--reason", default="", help="Why it changes (sealed).")
@acting_options
@session_options
@click.pass_obj
def add(
    session: Session,
    subjects: tuple[str, ...],
    **given: Unpack[_Given],
) -> None:
    """Label exhibits or records. Codes are public and travel; words are sealed.

    --restrict with --not-for, --only-for or --only-to is enforced by these closed
    words; without them a person has to decide at every disclosure.
    """
    from evidence.labels import words
    from evidence.labels.codes import Effect, open_set
    from evidence.labels.marking import Wanted, label

    bars = Effect(
        _words(given["not_for"], words.PURPOSES),
        _words(given["only_for"], words.PURPOSES),
        _words(given["only_to"], words.RECIPIENTS),
    )
    wanted = Wanted(
        given["handling"],
        given["grade"],
        given["restrict"],
        bars,
        given["lift"],
        given["reason"],
    )
    codes = open_set(given["wanted_set"])
    named = list(dict.fromkeys(_subject(text) for text in subjects))
    case = session.open_case()
    identity, signer = session.acting()
    with session.writing(case, identity, signer) as writer:
        entry = label(writer, named, wanted, codes)
    _told(session, entry)


def _words(given: tuple[str, ...], known: tuple[str, ...]) -> tuple[str, ...]:
    for word in given:
        if word not in known:
            raise click.UsageError(f"{word!r} is none of: {', '.join(known)}.")
    return tuple(word for word in known if word in given)


def _told(session: Session, entry: Entry) -> None:
    from evidence.narration import describe

    if session.as_json:
        value = {"entry": entry.seq, "exhibits": entry.exhibits, "facts": entry.facts}
        output.emit_json("label", value)
    else:
        output.say(f"{describe(entry)} Entry {entry.seq}.")


@command.command(name="quality")
@click.argument("exhibit", metavar="EX-0001")
@click.option("--accuracy", default="", help="accurate, partly-accurate, ...")
@click.option("--completeness", default="", help="complete, partial, unknown")
@click.option("--reliability", default="", help="reliable, partly-reliable, ...")
@click.option("--as-of", default="", metavar="DAY", help="Up to date for, 2026-01-31.")
@click.option("--basis", default="", help="What this rests on (sealed).")
@acting_options
@session_options
@click.pass_obj
def quality(
    session: Session,
    exhibit: str,
    accuracy: str,
    completeness: str,
    reliability: str,
    as_of: str,
    basis: str,
) -> None:
    """Note accuracy, completeness, reliability and up-to-dateness of the data.

    Directive (EU) 2016/680 Art. 7(2) asks for it before data is sent. It is an
    assessment, not a fact.
    """
    from evidence.labels.marking import note_quality
    from evidence.labels.words import QUALITY

    given = {
        "accuracy": accuracy,
        "completeness": completeness,
        "reliability": reliability,
    }
    for axis, word in given.items():
        if word:
            _words((word,), QUALITY[axis])
    case = session.open_case()
    identity, signer = session.acting()
    with session.writing(case, identity, signer) as writer:
        entry = note_quality(
            writer,
            _subject(exhibit).exhibit,
            words={axis: word for axis, word in given.items() if word},
            as_of=as_of,
            basis=basis,
        )
    _told(session, entry)


@command.command(name="list")
@session_options
@click.pass_obj
def show_list(session: Session) -> None:
    """List the labels in force."""
    from evidence.labels.history import in_force, marks

    standing = in_force(marks(session.open_case().entries()))
    found = [m for _, axes in sorted(standing.items()) for m in axes.values()]
    _show(session, found)


@command.command(name="show")
@click.argument("exhibit", metavar="EX-0001[#N]")
@click.option("--sealed", "with_sealed", is_flag=True, help="Show the sealed words.")
@consulting_options
@session_options
@click.pass_obj
def show_one(session: Session, exhibit: str, with_sealed: bool) -> None:
    """Show the labels in force on one exhibit or record.

    Showing their sealed words is a consultation and recorded first.
    """
    from evidence.labels.history import in_force, marks

    case = session.open_case()
    wanted = _subject(exhibit)
    standing = in_force(marks(case.entries()))
    found = [
        mark
        for subject, axes in sorted(standing.items())
        if subject == wanted
        or (not wanted.record and subject.exhibit == wanted.exhibit)
        for mark in axes.values()
    ]
    if not with_sealed:
        _show(session, found)
        return
    consult_first(session, case, "labels", exhibits=(wanted.exhibit,))
    sealed = {mark.entry.seq: case.sealed(mark.entry) for mark in found}
    _show(session, found, {seq: record.get("text") for seq, record in sealed.items()})


@command.command(name="history")
@click.argument("exhibit", metavar="EX-0001[#N]")
@session_options
@click.pass_obj
def history(session: Session, exhibit: str) -> None:
    """Show every label ever given to one exhibit or record, oldest first."""
    from evidence.labels.history import marks

    wanted = _subject(exhibit)
    found = [
        mark
        for mark in marks(session.open_case().entries())
        if mark.subject == wanted
        or (not wanted.record and mark.subject.exhibit == wanted.exhibit)
    ]
    _show(session, found)


def _show(
    session: Session, found: list[Mark], texts: dict[int, object] | None = None
) -> None:
    from evidence.labels.history import value_text

    words = texts or {}
    if session.as_json:
        labels = [
            {
                "subject": str(mark.subject),
                "axis": mark.axis,
                "value": mark.value,
                "entry": mark.entry.seq,
                "time": mark.entry.time,
                "set": mark.entry.facts.get("set"),
                **({"text": words[mark.entry.seq]} if words else {}),
            }
            for mark in found
        ]
        output.emit_json("label-list", {"labels": labels})
        return
    rows = [
        (str(m.subject), m.axis, str(m.entry.seq), m.entry.time[:19], value_text(m))
        for m in found
    ]
    output.table(("on", "axis", "entry", "time (UTC)", "label"), rows)
    for seq, text in words.items():
        if text:
            output.fields([(f"words of entry {seq}", str(text))])


@command.command(name="sets")
@session_options
@click.pass_obj
def sets(session: Session) -> None:
    """Show the shipped code sets, purposes and kinds of recipients."""
    from evidence.labels.codes import open_set, set_names
    from evidence.labels.history import effect_text
    from evidence.labels.words import PURPOSES, RECIPIENTS

    found = [open_set(name) for name in set_names()]
    if session.as_json:
        shown = [
            {
                **one.facts(),
                "title": one.title,
                "basis": one.basis,
                "note": one.note,
                "handling": {c: h.title for c, h in one.handling.items()},
                "source": dict(one.source),
                "information": dict(one.information),
            }
            for one in found
        ]
        value = {"sets": shown, "purposes": PURPOSES, "recipients": RECIPIENTS}
        output.emit_json("label-sets", value)
        return
    for one in found:
        output.title(f"{one.name} ({one.version}): {one.title}")
        output.fields([("basis", one.basis), ("note", one.note)])
        output.fields(
            [
                *[
                    (f"handling {code}", f"{h.title} [{effect_text(h.effect)}]")
                    for code, h in one.handling.items()
                ],
                *[(f"source {code}", title) for code, title in one.source.items()],
                *[(f"information {c}", title) for c, title in one.information.items()],
            ]
        )
    output.fields(
        [("purposes", ", ".join(PURPOSES)), ("recipients", ", ".join(RECIPIENTS))],
        indent=0,
    )
