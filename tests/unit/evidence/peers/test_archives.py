"""WACZ, ProofMode, time stamps: made with openssl and zipfile, then bent."""

from __future__ import annotations

import base64
import hashlib
import json
import subprocess
import zipfile
from pathlib import Path
from typing import Any

import pytest

from tests.unit.evidence.peers.judged import judged

WARC = b"WARC/1.1\r\nabc"


def openssl(folder: Path, *words: str) -> bytes:
    done = subprocess.run(
        ["openssl", *words], cwd=folder, check=True, capture_output=True
    )
    return done.stdout


def make_wacz(folder: Path, **changes: Any) -> Path:
    """A WACZ signed as wacz-auth 0.1.0 says, the signature by openssl."""
    curve = ("-pkeyopt", "ec_paramgen_curve:P-384")
    openssl(folder, "genpkey", "-algorithm", "EC", *curve, "-out", "k.pem")
    public = openssl(folder, "pkey", "-in", "k.pem", "-pubout", "-outform", "DER")
    resource = {
        "name": "data.warc",
        "path": "archive/data.warc",
        "hash": "sha256:" + hashlib.sha256(WARC).hexdigest(),
        "bytes": len(WARC),
    }
    package = json.dumps({"resources": [resource]}).encode()
    said = "sha256:" + hashlib.sha256(package).hexdigest()
    (folder / "said").write_bytes(said.encode())
    signature = openssl(folder, "dgst", "-sha256", "-sign", "k.pem", "said")
    if changes.get("wrong_signature"):
        (folder / "said").write_bytes(b"other")
        signature = openssl(folder, "dgst", "-sha256", "-sign", "k.pem", "said")
    signed = {
        "hash": said,
        "signature": base64.b64encode(signature).decode(),
        "publicKey": base64.b64encode(public).decode(),
    }
    digest = {"path": "datapackage.json", "hash": said, "signedData": signed}
    path = folder / "crawl.wacz"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("archive/data.warc", changes.get("warc", WARC))
        archive.writestr("datapackage.json", changes.get("package", package))
        archive.writestr("datapackage-digest.json", json.dumps(digest))
        for name in changes.get("more", ()):
            archive.writestr(name, b"new")
    return path


def test_a_wacz_matches_and_its_signature_holds(tmp_path: Path) -> None:
    (told,), findings, sentences = judged(make_wacz(tmp_path))
    assert (told["form"], told["result"], told["signature"]) == (
        *("wacz", "matched", "valid"),
    )
    assert told["notes"] == ["signer-unknown"]
    assert findings == []
    assert "Whose key signed it is not known." in sentences


@pytest.mark.parametrize(
    ("changes", "signature"),
    [
        ({"warc": b"WARC/1.1\r\nabd"}, "valid"),
        ({"package": b'{"resources": []}'}, "invalid"),
        ({"package": b"[" * 100_000}, "invalid"),
        ({"wrong_signature": True}, "invalid"),
        ({"more": ["archive/extra.warc"]}, "valid"),
    ],
)
def test_a_wacz_that_was_changed_never_matches(
    tmp_path: Path, changes: dict[str, Any], signature: str
) -> None:
    (told,), _, _ = judged(make_wacz(tmp_path, **changes))
    assert told["result"] in ("mismatched", "unreadable")
    assert told["signature"] == signature


def make_proofmode(folder: Path, media: bytes, stated: bytes) -> Path:
    digest = hashlib.sha256(stated).hexdigest()
    path = folder / "proof.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("IMG_1.jpg", media)
        rows = f"File Path,File Hash SHA256\n/sdcard/IMG_1.jpg,{digest}\n"
        archive.writestr(f"{digest}.proof.csv", rows)
    return path


def test_a_proofmode_bundle_without_signatures_matches_and_says_so(
    tmp_path: Path,
) -> None:
    (told,), _, _ = judged(make_proofmode(tmp_path, b"jpeg", b"jpeg"))
    assert (told["form"], told["result"]) == ("proofmode", "matched")
    assert (told["signature"], told["notes"]) == ("none", [])


def test_a_proofmode_bundle_with_another_picture_does_not_match(tmp_path: Path) -> None:
    (told,), _, _ = judged(make_proofmode(tmp_path, b"edited", b"jpeg"))
    assert told["result"] == "mismatched"


def test_a_proofmode_bundle_beside_its_picture(tmp_path: Path) -> None:
    picture = tmp_path / "IMG_1.jpg"
    picture.write_bytes(b"jpeg")
    bundle = make_proofmode(tmp_path, b"jpeg", b"jpeg")
    assert judged(picture, bundle)[0][0]["result"] == "matched"
    picture.write_bytes(b"edited")
    assert judged(picture, bundle)[0][0]["result"] == "mismatched"


def make_stamp(folder: Path, of: Path) -> Path:
    """A token of an authority made by openssl on the spot."""
    config = (
        "[req]\ndistinguished_name=dn\nx509_extensions=e\nprompt=no\n[dn]\nCN=TSA\n"
        "[e]\nextendedKeyUsage=critical,timeStamping\nkeyUsage=digitalSignature\n"
        "[tsa]\ndefault_tsa=t\n[t]\nserial=serial\nsigner_cert=c.pem\nsigner_key=k.pem\n"
        "signer_digest=sha256\ndefault_policy=1.2.3.4\ndigests=sha256\n"
        "ess_cert_id_alg=sha256\n"
    )
    (folder / "c.cnf").write_text(config)
    (folder / "serial").write_text("01\n")
    make = ("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-config", "c.cnf")
    openssl(folder, *make, "-keyout", "k.pem", "-out", "c.pem", "-days", "2")
    query = ("ts", "-query", "-data", str(of), "-sha256", "-cert", "-out", "q")
    openssl(folder, *query)
    token = folder / f"{of.name}.tsr"
    reply = ("-reply", "-config", "c.cnf", "-queryfile", "q", "-out", str(token))
    openssl(folder, "ts", *reply)
    return token


def test_a_time_stamp_beside_a_file(tmp_path: Path) -> None:
    picture = tmp_path / "IMG_1.jpg"
    picture.write_bytes(b"jpeg")
    token = make_stamp(tmp_path, picture)
    (told,), _, sentences = judged(picture, token)
    assert (told["form"], told["result"], told["signature"]) == (
        *("timestamp", "matched", "valid"),
    )
    assert told["notes"] == ["root-not-trusted"]
    assert any("CN=TSA" in text for text in sentences)  # sealed, never public
    picture.write_bytes(b"edited")
    assert judged(picture, token)[0][0]["result"] == "mismatched"
    data = bytearray(token.read_bytes())
    data[-5] ^= 1  # in the signature
    token.write_bytes(data)
    picture.write_bytes(b"jpeg")
    (told,), _, _ = judged(picture, token)
    assert told["result"] == "mismatched"
    assert told["signature"] == "invalid"
    token.write_bytes(b"no token")
    assert judged(picture, token)[0][0]["result"] == "unreadable"
