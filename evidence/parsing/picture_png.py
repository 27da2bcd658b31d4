"""PNG: every chunk is walked, checked and, where it holds text or metadata, recorded.

Source: PNG Third Edition (W3C, ISO/IEC 15948) clauses 5, 11, 12 and annex; APNG chunks
as in that edition; C2PA 2.x clause A.3.4 for ``caBX``.
"""

from __future__ import annotations

import re
import zlib
from dataclasses import dataclass

from evidence.parsing.picture_findings import Findings, decoded
from evidence.parsing.picture_profile import record_raw_profile
from evidence.parsing.picture_tags import record_exif
from evidence.parsing.picture_window import CutShortError, DamagedError, Window

MAX_CHUNKS = 65_536
MAX_INFLATED = 1 << 20
_MAX_TEXT = 1 << 20
_COLOURS = {0: "grey", 2: "rgb", 3: "palette", 4: "grey+alpha", 6: "rgb+alpha"}
# Chunks whose content only matters to a decoder; APNG frames count once.
_DRAWING = frozenset(
    b"IHDR PLTE IDAT IEND tRNS cHRM gAMA sBIT sRGB cICP mDCv mDCV cLLi cLLI bKGD hIST"
    b" sPLT acTL fcTL fdAT".split()
)


@dataclass(frozen=True, slots=True)
class _Chunk:
    type: bytes
    offset: int  # of its length field
    length: int  # of its data
    body: Window

    @property
    def size(self) -> int:
        return self.length + 12


def read_png(window: Window, findings: Findings) -> None:
    """Walk the chunks; raises `DamagedError` where the walk cannot go on."""
    offset = 8
    for _ in range(MAX_CHUNKS):
        chunk = _chunk(window, offset)
        _check_crc(window, chunk, findings)
        offset += chunk.size
        if chunk.type == b"eXIf":
            record_exif(chunk.body, findings)
        else:
            _record(window, chunk, findings)
        if chunk.type == b"IEND":
            findings.end = offset
            return
    raise DamagedError(f"more than {MAX_CHUNKS} chunks")


def _chunk(window: Window, offset: int) -> _Chunk:
    length = window.number(offset, 4)
    kind = window.exactly(offset + 4, 4)
    if re.fullmatch(rb"[A-Za-z]{4}", kind) is None or length > 0x7FFF_FFFF:
        raise DamagedError(f"no chunk begins at {window.start + offset}")
    return _Chunk(kind, offset, length, window.part(offset + 8, length))


def _check_crc(window: Window, chunk: _Chunk, findings: Findings) -> None:
    check = 0
    for piece in window.pieces(chunk.offset + 4, chunk.length + 4):
        check = zlib.crc32(piece, check)
    if window.number(chunk.offset + 8 + chunk.length, 4) != check:
        name = chunk.type.decode("ascii")
        source = window.source(chunk.offset, chunk.size)
        findings.error("png-crc", f"{name} chunk fails its CRC", source=source)


def _record(window: Window, chunk: _Chunk, findings: Findings) -> None:
    """Interpret one chunk; what cannot be read in it becomes an error record."""
    source = chunk.body.source(0, chunk.length)
    try:
        match chunk.type:
            case b"IHDR":
                _header(chunk.body, findings)
            case b"acTL":
                findings.picture["animated"] = chunk.body.number(0, 4) > 1
            case b"tEXt" | b"zTXt" | b"iTXt":
                _text(chunk, findings)
            case b"tIME":
                value = _time(chunk.body.exactly(0, 7))
                findings.tag("png-time", "tIME", value=value, source=source)
            case b"pHYs":
                value = _density(chunk.body.exactly(0, 9))
                findings.tag("png-text", "pHYs", value=value, source=source)
            case b"iCCP":
                value = f"profile, {chunk.length} bytes compressed"
                findings.tag("icc", "iCCP", value=value, source=source)
            case b"caBX":
                findings.part("caBX", "C2PA present, not validated", source=source)
            case _ if chunk.type not in _DRAWING:
                whole = window.source(chunk.offset, chunk.size)
                findings.part(chunk.type.decode("ascii"), _nature(chunk), source=whole)
    except CutShortError:
        findings.error("png", f"{chunk.type.decode()} is too short", source=source)


def _nature(chunk: _Chunk) -> str:
    private = bool(chunk.type[1] & 0x20)
    return f"{'private' if private else 'unknown'} chunk, not interpreted"


def _header(body: Window, findings: Findings) -> None:
    findings.picture["width"] = body.number(0, 4)
    findings.picture["height"] = body.number(4, 4)
    findings.picture["bit_depth"] = body.number(8, 1)
    findings.picture["colour"] = _COLOURS.get(body.number(9, 1), "unknown")


def _time(data: bytes) -> str:
    """Clause 11.3.4.3: the last modification, which writers must give in UTC."""
    year = int.from_bytes(data[:2], "big")
    month, day, hour, minute, second = data[2:]
    return f"{year:04d}-{month:02d}-{day:02d}T{hour:02d}:{minute:02d}:{second:02d}Z"


def _density(data: bytes) -> str:
    across, down = (int.from_bytes(data[at : at + 4], "big") for at in (0, 4))
    unit = "pixels per metre" if data[8] == 1 else "aspect ratio only"
    return f"{across} x {down}, {unit}"


def _text(chunk: _Chunk, findings: Findings) -> None:
    """Clause 11.3.3: keyword, then text that may be compressed or international."""
    source = chunk.body.source(0, chunk.length)
    keyword, zero, rest = chunk.body.read(0, _MAX_TEXT).partition(b"\x00")
    name = keyword[:79].decode("latin-1")
    cut = chunk.length > _MAX_TEXT
    if not zero:
        findings.error("png-text", "the keyword does not end", source=source)
        return
    encoding = "latin-1"
    if chunk.type == b"iTXt":
        encoding = "utf-8"
        flags, rest = rest[:2], rest[2:]
        language, _, rest = rest.partition(b"\x00")
        translated, _, rest = rest.partition(b"\x00")
        packed = flags[:1] == b"\x01"
    else:
        language = translated = b""
        packed = chunk.type == b"zTXt"
        rest = rest[1:] if packed else rest
    if packed:
        try:
            unpacker = zlib.decompressobj()
            rest = unpacker.decompress(rest, MAX_INFLATED)
        except zlib.error as error:
            findings.error("png-text", f"inflating failed: {error}", source=source)
            return
        chunk.body.charge(len(rest))
        cut = cut or bool(unpacker.unconsumed_tail) or not unpacker.eof
    if record_raw_profile(name, rest, chunk.body, findings=findings):
        return
    space = "xmp" if name == "XML:com.adobe.xmp" else "png-text"
    text, raw = decoded(rest, encoding)
    findings.tag(space, name, value=text, source=source, raw=raw, cut=cut)
    if translated:
        text, raw = decoded(translated)
        label = f"{name}, keyword in {language[:40].decode('ascii', 'replace')}"
        findings.tag(space, label, value=text, source=source, raw=raw)
