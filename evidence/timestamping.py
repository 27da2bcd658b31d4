"""RFC 3161 requests and answers: make one, ask an authority, judge what comes back.

A request holds the SHA-256 of the note file (or the SHA-512 of a list), a random nonce
and the wish for the certificates; nothing else of the case leaves. An answer is judged
before it is stored: status, nonce, imprint, and everything `judge_token` can say
without a root.
"""

from __future__ import annotations

from collections.abc import Callable

from rfc3161_client import HashAlgorithm, TimestampRequestBuilder

from evidence.addresses import StampAuthority
from evidence.network import Reply, post
from evidence.network_errors import (
    NetworkAnswerError,
    NetworkUnavailableError,
    StampAnswerError,
    StampRefusedError,
)
from manifests.verifying.certificates import StampRoots
from manifests.verifying.der import DerError
from manifests.verifying.timestamps import TokenVerdict, judge_token
from manifests.verifying.tokens import (
    MAX_TOKEN_BYTES,
    read_answer,
    read_request,
    read_token,
)
from manifests.verifying.verdict import Code

QUERY_TYPE = "application/timestamp-query"
REPLY_TYPE = "application/timestamp-reply"
NO_ROOTS = StampRoots(())
SECONDS = 30.0

Post = Callable[..., Reply]


def new_request(note: bytes, *, strong: bool = False) -> bytes:
    """Return a TimeStampReq (DER) over `note`, with a random nonce.

    Args:
        strong: the imprint is by SHA-512, not SHA-256: for what renews digests.
    """
    algorithm = HashAlgorithm.SHA512 if strong else HashAlgorithm.SHA256
    builder = TimestampRequestBuilder(
        data=note, hash_algorithm=algorithm, nonce=True, cert_req=True
    )
    return builder.build().as_bytes()


def check_answer(
    answer: bytes, note: bytes, *, name: str, request: bytes | None = None
) -> TokenVerdict:
    """Return what an answer says; it is fit to be stored.

    Args:
        name: the authority's, for messages.
        request: what was sent; its nonce must come back. None for a token brought by
            hand, whose imprint alone ties it to the note.

    Raises:
        StampRefusedError: the authority said no.
        StampAnswerError: it is no time stamp over this note, for this request.
    """
    try:
        read = read_answer(answer)
        if read.status not in (0, 1):
            reason = f"status {read.status}; {read.words or 'it gave no reason'}"
            raise StampRefusedError(name=name, reason=reason.rstrip("."))
        token = read_token(read.token)
        asked = read_request(request) if request is not None else None
    except DerError as error:
        reason = f"it is not a well-formed time stamp ({error})"
        raise StampAnswerError(name=name, reason=reason) from error
    if asked is not None and token.hash != asked[0]:
        reason = "its imprint is by another algorithm than was asked for"
        raise StampAnswerError(name=name, reason=reason)
    if asked is not None and token.nonce != asked[2]:
        reason = "it answers another request (the nonce is not the one sent)"
        raise StampAnswerError(name=name, reason=reason)
    verdict = judge_token(answer, note, NO_ROOTS)
    if verdict.code not in (None, Code.TIMESTAMP_UNTRUSTED) or not verdict.authority:
        raise StampAnswerError(name=name, reason=verdict.text.rstrip("."))
    return verdict


def ask_authority(
    authority: StampAuthority,
    request: bytes,
    *,
    timeout: float = SECONDS,
    ask: Post = post,
) -> bytes:
    """Send one request and return the body of a proper answer, not yet judged.

    Raises:
        StampRefusedError: the authority said no (HTTP 4xx).
        NetworkError: it was not reached, or what it answered is no time stamp.
    """
    reply = ask(
        authority.url,
        request,
        QUERY_TYPE,
        accept=REPLY_TYPE,
        timeout=timeout,
        limit=MAX_TOKEN_BYTES,
    )
    if 400 <= reply.status < 500:
        raise StampRefusedError(name=authority.name, reason=f"HTTP {reply.status}")
    if reply.status != 200:
        raise NetworkUnavailableError(host="", reason=f"HTTP {reply.status}")
    if reply.content_type != REPLY_TYPE:
        kind = reply.content_type or "nothing"
        reason = f"its answer is of type {kind}, not a time stamp"
        raise NetworkAnswerError(host="", reason=reason)
    return reply.body


def stamp_bytes(data: bytes, authority: StampAuthority, *, ask: Post = post) -> bytes:
    """Have bytes stamped; return the bare token (RFC 3161 TimeStampToken, DER).

    Raises:
        StampRefusedError, StampAnswerError, NetworkError: there is no stamp over them.
    """
    request = new_request(data)
    answer = ask_authority(authority, request, ask=ask)
    check_answer(answer, data, name=authority.name, request=request)
    return read_answer(answer).token
