"""An sRGB colour profile, made here: the one colour space a report is printed in.

ICC.1:2001-04 (version 2.4), class ``mntr``, RGB to XYZ: matrix and tone curve of
IEC 61966-2-1, primaries adapted to D50 (Bradford). Made in code, so that nobody's
profile and no licence has to travel with the program. Same bytes every time.
"""

from __future__ import annotations

import struct
from functools import cache

NAME = "sRGB IEC61966-2.1"
_CURVE_POINTS = 1024
# Columns of the matrix from linear sRGB to XYZ under D50.
_RED = (0.4360747, 0.2225045, 0.0139322)
_GREEN = (0.3850649, 0.7168786, 0.0971045)
_BLUE = (0.1430804, 0.0606169, 0.7141733)
_D50 = (0.9642, 1.0, 0.8249)
_MADE = (2026, 1, 1, 0, 0, 0)
_RIGHTS = "No copyright, use freely"


@cache
def profile() -> bytes:
    """Return the profile."""
    curve = _curve()
    tags = {
        b"desc": _description(NAME),
        b"cprt": b"text\0\0\0\0" + _RIGHTS.encode("ascii") + b"\0",
        b"wtpt": _xyz(_D50),
        b"rXYZ": _xyz(_RED),
        b"gXYZ": _xyz(_GREEN),
        b"bXYZ": _xyz(_BLUE),
        b"rTRC": curve,
        b"gTRC": curve,
        b"bTRC": curve,
    }
    offset = 128 + 4 + 12 * len(tags)
    table, body = struct.pack(">I", len(tags)), b""
    placed: dict[bytes, int] = {}
    for name, data in tags.items():
        if data not in placed:
            placed[data] = offset + len(body)
            body += data + b"\0" * (-len(data) % 4)
        table += struct.pack(">4sII", name, placed[data], len(data))
    return _header(offset + len(body)) + table + body


def _header(size: int) -> bytes:
    head = struct.pack(
        ">I4sI4s4s4s", size, b"\0" * 4, 0x02400000, b"mntr", b"RGB ", b"XYZ "
    )
    head += struct.pack(">6H", *_MADE) + b"acsp"
    head += b"\0" * 24  # platform, flags, maker, model, attributes
    head += b"\0" * 4 + _numbers(_D50)  # perceptual; the illuminant
    return head.ljust(128, b"\0")


def _numbers(values: tuple[float, ...]) -> bytes:
    """s15Fixed16 numbers."""
    return b"".join(struct.pack(">i", round(value * 65536)) for value in values)


def _xyz(values: tuple[float, ...]) -> bytes:
    return b"XYZ \0\0\0\0" + _numbers(values)


def _description(text: str) -> bytes:
    """textDescriptionType: ASCII, no Unicode, no ScriptCode."""
    data = text.encode("ascii") + b"\0"
    return b"desc\0\0\0\0" + struct.pack(">I", len(data)) + data + b"\0" * (8 + 3 + 67)


def _curve() -> bytes:
    points = [
        round(_linear(at / (_CURVE_POINTS - 1)) * 65535) for at in range(_CURVE_POINTS)
    ]
    values = struct.pack(f">{_CURVE_POINTS}H", *points)
    return b"curv\0\0\0\0" + struct.pack(">I", _CURVE_POINTS) + values


def _linear(value: float) -> float:
    if value <= 0.04045:
        return value / 12.92
    return float(((value + 0.055) / 1.055) ** 2.4)
