"""Bytes as every text they may be: UTF-8, UTF-16, old code pages, and wrapped text.

Names hide in percent, base64, quoted-printable, hexadecimal, JSON and HTML escapes.
Each wrapping found is taken off, at most `DEPTH` times, each time from no more text
than there was, so that time stays linear.
"""

from __future__ import annotations

import base64
import binascii
import html
import quopri
import re
import string
import zlib
from collections.abc import Callable, Iterable, Iterator
from urllib.parse import unquote_to_bytes

DEPTH = 3  # wrappings inside each other
MAX_INFLATED = 16 << 20  # bytes out of compressed data that is wrapped in text
_ZLIB_LEVELS = (b"\x01", b"\x5e", b"\x9c", b"\xda")
_CODE_PAGES = ("cp1251", "koi8-u", "cp1252", "cp1254", "cp1253", "cp1256")
_CONTROLS = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]")
# Text inside other bytes: three characters of UTF-8, or of UTF-16 with the scripts that
# are sought (Latin to Arabic, Georgian, Latin Extended Additional).
_RUNS = (
    (
        re.compile(
            rb"(?:[\t\n\r -~]|[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}"
            rb"|[\xf0-\xf4][\x80-\xbf]{3}){3,}"
        ),
        "utf-8",
    ),
    (
        re.compile(
            rb"(?:[\t\n\r -~\xa0-\xff]\x00|[\x00-\xff][\x01-\x06\x10\x1e\x20\xff]){3,}",
            re.DOTALL,
        ),
        "utf-16-le",
    ),
    (
        re.compile(
            rb"(?:\x00[\t\n\r -~\xa0-\xff]|[\x01-\x06\x10\x1e\x20\xff][\x00-\xff]){3,}",
            re.DOTALL,
        ),
        "utf-16-be",
    ),
)
_PERCENT = re.compile(r"%[0-9a-fA-F]{2}")
_QUOTED = re.compile(r"=(?:[0-9a-fA-F]{2}|\r?\n)")
_ESCAPE = re.compile(
    r"\\(?:u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})|U(00[01][0-9a-fA-F]{5})"
    r"|([nrtbf\"'/\\]))"
)
_NUMBERED = re.compile(r"\\[uxU][0-9a-fA-F]{2}")
_MEANT = str.maketrans("nrtbf", "\n\r\t  ")
_RTF = re.compile(r"\\u(-?\d{1,5}) ?\??|\\'([0-9a-fA-F]{2})")
_DOMAIN = re.compile(r"(?i)\bxn--([a-z0-9-]{2,59})")
# What is written from right to left: told to be, or shaped Arabic as a page draws it.
_BACKWARDS = re.compile("\u202e[^\u202c\n]+|[\ufb50-\ufdff\ufe70-\ufefc][^\n]*")
_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z]{2,10});")
# Runs are looked for in a shadow of the text, a letter for each kind of character: an
# expression that begins with fixed letters is searched for twice as fast.
_BASE64_RUN = re.compile(rb"bbbbbbbbb*")  # - and _ are written as + and /
_BASE64_LINES = re.compile(r"(?:[A-Za-z0-9+/]{48,}\r?\n)+[A-Za-z0-9+/]+={0,2}")
_HEX_RUN = re.compile(rb"hhs?hhs?hhs?hhs?hhs?(?:hhs?)*")
# Whether a line of that base64 ends anywhere, found by its end.
_LINE_ENDS = (
    re.compile(r"\n(?<=[A-Za-z0-9+/]{48}\n)[A-Za-z0-9+/]"),
    re.compile(r"\r\n(?<=[A-Za-z0-9+/]{48}\r\n)[A-Za-z0-9+/]"),
)


def _shadow(**kinds: str) -> bytes:
    """Return a table that turns each of these characters into its letter."""
    table = bytearray(b"x" * 256)
    for letter, characters in kinds.items():
        for char in characters:
            table[ord(char)] = ord(letter)
    return bytes(table)


_LETTERS_DIGITS = string.ascii_letters + string.digits
_BASE64_SHADOW = _shadow(b=_LETTERS_DIGITS + "+/")
_HEX_SHADOW = _shadow(h=string.hexdigits, s=" :")
# What the first twelve of sixteen or more bytes look like when all are text, or
# compressed. Only digests and keys are thrown away by it: a quarter of the work.
_HEAD = 12
_AT_LEAST = 16
_TEXT_HEAD = (
    rb"[\x80-\xbf]{0,3}(?:[\t-\r\x1b -\x7f]|[\xc2-\xdf][\x80-\xbf]"
    rb"|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3})*"
    rb"(?:[\xc2-\xf4][\x80-\xbf]{0,2})?\Z"
    rb"|(?:[\t\n\r -~\xa0-\xff]\x00|[\x00-\xff][\x01-\x06\x10\x1e\x20\xff]){6}"
    rb"|(?:\x00[\t\n\r -~\xa0-\xff]|[\x01-\x06\x10\x1e\x20\xff][\x00-\xff]){6}"
)
_TEXT = re.compile(_TEXT_HEAD, re.DOTALL)
_TEXT_OR_PACKED = re.compile(
    _TEXT_HEAD + rb"|\x1f\x8b\x08|\x78[\x01\x5e\x9c\xda]", re.DOTALL
)
_SAME = 16  # pieces in a row; a name has fewer parts
_MOST_KNOWN = 50_000  # tokens of one text remembered
_TRIED_TWICE = 4096  # characters of a token whose beginning may be something else
_SURROGATES = re.compile("[\ud800-\udfff]")


def texts(data: bytes, *, depth: int = DEPTH) -> Iterator[str]:
    """Yield the texts `data` may be, wrapped ones unwrapped."""
    for text in _decoded(data):
        yield text
        if depth:
            yield from _unwrapped(text, depth - 1)


def wrapped(text: str) -> Iterator[str]:
    """Yield `text` and what is wrapped in it."""
    yield text
    yield from _unwrapped(text, DEPTH - 1)


def _decoded(data: bytes) -> Iterator[str]:
    plain = _CONTROLS.search(data) is None
    text = _utf8(data)
    if plain and text is not None:
        yield text
        return
    if plain:
        yield data.decode("utf-8", "replace")
        for name in _CODE_PAGES:
            yield data.decode(name, "replace")
    for runs, name in _RUNS:
        found = [part.decode(name, "replace") for part in runs.findall(data)]
        if found:
            yield "\n".join(found)


def _utf8(data: bytes) -> str | None:
    """Return UTF-8 text, its ends perhaps cut; None when it is none."""
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("utf-8", "replace") if _is_cut(data) else None


def _is_cut(data: bytes) -> bool:
    """Tell whether only the ends are not UTF-8: a piece of a longer text."""
    begin = next((i for i in range(4) if data[i : i + 1] and data[i] & 0xC0 != 0x80), 0)
    try:
        data[begin:].decode("utf-8")
    except UnicodeDecodeError as error:
        return error.end == len(data) - begin and len(data) - begin - error.start < 4
    return True


def _unwrapped(text: str, depth: int) -> Iterator[str]:
    if _ESCAPE.search(text):
        plain = _ESCAPE.sub(_unescaped, text)
        plain = plain.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
        # Line ends and quotes that are written out hide words, and no other wrapping.
        yield from _again(plain, depth if _NUMBERED.search(text) else 0)
    if _ENTITY.search(text):
        yield from _again(html.unescape(text), depth)
    yield from _other_forms(text)
    for data in _bytes_in(text):
        yield from texts(data, depth=depth)


def _unescaped(found: re.Match[str]) -> str:
    digits = found[1] or found[2] or found[3]
    if digits:
        return chr(min(int(digits, 16), 0x10FFFF))
    return found[4].translate(_MEANT)


def _other_forms(text: str) -> Iterator[str]:
    """Yield what RTF, international domain names and reversed text say."""
    if "{\\rtf" in text:
        plain = _RTF.sub(_of_rtf, text)
        yield plain.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if "xn--" in text.lower():
        yield "\n".join(map(_of_domain, _DOMAIN.findall(text)))
    if not text.isascii():
        lines = [found[0][::-1] for found in _BACKWARDS.finditer(text)]
        if lines:
            yield "\n".join(lines)


def _of_rtf(found: re.Match[str]) -> str:
    if found[2]:
        return bytes.fromhex(found[2]).decode("cp1252", "replace")
    return chr(int(found[1]) % 0x10000)  # signed 16 bits: RTF 1.9.1, \uN


def _of_domain(label: str) -> str:
    try:
        return label.encode("ascii").decode("punycode")  # RFC 3492
    except (ValueError, IndexError, OverflowError):
        return ""


def _again(text: str, depth: int) -> Iterator[str]:
    yield text
    if depth:
        yield from _unwrapped(text, depth - 1)


def _bytes_in(text: str) -> Iterator[bytes]:
    """Yield bytes that stand in `text` in another form."""
    safe = text if text.isascii() else _SURROGATES.sub("\ufffd", text)
    if _PERCENT.search(safe):
        yield unquote_to_bytes(safe)
    if _QUOTED.search(safe):
        yield quopri.decodestring(safe.encode("utf-8"))
    found = [*_tokens(safe), *_lines(safe), *_hexadecimal(safe)]
    if found:
        joined = b"\n".join(found)
        # In UTF-16 it matters what stands before: there all stays as it is.
        again = len(found) > _SAME and _CONTROLS.search(joined) is None
        yield b"\n".join(_once(found)) if again else joined


def _once(pieces: list[bytes]) -> Iterator[bytes]:
    """Leave out pieces of stretches that stood there before.

    Every `_SAME` pieces in a row that there were are in a row still, and the last ones
    are the last. Records that are all alike say the same few words a thousand times.
    """
    seen: set[tuple[bytes, ...]] = set()
    said = 0  # end of what was yielded
    for end in range(_SAME, len(pieces) + 1):
        window = tuple(pieces[end - _SAME : end])
        if window not in seen:
            seen.add(window)
            start = max(said, end - _SAME)
            yield from pieces[start:end]
            said = end
    if said < len(pieces):
        yield from pieces[-_SAME:]


def _tokens(text: str) -> Iterator[bytes]:
    plain = text.replace("-", "+").replace("_", "/")
    return _each(_runs(plain, _BASE64_SHADOW, _BASE64_RUN), _token)


def _runs(text: str, shadow: bytes, run: re.Pattern[bytes]) -> list[str]:
    """Return the stretches of `text` whose shadow is a run."""
    kinds = text.encode("ascii", "replace").translate(shadow)
    return [text[found.start() : found.end()] for found in run.finditer(kinds)]


def _each(
    tokens: Iterable[str], read: Callable[[str], bytes | None]
) -> Iterator[bytes]:
    """Yield what tokens say, if anything; each is read once."""
    known: dict[str, bytes | None] = {}
    for token in tokens:
        if token in known:
            data = known[token]
        else:
            data = read(token)
            if len(known) < _MOST_KNOWN:
                known[token] = data
        if data is not None:
            yield data


def _token(token: str) -> bytes | None:
    """Return what a token says, from its first or one of the next three characters."""
    for skip in range(4 if len(token) <= _TRIED_TWICE else 1):
        if len(token) - skip >= _AT_LEAST // 3 * 4 + 2:
            head = binascii.a2b_base64(token[skip : skip + _HEAD // 3 * 4])
            if _TEXT_OR_PACKED.match(head) is None:
                continue
        data = _base64(token[skip:])
        if data is not None:
            return data
    return None


def _lines(text: str) -> Iterator[bytes]:
    if not any(ends.search(text) for ends in _LINE_ENDS):
        return
    for match in _BASE64_LINES.finditer(text):
        token = re.sub(r"[\r\n=]", "", match[0])
        data = _base64(token, any_bytes=True)
        if data is not None:
            yield _inflated(data)


def _base64(token: str, *, any_bytes: bool = False) -> bytes | None:
    """Return what a token says if it is text; ``any_bytes`` takes all."""
    token = token[: len(token) - (len(token) % 4 == 1)]
    try:
        data = base64.b64decode(token + "=" * (-len(token) % 4))
    except ValueError:
        return None
    if any_bytes or is_text(data):
        return data
    inflated = _inflated(data)
    return inflated if inflated is not data else None


def _inflated(data: bytes) -> bytes:
    """Return what compressed bytes (gzip, zlib) hold; others as they are."""
    gzipped = data[:3] == b"\x1f\x8b\x08"
    if not gzipped and not (data[:1] == b"\x78" and data[1:2] in _ZLIB_LEVELS):
        return data
    try:
        return zlib.decompressobj(47).decompress(data, MAX_INFLATED)
    except zlib.error:
        return data


def _hexadecimal(text: str) -> Iterator[bytes]:
    return _each(_runs(text, _HEX_SHADOW, _HEX_RUN), _hex)


def _hex(written: str) -> bytes | None:
    data = bytes.fromhex(written.replace(" ", "").replace(":", ""))
    if len(data) >= _AT_LEAST and _TEXT.match(data[:_HEAD]) is None:
        return None
    return data if is_text(data) else None


def is_text(data: bytes) -> bool:
    """Tell whether bytes are UTF-8 or UTF-16 text."""
    if not data:
        return False
    if _CONTROLS.search(data) is None:
        return _utf8(data) is not None
    return any(runs.fullmatch(data) for runs, _ in _RUNS)
