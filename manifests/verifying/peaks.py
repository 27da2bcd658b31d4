"""RFC 6962 roots of a growing tree, for the verifier only."""

from __future__ import annotations

from hashlib import sha256


class Peaks:
    """Roots of growing trees, told apart from the writer's `merkle.Frontier`."""

    def __init__(self) -> None:
        self.stack: list[tuple[int, bytes]] = []  # (leaves below, hash)

    def push(self, leaf: bytes) -> None:
        """Add a leaf hash."""
        width, value = 1, leaf
        while self.stack and self.stack[-1][0] == width:
            _, left = self.stack.pop()
            width, value = width * 2, sha256(b"\x01" + left + value).digest()
        self.stack.append((width, value))

    def root(self) -> bytes:
        """Return the root over all leaves so far."""
        if not self.stack:
            return sha256(b"").digest()
        *rest, (_, value) = self.stack
        for _, left in reversed(rest):
            value = sha256(b"\x01" + left + value).digest()
        return value
