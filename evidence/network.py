"""The one module that opens sockets: one request, one bounded answer, one deadline.

Used only when somebody asked for an outside service by name: a time-stamping authority
or a witness. ``http`` and ``https`` alone; certificates are verified the system's way.
A redirect is an odd answer, not followed: a service that moved is configured anew by a
person. Proxies are those of the environment (``https_proxy``, ``http_proxy``,
``no_proxy``), as every other program on the machine uses them; there is no other way
out of many institutions. ``http`` is allowed because time stamps and cosignatures are
signed: a listener learns a digest, and what he alters does not verify.
"""

from __future__ import annotations

import contextlib
import http.client
import os
import socket
import ssl
import threading
import urllib.request
from dataclasses import dataclass
from urllib.parse import SplitResult

from evidence.addresses import check_url
from evidence.network_errors import (
    NetworkAnswerError,
    NetworkRefusedError,
    NetworkUnavailableError,
)

_BLOCK = 16 * 1024
_AGENT = "custody"


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer: HTTP status, media type (lower case, no parameters) and body."""

    status: int
    content_type: str
    body: bytes


def post(
    url: str,
    body: bytes,
    content_type: str,
    *,
    accept: str,
    timeout: float = 30,
    limit: int = 1 << 16,
) -> Reply:
    """Send `body` and return the answer, whatever its HTTP status below 300 or above.

    Args:
        accept: media type asked for.
        timeout: seconds for everything together.
        limit: bytes of the answer's body at most.

    Raises:
        NetworkRefusedError: the address may not be asked; nothing was sent.
        NetworkUnavailableError: no connection, or no whole answer in time.
        NetworkAnswerError: the answer is no HTTP, a redirect, or too long.
    """
    headers = {"Content-Type": content_type, "Accept": accept}
    return _ask("POST", url, body, headers, timeout, limit)


def get(
    url: str, *, accept: str = "*/*", timeout: float = 30, limit: int = 1 << 16
) -> Reply:
    """Fetch `url`; arguments and errors as those of `post`."""
    return _ask("GET", url, None, {"Accept": accept}, timeout, limit)


def _ask(
    method: str,
    url: str,
    body: bytes | None,
    headers: dict[str, str],
    timeout: float,
    limit: int,
) -> Reply:
    parts = check_url(url)
    host = parts.hostname or ""
    headers = {
        **headers,
        "User-Agent": _AGENT,
        "Accept-Encoding": "identity",
        "Connection": "close",
    }
    connection, target = _connection(parts, timeout, headers)
    exchange = _Exchange(connection, limit)
    try:
        return exchange.within(timeout, method, target, body, headers)
    except ssl.SSLCertVerificationError as error:
        reason = f"its certificate does not verify: {error.verify_message}"
        raise NetworkUnavailableError(host=host, reason=reason) from error
    except TimeoutError as error:
        reason = f"no whole answer within {timeout:g} seconds"
        raise NetworkUnavailableError(host=host, reason=reason) from error
    except _OddError as error:
        raise NetworkAnswerError(host=host, reason=str(error)) from error
    except (http.client.HTTPException, ValueError) as error:
        reason = f"it does not speak HTTP rightly ({type(error).__name__})"
        raise NetworkAnswerError(host=host, reason=reason) from error
    except OSError as error:
        raise NetworkUnavailableError(host=host, reason=_why(error)) from error


def _why(error: OSError) -> str:
    if isinstance(error, socket.gaierror):
        return "its name is not known"
    if isinstance(error, ssl.SSLError) or not error.errno or error.errno < 0:
        return str(error.args[-1] if error.args else type(error).__name__)[:200]
    return os.strerror(error.errno)


def _connection(
    parts: SplitResult, timeout: float, headers: dict[str, str]
) -> tuple[http.client.HTTPConnection, str]:
    """Return a connection (not yet open) and the target of the request line."""
    host, secure = parts.hostname or "", parts.scheme == "https"
    target = parts.path or "/"
    if parts.query:
        target += f"?{parts.query}"
    proxy = _proxy(parts)
    at = proxy or parts
    port = at.port or (443 if at.scheme == "https" else 80)
    if secure:
        context = ssl.create_default_context()
        tls = http.client.HTTPSConnection(
            at.hostname or "", port, timeout=timeout, context=context
        )
        if proxy:
            tls.set_tunnel(host, parts.port or 443)
        return tls, target
    if proxy:
        headers["Host"] = parts.netloc
        target = f"http://{parts.netloc}{target}"
    plain = http.client.HTTPConnection(at.hostname or "", port, timeout=timeout)
    return plain, target


def _proxy(parts: SplitResult) -> SplitResult | None:
    """Return the environment's proxy for an address, None without one."""
    host = parts.hostname or ""
    given = urllib.request.getproxies_environment().get(parts.scheme)
    if not given or urllib.request.proxy_bypass(host):
        return None
    proxy = check_url(given if "://" in given else f"http://{given}")
    if proxy.scheme != "http":
        reason = "the proxy of the environment is not an http one"
        raise NetworkRefusedError(host=host, reason=reason)
    return proxy


class _OddError(Exception):
    """An answer that is HTTP, but none this tool takes."""


class _Exchange:
    """One request and its answer, in a thread of its own.

    A socket's timeout begins anew with every byte, and looking up a name has none: a
    deadline over everything needs somebody who waits beside it.
    """

    def __init__(self, connection: http.client.HTTPConnection, limit: int) -> None:
        self._connection = connection
        self._limit = limit
        self._line: socket.socket | None = None
        self._reply: Reply | None = None
        self._error: BaseException | None = None

    def within(
        self,
        seconds: float,
        method: str,
        target: str,
        body: bytes | None,
        headers: dict[str, str],
    ) -> Reply:
        """Return the answer; raises what went wrong, `TimeoutError` when too slow."""
        words = (method, target, body, headers)
        thread = threading.Thread(target=self._run, args=words, daemon=True)
        thread.start()
        late = True
        try:
            thread.join(seconds)
            late = thread.is_alive()
        finally:
            if late and self._line is not None:
                with contextlib.suppress(OSError):
                    self._line.shutdown(socket.SHUT_RDWR)  # wakes the thread
        if late or (self._reply is None and self._error is None):
            raise TimeoutError  # what the shut-down connection still gave is no answer
        if self._reply is None:
            raise self._error or TimeoutError
        return self._reply

    def _run(
        self, method: str, target: str, body: bytes | None, headers: dict[str, str]
    ) -> None:
        try:
            self._connection.connect()
            self._line = self._connection.sock
            self._connection.request(method, target, body, headers)
            with self._connection.getresponse() as response:
                self._reply = self._read(response)
        except BaseException as error:  # noqa: BLE001 - raised again in `within`
            self._error = error
        finally:
            self._connection.close()

    def _read(self, response: http.client.HTTPResponse) -> Reply:
        if 300 <= response.status < 400:
            raise _OddError(f"it answered with a redirect ({response.status})")
        promised = response.length  # None when the answer does not say
        pieces: list[bytes] = []
        room = self._limit + 1
        while room > 0 and (piece := response.read1(min(room, _BLOCK))):
            pieces.append(piece)
            room -= len(piece)
        if room <= 0:
            raise _OddError(f"its answer is longer than {self._limit} bytes")
        if promised is not None and self._limit + 1 - room != promised:
            raise _OddError("its answer was cut off")
        kind = (response.getheader("Content-Type") or "").partition(";")[0]
        status = response.status
        return Reply(status, kind.strip().lower()[:100], b"".join(pieces))
