"""`custody consent`: what a person allowed, to whom, for what, and until when."""

from __future__ import annotations

from collections.abc import Callable
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from cli import output
from cli.consulting import consult_first, consulting_options
from cli.session import Session, acting_options, session_options
from cli.writing_out import output_option, write_out

if TYPE_CHECKING:
    from evidence.consent.ground import Consent
    from evidence.consent.ledger import ConsentLedger
    from manifests.entries import Entry

_F = TypeVar("_F", bound=Callable[..., object])
_FILE = click.Path(path_type=Path, dir_okay=False)
_NOTE = "In your or the person's words (sealed)."


@click.group(name="consent")
@session_options
def command() -> None:
    """What a person allowed, to whom, for what, and until when.

    Subjects and recipients are called by aliases (A1, ORG-2, PE-0001) or key ids, never
    by names: entries travel.
    """


def _many(
    name: str, dest: str, text: str, *, required: bool = False
) -> Callable[[_F], _F]:
    return click.option(
        name, dest, metavar="WORD", multiple=True, required=required, help=text
    )


@command.command(name="add")
@click.option("--subject", required=True, metavar="ALIAS", help="Who it is about.")
@_many("--scope", "scope", "'whole', EX-0001, or a kind such as chat (repeatable).")
@_many("--level", "levels", "What is allowed; see 'consent words'.", required=True)
@_many("--recipient", "recipients", "Alias or key id of who may get it (repeatable).")
@_many("--purpose", "purposes", "What for; see 'consent words' (repeatable).")
@click.option("--language", required=True, metavar="TAG", help="E.g. az, uz-Latn.")
@click.option(
    "--wording", type=_FILE, required=True, help="Text that was read or signed (UTF-8)."
)
@click.option("--form", type=_FILE, help="The signed form, scanned.")
@click.option(
    "--given-by",
    type=click.Choice(["self", "guardian", "representative"]),
    default="self",
    show_default=True,
    help="Who gave it.",
)
@click.option(
    "--age",
    type=click.Choice(["adult", "minor", "unknown"]),
    default="unknown",
    show_default=True,
    help="Where the age is unknown, the rules for minors hold.",
)
@click.option("--guardian", default="", metavar="ALIAS", help="Who gave it for them.")
@click.option(
    "--guardian-conflict",
    type=click.Choice(["none", "declared"]),
    help="Was asked: has the guardian a conflict of interest?",
)
@click.option(
    "--child-protection",
    default="",
    metavar="REASON",
    help="Basis to act for a minor without a guardian (sealed).",
)
@click.option(
    "--interpreter", default="", metavar="WHO", help="Who interpreted (sealed)."
)
@click.option(
    "--interpreter-conflict",
    type=click.Choice(["none", "declared"]),
    help="Was asked: has the interpreter a conflict of interest?",
)
@_many("--explained", "explained", "Risk that was explained, or 'all' (repeatable).")
@click.option("--given-at", default="", metavar="TIME", help="Default: now.")
@click.option("--review", default="", metavar="DAY", help="Default: in 180 days.")
@click.option("--valid-until", default="", metavar="DAY", help="Default: no end.")
@click.option(
    "--reflection",
    "reflection_days",
    metavar="DAYS",
    type=click.IntRange(0, 3650),
    default=0,
    help="Days during which nothing leaves yet.",
)
@click.option("--note", default="", help=_NOTE)
@acting_options
@session_options
@click.pass_obj
def add(session: Session, /, scope: tuple[str, ...], **given: Any) -> None:
    """Record a consent. Its wording and form become exhibits of kind 'document'.

    Whatever leaves later is refused unless a consent covers exactly these exhibits,
    this recipient and this purpose. The person may say no, and take it back.
    """
    from evidence.consent.recording import Wish, add_consent

    given["explained"] = _explained(given["explained"])
    for name in ("guardian_conflict", "interpreter_conflict"):
        given[name] = given[name] or ""
    exhibits, kinds = _scope(scope)
    wish = Wish(exhibits=exhibits, kinds=kinds, **given)
    case = session.open_case()
    identity, signer = session.acting()
    with session.writing(case, identity, signer) as writer:
        entry = add_consent(writer, wish)
    _tell(session, "consent-add", entry, "Consent {number} recorded")


def _explained(words: tuple[str, ...]) -> tuple[str, ...]:
    from evidence.consent.words import words as known

    return tuple(known().risks) if "all" in words else words


def _scope(words: tuple[str, ...]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return (exhibits, kinds) of what was typed; both empty for the whole case."""
    from evidence.consent_errors import ConsentUnsoundError

    if not words or words == ("whole",):
        if words:
            return (), ()
        reason = "--scope is missing: 'whole', exhibits, or kinds"
        raise ConsentUnsoundError(reason=reason)
    if "whole" in words:
        raise ConsentUnsoundError(reason="its scope is 'whole' and something else")
    exhibits = tuple(word.upper() for word in words if word.upper().startswith("EX-"))
    kinds = tuple(word for word in words if not word.upper().startswith("EX-"))
    return exhibits, kinds


def _tell(session: Session, verb: str, entry: Entry, text: str) -> None:
    facts = dict(entry.facts)
    if session.as_json:
        output.emit_json(verb, {"entry": entry.seq, **facts})
    else:
        number = str(facts.get("number"))
        output.say(f"{text.format(number=number)}, entry {entry.seq}.")


@command.command(name="withdraw")
@click.argument("number", metavar="CO-0001")
@_many("--exhibit", "exhibits", "Only for this exhibit (repeatable).")
@_many("--recipient", "recipients", "Only for this recipient (repeatable).")
@_many("--purpose", "purposes", "Only for this purpose (repeatable).")
@click.option("--at", default="", metavar="TIME", help="When they said so (now).")
@click.option("--note", default="", help=_NOTE)
@acting_options
@session_options
@click.pass_obj
def withdraw(
    session: Session,
    number: str,
    exhibits: tuple[str, ...],
    recipients: tuple[str, ...],
    purposes: tuple[str, ...],
    at: str,
    note: str,
) -> None:
    """Record that a person took a consent back, wholly or in part.

    From then on nothing more leaves on it. What was handed over before cannot be
    called back, and still verifies.
    """
    from evidence.consent.changing import Part, withdraw_consent

    part = Part(tuple(e.upper() for e in exhibits), recipients, purposes)
    case = session.open_case()
    identity, signer = session.acting()
    with session.writing(case, identity, signer) as writer:
        entry = withdraw_consent(writer, number.upper(), part=part, at=at, note=note)
    _tell(session, "consent-withdraw", entry, "Withdrawal of {number} recorded")


@command.command(name="no-contact")
@click.argument("recipients", metavar="ALIAS...", nargs=-1, required=True)
@click.option("--lift", is_flag=True, help="Take them off the list.")
@click.option("--note", default="", help=_NOTE)
@acting_options
@session_options
@click.pass_obj
def no_contact(
    session: Session, recipients: tuple[str, ...], lift: bool, note: str
) -> None:
    """Record who must never be contacted nor get anything, whatever a consent says.

    Give every name they go by: the alias and the id of each key.
    """
    from evidence.consent.changing import list_no_contact

    case = session.open_case()
    identity, signer = session.acting()
    with session.writing(case, identity, signer) as writer:
        entry = list_no_contact(writer, recipients, lifted=lift, note=note)
    if session.as_json:
        value = {"entry": entry.seq, "lifted": lift, "recipients": list(recipients)}
        output.emit_json("consent-no-contact", value)
    else:
        done = "taken off" if lift else "put on"
        output.say(f"{len(recipients)} {done} the no-contact list, entry {entry.seq}.")


@command.command(name="list")
@session_options
@click.pass_obj
def listing(session: Session) -> None:
    """List the consents of a case, with what they stand at now."""
    from evidence.clock import now

    ledger, at = _ledger(session), now().time
    if session.as_json:
        output.emit_json("consent-list", _as_json(ledger, at))
        return
    rows = [
        [c.id, c.subject, c.status(at), ", ".join(c.levels), _short(c.recipients)]
        for c in ledger.consents.values()
    ]
    output.table(["number", "subject", "status", "levels", "recipients"], rows)
    rows = [
        [d.number, d.subject, "lifted" if d.lifted_at else d.until]
        for d in ledger.deposits.values()
    ]
    if rows:
        output.title("Sealed while a person reflects")
        output.table(["number", "subject", "until"], rows)
    listed = ledger.situation.no_contact
    if listed:
        output.title("Never to be contacted")
        output.say(_short(listed))


def _ledger(session: Session) -> ConsentLedger:
    from evidence.consent.ledger import read_ledger

    return read_ledger(session.open_case())


def _short(names: tuple[str, ...]) -> str:
    return ", ".join(name[:16] for name in names) or "none"


def _as_json(ledger: ConsentLedger, at: str) -> dict[str, object]:
    return {
        "at": at,
        "consents": [_facts(c, at) for c in ledger.consents.values()],
        "deposits": [
            {
                "number": d.number,
                "subject": d.subject,
                "until": d.until,
                "exhibits": list(d.exhibits),
                "lifted_at": d.lifted_at or None,
            }
            for d in ledger.deposits.values()
        ],
        "no_contact": list(ledger.situation.no_contact),
    }


def _facts(consent: Consent, at: str) -> dict[str, object]:
    covered = consent.covered
    return {
        "number": consent.id,
        "entry": consent.entry,
        "status": consent.status(at),
        "subject": consent.subject,
        "minor": consent.minor,
        "given_by": consent.given_by,
        "levels": list(consent.levels),
        "purposes": list(consent.purposes),
        "recipients": list(consent.recipients),
        "whole": covered.whole,
        "exhibits": list(covered.exhibits),
        "kinds": list(covered.kinds),
        "language": consent.language,
        "explained": list(consent.explained),
        "form": consent.form or None,
        "given_at": consent.given_at,
        "review_at": consent.review_at,
        "valid_until": consent.valid_until or None,
        "reflection_until": consent.reflection_until or None,
        "withdrawn": [w.at for w in consent.withdrawals],
    }


@command.command(name="show")
@click.argument("number", metavar="CO-0001")
@click.option("--sealed", "with_sealed", is_flag=True, help="Show what is sealed.")
@consulting_options
@session_options
@click.pass_obj
def show(session: Session, number: str, with_sealed: bool) -> None:
    """Show one consent from its public facts.

    With --sealed also its sealed words; that is a consultation and recorded first.
    """
    from evidence.clock import now
    from evidence.consent_errors import ConsentUnknownError

    found = _ledger(session).consents.get(number.upper())
    if found is None:
        raise ConsentUnknownError(number=number[:12])
    facts = _facts(found, now().time)
    if with_sealed:
        facts["sealed"] = _opened(session, found)
    if session.as_json:
        output.emit_json("consent-show", facts)
        return
    output.title(f"Consent {found.id}")
    output.fields([(name.replace("_", " "), _value(v)) for name, v in facts.items()])


def _opened(session: Session, found: Consent) -> dict[str, object]:
    """Return the sealed record, once the look at it is recorded."""
    case = session.open_case()
    consult_first(session, case, "consent", facts={"consents": [found.id]})
    entry = next(islice(case.entries(), found.entry, None))
    return {k: v for k, v in case.sealed(entry).items() if v and k != "salt"}


def _value(value: object) -> str:
    if isinstance(value, dict):
        return "; ".join(f"{name}: {_value(v)}" for name, v in value.items())
    if isinstance(value, list):
        return ", ".join(map(str, value)) or "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "none" if value is None else str(value)


@command.command(name="words")
@session_options
@click.pass_obj
def closed_words(session: Session) -> None:
    """List the closed words: levels, purposes, and what has to be explained."""
    from evidence.consent.words import words

    known = words()
    if session.as_json:
        value = {
            "levels": dict(known.levels),
            "purposes": {name: list(v) for name, v in known.purposes.items()},
            "risks": dict(known.risks),
        }
        output.emit_json("consent-words", value)
        return
    output.title("Levels (--level)")
    output.fields(list(known.levels.items()))
    output.title("Purposes (--purpose), and the levels of which one is needed")
    output.fields([(name, ", ".join(v)) for name, v in known.purposes.items()])
    output.title("To be explained (--explained)")
    output.fields(list(known.risks.items()))


@command.command(name="text")
@click.option("--language", required=True, metavar="TAG", help="E.g. az, ru, uz.")
@click.option("--minor", is_flag=True, help="With the part for minors.")
@output_option("File to write (default: print).", required=False)
@session_options
@click.pass_obj
def text(session: Session, language: str, minor: bool, target: Path | None) -> None:
    """Print the shipped consent form and rights notice in one language.

    These are drafts: have local counsel check them before you use them.
    """
    from evidence.consent.texts import consent_text

    made = consent_text(language, minor=minor)
    if target is not None:
        write_out(target, made.text.encode("utf-8"))
    if session.as_json:
        value = {"language": made.language, "draft": True, "sha256": made.sha256}
        shown = {"file": str(target)} if target else {"text": made.text}
        output.emit_json("consent-text", {**value, **shown})
    elif target is None:
        for line in made.text.splitlines():
            output.say(line)
    else:
        output.say(f"Written: {target}, sha256 {made.sha256}.")
    output.tell("A draft: have local counsel check it before you use it.")
