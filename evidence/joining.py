"""Requests to join: what a person makes so that their key can be enrolled in a case.

One line of canonical JSON: the public description, the origin of the log, and the
proof that the key's holder takes part in that very log. The proof covers the keys and
the log; the description is only told. So whoever enrols compares the fingerprint.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass

from evidence.identity import Identity
from evidence.key_errors import JoinRefusedError
from manifests import canonical
from manifests.canonical import Json
from manifests.errors import MalformedError
from manifests.keys import Signer
from manifests.warrants import Right, Warrant, possession_message, read_warrant

FORMAT = "custody-join-1"
MAX_BYTES = 16_384


@dataclass(frozen=True, slots=True)
class JoinRequest:
    """Who wants to join which log; `possession` is the base64 proof."""

    identity: Identity
    origin: str
    possession: str

    def to_bytes(self) -> bytes:
        """Canonical JSON with a newline: what is handed over."""
        value: dict[str, Json] = {
            "format": FORMAT,
            "identity": self.identity.fields(),
            "log": self.origin,
            "possession": self.possession,
        }
        return canonical.encode(value, what="a request to join") + b"\n"

    def key_object(self, warrant: Warrant) -> dict[str, Json]:
        """Return the key object of an entry that gives this key what `warrant` says."""
        return warrant.facts(self.possession)

    def warrant(
        self,
        *,
        roles: tuple[str, ...] = (),
        rights: frozenset[Right] = frozenset(Right),
        not_before: str = "",
        not_after: str = "",
    ) -> Warrant:
        """Return what the key is to be allowed."""
        return Warrant(
            self.identity.public,
            roles,
            rights,
            not_before,
            not_after,
            self.identity.post_quantum,
        )

    def check(self, origin: str) -> None:
        """Refuse a request for another log, or whose proof does not hold.

        Raises:
            JoinRefusedError: it cannot be used in the log `origin`.
        """
        if self.origin != origin:
            reason = "it was made for another case"
            raise JoinRefusedError(name=self.identity.name, reason=reason)
        try:
            read_warrant(self.key_object(self.warrant()), origin)
        except MalformedError as error:
            reason = str(error.facts["reason"])
            raise JoinRefusedError(name=self.identity.name, reason=reason) from error


def request_to_join(identity: Identity, signer: Signer, origin: str) -> JoinRequest:
    """Return the request of `identity` to join the log `origin`."""
    message = possession_message(identity.key, origin, identity.post_quantum)
    proof = base64.b64encode(signer.sign(message)).decode("ascii")
    return JoinRequest(identity, origin, proof)


def read_request(data: bytes) -> JoinRequest:
    """Read a request; `JoinRequest.check` says whether it can be used.

    Raises:
        MalformedError: not its form.
    """
    value = canonical.decode_object(
        data.removesuffix(b"\n"), what="a request to join", max_bytes=MAX_BYTES
    )
    told, origin = value.get("identity"), value.get("log")
    proof = value.get("possession")
    plain = isinstance(origin, str) and isinstance(proof, str)
    if value.get("format") != FORMAT or not plain or not isinstance(told, dict):
        raise MalformedError(what="a request to join", reason="a member is missing")
    identity = Identity.from_bytes(canonical.encode(told, what="an identity"))
    return JoinRequest(identity, str(origin), str(proof))


def read_identity(data: bytes) -> Identity:
    """Read the identity out of an exported description or a request to join.

    Raises:
        MalformedError: it is neither.
    """
    if b'"format":"custody-join-1"' in data[:64]:
        return read_request(data).identity
    return Identity.from_bytes(data)
