"""Requests, what waits, and what is refused before it is stored."""

from __future__ import annotations

from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest

from evidence.addresses import StampAuthority, read_authorities
from evidence.case import open_case, writing
from evidence.errors import NotACaseError, OutputExistsError
from evidence.founding import create_case
from evidence.network_errors import (
    NetworkRefusedError,
    StampAnswerError,
    StampRefusedError,
)
from evidence.pending import Outcome, Pending, Queue, ask_waiting
from evidence.timestamping import new_request
from manifests.entries import EntryType
from manifests.errors import MalformedError
from tests.builders import Bench, new_bench
from tests.stamping import (
    Authority,
    Forge,
    Stamper,
    needs_openssl,
    new_authority,
    openssl,
    openssl_accepts,
    openssl_query,
    openssl_reply,
    pem,
)
from tests.tsa_server import Behaviour, answer, honest, serving

FIRST = "0000000001.note"


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return new_bench(tmp_path / "case")


def queued(bench: Bench, url: str, name: str = "own") -> Queue:
    queue = Queue(bench.case)
    assert queue.add(FIRST, [StampAuthority(name, url)]) == []
    return queue


def tokens(bench: Bench) -> list[str]:
    folder = bench.case.manifest / "checkpoints"
    return sorted(path.name for path in folder.glob("*.tsr"))


@needs_openssl
def test_the_request_is_what_openssl_reads_in_it(bench: Bench, tmp_path: Path) -> None:
    note = (bench.case.manifest / "checkpoints" / FIRST).read_bytes()
    (tmp_path / "n").write_bytes(note)
    (tmp_path / "q").write_bytes(new_request(note))
    shown = openssl(tmp_path, "ts", "-query", "-in", "q", "-text").stdout.decode()
    digest = openssl(tmp_path, "dgst", "-sha256", "-r", "n").stdout[:64].decode()
    listed = "".join(
        line.partition(" - ")[2][:47] for line in shown.splitlines() if " - " in line
    )
    assert listed.replace(" ", "").replace("-", "") == digest
    assert "Hash Algorithm: sha256" in shown
    assert "Certificate required: yes" in shown
    nonces = {line for line in shown.splitlines() if line.startswith("Nonce: 0x")}
    assert len(nonces) == 1
    assert new_request(note) != new_request(note)


@needs_openssl
def test_an_honest_authoritys_answer_is_stored_as_it_came(
    bench: Bench, tmp_path: Path
) -> None:
    own = new_authority()
    with serving(honest(own, tmp_path / "tsa")) as server:
        queue = queued(bench, server.url)
        waiting = [p.stem for p in queue.waiting()]
        assert waiting == ["0000000001.own"]
        (done,) = ask_waiting(queue)
    assert (done.outcome, done.file) == (Outcome.STAMPED, "0000000001.own.tsr")
    assert server.headers[0]["content-type"] == "application/timestamp-query"
    stored = (bench.case.manifest / "checkpoints" / done.file).read_bytes()
    assert stored == (tmp_path / "tsa" / "out.tsr").read_bytes()
    note = (bench.case.manifest / "checkpoints" / FIRST).read_bytes()
    assert openssl_accepts(tmp_path, stored, note, pem(own.root))
    assert queue.waiting() == []
    again = queue.add(FIRST, [StampAuthority("own", server.url)])
    assert [s.outcome for s in again] == [Outcome.ALREADY]
    assert len(server.asked) == 1


def _replayed(own: Authority, folder: Path) -> Behaviour:
    """Answer a question of one's own over the same bytes: another nonce."""
    stamper = Stamper(own, folder)

    def behaviour(handler: BaseHTTPRequestHandler, body: bytes) -> None:
        # 32 bytes of digest stand behind OCTET STRING (04 20).
        at = body.index(b"\x04\x20") + 2
        words = ("-digest", body[at : at + 32].hex(), "-sha256", "-cert")
        assert openssl(folder, "ts", "-query", *words, "-out", "n.tsq").returncode == 0
        answer(handler, openssl_reply(stamper.folder, (folder / "n.tsq").read_bytes()))

    return behaviour


def _other_bytes(own: Authority, folder: Path) -> Behaviour:
    stamper = Stamper(own, folder)
    return lambda h, b: answer(h, stamper.stamp(b"something else"))


def _forged(own: Authority, **change: object) -> Behaviour:
    def behaviour(handler: BaseHTTPRequestHandler, body: bytes) -> None:
        at = body.index(b"\x04\x20") + 2
        nonce = int.from_bytes(body[at + 34 : at + 34 + body[at + 33]], "big")
        forge = Forge(own, b"", imprint_value=body[at : at + 32], nonce=nonce)
        answer(handler, forge.but(**change).answer())

    return behaviour


@needs_openssl
@pytest.mark.parametrize(
    ("make", "outcome", "word"),
    [
        (_replayed, Outcome.REFUSED, "nonce"),
        (_other_bytes, Outcome.REFUSED, "nonce"),
        (
            lambda own, f: honest(own, f, digests="sha512"),
            Outcome.REFUSED,
            "unsupported algorithm",
        ),
        (lambda own, f: _forged(own, spoil=True), Outcome.REFUSED, "signature"),
        (
            lambda own, f: _forged(own, imprint_value=bytes(32)),
            Outcome.REFUSED,
            "other",
        ),
        (lambda own, f: _forged(own, digest="sha1"), Outcome.REFUSED, "SHA-256"),
        (lambda own, f: _forged(own, certificates=()), Outcome.REFUSED, "certificate"),
        (lambda own, f: _forged(own, status=3), Outcome.REFUSED, "status 3"),
        (
            lambda own, f: lambda h, b: answer(h, b"", status=500),
            Outcome.UNAVAILABLE,
            "HTTP 500",
        ),
        (
            lambda own, f: lambda h, b: answer(h, b"", status=403),
            Outcome.REFUSED,
            "HTTP 403",
        ),
        (
            lambda own, f: lambda h, b: answer(h, b"<p>", kind="text/html"),
            Outcome.UNAVAILABLE,
            "text/html",
        ),
        (
            lambda own, f: lambda h, b: answer(h, b"\x30\x80\x00"),
            Outcome.REFUSED,
            "well-formed",
        ),
        (lambda own, f: lambda h, b: answer(h, b""), Outcome.REFUSED, "well-formed"),
        (
            lambda own, f: lambda h, b: answer(h, bytes(1 << 20)),
            Outcome.UNAVAILABLE,
            "longer",
        ),
    ],
)
def test_a_bad_answer_is_not_stored_and_the_request_waits_on(
    bench: Bench, tmp_path: Path, make: object, outcome: Outcome, word: str
) -> None:
    behaviour = make(new_authority(), tmp_path / "tsa")  # type: ignore[operator]
    with serving(behaviour) as server:
        queue = queued(bench, server.url)
        (before,) = queue.waiting()
        (done,) = ask_waiting(queue)
    assert (done.outcome, done.file) == (outcome, "")
    assert word in done.detail
    assert tokens(bench) == []
    (waiting,) = queue.waiting()
    assert waiting.request == before.request
    assert (waiting.reason, waiting.attempts) == (outcome, 1)
    assert waiting.last_attempt


@needs_openssl
def test_the_forge_behind_these_refusals_makes_good_answers_too(bench: Bench) -> None:
    own = new_authority()
    with serving(_forged(own)) as server:
        (done,) = ask_waiting(queued(bench, server.url))
    assert done.outcome is Outcome.STAMPED, done.detail


@needs_openssl
def test_one_bad_authority_does_not_stop_the_others(
    bench: Bench, tmp_path: Path
) -> None:
    own = new_authority()

    def silent(handler: BaseHTTPRequestHandler, body: bytes) -> None:
        slow.stop.wait(60)

    with serving(silent) as slow, serving(honest(own, tmp_path / "tsa")) as good:
        queue = Queue(bench.case)
        queue.add(FIRST, [StampAuthority("a", slow.url), StampAuthority("b", good.url)])
        done = {s.authority: s.outcome for s in ask_waiting(queue, timeout=2)}
        slow.stop.set()
    assert done == {"a": Outcome.UNAVAILABLE, "b": Outcome.STAMPED}
    assert tokens(bench) == ["0000000001.b.tsr"]


# -- by hand -----------------------------------------------------------------------


@needs_openssl
def test_requests_travel_and_their_answers_find_their_place(
    bench: Bench, tmp_path: Path
) -> None:
    own = new_authority()
    stamper = Stamper(own, tmp_path / "tsa")
    queue = queued(bench, "https://tsa.example/", name="court")
    stick = tmp_path / "stick"
    stick.mkdir()
    (request,) = queue.export(stick)
    assert request.name == "0000000001.court.tsq"
    assert queue.export(stick) == [request]  # the same again is no conflict
    brought = openssl_reply(stamper.folder, request.read_bytes())
    done = queue.take(brought)
    assert (done.outcome, done.file) == (Outcome.STAMPED, "0000000001.court.tsr")
    assert queue.waiting() == []
    assert queue.take(brought, name="court").outcome is Outcome.ALREADY


@needs_openssl
def test_a_token_nobody_asked_for_here_is_placed_by_its_imprint(
    bench: Bench, tmp_path: Path
) -> None:
    own = new_authority()
    stamper = Stamper(own, tmp_path / "tsa")
    with writing(bench.case, bench.identity, bench.signer) as writer:
        writer.record(EntryType.ANNOTATE, facts={"kind": "fact"})
    notes = sorted((bench.case.manifest / "checkpoints").glob("*.note"))
    assert len(notes) == 2
    queue = Queue(bench.case)
    for note in notes:
        query = openssl_query(tmp_path / "q", note.read_bytes(), "-sha512", "-no_nonce")
        done = queue.take(openssl_reply(stamper.folder, query), name="own")
        assert done.checkpoint == note.name
    assert tokens(bench) == ["0000000001.own.tsr", "0000000002.own.tsr"]
    query = openssl_query(tmp_path / "q", notes[0].read_bytes(), "-sha256")
    with pytest.raises(OutputExistsError):  # another token is never put over it
        queue.take(openssl_reply(stamper.folder, query), name="own")


@needs_openssl
def test_a_file_that_is_no_time_stamp_of_this_case_is_refused(
    bench: Bench, tmp_path: Path
) -> None:
    stamper = Stamper(new_authority(), tmp_path / "tsa", {"digests": "sha512"})
    queue = queued(bench, "https://tsa.example/")
    (pending,) = queue.waiting()
    rejection = openssl_reply(stamper.folder, pending.request)
    with pytest.raises(StampRefusedError, match="algorithm"):
        queue.take(rejection)
    foreign = stamper.stamp(b"not of this case", "-sha512")
    for data in (foreign, b"", b"\x30\x00", foreign[:-1], foreign + b"\0"):
        with pytest.raises(StampAnswerError):
            queue.take(data)
    assert tokens(bench) == []
    assert len(queue.waiting()) == 1


def test_an_export_never_overwrites(bench: Bench, tmp_path: Path) -> None:
    queue = queued(bench, "https://tsa.example/")
    (tmp_path / "0000000001.own.tsq").write_bytes(b"mine")
    with pytest.raises(OutputExistsError):
        queue.export(tmp_path)
    assert (tmp_path / "0000000001.own.tsq").read_bytes() == b"mine"


# -- what is stored ----------------------------------------------------------------


def test_what_waits_reads_back_as_it_was_written(bench: Bench) -> None:
    queue = queued(bench, "https://tsa.example/x?y=1")
    (pending,) = queue.waiting()
    name = f"{pending.stem}.json"
    assert Pending.from_bytes(pending.to_bytes(), name) == pending
    raw = (bench.case.manifest / "pending" / name).read_bytes()
    assert raw == pending.to_bytes()
    for wrong in (b"", b"{}\n", raw.replace(b"https", b"ftp"), raw[:-2] + b"\n"):
        with pytest.raises((MalformedError, NetworkRefusedError)):
            Pending.from_bytes(wrong, name)
    with pytest.raises(MalformedError):
        Pending.from_bytes(raw, "0000000002.own.json")


def test_what_waits_is_no_evidence_and_disturbs_no_verdict(bench: Bench) -> None:
    queued(bench, "https://tsa.example/")
    findings = {f.code.value for f in bench.verify().findings}
    assert "UNLISTED" not in findings


def test_settings_keep_the_authorities(tmp_path: Path, bench: Bench) -> None:
    own = (
        StampAuthority("a-1", "https://tsa.example/x?y=z#"),
        StampAuthority("b", "http://127.0.0.1:8080"),
    )
    create_case(
        tmp_path / "new",
        bench.identity,
        bench.signer,
        case_id="x",
        title="y",
        profile="ngo",
        authorities=own,
    )
    assert open_case(tmp_path / "new").settings.authorities == own
    assert open_case(bench.case.path).settings.authorities == ()


@pytest.mark.parametrize(
    "table",
    [
        'timestamp_authority = "x"',
        "[timestamp_authority]\nname = 'a'\nurl = 'https://x/'",
        "[[timestamp_authority]]\nname = 'a'",
        "[[timestamp_authority]]\nname = '../a'\nurl = 'https://x/'",
        "[[timestamp_authority]]\nname = 'a'\nurl = 'file:///x'",
        "[[timestamp_authority]]\nname = 'a'\nurl = 'https://x/'\n" * 2,
        "[[timestamp_authority]]\nname = 'a'\nurl = 'https://u:p@x/'",
    ],
)
def test_settings_that_name_an_authority_wrongly_are_refused(
    bench: Bench, table: str
) -> None:
    with (bench.case.path / "custody.toml").open("a") as stream:
        stream.write(f"\n{table}\n")
    with pytest.raises(NotACaseError):
        open_case(bench.case.path)


@pytest.mark.parametrize("text", ["", "a", "=https://x/", "A=https://x/", "a=x"])
def test_what_is_no_authority_is_refused(text: str) -> None:
    with pytest.raises((MalformedError, NetworkRefusedError)):
        StampAuthority.from_text(text)


def test_at_most_sixteen_authorities() -> None:
    many = [{"name": f"a{n}", "url": "https://x/"} for n in range(17)]
    assert len(read_authorities(many[:16])) == 16
    with pytest.raises(MalformedError):
        read_authorities(many)
