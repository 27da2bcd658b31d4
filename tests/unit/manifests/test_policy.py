"""C2SP tlog-policy: what is accepted, what is refused, when a quorum is reached."""

from __future__ import annotations

import base64
import hashlib

import pytest

from manifests.errors import MalformedError
from manifests.verifying.policy import read_policy


def vkey(name: str, kind: int, number: int, size: int = 32) -> str:
    """A verifier key spelled out by hand (C2SP signed-note)."""
    raw = bytes([kind]) + number.to_bytes(4, "big") * (size // 4)
    identity = hashlib.sha256(name.encode() + b"\n" + raw).hexdigest()[:8]
    return f"{name}+{identity}+{base64.b64encode(raw).decode()}"


def witness(name: str, number: int) -> str:
    return f"witness {name} {vkey(f'{name.lower()}.example', 4, number)}\n"


LOG = f"log {vkey('log.example', 1, 1000)}\n"
A, B, C = (witness(name, 10 + n) for n, name in enumerate("ABC"))

# The example of the specification, its keys filled in.
EXAMPLE = (
    LOG
    + "\n"
    + "".join(witness(f"X{n}", 20 + n) for n in (1, 2, 3))
    + "group X-witnesses 2 X1 X2 X3\n\n"
    + "".join(witness(f"Y{n}", 30 + n) for n in (1, 2, 3))
    + "group Y-witnesses any Y1 Y2 Y3\n\n"
    + "group X-and-Y all X-witnesses Y-witnesses\nquorum X-and-Y\n"
)


@pytest.mark.parametrize(
    ("cosigned", "reached"),
    [
        ("X1 X2 Y1", True),
        ("X1 X3 Y3", True),
        ("X1 X2 X3 Y1 Y2 Y3", True),
        ("X1 X2 X3", False),
        ("X1 Y1 Y2 Y3", False),
        ("Y1", False),
        ("", False),
        ("X-witnesses Y-witnesses", False),  # names of groups are no cosignatures
        ("X-and-Y", False),
        ("X1 X2 Z9", False),
    ],
)
def test_the_example_of_the_specification(cosigned: str, reached: bool) -> None:
    policy = read_policy(EXAMPLE.encode())
    assert policy.is_reached(frozenset(cosigned.split())) is reached
    assert [log.origin for log in policy.logs] == ["log.example"]


GOOD = {
    "nothing asked": "quorum none\n",
    "one witness": A + "quorum A\n",
    "tabs, spaces, comments": f"# a\n\t # b\n\n \t\n  {A.strip()} \t\n\tquorum\t A \n",
    "url": A.strip() + " https://w.example/\xe9\nquorum A\n",
    "number": A + B + "group g 1 A B\nquorum g\n",
    "all in any order": A + "quorum A\n" + LOG + B,
    "names like words": witness("any", 1) + witness("2", 2) + "group all 2 any 2\n"
    "quorum all\n",
    "group of one": A + "group g all A\ngroup h any g\nquorum h\n",
    "post-quantum": f"witness Q {vkey('q.example', 6, 7, 1312)}\n"
    f"log {vkey('l.example', 6, 8, 1312)}\nquorum Q\n",
    "one key as log and witness": f"log {vkey('a.example', 1, 10)}\n"
    + A
    + "quorum A\n",
    "none is no prefix": witness("none1", 5) + "quorum none1\n",
}


@pytest.mark.parametrize("what", GOOD)
def test_accepted(what: str) -> None:
    read_policy(GOOD[what].encode("latin-1"))


BAD = {
    "nothing": "",
    "no quorum": A,
    "two quorums": A + "quorum A\nquorum A\n",
    "quorum before": "quorum A\n" + A,
    "quorum of nobody": "quorum B\n" + A,
    "quorum of two": A + B + "quorum A B\n",
    "quorum without name": A + "quorum\n",
    "unknown line": A + "quorum A\nmonitor A\n",
    "capital": A + "Quorum A\n",
    "witness twice": A + A + "quorum A\n",
    "name twice": A + witness("A", 99) + "quorum A\n",
    "name of a group": A + B + "group A any B\nquorum A\n",
    "key twice": A + f"witness B {vkey('other.example', 4, 10)}\nquorum A\n",
    "log twice": LOG + f"log {vkey('other.example', 1, 1000)}\nquorum none\n",
    "witness named none": f"witness none {vkey('n.example', 4, 1)}\nquorum none\n",
    "group named none": A + "group none any A\nquorum A\n",
    "member none": A + "group g any A none\nquorum g\n",
    "member twice in one": A + "group g 2 A A\nquorum g\n",
    "member twice in two": A + B + "group g any A\ngroup h all A B\nquorum h\n",
    "member after": A + "group g any A B\n" + B + "quorum g\n",
    "group in itself": A + "group g any A g\nquorum g\n",
    "group without member": A + "group g any\nquorum A\n",
    "threshold 0": A + "group g 0 A\nquorum g\n",
    "threshold above": A + "group g 2 A\nquorum g\n",
    "threshold 01": A + "group g 01 A\nquorum g\n",
    "threshold +1": A + "group g +1 A\nquorum g\n",
    "threshold -1": A + "group g -1 A\nquorum g\n",
    "threshold ²": A + "group g \xb2 A\nquorum g\n",
    "threshold huge": A + "group g " + "9" * 5000 + " A\nquorum g\n",
    "threshold word": A + "group g most A\nquorum g\n",
    "log key as witness": f"witness A {vkey('a.example', 1, 10)}\nquorum A\n",
    "witness key as log": f"log {vkey('a.example', 4, 10)}\nquorum none\n",
    "ecdsa log": f"log {vkey('a.example', 2, 10)}\nquorum none\n",
    "short key": f"witness A {vkey('a.example', 4, 10, 28)}\nquorum A\n",
    "key id wrong": A.replace("+", "+0", 1)[:-1] + "\nquorum A\n",
    "log of three words": LOG.strip() + " u v\nquorum none\n",
    "witness of one word": "witness A\nquorum none\n",
    "carriage return": A.replace("\n", "\r\n") + "quorum A\n",
    "form feed": A + "quorum\x0cA\n",
    "delete": A + "quorum A\x7f\n",
    "zero": A + "quorum A\x00\n",
    "no last newline": A + "quorum A",
    "no-break space is part of the name": A + "quorum\xa0A\n",
}


@pytest.mark.parametrize("what", BAD)
def test_refused(what: str) -> None:
    with pytest.raises(MalformedError):
        read_policy(BAD[what].encode("latin-1"))


def test_names_are_octets() -> None:
    """K and the Kelvin sign are two names; so are two spellings of one letter."""
    kelvin, letter, composed = "\u212a".encode(), b"K", b"\xff"
    lines = b"".join(
        b"witness %s %s\n" % (name, vkey(f"{n}.example", 4, n).encode())
        for n, name in enumerate((kelvin, letter, composed))
    )
    policy = read_policy(lines + b"quorum \xff\n")
    assert len(policy.witnesses) == 3
    assert policy.is_reached(frozenset({"\udcff"}))
    assert not policy.is_reached(frozenset({"K", "\u212a", "ÿ"}))


def test_limits() -> None:
    """32 of each kind are supported, as is asked; thousands are refused."""
    logs = "".join(f"log {vkey(f'l{n}.example', 1, n)}\n" for n in range(1, 33))
    witnesses = "".join(witness(f"W{n}", n) for n in range(1, 33))
    groups = "".join(f"group G{n} any W{n}\n" for n in range(1, 33))
    read_policy((logs + witnesses + groups + "quorum G32\n").encode())
    many = "".join(witness(f"W{n}", n) for n in range(1, 300))
    with pytest.raises(MalformedError, match="more than"):
        read_policy((many + "quorum none\n").encode())
    with pytest.raises(MalformedError, match="too long"):
        read_policy(b"#" * (1 << 20) + b"\nquorum none\n")


def test_two_of_prosecutor_ngo_court() -> None:
    text = A + B + C + "group court-ready 2 A B C\nquorum court-ready\n"
    policy = read_policy(text.encode())
    for cosigned, reached in (("A", 0), ("A B", 1), ("B C", 1), ("A B C", 1)):
        assert policy.is_reached(frozenset(cosigned.split())) is bool(reached)
