"""`custody acquire --peer-proof` with the real command."""

from __future__ import annotations

import hashlib
import subprocess
import zipfile
from pathlib import Path

import pytest

from evidence.methods import take_files
from tests.builders import new_bench
from tests.desk import Desk
from tests.gpg import gpg_home
from tests.unit.evidence.peers import openpgp_vector as vector


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    made = Desk(tmp_path / "desk")
    made.folder.mkdir()
    made.ask("identity", "new", "--name", "E", "--no-passphrase")
    made.ask("init", "case", "--case-id", "X", "--title", "X", "--profile", "ngo")
    (made.folder / "phone").mkdir()
    (made.folder / "phone" / "a.txt").write_text("alpha")
    with (made.folder / "SHA256SUMS").open("wb") as target:
        words = ["sha256sum", "phone/a.txt"]
        subprocess.run(words, cwd=made.folder, stdout=target, check=True)
    return made


def test_a_matching_list_is_recorded_and_kept(desk: Desk) -> None:
    words = ("-C", "case", "acquire", "files", "phone", "--peer-proof", "auto")
    told = desk.ask(*words)
    exhibits = told["exhibits"]
    assert isinstance(exhibits, list)
    peers = exhibits[0]["facts"]["peers"]
    assert [(p["form"], p["result"], p["place"]) for p in peers] == [
        ("sums", "matched", "beside")
    ]
    assert exhibits[1]["facts"]["kind"] == "document"
    assert exhibits[1]["facts"]["documents"] == exhibits[0]["exhibit"]
    desk.ask("verify", "case")


def test_a_list_that_does_not_fit_is_acquired_marked_and_told(desk: Desk) -> None:
    (desk.folder / "phone" / "a.txt").write_text("altered")
    words = ("-C", "case", "acquire", "files", "phone", "--peer-proof", "SHA256SUMS")
    done = desk.run(*words, code=18)
    assert "PEER_MISMATCH" in done.stderr
    assert "DOES NOT MATCH" in done.stdout
    shown = desk.run("-C", "case", "show", "EX-0001")
    assert "DOES NOT MATCH" in shown.stdout
    log = (desk.folder / "case/manifest/entries.jsonl").read_text()
    assert "a.txt" not in log
    assert "SHA256SUMS" not in log


def test_a_proof_that_is_not_there_stops_before_anything_is_acquired(
    desk: Desk,
) -> None:
    words = ("-C", "case", "acquire", "files", "phone", "--peer-proof", "none.txt")
    assert "SOURCE_MISSING" in desk.run(*words, code=33).stderr
    assert not (desk.folder / "case/exhibits/EX-0001").exists()


def test_nothing_beside_the_source_is_said_to_be_nothing(desk: Desk) -> None:
    (desk.folder / "SHA256SUMS").unlink()
    words = ("-C", "case", "acquire", "files", "phone", "--peer-proof", "auto")
    done = desk.run(*words)
    assert "none found" in done.stdout


def test_a_comparison_that_is_stopped_is_said_to_be_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from evidence.parsing import sandbox
    from evidence.peers import checking
    from evidence.peers.claims import Note, Result

    monkeypatch.setattr(sandbox, "MEMORY_BYTES", 1 << 20)  # it cannot even start
    bench = new_bench(tmp_path / "case")
    (tmp_path / "a").write_bytes(b"x")
    (tmp_path / "L").write_text("0" * 64 + "  a\n")
    peers = checking.Peers((str(tmp_path / "L"),))
    bench.acquire(tmp_path / "a", kind="files", method=peers.around(take_files))
    (one,) = peers.checked
    assert one.result == Result.INCOMPLETE
    assert one.public["notes"] == [Note.NOT_COMPARED]


ERASE = ("-C", "case", "erase", "EX-0001", "--reason", "court-order", "--text", "so")


def test_a_kept_proof_is_erased_with_its_exhibit(desk: Desk) -> None:
    desk.run("-C", "case", "acquire", "files", "phone", "--peer-proof", "auto")
    told = desk.ask(*ERASE, "--override", "a test")
    assert (told["with_them"], told["staying"]) == (["EX-0002"], [])
    assert not list((desk.folder / "case/exhibits").iterdir())
    left = b"".join(
        path.read_bytes()
        for path in (desk.folder / "case").rglob("*")
        if path.is_file()
    )
    assert b"SHA256SUMS" not in left
    assert desk.failing() == []


def test_a_proof_another_exhibit_rests_on_stays_and_is_told(desk: Desk) -> None:
    for _ in range(2):
        words = ("acquire", "files", "phone", "--peer-proof", "SHA256SUMS")
        desk.run("-C", "case", *words)  # EX-0001 and 2, EX-0003 and 4
    told = desk.ask(*ERASE, "--override", "a test")
    assert told["with_them"] == []
    (one,) = told["staying"]
    assert (one["exhibit"], "EX-0003" in one["why"]) == ("EX-0002", True)
    assert (desk.folder / "case/exhibits/EX-0002").is_dir()
    # What rests on nothing else any more goes with the last of them.
    words = ("EX-0003" if word == "EX-0001" else word for word in ERASE)
    told = desk.ask(*words, "--override", "a test")
    assert told["with_them"] == ["EX-0004"]


def test_a_proof_under_a_hold_stays(desk: Desk) -> None:
    desk.run("-C", "case", "acquire", "files", "phone", "--peer-proof", "auto")
    desk.run("-C", "case", "hold", "EX-0002", "--reason", "kept for a court")
    done = desk.run(*ERASE, "--override", "a test")
    assert "EX-0002, a proof of them, STAYS: legal hold" in done.stderr
    assert (desk.folder / "case/exhibits/EX-0002").is_dir()


# -- OpenPGP -------------------------------------------------------------------------


@pytest.fixture
def picture(desk: Desk) -> Path:
    """A picture and, beside it, its ProofMode bundle, signed once by gpg."""
    stem = hashlib.sha256(b"jpeg").hexdigest()
    (desk.folder / "IMG_1.jpg").write_bytes(b"jpeg")
    path = desk.folder / "IMG_1.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(f"{stem}.proof.csv", vector.CSV)
        archive.writestr(f"{stem}.proof.csv.asc", vector.OVER_CSV)
        archive.writestr(f"{stem}.asc", vector.OVER_JPEG)
        archive.writestr("pubkey.asc", vector.PUBLIC)
    return path


TAKE = ("-C", "case", "acquire", "files", "IMG_1.jpg", "--peer-proof", "IMG_1.zip")


@pytest.mark.usefixtures("picture")
def test_whose_key_signed_is_told_here_and_sealed_in_the_case(desk: Desk) -> None:
    done = desk.run(*TAKE)
    assert vector.FINGERPRINT in done.stdout + done.stderr
    assert "whose key signed is not known" in done.stdout
    log = (desk.folder / "case/manifest/entries.jsonl").read_text()
    assert vector.FINGERPRINT.lower() not in log.lower()
    (desk.folder / "key.asc").write_text(vector.PUBLIC)
    for key in (vector.FINGERPRINT, "key.asc"):
        told = desk.ask(*TAKE, "--peer-key", key)
        (peer,) = told["exhibits"][0]["facts"]["peers"]
        assert (peer["signature"], peer["notes"]) == ("valid", ["signer-expected"])
        said = told["exhibits"][0]["peer_proofs"]
        assert any(vector.FINGERPRINT in sentence for sentence in said)
    desk.ask("verify", "case")


@pytest.mark.usefixtures("picture")
def test_another_key_than_the_one_named_ends_with_18(desk: Desk) -> None:
    done = desk.run(*TAKE, "--peer-key", "AB" * 20, code=18)
    assert "SIGNED BY ANOTHER KEY" in done.stdout
    assert "1 matched" in done.stdout  # the digest: the picture is the one signed
    assert "SIGNATURE NOT ACCEPTED" in done.stdout


@pytest.mark.usefixtures("picture")
def test_a_key_that_is_none_is_refused_before_anything_is_taken(desk: Desk) -> None:
    for word in (vector.FINGERPRINT[-16:], "IMG_1.jpg", "nowhere"):
        assert "PEER_KEY" in desk.run(*TAKE, "--peer-key", word, code=34).stderr
    words = (*TAKE[:5], "--peer-key", vector.FINGERPRINT)
    assert "goes with --peer-proof" in desk.run(*words, code=2).stderr
    assert not (desk.folder / "case/exhibits/EX-0001").exists()


def test_a_list_without_a_signature_is_incomplete_where_a_key_was_named(
    desk: Desk,
) -> None:
    words = ("-C", "case", "acquire", "files", "phone", "--peer-proof", "SHA256SUMS")
    done = desk.run(*words, "--peer-key", vector.FINGERPRINT, code=3)
    assert "Nothing is signed by the key" in done.stdout + done.stderr


def test_what_signs_a_list_is_kept_with_it(desk: Desk) -> None:
    with gpg_home() as gpg:
        (desk.folder / "pubkey.asc").write_bytes(gpg.key("lister"))
        raw = gpg.sign((desk.folder / "SHA256SUMS").read_bytes(), "lister")
        name = gpg.fingerprint("lister")
    (desk.folder / "SHA256SUMS.asc").write_bytes(raw)
    words = ("-C", "case", "acquire", "files", "phone", "--peer-proof", "auto")
    told = desk.ask(*words, "--peer-key", name)
    exhibits = told["exhibits"]
    assert isinstance(exhibits, list)
    (peer,) = exhibits[0]["facts"]["peers"]
    assert (peer["signature"], peer["result"]) == ("valid", "matched")
    kinds = [one["facts"]["kind"] for one in exhibits]
    assert kinds == ["files", "document", "document", "document"]
    (desk.folder / "SHA256SUMS.asc").write_bytes(raw[:-60])
    done = desk.run(*words, code=18)
    assert "COULD NOT BE READ" in done.stdout
