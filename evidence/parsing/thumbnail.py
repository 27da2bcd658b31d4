"""A picture as a few cells of one colour each, so that nothing in it is recognised.

Decoding pixels is what hostile pictures aim at: it happens in the parser's process
only, with its bounds of memory and time, on formats Pillow decodes by itself, and
after the size the file claims was looked at.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import BinaryIO, cast

from evidence.outcome import ParseOutcome
from evidence.parsing.base import Item, Job, Record, Summary
from evidence.parsing.payload import open_payload

CELLS = 16  # along the longer side: neither a face nor a line of text survives
MOST_PIXELS = 40_000_000  # decoded; of a JPEG, after its own reduction
_FORMATS = ("PNG", "JPEG", "GIF", "WEBP", "BMP")


class ThumbnailParser:
    """Reads one picture (see `evidence.parsing.base.Parser`).

    Yields one record of kind ``thumbnail`` with ``columns``, ``rows`` and ``cells``
    (six hex digits of sRGB each, row by row), or none, and a summary.
    """

    name = "thumbnail"
    version = "1"

    def parse(self, job: Job) -> Iterator[Item]:
        """Yield the record of the picture in `job`."""
        from PIL import Image

        Image.MAX_IMAGE_PIXELS = None  # the bound below is ours, and not a warning
        with cast("BinaryIO", io.BufferedReader(open_payload(job))) as stream:
            try:
                with Image.open(stream, formats=_FORMATS) as picture:
                    picture.draft("RGB", (8 * CELLS, 8 * CELLS))  # JPEG only: 1/8
                    width, height = picture.size
                    if width * height > MOST_PIXELS:
                        yield _none("it has too many pixels")
                        return
                    long = max(width, height)
                    columns = max(1, width * CELLS // long)
                    rows = max(1, height * CELLS // long)
                    flat = Image.new("RGB", picture.size, "white")
                    seen = picture.convert("RGBA")
                    flat.paste(seen, mask=seen.getchannel("A"))
                    small = flat.resize((columns, rows), Image.Resampling.BOX)
            except (OSError, ValueError, SyntaxError):
                yield _none("it is no picture that can be decoded")
                return
        yield Record(
            {
                "kind": "thumbnail",
                "columns": columns,
                "rows": rows,
                "cells": small.tobytes().hex(),
            }
        )
        yield Summary(ParseOutcome.PARSED, {})


def _none(reason: str) -> Summary:
    return Summary(ParseOutcome.NOT_RECOGNISED, {}, (reason,))
