"""Entries in plain words, for the log, the timeline and the report alike."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from evidence.annotating import describe_annotation
from evidence.datatimes import in_words
from evidence.odd_names import WORDS
from evidence.peers.telling import peer_pairs
from evidence.retention.telling import describe_retention
from evidence.transfer.telling import describe_handing, describe_lineage
from manifests.canonical import Json
from manifests.entries import Entry, EntryType
from manifests.warrants import APPROVALS

KINDS = {
    "chat": "Chat export",
    "screenshot": "Screenshot",
    "disk": "Disk artefact",
    "files": "Files",
    "document": "Document",
}
_RECIPIENTS = {
    "recipient_add": "A {kind} may decrypt the case.",
    "recipient_remove": "A {kind} is left out when keys are encrypted from now on.",
}
PARSE_WORDS = {
    "parsed": "parsed completely",
    "partial": "parsed in part",
    "not-recognised": "not recognised (kept as it is)",
    "failed": "parser failed (kept as it is)",
}


def size_text(count: int) -> str:
    """Return bytes with thousands separators and, from 1 KiB, a rounded unit."""
    text = f"{count:,} bytes" if count != 1 else "1 byte"
    value, unit = float(count), ""
    for name in ("KiB", "MiB", "GiB", "TiB"):
        if value < 1024:
            break
        value, unit = value / 1024, name
    return f"{text} ({value:.1f} {unit})" if unit else text


def counted(number: int, one: str, many: str | None = None) -> str:
    """Return a number with its noun: "1 record", "2 records"."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def label(key: str) -> str:
    """Return a fact's key as a label: ``messages_total`` gives "Messages total"."""
    words = key.replace("_", " ").replace("-", " ")
    return words[:1].upper() + words[1:]


def value_text(value: Json, *, grouped: bool = True) -> str:
    """Return a fact's value in words.

    Args:
        grouped: write numbers with thousands separators (counts, not identifiers).
    """
    if value is None:
        return "unknown"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}" if grouped else str(value)
    if isinstance(value, list):
        return "; ".join(value_text(v, grouped=grouped) for v in value) or "none"
    if isinstance(value, dict):
        pairs = (f"{k} {value_text(v, grouped=grouped)}" for k, v in value.items())
        return "{" + ", ".join(pairs) + "}"
    return value


def outcome_text(facts: Mapping[str, Json]) -> str:
    """Return the outcome counts of an acquire entry, e.g. "acquired 5, missing 1"."""
    outcomes = facts.get("outcomes")
    if not isinstance(outcomes, dict) or not outcomes:
        return "none"
    return ", ".join(f"{name} {value_text(n)}" for name, n in sorted(outcomes.items()))


def summary_pairs(facts: Mapping[str, Json]) -> list[tuple[str, str]]:
    """Return label and value pairs of an acquire entry's public facts."""
    pairs = [("Outcomes", outcome_text(facts))]
    odd = facts.get("odd_names")
    if isinstance(odd, dict):
        told = (f"{value_text(n)} {WORDS.get(kind, kind)}" for kind, n in odd.items())
        pairs.append(("Odd names", "; ".join(told)))
    if dated := in_words(facts.get("data_range")):
        pairs.append(("Time range", dated))
    parse = facts.get("parse")
    if isinstance(parse, dict):
        word = str(parse.get("outcome"))
        pairs.append(("Content", PARSE_WORDS.get(word, word)))
        public = parse.get("public")
        if isinstance(public, dict):
            # A count of zero says nothing; an outcome of zero is no outcome.
            kept = {k: v for k, v in public.items() if v != 0 or v is False}
            pairs += [(label(k), value_text(v)) for k, v in kept.items()]
    return pairs + peer_pairs(facts)


def kind_text(facts: Mapping[str, Json]) -> str:
    """Return the kind of an exhibit in words."""
    kind = str(facts.get("kind"))
    return KINDS.get(kind, kind)


def describe(entry: Entry) -> str:
    """Return a sentence or two on an entry, from its public facts only."""
    return _describe(entry) + describe_basis(entry.facts)


def describe_basis(facts: Mapping[str, Json]) -> str:
    """Say what the legal ground of an act did not cover."""
    override, doubts = facts.get("override"), facts.get("ground_doubts")
    text = ""
    if isinstance(override, dict):
        codes = value_text(override.get("refusals"))
        text += f" OVERRIDDEN: {codes}; the reason is sealed."
    if isinstance(doubts, list) and doubts:
        text += f" Legal basis in doubt: {value_text(doubts)}."
    return text


def _describe(entry: Entry) -> str:
    facts = entry.facts
    by_type = _BY_ENTRY.get(entry.type)
    if by_type is not None:
        return by_type(entry)
    match entry.type:
        case EntryType.CASE_OPEN:
            synthetic = " (synthetic training data)" if facts.get("synthetic") else ""
            return f"Case opened{synthetic}."
        case EntryType.AUTHORITY_ADD:
            number, kind = facts.get("number"), facts.get("type")
            covers = value_text(facts.get("categories"))
            return f"Authority {number} recorded: {kind}, for {covers} data."
        case EntryType.ACQUIRE:
            return _describe_acquire(facts)
        case EntryType.ANNOTATE | EntryType.RECTIFY | EntryType.CORRECTION_NOTICE:
            return _describe_note(entry)
        case EntryType.RECOVERY:
            return _describe_recovery(facts)
        case EntryType.REPORT_ISSUE:
            return f"Report {facts.get('report')} issued."
        case _:
            return _describe_by_kind(entry)


def _describe_by_kind(entry: Entry) -> str:
    facts = entry.facts
    match entry.type, facts.get("kind"):
        case EntryType.VERIFY, "selftest":
            return (
                f"Self-test of the tool: {value_text(facts.get('passed'))} checks "
                f"passed, {value_text(facts.get('failed'))} failed, "
                f"{value_text(facts.get('not_checked'))} not checked."
            )
        case EntryType.IDENTIFY, "referral":
            outcome, to = facts.get("outcome"), str(facts.get("recipient"))[:16]
            why = facts.get("reason")
            return f"Referred to {to}, not copied ({why}): {outcome}."
        case EntryType.RENEW, "rehash":
            files = value_text(facts.get("files"))
            return f"Digests of {files} files renewed by SHA-512."
        case EntryType.RENEW, "timestamps":
            return "Time stamps put under a new one."
        case _:
            return label(entry.type) + "."


def _describe_consult(entry: Entry) -> str:
    facts = entry.facts
    kind = facts.get("kind")
    if kind == "person":
        return f"Register of persons consulted: {value_text(facts.get('persons'))}."
    purpose = facts.get("purpose") or "no purpose given"
    return f"Sealed content looked at: {kind}, for {purpose}."


def _describe_recovery(facts: Mapping[str, Json]) -> str:
    if facts.get("restored") is True:
        known = facts.get("known_size")
        return f"Restored from an older state; {known} entries had been vouched for."
    items = facts.get("quarantined")
    count = len(items) if isinstance(items, list) else 0
    return f"Interrupted work tidied: {count} item(s) moved to quarantine."


def _describe_consent(entry: Entry) -> str:
    facts = entry.facts
    number = facts.get("number")
    if entry.type == EntryType.CONSENT_ADD:
        return f"Consent {number} recorded: {value_text(facts.get('levels'))}."
    part = " in part" if facts.get("part") else ""
    return f"Consent {number} withdrawn{part}, from {facts.get('at')} on."


def _describe_disclosure(entry: Entry) -> str:
    """Say what left, to whom, and whether a ground covered it."""
    facts = entry.facts
    told = facts.get("exhibits")
    given = [
        f"{item.get('exhibit')} ({value_text(item.get('records'))} records, "
        f"{value_text(item.get('withheld'))} withheld, payload "
        f"{value_text(item.get('payload'))}"
        f"{', IN CLEAR)' if item.get('in_clear') is True else ')'}"
        for item in (told if isinstance(told, list) else [])
        if isinstance(item, dict)
    ]
    text = f"Disclosed {'; '.join(given)} to {str(facts.get('recipient'))[:16]}"
    text += f" for {facts.get('purpose')}"
    return text + "."


def _describe_wish(facts: Mapping[str, Json]) -> str:
    """Say what a person asked for beside a consent."""
    number = facts.get("number")
    match facts.get("kind"):
        case "deposit":
            until, subject = facts.get("until"), facts.get("subject")
            return f"{number}: kept sealed until {until} while {subject} reflects."
        case "deposit_lift":
            return f"Reflection period {number} ended early by the person."
        case _:
            word = "taken off" if facts.get("lifted") is True else "put on"
            return f"Recipients {word} the no-contact list."


_CONSENT_NOTES = frozenset({"deposit", "deposit_lift", "no_contact"})


def _describe_note(entry: Entry) -> str:
    facts = entry.facts
    kind = facts.get("kind")
    if entry.type == EntryType.ANNOTATE and kind in APPROVALS:
        word = "approved" if kind == "approval" else "refused"
        return f"Entry {value_text(facts.get('seq'))} {word} by a second person."
    if kind in _CONSENT_NOTES:
        return _describe_wish(facts)
    told = describe_retention(entry) or _describe_holder(facts)
    told = told or _describe_people(entry) or describe_annotation(entry)
    if told := told or describe_handing(entry):
        return told
    if str(kind).startswith("authority_"):
        done = str(kind).removeprefix("authority_").replace("_", " ")
        result = f" ({facts['result']})" if "result" in facts else ""
        return f"Authority {facts.get('authority')} {done}{result}, {facts.get('at')}."
    if kind == "breach":
        known = facts.get("known_at")
        return f"Breach {facts.get('number')} recorded, known since {known}."
    if kind == "breach_notified":
        return f"Breach {facts.get('breach')} notified, {facts.get('at')}."
    if entry.type == EntryType.ANNOTATE:
        return f"Note added ({kind}); its text is sealed."
    return label(entry.type) + "."


def _describe_holder(facts: Mapping[str, Json]) -> str:
    """Say who may decrypt from now on, or not any more; else ""."""
    holder = facts.get("holder")
    found = holder if isinstance(holder, dict) else {}
    text = _RECIPIENTS.get(str(facts.get("kind")), "")
    return text.format(kind=found.get("kind"))


def _number(value: Json) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) else 0


def _describe_people(entry: Entry) -> str:
    """Say what was done to the register, by pseudonyms, or let through; else ""."""
    facts = entry.facts
    kind, act, person = facts.get("kind"), facts.get("act"), facts.get("person")
    if entry.type != EntryType.ANNOTATE:
        return ""
    if kind == "person" and act == "merge":
        return f"Register of persons: {person} is {facts.get('into')}."
    if kind == "person":
        return (
            f"Register of persons: {person} {'added' if act == 'add' else 'altered'}."
        )
    if kind == "let_through":
        count = counted(_number(facts.get("count")), "finding")
        missed = _number(facts.get("unread"))
        also = f", {missed} part(s) not searched" if missed else ""
        return f"Let through in what left: {count} of identifiers{also}."
    return ""


def _describe_keys(entry: Entry) -> str:
    """Say which key comes or goes, by the beginning of its id."""
    facts = entry.facts
    if entry.type == EntryType.KEY_REVOKE:
        told = f"from {facts.get('from')} on ({facts.get('reason')})"
        return f"Key {str(facts.get('key'))[:16]} revoked {told}."
    enrols = facts.get("enrols")
    found = enrols if isinstance(enrols, dict) else {}
    text = f"Key {str(found.get('key'))[:16]} enrolled"
    if facts.get("replaces") is not None:
        text += f" in the place of {str(facts.get('replaces'))[:16]}"
    rights, roles = found.get("rights"), found.get("roles")
    text += f", rights: {value_text(rights)}"
    return text + (f", roles: {value_text(roles)}." if roles else ", any role.")


def _describe_acquire(facts: Mapping[str, Json]) -> str:
    payload = facts.get("payload")
    size = payload.get("bytes") if isinstance(payload, dict) else 0
    amount = size_text(size) if isinstance(size, int) else ""
    whole = "complete" if facts.get("complete") else "incomplete"
    told = f"{kind_text(facts)} acquired, {amount}, {whole}: {outcome_text(facts)}."
    return told + describe_lineage(facts)


_BY_ENTRY: dict[str, Callable[[Entry], str]] = {
    EntryType.CONSULT: _describe_consult,
    EntryType.TRANSFER_IN: describe_handing,
    EntryType.TRANSFER_OUT: describe_handing,
    EntryType.CONSENT_ADD: _describe_consent,
    EntryType.CONSENT_WITHDRAW: _describe_consent,
    EntryType.DISCLOSE: _describe_disclosure,
    EntryType.REVIEW_RETENTION: describe_retention,
    EntryType.RESTRICT: describe_retention,
    EntryType.LIFT_RESTRICTION: describe_retention,
    EntryType.ERASE: describe_retention,
    EntryType.KEY_ENROL: _describe_keys,
    EntryType.KEY_REVOKE: _describe_keys,
}
