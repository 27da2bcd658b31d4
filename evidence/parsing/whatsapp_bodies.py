"""What stands behind the heading of a WhatsApp message: sender, text, kind.

``Name: text`` is a message, anything else a notice of the app. The app's own phrases
are known by language (`whatsapp_words`); attachments also by the form of their names,
so that an export in a language not listed keeps its attachments.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from evidence.parsing import whatsapp_words as words
from evidence.parsing.whatsapp_header import MARK_CHARS, MARKS

SENDER_CHARS = 256  # names and group titles hold 100 characters at most
MARKER_CHARS = 1024  # the app's own words stand at the beginning of a text
_NO_MARKS = dict.fromkeys(map(ord, MARKS))
_TRIM = MARKS + " \t\r\n\u00a0\u202f"

_MARK = f"[{MARK_CHARS}]"
_AFTER = re.compile(rf"(.{{1,250}}\.\w{{1,10}}){_MARK}* [(<]([^()<>]{{2,40}})[)>]")
_BEFORE = re.compile(r"<([^<>:：]{2,40})[:：] ?([^<>\n]{1,250})>")
# Names the apps give themselves; a document on iOS keeps its name behind a number.
_ANDROID_NAME = re.compile(r"(?:IMG|VID|AUD|PTT|STK|DOC|GIF)-\d{8}-WA\d{4,}\.\w{2,5}$")
_IOS_NAME = re.compile(r"\d{8}-.{1,200}\.\w{1,8}$")
_LOCATION = re.compile(r"[^:：\n]{2,40}[:：] ?https?://maps\.(?:google|apple)\.com/")
_EDITED = re.compile(rf"<([^<>\n]{{6,60}})>{_MARK}*\s*$")
_QUOTES = (("“", "”"), ("«", "»"), ("„", "“"))
_QUOTE_SIGNS = frozenset('"“”«»„')


@dataclass(frozen=True, slots=True)
class Body:
    """One message without its heading.

    Attributes:
        kind: text, system, media, deleted, call, location, contact or poll.
        attachment: the file name as written, when the text names one.
        omitted: media was left out of the export by the one who made it.
        edited: the app says the message was edited.
    """

    kind: str
    attachment: str | None = None
    omitted: bool = False
    edited: bool = False


_APP_SIGNS = frozenset(("\u200e", "\u200f"))
TEXT = Body("text")
SYSTEM = Body("system")
_EDITED_TEXT = Body("text", edited=True)
_OMITTED = Body("media", omitted=True)
_PLAIN = {
    **dict.fromkeys(words.OMITTED, _OMITTED),
    **dict.fromkeys(words.CONTACT_OMITTED, Body("contact", omitted=True)),
    **dict.fromkeys(words.DELETED, Body("deleted")),
    **dict.fromkeys(words.LIVE_LOCATION, Body("location")),
}
_OPENINGS = frozenset(
    phrase[:3] for phrase in (*_PLAIN, *words.POLLS, *words.CALLS, *words.NOTICES)
)
_TRIMMED = frozenset(_TRIM)


def split(body: str) -> tuple[str | None, str]:
    """Return sender, as written, and text; sender None for a notice of the app."""
    at = body.find(": ", 0, SENDER_CHARS)
    if at < 0:
        return _split_bare(body)
    sender, text = body[:at], body[at + 2 :]
    if not sender.isalnum():
        sender = sender.strip(_TRIM)
        if not sender or _quotes_open(sender):
            return None, body
    return sender, text


def _split_bare(body: str) -> tuple[str | None, str]:
    """Split ``Name:`` with no text on the line, or with a no-break space behind."""
    line = body.rstrip("\r\n")
    at = body.find(":\u00a0", 0, SENDER_CHARS)
    if at < 0 and line.endswith(":") and len(line) < SENDER_CHARS:
        at = len(line) - 1
    sender = body[: max(at, 0)].strip(_TRIM)
    if not sender or _quotes_open(sender):
        return None, body
    return sender, body[at + 1 :].removeprefix("\u00a0")


def _quotes_open(name: str) -> bool:
    """True inside a quotation: a notice quotes a title that holds the colon."""
    if _QUOTE_SIGNS.isdisjoint(name):
        return False
    if name.count('"') % 2:
        return True
    return any(name.count(left) > name.count(right) for left, right in _QUOTES)


def notice(text: str) -> Body:
    """Return what a notice of the app, which has no sender, is."""
    called = _is_call(text[:200].strip(_TRIM).casefold(), marked=True)
    return Body("call") if called else SYSTEM


def classify(text: str) -> Body:
    """Return what a sender's text is."""
    if (
        text[:3].casefold()[:3] not in _OPENINGS
        and text[:1] not in _TRIMMED
        and not ("<" in text or ")" in text or "http" in text or "•" in text)
    ):
        return TEXT  # most messages; the rest is looked at closely
    head = text[:MARKER_CHARS].strip(_TRIM)
    first, _, rest = head.partition("\n")
    if len(first) <= 80:
        plain = _PLAIN.get(first.strip(_TRIM).rstrip(".").casefold())
        if plain is not None and (plain.omitted or not rest):
            return plain
    marked = text[:1] in _APP_SIGNS
    if "<" in head or ")" in first:
        named = _attachment(first, head)
        if named is not None:
            return named
    if "http" in first and _LOCATION.match(first):
        return Body("location")
    spoken = _spoken(first, rest=bool(rest), marked=marked)
    if spoken is not None:
        return spoken
    if text.rstrip(_TRIM).endswith(">") and _is_edited(text):
        return _EDITED_TEXT
    return TEXT


def _spoken(first: str, *, rest: bool, marked: bool) -> Body | None:
    """Return what the app's own opening words say, if they are such."""
    folded = first.translate(_NO_MARKS).casefold() if len(first) <= 200 else ""
    if rest and folded.startswith(words.POLLS):
        return Body("poll")
    if not rest and _is_call(folded, marked=marked):
        return Body("call")
    if folded.startswith(words.NOTICES):
        return SYSTEM
    if folded.endswith(words.OMITTED_ENDINGS) and (marked or " • " in first):
        name, bullet, _ = first.partition(" • ")
        return Body("media", attachment=name if bullet else None, omitted=True)
    return None


def _is_call(folded: str, *, marked: bool) -> bool:
    """True for the app's words on a call; people write "video call?" too."""
    if not folded.startswith(words.CALLS):
        return False
    for phrase in words.CALLS:
        if folded.startswith(phrase):
            more = folded[len(phrase) :].strip(_TRIM)
            digits = any(char.isdigit() for char in more)
            if not more or marked or (more[0] in ",.•" and digits):
                return True
    return False


def _attachment(first: str, head: str) -> Body | None:
    match = _AFTER.match(first)
    if match is not None:
        name, marker = match.group(1).strip(_TRIM), match.group(2)
        known = marker.strip(_TRIM).casefold() in words.ATTACHED_AFTER
        if known or marker.casefold() == "attached" or _ANDROID_NAME.match(name):
            return _named(name)
    for match in _BEFORE.finditer(head):
        marker, name = match.group(1), match.group(2).strip(_TRIM)
        if marker.strip(_TRIM).casefold() in words.ATTACHED_BEFORE or _IOS_NAME.match(
            name
        ):
            return _named(name)
    return None


def _named(name: str) -> Body:
    contact = name[-4:].casefold() == ".vcf"
    return Body("contact" if contact else "media", attachment=name)


def _is_edited(text: str) -> bool:
    match = _EDITED.search(text[-80:])
    if match is None:
        return False
    return match.group(1).strip(_TRIM).rstrip(".").casefold() in words.EDITED
