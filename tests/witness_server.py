"""A witness's server, written from the text of C2SP tlog-witness alone.

Nothing of this project is imported: notes, keys, proofs and HTTP are done again here,
so that the client is tried against another reading of the specification. Run as a
process of its own; it prints one line of JSON (port, vkey) and serves until killed.

    python tests/witness_server.py ORIGIN LOG_PUBLIC_KEY_HEX [MODE]

MODE is ``good`` or one of the ways to misbehave below.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
import sys
import time
from http.server import BaseHTTPRequestHandler, HTTPServer

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import (
    Ed25519PrivateKey,
    Ed25519PublicKey,
)

NAME = "witness.example/w1"
STATUSES = {"400", "403", "404", "422", "429", "500", "204"}


def node(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()


def rebuilt(
    old: int, new: int, proof: list[bytes], old_root: bytes, *, whole: bool = True
) -> tuple[bytes, bytes]:
    """RFC 6962 2.1.2, read backwards: the two roots a proof leads to."""
    if old == new:
        found = old_root if whole else proof.pop()
        return found, found
    split = 1
    while split * 2 < new:
        split *= 2
    last = proof.pop()
    if old <= split:
        before, after = rebuilt(old, split, proof, old_root, whole=whole)
        return before, node(after, last)
    before, after = rebuilt(old - split, new - split, proof, old_root, whole=False)
    return node(last, before), node(last, after)


def extends(
    old: int, new: int, proof: list[bytes], old_root: bytes, root: bytes
) -> bool:
    rest = list(proof)
    try:
        before, after = rebuilt(old, new, rest, old_root)
    except IndexError:
        return False
    return not rest and before == old_root and after == root


def key_id(name: str, kind: int, public: bytes) -> bytes:
    return hashlib.sha256(name.encode() + b"\n" + bytes([kind]) + public).digest()[:4]


def unarmoured(text: str) -> bytes:
    return base64.b64decode(text, validate=True)


class Refusal(Exception):
    def __init__(self, status: int, body: bytes = b"", kind: str = "text/plain"):
        super().__init__(status)
        self.status, self.body, self.kind = status, body, kind


class Witness:
    def __init__(self, origin: str, log_key: bytes, mode: str) -> None:
        self.origin, self.log_key, self.mode = origin, log_key, mode
        self.private = Ed25519PrivateKey.generate()
        self.size, self.root = 0, b""
        self.calls: list[str] = []

    @property
    def public(self) -> bytes:
        return self.private.public_key().public_bytes_raw()

    @property
    def vkey(self) -> str:
        identity = key_id(NAME, 4, self.public).hex()
        return (
            f"{NAME}+{identity}+{base64.b64encode(bytes([4]) + self.public).decode()}"
        )

    def answer(self, body: bytes) -> bytes:
        head, _, note = body.partition(b"\n\n")
        lines = head.decode("ascii").split("\n")
        match = re.fullmatch(r"old (0|[1-9][0-9]*)", lines[0])
        if match is None or len(lines) > 64:
            raise Refusal(400)
        old, proof = int(match[1]), [unarmoured(x) for x in lines[1:]]
        text, _, signatures = note.rpartition(b"\n\n")
        text += b"\n"
        origin, size_text, root_text = text.decode().split("\n")[:3]
        size, root = int(size_text), unarmoured(root_text)
        self.calls.append(f"{old}>{size}")
        if origin != self.origin:
            raise Refusal(404)
        self._check_log(text, signatures)
        if old > size:
            raise Refusal(400)
        if old != self.size:
            raise Refusal(409, b"%d\n" % self.size, "text/x.tlog.size")
        if old == 0:
            if proof:
                raise Refusal(422)
        elif old == size:
            if root != self.root:
                raise Refusal(409, b"%d\n" % self.size, "text/x.tlog.size")
        elif not extends(old, size, proof, self.root, root):
            raise Refusal(422)
        self.size, self.root = size, root
        return self._cosigned(text)

    def _check_log(self, text: bytes, signatures: bytes) -> None:
        wanted = key_id(self.origin, 1, self.log_key)
        for line in signatures.decode().splitlines():
            dash, name, body = line.split(" ")
            raw = unarmoured(body)
            if dash == "\u2014" and name == self.origin and raw[:4] == wanted:
                try:
                    key = Ed25519PublicKey.from_public_bytes(self.log_key)
                    key.verify(raw[4:], text)
                except InvalidSignature:
                    continue
                return
        raise Refusal(403)

    def _cosigned(self, text: bytes) -> bytes:
        moment, private = int(time.time()), self.private
        if self.mode == "lying":
            text = text.replace(b"\n", b"\n1", 1)
        if self.mode == "wrong key":
            private = Ed25519PrivateKey.generate()
        signed = b"cosignature/v1\ntime %d\n" % moment + text
        public = private.public_key().public_bytes_raw()
        raw = key_id(NAME, 4, public) + moment.to_bytes(8, "big")
        raw += private.sign(signed)
        line = f"\u2014 {NAME} {base64.b64encode(raw).decode()}\n".encode()
        stranger = Ed25519PrivateKey.generate().public_key().public_bytes_raw()
        other = key_id("other", 4, stranger) + bytes(72)
        extra = f"\u2014 other {base64.b64encode(other).decode()}\n".encode()
        return extra + line


def handler(witness: Witness) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._send(200, json.dumps(witness.calls).encode(), "application/json")

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            mode = witness.mode
            if self.path != "/prefix/add-checkpoint":
                self._send(404, b"no such path", "text/plain")
            elif mode in STATUSES:
                self._send(int(mode), b"", "text/plain")
            elif mode == "garbage":
                self._send(200, b"\xff\x00 thank you", "text/plain")
            elif mode == "no lines":
                self._send(200, b"", "text/plain")
            elif mode == "huge":
                self._send(200, b"\xe2\x80\x94 x AAAA\n" * 100_000, "text/plain")
            elif mode == "slow":
                self._drip()
            elif mode == "redirect":
                self.send_response(302)
                self.send_header("Location", "http://192.0.2.1/")
                self.end_headers()
            elif mode == "409 ahead":
                self._send(409, b"1000000\n", "text/x.tlog.size")
            elif mode == "409 other type":
                self._send(409, b"1\n", "text/plain")
            elif mode == "409 no number":
                self._send(409, b"01\n", "text/x.tlog.size")
            elif mode == "409 same":
                old = body.split(b"\n", 1)[0].removeprefix(b"old ")
                self._send(409, old + b"\n", "text/x.tlog.size")
            elif mode == "409 changing":
                witness.size = (witness.size + 1) % 3 or 1
                self._send(409, b"%d\n" % witness.size, "text/x.tlog.size")
            else:
                self._judge(body)

        def _judge(self, body: bytes) -> None:
            try:
                self._send(200, witness.answer(body), "text/plain")
            except Refusal as refusal:
                self._send(refusal.status, refusal.body, refusal.kind)
            except (ValueError, KeyError):
                self._send(400, b"", "text/plain")

        def _drip(self) -> None:
            self.send_response(200)
            self.send_header("Content-Length", "1000")
            self.end_headers()
            for _ in range(1000):
                self.wfile.write(b"x")
                self.wfile.flush()
                time.sleep(0.1)

        def _send(self, status: int, body: bytes, kind: str) -> None:
            self.send_response(status)
            self.send_header("Content-Type", f"{kind}; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    return Handler


def main(origin: str, log_key: str, mode: str = "good") -> None:
    witness = Witness(origin, bytes.fromhex(log_key), mode)
    server = HTTPServer(("127.0.0.1", 0), handler(witness))
    told = {"port": server.server_address[1], "vkey": witness.vkey}
    print(json.dumps(told), flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main(*sys.argv[1:])
