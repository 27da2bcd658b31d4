"""Errors of authorities and of acts without one (codes: see `manifests.errors`)."""

from __future__ import annotations

from manifests.errors import InputError


class GroundRefusedError(InputError):
    """The legal ground of an act does not cover it.

    The fact ``refusals`` holds the codes, by spaces; they are those of `scope.Refusal`.
    """

    code = "GROUND_REFUSED"
    exit_code = 34
    template = "The act has no legal ground that covers it: {reason} ({refusals})."
    safe = "Nothing was recorded and nothing was changed."
    advice = (
        "Name another with --authority, or do it nonetheless with --override REASON, "
        "which is logged and printed on the report."
    )


class NoGroundError(InputError):
    """An act was asked for in a case that records no legal ground at all."""

    code = "GROUND_MISSING"
    exit_code = 34
    template = "The case records no legal ground for what is to be done."
    safe = "Nothing was recorded and nothing was changed."
    advice = (
        "Record it with 'custody authority add' (then --authority AU-0001), or do it "
        "at once with --override REASON, e.g. in an emergency."
    )


class GroundAmbiguousError(InputError):
    """Several grounds cover an act and none was named."""

    code = "GROUND_AMBIGUOUS"
    exit_code = 34
    template = "Several legal grounds cover the act: {grounds}."
    safe = "Nothing was recorded and nothing was changed."
    advice = "Name one with --authority, or set $CUSTODY_AUTHORITY."


class GroundUnknownError(InputError):
    """The case has no such legal ground."""

    code = "GROUND_UNKNOWN"
    exit_code = 37
    template = "The case has no legal ground {ground}."
    safe = "Nothing was recorded and nothing was changed."
    advice = "List them with 'custody authority list'; see $CUSTODY_AUTHORITY, too."


class OverrideRefusedError(InputError):
    """The reason of an override is no reason."""

    code = "OVERRIDE_REFUSED"
    exit_code = 34
    template = "The reason given for the override is {reason}."
    safe = "Nothing was recorded and nothing was changed."
    advice = "Say in a few words why the act cannot wait for its ground."


class OrderMalformedError(InputError):
    """A file with an order has not the form of its schema."""

    code = "ORDER_MALFORMED"
    exit_code = 31
    template = "The order cannot be read: {reason}."
    safe = "Nothing was recorded."
    advice = "Begin with 'custody authority template --type TYPE' and fill it in."


class OrderRefusedError(InputError):
    """An order contradicts itself or its instrument; each reason has its class."""

    exit_code = 32
    safe = "Nothing was recorded."


class DateUnreadableError(OrderRefusedError):
    """A time of an order is none."""

    code = "ORDER_DATE_UNREADABLE"
    template = "The order's {field} is no date and no time with its zone."
    advice = "Write 2026-03-01, 2026-03-01T09:30Z or 2026-03-01T09:30+02:00."


class DateImplausibleError(OrderRefusedError):
    """A time of an order is before any order this tool can know."""

    code = "ORDER_DATE_IMPLAUSIBLE"
    template = "The order's {field} is not in the years 2000 to 2999."
    advice = "Check the year."


class DateInFutureError(OrderRefusedError):
    """Something that has happened is dated later than now."""

    code = "ORDER_IN_FUTURE"
    template = "The order's {field} is later than now, {now}."
    advice = "Check the date, and this computer's clock."


class IssuedAfterReceivedError(OrderRefusedError):
    """An order was received before it was issued."""

    code = "ORDER_ISSUED_AFTER_RECEIVED"
    template = "The order was received before it was issued."
    advice = "Check both dates and their zones on the order."


class ValidityReversedError(OrderRefusedError):
    """An order ends before it begins or was issued."""

    code = "ORDER_VALIDITY_REVERSED"
    template = "The order's validity ends before it begins or was issued."
    advice = "Check --issued-at, --valid-from and --valid-until."


class DataRangeReversedError(OrderRefusedError):
    """The time range of the data ends before it begins."""

    code = "ORDER_DATA_RANGE_REVERSED"
    template = "The time range of the data ends before it begins."
    advice = "Exchange --data-from and --data-to, or correct them."


class DataNotStoredError(OrderRefusedError):
    """An order asks for data that did not exist when it was received."""

    code = "ORDER_DATA_NOT_STORED"
    template = (
        "The order asks for data from after it was received; only stored data "
        "can be asked for with it (2023/1543 Art. 3(8))."
    )
    advice = "Correct --data-to, or use an instrument for future data."


class CategoryMissingError(OrderRefusedError):
    """An order names no data category."""

    code = "ORDER_CATEGORY_MISSING"
    template = "The order names no data category."
    advice = "Give --category: subscriber, identification_only, traffic or content."


class CategoryNotGroundedError(OrderRefusedError):
    """An instrument cannot ground a data category at all."""

    code = "ORDER_CATEGORY_NOT_GROUNDED"
    template = "An authority of type {type} cannot ground {category} data ({law})."
    advice = "Check --category, or record the instrument that can ground it."


class IssuerNotCompetentError(OrderRefusedError):
    """Who issued an order may not ask for these data."""

    code = "ORDER_ISSUER_NOT_COMPETENT"
    template = (
        "A prosecutor or other authority cannot order {category} data with an "
        "authority of type {type} unless a judge or court validated it ({law})."
    )
    advice = (
        "Record who validated it in validating_authority.kind, or correct the category."
    )


class IssuerMissingError(OrderRefusedError):
    """An EPOC or EPOC-PR does not say what kind of authority issued it."""

    code = "ORDER_ISSUER_MISSING"
    template = "The order does not say what kind of authority issued it."
    advice = "Give --issuer judge, court, investigating-judge, prosecutor or other."


class ThresholdMissingError(OrderRefusedError):
    """An order lacks the threshold its data ask for."""

    code = "ORDER_THRESHOLD_MISSING"
    template = (
        "The order asks for {category} data without naming its threshold "
        "(2023/1543 Art. 5(4))."
    )
    advice = "Give --threshold, e.g. max-3-years."


class EmergencyNotKnownError(OrderRefusedError):
    """An instrument knows no emergency."""

    code = "ORDER_EMERGENCY_NOT_KNOWN"
    template = "An authority of type {type} knows no emergency procedure."
    advice = "Leave --emergency away, or record the instrument used."


class ThreatMissingError(OrderRefusedError):
    """An emergency without its threat, or the reverse."""

    code = "ORDER_THREAT_MISSING"
    template = (
        "An emergency and the threat it rests on go together (2023/1543 Art. 3(18))."
    )
    advice = (
        "Give --emergency with life, physical-integrity, safety or critical- "
        "infrastructure."
    )


class ExPostNotAllowedError(OrderRefusedError):
    """An order cannot be validated afterwards."""

    code = "ORDER_EX_POST_NOT_ALLOWED"
    template = (
        "The order cannot be validated afterwards: {reason} (2023/1543 Art. 4(5))."
    )
    advice = "Record who validated it, or correct the category."


class OffenceUnknownError(OrderRefusedError):
    """A number is none of Annex IV."""

    code = "ORDER_OFFENCE_UNKNOWN"
    template = "{number} is no offence of Annex IV; they are numbered from 1 to 32."
    advice = "Trafficking in human beings is 3."


class DelayWithoutGroundError(OrderRefusedError):
    """The person is not told yet, without one of the five grounds."""

    code = "ORDER_DELAY_WITHOUT_GROUND"
    template = (
        "Informing the person is put off without a ground of Directive (EU) "
        "2016/680 Art. 13(3)."
    )
    advice = "Give user_information.grounds in the JSON file."


class DeadlineMismatchError(OrderRefusedError):
    """The deadline of an order does not fit it."""

    code = "ORDER_DEADLINE_MISMATCH"
    template = (
        "The deadline {deadline} does not fit the order: 8 hours are for "
        "emergencies, and only an EPOC has one of these."
    )
    advice = "Correct --deadline or --emergency."


class ReferenceMissingError(OrderRefusedError):
    """An order has no reference."""

    code = "ORDER_REFERENCE_MISSING"
    template = "The order has no reference."
    advice = "Give --reference, the file number on the order."


class CoversUnknownError(OrderRefusedError):
    """An order is limited to an exhibit the case does not have."""

    code = "ORDER_EXHIBIT_UNKNOWN"
    template = "The order is limited to an exhibit that the case does not have."
    advice = "List the exhibits with 'custody log'."


class IdentifierTimeError(OrderRefusedError):
    """An IP address without its time."""

    code = "ORDER_IDENTIFIER_TIME"
    template = "An IP address of the order lacks the time or the time zone of its use."
    advice = "Give identifiers[].at and identifiers[].zone: addresses change hands."


class OutcomeFutureError(OrderRefusedError):
    """What became of an authority is dated later than now or before the authority."""

    code = "AUTHORITY_EVENT_TIME"
    template = "{authority} cannot have been {what} at that time: {reason}."
    advice = "Check --at, and this computer's clock."


class AuthorityUnknownError(InputError):
    """The case has no such authority."""

    code = "AUTHORITY_UNKNOWN"
    exit_code = 37
    template = "The case has no authority {authority}."
    safe = "Nothing was recorded."
    advice = "List them with 'custody authority list'."


class AuthorityChangeRefusedError(InputError):
    """An authority cannot be changed this way."""

    code = "AUTHORITY_CHANGE_REFUSED"
    exit_code = 32
    template = "{authority} cannot be changed so: {reason}."
    safe = "Nothing was recorded."
    advice = "See 'custody authority show' for what is recorded of it."


class BreachUnknownError(InputError):
    """The case has no such breach."""

    code = "BREACH_UNKNOWN"
    exit_code = 37
    template = "The case has no breach {breach}."
    safe = "Nothing was recorded."
    advice = "List them with 'custody deadlines'."
