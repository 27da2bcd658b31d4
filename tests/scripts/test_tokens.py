"""A whole case signed by a token, certified, and checked with openssl alone."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest

from tests.authority import Authority, new_authority
from tests.desk import OWN_INITIATIVE, Desk
from tests.softhsm import PIN, SoftToken, copied, new_key, new_soft_token, openssl

ENTRY_TYPE = b"application/vnd.custody.entry.v1+json"
SEAL = "/C=IT/O=Procura/organizationIdentifier=VATIT-01234567890/CN=Seal"


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> SoftToken:
    """A token with three keys; nothing changes it."""
    made = new_soft_token(tmp_path_factory.mktemp("prepared") / "softhsm")
    made.add_token("desk")
    for number, kind in enumerate(("p256", "ed25519", "rsa3072"), 1):
        pem = new_key(made.folder, kind, kind)
        made.put("desk", kind, f"a{number}", pem)
        pem.rename(made.folder / f"{kind}.backup")  # only the token signs from here
    return made


@pytest.fixture
def soft(prepared: SoftToken, tmp_path: Path) -> SoftToken:
    return copied(prepared, tmp_path / "softhsm")


@pytest.fixture
def desk(tmp_path: Path, soft: SoftToken) -> Desk:
    extra = {"SOFTHSM2_CONF": str(soft.config), "CUSTODY_PASSPHRASE": PIN}
    return Desk(tmp_path, extra)


@pytest.fixture
def ca(tmp_path: Path) -> Authority:
    return new_authority(tmp_path / "ca")


def worked(desk: Desk, soft: SoftToken, name: str) -> None:
    """Open a case with a key on the token and do a few things in it."""
    uri = soft.uri(f"token=desk;object={name}")
    made = desk.ask("identity", "new", "--name", "Ada Rossi", "--key", uri)
    assert made["key_uri"] == uri
    desk.run(
        "init",
        desk.case,
        "--case-id",
        "TOKEN 1",
        "--title",
        "On a token",
        *OWN_INITIATIVE,
    )
    source = desk.folder / "source.txt"
    source.write_text("what was found\n")
    desk.run("-C", desk.case, "acquire", "files", source)
    desk.run("-C", desk.case, "note", "EX-0001", "--fact", "It was found.")


def signed_entries(lines: list[bytes]) -> Iterator[tuple[bytes, bytes]]:
    """(bytes that are signed, signature) of entry lines, cut apart by hand."""
    for line in lines:
        body = line[len(b'{"body":') : line.index(b',"signatures":')]
        (signature,) = json.loads(line)["signatures"]
        head = b"DSSEv1 %d %s %d " % (len(ENTRY_TYPE), ENTRY_TYPE, len(body))
        yield head + body, base64.b64decode(signature["sig"])


def test_a_case_signed_on_a_p256_token(desk: Desk, soft: SoftToken) -> None:
    worked(desk, soft, "p256")
    first = json.loads(desk.lines()[0])["body"]["facts"]["founder"]
    pub = soft.folder / "p256.pub"
    der = openssl("pkey", "-pubin", "-in", pub, "-outform", "DER")
    assert first["algorithm"] == "ecdsa-p256"
    assert base64.b64decode(first["public"]) == der
    entries = list(signed_entries(desk.lines()))
    assert len(entries) == 3
    pae, sig = desk.folder / "pae", desk.folder / "sig"
    for message, signature in entries:
        pae.write_bytes(message)
        sig.write_bytes(signature)
        words = ("-sha256", "-verify", pub, "-signature", sig, pae)
        assert openssl("dgst", *words) == b"Verified OK\n"
    # The checkpoint, too: base64 of a 4-byte key id and the signature.
    note = (desk.case / "manifest/checkpoints/0000000003.note").read_bytes()
    text, _, tail = note.rpartition(b"\n\n")
    pae.write_bytes(text + b"\n")
    sig.write_bytes(base64.b64decode(tail.split()[2])[4:])
    words = ("-sha256", "-verify", pub, "-signature", sig, pae)
    assert openssl("dgst", *words) == b"Verified OK\n"
    verdict = desk.ask("verify", desk.case, "--require", "trusted")
    assert verdict["axes"]["signed"]["status"] == "pass"
    assert [f for f in verdict["findings"] if f["fails"]] == []


def test_an_altered_entry_of_a_token_fails(desk: Desk, soft: SoftToken) -> None:
    worked(desk, soft, "p256")
    path = desk.case / "manifest/entries.jsonl"
    good = path.read_bytes()
    path.write_bytes(good.replace(b'"kind":"fact"', b'"kind":"fakt"'))
    assert "signed" in desk.failing()
    path.write_bytes(good)
    assert desk.failing() == []


def test_a_case_signed_on_an_ed25519_token(desk: Desk, soft: SoftToken) -> None:
    worked(desk, soft, "ed25519")
    founder = json.loads(desk.lines()[0])["body"]["facts"]["founder"]
    assert founder["algorithm"] == "ed25519"
    pub, pae, sig = soft.folder / "ed25519.pub", desk.folder / "p", desk.folder / "s"
    for message, signature in signed_entries(desk.lines()):
        pae.write_bytes(message)
        sig.write_bytes(signature)
        words = ("-verify", "-rawin", "-pubin", "-inkey", pub, "-sigfile", sig)
        openssl("pkeyutl", *words, "-in", pae)
    assert desk.ask("verify", desk.case)["axes"]["signed"]["status"] == "pass"


def test_show_says_where_the_key_is_and_asks_for_nothing(
    desk: Desk, soft: SoftToken
) -> None:
    uri = soft.uri("token=desk;id=%a1")
    desk.run("identity", "new", "--name", "Rossi", "--key", uri)
    away = desk.run("identity", "show", SOFTHSM2_CONF="/nowhere")
    assert uri in away.stdout
    shown = desk.ask("identity", "show")
    assert (shown["key_uri"], shown["encrypted"]) == (uri, None)
    folder = desk.home / "identities" / shown["key"]
    assert sorted(p.name for p in folder.iterdir()) == ["identity.json", "signer.json"]
    everything = b"".join(p.read_bytes() for p in folder.iterdir())
    assert PIN.encode() not in everything
    assert quote(PIN).encode() not in everything


def test_a_wrong_pin_and_a_missing_one(desk: Desk, soft: SoftToken) -> None:
    worked(desk, soft, "p256")
    before = desk.lines()
    note = ("-C", desk.case, "note", "EX-0001", "--fact", "More.")
    done = desk.run(*note, code=54, CUSTODY_PASSPHRASE="hunter2-wrong")
    assert "[WRONG_PIN]" in done.stderr
    assert "hunter2-wrong" not in done.stdout + done.stderr
    del desk.extra["CUSTODY_PASSPHRASE"]  # type: ignore[attr-defined]
    assert "[PASSPHRASE_NEEDED]" in desk.run(*note, code=55).stderr
    away = desk.run(*note, code=59, SOFTHSM2_CONF="/nowhere", CUSTODY_PASSPHRASE=PIN)
    assert "TOKEN_" in away.stderr
    assert desk.lines() == before
    desk.run(*note, CUSTODY_PASSPHRASE=PIN)


def test_a_pin_on_the_command_line_is_refused(desk: Desk, soft: SoftToken) -> None:
    uri = soft.uri("token=desk;object=p256", f"&pin-value={quote(PIN)}")
    done = desk.run("identity", "new", "--name", "R", "--key", uri, code=50)
    assert "[KEY_URI_REFUSED]" in done.stderr
    assert quote(PIN) not in done.stderr
    assert not desk.home.exists()


def test_key_goes_with_no_key_made(desk: Desk, soft: SoftToken) -> None:
    uri = soft.uri("token=desk;object=p256")
    words = ("identity", "new", "--name", "R", "--key", uri, "--no-passphrase")
    assert "Usage" in desk.run(*words, code=2).stderr


# -- certificates ----------------------------------------------------------------------


def findings(desk: Desk, *words: str | Path, code: int = 0) -> dict[str, str]:
    found = desk.ask("verify", desk.case, *words, code=code)["findings"]
    return {f["code"]: f["text"] for f in found if f["code"].startswith("P7S")}


def test_person_and_seal_certify_one_checkpoint(
    desk: Desk, soft: SoftToken, ca: Authority, tmp_path: Path
) -> None:
    worked(desk, soft, "p256")
    person = ca.issue("person", soft.folder / "p256.backup", kind="person")
    seal = ca.issue("seal", soft.folder / "rsa3072.backup", kind="seal", subject=SEAL)
    own = desk.ask("identity", "certificate", "Ada Rossi", "--add", person)
    assert own["claims_proved"] is False
    uri = soft.uri("token=desk;object=rsa3072")
    words = ("--add", seal, "--chain", ca.root, "--key", uri)
    sealed = desk.ask("identity", "certificate", "Ada Rossi", *words)
    assert sealed["organisation_id"] == "VATIT-01234567890"
    shown = desk.run("identity", "certificate", "Ada Rossi").stdout
    assert "qualified certificate (EU)" in shown
    assert "no level (advanced, qualified) is established" in shown

    assert (
        "[CERTIFICATE_UNKNOWN]" in desk.run("-C", desk.case, "certify", code=52).stderr
    )  # two to choose from
    entries = desk.lines()
    for kept in (own, sealed):
        done = desk.ask("-C", desk.case, "certify", "--certificate", kept["id"])
        path = desk.folder / done["file"]
        assert path.name == f"0000000003.{kept['id']}.p7s"
        assert ca.accepts(path, desk.case / "manifest/checkpoints/0000000003.note")
        again = desk.run(
            "-C", desk.case, "certify", "--certificate", kept["id"], code=38
        )
        assert "[ALREADY_CERTIFIED]" in again.stderr
    assert desk.lines() == entries  # no act of the log
    assert set(findings(desk)) == {"P7S_UNTRUSTED"}
    assert set(findings(desk, "--ca-root", ca.root)) == {"P7S_TRUSTED"}
    other = new_authority(tmp_path / "other")
    assert set(findings(desk, "--ca-root", other.root)) == {"P7S_UNTRUSTED"}

    # Acts go on; the old signature stays good for the checkpoint it stands beside.
    desk.run("-C", desk.case, "note", "EX-0001", "--fact", "Later.")
    assert set(findings(desk, "--ca-root", ca.root)) == {"P7S_TRUSTED"}

    # One bit, and one exchange.
    good = path.read_bytes()
    path.write_bytes(good[:-1] + bytes([good[-1] ^ 1]))
    assert set(findings(desk, "--ca-root", ca.root, code=20)) >= {"P7S_SIGNATURE"}
    path.write_bytes(good)
    moved = path.with_name(path.name.replace("0000000003", "0000000004"))
    path.rename(moved)
    assert "P7S_OTHER_BYTES" in findings(desk, code=20)
    moved.rename(path)
    assert desk.failing() == []


def test_nobody_certifies_a_broken_manifest(
    desk: Desk, soft: SoftToken, ca: Authority
) -> None:
    worked(desk, soft, "p256")
    person = ca.issue("person", soft.folder / "p256.backup", kind="person")
    desk.run("identity", "certificate", "--add", person)
    path = desk.case / "manifest/entries.jsonl"
    good = path.read_bytes()
    for bad in (
        good.replace(b'"kind":"fact"', b'"kind":"fakt"'),
        b"".join(good.splitlines(keepends=True)[:2]),
    ):
        path.write_bytes(bad)
        done = desk.run("-C", desk.case, "certify", code=12)
        assert "[MANIFEST_BROKEN]" in done.stderr
    path.write_bytes(good)
    older = desk.case / "manifest/checkpoints/0000000001.note"
    kept = older.read_bytes()
    older.write_bytes(b"not a note\n")  # the newest one holds all the same
    assert "[MANIFEST_BROKEN]" in desk.run("-C", desk.case, "certify", code=12).stderr
    older.write_bytes(kept)
    (desk.case / "manifest/checkpoints/0000000003.note").unlink()
    desk.run("-C", desk.case, "certify", code=12)
    assert list((desk.case / "manifest/checkpoints").glob("*.p7s")) == []


def test_an_identity_without_certificate_cannot_certify(desk: Desk) -> None:
    desk.open_case()
    done = desk.run("-C", desk.case, "certify", code=52)
    assert "[CERTIFICATE_UNKNOWN]" in done.stderr


def test_options_that_do_not_go_together(desk: Desk, ca: Authority) -> None:
    desk.open_case()
    for words in (
        ("--chain", ca.root),
        ("--key", "file:/x"),
        ("--add", ca.root, "--show"),
    ):
        desk.run("identity", "certificate", *words, code=2)
    assert (
        "of a CA"
        in desk.run("identity", "certificate", "--add", ca.root, code=50).stderr
    )
    empty = desk.folder / "empty.pem"
    empty.write_text("")
    assert (
        "[MALFORMED]"
        in desk.run("verify", desk.case, "--ca-root", empty, code=31).stderr
    )
