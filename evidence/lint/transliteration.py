"""Letters of other scripts in Latin ones, by several schemes, and look-alikes.

A scheme maps one letter to its Latin letters, so that text can be turned in one pass.
Sources: ICAO Doc 9303-3 section 6 and BGN/PCGN 1947 (Russian), ISO 9, resolution 55 of
the Cabinet of Ukraine (2010), the national system of Georgia (2002), ELOT 743 (Greek),
the Azerbaijani alphabets of 1991 and 1958. Look-alikes: Unicode Technical Standard 39.
"""

from __future__ import annotations

from collections.abc import Mapping


def _table(letters: str, latin: str) -> dict[str, str]:
    """Pair letters with their Latin forms; ``-`` stands for none."""
    return {
        letter: "" if form == "-" else form
        for letter, form in zip(letters, latin.split(), strict=True)
    }


_RUSSIAN = _table(
    "абвгдеёжзийклмнопрстуфхцчшщъыьэюя",
    "a b v g d e e zh z i i k l m n o p r s t u f kh ts ch sh shch ie y - e iu ia",
)
_RUSSIAN_USED = _RUSSIAN | _table(
    "ёйхщъюя",
    "yo y kh shch - yu ya",
)
_RUSSIAN_SHORT = _RUSSIAN | _table("ёйхцщъюя", "e y h c sch - yu ya")
_RUSSIAN_ISO = _RUSSIAN | _table(
    "ёжйхцчшщъюя",
    "e z j h c c s s - ju ja",
)
# As French and German papers write Russian names: older passports, press, courts.
_RUSSIAN_FRENCH = _RUSSIAN | _table(
    "ёжуцчшщъыюя",
    "io j ou ts tch ch chtch - y iou ia",
)
_RUSSIAN_GERMAN = _RUSSIAN | _table(
    "вёжзхцчшщъыюя",
    "w jo sch s ch z tsch sch schtsch - y ju ja",
)
_SERBIAN = _RUSSIAN | _table("ђжјљњћхцчџш", "d z j lj nj c h c c dz s")
UKRAINIAN = _RUSSIAN | _table("гґеєиіїйщьюя", "h g e ie y i i i shch - iu ia")
_UKRAINIAN_USED = UKRAINIAN | _table("єїйюя", "ye yi y yu ya")
_AZERBAIJANI_CYRILLIC = _RUSSIAN | _table("әҝғһҹјөүхыжц", "a g gh h j y o u kh i zh ts")
_AZERBAIJANI = _table("əcçşğxqı", "a j ch sh gh kh g i")
_AZERBAIJANI_PLAIN = _table("əcçşğxqı", "e c c s g x q i")
_GEORGIAN = _table(
    "აბგდევზთიკლმნოპჟრსტუფქღყშჩცძწჭხჯჰ",
    "a b g d e v z t i k l m n o p zh r s t u p k gh q sh ch ts dz ts ch kh j h",
)
_GEORGIAN_USED = _GEORGIAN | _table("ყხ", "k h")
_GREEK = _table(
    "αβγδεζηθικλμνξοπρσςτυφχψω",
    "a v g d e z i th i k l m n x o p r s s t y f ch ps o",
)
_GREEK_USED = _GREEK | _table("υχ", "u h")
_GREEK_OLD = _GREEK | _table("βυχ", "b i kh")

# Scheme to its table, by the letters that call for it.
CYRILLIC = (
    _RUSSIAN,
    _RUSSIAN_USED,
    _RUSSIAN_SHORT,
    _RUSSIAN_ISO,
    _RUSSIAN_FRENCH,
    _RUSSIAN_GERMAN,
    UKRAINIAN,
    _UKRAINIAN_USED,
)
SERBIAN = (_SERBIAN,)
# ICAO Doc 9303-3 section 6 A: two letters for one, where others drop the mark.
TWO_LETTERS: tuple[Mapping[str, str], ...] = (_table("äöüåøđ", "ae oe ue aa oe dj"),)
AZERBAIJANI_CYRILLIC = (_AZERBAIJANI_CYRILLIC,)
AZERBAIJANI = (_AZERBAIJANI, _AZERBAIJANI_PLAIN)
GEORGIAN = (_GEORGIAN, _GEORGIAN_USED)
GREEK = (_GREEK, _GREEK_USED, _GREEK_OLD)

# Arabic writes consonants. On both sides vowels, h and doubling are left out, and
# letters that stand for one sound are one; see `folding.consonants`.
ARABIC: Mapping[str, str] = _table(
    "ءآأؤإئابتثجحخدذرزسشصضطظعغفقكلمنهويىةپچژگکیە",
    "- - - - - - - b t t j - k d d r z s s s d t z - j f k k l m n - - - - - b j z j k "
    "- -",
)
# Only beside Arabic: a Russian spelling of the same name.
CYRILLIC_CONSONANTS: Mapping[str, str] = _table(
    "аеёиійоуыьъэюяїєўһҹғҝбвгджзклмнпрстфхцчшщ",
    "- - - - - - - - - - - - - - - - - - j j j b f j d j z k l m n b r s t f - ts ts s "
    "s",
)
LATIN_CONSONANTS: Mapping[str, str] = _table(
    "aeiouywhcqgpvxkjzdstbfrlmn",
    "- - - - - - - - k k j b f ks k j z d s t b f r l m n",
)

# What looks like a Latin letter: lower case, after case folding.
LOOK_ALIKES: Mapping[str, str] = {
    **_table(
        "аеорсухіјѕһԁԛԝӏкмтвнгпьъ", "a e o p c y x i j s h d q w l k m t b h r n b b"
    ),
    **_table("αονρτυιкκγηχεωϲβ", "a o v p t u i k k y n x e w c b"),
    **_table("օսցհոյզ", "o u g h n j q"),
    "0": "o",
    "1": "l",
    "ı": "i",
}

# How an Azerbaijani name is written by those who know it from Russian papers, and by
# those who read its letters as English ones; the letter ə stands for either a or e.
AZERBAIJANI_RUSSIFIED: Mapping[str, str] = _table(
    "cçşğxqıöühy", "dzh ch sh g kh k y e yu g i"
)
AZERBAIJANI_ENGLISH: Mapping[str, str] = _table("cçşğxqıöü", "j ch sh gh kh g i o u")
AZERBAIJANI_LETTERS = frozenset("əğışç")
