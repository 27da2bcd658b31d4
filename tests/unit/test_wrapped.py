"""Tables broken into lines on a terminal; one searchable line a row elsewhere."""

from __future__ import annotations

import pytest

from cli import output
from cli.commands.check import NAMES
from evidence.conformity.catalogues import CATALOGUES

HEADER = ("outcome", "article", "what", "proof")
ROW = ("met", "Art. 5(5)(a)", "The issuing authority is named. " * 3, "entries 1-3")
WIDTHS = (8, 10, 0, 9)


def test_on_a_terminal_no_line_is_wider(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(output, "_columns", lambda: 60)
    output.wrapped_table(HEADER, [ROW], widths=WIDTHS)
    output.prose("The issuing authority is named. " * 3)
    lines = capsys.readouterr().out.splitlines()
    assert max(len(line) for line in lines) <= 60
    assert lines[1].startswith("met       Art.        The issuing authority is")
    words = " ".join(" ".join(line[22:49] for line in lines[1:4]).split())
    assert words.startswith("The issuing authority is named. The issuing authority")


def test_a_cell_from_evidence_cannot_act_on_the_terminal(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for columns in (0, 60):
        monkeypatch.setattr(output, "_columns", lambda columns=columns: columns)
        output.wrapped_table(HEADER, [("a\tb", "\x1b[31m", "x\ny", "")], widths=WIDTHS)
        shown = capsys.readouterr().out
        assert "\x1b" not in shown
        assert "x\ny" not in shown
        assert columns or shown.splitlines()[1].count("\t") == len(HEADER) - 1


def test_the_command_knows_every_catalogue() -> None:
    assert tuple(CATALOGUES) == NAMES
