"""What a picture parser has found so far, in the form of inventory records.

Kinds of record: ``picture`` (one), ``tag`` (one metadata value), ``part`` (a structure
that is listed and not interpreted), ``thumbnail``, ``position`` and ``error``. Every
text is bounded and valid Unicode; every record but ``picture`` names its source bytes.
"""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass, field

from evidence.parsing.base import Fields, Json
from evidence.parsing.picture_window import Window

PARSER = "picture"
VERSION = "1"
MAX_TEXT = 4096  # characters of one value
MAX_RAW = 1024  # bytes of one undecodable value
MAX_RECORDS = 5000

# Namespaces that hold people, places or document identities as a rule.
_PERSONAL_SPACES = frozenset({"gps", "xmp", "iptc", "comment"})
# Names of people, devices and documents; free text; tags nobody here can name.
_PERSONAL_TAGS = re.compile(
    r"serial|owner|artist|author|creator|by-?line|copyright|unique|uuid|identifier"
    r"|hostcomputer|comment|description|title|keywords|contact|person|imei|xpsubject"
    r"|(document|page|image|face)\.?name|imagenumber|camera.?id"
    r"|exif makernote|tag 0x|raw profile",
    re.IGNORECASE,
)
# PNG keywords are free; only these are known to say nothing about anybody.
_NEUTRAL_TEXT = re.compile(r"Software|Creation Time|pHYs|(date|png|icc):.*", re.DOTALL)


def is_sensitive(namespace: str, tag: str) -> bool:
    """Whether a tag may name a person, a place or one particular device."""
    if namespace == "png-text":
        return _NEUTRAL_TEXT.fullmatch(tag) is None
    return namespace in _PERSONAL_SPACES or bool(_PERSONAL_TAGS.search(tag))


def bounded(text: str) -> tuple[str, bool]:
    """Return `text` as valid Unicode of at most `MAX_TEXT`, and whether it was cut."""
    text = text.encode("utf-8", "replace").decode("utf-8")
    return text[:MAX_TEXT], len(text) > MAX_TEXT


def decoded(raw: bytes, encoding: str = "utf-8") -> tuple[str, bytes | None]:
    """Return `raw` as text, and the bytes themselves when they are not `encoding`."""
    try:
        return raw.decode(encoding), None
    except UnicodeDecodeError:
        return raw.decode(encoding, "replace"), raw


@dataclass(frozen=True, slots=True)
class Reader:
    """The software that interpreted a value."""

    parser: str = PARSER
    version: str = VERSION


_OWN = Reader()


@dataclass(slots=True)
class Findings:
    """Collects the records of one picture.

    Attributes:
        window: the whole part of the payload that is parsed.
        picture: fields of the ``picture`` record.
        records: all other records, in the order found.
        limits: sentences for the summary.
        end: offset just after the end of the image; None where the format has none.
        truncated: the image ends before its end marker.
        tags: number of ``tag`` records; errors: number of ``error`` records.
        blocks: EXIF blocks read; dropped: records beyond `MAX_RECORDS`.
    """

    window: Window
    picture: Fields
    records: list[Fields] = field(default_factory=list)
    limits: list[str] = field(default_factory=list)
    end: int | None = None
    truncated: bool = False
    tags: int = 0
    errors: int = 0
    blocks: int = 0
    dropped: int = 0

    def _add(self, record: Fields) -> bool:
        if len(self.records) >= MAX_RECORDS:
            self.dropped += 1
            return False
        self.records.append(record)
        return True

    def tag(
        self,
        namespace: str,
        tag: str,
        *,
        value: str,
        source: Fields,
        raw: bytes | None = None,
        cut: bool = False,
        shadowed: bool = False,
        by: Reader = _OWN,
    ) -> None:
        """Add one metadata value.

        Args:
            namespace: where the tag is defined (``exif``, ``png-text``, ...).
            tag: its name there.
            value: readable form.
            source: from `Window.source`.
            raw: the bytes, when they are not what their encoding promises.
            cut: `value` is already shorter than what the file holds.
            shadowed: a later tag of the same name replaces this one for most readers.
            by: who interpreted it.
        """
        name, _ = bounded(tag)
        text, was_cut = bounded(value)
        record: Fields = {
            "kind": "tag",
            "namespace": namespace,
            "tag": name[:256],
            "value": text,
            "source": source,
            "parser": by.parser,
            "parser_version": by.version,
        }
        if raw is not None:
            record["value_b64"] = base64.b64encode(raw[:MAX_RAW]).decode("ascii")
            cut = cut or len(raw) > MAX_RAW
        flags = {
            "cut": cut or was_cut,
            "shadowed": shadowed,
            "sensitive": is_sensitive(namespace, tag),
        }
        record.update({name: True for name, is_set in flags.items() if is_set})
        self.tags += self._add(record)

    def part(self, kind: str, note: str, *, source: Fields, **more: Json) -> None:
        """Add a structure that is present and not interpreted."""
        self._add(
            {"kind": "part", "part": kind, "note": note, "source": source, **more}
        )

    def add(self, record: Fields) -> None:
        """Add a ``thumbnail`` or ``position`` record."""
        self._add(record)

    def error(
        self, stage: str, reason: str, *, source: Fields | None = None, **more: Json
    ) -> None:
        """Add something that could not be read; the outcome becomes partial."""
        self.errors += 1
        text, _ = bounded(reason)
        record: Fields = {"kind": "error", "stage": stage, "reason": text[:200]}
        self._add(record | more | ({} if source is None else {"source": source}))

    def absorb(self, nested: Findings, *, source: Fields) -> None:
        """Take over records whose bytes lie in the payload encoded, in `source`."""
        for record in nested.records:
            if self._add(record | {"source": source}):
                self.tags += record["kind"] == "tag"
                self.errors += record["kind"] == "error"
        self.blocks = nested.blocks
        self.dropped += nested.dropped
        for name, value in nested.picture.items():
            self.picture.setdefault(name, value)
