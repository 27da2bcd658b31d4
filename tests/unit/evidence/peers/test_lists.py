"""Lists of digests: made by the programs themselves, and bent."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evidence.parsing.base import Job, Record
from evidence.peers import parser
from evidence.peers.sums import read_sums
from tests.unit.evidence.peers.judged import judged, packed

PROGRAMS = (
    ("sha256sum",),
    ("sha1sum",),
    ("md5sum", "--tag"),
    ("sha512sum", "--tag"),
    ("openssl", "dgst", "-sha256"),
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "phone"
    (made / "media").mkdir(parents=True)
    (made / "chat.txt").write_bytes(b"hello\n")
    (made / "media" / "a, b (1).jpg").write_bytes(b"\xff\xd8picture")
    (made / "media" / "new\nline").write_bytes(b"odd")
    return made


def run(words: tuple[str, ...], folder: Path, *names: str) -> bytes:
    done = subprocess.run([*words, *names], cwd=folder, capture_output=True, check=True)
    return done.stdout


@pytest.mark.parametrize("words", PROGRAMS, ids=" ".join)
def test_what_programs_write_is_read_and_matches(
    folder: Path, tmp_path: Path, words: tuple[str, ...]
) -> None:
    names = ["chat.txt", "media/a, b (1).jpg"]
    if words[0] != "openssl":
        names.append("media/new\nline")
    proof = tmp_path / "LIST"
    proof.write_bytes(run(words, folder, *names))
    (told,), _, _ = judged(packed(folder, tmp_path / "t.tar"), proof, tree=True)
    assert told["result"] == "matched"
    assert told["counts"] == {"matched": len(names)}
    assert ("weak-digest" in told["notes"]) is (words[0] in ("md5sum", "sha1sum"))


def test_a_changed_file_is_named_and_the_others_match(
    folder: Path, tmp_path: Path
) -> None:
    proof = tmp_path / "SHA256SUMS"
    proof.write_bytes(run(("sha256sum",), folder, "chat.txt", "media/a, b (1).jpg"))
    (folder / "chat.txt").write_bytes(b"hello!")
    (told,), findings, _ = judged(packed(folder, tmp_path / "t"), proof, tree=True)
    assert told["result"] == "mismatched"
    assert told["counts"] == {"matched": 1, "mismatched": 1}
    assert [(f["word"], f["path"]) for f in findings] == [
        ("mismatched", "phone/chat.txt")
    ]


def test_a_listed_file_that_is_not_there_is_missing(
    folder: Path, tmp_path: Path
) -> None:
    proof = folder / "SHA256SUMS"
    proof.write_bytes(run(("sha256sum",), folder, "chat.txt", "media/a, b (1).jpg"))
    (folder / "chat.txt").unlink()
    (told,), findings, _ = judged(packed(folder, tmp_path / "t"), tree=True)
    assert (told["result"], findings[0]["word"]) == ("incomplete", "missing")


def test_a_list_of_a_whole_device_holds_names_that_are_others(tmp_path: Path) -> None:
    one = tmp_path / "IMG_1.jpg"
    one.write_bytes(b"mine")
    mine, other = (hashlib.sha256(d).hexdigest() for d in (b"mine", b"other"))
    proof = tmp_path / "L"
    proof.write_text(f"{other}  DCIM/100/IMG_1.jpg\n{mine}  DCIM/101/IMG_1.jpg\n")
    assert judged(one, proof)[0][0]["result"] == "matched"
    proof.write_text(f"{other}  DCIM/100/IMG_1.jpg\n")
    assert judged(one, proof)[0][0]["result"] == "mismatched"


def test_a_line_listed_twice_with_two_digests_never_matches(tmp_path: Path) -> None:
    one = tmp_path / "a"
    one.write_bytes(b"mine")
    mine, other = (hashlib.sha256(d).hexdigest() for d in (b"mine", b"other"))
    proof = tmp_path / "L"
    proof.write_text(f"{mine}  a\n{other}  a\n")
    assert judged(one, proof)[0][0]["result"] == "mismatched"


def test_a_list_that_says_nothing_of_the_exhibit_does_not_match(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"mine")
    proof = tmp_path / "L"
    proof.write_text(hashlib.sha256(b"x").hexdigest() + "  other.txt\n")
    assert judged(tmp_path / "a", proof)[0][0]["result"] == "elsewhere"


def test_a_renamed_file_is_found_by_its_content(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"mine")
    proof = tmp_path / "L"
    proof.write_text(hashlib.sha256(b"mine").hexdigest() + "  old.txt\n")
    (told,), _, _ = judged(tmp_path / "a", proof)
    assert told["result"] == "matched"
    assert told["notes"] == ["found-under-another-name"]


@pytest.mark.parametrize("text", ["garbage\n", "00" * 31 + "  a\n", "../../x\n"])
def test_what_is_no_list_is_said_to_be_none(tmp_path: Path, text: str) -> None:
    (tmp_path / "a").write_bytes(b"mine")
    (tmp_path / "L").write_text(text)
    assert judged(tmp_path / "a", tmp_path / "L")[0][0]["result"] == "unreadable"


def test_lines_that_cannot_be_read_are_never_a_clean_match(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"mine")
    proof = tmp_path / "L"
    proof.write_text(hashlib.sha256(b"mine").hexdigest() + "  a\n???\n")
    (told,), _, _ = judged(tmp_path / "a", proof)
    assert (told["result"], told["notes"]) == ("incomplete", ["lines-unreadable"])


@pytest.mark.skipif(not shutil.which("hashdeep"), reason="needs hashdeep")
def test_hashdeep_is_read_with_commas_in_names(folder: Path, tmp_path: Path) -> None:
    done = run(
        ("hashdeep", "-c", "md5,sha256", "-r"), folder.parent, str(folder / "media")
    )
    proof = tmp_path / "deep.txt"
    proof.write_bytes(done)
    (folder / "media" / "new\nline").unlink()  # hashdeep cannot write such a name
    (told,), _, _ = judged(packed(folder, tmp_path / "t"), proof, tree=True)
    assert told["form"] == "hashdeep"
    assert told["counts"]["matched"] == 1
    assert told["result"] == "incomplete"  # the line that the name broke


def test_windows_paths_and_utf_16_lists_are_read(tmp_path: Path) -> None:
    folder = tmp_path / "Export"
    folder.mkdir()
    (folder / "a.txt").write_bytes(b"x")
    text = (
        hashlib.sha256(b"x").hexdigest().upper() + " *C:\\Users\\Z\\Export\\a.txt\r\n"
    )
    (tmp_path / "L").write_bytes(text.encode("utf-16"))
    (told,), _, _ = judged(packed(folder, tmp_path / "t"), tmp_path / "L", tree=True)
    assert told["result"] == "matched"


@given(st.binary(max_size=400))
def test_no_bytes_make_reading_a_list_fail(data: bytes) -> None:
    found = read_sums(data, name="x.sha256")
    assert all(len(c.digest) in (32, 40, 56, 64, 96, 128) for c in found.claims)


def test_a_long_comparison_says_that_it_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a").write_bytes(b"x" * 20_000_000)
    (tmp_path / "L").write_text("0" * 128 + "  a\n")
    monkeypatch.setattr(parser, "STIR_SECONDS", 0.001)
    job = Job(str(tmp_path / "a"), "a", options={"proof": str(tmp_path / "L")})
    items = list(parser.PeerProofParser().parse(job))
    kinds = {item.fields["kind"] for item in items if isinstance(item, Record)}
    assert "peer-progress" in kinds
