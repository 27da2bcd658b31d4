"""Laws of RFC 6962 trees, for every size up to 70 and every flipped bit.

The expectations follow the recursive definitions of RFC 9162 section 2.1, which the
code under test does not use.
"""

from __future__ import annotations

from hashlib import sha256
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from manifests import merkle

SIZES = 70
LEAVES = [sha256(b"\x00leaf %d" % number).digest() for number in range(SIZES)]


def split(size: int) -> int:
    k = 1
    while k * 2 < size:
        k *= 2
    return k


def root_of(leaves: list[bytes]) -> bytes:
    if len(leaves) < 2:
        return leaves[0] if leaves else sha256(b"").digest()
    k = split(len(leaves))
    return sha256(b"\x01" + root_of(leaves[:k]) + root_of(leaves[k:])).digest()


def path(index: int, size: int) -> str:
    """Sides of the siblings from the leaf up: what an inclusion proof depends on."""
    if size == 1:
        return ""
    k = split(size)
    return path(index, k) + "R" if index < k else path(index - k, size - k) + "L"


def subproof(old: int, new: int, known: str = "") -> str:
    """Likewise for consistency; "S" begins with a subtree that is sent."""
    if old == new:
        return known
    k = split(new)
    if old <= k:
        return subproof(old, k, known) + "R"
    return subproof(old - k, new - k, "S") + "L"


ROOTS = [root_of(LEAVES[:size]) for size in range(SIZES + 1)]


def holds_inclusion(*arguments: Any) -> bool:
    try:
        merkle.verify_inclusion(*arguments)
    except merkle.ProofError:
        return False
    return True


def holds_consistency(*arguments: Any) -> bool:
    try:
        merkle.verify_consistency(*arguments)
    except merkle.ProofError:
        return False
    return True


def test_roots() -> None:
    frontier = merkle.Frontier()
    for size in range(SIZES + 1):
        assert merkle.tree_root(LEAVES[:size]) == ROOTS[size] == frontier.root()
        if size < SIZES:
            frontier.append(LEAVES[size])


@pytest.mark.parametrize("size", range(1, SIZES + 1))
def test_inclusion_of_every_leaf(size: int) -> None:
    for index in range(size):
        proof = merkle.inclusion_proof(LEAVES[:size], index)
        assert len(proof) == len(path(index, size))
        assert holds_inclusion(LEAVES[index], index, size, proof, ROOTS[size])
        assert not holds_inclusion(LEAVES[index - 1], index, size, proof, ROOTS[size])
        assert not holds_inclusion(
            LEAVES[index], index, size, [*proof, ROOTS[1]], ROOTS[size]
        )


@pytest.mark.parametrize("new", range(1, SIZES + 1))
def test_consistency_of_every_pair(new: int) -> None:
    for old in range(1, new + 1):
        proof = merkle.consistency_proof(LEAVES[:new], old)
        assert len(proof) == len(subproof(old, new))
        assert holds_consistency(old, new, proof, ROOTS[old], ROOTS[new])
        assert not holds_consistency(old, new, proof, ROOTS[old - 1], ROOTS[new])
        if old < new:
            assert not holds_consistency(old, new, proof[1:], ROOTS[old], ROOTS[new])


def flipped(data: Any, hashes: list[bytes]) -> list[bytes]:
    """One bit of one of the hashes, drawn by Hypothesis."""
    which = data.draw(st.integers(0, len(hashes) - 1))
    bit = data.draw(st.integers(0, 255))
    changed = bytearray(hashes[which])
    changed[bit // 8] ^= 1 << bit % 8
    return [*hashes[:which], bytes(changed), *hashes[which + 1 :]]


@given(st.data())
@settings(max_examples=120, deadline=None)
def test_a_flipped_bit_of_an_inclusion_is_refused(data: Any) -> None:
    size = data.draw(st.integers(1, SIZES))
    index = data.draw(st.integers(0, size - 1))
    proof = merkle.inclusion_proof(LEAVES[:size], index)
    leaf, root, *wrong = flipped(data, [LEAVES[index], ROOTS[size], *proof])
    assert not holds_inclusion(leaf, index, size, wrong, root)


@given(st.data())
@settings(max_examples=120, deadline=None)
def test_a_flipped_bit_of_a_consistency_is_refused(data: Any) -> None:
    new = data.draw(st.integers(2, SIZES))
    old = data.draw(st.integers(1, new - 1))
    proof = merkle.consistency_proof(LEAVES[:new], old)
    before, after, *wrong = flipped(data, [ROOTS[old], ROOTS[new], *proof])
    assert not holds_consistency(old, new, wrong, before, after)


@given(st.integers(1, SIZES), st.data())
@settings(max_examples=80, deadline=None)
def test_other_indexes_and_sizes_hold_only_for_a_path_of_the_same_shape(
    size: int, data: Any
) -> None:
    """No hash holds the size, so paths of one shape cannot be told apart: verifiers
    take size and root from one signed head. Every other claim is refused.
    """
    index = data.draw(st.integers(0, size - 1))
    proof = merkle.inclusion_proof(LEAVES[:size], index)
    bits = [(index ^ 1 << bit, size) for bit in range(9)]
    bits += [(index, size ^ 1 << bit) for bit in range(9)]
    for i, n in [*bits, (index + 1, size), (index, size + 1), (-1, size)]:
        alike = 0 <= i < n and path(i, n) == path(index, size)
        found = holds_inclusion(LEAVES[index], i, n, proof, ROOTS[size])
        assert found == alike
        assert not (found and i != index and n == size)


@given(st.integers(2, SIZES), st.data())
@settings(max_examples=80, deadline=None)
def test_other_pairs_of_sizes_hold_only_for_a_proof_of_the_same_shape(
    new: int, data: Any
) -> None:
    old = data.draw(st.integers(1, new - 1))
    proof = merkle.consistency_proof(LEAVES[:new], old)
    pairs = [(old ^ 1 << bit, new) for bit in range(8)]
    pairs += [(old, new ^ 1 << bit) for bit in range(8)]
    for a, b in [*pairs, (old + 1, new), (old, new + 1), (new, old), (-old, new)]:
        alike = 0 < a < b and subproof(a, b) == subproof(old, new)
        assert holds_consistency(a, b, proof, ROOTS[old], ROOTS[new]) == alike


@given(st.data())
@settings(max_examples=80, deadline=None)
def test_a_proof_of_other_length_or_order_is_refused(data: Any) -> None:
    new = data.draw(st.integers(4, SIZES))
    old = data.draw(st.integers(1, new - 1))
    proof = merkle.consistency_proof(LEAVES[:new], old)
    at = data.draw(st.integers(0, len(proof) - 1))
    extra = data.draw(st.binary(min_size=32, max_size=32))
    for wrong in (
        proof[:at] + proof[at + 1 :],
        [*proof[:at], extra, *proof[at:]],
        [*proof, proof[at]],
        [*proof[:at], proof[at][:31], *proof[at + 1 :]],
        [*proof[:at], proof[at] + b"\x00", *proof[at + 1 :]],
        proof[::-1] if len(proof) > 1 else [],
    ):
        assert not holds_consistency(old, new, wrong, ROOTS[old], ROOTS[new])
