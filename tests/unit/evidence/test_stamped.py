"""The axis `timestamped` over whole cases; time is played with the forge."""

from __future__ import annotations

import shutil
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from evidence.case import writing
from evidence.checking import check_case
from evidence.renewal import newest_checkpoint, renewal_facts
from manifests.entries import EntryType
from manifests.verifying.judge import Anchors
from manifests.verifying.verdict import Axis, Status, Verdict
from tests.builders import Bench, new_bench
from tests.stamping import (
    QUALIFIED,
    Authority,
    Forge,
    Stamper,
    needs_openssl,
    new_authority,
    now,
    pem,
)

STAMPED = Axis.TIMESTAMPED


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return new_bench(tmp_path / "case")


@pytest.fixture(scope="module")
def own() -> Authority:
    return new_authority()


def checkpoints(bench: Bench) -> Path:
    return bench.case.manifest / "checkpoints"


def note_of(bench: Bench, size: int) -> bytes:
    return (checkpoints(bench) / f"{size:010d}.note").read_bytes()


def put(bench: Bench, size: int, token: bytes, name: str = "own") -> Path:
    path = checkpoints(bench) / f"{size:010d}.{name}.tsr"
    path.write_bytes(token)
    return path


def more(bench: Bench) -> int:
    """Append an entry; return how many there are now."""
    with writing(bench.case, bench.identity, bench.signer) as writer:
        writer.record(EntryType.ANNOTATE, facts={"kind": "fact"})
        return writer.log.size


def verify(
    bench: Bench, *trusted: Authority, at: datetime | None = None, **options: object
) -> Verdict:
    anchors = Anchors(
        stamp_roots=tuple(pem(a.root) for a in trusted), now=at or datetime.now(UTC)
    )
    return check_case(bench.case, anchors=anchors, **options).verdict  # type: ignore[arg-type]


def found(verdict: Verdict) -> dict[str, bool]:
    """Reason codes of the axis, and whether they fail it."""
    return {f.code.value: f.fails for f in verdict.findings if f.axis is STAMPED}


def stamp(moment: datetime) -> str:
    return moment.strftime("%Y%m%d%H%M%SZ")


@needs_openssl
def test_a_time_stamp_by_openssl_passes(
    bench: Bench, own: Authority, tmp_path: Path
) -> None:
    more(bench)
    put(bench, 1, Stamper(own, tmp_path / "tsa").stamp(note_of(bench, 1)))
    verdict = verify(bench, own)
    axis = verdict.axes[STAMPED]
    assert axis.status is Status.PASS
    assert found(verdict) == {}
    assert axis.explanation.startswith("The first 1 of 2 entries existed by 20")
    assert "CN=Test TSA" in axis.explanation
    assert "1 time stamp holds" in axis.explanation
    assert any("revoked" in line for line in verdict.not_established)


def test_without_a_root_nothing_is_trusted_and_nothing_fails(
    bench: Bench, own: Authority
) -> None:
    assert verify(bench).axes[STAMPED].status is Status.NOT_CHECKED
    put(bench, 1, Forge(own, note_of(bench, 1)).answer())
    verdict = verify(bench)
    assert verdict.axes[STAMPED].status is Status.NOT_CHECKED
    assert "1 time stamp found" in verdict.axes[STAMPED].explanation
    assert found(verdict) == {}
    assert verdict.exit_code() == 0
    assert verdict.exit_code(frozenset({STAMPED})) == 22


def test_a_stranger_is_a_remark_and_no_pass(bench: Bench, own: Authority) -> None:
    put(bench, 1, Forge(own, note_of(bench, 1)).answer())
    verdict = verify(bench, new_authority("Other"))
    assert verdict.axes[STAMPED].status is Status.NOT_CHECKED
    assert found(verdict) == {"TIMESTAMP_UNTRUSTED": False}
    put(bench, 1, Forge(own, note_of(bench, 1), digest="sha1").answer(), "weak")
    verdict = verify(bench, own)
    assert verdict.axes[STAMPED].status is Status.PASS
    assert found(verdict) == {"TIMESTAMP_WEAK": False}


@pytest.mark.parametrize("trusted", [True, False])
def test_a_token_wrong_in_itself_fails_with_or_without_roots(
    bench: Bench, own: Authority, trusted: bool
) -> None:
    roots = (own,) if trusted else ()
    good = Forge(own, note_of(bench, 1))
    put(bench, 1, good.answer())
    for token, code in (
        (good.but(spoil=True).answer(), "TIMESTAMP_SIGNATURE"),
        (good.but(note=b"other").answer(), "TIMESTAMP_OTHER_BYTES"),
        (good.answer()[:-1], "TIMESTAMP_MALFORMED"),
        (b"", "TIMESTAMP_MALFORMED"),
        (good.answer() + bytes(70_000), "TIMESTAMP_MALFORMED"),
    ):
        path = put(bench, 1, token, "bad")
        verdict = verify(bench, *roots)
        assert verdict.axes[STAMPED].status is Status.FAIL
        assert found(verdict) == {code: True}
        assert verdict.exit_code() == 22
        path.unlink()


def test_a_token_moved_to_another_checkpoint_fails(
    bench: Bench, own: Authority
) -> None:
    size = more(bench)
    path = put(bench, 1, Forge(own, note_of(bench, 1)).answer())
    shutil.move(path, checkpoints(bench) / f"{size:010d}.own.tsr")
    verdict = verify(bench, own)
    assert found(verdict) == {"TIMESTAMP_OTHER_BYTES": True}


def test_a_link_in_a_tokens_place_is_not_followed(
    bench: Bench, own: Authority, tmp_path: Path
) -> None:
    (tmp_path / "outside").write_bytes(Forge(own, note_of(bench, 1)).answer())
    (checkpoints(bench) / "0000000001.own.tsr").symlink_to(tmp_path / "outside")
    assert found(verify(bench, own)) == {"TIMESTAMP_MALFORMED": True}


def test_a_stamp_over_a_checkpoint_that_does_not_hold_proves_nothing(
    bench: Bench, own: Authority
) -> None:
    """A forged head with a genuine time stamp must not pass the axis."""
    path = checkpoints(bench) / "0000000001.note"
    lines = path.read_bytes().split(b"\n")
    lines[2] = b"A" * 43 + b"="
    path.write_bytes(b"\n".join(lines))
    put(bench, 1, Forge(own, note_of(bench, 1)).answer())
    verdict = verify(bench, own)
    assert verdict.axes[STAMPED].status is Status.NOT_CHECKED
    assert verdict.axes[Axis.CONSISTENT].status is Status.FAIL


def test_a_copy_of_the_checkpoint_kept_outside_changes_nothing(
    bench: Bench, own: Authority
) -> None:
    put(bench, 1, Forge(own, note_of(bench, 1)).answer())
    note = note_of(bench, 1)
    cosigned = note + "— other.example/w AAAAAAAA\n".encode()
    verdict = verify(bench, own, outside=(("paper.note", cosigned),))
    assert verdict.axes[STAMPED].status is Status.PASS
    assert found(verdict) == {}


def test_the_newest_stamp_and_the_earliest_time_are_told(
    bench: Bench, own: Authority
) -> None:
    early, late = now() - timedelta(seconds=50), now() - timedelta(seconds=10)
    put(bench, 1, Forge(own, note_of(bench, 1), gen_time=stamp(early)).answer())
    size = more(bench)
    forge = Forge(own, note_of(bench, size), extensions=(QUALIFIED,))
    put(bench, size, forge.but(gen_time=stamp(now())).answer(), "b")
    put(bench, size, forge.but(gen_time=stamp(late)).answer(), "c")
    text = verify(bench, own).axes[STAMPED].explanation
    assert text.startswith("The first 2 of 2 entries existed by")
    assert late.strftime("%Y-%m-%dT%H:%M:%SZ") in text
    assert "3 time stamps hold" in text
    assert "claims to be an EU qualified one" in text


def test_a_clock_ahead_of_the_authority_is_told(bench: Bench, own: Authority) -> None:
    for minutes, told in ((4, False), (6, True)):
        moment = now() - timedelta(minutes=minutes)
        put(bench, 1, Forge(own, note_of(bench, 1), gen_time=stamp(moment)).answer())
        verdict = verify(bench, own)
        assert verdict.axes[STAMPED].status is Status.PASS
        assert found(verdict) == ({"TIME_AFTER_STAMP": False} if told else {})


# -- renewal -----------------------------------------------------------------------


@pytest.fixture
def ending() -> Authority:
    """An authority whose certificate ends in a day."""
    return new_authority("Old", end=now() + timedelta(days=1))


def renewed(bench: Bench) -> int:
    """Append the renew entries as the writer does; return the size."""
    facts = list(renewal_facts(bench.case))
    with writing(bench.case, bench.identity, bench.signer) as writer:
        for covered in facts:
            writer.record(EntryType.RENEW, facts=covered)
        return writer.log.size


def test_an_aged_token_holds_and_asks_for_renewal(
    bench: Bench, ending: Authority
) -> None:
    put(bench, 1, Forge(ending, note_of(bench, 1)).answer())
    assert found(verify(bench, ending)) == {}
    verdict = verify(bench, ending, at=now() + timedelta(days=2))
    assert verdict.axes[STAMPED].status is Status.PASS
    assert found(verdict) == {"TIMESTAMP_AGED": False}


def test_a_renewal_in_time_maintains_it(
    bench: Bench, ending: Authority, own: Authority
) -> None:
    put(bench, 1, Forge(ending, note_of(bench, 1)).answer())
    size = renewed(bench)
    assert newest_checkpoint(bench.case) == (f"{size:010d}.note", True)
    later = now() + timedelta(days=2)
    # The renew entry alone proves nothing: it must itself be stamped in time.
    assert found(verify(bench, ending, own, at=later)) == {"TIMESTAMP_AGED": False}
    put(bench, size, Forge(own, note_of(bench, size)).answer())
    assert found(verify(bench, ending, own, at=later)) == {}
    # By an authority the verifier does not trust it maintains nothing.
    verdict = verify(bench, ending, at=later)
    assert found(verdict) == {"TIMESTAMP_UNTRUSTED": False, "TIMESTAMP_AGED": False}


@pytest.mark.parametrize("change", ["late", "before", "other token", "other note"])
def test_a_renewal_that_is_late_or_covers_something_else_maintains_nothing(
    bench: Bench, ending: Authority, own: Authority, change: str
) -> None:
    token = Forge(ending, note_of(bench, 1))
    path = put(bench, 1, token.answer())
    moment, size = now(), 0
    if change == "before":
        size = more(bench)
        renewed(bench)  # after the head that will be stamped
    else:
        size = renewed(bench)
    if change == "late":
        moment = now() + timedelta(days=1, minutes=5)
    if change == "other token":
        path.write_bytes(token.but(serial=78).answer())
    if change == "other note":
        more(bench)
    put(bench, size, Forge(own, note_of(bench, size), gen_time=stamp(moment)).answer())
    if change == "other note":  # the same token under another name
        path.rename(path.with_name("0000000001.new.tsr"))
    verdict = verify(bench, ending, own, at=now() + timedelta(days=2))
    assert found(verdict) == {"TIMESTAMP_AGED": False}


def test_a_chain_of_renewals_holds_as_long_as_no_link_was_late(
    bench: Bench, ending: Authority, own: Authority
) -> None:
    middle = new_authority("Middle", end=now() + timedelta(days=10))
    put(bench, 1, Forge(ending, note_of(bench, 1)).answer())
    first = renewed(bench)
    put(bench, first, Forge(middle, note_of(bench, first)).answer())
    second = renewed(bench)
    at = now() + timedelta(days=20)
    forge = Forge(own, note_of(bench, second))
    put(bench, second, forge.answer())
    trust = (ending, middle, own)
    assert found(verify(bench, *trust, at=at)) == {}
    late = stamp(now() + timedelta(days=11))
    put(bench, second, replace(forge, gen_time=late).answer())
    # The first was renewed in time, but by a token whose own renewal came too late.
    aged = [
        f.subject
        for f in verify(bench, *trust, at=at).findings
        if f.code.value == "TIMESTAMP_AGED"
    ]
    # The last renewal covers the first token, too, but after its certificate's end.
    assert aged == ["0000000001.own.tsr", f"{first:010d}.own.tsr"]


def test_many_tokens_make_several_entries(bench: Bench, own: Authority) -> None:
    token = Forge(own, note_of(bench, 1)).answer()
    for number in range(5):
        put(bench, 1, token, f"a{number}")
    facts = list(renewal_facts(bench.case, most=2))
    assert [len(f["covers"][0]["tokens"]) for f in facts] == [2, 2, 1]  # type: ignore[index,arg-type,call-overload]


def test_strange_renew_entries_do_no_harm(
    bench: Bench, ending: Authority, own: Authority
) -> None:
    put(bench, 1, Forge(ending, note_of(bench, 1)).answer())
    with writing(bench.case, bench.identity, bench.signer) as writer:
        for covers in ("x", [1], [{"checkpoint": "0000000001.note"}], [{"tokens": 3}]):
            facts = {"kind": "timestamps", "algorithm": "sha256", "covers": covers}
            writer.record(EntryType.RENEW, facts=facts)  # type: ignore[arg-type]
        size = writer.log.size
    put(bench, size, Forge(own, note_of(bench, size)).answer())
    verdict = verify(bench, ending, own, at=now() + timedelta(days=2))
    assert found(verdict) == {"TIMESTAMP_AGED": False}
