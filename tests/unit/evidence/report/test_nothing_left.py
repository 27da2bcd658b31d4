"""Nothing of the program stays in English in a report of another language.

A case that lived through everything is drawn in a language made for the test (every
letter of every sentence replaced). What still holds Latin letters must be an id, a
digest, a code, a time, a command, a file's name, a proper name, or what a person wrote.
"""

from __future__ import annotations

import ast
import io
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

import cli
from evidence.case import Case, open_case
from evidence.conformity.catalogues import CATALOGUES
from evidence.identity import IdentityStore
from evidence.keyfile import FileSigner
from evidence.report import typeset
from evidence.report.compose import compose
from evidence.report.faces import Family
from evidence.report.i18n import speaking
from evidence.report.options import Options
from evidence.report.pdf import render
from evidence.report.retelling import told
from evidence.report.variants import VARIANTS
from manifests.verifying.judge import Anchors
from tests.desk import Desk
from tests.few import slow
from tests.lived import WRITTEN, lived
from tests.unit.evidence.report.pseudo import spoken

ROOT = Path(__file__).parents[4]
# What is the same in every language. Nothing here is a sentence.
SAME = re.compile(
    r"""(?x)
    \b(?:EX|AU|CO|DP|DE|IN|ST|PE|PC|TR|TI|BR|HO|HA|PR|STAFF|A|POL|NGO)-[0-9]+
        (?:[/\#]p?[0-9]+)*
    |\bR-[0-9a-f]{16}\b|\b[0-9a-f]{8,64}\b            # reports; digests, keys
    |\d{4}-\d\d-\d\dT[\d:.]+Z|\bUTC\b|\b[KMGT]iB\b    # times, units
    |\b[A-Z]{4,}(?:_[A-Z0-9]+)*\b                     # codes
    |\bSHA-(?:1|256|512)\b|\bEd25519\b|\bML-DSA-44\b|\bCUSTODY-ROOT-1\b
    |\bA[12]\b|\bB/2\b|\bH1\b|\busb\b
    |exhibits/\S+|\b[\w.-]+\.(?:jsonl?|csv|pdf|txt|md|note|sh|cosig|sha512)\b
    |evidence-custody\s\S+|case\.custody\.invalid/\S+
    |/\S+                                             # where the case's sources are
    |'(?:custody\s)?[a-z][^']*'|--[a-z-]+
    |\bArt\.\s[0-9].*|\b902\(13\).*|\b28\sUSC\s1746   # articles
    |\b(?:e-evidence|led|iso27037|fre902)\b           # names of comparisons
    |\b(?:whatsapp|telegram(?:-json)?|android|desktop|dmy|ymd|png|jpeg)\b
    |\b(?:fat12|ext4|dos)\b|x/x/yyyy\sHH:mm\s-
    |\ba\sreceipt\sof\sa\shand-over\b                 # recorded with the exhibit
    |\bhanded\sover\sfrom\b|\bthe\sproofs\sthat\scame\swith\sa\shand-over\b
    """
)
_LATIN = re.compile(r"[A-Za-z]{2,}")


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return what the typesetter is given, as it is given it; no commands, no code."""
    texts: list[str] = []
    real = typeset.shown

    def shown(text: str, family: Family = Family.REGULAR) -> str:
        if family is not Family.MONO:
            texts.append(text)
        return real(text, family)

    monkeypatch.setattr(typeset, "shown", shown)
    return texts


def left(texts: list[str]) -> set[str]:
    mine = re.compile(rf"\b(?:{'|'.join(WRITTEN)})\b")
    return {t for t in texts if _LATIN.search(SAME.sub("", mine.sub("", t)))}


def options(name: str) -> Options:
    variant = VARIANTS.get(name)
    return Options(
        "2026-12-31T12:00:00Z",
        texts=True,
        sources=variant is None,
        named_staff=variant is not None and variant.named_staff,
        decisions=True,
        matrix=True,
        losses=True,
        persons=True,
        checks=() if name else tuple(CATALOGUES),
        variant=name,
        only=("EX-0001",) if name == "victim" else (),
        thumbnails=() if name else ("EX-0003", "EX-0001"),
        time_given=True,
        language="qq",
    )


def opened(desk: Desk, name: str) -> Case:
    store = IdentityStore(desk.home)
    signer = store.signer(store.find(name), lambda _name: "")
    assert isinstance(signer, FileSigner)
    mine = signer.age_identity
    return open_case(desk.case).opened(lambda: (name, [mine]))


def test_what_is_said_of_proofs_of_others_is_told() -> None:
    texts = (
        "list of digests matches: 2 matched, 1 mismatched (sha256); signature holds",
        "BagIt bag matches in part; lines that cannot be read; listed under another "
        "name",
        "WACZ DOES NOT MATCH",
        "accepted-with-differences (damaged) 2026-01-01T00:00:00Z; sent-back",
    )
    with spoken() as code, speaking(code):
        same = re.compile(r"sha256|BagIt|WACZ")
        left_ = [t for t in texts if _LATIN.search(SAME.sub("", same.sub("", told(t))))]
    assert left_ == []


@slow
def test_no_english_is_left_in_any_variant_of_a_rich_case(
    tmp_path: Path, drawn: list[str]
) -> None:
    giver = opened(lived(tmp_path), "Ngo")
    receiver = opened(Desk(tmp_path / "Police"), "Police")
    with spoken():
        for case, name in ((receiver, ""), *((giver, v) for v in ("", *VARIANTS))):
            asked = options(name)
            if case is receiver:
                asked = replace(asked, thumbnails=())
            render(compose(case, asked, anchors=Anchors()), io.BytesIO())
    assert len(drawn) > 5000
    assert not left(drawn), "\n".join(sorted(left(drawn)))


def test_the_search_finds_a_sentence_that_was_forgotten(drawn: list[str]) -> None:
    from tests.unit.evidence.report.sample_report import SAMPLE

    forgotten = "Nobody ever translated this."
    with spoken():
        render(replace(SAMPLE, conditions=(forgotten,), language="qq"), io.BytesIO())
    assert forgotten in left(drawn)


# The verifier's modules whose findings and explanations stand in a report.
VERIFIER = (
    "checkpoints", "encrypted", "erased", "judge", "keyring", "log", "rehashed",
    "stamped", "timestamps", "tally", "witnesses",
)  # fmt: skip
# Pieces that are put into sentences of the same module, which are told whole.
PIECES = re.compile(
    r"""(?x)^(?:by\ key\ 7|Erased\ on\ 7\ 7,\ because:\ 77\.|,\ approved\ by\ key\ 7
    |7\ Entry\ 7;\ its\ digests\ remain\.|sealed\ record|\ to\ 7|\ \(to\ 7\ s\)
    |There:\ \{.*|Payload\ and\ inventory\ of\ \{.*|One\ chain\ of\ \{.*
    |The\ signatures\ on\ \{.*|\ 7:\ 7\ and\ 7\ entries\ by\ SHA-512
    |7,\ renewed\ by\ 7\ according\ to\ 7\.|7;\ not\ checked\ by\ a\ time\ stamp:\ 7\.
    |key\ 7|one\ was\ given\ and\ confirms.*|That\ nothing\ was\ cut\ off\ the\ end.*
    |\ 7\ remark7;\ see\ below\.)$"""
)


def templates(path: Path) -> Iterator[tuple[int, str]]:
    """Yield every string of a module with a sample value in each place."""
    tree = ast.parse(path.read_text("utf-8"))
    skipped = {
        id(inner)
        for node in ast.walk(tree)
        if isinstance(node, (ast.Expr, ast.JoinedStr))
        for inner in ast.walk(node)
        if inner is not node
        and isinstance(inner, (ast.Constant, ast.JoinedStr))
        and not (
            isinstance(node, ast.Expr) and not isinstance(node.value, ast.Constant)
        )
    }
    for node in ast.walk(tree):
        if id(node) in skipped:
            continue
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.lineno, node.value
        elif isinstance(node, ast.JoinedStr):
            yield (
                node.lineno,
                "".join(
                    str(part.value) if isinstance(part, ast.Constant) else "7"
                    for part in node.values
                ),
            )


@pytest.mark.parametrize("name", VERIFIER)
def test_every_sentence_of_the_verifier_is_told(name: str) -> None:
    path = ROOT / "manifests" / "verifying" / f"{name}.py"
    with spoken() as code, speaking(code):
        forgotten = [
            (line, text)
            for line, text in templates(path)
            if " " in text.strip()
            and not PIECES.search(text)
            and _LATIN.search(SAME.sub("", told(text.strip())))
        ]
    assert not forgotten, "\n".join(f"{a}: {b}" for a, b in forgotten)


def _closed_words() -> Iterator[str]:
    """Yield the closed words of public facts, from where they are defined."""
    from evidence import narration, odd_names, referring
    from evidence.access import words as access
    from evidence.authority.instruments import CATEGORIES, RULES
    from evidence.casework import losses
    from evidence.casework import words as casework
    from evidence.consent.words import words as consent
    from evidence.labels import words as labels
    from evidence.peers import telling as peers
    from evidence.retention import words as retention
    from evidence.transfer import words as transfer
    from manifests import warrants
    from manifests.entries import EntryType

    yield from (*labels.PURPOSES, *labels.RECIPIENTS, *access.PURPOSES)
    yield from (f"{name} {w}" for name, ws in labels.QUALITY.items() for w in ws)
    yield from (*consent().levels, *consent().purposes)
    yield from (*transfer.CHANNELS, *transfer.REASONS, *transfer.RETURNS)
    yield from transfer.STATES
    yield from (*retention.RULES, *retention.RESTRICTIONS, *retention.REASONS)
    yield from (*casework.DECISIONS, *casework.ANSWERS, *casework.KNOWN)
    yield from (*casework.INTERFERENCE, *casework.INTERFERENCE.values())
    yield from (word for sorts in losses.SORTS.values() for word in sorts.values())
    yield from (*CATEGORIES, *(rules.title for rules in RULES.values()))
    yield from (narration.label(kind) for kind in EntryType)
    yield from (*narration.KINDS.values(), *narration.PARSE_WORDS.values())
    yield from (*warrants.REASONS, *warrants.Right, *referring.REASONS)
    yield from (f"2 {words}" for words in odd_names.WORDS.values())
    for table in (peers._FORMS, peers._RESULTS, peers._NOTES, peers._SIGNATURES):
        yield from table.values()


# Names of media and systems.
NAMES = frozenset(("usb", "dits", "e-codex", "WACZ"))


def test_every_closed_word_is_told() -> None:
    with spoken() as code, speaking(code):
        words = [w for w in _closed_words() if w not in NAMES]
        assert len(words) > 200
        assert [w for w in words if _LATIN.search(SAME.sub("", told(w)))] == []


def test_every_kind_of_look_has_a_word_in_the_catalogues() -> None:
    """They stand in the chapter on access and in the custody table."""
    kinds = {"harm", "proceeds", "interference"}  # given by name (cli.accounts)
    for path in Path(cli.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_bytes())):
            if not isinstance(node, ast.Call) or len(node.args) < 3:
                continue
            named = isinstance(node.func, ast.Name) and node.func.id == "consult_first"
            third = node.args[2]
            if named and isinstance(third, ast.Constant):
                kinds.add(str(third.value))
    assert {"report", "exhibit", "led-log"} <= kinds
    text = (Path(typeset.__file__).parent / "locale/report.pot").read_text("utf-8")
    assert {kind for kind in kinds if f'\nmsgid "{kind}"\n' not in text} == set()
