"""Addresses of outside services, and who answers there; opens no connection."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

from evidence.network_errors import NetworkRefusedError
from manifests.errors import MalformedError

MAX_URL = 2000
MAX_AUTHORITIES = 16
_NAME = re.compile(r"[a-z0-9\-]{1,40}")
_URL = re.compile(r"[!#-\[\]-~]+")  # visible ASCII without quote and backslash


def check_url(url: str) -> SplitResult:
    """Return the parts of an address that may be asked.

    Raises:
        NetworkRefusedError: not http or https, no host, or credentials in it (they
            would end up in files and messages).
    """
    try:
        parts = urlsplit(url)
        port, host = parts.port, parts.hostname or ""
    except ValueError:
        raise NetworkRefusedError(host="?", reason="it is not one") from None
    if not _URL.fullmatch(url) or len(url) > MAX_URL or not host:
        raise NetworkRefusedError(host=host or "?", reason="it is not one")
    if parts.scheme not in ("http", "https"):
        raise NetworkRefusedError(host=host, reason="only http and https are used")
    if parts.username is not None or parts.password is not None:
        raise NetworkRefusedError(host=host, reason="it holds a user name or password")
    if port == 0:
        raise NetworkRefusedError(host=host, reason="its port is 0")
    return parts


@dataclass(frozen=True, slots=True)
class StampAuthority:
    """A time-stamping authority.

    Attributes:
        name: short, becomes part of file names: ``[a-z0-9-]{1,40}``.
        url: where it answers; "" when it is asked by hand.
    """

    name: str
    url: str

    @classmethod
    def from_text(cls, text: str) -> StampAuthority:
        """Read ``NAME=URL``.

        Raises:
            MalformedError, NetworkRefusedError: the name or the address is not right.
        """
        name, equals, url = text.partition("=")
        if not equals:
            reason = "it is not written NAME=URL"
            raise MalformedError(what="a time-stamping authority", reason=reason)
        return cls.checked(name, url)

    @classmethod
    def checked(cls, name: str, url: str) -> StampAuthority:
        """Return the authority, or raise as `from_text`."""
        if not _NAME.fullmatch(name):
            reason = "its name is not 1 to 40 of a-z, 0-9 and '-'"
            raise MalformedError(what="a time-stamping authority", reason=reason)
        check_url(url)
        return cls(name, url)


def is_authority_name(name: str) -> bool:
    """Tell whether `name` can name an authority."""
    return _NAME.fullmatch(name) is not None


def read_authorities(value: object) -> tuple[StampAuthority, ...]:
    """Read the ``timestamp_authority`` tables of the settings.

    Raises:
        MalformedError, NetworkRefusedError: not their form.
    """
    what = "a time-stamping authority in the settings"
    if not isinstance(value, list) or len(value) > MAX_AUTHORITIES:
        raise MalformedError(what=what, reason="no list of at most 16 tables")
    found: list[StampAuthority] = []
    for item in value:
        name = item.get("name") if isinstance(item, dict) else None
        url = item.get("url") if isinstance(item, dict) else None
        if not isinstance(name, str) or not isinstance(url, str):
            raise MalformedError(what=what, reason="it has no name or url")
        found.append(StampAuthority.checked(name, url))
    check_distinct(found)
    return tuple(found)


def check_distinct(authorities: Iterable[StampAuthority]) -> None:
    """Raise unless each authority has a name of its own.

    Raises:
        MalformedError: two share a name, so their files would, too.
    """
    names = [authority.name for authority in authorities]
    if len(set(names)) != len(names):
        reason = "two have the same name"
        raise MalformedError(what="the time-stamping authorities", reason=reason)


def to_toml(authorities: Iterable[StampAuthority]) -> str:
    """Return the tables as they stand in ``custody.toml``."""
    return "".join(
        f'\n[[timestamp_authority]]\nname = "{a.name}"\nurl = "{a.url}"\n'
        for a in authorities
    )
