"""`custody decision`: the decision log."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from cli import output
from cli.consulting import consult_first, consulting_options
from cli.session import Session, acting_options, session_options
from evidence.casework.words import ANSWERS, DECISIONS

if TYPE_CHECKING:
    from evidence.identity import Identity
    from manifests.entries import Entry
    from manifests.keys import Signer


@click.group(name="decision")
@session_options
def command() -> None:
    """The decision log: what was decided, why, and who else signed it.

    Numbers and kinds are public; every word is sealed.
    """


@command.command(name="add")
@click.option("--kind", required=True, type=click.Choice(DECISIONS), help="Public.")
@click.option("--decision", "text", default="", help="What was decided (sealed).")
@click.option("--reason", required=True, help="Why (sealed).")
@click.option("--facts", default="", help="What is relied on as fact (sealed).")
@click.option("--risk", default="", help="The assessment of risks (sealed).")
@click.option("--exhibit", "exhibits", multiple=True, help="About it (repeatable).")
@click.option("--with", "second", metavar="NAME", help="Second signature, at once.")
@acting_options
@session_options
@click.pass_obj
def add(
    session: Session,
    kind: str,
    text: str,
    reason: str,
    facts: str,
    risk: str,
    second: str | None,
    exhibits: tuple[str, ...],
) -> None:
    """Record a decision.

    With --with NAME another identity of this machine countersigns at once; at another
    machine it is 'custody decision endorse'.
    """
    from evidence.casework.decisions import Decision, check_second, decide

    named = tuple(dict.fromkeys(exhibit.upper() for exhibit in exhibits))
    decision = Decision(kind, text, reason, facts, risk, named)
    case = session.open_case()
    identity, signer = session.acting()
    other = session.open_key(second) if second else None
    with session.writing(case, identity, signer) as writer:
        if other:
            check_second(writer, other[0])
        entry = decide(writer, decision)
    number = str(entry.facts["number"])
    answered = _endorse(session, number, other, "agrees", "") if other else None
    if session.as_json:
        value = {
            "number": number,
            "entry": entry.seq,
            "endorsed": answered.seq if answered else None,
        }
        output.emit_json("decision", value)
        return
    output.say(f"Decision {number} recorded, entry {entry.seq}.")
    if answered:
        output.say(f"Countersigned, entry {answered.seq}.")


def _endorse(
    session: Session,
    number: str,
    acting: tuple[Identity, Signer],
    answer: str,
    reason: str,
) -> Entry:
    from evidence.casework.decisions import endorse

    with session.writing(session.open_case(), *acting) as writer:
        return endorse(writer, number, answer=answer, reason=reason)


@command.command(name="endorse")
@click.argument("number", metavar="DE-0001")
@click.option(
    "--answer",
    type=click.Choice(ANSWERS),
    default="agrees",
    show_default=True,
    help="Public; disagreeing needs a reason.",
)
@click.option("--reason", default="", help="Why (sealed); needed to disagree.")
@acting_options
@session_options
@click.pass_obj
def endorse_one(session: Session, number: str, answer: str, reason: str) -> None:
    """Countersign another person's decision, or disagree with it, once."""
    made = _endorse(session, number, session.acting(), answer, reason)
    if session.as_json:
        value = {"number": made.facts["number"], "entry": made.seq, "answer": answer}
        output.emit_json("decision-endorse", value)
    else:
        output.say(f"{made.facts['number']}: {answer}, entry {made.seq}.")


@command.command(name="list")
@click.option("--texts", is_flag=True, help="Show the sealed words, too.")
@consulting_options
@session_options
@click.pass_obj
def show_list(session: Session, texts: bool) -> None:
    """List the decisions with their answers.

    Showing the sealed words is a consultation and recorded first.
    """
    from evidence.casework.decisions import endorsements
    from evidence.casework.numbers import DECISION, numbered

    case = session.open_case()
    if texts:
        consult_first(session, case, "decisions")
    entries = list(case.entries())
    known, answers = numbered(entries, DECISION), endorsements(entries)
    shown = [
        {
            "number": number,
            "entry": found[0].seq,
            "time": found[0].time,
            "kind": str(found[0].facts.get("decision")),
            "answers": [
                {"entry": a.seq, "actor": a.actor, "answer": a.facts.get("answer")}
                for a in answers.get(found[0].seq, [])
            ],
            **({"sealed": case.sealed(found[0])} if texts else {}),
        }
        for number, found in known.found.items()
    ]
    if session.as_json:
        output.emit_json("decision-list", {"decisions": shown, "odd": known.odd})
        return
    for one in shown:
        told = answers.get(known.found[str(one["number"])][0].seq, [])
        said = ", ".join(str(a.facts.get("answer")) for a in told)
        head = f"{one['number']}  {one['time']}  {one['kind']}"
        output.say(f"{head}  {said or 'not countersigned'}")
        sealed = one.get("sealed")
        if isinstance(sealed, dict):
            pairs = [(k, str(v)) for k, v in sealed.items() if v and k != "salt"]
            output.fields(pairs)
    tell_odd(known.odd)


def tell_odd(odd: list[int]) -> None:
    """Warn of entries that claim a number out of turn."""
    for seq in odd:
        output.tell(f"Warning: entry {seq} claims a number out of turn; not used.")
