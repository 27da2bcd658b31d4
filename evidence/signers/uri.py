"""Key URIs: ``file:PATH`` (RFC 8089) and ``pkcs11:...`` (RFC 7512), read strictly.

Anything that is not understood is refused, so that a typing mistake never opens
another key than the one meant. A PIN in the URI (``pin-value``) is refused because
command lines and settings are no place for secrets; the refusal does not repeat it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, unquote_to_bytes

from evidence.key_errors import KeyUriRefusedError

MAX_URI = 4096  # characters
# RFC 7512 2.3: pk11-res-avail, with what path and query add.
_AVAILABLE = r"[A-Za-z0-9\-._~:\[\]@!$'()*+,={extra}]|%[0-9A-Fa-f]{{2}}"
_PATH_VALUE = re.compile(f"(?:{_AVAILABLE.format(extra='&')})*")
_QUERY_VALUE = re.compile(f"(?:{_AVAILABLE.format(extra='/?|')})*")
_FILE_VALUE = re.compile(r"(?:[A-Za-z0-9\-._~:\[\]@!$'()*+,=&/;\\ ]|%[0-9A-Fa-f]{2})+")
_TOKEN_NAMES = frozenset(
    {
        "token",
        "manufacturer",
        "serial",
        "model",
        "library-manufacturer",
        "library-description",
        "library-version",
        "slot-manufacturer",
        "slot-description",
        "slot-id",
    }
)
_PATH_NAMES = _TOKEN_NAMES | {"object", "id", "type"}
_QUERY_NAMES = frozenset({"module-path", "pin-source"})
_EXPLAINED = {
    "pin-value": "a PIN does not belong in it (pin-value); give the PIN when asked, "
    "with --passphrase-file or pin-source",
    "module-name": "module-name depends on the machine; give module-path",
}


@dataclass(frozen=True, slots=True)
class FileUri:
    """A PKCS#8 PEM file; `path` is absolute."""

    path: Path

    @property
    def text(self) -> str:
        """The URI as it is kept."""
        return "file:" + quote(str(self.path), safe="/:\\")


@dataclass(frozen=True, slots=True)
class TokenUri:
    """A private key on a PKCS#11 token.

    Attributes:
        text: the URI as given.
        module: the PKCS#11 library, absolute path.
        token: what slot, token and library must say of themselves, by RFC 7512 name.
        label: CKA_LABEL of the key, None when not given; id: CKA_ID.
        pin_source: file that holds the PIN, absolute; None when not given.
    """

    text: str
    module: Path
    token: Mapping[str, str]
    label: str | None = None
    id: bytes | None = None
    pin_source: Path | None = None


KeyUri = FileUri | TokenUri


def parse_uri(text: str) -> KeyUri:
    """Read a key URI.

    Raises:
        KeyUriRefusedError: not one of the two forms, or not fully understood.
    """
    if len(text) > MAX_URI:
        raise KeyUriRefusedError(reason="it is too long")
    scheme, colon, rest = text.partition(":")
    if colon and scheme.lower() == "file":
        return FileUri(_file_path(rest, what="file:"))
    if colon and scheme.lower() == "pkcs11":
        return _token_uri(text, rest)
    raise KeyUriRefusedError(reason="it begins neither with file: nor with pkcs11:")


def _file_path(rest: str, *, what: str) -> Path:
    if rest.startswith("//"):  # RFC 8089: an authority, which must be this machine
        host, slash, path = rest[2:].partition("/")
        if host.lower() not in ("", "localhost") or not slash:
            raise KeyUriRefusedError(reason=f"{what} names another machine")
        rest = "/" + path
    if not _FILE_VALUE.fullmatch(rest):
        reason = f"{what} holds characters that must be percent-encoded"
        raise KeyUriRefusedError(reason=reason)
    return Path(_text(rest, what)).absolute()


def _token_uri(text: str, rest: str) -> TokenUri:
    path, mark, query = rest.partition("?")
    if mark and not query:
        raise KeyUriRefusedError(reason="nothing follows its question mark")
    found = _attributes(path, ";", _PATH_NAMES, _PATH_VALUE)
    asked = _attributes(query, "&", _QUERY_NAMES, _QUERY_VALUE)
    if found.get("type", "private") != "private":
        raise KeyUriRefusedError(reason="its type is not private: nothing else signs")
    if "module-path" not in asked:
        reason = "it names no module-path (the PKCS#11 library of the token)"
        raise KeyUriRefusedError(reason=reason)
    module = Path(_text(asked["module-path"], "module-path"))
    if not module.is_absolute():
        raise KeyUriRefusedError(reason="its module-path is not an absolute path")
    source = asked.get("pin-source")
    key_id = unquote_to_bytes(found["id"]) if "id" in found else None
    if key_id == b"":
        raise KeyUriRefusedError(reason="its id is empty")
    return TokenUri(
        text=text,
        module=module,
        token={n: _text(found[n], n) for n in sorted(_TOKEN_NAMES & set(found))},
        label=_text(found["object"], "object") if "object" in found else None,
        id=key_id,
        pin_source=None if source is None else _pin_source(source),
    )


def _attributes(
    text: str, separator: str, names: frozenset[str], form: re.Pattern[str]
) -> dict[str, str]:
    """Return name to still encoded value (RFC 7512 2.3: none may stand twice)."""
    found: dict[str, str] = {}
    for part in text.split(separator) if text else ():
        name, equals, value = part.partition("=")
        if name in _EXPLAINED:
            raise KeyUriRefusedError(reason=_EXPLAINED[name])
        if not equals or name not in names:
            # Not repeated: what is not a known name may be part of a secret.
            raise KeyUriRefusedError(reason="it has an attribute that is not known")
        if name in found:
            raise KeyUriRefusedError(reason=f"it gives {name} twice")
        if not form.fullmatch(value):
            reason = f"its {name} holds characters that must be percent-encoded"
            raise KeyUriRefusedError(reason=reason)
        found[name] = value
    return found


def _text(value: str, name: str) -> str:
    try:
        text = unquote_to_bytes(value).decode("utf-8")
    except UnicodeDecodeError as error:
        raise KeyUriRefusedError(reason=f"its {name} is not UTF-8") from error
    if not text or not text.isprintable():
        raise KeyUriRefusedError(reason=f"its {name} is empty or unprintable")
    return text


def _pin_source(value: str) -> Path:
    if value.startswith("|") or unquote_to_bytes(value).startswith(b"|"):
        raise KeyUriRefusedError(reason="its pin-source is a command; none is run")
    text = value.removeprefix("file:")
    if not text.startswith("/") and not Path(_text(text, "pin-source")).is_absolute():
        raise KeyUriRefusedError(reason="its pin-source is not an absolute path")
    return _file_path(text, what="pin-source")
