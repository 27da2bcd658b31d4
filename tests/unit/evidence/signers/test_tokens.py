"""Keys on a real SoftHSM2 token; what they sign is checked by openssl."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest

from evidence.key_errors import (
    KeyUnusableError,
    PassphraseRefusedError,
    TokenAmbiguousError,
    TokenKeyUnknownError,
    TokenKeyUnusableError,
    TokenLockedError,
    TokenMissingError,
    TokenModuleError,
    WrongPassphraseError,
    WrongPinError,
)
from evidence.signers import tokens
from evidence.signers.handles import KeyHandle
from evidence.signers.opening import open_key, open_signer
from evidence.signers.uri import TokenUri, parse_uri
from manifests.errors import CustodyError
from manifests.keys import Algorithm
from tests.softhsm import PIN, SoftToken, filled, new_key, openssl

HALF = 0x7FFFFFFF800000007FFFFFFFFFFFFFFFDE737D56D38BCF4279DCE5617E3192A8
MESSAGE = b"DSSEv1 4 text 5 hello"


@pytest.fixture(scope="module")
def soft(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SoftToken]:
    yield from filled(tmp_path_factory.mktemp("softhsm"))


@pytest.fixture(autouse=True)
def fresh(soft: SoftToken) -> Iterator[None]:
    """Forget sessions and logins: one process is one person at the token."""
    import pkcs11

    library = pkcs11.lib(str(soft.module))
    library.reinitialize()
    yield
    library.reinitialize()


class Asked:
    """Answers prompts with one PIN and counts them."""

    def __init__(self, pin: str = PIN) -> None:
        self.pin = pin
        self.prompts: list[str] = []

    def __call__(self, prompt: str) -> str:
        self.prompts.append(prompt)
        return self.pin


def key(soft: SoftToken, path: str, asked: Asked | None = None) -> KeyHandle:
    return open_key(parse_uri(soft.uri(path)), asked or Asked(), name="Rossi")


def public(soft: SoftToken, name: str) -> bytes:
    path = soft.folder / f"{name}.pub"
    return openssl("pkey", "-pubin", "-in", path, "-outform", "DER")


def verifies(soft: SoftToken, name: str, signature: bytes, folder: Path) -> bool:
    """Ask openssl whether `signature` is over MESSAGE by the key it made."""
    (folder / "s").write_bytes(signature)
    (folder / "m").write_bytes(MESSAGE)
    pub = soft.folder / f"{name}.pub"
    if name == "ed25519":
        words = ("pkeyutl", "-verify", "-rawin", "-pubin", "-inkey", pub)
        return b"Successfully" in openssl(
            *words, "-sigfile", folder / "s", "-in", folder / "m"
        )
    words = ("dgst", "-sha256", "-verify", pub, "-signature", folder / "s")
    return b"OK" in openssl(*words, folder / "m")


@pytest.mark.parametrize("name", ["p256", "ed25519", "rsa3072"])
def test_openssl_verifies_what_a_token_signs(
    soft: SoftToken, tmp_path: Path, name: str
) -> None:
    asked = Asked()
    opened = key(soft, f"token=desk;object={name}", asked)
    assert opened.spki == public(soft, name)
    for _ in range(5):
        assert verifies(soft, name, opened.sign(MESSAGE), tmp_path)
    assert asked.prompts == ["Rossi (PIN of the token desk)"]
    opened.close()


@pytest.mark.parametrize(
    ("name", "algorithm"),
    [("p256", Algorithm.P256), ("ed25519", Algorithm.ED25519)],
)
def test_entries_can_be_signed(
    soft: SoftToken, tmp_path: Path, name: str, algorithm: Algorithm
) -> None:
    uri = parse_uri(soft.uri(f"token=desk;object={name}"))
    signer = open_signer(uri, Asked(), name="Rossi")
    assert (signer.public.algorithm, signer.post_quantum) == (algorithm, None)
    assert signer.public.spki == public(soft, name)
    for length in (0, 1, 65_536):
        message = b"m" * length
        assert signer.public.is_signed(message, signer.sign(message))
    assert verifies(soft, name, signer.sign(MESSAGE), tmp_path)


def test_p256_signatures_of_a_token_have_s_in_the_lower_half(soft: SoftToken) -> None:
    signer = open_signer(
        parse_uri(soft.uri("token=desk;object=p256")), Asked(), name="Rossi"
    )
    raw = key(soft, "token=desk;object=p256")
    high = 0
    for number in range(40):
        message = b"%d" % number
        assert scalar(signer.sign(message)) <= HALF
        high += scalar(raw.sign(message)) > HALF
    assert (
        high
    )  # SoftHSM makes high ones, too: without the rule this test means nothing


def scalar(signature: bytes) -> int:
    """s of a DER ECDSA signature, read by hand: 30 len 02 len r 02 len s."""
    length = signature[3]
    assert signature[4 + length] == 2
    return int.from_bytes(signature[6 + length :], "big")


def test_found_by_id_serial_and_every_other_word(soft: SoftToken) -> None:
    import pkcs11

    library = pkcs11.lib(str(soft.module))
    token = next(iter(library.get_tokens(token_label="desk")))
    words = {
        "serial": token.serial.decode(),
        "slot-id": str(token.slot.slot_id),
        "slot-description": token.slot.slot_description,
        "slot-manufacturer": token.slot.manufacturer_id,
        "manufacturer": token.manufacturer_id,
        "model": token.model,
        "library-manufacturer": library.manufacturer_id,
        "library-description": library.library_description,
        "library-version": "{}.{}".format(*library.library_version),
    }
    assert all(words.values())
    for name, value in words.items():
        path = f"token=desk;id=%a2;{name}={quote(value)}"
        opened = key(soft, path)
        assert opened.spki == public(soft, "p256"), name
        opened.close()
        with pytest.raises(TokenMissingError):
            key(soft, path + "x")


@pytest.mark.parametrize(
    ("path", "error", "text"),
    [
        ("token=none;object=p256", TokenMissingError, "desk"),
        ("token=desk;serial=0;object=p256", TokenMissingError, "desk"),
        ("token=desk;slot-id=3;object=p256", TokenMissingError, "desk"),
        ("token=twin;object=p256", TokenAmbiguousError, "2 connected"),
        ("token=desk;object=P256", TokenKeyUnknownError, "0 private keys"),
        ("token=desk;object=p256;id=%a1", TokenKeyUnknownError, "0 private keys"),
        ("token=desk;object=double", TokenKeyUnknownError, "2 private keys"),
        ("token=desk", TokenKeyUnknownError, "private keys"),
        ("token=desk;object=p384", TokenKeyUnusableError, "P-256"),
        ("token=desk;object=rsa2048", TokenKeyUnusableError, "3,072"),
    ],
)
def test_each_way_to_miss_the_key_has_its_own_error(
    soft: SoftToken, path: str, error: type[CustodyError], text: str
) -> None:
    with pytest.raises(error) as caught:
        key(soft, path)
    assert text in caught.value.what
    assert 50 <= caught.value.exit_code <= 59


def test_rsa_signs_for_certificates_only(soft: SoftToken) -> None:
    uri = parse_uri(soft.uri("token=desk;object=rsa3072"))
    with pytest.raises(KeyUnusableError):
        open_signer(uri, Asked(), name="Rossi")
    # ... and let go of the session: the next PIN is asked of the token again.
    with pytest.raises(WrongPinError):
        open_signer(uri, Asked("wrong"), name="Rossi")


def test_no_pin_is_asked_for_when_no_token_fits(soft: SoftToken) -> None:
    asked = Asked()
    for path in ("token=none", "token=twin"):
        with pytest.raises((TokenMissingError, TokenAmbiguousError)):
            key(soft, path, asked)
    assert asked.prompts == []


@pytest.mark.parametrize("pin", ["wrong pin", "", "1"])
def test_a_wrong_pin_is_tried_once_and_never_shown(soft: SoftToken, pin: str) -> None:
    asked = Asked(pin)
    with pytest.raises(WrongPinError) as caught:
        key(soft, "token=desk;object=p256", asked)
    assert len(asked.prompts) == 1
    assert "left" in caught.value.what
    assert not isinstance(caught.value, WrongPassphraseError)  # which is tried again
    assert pin == "" or pin not in caught.value.what.replace("PIN", "")
    # The right one still opens it.
    assert key(soft, "token=desk;object=p256").spki == public(soft, "p256")


def test_the_pin_may_come_from_a_file_of_ones_own(
    soft: SoftToken, tmp_path: Path
) -> None:
    place = tmp_path / "pin"
    place.write_text(f"{PIN}\n")
    place.chmod(0o600)
    asked = Asked("never asked")
    uri = parse_uri(soft.uri("token=desk;object=p256", f"&pin-source=file:{place}"))
    opened = open_key(uri, asked, name="Rossi")
    assert opened.spki == public(soft, "p256")
    assert asked.prompts == []
    opened.close()
    place.chmod(0o644)
    with pytest.raises(PassphraseRefusedError, match="open to other users"):
        open_key(uri, asked, name="Rossi")
    place.unlink()
    with pytest.raises(PassphraseRefusedError):
        open_key(uri, asked, name="Rossi")


def module(path: Path) -> TokenUri:
    return TokenUri("", path, {})


def test_a_module_that_is_missing_or_open_to_all_is_not_loaded(
    soft: SoftToken, tmp_path: Path
) -> None:
    fake = tmp_path / "fake.so"
    fake.write_bytes(b"\x7fELF not really")
    fake.chmod(0o644)
    copy = tmp_path / "copy.so"
    copy.write_bytes(soft.module.read_bytes())
    copy.chmod(0o666)
    for path, reason in (
        (tmp_path / "nothing.so", "No such file"),
        (tmp_path, "not a file"),
        (fake, "no PKCS#11 library"),
        (copy, "every user"),
    ):
        with pytest.raises(TokenModuleError) as caught:
            open_key(module(path), Asked(), name="Rossi")
        assert reason in caught.value.what


def altered(soft: SoftToken, folder: Path, label: str) -> None:
    """Put the public key of another pair beside a private key on the token."""
    import pkcs11
    from pkcs11 import Attribute, KeyType, ObjectClass

    other = new_key(folder, "other", "p256")
    der = openssl("pkey", "-in", other, "-pubout", "-outform", "DER")
    token = next(iter(pkcs11.lib(str(soft.module)).get_tokens(token_label="desk")))
    with token.open(rw=True, user_pin=PIN) as session:
        wanted = {Attribute.CLASS: ObjectClass.PUBLIC_KEY, Attribute.LABEL: label}
        for found in list(session.get_objects(wanted)):
            found.destroy()
        session.create_object(
            {
                Attribute.CLASS: ObjectClass.PUBLIC_KEY,
                Attribute.KEY_TYPE: KeyType.EC,
                Attribute.TOKEN: True,
                Attribute.LABEL: label,
                Attribute.ID: b"\xee",
                Attribute.EC_PARAMS: bytes.fromhex("06082a8648ce3d030107"),
                Attribute.EC_POINT: b"\x04\x41" + der[-65:],
            }
        )


def test_a_public_key_that_is_not_the_private_ones_is_noticed(
    soft: SoftToken, tmp_path: Path
) -> None:
    soft.put("desk", "swapped", "ee", new_key(tmp_path, "swapped", "p256"))
    import pkcs11

    pkcs11.lib(str(soft.module)).reinitialize()
    altered(soft, tmp_path, "swapped")
    opened = key(soft, "token=desk;object=swapped")
    with pytest.raises(TokenKeyUnusableError, match="does not verify"):
        opened.sign(MESSAGE)


def certificate_only(soft: SoftToken, folder: Path, *, agree: bool) -> str:
    """A key on the token with a certificate, and with no public key or another's."""
    import pkcs11
    from pkcs11 import Attribute, CertificateType, ObjectClass

    label, key_id = ("cert", b"\xc1") if agree else ("quarrel", b"\xc2")
    mine = new_key(folder, label, "p256")
    soft.put("desk", label, key_id.hex(), mine)
    signing = mine if agree else new_key(folder, "else", "p256")
    subject = ("-subj", "/CN=Rossi")
    made = openssl("req", "-x509", "-new", "-key", signing, *subject, "-outform", "DER")
    library = pkcs11.lib(str(soft.module))
    library.reinitialize()
    token = next(iter(library.get_tokens(token_label="desk")))
    with token.open(rw=True, user_pin=PIN) as session:
        wanted = {Attribute.CLASS: ObjectClass.PUBLIC_KEY, Attribute.LABEL: label}
        for found in list(session.get_objects(wanted)) if agree else ():
            found.destroy()
        session.create_object(
            {
                Attribute.CLASS: ObjectClass.CERTIFICATE,
                Attribute.CERTIFICATE_TYPE: CertificateType.X_509,
                Attribute.TOKEN: True,
                Attribute.ID: key_id,
                Attribute.LABEL: label,
                Attribute.SUBJECT: b"\x30\x00",
                Attribute.VALUE: made,
            }
        )
    return label


def test_a_certificate_stands_in_for_the_public_key(
    soft: SoftToken, tmp_path: Path
) -> None:
    label = certificate_only(soft, tmp_path, agree=True)
    opened = key(soft, f"token=desk;object={label}")
    der = openssl("pkey", "-pubin", "-in", tmp_path / "cert.pub", "-outform", "DER")
    assert opened.spki == der
    opened.sign(MESSAGE)


def test_public_key_and_certificate_must_agree(soft: SoftToken, tmp_path: Path) -> None:
    label = certificate_only(soft, tmp_path, agree=False)
    with pytest.raises(TokenKeyUnusableError, match="disagree"):
        key(soft, f"token=desk;object={label}")


def always_asking(soft: SoftToken, label: str) -> bytes:
    """Make a P-256 key that wants its PIN for every signature; return its SPKI."""
    import pkcs11
    from pkcs11 import Attribute, KeyType, MechanismFlag, ObjectClass

    token = next(iter(pkcs11.lib(str(soft.module)).get_tokens(token_label="desk")))
    with token.open(rw=True, user_pin=PIN) as session:
        curve = {Attribute.EC_PARAMS: bytes.fromhex("06082a8648ce3d030107")}
        parameters = session.create_domain_parameters(KeyType.EC, curve, local=True)
        parameters.generate_keypair(
            store=True,
            label=label,
            id=b"\xaa\x01",
            capabilities=MechanismFlag.SIGN | MechanismFlag.VERIFY,
            private_template={Attribute.ALWAYS_AUTHENTICATE: True},
        )
        wanted = {Attribute.CLASS: ObjectClass.PUBLIC_KEY, Attribute.LABEL: label}
        (made,) = list(session.get_objects(wanted))
        point = made[Attribute.EC_POINT]
    prefix = "3059301306072a8648ce3d020106082a8648ce3d030107034200"
    return bytes.fromhex(prefix) + point[-65:]


def test_a_key_that_wants_its_pin_for_every_signature(soft: SoftToken) -> None:
    spki = always_asking(soft, "careful")
    asked = Asked()
    uri = parse_uri(soft.uri("token=desk;object=careful"))
    signer = open_signer(uri, asked, name="Rossi")
    assert signer.public.spki == spki
    for number in range(3):
        message = b"%d" % number
        assert signer.public.is_signed(message, signer.sign(message))
    assert len(asked.prompts) == 1  # the person is asked once, the token is told thrice


# -- what a SoftHSM never says: stand-ins for the flags of other tokens ----------------


class Flagged:
    """A token that says these flags of itself."""

    label = "card"

    def __init__(self, flags: int) -> None:
        import pkcs11

        self.flags = pkcs11.TokenFlag(flags)

    @property
    def slot(self) -> Flagged:
        return self

    def get_token(self) -> Flagged:
        return self


def flags(*names: str) -> int:
    import pkcs11

    return sum(pkcs11.TokenFlag[name].value for name in names)


READY = ("USER_PIN_INITIALIZED", "LOGIN_REQUIRED")


@pytest.mark.parametrize("names", [(*READY, "USER_PIN_LOCKED"), ("LOGIN_REQUIRED",)])
def test_a_locked_token_is_not_even_asked(names: tuple[str, ...]) -> None:
    asked = Asked()
    with pytest.raises(TokenLockedError):
        tokens._pin(Flagged(flags(*names)), module(Path("/m")), asked, "Rossi")  # type: ignore[arg-type]
    assert asked.prompts == []


def test_the_last_try_is_announced_before_it_is_used() -> None:
    asked = Asked()
    card = Flagged(flags(*READY, "USER_PIN_FINAL_TRY"))
    tokens._pin(card, module(Path("/m")), asked, "Rossi")  # type: ignore[arg-type]
    assert "LAST TRY" in asked.prompts[0]


def test_a_pin_pad_is_used_where_there_is_one() -> None:
    asked = Asked()
    card = Flagged(flags(*READY, "PROTECTED_AUTHENTICATION_PATH"))
    assert tokens._pin(card, module(Path("/m")), asked, "Rossi") is None  # type: ignore[arg-type]
    assert asked.prompts == []


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("USER_PIN_LOCKED", "locked now"),
        ("USER_PIN_FINAL_TRY", "ONE try"),
        ("USER_PIN_COUNT_LOW", "few tries"),
        ("RNG", "does not say"),
    ],
)
def test_the_tries_left_are_those_the_token_tells(name: str, text: str) -> None:
    assert text in tokens._tries_left(Flagged(flags(*READY, name)))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("raised", "error"),
    [
        ("PinIncorrect", WrongPinError),
        ("PinLenRange", WrongPinError),
        ("PinLocked", TokenLockedError),
        ("PinExpired", TokenLockedError),
        ("UserPinNotInitialized", TokenLockedError),
    ],
)
def test_refusals_of_a_token_are_told_apart(
    raised: str, error: type[CustodyError]
) -> None:
    import pkcs11

    class Refusing(Flagged):
        tries = 0

        def open(self, **_: object) -> None:
            self.tries += 1
            raise getattr(pkcs11, raised)

    card = Refusing(flags(*READY))
    with pytest.raises(error):
        tokens._log_in(card, "1234")  # type: ignore[arg-type]
    assert card.tries == 1
