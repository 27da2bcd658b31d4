"""One English term, one translation: the terms a court compares between two reports.

The stems are written by hand; a sentence that has the English term must have the stem.
"""

from __future__ import annotations

import re

import pytest

from tests.unit.evidence.report.test_catalogues import CODES, catalogue

TERMS: dict[str, dict[str, str]] = {
    r"\bcheckpoints?\b": {
        "ar": "نقطة|نقاط|النقطة",
        "az": "nəzarət nöqtə",
        "de": "prüfpunkt",
        "es": r"puntos?(\(s\))? de control",
        "fr": r"points?(\(s\))? de contrôle",
        "it": "punt(o|i|o/i) di controllo",
        "ro": r"punct(e|ul|ele|elor|ului|\(e\))?( sale)? de control",
        "ru": "контрольн",
        "uk": "контрольн",
    },
    r"\btime stamps?\b": {
        "ar": "ختم|أختام|خَتم|الأختام",
        "az": "möhür",
        "de": "zeitstempel|token",
        "es": "sellos? de tiempo",
        "fr": "horodat",
        "it": "marc(a|he) tempor",
        "ro": "m[aă]rc.*tempor",
        "ru": "мет(к|ок)",
        "uk": "познач",
    },
    r"\bexhibits?\b": {
        "ar": "إثبات",
        "az": "maddi sübut",
        "de": "asservat",
        "es": "evidencia",
        "fr": "pièce",
        "it": "repert",
        "ro": "mijlo",
        "ru": "доказательств",
        "uk": "доказ",
    },
    r"\binventory\b": {
        "ar": "جرد",
        "az": "inventar",
        "de": "inventar",
        "es": "inventario",
        "fr": "inventaire",
        "it": "inventario",
        "ro": "inventar",
        "ru": "опис",
        "uk": "опис",
    },
    r"\bdigests?\b": {
        "ar": "بصم",
        "az": "heş",
        "de": "hash",
        "es": "res[uú]men",
        "fr": "empreinte",
        "it": "impront",
        "ro": "amprent",
        "ru": "хеш|отпечат",
        "uk": "геш|відбит",
    },
    r"\bcountersign": {
        "ar": "صادق|مصادق|مصادقة",
        "az": "təsdiq",
        "de": "gegenzeich|gegengezeich|gegen",
        "es": "refrend",
        "fr": "contresign",
        "it": "controfirm",
        "ro": "contrasemn",
        "ru": "завер",
        "uk": "засвідч",
    },
}
QUOTED = re.compile(r"'[^']*'|\{\w+\}")


@pytest.mark.parametrize("code", CODES)
def test_a_term_has_one_translation(code: str) -> None:
    wrong = []
    for message in catalogue(code):
        if not message.id:
            continue
        plural = isinstance(message.id, (list, tuple))
        english = " ".join(message.id) if plural else message.id
        said = " ".join(message.string) if plural else message.string
        for term, stems in TERMS.items():
            has = re.search(term, QUOTED.sub("", english), re.IGNORECASE)
            if has and not re.search(stems[code], said, re.IGNORECASE):
                wrong.append((term, english, said))
    assert not wrong, "\n".join(map(str, wrong))
