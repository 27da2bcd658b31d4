"""Key URIs; expected values are written out by hand from RFC 7512 and RFC 8089."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evidence.key_errors import KeyUriRefusedError
from evidence.signers.uri import FileUri, TokenUri, parse_uri

MODULE = "?module-path=/usr/lib/p11.so"


def test_a_whole_token_uri() -> None:
    uri = parse_uri(
        "pkcs11:token=The%20Software%20PKCS%2311%20Softtoken;manufacturer=Snake%20Oil,"
        "%20Inc.;model=1.0;serial=4711;object=my-certificate;type=private;"
        "id=%69%95%3E%5C%F4%BD%EC%91?module-path=/usr/lib/p11%3b1.so"
        "&pin-source=file:/etc/token%20pin"
    )
    assert isinstance(uri, TokenUri)
    assert uri.module == Path("/usr/lib/p11;1.so")
    assert uri.token == {
        "token": "The Software PKCS#11 Softtoken",
        "manufacturer": "Snake Oil, Inc.",
        "model": "1.0",
        "serial": "4711",
    }
    assert (uri.label, uri.id) == ("my-certificate", bytes.fromhex("69953e5cf4bdec91"))
    assert uri.pin_source == Path("/etc/token pin")


def test_an_id_may_be_any_bytes_and_a_label_any_text() -> None:
    uri = parse_uri(f"PKCS11:object=%C3%A9t%C3%A9;id=%00%ff%3B{MODULE}")
    assert isinstance(uri, TokenUri)
    assert (uri.label, uri.id) == ("été", b"\x00\xff;")
    assert uri.token == {}


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("file:/media/stick/key.pem", "/media/stick/key.pem"),
        ("file:///media/stick/key.pem", "/media/stick/key.pem"),
        ("file://localhost/k%20ey.pem", "/k ey.pem"),
        ("FILE:/a/b", "/a/b"),
    ],
)
def test_a_file_uri(text: str, path: str) -> None:
    uri = parse_uri(text)
    assert uri == FileUri(Path(path))
    assert parse_uri(uri.text) == uri


def test_a_relative_file_is_kept_absolute(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert parse_uri("file:key.pem") == FileUri(tmp_path / "key.pem")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "begins neither"),
        ("key.pem", "begins neither"),
        ("https://example.org/key", "begins neither"),
        ("file:", "percent-encoded"),
        ("file://server/share/key", "another machine"),
        ("file:/a%00b", "unprintable"),
        ("file:/a#b", "percent-encoded"),
        ("file:/%ff", "UTF-8"),
        ("pkcs11:", "module-path"),
        ("pkcs11:token=a", "module-path"),
        ("pkcs11:token=a?", "question mark"),
        (f"pkcs11:token=a;token=a{MODULE}", "twice"),
        (f"pkcs11:token=a{MODULE}&module-path=/b", "twice"),
        (f"pkcs11:tokens=a{MODULE}", "not known"),
        (f"pkcs11:x-vendor=a{MODULE}", "not known"),
        (f"pkcs11:token{MODULE}", "not known"),
        (f"pkcs11:token=a;{MODULE}", "not known"),
        (f"pkcs11:token=a b{MODULE}", "percent-encoded"),
        (f"pkcs11:token=a%2{MODULE}", "percent-encoded"),
        (f"pkcs11:token=a%zz{MODULE}", "percent-encoded"),
        (f"pkcs11:token=a/b{MODULE}", "percent-encoded"),
        (f"pkcs11:token={MODULE}", "empty"),
        (f"pkcs11:token=%ff{MODULE}", "UTF-8"),
        (f"pkcs11:token=%1b[31m{MODULE}", "unprintable"),
        (f"pkcs11:id={MODULE}", "id is empty"),
        (f"pkcs11:type=cert{MODULE}", "not private"),
        (f"pkcs11:type=public{MODULE}", "not private"),
        ("pkcs11:token=a?module-path=p11.so", "absolute"),
        ("pkcs11:token=a?module-path=../p11.so", "absolute"),
        ("pkcs11:token=a?module-name=softhsm2", "module-path"),
        (f"pkcs11:token=a{MODULE}&pin-source=%7Ccat%20/pin", "command"),
        (f"pkcs11:token=a{MODULE}&pin-source=|cat", "command"),
        (f"pkcs11:token=a{MODULE}&pin-source=pin", "absolute"),
        (f"pkcs11:token=a{MODULE}#fragment", "percent-encoded"),
        (f"pkcs11:token={'a' * 5000}{MODULE}", "too long"),
    ],
)
def test_what_is_not_understood_is_refused(text: str, reason: str) -> None:
    with pytest.raises(KeyUriRefusedError) as caught:
        parse_uri(text)
    assert reason in caught.value.what


@pytest.mark.parametrize(
    "text",
    [
        f"pkcs11:token=a{MODULE}&pin-value=hunter2",
        "pkcs11:token=a;pin-value=hunter2",
        f"pkcs11:hunter2{MODULE}",
        f"pkcs11:token=a{MODULE}&pin=hunter2",
    ],
)
def test_a_pin_in_the_uri_is_refused_and_not_repeated(text: str) -> None:
    with pytest.raises(KeyUriRefusedError) as caught:
        parse_uri(text)
    assert "hunter2" not in caught.value.what
    assert "hunter2" not in repr(caught.value.facts)


@given(
    label=st.text(min_size=1, max_size=40).filter(str.isprintable),
    key_id=st.binary(min_size=1, max_size=20),
)
def test_percent_encoding_of_every_byte_reads_back(label: str, key_id: bytes) -> None:
    coded = "".join(f"%{byte:02x}" for byte in label.encode("utf-8"))
    number = "".join(f"%{byte:02X}" for byte in key_id)
    uri = parse_uri(f"pkcs11:object={coded};id={number}{MODULE}")
    assert isinstance(uri, TokenUri)
    assert (uri.label, uri.id) == (label, key_id)


@given(st.text(max_size=60))
def test_nothing_but_the_one_error_escapes(text: str) -> None:
    for candidate in (text, f"file:{text}", f"pkcs11:{text}{MODULE}"):
        try:
            parse_uri(candidate)
        except KeyUriRefusedError:
            continue
