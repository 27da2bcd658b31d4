"""Reads rendered reports with tools that had no part in writing them."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

_WORD = re.compile(
    r'<word xMin="([\d.-]+)" yMin="([\d.-]+)" xMax="([\d.-]+)" yMax="([\d.-]+)">'
)


@dataclass(frozen=True)
class Pdf:
    """A report on disk, seen through poppler and qpdf."""

    path: Path

    @property
    def raw(self) -> bytes:
        return self.path.read_bytes()

    def pages(self, *options: str) -> list[str]:
        """Extracted text, page by page."""
        text = tool("pdftotext", *options, str(self.path), "-")
        return text.removesuffix("\f").split("\f")

    def body(self) -> str:
        """Text in its layout, without the first and last line of each page."""
        lines = [
            [line for line in page.splitlines() if line.strip()]
            for page in self.pages("-layout")
        ]
        return "\n".join(line for page in lines for line in page[1:-1])

    def text(self) -> str:
        """All text, line ends and page breaks as single spaces."""
        return " ".join("\n".join(self.pages()).split())

    def solid(self) -> str:
        """All text without any white space."""
        return "".join("".join(self.pages("-layout")).split())

    def fonts(self) -> list[dict[str, str]]:
        lines = tool("pdffonts", str(self.path)).splitlines()
        starts = [m.start() for m in re.finditer(r"-+", lines[1])]
        names = [lines[0][a:b].strip() for a, b in _spans(starts)]
        return [
            dict(
                zip(
                    names,
                    (line[a:b].strip() for a, b in _spans(starts)),
                    strict=True,
                )
            )
            for line in lines[2:]
        ]

    def info(self) -> dict[str, str]:
        lines = tool("pdfinfo", str(self.path)).splitlines()
        return {k: v.strip() for k, v in (line.split(":", 1) for line in lines)}

    def word_boxes(self) -> list[tuple[float, float, float, float]]:
        """xMin, yMin, xMax, yMax of every word, from the top left, in points."""
        text = tool("pdftotext", "-bbox", str(self.path), "-")
        boxes = [
            tuple(float(edge) for edge in m.groups()) for m in _WORD.finditer(text)
        ]
        return [(a, b, c, d) for a, b, c, d in boxes]

    def uncompressed(self) -> bytes:
        """The file with every stream decoded."""
        return tool_bytes(
            "qpdf", "--qdf", "--object-streams=disable", str(self.path), "-"
        )

    def outline(self) -> list[dict[str, object]]:
        out = tool("qpdf", "--json", "--json-key=outlines", str(self.path))
        outlines = json.loads(out)["outlines"]
        assert isinstance(outlines, list)
        return outlines

    def check(self) -> None:
        """Fail unless qpdf finds the structure sound."""
        tool("qpdf", "--check", str(self.path))


def _spans(starts: list[int]) -> list[tuple[int, int | None]]:
    return list(zip(starts, [*starts[1:], None], strict=True))


def tool_bytes(name: str, *arguments: str) -> bytes:
    """Run an installed tool; skips the test where it is missing."""
    if shutil.which(name) is None:
        pytest.skip(f"{name} is not installed (Debian: poppler-utils, qpdf)")
    done = subprocess.run(
        [name, *arguments], capture_output=True, check=False, timeout=120
    )
    assert done.returncode == 0, done.stderr.decode("utf-8", "replace")
    return done.stdout


def tool(name: str, *arguments: str) -> str:
    """Run an installed tool and return its output as text."""
    return tool_bytes(name, *arguments).decode("utf-8")
