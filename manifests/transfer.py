"""Proofs of a hand-over: an offer, or an answer together with its offer. Forms only.

Canonical JSON of the form `FORMAT`. Each side of it is one signed entry with its place
in its own log: the entry, the entries that say which keys may sign, a checkpoint, and
the request to a witness for that checkpoint, so that whoever receives it can
countersign. An answer
holds the whole offer it answers, so that either side alone can show both. Nothing in it
is authenticated by itself; `manifests.verifying.transfers` judges it.
"""

from __future__ import annotations

from dataclasses import dataclass

from manifests import canonical
from manifests.canonical import Json
from manifests.checkpoint import Checkpoint, read_checkpoint
from manifests.entries import Entry, read_entry
from manifests.errors import MalformedError, NewerFormatError
from manifests.merkle import leaf_hash
from manifests.note import MAX_NOTE_BYTES, SignedNote, read_note
from manifests.proof import (
    MAX_STANDING,
    ExhibitProof,
    Placed,
    placed,
    read_placed,
)

FORMAT = "custody-transfer-1"
FAMILY = "custody-transfer-"
MAX_BYTES = 16 << 20
MAX_DIFFERENCES_BYTES = 4 << 20
MAX_COSIGNATURE_BYTES = 1 << 16
MAX_REQUEST_BYTES = MAX_NOTE_BYTES + (1 << 20)
OFFER, ANSWER = "offer", "answer"
_SIDE = {"entry", "note", "request", "standing"}
_OFFER = _SIDE | {"format", "kind"}
_ANSWER = _OFFER | {"cosignature", "differences", "offer"}
_WHAT = "a transfer proof"


@dataclass(frozen=True, slots=True)
class Side:
    """One signed entry and its place in its log.

    Attributes:
        act: the entry; standing: entries about keys, the first entry first.
        note: the checkpoint.
        request: bytes of the request to a witness for it; read by who countersigns.
    """

    act: Placed
    standing: tuple[Placed, ...]
    note: bytes
    request: bytes

    @property
    def entry(self) -> Entry:
        """The entry, read."""
        return read_entry(self.act.line)

    @property
    def leaf(self) -> str:
        """Leaf hash of the entry, hex: what names an offer."""
        return leaf_hash(self.act.line).hex()

    @property
    def signed(self) -> SignedNote:
        """The checkpoint's note, read."""
        return read_note(self.note)

    @property
    def head(self) -> Checkpoint:
        """What the checkpoint says."""
        return read_checkpoint(self.signed.text)

    @property
    def proof(self) -> ExhibitProof:
        """The same as a proof without records, for the one reader of both."""
        return ExhibitProof(self.act, self.standing, self.note)


@dataclass(frozen=True, slots=True)
class TransferProof:
    """What a transfer proof holds.

    Attributes:
        answer: None in the proof of an offer.
        cosignature: signature lines of the answerer over the offer's checkpoint; b""
            when there are none.
        differences: sealed record of the differences found; b"" when not shown.
    """

    offer: Side
    answer: Side | None = None
    cosignature: bytes = b""
    differences: bytes = b""


def is_transfer(data: bytes) -> bool:
    """Tell by its content whether a file means to be a transfer proof."""
    return data[:1] == b"{" and f'"format":"{FAMILY}'.encode() in data


def write_transfer(proof: TransferProof) -> bytes:
    """Return the bytes of a transfer proof.

    Raises:
        MalformedError: it would not be read back as given.
    """
    value: dict[str, Json] = _side(proof.offer)
    if proof.answer is None:
        value |= {"format": FORMAT, "kind": OFFER}
    else:
        offer: Json = value
        value = _side(proof.answer) | {
            "cosignature": proof.cosignature.decode("utf-8"),
            "differences": proof.differences.decode("utf-8"),
            "format": FORMAT,
            "kind": ANSWER,
            "offer": offer,
        }
    data = canonical.encode(value, what=_WHAT)
    if len(data) > MAX_BYTES or read_transfer(data) != proof:
        raise MalformedError(what=_WHAT, reason="it would be read differently")
    return data


def _side(side: Side) -> dict[str, Json]:
    return {
        "entry": placed(side.act, "entry"),
        "note": side.note.decode("utf-8"),
        "request": side.request.decode("utf-8"),
        "standing": [placed(item, "entry") for item in side.standing],
    }


def read_transfer(data: bytes) -> TransferProof:
    """Read a transfer proof without judging anything.

    Raises:
        MalformedError: not the prescribed form.
        NewerFormatError: of a newer version of this format.
    """
    value = canonical.decode_object(data, what=_WHAT, max_bytes=MAX_BYTES)
    form = value.get("format")
    if isinstance(form, str) and form.startswith(FAMILY) and form != FORMAT:
        number = form.removeprefix(FAMILY)
        if number.isascii() and number.isdigit() and len(number) < 7:
            raise NewerFormatError(what=_WHAT, found=int(number), known=1)
    kind = value.get("kind")
    members = {OFFER: _OFFER, ANSWER: _ANSWER}.get(
        kind if isinstance(kind, str) else ""
    )
    if form != FORMAT or set(value) != members:
        raise _malformed(f"it is not of the form {FORMAT}")
    if kind == OFFER:
        return TransferProof(_read_side(value))
    offer = value["offer"]
    if not isinstance(offer, dict) or set(offer) != _SIDE:
        raise _malformed("the offer in it has not the prescribed members")
    return TransferProof(
        _read_side(offer),
        _read_side(value),
        _text(value["cosignature"], MAX_COSIGNATURE_BYTES),
        _text(value["differences"], MAX_DIFFERENCES_BYTES),
    )


def _read_side(value: dict[str, Json]) -> Side:
    standing = value["standing"]
    if not isinstance(standing, list) or len(standing) > MAX_STANDING:
        raise _malformed("it brings no list of entries about keys, or too many")
    side = Side(
        read_placed(value["entry"], "entry", what=_WHAT),
        tuple(read_placed(item, "entry", what=_WHAT) for item in standing),
        _text(value["note"], MAX_NOTE_BYTES),
        _text(value["request"], MAX_REQUEST_BYTES),
    )
    _ = side.entry, side.head  # both have their form, or this is no proof
    return side


def _text(value: Json, limit: int) -> bytes:
    data = value.encode("utf-8") if isinstance(value, str) else None
    if data is None or len(data) > limit:
        raise _malformed("a member is no text, or too long")
    return data


def _malformed(reason: str) -> MalformedError:
    return MalformedError(what=_WHAT, reason=reason)
