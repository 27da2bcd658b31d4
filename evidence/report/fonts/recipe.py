"""Makes the committed fonts from the upstream Noto releases.

Run once by a maintainer, never at run time::

    python -m evidence.report.fonts.recipe FOLDER_WITH_UPSTREAM_TTFS OUTPUT_FOLDER

The inputs are the static, TrueType-outlined files of the Noto project (as packaged
by Debian ``fonts-noto-core`` and ``fonts-noto-mono`` 20201225-1). The
OFL lets them be changed and passed on under the same licence; these files declare no
reserved font name, so the names stay. Left out: hinting, private-use characters and
typographic alternates that no report uses. Same inputs and HarfBuzz, same bytes.
"""

from __future__ import annotations

import sys
from pathlib import Path

import uharfbuzz as hb

FACES = (
    "NotoSans-Regular",
    "NotoSans-Bold",
    "NotoSansMono-Regular",
    "NotoSansArabic-Regular",
    "NotoSansArabic-Bold",
    "NotoSansArmenian-Regular",
    "NotoSansArmenian-Bold",
    "NotoSansGeorgian-Regular",
    "NotoSansGeorgian-Bold",
    "NotoSansHebrew-Regular",
    "NotoSansHebrew-Bold",
)
# What correct shaping needs; stylistic sets, small capitals and the like are left out.
_FEATURES = (
    "abvm", "blwm", "calt", "ccmp", "fina", "init", "isol", "kern", "locl",
    "mark", "medi", "mkmk", "rlig", "rclt",
)  # fmt: skip
_NAMES = range(15)  # copyright, names, trademark, licence and its address
_PRIVATE = (range(0xE000, 0xF900), range(0xF0000, 0x110000))


def reduced(font: bytes) -> bytes:
    """Return `font` (TrueType bytes) with only what the reports can use."""
    face = hb.Face(hb.Blob(font))
    wanted = {
        point
        for point in face.unicodes
        if (point == 0 or point >= 0x20)  # U+0000 is a blank glyph without width
        and not any(point in block for block in _PRIVATE)
    }
    plan = hb.SubsetInput()
    plan.flags = hb.SubsetFlags.NO_HINTING
    plan.unicode_set.set(wanted)
    plan.name_id_set.set(set(_NAMES))
    plan.layout_feature_tag_set.set({_tag(name) for name in _FEATURES})
    return bytes(hb.subset(face, plan).blob.data)


def _tag(name: str) -> int:
    return int.from_bytes(name.encode("ascii"), "big")


def main(source: Path, target: Path) -> None:
    """Write every face of `FACES` found in `source` to `target`."""
    for name in FACES:
        font = (source / f"{name}.ttf").read_bytes()
        (target / f"{name}.ttf").write_bytes(reduced(font))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
