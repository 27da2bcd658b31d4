"""Finds positions on earth in text: decimal degrees, degrees-minutes-seconds, pairs.

Both coordinates must stand near each other. Three decimals of a degree are about 110
metres; a pair with two (1.1 km) is doubtful.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Mapping

_DECIMAL = re.compile(r"(?<![\d.,])[-+\u2212]?\d{1,3}[.,]\d{2,15}(?![\d])")
_SEXAGESIMAL = re.compile(
    r"(?<!\d)(\d{1,3})\s{0,2}(?:°|º|d|deg|,|:|\s)\s{0,2}(\d{1,2}(?:\.\d{1,8})?)"
    r"\s{0,2}(?:['′’m,:]|\s)\s{0,2}(?:(\d{1,2}(?:[.,]\d{1,8})?)\s{0,2}(?:[\"″”s]|'')?)?"
)
_NEAR = 80  # characters between the coordinates of a pair


class Locator:
    """Looks for positions.

    Args:
        positions: latitude and longitude in degrees by number of the identifier.
    """

    def __init__(self, positions: Mapping[int, tuple[float, float]]) -> None:
        self._sorted = sorted(
            (abs(latitude), abs(longitude), number)
            for number, (latitude, longitude) in positions.items()
        )

    def find(self, text: str) -> Iterator[tuple[int, int, bool]]:
        """Yield (number, offset, doubtful) of each position in `text`."""
        if not self._sorted:
            return
        numbers = sorted(_numbers(text))
        for index, (at, value, error) in enumerate(numbers):
            for latitude, longitude, number in self._near(value, error):
                if abs(latitude - value) > error:
                    continue
                around = numbers[max(index - 4, 0) : index + 5]
                for other, second, slack in around:
                    near = other != at and abs(other - at) <= _NEAR
                    if near and abs(longitude - second) <= slack:
                        yield number, at, max(error, slack) > 0.002

    def _near(self, value: float, error: float) -> list[tuple[float, float, int]]:
        low = bisect_left(self._sorted, (value - error,))
        high = bisect_left(self._sorted, (value + error + 1e-9,))
        return self._sorted[low:high]


def _numbers(text: str) -> Iterator[tuple[int, float, float]]:
    """Yield offset, absolute degrees, and how exact they are."""
    for found in _DECIMAL.finditer(text):
        written = found[0].replace(",", ".").lstrip("+-\u2212")
        decimals = len(written.partition(".")[2])
        error = 0.0101 if decimals == 2 else 0.00101 if decimals == 3 else 0.0003
        yield found.start(), float(written), error
    for found in _SEXAGESIMAL.finditer(text):
        degrees, minutes = float(found[1]), float(found[2])
        seconds = float((found[3] or "0").replace(",", "."))
        if degrees <= 180 and minutes < 60 and seconds < 60:
            value = degrees + minutes / 60 + seconds / 3600
            yield found.start(), value, 0.0003 if found[3] or "." in found[2] else 0.02
