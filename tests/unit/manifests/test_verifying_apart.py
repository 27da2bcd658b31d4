"""The verifying core imports forms from the rest of `manifests`, and no writer."""

from __future__ import annotations

import ast
import sys
from pathlib import Path

import manifests.verifying

FOLDER = Path(str(manifests.verifying.__file__)).parent
# Modules that say what bytes mean. Of those that also hold a writer's half, what the
# verifier must not use: it would then check the writer with the writer's own code.
FORMS: dict[str, set[str]] = {
    "canonical": {"encode"},
    "checkpoint": {"sign_checkpoint"},
    "cosignature": {"cosign", "post_quantum_line"},
    "disclosure": {"write_disclosure", "write_record"},
    "transfer": {"write_transfer"},
    "entries": {"write_entry", "glance_entry", "Act", "Clock"},
    "errors": set(),
    "keys": {"Signer", "lower_half"},
    "merkle": {"Frontier", "tree_root", "inclusion_proof", "consistency_proof"},
    "note": set(),
    "postquantum": {"PostQuantumSigner"},
    "proof": {"write_proof"},
    "sealing": {"seal"},
    "warrants": set(),
}
OUTSIDE = {"cryptography", "msgspec", "rfc3161_client"}
# Pure: no files, no clock, no network, no processes.
IMPURE = {"io", "os", "pathlib", "shutil", "socket", "ssl", "subprocess", "time"}
FILES = sorted(FOLDER.glob("*.py"))


def imports(path: Path) -> list[tuple[str, str]]:
    """(module, name) of everything a file imports; name "" for a whole module."""
    found = []
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found += [(alias.name, "") for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "relative imports would escape this test"
            for alias in node.names:
                module = f"{node.module}"
                if module == "manifests":
                    found.append((f"manifests.{alias.name}", ""))
                else:
                    found.append((module, alias.name))
    return found


def test_there_is_a_core_to_look_at() -> None:
    assert {"judge.py", "keyring.py", "log.py"} <= {path.name for path in FILES}


def test_it_imports_forms_only() -> None:
    for path in FILES:
        for module, name in imports(path):
            top, _, rest = module.partition(".")
            if top == "manifests" and not rest.startswith("verifying"):
                assert rest in FORMS, f"{path.name} imports {module}"
                assert name not in FORMS[rest], f"{path.name} imports {module}.{name}"
                assert name or not FORMS[rest], f"{path.name} imports all of {module}"


def test_it_is_pure() -> None:
    for path in FILES:
        tops = {module.partition(".")[0] for module, _ in imports(path)}
        assert not tops & (IMPURE | {"evidence", "cli"}), path.name
        assert tops <= sys.stdlib_module_names | OUTSIDE | {"manifests"}, path.name
        calls = {
            node.func.id
            for node in ast.walk(ast.parse(path.read_text("utf-8")))
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
        }
        assert not calls & {"open", "print", "input", "exec", "eval", "__import__"}
