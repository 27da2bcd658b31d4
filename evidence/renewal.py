"""What a renewal of time stamps covers (RFC 4998 5.2), and which checkpoint is next."""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

from evidence.case import Case, unreadable
from evidence.plain import read_plain
from manifests import ledger
from manifests.canonical import Json
from manifests.verifying.heads import TOKEN
from manifests.verifying.rehashed import MAX_LIST_BYTES
from manifests.verifying.tokens import MAX_TOKEN_BYTES


def renewal_facts(case: Case, *, most: int = 100) -> Iterator[dict[str, Json]]:
    """Yield the facts of `renew` entries that cover every token of the case.

    An entry covers the digests of notes and tokens (RFC 4998 5.2: a new time stamp
    over the former ones, those over lists included); an entry's size bounds how many,
    so there may be several.

    Args:
        most: tokens an entry.
    """
    items = [*_stamped(case.manifest / ledger.CHECKPOINTS, ".note")]
    items += _stamped(case.manifest / ledger.RENEWALS, ".sha512")
    for start in range(0, len(items), most):
        covers: dict[Path, list[Json]] = {}
        for note, token in items[start : start + most]:
            data = read_plain(token, MAX_TOKEN_BYTES)
            member: dict[str, Json] = {
                "name": token.name,
                "sha256": sha256(data).hexdigest(),
            }
            covers.setdefault(note, []).append(member)
        yield {
            "algorithm": "sha256",
            "covers": [
                {
                    "checkpoint": note.name,
                    "note": sha256(read_plain(note, MAX_LIST_BYTES)).hexdigest(),
                    "tokens": tokens,
                }
                for note, tokens in covers.items()
            ],
            "kind": "timestamps",
        }


def _stamped(folder: Path, suffix: str) -> Iterator[tuple[Path, Path]]:
    """Yield what is stamped in a folder, notes or lists, with each token over it."""
    for token in sorted(folder.glob(f"*{TOKEN}")):
        over = folder / f"{token.name[:10]}{suffix}"
        if over.is_file():
            yield over, token


def newest_checkpoint(case: Case) -> tuple[str, bool]:
    """Return (file name of the checkpoint over all entries, whether it is there)."""
    try:
        lines = ledger.read_lines(case.manifest / ledger.ENTRIES)
        size = sum(line.endswith(b"\n") for line in lines)
    except OSError as error:
        raise unreadable(ledger.ENTRIES, error) from error
    path = ledger.checkpoint_path(case.manifest, size)
    return path.name, path.is_file()
