"""Every type of entry and every kind of annotation has its place in the LED log."""

from __future__ import annotations

import ast
import importlib
from pathlib import Path
from types import ModuleType

import pytest

from evidence.access.verbs import BY_KIND, BY_TYPE, LedVerb, verb_of
from evidence.authority.register import KINDS as AUTHORITY_KINDS
from evidence.casework.numbers import HARM, PROCEEDS
from evidence.overview import TYPED
from evidence.vault.holders import ADD, REMOVE
from manifests.entries import Entry, EntryType
from manifests.warrants import APPROVALS
from tests.skips import REPOSITORY

# Directive (EU) 2016/680 Art. 25(1), word for word.
ARTICLE = "collection alteration consultation disclosure combination erasure"
# Modules whose "kind" is that of another type of entry, or whose value is an argument.
ELSEWHERE = {
    "evidence/referring.py": "identify",
    "evidence/selftest/running.py": "verify",
    "evidence/vault/holders.py": "the kind of a holder, inside the facts",
    "evidence/corrections/rectifying.py": "rectify",
}
ARGUMENTS = {
    "evidence/vault/changing.py": (ADD, REMOVE),
    "cli/commands/note.py": TYPED,
    "evidence/casework/losses.py": (HARM, PROCEEDS),
    "evidence/authority/recording.py": AUTHORITY_KINDS,
}


def entry(written: str, /, **facts: object) -> Entry:
    body = {"type": written, "facts": facts, "seq": 1}
    return Entry(b"", body, ())  # type: ignore[arg-type] - only what is read here


def test_the_verbs_are_those_of_the_article() -> None:
    known = [verb.value for verb in LedVerb if verb is not LedVerb.UNCLASSIFIED]
    assert " ".join(known) == ARTICLE


def test_every_type_of_entry_is_mapped() -> None:
    assert set(BY_TYPE) == set(EntryType)
    for verb, kind in zip(
        LedVerb,
        ("acquire", "rectify", "consult", "disclose", "combine", "erase"),
        strict=False,
    ):
        assert verb_of(entry(kind)) is verb


def written_kinds() -> dict[str, str]:
    """Kinds that the code writes into annotations, and where."""
    found: dict[str, str] = {}
    for top in ("evidence", "cli"):
        for path in sorted((REPOSITORY / top).rglob("*.py")):
            text, place = path.read_text("utf-8"), str(path.relative_to(REPOSITORY))
            if "EntryType.ANNOTATE" not in text or place in ELSEWHERE:
                continue
            name = place.removesuffix(".py").replace("/", ".")
            for value in _values(text):
                for kind in _told(value, importlib.import_module(name), place):
                    found[kind] = place
    return found


def _values(text: str) -> list[ast.expr]:
    return [
        value
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Dict)
        for key, value in zip(node.keys, node.values, strict=True)
        if isinstance(key, ast.Constant) and key.value == "kind"
    ]


def _told(value: ast.expr, module: ModuleType, place: str) -> list[str]:
    match value:
        case ast.Constant(value=str(word)):
            return [word]
        case ast.Name(id=name) if hasattr(module, name):
            return [getattr(module, name)]
        case ast.IfExp(body=first, orelse=second):
            return [*_told(first, module, place), *_told(second, module, place)]
        case ast.Name(id="kind") | ast.Attribute(attr="kind"):
            return list(ARGUMENTS[place])
    pytest.fail(f"{place}: what kind is {ast.unparse(value)}?")


def test_every_kind_of_annotation_the_code_writes_is_mapped() -> None:
    kinds = written_kinds()
    assert len(kinds) > 20, "the search found too little to be right"
    assert set(kinds) - {"no"} <= set(BY_KIND)
    assert {*APPROVALS, *TYPED, *AUTHORITY_KINDS} <= set(BY_KIND)
    assert set(BY_KIND) <= set(kinds), "a kind nobody writes"


def test_what_is_not_known_is_told_as_such_and_never_left_out() -> None:
    for odd in (
        entry("teleport"),
        entry("annotate", kind="gossip"),
        entry("annotate", kind=["label"]),
        entry("annotate"),
        entry("annotate", kind="person", act="eat"),
    ):
        assert verb_of(odd) is LedVerb.UNCLASSIFIED
    added = verb_of(entry("annotate", kind="person", act="add"))
    assert added is LedVerb.COLLECTION
    assert verb_of(entry("key_enrol")) is None


def test_the_reference_page_lists_the_mapping() -> None:
    page = Path(REPOSITORY / "docs/reference/led-log.md").read_text("utf-8")
    for name, verb in {**BY_TYPE, **BY_KIND}.items():
        assert f"| `{name}` | {verb.value if verb else 'none'} |" in page or (
            name in ("annotate", "person")
        ), name
