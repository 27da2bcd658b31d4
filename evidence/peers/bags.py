"""BagIt bags inside an exhibit (RFC 8493, and its drafts from 0.93 to 0.97).

A bag is judged as it was acquired: nothing is fetched, nothing is written. The rules of
1.0 (strict declaration, a file at most once in a list, every payload file in every
list) are asked of bags that say 1.0; of older ones what the drafts asked.
"""

from __future__ import annotations

import re

from evidence.peers.claims import (
    ALGORITHMS,
    MAX_PROOF_BYTES,
    Claim,
    Form,
    Note,
    Reading,
    is_digest,
)
from evidence.peers.members import View, read_small

_STRICT = re.compile(
    "BagIt-Version: ([0-9]+\\.[0-9]+)\\r?\\n?"
    "Tag-File-Character-Encoding: ([A-Za-z0-9_:.-]+)\\s*"
)
_STRICT_1 = re.compile(
    "(?:BagIt-Version: 1\\.[0-9]+)(?:\\r\\n|\\r|\\n)"
    "Tag-File-Character-Encoding: [A-Za-z0-9_:.-]+(?:\\r\\n|\\r|\\n)?"
)
_LINE = re.compile(r"([0-9a-fA-F]+)[ \t]+\*?(.+)")
_MANIFEST = re.compile(r"(tag)?manifest-([A-Za-z0-9-]+)\.txt")
_OXUM = re.compile(r"Payload-Oxum\s*:\s*([0-9]+)\.([0-9]+)\s*")
_VERSIONS = ("0.93", "0.94", "0.95", "0.96", "0.97", "1.0")
_ENCODED = re.compile(r"%(0[AaDd]|25)")
_ENCODED_OLD = re.compile(r"%(0[AaDd])")
_ENCODINGS = {"utf-8", "utf-16", "utf-16le", "utf-16be", "iso-8859-1", "us-ascii"}
_MAX_BAGS = 100


def find_bags(view: View) -> list[str]:
    """Return the folders ("" or "a/b/") that are bags and lie in no other bag."""
    found: list[str] = []
    tails = [n for n in view.names() if n.rpartition("/")[2] == "bagit.txt"]
    for name in sorted(tails, key=lambda one: (one.count("/"), one)):
        base = name[: -len("bagit.txt")]
        if not any(base.startswith(other) for other in found):
            found.append(base)
    return found[:_MAX_BAGS]


def read_bag(view: View, base: str) -> Reading:
    """Read the lists of the bag in a folder of an exhibit."""
    reading = Reading(Form.BAGIT, inside=True)
    names = {n[len(base) :] for n in view.names() if n.startswith(base)}
    version, encoding = _declaration(view, base, reading)
    payload = {n for n in names if n.startswith("data/")}
    seen: dict[str, set[str]] = {}
    tags = 0
    for name in sorted(names):
        match = _MANIFEST.fullmatch(name)
        if match is None:
            continue
        algorithm = match[2].lower().replace("-", "")
        listed = _list(view, base, name, algorithm, (version, encoding), reading)
        if match[1]:
            tags += 1
        else:
            seen[algorithm] = listed
    if not seen:
        reading.faults.append("The bag has no payload manifest.")
    _completeness(reading, version, payload, seen, base)
    _oxum(view, base, names, payload, reading, encoding)
    if "fetch.txt" in names:
        _fetch(view, base, encoding, reading)
    return reading


def _declaration(view: View, base: str, reading: Reading) -> tuple[str, str]:
    """Return version and encoding; faults of the declaration are kept."""
    text = read_small(view, base + "bagit.txt", 4096).decode("utf-8", "replace")
    match = _STRICT.fullmatch(text)
    version = match[1] if match else ""
    if match is None:
        reading.faults.append("Its bagit.txt is not a declaration of BagIt.")
        return "1.0", "utf-8"
    if version not in _VERSIONS:
        reading.faults.append("Its BagIt version is none that is known.")
    if version.startswith("1") and _STRICT_1.fullmatch(text) is None:
        reading.faults.append("Its bagit.txt is not as BagIt 1.0 wants it.")
    encoding = match[2].lower()
    if encoding not in _ENCODINGS:
        reading.faults.append("Its tag files are in an encoding that is not read.")
        encoding = "utf-8"
    return version, encoding


def _list(
    view: View,
    base: str,
    name: str,
    algorithm: str,
    said: tuple[str, str],
    reading: Reading,
) -> set[str]:
    version, encoding = said
    listed: set[str] = set()
    if algorithm not in ALGORITHMS:
        reading.notes.add(Note.ALGORITHM)
    data = read_small(view, base + name, MAX_PROOF_BYTES)
    text = data.decode(
        encoding, "surrogateescape" if encoding == "utf-8" else "replace"
    )
    for line in re.split(r"\r\n|\r|\n", text):
        if not line.strip():
            continue
        match = _LINE.fullmatch(line)
        if match is None or (
            algorithm in ALGORITHMS and not is_digest(match[1], algorithm)
        ):
            reading.faults.append(f"{base}{name} holds a line that is no digest.")
            continue
        path = _decoded(match[2], version).removeprefix("./")
        if is_outside(path):
            reading.faults.append(f"{base}{name} names a file outside the bag.")
            continue
        if path in listed and version.startswith("1"):
            reading.faults.append(f"{base}{name} names a file twice.")
        listed.add(path)
        if algorithm in ALGORITHMS:
            claim = Claim(algorithm, match[1].lower(), path, base=base)
            reading.add(claim)
    return listed


def _decoded(path: str, version: str) -> str:
    """Undo percent encoding: 1.0 encodes CR, LF and %; the drafts CR and LF alone."""
    form = _ENCODED if version.startswith("1") else _ENCODED_OLD
    return form.sub(lambda found: chr(int(found[1], 16)), path)


def is_outside(path: str) -> bool:
    """Tell whether a path leaves the bag on any system (RFC 8493 5.2.2)."""
    parts = path.replace("\\", "/").split("/")
    absolute = path.startswith(("/", "\\", "~")) or re.match(r"[A-Za-z]:", path)
    variable = re.match(r"%[A-Za-z_()0-9]+%[\\/]", path) or path.startswith("$")
    return bool(absolute or variable) or ".." in parts


def _completeness(
    reading: Reading,
    version: str,
    payload: set[str],
    seen: dict[str, set[str]],
    base: str,
) -> None:
    """Every payload file is listed: in every list (1.0), or in one (before)."""
    if not seen:
        return
    sets = list(seen.values())
    listed = set.intersection(*sets) if version.startswith("1") else set.union(*sets)
    import unicodedata

    folded = {unicodedata.normalize("NFC", path) for path in listed}
    for path in sorted(payload):
        if unicodedata.normalize("NFC", path) not in folded:
            reading.unlisted.append(base + path)


def _oxum(
    view: View,
    base: str,
    names: set[str],
    payload: set[str],
    reading: Reading,
    encoding: str,
) -> None:
    if "bag-info.txt" not in names:
        return
    text = read_small(view, base + "bag-info.txt", MAX_PROOF_BYTES)
    for line in text.decode(encoding, "replace").splitlines():
        match = _OXUM.fullmatch(line)
        if match is None:
            continue
        octets = sum(view.size(base + name) for name in payload)
        if len(match[1]) > 19 or (int(match[1]), match[2].lstrip("0") or "0") != (
            octets,
            str(len(payload)),
        ):
            reading.faults.append("Its Payload-Oxum counts other bytes or files.")


def _fetch(view: View, base: str, encoding: str, reading: Reading) -> None:
    """Nothing is fetched; what fetch.txt names outside the bag is a fault."""
    reading.notes.add(Note.FETCH)
    reading.limits.append("The bag names places on the network; none was asked.")
    text = read_small(view, base + "fetch.txt", MAX_PROOF_BYTES)
    for line in text.decode(encoding, "replace").splitlines():
        parts = line.split(None, 2)
        if len(parts) == 3 and is_outside(parts[2].removeprefix("./")):
            reading.faults.append("Its fetch.txt names a file outside the bag.")
