"""`custody authority`: the legal grounds of a case."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cli import output
from cli.commands.authority_changes import (
    clarification,
    confirm,
    extend,
    validated,
    withdraw,
)
from cli.consulting import consult_first, consulting_options
from cli.session import Session, acting_options, session_options
from evidence.authority.instruments import CATEGORIES, Instrument
from evidence.authority.words import Kind, Threat, Threshold, choices

if TYPE_CHECKING:
    from collections.abc import Mapping

    from evidence.authority.order import Order
    from evidence.authority.register import Authority
    from evidence.case import Case
    from manifests.canonical import Json

_FILE = click.Path(path_type=Path, exists=True, dir_okay=False)
_TIME = "RFC 3339 with its zone, or a date (UTC)"
_TYPES = click.Choice([kind.value for kind in Instrument])
_ISSUERS = click.Choice(choices(Kind))
_THREATS = click.Choice(choices(Threat))
_THRESHOLDS = click.Choice(choices(Threshold))


@click.group(name="authority")
@session_options
def command() -> None:
    """Legal grounds: orders, warrants and other authorities that acts rest on."""


for _change in (withdraw, extend, confirm, validated, clarification):
    command.add_command(_change)


@command.command(name="template")
@click.option("--type", "kind", type=_TYPES, required=True, help="Instrument.")
@session_options
@click.pass_obj
def template(session: Session, kind: str) -> None:
    """Print an empty order as JSON, to fill in for 'authority add --from'."""
    del session  # what it prints is JSON either way
    from evidence.authority.order import template as empty

    for line in empty(Instrument(kind)).splitlines():
        output.say(line)


@command.command(name="add")
@click.option("--type", "kind", type=_TYPES, help="Instrument.")
@click.option("--reference", help="File number of the order (sealed).")
@click.option("--issued-by", help="Who issued it (sealed).")
@click.option("--issuer", type=_ISSUERS, help="What kind of authority issued it.")
@click.option("--validator", type=_ISSUERS, help="What kind of authority validated it.")
@click.option("--issued-at", metavar="TIME", help=f"When: {_TIME}.")
@click.option("--received-at", metavar="TIME", help="When it was received.")
@click.option("--valid-from", metavar="TIME", help="Covers acts from then on.")
@click.option("--valid-until", metavar="TIME", help="Covers acts until then.")
@click.option(
    "--category",
    "categories",
    type=click.Choice(CATEGORIES),
    multiple=True,
    help="Data it covers, Regulation (EU) 2023/1543 Art. 3 (repeatable).",
)
@click.option("--data-from", metavar="TIME", help="Covers data from then on.")
@click.option("--data-to", metavar="TIME", help="Covers data until then.")
@click.option(
    "--exhibit", "covers", metavar="EX-0001", multiple=True, help="Covers only these."
)
@click.option(
    "--recipient",
    "recipients",
    metavar="ALIAS",
    multiple=True,
    help="Lets exhibits out only to these: alias or key id (repeatable).",
)
@click.option(
    "--purpose",
    "purposes",
    metavar="WORD",
    multiple=True,
    help="Lets exhibits out only for this; see 'consent words' (repeatable).",
)
@click.option("--offence", help="Offence and provision (sealed).")
@click.option("--annex-iv", metavar="N", multiple=True, type=int, help="1-32; 3 = THB.")
@click.option("--threshold", type=_THRESHOLDS, help="2023/1543 Art. 5(4).")
@click.option("--emergency", "threat", type=_THREATS, help="Emergency, and its threat.")
@click.option("--ex-post", is_flag=True, help="To be validated afterwards, in 48 h.")
@click.option("--condition", "conditions", multiple=True, help="On use (sealed).")
@click.option("--file", type=_FILE, help="The order itself; becomes an exhibit.")
@click.option("--from", "source", type=_FILE, help="JSON; see 'authority template'.")
@acting_options
@session_options
@click.pass_obj
def add(
    session: Session, /, file: Path | None, source: Path | None, **fields: Any
) -> None:
    """Record a legal ground. It gets the next number, AU-0001.

    Options add to, or replace, what --from FILE holds. Names, numbers and texts are
    sealed; the type, categories, times and counts are public. An order that
    contradicts itself is refused: dates in the wrong order, a category its type cannot
    ground, and more (see 'custody errors', ORDER_...).
    """
    from evidence.authority.recording import add_authority

    order = _order(source, fields)
    case = session.open_case()
    identity, signer = session.acting()
    command_line = ("custody", *sys.argv[1:])
    with session.writing(case, identity, signer) as writer:
        added = add_authority(writer, order, file=file, command=command_line)
    if session.as_json:
        value = {
            "authority": added.number,
            "entry": added.entry.seq,
            "document": added.document or None,
            "facts": added.entry.facts,
        }
        output.emit_json("authority-add", value)
        return
    output.title(f"{added.number}  {order.type.value}")
    pairs = [("entry", str(added.entry.seq)), ("document", added.document or "none")]
    output.fields(pairs)
    if not session.quiet:
        output.tell(f"Name it with --authority {added.number}.")


def _order(source: Path | None, fields: dict[str, Any]) -> Order:
    """Return the order of a file and of the options beside it."""
    import msgspec

    from evidence.authority.order import MAX_BYTES, order_from, read_order

    value: dict[str, Any] = {}
    if source is not None:
        with source.open("rb") as stream:
            value = msgspec.to_builtins(read_order(stream.read(MAX_BYTES + 1)))
    elif not fields["kind"]:
        raise click.UsageError("Give --type TYPE or --from FILE.")
    for option, name in _PLAIN.items():
        given = fields[option]
        if given is not None and given != ():
            value[name] = list(given) if isinstance(given, tuple) else given
    if fields["threat"]:
        value["emergency"], value["threat"] = True, fields["threat"]
    if fields["ex_post"]:
        value["ex_post_validation"] = True
    issuing = value.setdefault("issuing_authority", {})
    if fields["issued_by"] is not None:
        issuing["name"] = fields["issued_by"]
    if fields["issuer"]:
        issuing["kind"] = fields["issuer"]
    if fields["validator"]:
        value.setdefault("validating_authority", {})["kind"] = fields["validator"]
    return order_from(value)


# Option to member of the order, where the one is simply the other.
_PLAIN = {
    "kind": "type",
    "reference": "reference",
    "issued_at": "issued_at",
    "received_at": "received_at",
    "valid_from": "valid_from",
    "valid_until": "valid_until",
    "categories": "categories",
    "data_from": "data_from",
    "data_to": "data_to",
    "covers": "covers",
    "recipients": "recipients",
    "purposes": "purposes",
    "offence": "offence",
    "annex_iv": "annex_iv",
    "threshold": "threshold",
    "conditions": "conditions",
}


@command.command(name="list")
@session_options
@click.pass_obj
def list_(session: Session) -> None:
    """List the legal grounds: what each covers, until when, and what became of it."""
    from evidence import clock

    case = session.open_case()
    found = _authorities(case)
    now = clock.now().time
    if session.as_json:
        value = [_public(one, now) for one in found.values()]
        output.emit_json("authority-list", {"authorities": value})
        return
    if not found:
        output.say("No authority is recorded.")
        return
    rows = [
        [
            one.id,
            one.text("type"),
            ", ".join(one.words("categories")),
            one.ends[:19] + "Z" if one.ends else "-",
            _state(one, now),
        ]
        for one in found.values()
    ]
    output.table(["no.", "type", "covers", "until (UTC)", "state"], rows)


@command.command(name="show")
@click.argument("number", metavar="AU-0001")
@click.option("--sealed", "with_sealed", is_flag=True, help="Show what is sealed.")
@consulting_options
@session_options
@click.pass_obj
def show(session: Session, number: str, with_sealed: bool) -> None:
    """Show a legal ground and what rests on it.

    With --sealed also its sealed details; that is a consultation and recorded first.
    """
    from evidence import clock
    from evidence.authority_errors import AuthorityUnknownError
    from evidence.narration import label, value_text

    case = session.open_case()
    one = _authorities(case).get(number.upper())
    if one is None:
        raise AuthorityUnknownError(authority=number)
    sealed: Mapping[str, Json] = {}
    if with_sealed:
        facts: dict[str, Json] = {"authorities": [one.id]}
        consult_first(session, case, "authority", facts=facts)
        record = case.sealed(one.entry)
        order = record.get("order") or record.get("ground")
        sealed = order if isinstance(order, dict) else {}
    now = clock.now().time
    uses = [e for e in case.entries() if e.body.get("authority") == one.id]
    if session.as_json:
        value = {
            **_public(one, now),
            "sealed": sealed if with_sealed else None,
            "grounds": [entry.seq for entry in uses],
        }
        output.emit_json("authority-show", value)
        return
    output.title(f"{one.id}  {one.title}")
    output.fields([("state", _state(one, now)), ("until", one.ends or "-")])
    told = [(label(k).lower(), value_text(v)) for k, v in one.facts.items()]
    told += [("offence", text) for text in _offences(one)]
    output.fields(told)
    if with_sealed:
        output.title("Sealed details")
    kept = [(k, v) for k, v in sealed.items() if _is_told(v) and v != one.facts.get(k)]
    output.fields([(label(k).lower(), value_text(_filled(v))) for k, v in kept])
    output.title("Grounds")
    output.say("  " + (", ".join(_use(e.seq, e.exhibits) for e in uses) or "nothing"))


def _offences(one: Authority) -> list[str]:
    from evidence.authority.offences import offence

    numbers = one.facts.get("annex_iv")
    listed = numbers if isinstance(numbers, list) else []
    return [offence(n) for n in listed if isinstance(n, int)]


def _use(seq: int, exhibits: tuple[str, ...]) -> str:
    return f"entry {seq} ({' '.join(exhibits) or '-'})"


def _is_told(value: Any) -> bool:
    return bool(_filled(value))


def _filled(value: Any) -> Any:
    """Leave away what an order does not fill in."""
    if isinstance(value, dict):
        return {k: _filled(v) for k, v in value.items() if _is_told(v)}
    return value


def _authorities(case: Case) -> dict[str, Authority]:
    from evidence.authority.register import authorities

    return authorities(case.entries())


def _state(one: Authority, now: str) -> str:
    """Say in words whether a ground is in force."""
    reasons = one.standing(now)
    texts = (r.text.removeprefix(f"{one.id} ").rstrip(".") for r in reasons)
    state = "; ".join(texts)
    extra = [word for word in ("extended", "confirmed") if getattr(one, word)]
    if one.validation:
        extra.append(f"validation {one.validation}")
    return (state or "in force") + (f" ({', '.join(extra)})" if extra else "")


def _public(one: Authority, now: str) -> dict[str, object]:
    return {
        "authority": one.id,
        "entry": one.entry.seq,
        "facts": one.facts,
        "ends": one.ends or None,
        "withdrawn_at": one.withdrawn_at or None,
        "extended": one.extended,
        "confirmed": one.confirmed,
        "validation": one.validation or None,
        "refusals": [reason.code for reason in one.standing(now)],
        "entries": list(one.log),
    }
