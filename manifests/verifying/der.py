"""Strict reading of DER (X.690): as much as a time stamp needs, and no recursion.

Every step is asked for by the caller, so nesting is as deep as the structures that are
read and never as deep as hostile input would like. Refused: indefinite or non-minimal
lengths, multi-byte tags, trailing bytes, non-minimal integers.
"""

from __future__ import annotations

from dataclasses import dataclass

BOOLEAN, INTEGER, OCTETS, NULL, OBJECT_ID = 0x01, 0x02, 0x04, 0x05, 0x06
UTF8_TEXT, GENERALIZED_TIME = 0x0C, 0x18
SEQUENCE, SET = 0x30, 0x31
_MAX_NUMBER = 64  # bytes of an INTEGER or an OBJECT IDENTIFIER that is shown


class DerError(ValueError):
    """The bytes are not DER, or not the structure that was asked for."""


@dataclass(frozen=True, slots=True)
class Value:
    """One encoded value.

    Attributes:
        tag: its identifier octet.
        body: content octets; raw: the whole encoding.
    """

    tag: int
    body: bytes
    raw: bytes

    def fields(self) -> Fields:
        """Return what a constructed value holds."""
        if not self.tag & 0x20:
            raise DerError("a primitive value where a structure belongs")
        return Fields(self.body)

    def number(self) -> int:
        """Return an INTEGER of up to 64 bytes."""
        body = self.body
        if not body or len(body) > _MAX_NUMBER:
            raise DerError("a number of no or of absurd length")
        if len(body) > 1 and body[0] in (0, 0xFF) and (body[0] ^ body[1]) < 0x80:
            raise DerError("a number that is not in its shortest form")
        return int.from_bytes(body, "big", signed=True)

    def object_id(self) -> str:
        """Return an OBJECT IDENTIFIER in dotted form."""
        body = self.body
        if not body or len(body) > _MAX_NUMBER or body[-1] & 0x80:
            raise DerError("an object identifier that is cut off or absurdly long")
        arcs: list[int] = []
        arc, begins = 0, True
        for octet in body:
            if begins and octet == 0x80:
                raise DerError("an object identifier that is not in its shortest form")
            arc, begins = arc << 7 | octet & 0x7F, not octet & 0x80
            if begins:
                arcs.append(arc)
                arc = 0
        first = min(arcs[0] // 40, 2)
        return ".".join(map(str, (first, arcs[0] - 40 * first, *arcs[1:])))


@dataclass(slots=True)
class Fields:
    """The members of a structure, taken one after the other."""

    data: bytes
    at: int = 0

    def next_tag(self) -> int | None:
        """Return the identifier octet of the next member, None at the end."""
        return self.data[self.at] if self.at < len(self.data) else None

    def any(self) -> Value:
        """Take the next member, whatever it is."""
        start, data = self.at, self.data
        if len(data) - start < 2:
            raise DerError("a structure that is cut off")
        tag, length, position = data[start], data[start + 1], start + 2
        if tag & 0x1F == 0x1F:
            raise DerError("a tag of several bytes")
        if length >= 0x80:
            count = length & 0x7F
            if not 1 <= count <= 4 or len(data) - position < count:
                raise DerError("a length that is indefinite, too long or cut off")
            length = int.from_bytes(data[position : position + count], "big")
            position += count
            if length < 0x80 or length >> (8 * (count - 1)) == 0:
                raise DerError("a length that is not in its shortest form")
        end = position + length
        if end > len(data):
            raise DerError("a value that is cut off")
        self.at = end
        return Value(tag, data[position:end], data[start:end])

    def take(self, tag: int) -> Value:
        """Take the next member, which must have this tag."""
        if self.next_tag() != tag:
            raise DerError(f"no value with tag {tag:#04x} where one belongs")
        return self.any()

    def optional(self, tag: int) -> Value | None:
        """Take the next member if it has this tag."""
        return self.any() if self.next_tag() == tag else None

    def rest(self, limit: int) -> list[Value]:
        """Take all that is left, at most `limit` members."""
        values: list[Value] = []
        while self.next_tag() is not None:
            if len(values) == limit:
                raise DerError("too many members")
            values.append(self.any())
        return values

    def end(self) -> None:
        """Check that nothing is left."""
        if self.next_tag() is not None:
            raise DerError("further bytes after a structure's end")


def only(data: bytes, tag: int) -> Value:
    """Read `data` as exactly one value with this tag."""
    fields = Fields(data)
    value = fields.take(tag)
    fields.end()
    return value


def encode(tag: int, *parts: bytes) -> bytes:
    """Return the DER encoding of `parts` under `tag` (to put pieces together again)."""
    body = b"".join(parts)
    if len(body) < 0x80:
        return bytes([tag, len(body)]) + body
    size = len(body).to_bytes((len(body).bit_length() + 7) // 8, "big")
    return bytes([tag, 0x80 | len(size)]) + size + body
