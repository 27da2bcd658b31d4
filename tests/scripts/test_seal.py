"""`custody seal` and what `custody verify` makes of it, as people run them."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.desk import COMMAND, OWN_INITIATIVE, Desk
from tests.stamping import (
    Authority,
    Stamper,
    needs_openssl,
    new_authority,
    openssl,
    openssl_reply,
    pem,
)
from tests.tsa_server import answer, honest, serving

FIRST = "0000000001.note"


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    own = Desk(tmp_path)
    own.open_case()
    return own


@pytest.fixture(scope="module")
def own() -> Authority:
    return new_authority()


@pytest.fixture
def root(own: Authority, tmp_path: Path) -> Path:
    path = tmp_path / "root.pem"
    path.write_bytes(pem(own.root))
    return path


def axis(desk: Desk, *words: str | Path, code: int = 0) -> dict[str, str]:
    told = desk.ask("-C", desk.case, "verify", *words, code=code)
    found = told["axes"]["timestamped"]
    assert isinstance(found, dict)
    return found


@needs_openssl
def test_sealed_by_two_authorities_and_verified_by_two_tools(
    desk: Desk, own: Authority, root: Path, tmp_path: Path
) -> None:
    second = new_authority("Second", between=True)
    with (
        serving(honest(own, tmp_path / "a")) as one,
        serving(honest(second, tmp_path / "b")) as two,
    ):
        words = ("--tsa", f"one={one.url}", "--tsa", f"two={two.url}")
        told = desk.ask("-C", desk.case, "seal", *words)
    assert told["schema"] == "custody.seal/1"
    assert told["checkpoint"] == FIRST
    assert told["waiting"] == 0
    assert [s["outcome"] for s in told["stamps"]] == ["stamped", "stamped"]
    folder = desk.case / "manifest/checkpoints"
    for name, authority in (("one", own), ("two", second)):
        (tmp_path / "ca.pem").write_bytes(pem(authority.root))
        words = ("-data", FIRST, "-in", f"0000000001.{name}.tsr")
        done = openssl(folder, "ts", "-verify", *words, "-CAfile", tmp_path / "ca.pem")
        assert b"Verification: OK" in done.stdout + done.stderr
    assert axis(desk)["status"] == "not checked"
    found = axis(desk, "--tsa-root", root, "--require", "timestamped")
    assert found["status"] == "pass"
    assert "existed by" in found["why"]
    shown = desk.run("-C", desk.case, "verify", "--tsa-root", root)
    assert "TIMESTAMP_UNTRUSTED" in shown.stdout  # the second's root was not given


@needs_openssl
def test_settings_name_whom_to_ask_and_old_requests_are_asked_again(
    desk: Desk, own: Authority, root: Path, tmp_path: Path
) -> None:
    calls = 0
    good = honest(own, tmp_path / "tsa")

    def moody(handler: object, body: bytes) -> None:
        nonlocal calls
        calls += 1
        if calls == 1:
            answer(handler, b"", status=503)  # type: ignore[arg-type]
        else:
            good(handler, body)  # type: ignore[arg-type]

    case = tmp_path / "configured"
    with serving(moody) as server:
        title = ("--case-id", "X 1", "--title", "y", "--tsa", f"own={server.url}")
        desk.run("init", case, *title, *OWN_INITIATIVE)
        done = desk.run("-C", case, "seal", code=3)
        assert "unavailable (HTTP 503)" in done.stdout
        assert (case / "manifest/pending/0000000001.own.json").is_file()
        desk.run("-C", case, "seal")
        assert not list((case / "manifest/pending").iterdir())
        done = desk.run("-C", case, "seal")  # nothing new: nobody is asked
        assert "already stamped" in done.stdout
        assert calls == 2
    desk.run("-C", case, "verify", "--tsa-root", root, "--require", "timestamped")


@needs_openssl
def test_the_way_by_usb_stick(
    desk: Desk, own: Authority, root: Path, tmp_path: Path
) -> None:
    stick = tmp_path / "stick"
    stick.mkdir()
    stamper = Stamper(own, tmp_path / "tsa")
    desk.run("-C", desk.case, "seal", "--requests", stick, code=3)
    (request,) = stick.iterdir()
    assert request.name == "0000000001.by-hand.tsq"
    brought = stick / "answer.tsr"
    brought.write_bytes(openssl_reply(stamper.folder, request.read_bytes()))
    done = desk.run("-C", desk.case, "seal", "--add", brought)
    assert "stamped" in done.stdout
    assert axis(desk, "--tsa-root", root)["status"] == "pass"
    again = desk.run("-C", desk.case, "seal", "--add", brought)
    assert "already stamped" in again.stdout
    brought.write_bytes(b"nonsense")
    refused = desk.run("-C", desk.case, "seal", "--add", brought, code=26)
    assert "STAMP_ANSWER" in refused.stderr


@needs_openssl
def test_a_refusal_has_an_exit_code_of_its_own(
    desk: Desk, own: Authority, tmp_path: Path
) -> None:
    with serving(honest(own, tmp_path / "tsa", digests="sha512")) as server:
        words = ("--tsa", f"own={server.url}", "--tsa", "gone=http://127.0.0.1:1/")
        done = desk.run("-C", desk.case, "seal", *words, code=25)
    assert "own: refused (status 2; " in done.stdout
    assert "gone: unavailable" in done.stdout
    assert desk.failing() == []


@needs_openssl
def test_renewal_covers_the_old_stamps_and_is_stamped(
    desk: Desk, own: Authority, root: Path, tmp_path: Path
) -> None:
    with serving(honest(own, tmp_path / "tsa")) as server:
        words = ("-C", desk.case, "seal", "--tsa", f"own={server.url}")
        desk.run(*words, "--renew", code=2)  # nothing to renew
        assert len(desk.lines()) == 1
        desk.run(*words)
        told = desk.ask(*words, "--renew")
    assert told["checkpoint"] == "0000000002.note"
    line = desk.lines()[-1]
    assert b'"type":"renew"' in line
    token = desk.case / "manifest/checkpoints/0000000001.own.tsr"
    done = subprocess.run(
        ["sha256sum", token], capture_output=True, check=True, text=True
    )
    assert done.stdout[:64].encode() in line
    found = axis(desk, "--tsa-root", root)
    assert found["status"] == "pass"
    assert "The first 2 of 2" in found["why"]


def test_a_new_act_gets_its_checkpoint_and_no_key_is_needed_without_one(
    desk: Desk,
) -> None:
    shutil.move(desk.home, desk.folder / "elsewhere")  # no key at hand
    done = desk.run("-C", desk.case, "seal")
    assert FIRST in done.stdout
    assert "no time stamp" in done.stdout
    desk.run("-C", desk.case, "seal", "--renew", code=2)


def test_offline_asks_nobody(desk: Desk) -> None:
    with serving(lambda h, b: answer(h, b"")) as server:
        words = ("-C", desk.case, "seal", "--tsa", f"own={server.url}")
        told = desk.ask(*words, "--offline", code=3)
        assert server.asked == []
    assert [s["outcome"] for s in told["stamps"]] == ["pending"]
    assert told["waiting"] == 1


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("--tsa", "own"), 31),
        (("--tsa", "own=ftp://x/"), 28),
        (("--tsa", "own=https://u:secret@x/"), 28),
        (("--tsa", "OWN=https://x/"), 31),
        (("--name", "own"), 2),
    ],
)
def test_bad_words_change_nothing(
    desk: Desk, words: tuple[str, ...], code: int
) -> None:
    before = sorted(p for p in desk.case.rglob("*"))
    done = desk.run("-C", desk.case, "seal", *words, code=code)
    assert "secret" not in done.stderr
    assert sorted(p for p in desk.case.rglob("*")) == before


def test_a_root_that_is_none_is_refused_before_anything_is_judged(
    desk: Desk, tmp_path: Path
) -> None:
    (tmp_path / "x.pem").write_text("nothing\n")
    done = desk.run(
        "-C", desk.case, "verify", "--tsa-root", tmp_path / "x.pem", code=31
    )
    assert done.stdout == ""


@needs_openssl
def test_a_proof_carries_the_time_stamp_of_its_checkpoint(
    desk: Desk, own: Authority, root: Path, tmp_path: Path
) -> None:
    """Alone, it shows by when the exhibit's entry existed, to who trusts the root."""
    (tmp_path / "a.txt").write_text("evidence")
    desk.run("-C", desk.case, "acquire", "files", tmp_path / "a.txt")
    with serving(honest(own, tmp_path / "a")) as server:
        desk.run("-C", desk.case, "seal", "--tsa", f"own={server.url}")
    proof = tmp_path / "x.tlog-proof"
    desk.run("-C", desk.case, "prove", "EX-0001", "-o", proof)
    shutil.rmtree(desk.case)
    assert desk.ask("verify", proof)["axes"]["timestamped"]["status"] == "not checked"
    told = desk.ask("verify", proof, "--tsa-root", root, "--require", "timestamped")
    assert told["axes"]["timestamped"]["status"] == "pass"
    assert "The first 2 of 2 entries existed by" in told["axes"]["timestamped"]["why"]
    (tmp_path / "other.pem").write_bytes(pem(new_authority("Another").root))
    told = desk.ask("verify", proof, "--tsa-root", tmp_path / "other.pem")
    assert told["axes"]["timestamped"]["status"] == "not checked"


@pytest.mark.parametrize(
    ("spoilt", "why"),
    [
        (lambda token: token[:-20], "not a well-formed time stamp"),
        (lambda _: b"hello", "not a well-formed time stamp"),
        (lambda _: b"\x30\x05\x30\x03\x02\x01\x02", "an authority's refusal"),
    ],
)
def test_a_proof_leaves_out_what_is_no_token_and_says_so(
    desk: Desk, own: Authority, root: Path, tmp_path: Path, spoilt: Any, why: str
) -> None:
    (tmp_path / "a.txt").write_text("evidence")
    desk.run("-C", desk.case, "acquire", "files", tmp_path / "a.txt")
    with serving(honest(own, tmp_path / "a")) as server:
        desk.run("-C", desk.case, "seal", "--tsa", f"own={server.url}")
    (good,) = (desk.case / "manifest/checkpoints").glob("0000000002.*.tsr")
    bad = good.with_name("0000000002.spoilt.tsr")
    bad.write_bytes(spoilt(good.read_bytes()))
    words = ("-C", desk.case, "prove", "EX-0001", "-o")
    told = desk.ask(*words, tmp_path / "a.tlog-proof", code=3)
    assert told["tokens"] == 1
    (left_out,) = told["left_out"]
    assert left_out.startswith("0000000002.spoilt.tsr: ")
    assert why in left_out
    done = desk.run(*words, tmp_path / "b.tlog-proof", code=3)
    assert f"Left out: {left_out}" in done.stderr
    judged = desk.ask("verify", tmp_path / "a.tlog-proof", "--tsa-root", root)
    assert judged["axes"]["timestamped"]["status"] == "pass"


def test_hostile_words_of_an_authority_are_shown_harmless(desk: Desk) -> None:
    # PKIStatusInfo: rejection, with an escape sequence as its text.
    text = b"\x1b]0;owned\x07"
    words = b"\x0c" + bytes([len(text)]) + text
    info = b"\x02\x01\x02\x30" + bytes([len(words)]) + words
    refusal = b"\x30" + bytes([len(info)]) + info
    body = b"\x30" + bytes([len(refusal)]) + refusal
    kind = "application/timestamp-reply"
    with serving(lambda h, b: answer(h, body, kind=kind)) as server:
        done = desk.run("-C", desk.case, "seal", "--tsa", f"own={server.url}", code=25)
    assert "owned" in done.stdout
    assert "\x1b" not in done.stdout + done.stderr
    assert "\x07" not in done.stdout + done.stderr


# -- nobody calls out --------------------------------------------------------------

_NO_NETWORK = """
import os, sys

def forbid(event, _arguments):
    if event.startswith("socket.") and event != "socket.gethostname":
        os._exit(99)

sys.addaudithook(forbid)
"""


@pytest.fixture
def sealed_off(desk: Desk, own: Authority, tmp_path: Path) -> Desk:
    """A desk whose every command dies at the first use of a socket."""
    if shutil.which("openssl"):
        with serving(honest(own, tmp_path / "tsa")) as server:
            desk.run("-C", desk.case, "seal", "--tsa", f"own={server.url}")
    folder = tmp_path / "hook"
    folder.mkdir()
    (folder / "sitecustomize.py").write_text(_NO_NETWORK)
    return Desk(tmp_path, {"PYTHONPATH": str(folder)})


def test_the_hook_that_forbids_the_network_works(sealed_off: Desk) -> None:
    words = ("--tsa", "other=http://127.0.0.1:9/")
    done = sealed_off.run("-C", sealed_off.case, "seal", *words, code=None)
    assert done.returncode == 99


def test_no_command_but_a_seal_that_asks_uses_the_network(
    sealed_off: Desk, root: Path, tmp_path: Path
) -> None:
    (tmp_path / "a.txt").write_text("evidence")
    case = sealed_off.case
    for words in (
        ("acquire", "files", tmp_path / "a.txt"),
        ("seal", "--tsa", "own=http://127.0.0.1:9/", "--offline"),
        ("seal", "--requests", tmp_path / "hook"),
        ("verify",),
        ("verify", "--tsa-root", root),
        ("log",),
        ("show", "EX-0001"),
        ("note", "EX-0001", "--fact", "seen"),
        ("recover",),
        ("identity", "list"),
        ("errors",),
    ):
        code = 3 if words[0] == "seal" else 0
        sealed_off.run("-C", case, *words, code=code)


def test_verify_needs_no_network_at_all(desk: Desk, root: Path) -> None:
    """The same in a name space without any network, where the kernel allows one."""
    probe = ["unshare", "-rn", "true"]
    if shutil.which("unshare") is None or subprocess.run(probe, check=False).returncode:
        pytest.skip("no network name spaces here")
    words = ("-C", desk.case, "verify", "--tsa-root", root)
    done = subprocess.run(
        ["unshare", "-rn", COMMAND, *words],
        env=desk.environment(),
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
