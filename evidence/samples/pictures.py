"""Invented pictures for the demonstration and the tests: a screenshot and a photograph.

Both are written byte by byte, without an imaging library and with stored (uncompressed)
or fixed coding, so that every machine makes the same bytes. People, device, serial
number and messages are invented; the position lies in the open Atlantic.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Sequence

_WIDTH, _HEIGHT = 360, 640
_SCALE = 2
_WHITE, _INK, _BAR, _MINE, _GREY = range(5)
_PALETTE = bytes.fromhex("ece5dd 202020 075e54 dcf8c6 808080 ffffff")
_PAPER = 5
# Three by five pixels a letter, one octal digit a row, most significant bit left.
_FONT = """
A=25755 B=65656 C=34443 D=65556 E=74647 F=74644 G=34553 H=55755 I=72227 J=11152
K=55655 L=44447 M=57755 N=65555 O=25552 P=65644 Q=25563 R=65655 S=34216 T=72222
U=55557 V=55552 W=55775 X=55255 Y=55222 Z=71247 0=75557 1=26227 2=61247 3=61216
4=55711 5=74616 6=34757 7=71122 8=75757 9=75716 .=00002 ,=00024 ?=61202 !=22202
:=02020 '=22000 -=00700 (=24442 )=42224
"""
_GLYPHS = dict(item.split("=", 1) for item in _FONT.split())
_MESSAGES = (
    (False, "18:58", ("HI, IT'S MARTA. ARE YOU HOME?",)),
    (True, "19:02", ("YES. WHAT HAPPENED?",)),
    (False, "19:04", ("HE WROTE AGAIN. HE SAYS HE", "KNOWS WHERE I WORK NOW.")),
    (False, "19:05", ("I KEPT ALL THE MESSAGES.",)),
    (True, "19:07", ("DO NOT DELETE ANYTHING.", "WE GO TO THE POLICE TOMORROW.")),
    (False, "19:11", ("OK. I TAKE PICTURES OF THE", "SCREEN, TOO.")),
)


class _Canvas:
    """Pixels as palette indices, one byte each until they are packed."""

    def __init__(self) -> None:
        self.rows = [bytearray(_WIDTH) for _ in range(_HEIGHT)]

    def box(self, left: int, top: int, *, width: int, height: int, colour: int) -> None:
        for row in self.rows[top : top + height]:
            row[left : left + width] = bytes([colour]) * width

    def text(self, left: int, top: int, *, line: str, colour: int) -> None:
        for position, char in enumerate(line):
            at = left + position * 4 * _SCALE
            for number, digit in enumerate(_GLYPHS.get(char, "00000")):
                for column in range(3):
                    if int(digit) >> (2 - column) & 1:
                        self._dot(at + column * _SCALE, top + number * _SCALE, colour)

    def _dot(self, left: int, top: int, colour: int) -> None:
        self.box(left, top, width=_SCALE, height=_SCALE, colour=colour)

    def packed(self) -> bytes:
        """PNG scan lines: filter type 0, then two pixels a byte."""
        lines = bytearray()
        for row in self.rows:
            pairs = zip(row[::2], row[1::2], strict=True)
            lines += b"\x00" + bytes(left << 4 | right for left, right in pairs)
        return bytes(lines)


def _drawn() -> bytes:
    canvas = _Canvas()
    canvas.box(0, 0, width=_WIDTH, height=68, colour=_BAR)
    canvas.text(12, 7, line="19:42", colour=_PAPER)
    canvas.text(300, 7, line="4G 63", colour=_PAPER)
    canvas.text(16, 36, line="MARTA (SAMPLE)", colour=_PAPER)
    canvas.text(16, 52, line="LAST SEEN TODAY 19:11", colour=_PAPER)
    top = 88
    for is_mine, clock, lines in _MESSAGES:
        width = 8 * max(len(line) for line in lines) + 64
        height = 16 * len(lines) + 12
        left = _WIDTH - width - 10 if is_mine else 10
        colour = _MINE if is_mine else _PAPER
        canvas.box(left, top, width=width, height=height, colour=colour)
        for number, line in enumerate(lines):
            canvas.text(left + 8, top + 8 + 16 * number, line=line, colour=_INK)
        corner = (left + width - 46, top + height - 14)
        canvas.text(*corner, line=clock, colour=_GREY)
        top += height + 14
    canvas.box(10, 590, width=340, height=36, colour=_PAPER)
    canvas.text(22, 603, line="MESSAGE", colour=_GREY)
    return canvas.packed()


def _stored(data: bytes) -> bytes:
    """RFC 1950 and 1951 without compression: the same bytes with every zlib."""
    step = 0xFFFF
    starts = range(0, len(data), step)
    blocks = b"".join(
        struct.pack("<BHH", at + step >= len(data), len(piece), len(piece) ^ 0xFFFF)
        + piece
        for at in starts
        for piece in (data[at : at + step],)
    )
    return b"\x78\x01" + blocks + struct.pack(">I", zlib.adler32(data))


def _chunk(kind: bytes, data: bytes) -> bytes:
    check = struct.pack(">I", zlib.crc32(kind + data))
    return struct.pack(">I", len(data)) + kind + data + check


def screenshot_png() -> bytes:
    """Return a PNG of 360 x 640 pixels: an invented chat as a telephone shows it."""
    comment = "Знімок екрана, вигаданий приклад".encode()
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        (
            _chunk(b"IHDR", struct.pack(">IIBBBBB", _WIDTH, _HEIGHT, 4, 3, 0, 0, 0)),
            _chunk(b"PLTE", _PALETTE),
            _chunk(b"pHYs", struct.pack(">IIB", 6299, 6299, 1)),
            _chunk(b"tEXt", b"Software\x00Example Phone OS 14"),
            _chunk(b"tEXt", b"Creation Time\x002024-05-06T19:42:10+02:00"),
            _chunk(b"iTXt", b"Comment\x00\x00\x00uk\x00\x00" + comment),
            _chunk(b"tIME", struct.pack(">HBBBBB", 2024, 5, 6, 17, 42, 10)),
            _chunk(b"IDAT", _stored(_drawn())),
            _chunk(b"IEND", b""),
        )
    )


class _Bits:
    """Entropy-coded bits of a JPEG scan, with the stuffing of ITU-T T.81 F.1.2.3."""

    def __init__(self) -> None:
        self._value = 1  # a leading one keeps leading zeros
        self._count = 0

    def put(self, value: int, count: int) -> None:
        self._value = self._value << count | value
        self._count += count

    def packed(self) -> bytes:
        pad = -self._count % 8
        value = self._value << pad | (1 << pad) - 1
        data = value.to_bytes((self._count + pad) // 8 + 1, "big")[1:]
        return data.replace(b"\xff", b"\xff\x00")


def _difference(bits: _Bits, value: int) -> None:
    """Put one DC difference (T.81 F.1.2.1) with four-bit category codes, then EOB."""
    category = abs(value).bit_length()
    bits.put(category, 4)
    if category:
        bits.put(value if value > 0 else value + (1 << category) - 1, category)
    bits.put(0, 1)


def _segment(marker: int, data: bytes) -> bytes:
    return struct.pack(">BBH", 0xFF, marker, len(data) + 2) + data


def _jpeg(rows: Sequence[Sequence[tuple[int, int, int]]], *extra: bytes) -> bytes:
    """Return a baseline JPEG: one (Y, Cb, Cr) colour for each block of 8 x 8 pixels."""
    height, width = len(rows) * 8, len(rows[0]) * 8
    frame = struct.pack(">BHHB", 8, height, width, 3)
    frame += b"".join(bytes([number, 0x11, 0]) for number in (1, 2, 3))
    dc_table = b"\x00" + bytes([0, 0, 0, 9, *([0] * 12)]) + bytes(range(9))
    ac_table = b"\x10" + bytes([1, *([0] * 15)]) + b"\x00"
    bits = _Bits()
    before = (128, 128, 128)
    for row in rows:
        for colour in row:
            for now, last in zip(colour, before, strict=True):
                _difference(bits, now - last)
            before = colour
    return b"".join(
        (
            b"\xff\xd8",
            *extra,
            _segment(0xDB, b"\x00" + bytes([8]) * 64),
            _segment(0xC0, frame),
            _segment(0xC4, dc_table + ac_table),
            _segment(0xDA, bytes([3, 1, 0, 2, 0, 3, 0, 0, 63, 0])),
            bits.packed(),
            b"\xff\xd9",
        )
    )


_ASCII, _SHORT, _LONG, _RATIO, _UNDEFINED = 2, 3, 4, 5, 7
_Entry = tuple[int, int, bytes]  # tag, type, value bytes
_TYPE_SIZES = {1: 1, _ASCII: 1, _SHORT: 2, _LONG: 4, _RATIO: 8, _UNDEFINED: 1}


def _ascii(tag: int, text: str) -> _Entry:
    return tag, _ASCII, text.encode("ascii") + b"\x00"


def _ratios(tag: int, *values: tuple[int, int]) -> _Entry:
    return tag, _RATIO, b"".join(struct.pack("<II", *value) for value in values)


def _directory(start: int, entries: list[_Entry], following: int = 0) -> bytes:
    """Return a TIFF 6.0 directory for offset `start`, with its values behind it."""
    place = start + 2 + 12 * len(entries) + 4
    head = struct.pack("<H", len(entries))
    values = b""
    for tag, kind, value in sorted(entries):
        head += struct.pack("<HHI", tag, kind, len(value) // _TYPE_SIZES[kind])
        if len(value) <= 4:
            head += value.ljust(4, b"\x00")
        else:
            head += struct.pack("<I", place + len(values))
            values += value + b"\x00" * (len(value) & 1)
    return head + struct.pack("<I", following) + values


def _exif() -> bytes:
    """Return the APP1 segment's data; directories follow each other in the block."""
    thumbnail = _jpeg([[(180, 140, 110)] * 2, [(90, 150, 110)] * 2])
    comment = b"UNICODE\x00" + "Вигаданий приклад".encode("utf-16-le")
    camera = [
        _ascii(0x9003, "2024:05:06 19:40:02"),
        _ascii(0x9011, "+02:00"),
        (0x9286, _UNDEFINED, comment),
        (0xA002, _LONG, struct.pack("<I", 160)),
        (0xA003, _LONG, struct.pack("<I", 120)),
        _ascii(0xA420, "00112233445566778899aabbccddeeff"),
        _ascii(0xA431, "EX-000042-SAMPLE"),
    ]
    position = [
        (0x0000, 1, b"\x02\x03\x00\x00"),
        _ascii(0x0001, "N"),
        _ratios(0x0002, (40, 1), (30, 1), (1800, 100)),
        _ascii(0x0003, "W"),
        _ratios(0x0004, (35, 1), (15, 1), (3600, 100)),
        (0x0005, 1, b"\x00"),
        _ratios(0x0006, (35, 10)),
        _ratios(0x0007, (17, 1), (40, 1), (2, 1)),
        _ascii(0x0012, "WGS-84"),
        _ascii(0x001D, "2024:05:06"),
    ]
    main = [
        _ascii(0x010F, "Example Optics"),
        _ascii(0x0110, "Pocket 12"),
        (0x0112, _SHORT, struct.pack("<H", 1)),
        _ascii(0x0131, "Example Phone OS 14"),
        _ascii(0x0132, "2024:05:06 19:40:02"),
        _ascii(0x013B, "Sample Person"),
        (0x8769, _LONG, bytes(4)),
        (0x8825, _LONG, bytes(4)),
    ]
    at_camera = 8 + len(_directory(8, main))
    at_position = at_camera + len(_directory(at_camera, camera))
    at_preview = at_position + len(_directory(at_position, position))
    preview = [
        (0x0103, _SHORT, struct.pack("<H", 6)),
        (0x0201, _LONG, bytes(4)),
        (0x0202, _LONG, struct.pack("<I", len(thumbnail))),
    ]
    at_thumbnail = at_preview + len(_directory(at_preview, preview))
    main[-2:] = [
        (0x8769, _LONG, struct.pack("<I", at_camera)),
        (0x8825, _LONG, struct.pack("<I", at_position)),
    ]
    preview[1] = (0x0201, _LONG, struct.pack("<I", at_thumbnail))
    return b"".join(
        (
            b"Exif\x00\x00II*\x00\x08\x00\x00\x00",
            _directory(8, main, at_preview),
            _directory(at_camera, camera),
            _directory(at_position, position),
            _directory(at_preview, preview),
            thumbnail,
        )
    )


def photo_jpeg() -> bytes:
    """Return a JPEG of 160 x 120 pixels, sky and sea, with EXIF, GPS and preview."""
    rows = []
    for down in range(15):
        is_sea = down >= 9
        colour = (110 - 4 * down, 150, 112) if is_sea else (150 + 8 * down, 145, 115)
        row = [colour] * 20
        if down in (2, 3):
            row[14:16] = [(235, 90, 150)] * 2
        rows.append(row)
    return _jpeg(rows, _segment(0xE1, _exif()))
