"""The witness protocol's client against a real server written from the text."""

from __future__ import annotations

import http.client
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from evidence.case import writing
from evidence.countersigning import Leaves, add_cosignatures, read_leaves
from evidence.submitting import submit
from evidence.witness_errors import (
    WitnessAnswerError,
    WitnessConflictError,
    WitnessRefusedError,
)
from manifests.cosignature import Cosigner
from manifests.entries import EntryType
from manifests.errors import CustodyError
from manifests.verifying.witnesses import Witness
from tests.builders import Bench, new_bench
from tests.witness_process import Server, serving


class Answer:
    """What came back, read without this project's network module."""

    def __init__(self, response: http.client.HTTPResponse) -> None:
        self.status = response.status
        kind = response.headers.get("Content-Type", "")
        self.content_type = kind.partition(";")[0].strip().lower()
        self.body = response.read(1 << 21)


def send(url: str, body: bytes) -> Answer:
    parts = urlsplit(url)
    line = http.client.HTTPConnection(str(parts.hostname), parts.port, timeout=10)
    line.request("POST", parts.path, body)
    answer = Answer(line.getresponse())
    line.close()
    return answer


def witness_of(server: Server) -> Witness:
    cosigner = Cosigner.from_vkey(server.vkey)
    return Witness("the server", cosigner.key, cosigner.name)


def note(bench: Bench, count: int = 1) -> None:
    for _ in range(count):
        with writing(bench.case, bench.identity, bench.signer) as writer:
            writer.record(EntryType.ANNOTATE, facts={"kind": "fact"}, private={"t": ""})


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Bench:
    bench = new_bench(tmp_path_factory.mktemp("submitting") / "case")
    note(bench, 4)
    return bench


def ask(bench: Bench, server: Server, start: int = 0) -> bytes:
    log: Leaves = read_leaves(bench.case)
    return submit(send, server.url + "/", log, start, [witness_of(server)])


def test_the_server_cosigns_and_the_case_keeps_it(tmp_path: Path) -> None:
    bench = new_bench(tmp_path / "case")
    with serving(bench.case.settings.origin, bench.signer.public.raw) as server:
        data = ask(bench, server)
        assert data.count(b"\n") == 1, "the line of an unknown key is left out"
        added = add_cosignatures(bench.case, data, [witness_of(server)], what="it")
        assert (added.size, added.new) == (1, True)
        for _ in range(9):  # every split of sizes 1 to 10, each by one more proof
            note(bench)
            assert ask(bench, server, start=read_leaves(bench.case).head.size - 1)
        assert server.calls() == ["0>1", *(f"{n}>{n + 1}" for n in range(1, 10))]
        assert ask(bench, server, start=10), "the same head again"


def test_a_size_not_known_is_learnt_from_the_answer(tmp_path: Path) -> None:
    bench = new_bench(tmp_path / "case")
    with serving(bench.case.settings.origin, bench.signer.public.raw) as server:
        note(bench, 2)
        ask(bench, server)
        note(bench, 4)
        assert ask(bench, server, start=0)
        assert server.calls() == ["0>3", "0>7", "3>7"]


def test_a_case_put_back_is_noticed_by_the_witness(tmp_path: Path) -> None:
    import shutil

    bench = new_bench(tmp_path / "case")
    note(bench)
    old = shutil.copytree(bench.case.path, tmp_path / "old")
    note(bench, 3)
    with serving(bench.case.settings.origin, bench.signer.public.raw) as server:
        ask(bench, server)
        from evidence.case import open_case

        restored = Bench(open_case(old), bench.identity, bench.signer)
        with pytest.raises(WitnessConflictError, match="5 entries"):
            ask(restored, server)
        note(restored, 3)  # as long, with another content
        with pytest.raises(WitnessConflictError, match="another history"):
            ask(restored, server)
        note(restored, 3)  # longer, and not an extension
        with pytest.raises(WitnessConflictError, match="422"):
            ask(restored, server)


REFUSED = {
    "400": WitnessRefusedError,
    "403": WitnessRefusedError,
    "404": WitnessRefusedError,
    "429": WitnessRefusedError,
    "500": WitnessRefusedError,
    "204": WitnessRefusedError,
    "422": WitnessConflictError,
    "garbage": WitnessAnswerError,
    "no lines": WitnessAnswerError,
    "huge": WitnessAnswerError,
    "lying": WitnessAnswerError,
    "wrong key": WitnessAnswerError,
    "redirect": WitnessRefusedError,
    "409 ahead": WitnessConflictError,
    "409 other type": WitnessAnswerError,
    "409 no number": WitnessAnswerError,
    "409 same": WitnessAnswerError,
    "409 changing": WitnessRefusedError,
}


@pytest.mark.parametrize("mode", REFUSED)
def test_a_server_that_misbehaves(bench: Bench, mode: str) -> None:
    origin, key = bench.case.settings.origin, bench.signer.public.raw
    before = sorted(bench.case.path.rglob("*"))
    with serving(origin, key, mode) as server:
        with pytest.raises(CustodyError) as caught:
            ask(bench, server)
        assert type(caught.value) is REFUSED[mode]
    assert sorted(bench.case.path.rglob("*")) == before


def test_a_server_that_trusts_another_key(bench: Bench) -> None:
    with (
        serving(bench.case.settings.origin, bytes(31) + b"\x09") as server,
        pytest.raises(WitnessRefusedError, match="403"),
    ):
        ask(bench, server)


def test_a_server_of_another_log(bench: Bench) -> None:
    with (
        serving("another.example/log", bench.signer.public.raw) as server,
        pytest.raises(WitnessRefusedError, match="404"),
    ):
        ask(bench, server)
