"""Predicates on European orders: Regulation (EU) 2023/1543 Art. 2 to 9.

Each is asked for every EPOC and EPOC-PR of the case; the worst one decides the row.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from evidence.authority.instruments import CATEGORIES, IDENTIFICATION, Instrument
from evidence.authority.register import VALIDATED
from evidence.conformity.answers import FINE, SEALED, acts, each
from evidence.conformity.model import Answer
from manifests.entries import EntryType

if TYPE_CHECKING:
    from evidence.authority.order import Order
    from evidence.authority.register import Authority
    from evidence.conformity.dossier import Dossier
    from manifests.entries import Entry

NO_ORDER = "The case records no European order of this kind."
_JUDGES = frozenset({"judge", "court", "investigating-judge"})
_PROCEEDINGS = ("criminal", "sentence-execution")
HIGH = frozenset({"traffic", "content"})
_EPOC = Instrument.EPOC

Lack = Callable[["Authority"], str | None]


def _public(
    lack: Lack, good: str, *types: str, none: str = NO_ORDER
) -> Callable[[Dossier], Answer]:
    """Return a predicate on public facts of each order."""

    def judge(dossier: Dossier) -> Answer:
        return each(dossier.orders(*types), lack, good=good, none=none)

    return judge


def _sealed(
    lack: Callable[[Order], str | None],
    good: str,
    *types: str,
    none: str = NO_ORDER,
) -> Callable[[Dossier], Answer]:
    """Return a predicate on the sealed record of each order."""

    def judge(dossier: Dossier) -> Answer:
        def told(one: Authority) -> str | None:
            order = dossier.order(one)
            return SEALED if order is None else lack(order)

        return each(dossier.orders(*types), told, good=good, none=none)

    return judge


def _proceedings(one: Authority) -> str:
    known = one.text("proceedings") in _PROCEEDINGS
    return FINE if known else "criminal proceedings, or execution, are not recorded"


proceedings = _public(_proceedings, "The order says so.")


def _stored(one: Authority) -> str:
    received, until = one.time("received_at"), one.time("data_to")
    if not received:
        return "its receipt is not recorded, so nobody knows as of when data count"
    late = until and until[:10] > received[:10]
    return "asks for data of after its receipt" if late else FINE


stored = _public(_stored, "Receipt is recorded, and no later data are asked for.")


def _categories(one: Authority) -> str:
    named = one.words("categories")
    known = bool(named) and set(named) <= set(CATEGORIES)
    return FINE if known else "names no data category"


categories = _public(_categories, "Each order names its data categories.")


def data_categories(dossier: Dossier) -> Answer:
    """Each acquisition under an order has a category that the order covers."""
    orders = {item.label: item.thing for item in dossier.orders()}

    def lack(entry: Entry) -> str | None:
        one = orders.get(str(entry.body.get("authority")))
        if one is None:
            return None
        covered = entry.facts.get("category") in one.words("categories")
        return FINE if covered else f"is of a category {one.id} does not cover"

    return each(
        acts(dossier.evidence),
        lack,
        good="Each acquisition has a category its order covers.",
        none="No data were acquired under a European order.",
    )


def _is_emergency(one: Authority) -> bool:
    return one.facts.get("emergency") is True


def _threat(one: Authority) -> str | None:
    if not _is_emergency(one):
        return None
    return FINE if one.text("threat") else "does not say what is threatened"


threat = _public(
    _threat, "The threat is named.", none="No European order names an emergency."
)


def _issuer(one: Authority) -> str:
    issuer, validator = one.text("issuer"), one.text("validator")
    if not issuer:
        return "does not say what kind of authority issued it"
    if one.facts.get("ex_post_validation") is True:
        return FINE  # row 4-5 is about these
    low = one.rules is not None and set(one.words("categories")) <= one.rules.prosecutor
    competent = _JUDGES | {"prosecutor"} if low else _JUDGES
    if {issuer, validator} & competent:
        return FINE
    who = "a judge, court or prosecutor" if low else "a judge or court"
    return f"is neither issued nor validated by {who}"


issuer = _public(_issuer, "Issuer or validator is of a kind that may.")


def ex_post(dossier: Dossier) -> Answer:
    """Validation afterwards was sought within 48 hours; else the order is withdrawn."""
    notes = dossier.noted(VALIDATED)

    def lack(one: Authority) -> str | None:
        if one.facts.get("ex_post_validation") is not True:
            return None
        if one.validation == "refused":
            return _after_refusal(dossier, one)
        times = [
            str(note.facts.get("at"))
            for note in notes
            if note.facts.get("authority") == one.id
        ]
        if not one.validation_due:
            return "its time of issue is not recorded"
        if times:
            late = min(times) > one.validation_due
            return "validation was sought after 48 hours" if late else FINE
        if dossier.at <= one.validation_due:
            return None
        return f"validation had to be sought by {one.validation_due}"

    return each(
        dossier.orders(history=True),
        lack,
        good="Sought in time; what became of it is recorded.",
        none="No order waits for validation, or its 48 hours still run.",
    )


def _after_refusal(dossier: Dossier, one: Authority) -> str:
    """Art. 4(5): withdrawn at once, data deleted or their use restricted."""
    taken = {exhibit for entry in dossier.under(one) for exhibit in entry.exhibits}
    ended = {
        exhibit
        for entry in dossier.of(EntryType.ERASE, EntryType.RESTRICT)
        for exhibit in entry.exhibits
    }
    if not one.withdrawn_at:
        return "validation was refused and it is not withdrawn"
    left = taken - ended
    return "validation was refused and its data are in use" if left else FINE


def _threshold(one: Authority) -> str | None:
    if not HIGH & set(one.words("categories")):
        return None
    return FINE if one.text("threshold") else "names no threshold of the offence"


threshold = _public(
    _threshold,
    "The threshold it rests on is named.",
    _EPOC,
    none="No EPOC asks for traffic or content data.",
)


def _authority_named(order: Order) -> str:
    if not order.issuing_authority.name:
        return "the issuing authority is not named"
    other = order.validating_authority
    unnamed = other.kind and not other.name
    return "the validating authority is not named" if unnamed else FINE


authority_named = _sealed(_authority_named, "Issuing and validating authority: named.")
addressee = _sealed(
    lambda order: FINE if order.addressee.name else "the addressee is not named",
    "The addressee is named.",
)


def _identifier(order: Order) -> str | None:
    if set(order.categories) == {IDENTIFICATION}:
        return None
    return FINE if order.identifiers else "neither user nor identifier is given"


identifier = _sealed(
    _identifier,
    "A user or another unique identifier is given.",
    none="No order, or only such as are to identify the user.",
)


def _range(one: Authority) -> str | None:
    return FINE if one.time("data_from") or one.time("data_to") else None


time_range = _public(_range, "A time range is recorded.", none="No time range is set.")
provision = _sealed(
    lambda order: (
        FINE if order.provision or order.offence else "the provision is not given"
    ),
    "The provisions are given.",
)


def emergency_reasons(dossier: Dossier) -> Answer:
    """Art. 5(5)(g): an emergency is given reasons."""

    def lack(one: Authority) -> str | None:
        if not _is_emergency(one):
            return None
        order = dossier.order(one)
        if order is None:
            return SEALED
        return FINE if order.emergency_reason else "the emergency is given no reasons"

    return each(
        dossier.orders(_EPOC),
        lack,
        good="The reasons are given.",
        none="No EPOC names an emergency.",
    )


def _controller(order: Order) -> str:
    if not order.controller:
        return "controller or processor is not said"
    bare = order.controller == "processor" and not order.do_not_inform_controller
    return "addressed to a processor without justification" if bare else FINE


controller = _sealed(_controller, "It is said, with reasons where needed.", _EPOC)
necessity = _sealed(
    lambda order: (
        FINE if order.necessity else "necessity and proportionality are not shown"
    ),
    "Grounds are given.",
)
summary = _sealed(
    lambda order: FINE if order.summary else "the case is not summarised",
    "A summary is there.",
    _EPOC,
)


def _authentic(one: Authority) -> str:
    said = one.text("authentication")
    return FINE if said not in ("", "none") else "how it is authenticated is not said"


authentic = _public(
    _authentic, "Recorded as said; the signature on it was not verified here."
)
