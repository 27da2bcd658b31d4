"""Known answers: the sample tree of the Certificate Transparency tests (RFC 6962)."""

from __future__ import annotations

from hashlib import sha256

import pytest

from manifests import merkle
from manifests.errors import IntegrityError
from manifests.merkle import ProofError

DATA = [
    bytes.fromhex(text)
    for text in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]
LEAVES = [sha256(b"\x00" + data).digest() for data in DATA]
ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
L1 = "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7"
N23 = "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e"
L4 = "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b"
N45 = "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a"
N67 = "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0"
N47 = "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4"
L6, L7 = LEAVES[6].hex(), LEAVES[7].hex()
INCLUSION = {
    (0, 1): [],
    (0, 8): [L1, N23, N47],
    (5, 8): [L4, N67, ROOTS[4]],
    (2, 3): [ROOTS[2]],
    (1, 5): [ROOTS[1], N23, L4],
    (7, 8): [L6, N45, ROOTS[4]],
}
CONSISTENCY = {
    (1, 1): [],
    (1, 8): [L1, N23, N47],
    (6, 8): [N45, N67, ROOTS[4]],
    (2, 5): [N23, L4],
    (7, 8): [L6, L7, N45, ROOTS[4]],
}


def raw(texts: list[str]) -> list[bytes]:
    return [bytes.fromhex(text) for text in texts]


def test_leaf_and_node_hashes_have_their_prefixes() -> None:
    leaf = "395aa064aa4c29f7010acfe3f25db9485bbd4b91897b6ad7ad547639252b4d56"
    node = "aa217fe888e47007fa15edab33c2b492a722cb106c64667fc2b044444de66bbb"
    assert merkle.leaf_hash(b"L123456").hex() == leaf
    assert merkle.leaf_hash(b"").hex() == ROOTS[1]
    assert merkle.node_hash(b"N123", b"N456").hex() == node
    assert [merkle.leaf_hash(data) for data in DATA] == LEAVES


@pytest.mark.parametrize("size", range(9))
def test_known_roots(size: int) -> None:
    assert merkle.tree_root(LEAVES[:size]).hex() == ROOTS[size]
    assert merkle.tree_root(iter(LEAVES[:size])).hex() == ROOTS[size]


def test_frontier_gives_every_root_on_the_way() -> None:
    frontier = merkle.Frontier()
    roots = [frontier.root().hex()]
    for leaf in LEAVES:
        frontier.append(leaf)
        roots += [frontier.root().hex(), frontier.root().hex()]
    assert frontier.size == 8
    assert roots == [ROOTS[0], *(root for root in ROOTS[1:] for _ in range(2))]


@pytest.mark.parametrize(("index", "size"), INCLUSION)
def test_known_inclusion_proofs(index: int, size: int) -> None:
    proof = raw(INCLUSION[index, size])
    assert merkle.inclusion_proof(LEAVES[:size], index) == proof
    root = bytes.fromhex(ROOTS[size])
    merkle.verify_inclusion(LEAVES[index], index, size, proof, root)


@pytest.mark.parametrize(("old", "new"), CONSISTENCY)
def test_known_consistency_proofs(old: int, new: int) -> None:
    proof = raw(CONSISTENCY[old, new])
    assert merkle.consistency_proof(LEAVES[:new], old) == proof
    old_root, root = raw([ROOTS[old], ROOTS[new]])
    merkle.verify_consistency(old, new, proof, old_root, root)


@pytest.mark.parametrize(
    ("leaf", "index", "size", "proof", "root"),
    [
        (ROOTS[1], -1, 8, INCLUSION[0, 8], ROOTS[8]),
        (ROOTS[1], 8, 8, INCLUSION[0, 8], ROOTS[8]),
        (ROOTS[1], 0, 0, [], ROOTS[0]),
        (ROOTS[1], 0, -1, [], ROOTS[0]),
        (ROOTS[1], 1, 8, INCLUSION[0, 8], ROOTS[8]),
        (ROOTS[1], 0, 8, INCLUSION[0, 8][:-1], ROOTS[8]),
        (ROOTS[1], 0, 8, INCLUSION[0, 8][1:], ROOTS[8]),
        (ROOTS[1], 0, 8, [*INCLUSION[0, 8], ROOTS[8]], ROOTS[8]),
        (ROOTS[1], 0, 8, INCLUSION[0, 8][::-1], ROOTS[8]),
        (ROOTS[1], 0, 1, [ROOTS[1]], ROOTS[1]),
        (ROOTS[1], 0, 8, INCLUSION[0, 8], ROOTS[7]),
        # an inner node is no leaf: the path below it left out
        (N47, 1, 8, [ROOTS[4]], ROOTS[8]),
        (ROOTS[4], 0, 8, [N47], ROOTS[8]),
        # leaf 1 of two passed off as the only leaf, the last of eight as number -1
        (L1, 0, 1, [ROOTS[1]], ROOTS[2]),
        (L7, -1, 8, [L6, N45, ROOTS[4]], ROOTS[8]),
        ("", 0, 1, [], ""),
        (ROOTS[1][:-2], 0, 1, [], ROOTS[1][:-2]),
        # the same preimage cut at another place
        (L1 + N23[:2], 0, 2, [N23[2:]], ROOTS[2]),
    ],
)
def test_wrong_inclusion_proofs_are_refused(
    leaf: str, index: int, size: int, proof: list[str], root: str
) -> None:
    with pytest.raises(ProofError) as caught:
        merkle.verify_inclusion(
            bytes.fromhex(leaf), index, size, raw(proof), bytes.fromhex(root)
        )
    assert isinstance(caught.value, IntegrityError)
    assert (caught.value.code, caught.value.exit_code) == ("PROOF_WRONG", 12)


@pytest.mark.parametrize("length", [0, 31, 33])
def test_every_hash_is_32_bytes(length: int) -> None:
    good, bad = LEAVES[0], bytes(length)
    for leaf, proof, root in ((bad, [good], good), (good, [bad], good)):
        with pytest.raises(ProofError, match="a hash is not 32 bytes"):
            merkle.verify_inclusion(leaf, 0, 2, proof, root)
        with pytest.raises(ProofError, match="a hash is not 32 bytes"):
            merkle.verify_consistency(1, 2, proof, leaf, root)


def test_an_inner_node_passes_for_a_leaf_of_a_smaller_tree() -> None:
    """A property of RFC 6962, held fast: sizes must come from signed heads."""
    node, root = bytes.fromhex(N47), bytes.fromhex(ROOTS[8])
    merkle.verify_inclusion(node, 1, 2, raw([ROOTS[4]]), root)
    assert node not in LEAVES


def test_a_proof_fits_other_sizes_of_the_same_shape() -> None:
    """Likewise: 6 of 7 and 6 of 8 have paths alike, and no hash holds the size."""
    old_root, root = raw([ROOTS[6], ROOTS[8]])
    merkle.verify_consistency(6, 7, raw(CONSISTENCY[6, 8]), old_root, root)


def test_hashes_cut_at_another_place_do_not_verify() -> None:
    """Without the length check 33 + 31 bytes would hash to the very same root."""
    left, right = LEAVES[0], LEAVES[1]
    root = bytes.fromhex(ROOTS[2])
    joined = left + right
    assert sha256(b"\x01" + joined[:33] + joined[33:]).digest() == root
    with pytest.raises(ProofError, match="32 bytes"):
        merkle.verify_inclusion(joined[:33], 0, 2, [joined[33:]], root)
    with pytest.raises(ProofError, match="32 bytes"):
        merkle.verify_consistency(1, 2, [joined[33:]], joined[:33], root)


@pytest.mark.parametrize(
    ("old", "new", "proof", "old_root", "root"),
    [
        (-1, 8, [], ROOTS[0], ROOTS[8]),
        (8, 1, CONSISTENCY[1, 8], ROOTS[8], ROOTS[1]),
        (1, 8, [], ROOTS[1], ROOTS[8]),
        (6, 8, [], ROOTS[6], ROOTS[8]),
        (6, 8, CONSISTENCY[6, 8], ROOTS[5], ROOTS[8]),
        (6, 8, CONSISTENCY[6, 8], ROOTS[6], ROOTS[7]),
        (6, 8, CONSISTENCY[6, 8], ROOTS[8], ROOTS[6]),
        (5, 8, CONSISTENCY[6, 8], ROOTS[6], ROOTS[8]),
        (6, 9, CONSISTENCY[6, 8], ROOTS[6], ROOTS[8]),
        (6, 16, CONSISTENCY[6, 8], ROOTS[6], ROOTS[8]),
        (6, 8, CONSISTENCY[6, 8][:-1], ROOTS[6], ROOTS[8]),
        (6, 8, [*CONSISTENCY[6, 8], L1], ROOTS[6], ROOTS[8]),
        (1, 8, [ROOTS[1], *CONSISTENCY[1, 8]], ROOTS[1], ROOTS[8]),
        # 7 of 8 passed off as 3 of 4: the path goes on above the root
        (3, 4, [L6, L7, N45, ROOTS[4]], ROOTS[7], ROOTS[8]),
        (8, 8, [], ROOTS[8], ROOTS[7]),
        (8, 8, [ROOTS[8]], ROOTS[8], ROOTS[8]),
        (0, 8, [], ROOTS[1], ROOTS[8]),
        (0, 8, [L1], ROOTS[0], ROOTS[8]),
        (0, 0, [], ROOTS[0], ROOTS[1]),
        (0, 0, [], ROOTS[1], ROOTS[1]),
        (1, 1, [], "", ""),
    ],
)
def test_wrong_consistency_proofs_are_refused(
    old: int, new: int, proof: list[str], old_root: str, root: str
) -> None:
    first, second = raw([old_root, root])
    with pytest.raises(ProofError):
        merkle.verify_consistency(old, new, raw(proof), first, second)


def test_the_empty_tree_is_a_prefix_of_every_tree() -> None:
    empty = bytes.fromhex(ROOTS[0])
    merkle.verify_consistency(0, 0, [], empty, empty)
    merkle.verify_consistency(0, 8, [], empty, bytes.fromhex(ROOTS[8]))


def test_proofs_outside_the_tree_cannot_be_made() -> None:
    for index in (-1, 8):
        with pytest.raises(ValueError, match="outside"):
            merkle.inclusion_proof(LEAVES, index)
    for old in (-1, 0, 9):
        with pytest.raises(ValueError, match="outside"):
            merkle.consistency_proof(LEAVES, old)
    with pytest.raises(ValueError, match="outside"):
        merkle.inclusion_proof([], 0)


def test_huge_sizes_are_refused_quickly() -> None:
    with pytest.raises(ProofError):
        merkle.verify_inclusion(LEAVES[0], 2**4000, 2**5000, LEAVES, LEAVES[1])
    with pytest.raises(ProofError):
        merkle.verify_consistency(2**4000, 2**5000, LEAVES, LEAVES[0], LEAVES[1])
