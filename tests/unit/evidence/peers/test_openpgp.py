"""OpenPGP signatures: a vector gpg made once, and bundles gpg signs on the spot."""

from __future__ import annotations

import hashlib
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from evidence.peers import openpgp, proofmode
from evidence.peers.checking import Signer
from evidence.peers.openpgp import Keys, Verdict, fingerprint_of, judge_detached
from tests.gpg import Gpg, gpg_home
from tests.unit.evidence.peers import openpgp_vector as vector
from tests.unit.evidence.peers.judged import NOBODY, judged, packed

BORN_LATER = "20250102T000000"
MEDIUM = b"jpeg"
DIGEST = hashlib.sha256(MEDIUM).hexdigest()
CSV = vector.CSV.encode()


def bundle(folder: Path, files: dict[str, bytes | str]) -> Path:
    path = folder / "proof.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return path


def signed_once() -> dict[str, bytes | str]:
    """The files of a bundle, out of the vector."""
    return {
        "IMG_1.jpg": MEDIUM,
        f"{DIGEST}.proof.csv": CSV,
        f"{DIGEST}.proof.csv.asc": vector.OVER_CSV,
        f"{DIGEST}.asc": vector.OVER_JPEG,
        "pubkey.asc": vector.PUBLIC,
    }


def told_of(
    folder: Path, files: dict[str, bytes | str], signer: Signer = NOBODY
) -> tuple[dict[str, Any], tuple[str, ...]]:
    (told,), _, sentences = judged(bundle(folder, files), signer=signer)
    return told, sentences


# -- the vector ------------------------------------------------------------------------


def test_a_bundle_gpg_signed_holds_by_a_key_nobody_vouches_for(tmp_path: Path) -> None:
    told, sentences = told_of(tmp_path, signed_once())
    assert (told["result"], told["signature"]) == ("matched", "valid")
    assert told["notes"] == ["signer-unknown"]
    (text,) = (s for s in sentences if vector.FINGERPRINT in s)
    assert "2" in text
    assert "whose it is, nothing here shows" in text


def test_the_key_that_was_expected_is_said_and_another_is_refused(
    tmp_path: Path,
) -> None:
    spaced = " ".join(vector.FINGERPRINT[i : i + 4] for i in range(0, 40, 4))
    told, sentences = told_of(tmp_path, signed_once(), Signer.read([spaced]))
    assert (told["result"], told["notes"]) == ("matched", ["signer-expected"])
    assert any("That is the key that was given." in s for s in sentences)
    told, _ = told_of(tmp_path, signed_once(), Signer.read(["A" * 40]))
    assert (told["result"], told["signature"]) == ("mismatched", "invalid")
    assert told["notes"] == ["key-other"]


def test_an_unsigned_bundle_is_no_match_where_a_signer_was_named(
    tmp_path: Path,
) -> None:
    files = signed_once()
    del files[f"{DIGEST}.asc"], files[f"{DIGEST}.proof.csv.asc"]
    told, _ = told_of(tmp_path, files, Signer.read([vector.FINGERPRINT]))
    assert (told["result"], told["signature"]) == ("incomplete", "none")


def test_a_key_given_as_a_file_serves_where_the_bundle_brings_none(
    tmp_path: Path,
) -> None:
    files = signed_once()
    del files["pubkey.asc"]
    told, _ = told_of(tmp_path, files)
    assert (told["result"], told["signature"]) == ("matched", "not-checked")
    assert told["notes"] == ["key-missing"]
    (tmp_path / "key.asc").write_text(vector.PUBLIC)
    told, _ = told_of(tmp_path, files, Signer.read([str(tmp_path / "key.asc")]))
    assert (told["signature"], told["notes"]) == ("valid", ["signer-expected"])


@pytest.mark.parametrize("word", ["04585B753", "E4DB51F04585B753", "no such file"])
def test_a_key_id_is_no_fingerprint(word: str) -> None:
    from evidence.peer_errors import PeerKeyError

    assert fingerprint_of(word) == ""
    with pytest.raises(PeerKeyError):
        Signer.read([word])


def test_every_changed_byte_is_seen(tmp_path: Path) -> None:
    """A medium edited with its proof: the digests fit again, the signatures do not."""
    other = b"JPEG"
    digest = hashlib.sha256(other).hexdigest()
    files: dict[str, bytes | str] = {
        "IMG_1.jpg": other,
        f"{digest}.proof.csv": CSV.replace(DIGEST.encode(), digest.encode()),
        f"{digest}.proof.csv.asc": vector.OVER_CSV,
        f"{digest}.asc": vector.OVER_JPEG,
        "pubkey.asc": vector.PUBLIC,
    }
    told, sentences = told_of(tmp_path, files)
    assert (told["result"], told["signature"]) == ("mismatched", "invalid")
    assert sum("not of these bytes" in s for s in sentences) == 2


@pytest.mark.parametrize(
    "raw",
    [
        "",
        "-----BEGIN PGP SIGNATURE-----",
        vector.OVER_JPEG[:120],
        vector.OVER_JPEG.replace("U/ArAP43", "U/ArAP4!"),
        vector.PUBLIC,
        "A" * (openpgp.MAX_SIGNATURE_BYTES + 1),
        vector.OVER_JPEG * (openpgp.MAX_SIGNATURES + 1),
    ],
)
def test_what_is_no_signature_is_told(tmp_path: Path, raw: str) -> None:
    told, sentences = told_of(tmp_path, {**signed_once(), f"{DIGEST}.asc": raw})
    assert (told["result"], told["signature"]) == ("unreadable", "invalid")
    assert any("not accepted" in s for s in sentences)


def test_no_flipped_bit_of_what_is_hashed_is_passed() -> None:
    """Unhashed subpackets alone are not covered by a signature (RFC 4880, 5.2.3)."""
    from pysequoia import Sig

    keys = Keys()
    keys.add(vector.PUBLIC.encode())
    good = bytes(Sig.from_bytes(vector.OVER_JPEG.encode()))
    (held,) = judge_detached(MEDIUM, good, keys)
    assert held.verdict is Verdict.HOLDS
    passed = set()
    for at in range(len(good)):
        for bit in range(8):
            mutant = bytearray(good)
            mutant[at] ^= 1 << bit
            found = judge_detached(MEDIUM, bytes(mutant), keys)
            if {one.verdict for one in found} == {Verdict.HOLDS}:
                passed.add(at)
    # 39 to 48: the issuer's key id; 49 and 50 only let a reader refuse early.
    assert passed <= set(range(39, 51)), sorted(passed)


def test_a_key_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    told, sentences = told_of(tmp_path, {**signed_once(), "pubkey.asc": "no key"})
    assert told["result"] == "unreadable"
    assert "A public key in it cannot be read." in sentences


def test_a_medium_no_signature_reaches_is_told(tmp_path: Path) -> None:
    more = b"another picture"
    digest = hashlib.sha256(more).hexdigest()
    csv = CSV.replace(DIGEST.encode(), digest.encode())
    files = {**signed_once(), "IMG_2.jpg": more, f"{digest}.proof.csv": csv}
    told, _ = told_of(tmp_path, files)
    assert told["result"] == "incomplete"
    assert "partly-signed" in told["notes"]


def test_a_giant_medium_is_said_not_to_be_checked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(proofmode, "MAX_SIGNED_BYTES", len(MEDIUM) - 1)
    files = signed_once()
    del files[f"{DIGEST}.proof.csv.asc"]
    told, sentences = told_of(tmp_path, files)
    assert (told["result"], told["signature"]) == ("matched", "not-checked")
    assert told["notes"] == ["too-large"]
    assert any("gpg --verify" in s for s in sentences)


def test_a_bundle_without_its_medium_is_asked_of_the_picture_beside_it(
    tmp_path: Path,
) -> None:
    files = signed_once()
    del files["IMG_1.jpg"]
    picture = tmp_path / "IMG_1.jpg"
    picture.write_bytes(MEDIUM)
    path = bundle(tmp_path, files)
    (told,), _, _ = judged(picture, path)
    assert (told["result"], told["signature"]) == ("matched", "valid")
    picture.write_bytes(b"edited")
    (told,), _, _ = judged(picture, path)
    assert told["result"] == "mismatched"


# -- gpg on the spot -------------------------------------------------------------------


@pytest.fixture(scope="module")
def gpg() -> Iterator[Gpg]:
    with gpg_home() as made:
        yield made


def one(gpg: Gpg, raw: bytes, *keys: bytes) -> openpgp.Judged:
    given = Keys()
    for key in keys:
        given.add(key)
    (found,) = judge_detached(MEDIUM, raw, given)
    return found


def test_expired_revoked_and_early(gpg: Gpg) -> None:
    key = gpg.key("short", expires="30d")
    fingerprint = gpg.fingerprint("short")
    inside = gpg.sign(MEDIUM, "short", at="20250110T000000")
    assert one(gpg, inside, key).verdict is Verdict.HOLDS
    # The owner lets the key live on; whoever has the old one sees a late signature.
    gpg.run("--quick-set-expire", fingerprint, "0", at="20250120T000000")
    late = gpg.sign(MEDIUM, "short", at="20250301T000000")
    found = one(gpg, late, key)
    assert (found.verdict, found.key) == (Verdict.EXPIRED, fingerprint.lower())
    assert "2025-01-31" in found.detail
    assert one(gpg, late, gpg.public("short")).verdict is Verdict.HOLDS
    future = gpg.sign(MEDIUM, "short", at="20990301T000000")
    assert one(gpg, future, gpg.public("short")).verdict is Verdict.TIME
    early = ("--ignore-time-conflict", "--ignore-valid-from")
    raw = gpg.sign(MEDIUM, "short", *early, at="20240101T000000")
    assert one(gpg, raw, gpg.public("short")).verdict is Verdict.TIME
    ending = ("--default-sig-expire", "5d")
    raw = gpg.sign(MEDIUM, "short", *ending, at="20250201T000000")
    assert one(gpg, raw, gpg.public("short")).verdict is Verdict.TIME
    assert one(gpg, inside, gpg.revoke("short")).verdict is Verdict.REVOKED


def test_a_key_superseded_later_had_signed_well(gpg: Gpg) -> None:
    gpg.key("former")
    before = gpg.sign(MEDIUM, "former", at="20250110T000000")
    later = gpg.sign(MEDIUM, "former", at="20250310T000000")
    key = gpg.supersede("former", at="20250201T000000")
    found = one(gpg, before, key)
    assert (found.verdict, found.later) == (Verdict.HOLDS, True)
    assert one(gpg, later, key).verdict is Verdict.REVOKED


def test_a_signing_subkey_signs_for_its_primary_key(gpg: Gpg) -> None:
    gpg.key("primary")
    fingerprint = gpg.fingerprint("primary")
    gpg.run("--quick-add-key", fingerprint, "ed25519", "sign", "30d", at=BORN_LATER)
    raw = gpg.sign(MEDIUM, "primary", at="20250110T000000")
    found = one(gpg, raw, gpg.public("primary"))
    assert (found.verdict, found.key) == (Verdict.HOLDS, fingerprint.lower())


def test_sha1_and_short_keys_show_nothing(gpg: Gpg) -> None:
    key = gpg.key("rsa", "rsa2048")
    raw = gpg.sign(MEDIUM, "rsa", "--digest-algo", "SHA1")
    assert one(gpg, raw, key).verdict is Verdict.WEAK
    assert one(gpg, gpg.sign(MEDIUM, "rsa"), key).verdict is Verdict.HOLDS
    key = gpg.key("tiny", "rsa1024")
    assert one(gpg, gpg.sign(MEDIUM, "tiny"), key).verdict is Verdict.WEAK


def test_each_of_several_signatures_counts(gpg: Gpg) -> None:
    a, b = gpg.key("a"), gpg.key("b")
    both = gpg.sign(MEDIUM, "a", "-u", "b")
    for raw in (both, gpg.sign(MEDIUM, "a") + gpg.sign(MEDIUM, "b")):
        keys = Keys()
        keys.add(a)
        found = sorted(j.verdict for j in judge_detached(MEDIUM, raw, keys))
        assert found == [Verdict.HOLDS, Verdict.KEY_MISSING]
        keys.add(b)
        assert {j.verdict for j in judge_detached(MEDIUM, raw, keys)} == {Verdict.HOLDS}
    keys = Keys()
    keys.add(a + b)  # two keys in one file
    mixed = gpg.sign(b"other", "b") + gpg.sign(MEDIUM, "a")
    found = [j.verdict for j in judge_detached(MEDIUM, mixed, keys)]
    assert found == [Verdict.BAD, Verdict.HOLDS]


def test_clear_signed_and_detached_sums(gpg: Gpg, tmp_path: Path) -> None:
    key = gpg.key("sums")
    folder = tmp_path / "disk"
    folder.mkdir()
    (folder / "- odd.jpg").write_bytes(MEDIUM)
    line = f"{DIGEST}  - odd.jpg\n-dash is no line\n".encode().splitlines()[0] + b"\n"
    clear = gpg.run("--clearsign", "-u", "sums", "-o", "-", data=line)
    (folder / "SHA256SUMS.asc").write_bytes(clear)
    (folder / "pubkey.asc").write_bytes(key)

    def told() -> dict[str, Any]:
        (found,), _, _ = judged(packed(folder, tmp_path / "t.tar"), tree=True)
        return found

    assert (told()["result"], told()["signature"]) == ("matched", "valid")
    (folder / "SHA256SUMS.asc").write_bytes(clear.replace(b"odd", b"0dd"))
    assert (told()["result"], told()["signature"]) == ("mismatched", "invalid")
    (folder / "SHA256SUMS.asc").unlink()
    (folder / "SHA256SUMS").write_bytes(line)
    assert (told()["result"], told()["signature"]) == ("matched", "none")
    detached = gpg.run("--detach-sign", "-u", "sums", "-o", "-", data=line)
    (folder / "SHA256SUMS.gpg").write_bytes(detached)
    assert (told()["result"], told()["signature"]) == ("matched", "valid")
    (folder / "SHA256SUMS").write_bytes(line * 2)
    assert (told()["result"], told()["signature"]) == ("mismatched", "invalid")
    (folder / "SHA256SUMS").unlink()
    assert told()["result"] == "incomplete"


def test_words_put_before_a_clear_signed_list_are_not_taken_for_it(gpg: Gpg) -> None:
    gpg.key("before")
    clear = gpg.run("--clearsign", "-u", "before", "-o", "-", data=b"x\n")
    assert openpgp.clear_text(clear) is not None
    assert openpgp.clear_text(b"0" * 64 + b"  a\n" + clear) is None
    assert openpgp.clear_text(clear + clear) is None
