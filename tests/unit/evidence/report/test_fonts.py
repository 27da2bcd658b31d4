"""The shipped faces: licence, size, and what a PDF needs of them."""

from __future__ import annotations

from importlib import resources

import pytest
import uharfbuzz as hb

from evidence.report.faces import Face
from evidence.report.fonts.recipe import FACES, reduced

FOLDER = resources.files("evidence.report.fonts")


def test_exactly_the_faces_of_the_recipe_are_shipped() -> None:
    shipped = {path.name for path in FOLDER.iterdir() if path.name.endswith(".ttf")}
    assert shipped == {f"{name}.ttf" for name in FACES}
    assert sum(len((FOLDER / name).read_bytes()) for name in shipped) < 4 << 20


def test_the_licence_is_shipped_in_full() -> None:
    text = (FOLDER / "LICENSE-OFL.txt").read_text("utf-8")
    for words in (
        "SIL OPEN FONT LICENSE Version 1.1",
        "PERMISSION & CONDITIONS",
        "5) The Font Software",
        "TERMINATION",
        "DISCLAIMER",
    ):
        assert words in text


@pytest.mark.parametrize("name", FACES)
def test_each_face_can_be_embedded(name: str) -> None:
    face = hb.Face(hb.Blob((FOLDER / f"{name}.ttf").read_bytes()))
    assert {"glyf", "loca", "hmtx", "cmap"} <= set(face.table_tags)
    assert face.upem == 1000
    licence = face.get_name(13)
    assert licence is not None
    assert "SIL Open Font License" in licence


@pytest.mark.parametrize(
    "name", [name for name in FACES if "Arab" in name or "Heb" in name]
)
def test_right_to_left_faces_have_a_glyph_without_ink_or_width(name: str) -> None:
    blank = Face(name).blank
    assert blank is not None
    font = hb.Font(hb.Face(hb.Blob((FOLDER / f"{name}.ttf").read_bytes())))
    ink = font.get_glyph_extents(blank)
    assert (ink.width, ink.height) == (0, 0)
    assert font.get_glyph_h_advance(blank) == 0


@pytest.mark.parametrize("name", ["NotoSansHebrew-Regular", "NotoSansArmenian-Bold"])
def test_the_recipe_changes_nothing_the_second_time(name: str) -> None:
    data = (FOLDER / f"{name}.ttf").read_bytes()
    again = hb.Face(hb.Blob(reduced(data)))
    shipped = hb.Face(hb.Blob(data))
    assert set(again.unicodes) == set(shipped.unicodes)
    assert again.glyph_count == shipped.glyph_count
