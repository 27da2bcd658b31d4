"""Keys in a case folder: what is stored, and what a key without a right leaves."""

from __future__ import annotations

from pathlib import Path

import pytest

from evidence import keychanges
from evidence.case import writing
from evidence.identity import Identity
from evidence.joining import request_to_join
from evidence.key_errors import (
    JoinRefusedError,
    KeyChangeRefusedError,
    TimeRefusedError,
)
from evidence.keyfile import FileSigner, new_signer
from evidence.keyholders import key_list
from manifests.entries import EntryType
from manifests.errors import KeyNotInForceError
from manifests.keys import KeyId
from manifests.warrants import Right
from tests.builders import Bench, codes, new_bench
from tests.desk import holds_word

LATER = "2999-01-01T00:00:00.000000Z"


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return new_bench(tmp_path / "case")


def person(name: str) -> tuple[Identity, FileSigner]:
    signer = new_signer()
    made = "2026-01-01T00:00:00.000000Z"
    return Identity(name, "examiner", "", made, signer.public), signer


def enrol(
    bench: Bench, identity: Identity, signer: FileSigner, **allowed: object
) -> None:
    request = request_to_join(identity, signer, bench.case.settings.origin)
    with writing(bench.case, bench.identity, bench.signer) as writer:
        keychanges.enrol(writer, request, request.warrant(**allowed))  # type: ignore[arg-type]


def files(bench: Bench, folder: str) -> list[str]:
    return sorted(path.name for path in (bench.case.path / folder).iterdir())


def test_a_name_is_sealed_and_stands_beside(bench: Bench) -> None:
    bob = person("Bob B.")
    enrol(bench, *bob)
    log = (bench.case.path / "manifest/entries.jsonl").read_text("utf-8")
    assert not holds_word("Bob", log)
    found = key_list(bench.case, LATER)
    assert [view.name for view in found.keys] == ["Tess Tester", "Bob B."]
    assert found.find("bob b.").key == found.find(bob[0].key[:8]).key == bob[0].key
    path = bench.case.path / "identities" / f"{bob[0].key}.json"
    assert Identity.from_bytes(path.read_bytes()) == bob[0]
    assert codes(bench.verify(), failing=False) <= {"POST_QUANTUM_ABSENT"}


def test_what_is_refused_leaves_nothing(bench: Bench) -> None:
    bob = person("Bob")
    enrol(bench, *bob)
    before = (files(bench, "private"), files(bench, "identities"))
    with pytest.raises(KeyChangeRefusedError, match="there before"):
        enrol(bench, *bob)
    with pytest.raises(TimeRefusedError):
        enrol(bench, *person("Eve"), not_after="2026-01-01T00:00:00.000000Z")
    with pytest.raises(KeyChangeRefusedError):
        enrol(bench, *person("Eve"), rights=frozenset())
    eve = person("Eve")
    foreign = request_to_join(*eve, "case.custody.invalid/" + "1" * 32)
    with (
        pytest.raises(JoinRefusedError),
        writing(bench.case, bench.identity, bench.signer) as writer,
    ):
        keychanges.enrol(writer, foreign, foreign.warrant())
    assert (files(bench, "private"), files(bench, "identities")) == before
    assert codes(bench.verify()) == set()


def test_a_key_that_may_only_approve_moves_nothing(bench: Bench) -> None:
    bob = person("Bob")
    enrol(bench, *bob, rights=frozenset({Right.APPROVE}))
    left = bench.case.path / "staging" / "EX-0001-aa"
    left.mkdir()
    (left / "payload").write_bytes(b"unfinished")
    with (
        pytest.raises(KeyNotInForceError, match="right to act"),
        writing(bench.case, *bob),
    ):
        raise AssertionError("opened for acts")
    with (
        pytest.raises(KeyNotInForceError, match="recover"),
        writing(bench.case, *bob, right=Right.APPROVE),
    ):
        raise AssertionError("went past what a crash left")
    assert (left / "payload").exists()
    with writing(bench.case, bench.identity, bench.signer):
        pass
    with writing(bench.case, *bob, right=Right.APPROVE) as writer:
        assert writer.log.size == 3


def test_roles_and_validity_are_refused_before_anything_is_copied(
    bench: Bench, tmp_path: Path
) -> None:
    bob, eve = person("Bob"), person("Eve")
    enrol(bench, *bob, roles=("custodian",))
    enrol(bench, *eve, not_before=LATER)
    for who, why in ((bob, "custodian"), (eve, "2999")):
        with pytest.raises(KeyNotInForceError, match=why), writing(bench.case, *who):
            raise AssertionError("opened")
    acting = (bob[0].acting_as("custodian"), bob[1])
    with writing(bench.case, *acting) as writer:
        entry = writer.record(EntryType.SEAL, facts={})
    assert entry.body["role"] == "custodian"
    states = {view.name: view.state for view in key_list(bench.case, LATER[:-2]).keys}
    assert states["Eve"].startswith("not valid before")


def test_a_rotation_is_checkpointed_by_the_new_key(bench: Bench) -> None:
    fresh = person("Tess Tester")
    with writing(bench.case, bench.identity, bench.signer) as writer:
        keychanges.rotate(writer, *fresh)
        writer.record(EntryType.SEAL, facts={})  # the new key goes on
    with (
        pytest.raises(KeyNotInForceError),
        writing(bench.case, bench.identity, bench.signer),
    ):
        raise AssertionError("opened with the old key")
    found = key_list(bench.case, LATER)
    assert found.find("Tess Tester").key == fresh[0].key  # the one in force
    assert codes(bench.verify()) == set()
    actors = [entry.actor for entry in bench.case.entries()]
    assert actors == [bench.identity.key] * 2 + [fresh[0].key]


def test_one_cannot_revoke_oneself_nor_the_future(bench: Bench) -> None:
    bob = person("Bob")
    enrol(bench, *bob)
    with writing(bench.case, bench.identity, bench.signer) as writer:
        for key, since, error in (
            (bench.identity.key, "2026-01-01T00:00:00.000000Z", KeyChangeRefusedError),
            (bob[0].key, LATER, TimeRefusedError),
            (KeyId("0" * 64), "2026-01-01T00:00:00.000000Z", KeyChangeRefusedError),
        ):
            with pytest.raises(error):
                keychanges.revoke(writer, key, since=since, reason="other")
    assert [entry.type for entry in bench.case.entries()] == ["case_open", "key_enrol"]
