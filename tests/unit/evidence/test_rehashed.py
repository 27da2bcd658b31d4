"""What stamps over lists of second digests prove; time is played with the forge."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from evidence.case import writing
from evidence.checking import check_case
from evidence.errors import RehashRefusedError
from evidence.hashing import SMALL_BYTES, hash_file
from evidence.narration import describe
from evidence.rehashing import newest_unstamped, rehash
from evidence.renewal import renewal_facts
from manifests.entries import EntryType
from manifests.errors import StorageFailedError
from manifests.ledger import Ledger
from manifests.verifying.judge import Anchors
from manifests.verifying.verdict import Axis, Status, Verdict
from tests.builders import Bench, new_bench
from tests.stamping import Authority, Forge, new_authority, now, pem

LATER = timedelta(days=2)
TOKEN = "0000000002.sha512.own.tsr"


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    (tmp_path / "a.txt").write_bytes(b"first\n")
    made = new_bench(tmp_path / "case")
    made.acquire(tmp_path / "a.txt")
    return made


@pytest.fixture(scope="module")
def own() -> Authority:
    return new_authority()


@pytest.fixture(scope="module")
def ending() -> Authority:
    """An authority whose certificate ends in a day."""
    return new_authority("Old", end=now() + timedelta(days=1))


def renew(bench: Bench) -> Path:
    with writing(bench.case, bench.identity, bench.signer) as writer:
        name = rehash(writer).list
    return bench.case.manifest / "renewals" / name


def strong(by: Authority, data: bytes, moment: datetime | None = None) -> bytes:
    text = (moment or now()).strftime("%Y%m%d%H%M%SZ")
    forge = Forge(by, data, imprint="sha512", digest="sha512", gen_time=text)
    return forge.answer()


def put(over: Path, token: bytes) -> Path:
    path = over.with_name(f"{over.name.removesuffix('.note')}.own.tsr")
    path.write_bytes(token)
    return path


def first_note(bench: Bench) -> Path:
    return bench.case.manifest / "checkpoints/0000000001.note"


def verify(bench: Bench, *trusted: Authority, at: datetime | None = None) -> Verdict:
    anchors = Anchors(
        stamp_roots=tuple(pem(a.root) for a in trusted), now=at or datetime.now(UTC)
    )
    return check_case(bench.case, anchors=anchors).verdict


def found(verdict: Verdict) -> dict[str, str]:
    return {f.code.value: f.subject for f in verdict.findings}


def aged(bench: Bench, *trusted: Authority) -> list[str]:
    verdict = verify(bench, *trusted, at=now() + LATER)
    return [f.subject for f in verdict.findings if f.code.value == "TIMESTAMP_AGED"]


def test_a_list_maintains_the_tokens_it_names(
    bench: Bench, own: Authority, ending: Authority
) -> None:
    token = put(
        first_note(bench), Forge(ending, first_note(bench).read_bytes()).answer()
    )
    made = renew(bench)
    assert aged(bench, ending, own) == [token.name]
    put(made, strong(own, made.read_bytes()))
    assert aged(bench, ending, own) == []


@pytest.mark.parametrize("change", ["late", "other token", "came later", "list gone"])
def test_a_list_that_is_late_or_names_something_else_maintains_nothing(
    bench: Bench, own: Authority, ending: Authority, change: str
) -> None:
    note = first_note(bench)
    forge = Forge(ending, note.read_bytes())
    if change != "came later":
        put(note, forge.answer())
    made = renew(bench)
    moment = now() + timedelta(days=1, minutes=5) if change == "late" else now()
    put(made, strong(own, made.read_bytes(), moment))
    if change == "other token":
        put(note, forge.but(serial=78).answer())
    if change == "came later":
        put(note, forge.answer())
    if change == "list gone":
        made.unlink()
    assert aged(bench, ending, own) == ["0000000001.own.tsr"]


def test_a_stamp_over_an_altered_list_or_log_proves_nothing(
    bench: Bench, own: Authority
) -> None:
    made = renew(bench)
    put(made, strong(own, made.read_bytes()))
    assert verify(bench, own).axes[Axis.TIMESTAMPED].status is Status.PASS
    made.write_bytes(made.read_bytes() + b"\n")
    verdict = verify(bench, own)
    assert found(verdict)["RENEWAL_MODIFIED"] == made.name
    assert verdict.axes[Axis.TIMESTAMPED].status is Status.NOT_CHECKED


def test_the_stamp_over_a_list_is_renewed_like_any_other(
    bench: Bench, own: Authority, ending: Authority
) -> None:
    made = renew(bench)
    put(made, strong(ending, made.read_bytes()))
    assert aged(bench, ending, own) == [TOKEN]
    with writing(bench.case, bench.identity, bench.signer) as writer:
        for facts in renewal_facts(bench.case):
            writer.record(EntryType.RENEW, facts=facts)
        size = writer.log.size
    note = bench.case.manifest / f"checkpoints/{size:010d}.note"
    put(note, Forge(own, note.read_bytes()).answer())
    assert aged(bench, ending, own) == []


def test_a_list_that_leaves_files_out_is_told(bench: Bench, own: Authority) -> None:
    folder = bench.case.manifest / "renewals"
    folder.mkdir()
    with writing(bench.case, bench.identity, bench.signer) as writer:
        seq = writer.log.size
        log = (bench.case.manifest / "entries.jsonl").read_bytes()
        data = f"{hashlib.sha512(log).hexdigest()}  -\n".encode()
        made = folder / f"{seq:010d}.sha512"
        made.write_bytes(data)
        writer.record(
            EntryType.RENEW,
            facts={
                "algorithm": "sha512",
                "bytes": 0,
                "entries": seq,
                "files": 0,
                "kind": "rehash",
                "list": made.name,
                "sha256": hashlib.sha256(data).hexdigest(),
                "sha512": hashlib.sha512(data).hexdigest(),
            },
        )
    put(made, strong(own, data))
    verdict = verify(bench, own)
    assert found(verdict)["RENEWAL_PARTIAL"] == made.name
    told = [f.text for f in verdict.findings if f.code.value == "RENEWAL_PARTIAL"]
    assert told[0].startswith("4 files ")  # payload, inventory, two sealed records


def test_a_list_that_could_not_be_recorded_is_gone_again(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_words: object, **_more: object) -> None:
        raise StorageFailedError(what="entries.jsonl", reason="full")

    with writing(bench.case, bench.identity, bench.signer) as writer:
        with monkeypatch.context() as broken:
            broken.setattr(Ledger, "append", fail)
            with pytest.raises(StorageFailedError):
                rehash(writer)
        assert list((bench.case.manifest / "renewals").iterdir()) == []
    assert not [f for f in verify(bench).findings if f.fails]


def test_a_file_that_cannot_be_listed_is_refused(bench: Bench) -> None:
    (path,) = (bench.case.path / "identities").iterdir()
    path.rename(bench.case.path.parent / "elsewhere")
    path.symlink_to(bench.case.path.parent / "elsewhere")
    with (
        writing(bench.case, bench.identity, bench.signer) as writer,
        pytest.raises(RehashRefusedError, match="cannot be read"),
    ):
        rehash(writer)
    assert not (bench.case.manifest / "renewals").exists()


def test_the_record_says_in_words_what_was_renewed(bench: Bench) -> None:
    lines = renew(bench).read_bytes().count(b"\n")
    *_, entry = bench.case.entries()
    assert describe(entry) == f"Digests of {lines - 1} files renewed by SHA-512."


def test_only_the_newest_list_without_a_stamp_is_asked_for(bench: Bench) -> None:
    assert list(newest_unstamped(bench.case, 2)) == []
    first = renew(bench)
    assert list(newest_unstamped(bench.case, 3)) == [first.name]
    assert list(newest_unstamped(bench.case, 2)) == []  # a leftover
    second = renew(bench)
    assert list(newest_unstamped(bench.case, 4)) == [second.name]
    second.with_name(f"{second.name}.own.tsr").touch()
    assert list(newest_unstamped(bench.case, 4)) == []


@pytest.mark.parametrize("size", [0, 1, SMALL_BYTES, SMALL_BYTES + 1, (8 << 20) + 5])
def test_both_digests_come_from_one_read(tmp_path: Path, size: int) -> None:
    data = bytes(range(251)) * (size // 251 + 1)
    (tmp_path / "a").write_bytes(data[:size])
    digest = hash_file(tmp_path / "a", second=True)
    assert digest.sha256 == hashlib.sha256(data[:size]).hexdigest()
    assert digest.sha512 == hashlib.sha512(data[:size]).hexdigest()
    assert hash_file(tmp_path / "a").sha512 == ""
