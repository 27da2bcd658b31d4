"""Trusted keys, requests to join and cards: what is relied on outside of a case."""

from __future__ import annotations

import base64
import hashlib
import io
import os
import shutil
import stat
import subprocess
from pathlib import Path

import pypdf
import pytest

from evidence.fingerprint import groups
from evidence.identity import Identity
from evidence.joining import (
    JoinRequest,
    read_identity,
    read_request,
    request_to_join,
)
from evidence.key_errors import (
    JoinRefusedError,
    TimeRefusedError,
    TrustedUnknownError,
    TrustUnclearError,
)
from evidence.keychanges import moment
from evidence.keyfile import FileSigner, new_signer
from evidence.report.card import card, qr_text
from evidence.trust import TrustStore
from manifests.errors import MalformedError

ORIGIN = "case.custody.invalid/" + "ab" * 16


def person(name: str, signer: FileSigner | None = None) -> Identity:
    signer = signer or new_signer()
    beside = signer.post_quantum
    return Identity(
        name,
        "examiner",
        "Laboratório",
        "2026-01-01T00:00:00.000000Z",
        signer.public,
        beside.public if beside else None,
    )


# -- trusted keys --------------------------------------------------------------


def test_trust_and_untrust(tmp_path: Path) -> None:
    store = TrustStore(tmp_path / "home")
    assert store.list() == []
    bob, ana = person("Bob"), person("Ana")
    store.add(bob)
    store.add(ana)
    assert store.list() == [ana, bob]
    path = tmp_path / "home" / "trusted" / f"{bob.key}.json"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert store.remove("bOB") == bob
    assert store.remove(ana.key[:8]) == ana
    assert store.list() == [] and not path.exists()
    with pytest.raises(TrustedUnknownError):
        store.remove("Bob")


def test_two_of_one_name_are_told_apart_by_key_id(tmp_path: Path) -> None:
    store = TrustStore(tmp_path)
    one, other = person("Bob"), person("Bob")
    store.add(one)
    store.add(other)
    with pytest.raises(TrustedUnknownError):
        store.find("Bob")
    with pytest.raises(TrustedUnknownError):
        store.find(one.key[:7])  # too short to mean a key
    assert store.find(one.key[:12].upper()) == one


def _renamed(folder: Path, path: Path) -> None:
    path.rename(folder / f"{'0' * 64}.json")


def _linked(folder: Path, path: Path) -> None:
    kept = folder.parent / "elsewhere.json"
    path.rename(kept)
    path.symlink_to(kept)


HARM = {
    "open to the group": lambda folder, path: path.chmod(0o620),
    "open to all": lambda folder, path: path.chmod(0o602),
    "open folder": lambda folder, path: folder.chmod(0o777),
    "cut": lambda folder, path: path.write_bytes(path.read_bytes()[:-9]),
    "of another name": _renamed,
    "a link": _linked,
}


@pytest.mark.parametrize("harm", sorted(HARM))
def test_what_others_could_have_put_there_is_not_trusted(
    tmp_path: Path, harm: str
) -> None:
    store = TrustStore(tmp_path)
    bob = person("Bob")
    store.add(person("Ana"))
    store.add(bob)
    HARM[harm](store.folder, store.folder / f"{bob.key}.json")
    with pytest.raises(TrustUnclearError):
        store.list()


# -- requests to join ----------------------------------------------------------


def test_a_request_comes_back_as_it_was() -> None:
    signer = new_signer()
    made = request_to_join(person("Bob", signer), signer, ORIGIN)
    data = made.to_bytes()
    assert read_request(data) == made
    assert read_identity(data) == read_identity(made.identity.to_bytes())
    made.check(ORIGIN)
    # The proof in the words of the specification, checked with the raw key.
    digest = hashlib.sha256(
        made.identity.post_quantum.raw  # type: ignore[union-attr]
    )
    body = (
        f'{{"key":"{signer.public.id}","log":"{ORIGIN}",'
        f'"post_quantum":"{digest.hexdigest()}"}}'
    ).encode()
    kind = b"application/vnd.custody.possession.v1+json"
    message = b"DSSEv1 %d %s %d %s" % (len(kind), kind, len(body), body)
    assert signer.public.is_signed(message, base64.b64decode(made.possession))


def test_a_request_for_another_case_or_by_another_key() -> None:
    signer, other = new_signer(), new_signer()
    bob = person("Bob", signer)
    made = request_to_join(bob, signer, ORIGIN)
    with pytest.raises(JoinRefusedError, match="another case"):
        made.check(ORIGIN[:-1] + "0")
    moved = JoinRequest(bob, ORIGIN[:-1] + "0", made.possession)
    stolen = request_to_join(bob, other, ORIGIN)
    stripped = JoinRequest(
        Identity(bob.name, bob.role, "", bob.created, bob.public),
        ORIGIN,
        made.possession,
    )
    for bad in (moved, stolen, stripped):
        with pytest.raises(JoinRefusedError, match="did not sign"):
            bad.check(bad.origin)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"custody-join-1", b"custody-join-2"),
        (b'"log":', b'"lug":'),
        (b'"possession":"', b'"possession":1,"x":"'),
        (b"{", b" {"),
        (b'"name":"Bob"', b'"name":"Bob","name":"Eve"'),
        (b'"key":"', b'"key":"0'),
    ],
)
def test_a_request_that_is_none(old: bytes, new: bytes) -> None:
    signer = new_signer()
    data = request_to_join(person("Bob", signer), signer, ORIGIN).to_bytes()
    with pytest.raises(MalformedError):
        read_request(data.replace(old, new, 1))
    with pytest.raises(MalformedError):
        read_request(data + b"x" * 20_000)


# -- times ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "utc"),
    [
        ("2026-03-01T14:30:00+01:00", "2026-03-01T13:30:00.000000Z"),
        ("2026-03-01T14:30Z", "2026-03-01T14:30:00.000000Z"),
        ("2026-03-01 14:30:00.5-03:30", "2026-03-01T18:00:00.500000Z"),
        ("2026-01-01T00:30:00+01:00", "2025-12-31T23:30:00.000000Z"),
    ],
)
def test_times_are_turned_to_utc(text: str, utc: str) -> None:
    assert moment(text) == utc


@pytest.mark.parametrize(
    "text",
    ["2026-03-01T14:30:00", "2026-03-01", "yesterday", "", "0001-01-01T00:00+23:59"],
)
def test_times_that_name_no_moment(text: str) -> None:
    with pytest.raises(TimeRefusedError):
        moment(text)


# -- on paper ------------------------------------------------------------------


def test_a_card_in_another_language_compares_with_the_english_one() -> None:
    bob = person("Bob")
    cards = {code: card(bob, code) for code in ("en", "ar", "az")}
    pages = {
        code: " ".join(
            pypdf.PdfReader(io.BytesIO(data)).pages[0].extract_text().split()
        )
        for code, data in cards.items()
    }
    assert cards["ar"] == card(bob, "ar") and cards["en"] == card(bob)
    assert "Key id" in pages["en"] and "Açarın identifikatoru" in pages["az"]
    for text in pages.values():  # what is compared is the same
        assert bob.key[:32] in text.replace(" ", "")
        for group in groups(bob.key):
            assert group in text
    for words in ("Key id", "The same", "Not secret"):
        assert words in pages["en"] and words not in pages["ar"] + pages["az"]
    with pytest.raises(ValueError, match="catalogue"):
        card(bob, "../ar")


def test_a_card_is_one_small_page_with_all_words(tmp_path: Path) -> None:
    bob = person("Bobé \u202eevil")
    path = tmp_path / "card.pdf"
    path.write_bytes(card(bob))
    assert path.read_bytes() == card(bob)  # the same bytes every time
    tool = shutil.which("pdftotext")
    if tool is None:
        pytest.skip("pdftotext is not installed")
    done = subprocess.run([tool, "-layout", path, "-"], capture_output=True, check=True)
    text = done.stdout.decode()
    assert text.count("\f") == 1
    assert "Bobé ‹U+202E›evil" in text and "Laboratório" in text
    for group in groups(bob.key):
        assert group in text
    plain = "".join(text.split())
    assert bob.key[:32] in plain and bob.key[32:] in plain


def test_another_program_reads_the_qr_code(tmp_path: Path) -> None:
    reader, painter = shutil.which("zbarimg"), shutil.which("pdftoppm")
    if reader is None or painter is None:
        pytest.skip("zbarimg or pdftoppm is not installed")
    bob = person("Bob")
    (tmp_path / "card.pdf").write_bytes(card(bob))
    subprocess.run(
        [painter, "-r", "300", "-png", "card.pdf", "card"], cwd=tmp_path, check=True
    )
    image = next(tmp_path.glob("card*.png"))
    environment = {"PATH": os.environ["PATH"], "DBUS_SESSION_BUS_ADDRESS": "none:"}
    done = subprocess.run(
        [reader, "--raw", "-q", image], capture_output=True, check=True, env=environment
    )
    told = done.stdout.decode().strip()
    spki = base64.b64encode(bob.public.spki).decode()
    assert told == f"CUSTODY-KEY-1 {bob.key} {spki}" == qr_text(bob)
