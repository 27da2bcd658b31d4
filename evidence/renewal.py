"""What a renewal of time stamps covers (RFC 4998 5.2), and which checkpoint is next."""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import sha256

from evidence.case import Case, unreadable
from evidence.pending import read_plain
from manifests import ledger
from manifests.canonical import Json
from manifests.note import MAX_NOTE_BYTES
from manifests.verifying.heads import TOKEN
from manifests.verifying.tokens import MAX_TOKEN_BYTES


def renewal_facts(case: Case, *, most: int = 100) -> Iterator[dict[str, Json]]:
    """Yield the facts of `renew` entries that cover every token of the case.

    An entry covers the digests of notes and tokens (RFC 4998 5.2: a new time stamp
    over the former ones); an entry's size bounds how many, so there may be several.

    Args:
        most: tokens an entry.
    """
    folder = case.manifest / ledger.CHECKPOINTS
    items: list[tuple[str, str]] = []  # (note name, token name)
    for path in sorted(folder.glob(f"*{TOKEN}")):
        note = f"{path.name[:10]}.note"
        if (folder / note).is_file():
            items.append((note, path.name))
    for start in range(0, len(items), most):
        covers: dict[str, list[Json]] = {}
        for note, token in items[start : start + most]:
            data = read_plain(folder / token, MAX_TOKEN_BYTES)
            member: dict[str, Json] = {
                "name": token,
                "sha256": sha256(data).hexdigest(),
            }
            covers.setdefault(note, []).append(member)
        yield {
            "algorithm": "sha256",
            "covers": [
                {
                    "checkpoint": note,
                    "note": sha256(
                        read_plain(folder / note, MAX_NOTE_BYTES)
                    ).hexdigest(),
                    "tokens": tokens,
                }
                for note, tokens in covers.items()
            ],
            "kind": "timestamps",
        }


def newest_checkpoint(case: Case) -> tuple[str, bool]:
    """Return (file name of the checkpoint over all entries, whether it is there)."""
    try:
        lines = ledger.read_lines(case.manifest / ledger.ENTRIES)
        size = sum(line.endswith(b"\n") for line in lines)
    except OSError as error:
        raise unreadable(ledger.ENTRIES, error) from error
    path = ledger.checkpoint_path(case.manifest, size)
    return path.name, path.is_file()
