"""Policies and requests: any bytes are judged, and quorums count what they say."""

from __future__ import annotations

import base64
import hashlib

from hypothesis import given
from hypothesis import strategies as st

from manifests.checkpoint import Checkpoint, sign_checkpoint
from manifests.errors import MalformedError
from manifests.merkle import ProofError, consistency_proof, leaf_hash, tree_root
from manifests.merkle import verify_consistency as verify
from manifests.verifying.policy import read_policy
from manifests.witnessing import read_request, write_request
from tests.vectors.signer import SeedSigner
from tests.witness_server import extends

SIGNER = SeedSigner(bytes(32))


def vkey(number: int) -> str:
    raw = b"\x04" + number.to_bytes(32, "big")
    name = f"w{number}.example"
    identity = hashlib.sha256(name.encode() + b"\n" + raw).hexdigest()[:8]
    return f"{name}+{identity}+{base64.b64encode(raw).decode()}"


# A quorum as a tree: a witness's number, or (threshold, members).
TREES = st.recursive(
    st.just("witness"),
    lambda inner: st.tuples(
        st.one_of(st.integers(1, 4), st.sampled_from(["any", "all"])),
        st.lists(inner, min_size=1, max_size=4),
    ),
    max_leaves=12,
)


class Writer:
    """Writes a tree as a policy and remembers what it means."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.count = 0

    def put(self, tree: object) -> tuple[str, object]:
        self.count += 1
        name = f"n{self.count}"
        if tree == "witness":
            self.lines.append(f"witness {name} {vkey(self.count)}")
            return name, name
        rule, members = tree  # type: ignore[misc]
        inner = [self.put(member) for member in members]
        if isinstance(rule, int):
            rule = min(rule, len(inner))
        names = " ".join(member for member, _ in inner)
        self.lines.append(f"group {name} {rule} {names}")
        least = {"any": 1, "all": len(inner)}.get(rule, rule)
        return name, (least, [meaning for _, meaning in inner])


def holds(meaning: object, cosigned: set[str]) -> bool:
    if isinstance(meaning, str):
        return meaning in cosigned
    least, members = meaning  # type: ignore[misc]
    return sum(holds(member, cosigned) for member in members) >= least


@given(TREES, st.data())
def test_a_quorum_is_what_its_tree_says(tree: object, data: st.DataObject) -> None:
    writer = Writer()
    name, meaning = writer.put(tree)
    policy = read_policy("\n".join([*writer.lines, f"quorum {name}", ""]).encode())
    assert set(policy.witnesses) == {
        line.split()[1] for line in writer.lines if line.startswith("witness")
    }
    names = st.sets(st.sampled_from(sorted(policy.witnesses)))
    for cosigned in (set(), set(policy.witnesses), data.draw(names)):
        assert policy.is_reached(frozenset(cosigned)) is holds(meaning, cosigned)


WORDS = st.sampled_from(
    ["log", "witness", "group", "quorum", "none", "any", "all", "1", "2", "a", "b"]
    + [vkey(1), vkey(2), "#", "\t", "", "\udcff", "é"]
)


@given(st.lists(st.lists(WORDS, max_size=6).map(" ".join), max_size=8))
def test_policies_of_known_words(lines: list[str]) -> None:
    data = "".join(f"{line}\n" for line in lines).encode("utf-8", "surrogateescape")
    try:
        policy = read_policy(data)
    except MalformedError:
        return
    said = [line.split() for line in lines if not line.strip(" \t").startswith("#")]
    assert [words for words in said if words[:1] == ["quorum"]] == [
        ["quorum", policy.quorum]
    ]
    assert policy.is_reached(frozenset(policy.witnesses)), "all of them reach it"


@given(st.binary(max_size=200))
def test_any_bytes(data: bytes) -> None:
    for read in (read_policy, read_request):
        try:
            read(data)
        except MalformedError:
            continue


@given(st.data(), st.integers(1, 70))
def test_requests_read_back(data: st.DataObject, size: int) -> None:
    leaves = [leaf_hash(n.to_bytes(2, "big")) for n in range(size)]
    note = sign_checkpoint(Checkpoint("log.example", size, tree_root(leaves)), SIGNER)
    olds = data.draw(st.sets(st.integers(0, size), min_size=1, max_size=9))
    proofs = {n: tuple(consistency_proof(leaves, n)) if n else () for n in olds}
    request = read_request(write_request(note, proofs, []))
    assert request.proofs == proofs
    for old in olds - {0}:
        old_root, root = tree_root(leaves[:old]), request.head.root
        proof = list(request.proofs[old])
        # The client's verifier and another reading of RFC 6962 agree.
        verify(old, size, proof, old_root, root)
        assert extends(old, size, proof, old_root, root)


@given(st.integers(2, 40), st.data())
def test_altered_proofs_fail_for_both_readings(size: int, data: st.DataObject) -> None:
    leaves = [leaf_hash(bytes([n])) for n in range(size)]
    old = data.draw(st.integers(1, size - 1))
    proof = consistency_proof(leaves, old)
    how = data.draw(st.sampled_from(["flip", "drop", "add", "swap", "other root"]))
    old_root, root = tree_root(leaves[:old]), tree_root(leaves)
    place = data.draw(st.integers(0, max(len(proof) - 1, 0)))
    if how == "flip":
        proof[place] = bytes([proof[place][0] ^ 1]) + proof[place][1:]
    elif how == "drop":
        del proof[place]
    elif how == "add":
        proof.insert(place, bytes(32))
    elif how == "swap" and len(set(proof)) > 1:
        proof = [*proof[1:], proof[0]]
    else:
        old_root = bytes(32)
    assert not extends(old, size, proof, old_root, root)
    try:
        verify(old, size, proof, old_root, root)
    except ProofError:
        return
    raise AssertionError("an altered proof was taken")


@given(st.integers(0, 400), st.integers(0, 255))
def test_a_request_with_one_byte_changed(place: int, byte: int) -> None:
    leaves = [leaf_hash(bytes([n])) for n in range(6)]
    note = sign_checkpoint(Checkpoint("log.example", 6, tree_root(leaves)), SIGNER)
    proofs = {0: [], 3: consistency_proof(leaves, 3), 5: consistency_proof(leaves, 5)}
    good = write_request(note, proofs, [SIGNER.public])
    place %= len(good)
    data = good[:place] + bytes([byte]) + good[place + 1 :]
    try:
        request = read_request(data)
    except MalformedError:
        assert data != good
        return
    # One spelling only: what reads as the same request is the same bytes.
    same = (request.note, request.proofs, request.keys) == (
        note,
        {n: tuple(p) for n, p in proofs.items()},
        (SIGNER.public,),
    )
    assert same == (data == good)
