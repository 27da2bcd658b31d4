"""Merkle tree of RFC 6962 / RFC 9162: roots, inclusion and consistency proofs.

leaf hash = SHA-256(0x00 || data); node hash = SHA-256(0x01 || left || right); the
empty tree's root is SHA-256 of nothing. Hashes are 32 raw bytes throughout. The
verifying functions follow RFC 9162 sections 2.1.3.2 and 2.1.4.2; they share no code
with those that make proofs (section 2.1.3.1 and 2.1.4.1).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from hashlib import sha256

from manifests.errors import IntegrityError

EMPTY_ROOT = sha256(b"").digest()
HASH_BYTES = 32


class ProofError(IntegrityError):
    """A Merkle proof does not prove what it claims."""

    code = "PROOF_WRONG"
    exit_code = 12
    template = "The {kind} proof does not hold: {reason}."
    safe = "Nothing was changed."
    advice = "Ask the sender for a proof made from the manifest you were given."


def leaf_hash(data: bytes) -> bytes:
    """Return the RFC 6962 leaf hash of `data`."""
    return sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return the RFC 6962 interior node hash."""
    return sha256(b"\x01" + left + right).digest()


class Frontier:
    """The right edge of a growing tree: constant time and memory per append."""

    __slots__ = ("_peaks", "size")

    def __init__(self) -> None:
        self.size = 0
        self._peaks: list[bytes] = []

    def append(self, leaf: bytes) -> None:
        """Add one leaf hash (32 bytes)."""
        self._peaks.append(leaf)
        self.size += 1
        size = self.size
        while size & 1 == 0:
            right = self._peaks.pop()
            self._peaks[-1] = node_hash(self._peaks[-1], right)
            size >>= 1

    def root(self) -> bytes:
        """Return the root over all leaves so far."""
        if not self._peaks:
            return EMPTY_ROOT
        root = self._peaks[-1]
        for peak in reversed(self._peaks[:-1]):
            root = node_hash(peak, root)
        return root


def tree_root(leaves: Iterable[bytes]) -> bytes:
    """Return the root over leaf hashes."""
    frontier = Frontier()
    for leaf in leaves:
        frontier.append(leaf)
    return frontier.root()


def _split(size: int) -> int:
    """Return the largest power of two smaller than `size` (size >= 2)."""
    return 1 << ((size - 1).bit_length() - 1)


def inclusion_proof(leaves: Sequence[bytes], index: int) -> list[bytes]:
    """Return the audit path of leaf `index` (RFC 9162 2.1.3.1), leaf side first.

    Raises:
        ValueError: `index` is not in the tree.
    """
    if not 0 <= index < len(leaves):
        raise ValueError("index outside the tree")
    path: list[bytes] = []
    start, end = 0, len(leaves)
    while end - start > 1:
        split = start + _split(end - start)
        if index < split:
            path.append(tree_root(leaves[split:end]))
            end = split
        else:
            path.append(tree_root(leaves[start:split]))
            start = split
    path.reverse()
    return path


def inclusion_proofs(
    leaves: Sequence[bytes], indexes: Iterable[int]
) -> dict[int, tuple[bytes, ...]]:
    """Return the audit paths of many leaves, hashing the tree once.

    Level by level: a node's neighbour joins its path, and a last node without one goes
    up as it is, which gives the same tree as splitting at powers of two.

    Raises:
        ValueError: an index is not in the tree.
    """
    paths: dict[int, list[bytes]] = {index: [] for index in indexes}
    if any(not 0 <= index < len(leaves) for index in paths):
        raise ValueError("index outside the tree")
    level, depth = list(leaves), 0
    while len(level) > 1:
        for index, path in paths.items():
            beside = (index >> depth) ^ 1
            if beside < len(level):
                path.append(level[beside])
        upper = [node_hash(level[i], level[i + 1]) for i in range(0, len(level) - 1, 2)]
        if len(level) & 1:
            upper.append(level[-1])
        level, depth = upper, depth + 1
    return {index: tuple(path) for index, path in paths.items()}


def consistency_proof(leaves: Sequence[bytes], old_size: int) -> list[bytes]:
    """Return the proof that the first `old_size` leaves are a prefix (2.1.4.1).

    Raises:
        ValueError: `old_size` is zero or larger than the tree.
    """
    if not 0 < old_size <= len(leaves):
        raise ValueError("old size outside the tree")
    path: list[bytes] = []
    start, end, known = 0, len(leaves), True
    while old_size != end:
        split = start + _split(end - start)
        if old_size <= split:
            path.append(tree_root(leaves[split:end]))
            end = split
        else:
            path.append(tree_root(leaves[start:split]))
            start, known = split, False
    if not known:
        path.append(tree_root(leaves[start:end]))
    path.reverse()
    return path


def verify_inclusion(
    leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes
) -> None:
    """Check that `leaf` is leaf `index` of the tree of `size` leaves with `root`.

    Raises:
        ProofError: it is not, or the proof has the wrong length.
    """
    _check_hashes("inclusion", leaf, root, *proof)
    if not 0 <= index < size:
        raise ProofError(kind="inclusion", reason="the index is outside the tree")
    node, last, result = index, size - 1, leaf
    for sibling in proof:
        if last == 0:
            raise ProofError(kind="inclusion", reason="it is too long")
        if node & 1 or node == last:
            result = node_hash(sibling, result)
            while node and not node & 1:
                node, last = node >> 1, last >> 1
        else:
            result = node_hash(result, sibling)
        node, last = node >> 1, last >> 1
    if last != 0:
        raise ProofError(kind="inclusion", reason="it is too short")
    if result != root:
        raise ProofError(kind="inclusion", reason="it leads to another root")


def verify_consistency(
    old_size: int, new_size: int, proof: Sequence[bytes], old_root: bytes, root: bytes
) -> None:
    """Check that the tree (`new_size`, `root`) extends the tree (`old_size`, ...).

    Raises:
        ProofError: it does not, or the proof has the wrong length.
    """
    _check_hashes("consistency", old_root, root, *proof)
    if not 0 <= old_size <= new_size:
        raise ProofError(kind="consistency", reason="the sizes do not grow")
    if old_size in (0, new_size):
        _verify_trivial(old_size, new_size, proof, old_root, root)
        return
    path = list(proof)
    if old_size & (old_size - 1) == 0:  # a complete subtree: its root is known
        path.insert(0, old_root)
    if not path:
        raise ProofError(kind="consistency", reason="it is empty")
    node, last = old_size - 1, new_size - 1
    while node & 1:
        node, last = node >> 1, last >> 1
    old = new = path[0]
    for sibling in path[1:]:
        if last == 0:
            raise ProofError(kind="consistency", reason="it is too long")
        if node & 1 or node == last:
            old, new = node_hash(sibling, old), node_hash(sibling, new)
            while node and not node & 1:
                node, last = node >> 1, last >> 1
        else:
            new = node_hash(new, sibling)
        node, last = node >> 1, last >> 1
    if last != 0:
        raise ProofError(kind="consistency", reason="it is too short")
    if old != old_root:
        raise ProofError(kind="consistency", reason="it leads to another old root")
    if new != root:
        raise ProofError(kind="consistency", reason="it leads to another root")


def _check_hashes(kind: str, *hashes: bytes) -> None:
    """Refuse other lengths: concatenated, they could be cut in two ways."""
    if any(len(value) != HASH_BYTES for value in hashes):
        raise ProofError(kind=kind, reason="a hash is not 32 bytes")


def _verify_trivial(
    old_size: int, new_size: int, proof: Sequence[bytes], old_root: bytes, root: bytes
) -> None:
    if proof:
        raise ProofError(kind="consistency", reason="it should be empty")
    if old_size == new_size and old_root != root:
        raise ProofError(kind="consistency", reason="equal sizes, different roots")
    if old_size == 0 and old_root != EMPTY_ROOT:
        raise ProofError(kind="consistency", reason="the old root is not the empty one")
