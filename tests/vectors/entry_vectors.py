"""Entry lines, one fault each; used by generate.py."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from hashlib import sha256

from building import (
    CUSTODIAN,
    EMPTY_ROOT,
    EXAMINER,
    ORIGIN,
    STRANGER,
    Key,
    Vector,
    flipped,
    larger_scalar,
    pack,
    pae,
    unused_bits,
)

MAX_LINE = 65_535
HIDDEN_TWICE = '{"a":1,"\\u0061":1}'


def members(**changes: object) -> dict[str, object]:
    """The body of the plain entry, with changes; None-valued `drop` removes one."""
    body: dict[str, object] = {
        "actor": EXAMINER.id,
        "authority": "AU-0001",
        "clock": {"error_us": 250, "offset_us": 1500, "sync": "yes"},
        "exhibits": ["EX-0001"],
        "facts": {"items": 3, "payload": {"bytes": 4096, "sha256": EMPTY_ROOT}},
        "log": ORIGIN,
        "prev": "0" * 64,
        "private": None,
        "role": "examiner",
        "seq": 0,
        "time": "2026-03-01T09:30:00.000000Z",
        "type": "acquire",
        "v": 1,
    }
    body.update(changes)
    return body


def without(name: str) -> bytes:
    body = members()
    del body[name]
    return pack(body)


def signature(key: Key, sig: bytes) -> dict[str, object]:
    return {"key": key.id, "sig": base64.b64encode(sig).decode()}


def line(body: bytes, signatures: list[dict[str, object]] | None = None) -> bytes:
    """The entry line of a body, signed by the examiner unless told otherwise."""
    if signatures is None:
        signatures = [signature(EXAMINER, EXAMINER.sign(pae(body)))]
    return b'{"body":%s,"signatures":%s}' % (body, pack(signatures))


def raw_fact(text: str) -> bytes:
    """The plain line with `text` (raw JSON) as the facts."""
    body = pack(members(facts="@")).replace(b'"@"', text.encode("utf-8"))
    return line(body)


def filled(length: int) -> bytes:
    """A line of exactly `length` bytes."""
    short = line(pack(members(facts={"fill": ""})))
    return line(pack(members(facts={"fill": "x" * (length - len(short))})))


def nested(depth: int) -> object:
    value: object = []
    for _ in range(depth - 1):
        value = [value]
    return value


PLAIN = pack(members())
SIG = EXAMINER.sign(pae(PLAIN))


def resigned(sig: bytes) -> bytes:
    return line(PLAIN, [signature(EXAMINER, sig)])


def respelled(text: str) -> bytes:
    """The plain line with another text in place of its base64 signature."""
    return line(PLAIN, [{"key": EXAMINER.id, "sig": text}])


def entries_ok() -> Iterator[tuple[str, str, bytes]]:
    two = [
        signature(EXAMINER, SIG),
        signature(CUSTODIAN, CUSTODIAN.sign(pae(PLAIN))),
    ]
    stranger = [
        signature(STRANGER, STRANGER.sign(pae(PLAIN))),
        signature(EXAMINER, SIG),
    ]
    multilingual = {"note": 'Žana, Ξένη, مريم 👩🏽, "quoted" \\ \t\x7f\x1f end'}
    limits = {"high": 2**53 - 1, "low": -(2**53) + 1, "zero": 0}
    yield "plain", "The plain entry.", line(PLAIN)
    yield (
        "private",
        "With the commitment of a sealed record.",
        line(pack(members(private=sha256(b"x").hexdigest()))),
    )
    yield (
        "unknown-member",
        "A body member this version does not know is kept and signed.",
        line(pack(members(zz_later={"a": [True, None]}))),
    )
    yield (
        "unknown-type",
        "A type outside the closed set is judged elsewhere, not by form.",
        line(pack(members(type="later_act"))),
    )
    yield "two-signatures", "Two known keys signed.", line(PLAIN, two)
    yield "stranger-beside", "A stranger's signature is ignored.", line(PLAIN, stranger)
    yield "unicode", "Text in many scripts.", line(pack(members(facts=multilingual)))
    yield "integer-limits", "Outermost integers.", line(pack(members(facts=limits)))
    yield "longest", "65,535 bytes, the most allowed.", filled(MAX_LINE)
    yield (
        "deepest",
        "32 levels: the line, the body, the facts and 29 lists.",
        line(pack(members(facts={"deep": nested(29)}))),
    )


def entries_unreadable() -> Iterator[tuple[str, str, str, bytes]]:
    whole = line(PLAIN)
    yield "empty", "not-json", "No bytes at all.", b""
    yield "cut", "not-json", "The last byte is missing.", whole[:-1]
    yield "bom", "not-json", "A byte order mark first.", b"\xef\xbb\xbf" + whole
    yield "nul", "not-json", "A zero byte after the line.", whole + b"\x00"
    yield "two-lines", "not-json", "Two objects in one line.", whole + whole
    yield "raw-control", "not-json", "A raw tab in a string.", raw_fact('{"a":"\t"}')
    yield "leading-zero", "not-json", "The number 01.", raw_fact('{"a":01}')
    yield "nan", "not-json", "NaN is not JSON.", raw_fact('{"a":NaN}')
    yield "comma", "not-json", "A comma too many.", raw_fact('{"a":[1,]}')
    yield (
        "latin-1",
        "not-utf8",
        "A name in Latin-1.",
        line(pack(members(role="@")).replace(b"@", b"Andr\xe9")),
    )
    yield (
        "surrogate-bytes",
        "not-utf8",
        "A surrogate written as three bytes (CESU-8).",
        line(pack(members(role="@")).replace(b"@", b"\xed\xa0\x80")),
    )
    yield (
        "overlong",
        "not-utf8",
        "A solidus in two bytes.",
        line(pack(members(role="@")).replace(b"@", b"\xc0\xaf")),
    )


def entries_not_canonical() -> Iterator[tuple[str, str, str, bytes]]:
    whole, fault = line(PLAIN), "not-canonical"
    turned = b'{"signatures":%s,"body":%s}' % (pack([signature(EXAMINER, SIG)]), PLAIN)
    yield "space-before", fault, "A space before the line.", b" " + whole
    yield "newline-after", fault, "The newline belongs to the file.", whole + b"\n"
    yield "carriage-return", fault, "A Windows line end.", whole + b"\r"
    yield "space-inside", fault, "A space after a colon.", raw_fact('{"a": 1}')
    yield "unsorted", fault, "Keys out of order.", raw_fact('{"b":1,"a":2}')
    yield "signatures-first", fault, "The two members in the wrong order.", turned
    yield "escaped-solidus", fault, "\\/ for /.", raw_fact('{"a":"\\/"}')
    yield "escaped-letter", fault, "\\u0041 for A.", raw_fact('{"a":"\\u0041"}')
    yield "escaped-key", fault, "An escape in a key.", raw_fact('{"\\u0061":1}')
    yield "long-escape", fault, "\\u000a for \\n.", raw_fact('{"a":"\\u000a"}')
    yield "upper-hex", fault, "\\u001F for \\u001f.", raw_fact('{"a":"\\u001F"}')
    yield "escaped-pair", fault, "A surrogate pair.", raw_fact('{"a":"\\ud83d\\ude00"}')
    yield "minus-zero", fault, "-0 for 0.", raw_fact('{"a":-0}')


def entries_outside_profile() -> Iterator[tuple[str, str, str, bytes]]:
    whole = line(PLAIN)
    again = whole[:-1] + b"," + whole[1:]
    yield "float", "float", "1.5 is a float.", raw_fact('{"a":1.5}')
    yield "exponent", "float", "1e3 is a float.", raw_fact('{"a":1e3}')
    yield "whole-float", "float", "1.0 is a float.", raw_fact('{"a":1.0}')
    high, low = raw_fact(f'{{"a":{2**53}}}'), raw_fact(f'{{"a":{-(2**53)}}}')
    yield "too-high", "integer-range", "2^53.", high
    yield "too-low", "integer-range", "-2^53.", low
    yield "huge", "integer-range", "5000 digits.", raw_fact('{"a":%s}' % ("9" * 5000))
    yield "twice", "duplicate-key", "A repeated key.", raw_fact('{"a":1,"a":1}')
    yield "twice-hidden", "duplicate-key", "a and \\u0061.", raw_fact(HIDDEN_TWICE)
    yield "twice-body", "duplicate-key", "Two bodies, two signatures.", again
    yield "key-letter", "key-not-ascii", "A key with an umlaut.", raw_fact('{"ä":1}')
    lone = raw_fact('{"a":"\\ud800"}')
    yield "lone-surrogate", "lone-surrogate", "An unpaired \\ud800.", lone
    deep = line(pack(members(facts={"deep": nested(30)})))
    yield "too-deep", "too-deep", "33 levels.", deep
    bomb = raw_fact('{"a":%s}' % ("[" * 30_000))
    yield "bracket-bomb", "too-deep", "30,000 opening brackets.", bomb
    yield "too-long", "too-long", "65,536 bytes.", filled(MAX_LINE + 1)


def entries_shape() -> Iterator[tuple[str, str, str, bytes]]:
    one, fault = signature(EXAMINER, SIG), "shape"
    many = [one] * 17
    beside = b'{"body":%s,"note":1,"signatures":%s}' % (PLAIN, pack([one]))
    sig = str(one["sig"])
    yield "list", fault, "A list, not an object.", b"[" + line(PLAIN) + b"]"
    yield "text", fault, "A string, not an object.", b'"entry"'
    yield "no-signatures", fault, "Only a body.", b'{"body":%s}' % PLAIN
    yield "no-body", fault, "Only signatures.", b'{"signatures":%s}' % pack([one])
    yield "empty-signatures", fault, "An empty list.", line(PLAIN, [])
    yield "17-signatures", fault, "More than 16 signatures.", line(PLAIN, many)
    yield "member-beside", fault, "An unsigned member beside the body.", beside
    extra = line(PLAIN, [{**one, "alg": "none"}])
    yield "member-in-signature", fault, "An unsigned member in a signature.", extra
    yield "no-key", fault, "A signature without key.", line(PLAIN, [{"sig": sig}])
    yield "sig-number", fault, "sig is a number.", line(PLAIN, [{**one, "sig": 1}])
    yield "body-list", fault, "The body is a list.", line(b"[]")
    for name in ("seq", "type", "time", "actor", "exhibits", "facts"):
        yield f"no-{name}", fault, f"The body lacks {name}.", line(without(name))
    changes: list[tuple[str, dict[str, object]]] = [
        ("seq-negative", {"seq": -1}),
        ("seq-text", {"seq": "0"}),
        ("seq-true", {"seq": True}),
        ("type-null", {"type": None}),
        ("time-number", {"time": 1772357400}),
        ("exhibits-text", {"exhibits": "EX-0001"}),
        ("exhibits-numbers", {"exhibits": [1]}),
        ("facts-list", {"facts": []}),
        ("private-short", {"private": "00" * 31}),
        ("private-upper", {"private": "AB" * 32}),
        ("private-spaced", {"private": "ab " * 31 + "ab"}),
    ]
    for name, change in changes:
        comment = f"Not the form of {next(iter(change))}."
        yield name, fault, comment, line(pack(members(**change)))


def entries_base64() -> Iterator[tuple[str, str, str, bytes]]:
    text, fault = base64.b64encode(SIG).decode(), "base64"
    yield "b64-word", fault, "Not base64.", respelled("*" * 88)
    yield "b64-no-padding", fault, "The padding is missing.", respelled(text[:-2])
    yield "b64-bits", fault, "Unused bits are set.", respelled(unused_bits(text, 2))
    yield "b64-space", fault, "A space inside.", respelled(text[:8] + " " + text[8:])
    url = base64.urlsafe_b64encode(b"\xfb\xff" * 32).decode()
    yield "b64-url", fault, "The URL-safe alphabet.", respelled(url)
    yield "b64-letters", fault, "Letters outside ASCII.", respelled("é" + text[1:])


def entries_bad_signature() -> Iterator[tuple[str, str, bytes]]:
    other = pack(members(seq=1))
    good, sig = line(PLAIN), base64.b64encode(SIG)
    position = good.index(b'"items":3') + len(b'"items":')
    second = [
        signature(EXAMINER, SIG),
        signature(CUSTODIAN, EXAMINER.sign(pae(PLAIN))),
    ]
    yield (
        "body-bit",
        "One bit of the body differs (3 became 2).",
        flipped(good, position),
    )
    yield "sig-bit", "One bit of the signature differs.", resigned(flipped(SIG, 5))
    yield "sig-s-bit", "One bit of S differs.", resigned(flipped(SIG, 40))
    yield "sig-malleated", "S + group order.", resigned(larger_scalar(SIG))
    yield "sig-63", "63 bytes.", resigned(SIG[:63])
    yield "sig-65", "65 bytes.", resigned(SIG + b"\0")
    yield "sig-empty", "No bytes.", resigned(b"")
    yield "sig-zero", "64 zero bytes.", resigned(bytes(64))
    yield "no-pae", "The body signed without DSSE.", resigned(EXAMINER.sign(PLAIN))
    yield (
        "other-type",
        "Signed as another payload type.",
        resigned(EXAMINER.sign(pae(PLAIN, "application/json"))),
    )
    yield (
        "other-entry",
        "The signature of entry 1.",
        resigned(EXAMINER.sign(pae(other))),
    )
    yield "whole-line", "The line signed, not the body.", resigned(EXAMINER.sign(good))
    yield "other-key", "Made by another key.", resigned(CUSTODIAN.sign(pae(PLAIN)))
    yield "second-bad", "The second of two is wrong.", line(PLAIN, second)
    assert sig in good


def entry_vectors() -> Iterator[Vector]:
    known = (("key", EXAMINER.text), ("key", CUSTODIAN.text))
    for name, comment, data in entries_ok():
        yield Vector(f"entry-ok-{name}", "none", comment, data, known)
    malformed = (entries_unreadable, entries_not_canonical, entries_outside_profile)
    for group in (*malformed, entries_shape, entries_base64):
        for name, fault, comment, data in group():
            yield Vector(f"entry-malformed-{name}", fault, comment, data, known)
    for name, comment, data in entries_bad_signature():
        full = f"entry-bad-signature-{name}"
        yield Vector(full, "signature", comment, data, known)
    by_stranger = line(PLAIN, [signature(STRANGER, STRANGER.sign(pae(PLAIN)))])
    comment = "Signed by a key the verifier does not know."
    full = "entry-unknown-key-stranger"
    yield Vector(full, "unknown-key", comment, by_stranger, known)
