"""GIF: size, frames, comments and application data.

Source: GRAPHICS INTERCHANGE FORMAT(sm) version 89a, CompuServe 1990, clauses 17 to 27.
"""

from __future__ import annotations

from evidence.parsing.picture_findings import Findings, decoded
from evidence.parsing.picture_window import DamagedError, Window

_MAX_TEXT = 1 << 16


def read_gif(window: Window, findings: Findings) -> None:
    """Walk the blocks; raises `DamagedError` where the walk cannot go on."""
    findings.picture["width"] = window.number(6, 2, "little")
    findings.picture["height"] = window.number(8, 2, "little")
    flags = window.number(10, 1)
    findings.picture["bit_depth"] = (flags >> 4 & 7) + 1
    findings.picture["colour"] = "palette"
    offset = 13 + _table_size(flags)
    frames = 0
    while True:
        match window.number(offset, 1):
            case 0x3B:
                findings.end = offset + 1
                return
            case 0x2C:
                frames += 1
                findings.picture["animated"] = frames > 1
                local = _table_size(window.number(offset + 9, 1))
                offset = _skip_blocks(window, offset + 11 + local)
            case 0x21:
                offset = _extension(window, offset, findings)
            case _:
                raise DamagedError(f"no block begins at {window.start + offset}")


def _table_size(flags: int) -> int:
    """Bytes of the colour table that packed `flags` announce."""
    return 3 << (flags & 7) + 1 if flags & 0x80 else 0


def _skip_blocks(window: Window, offset: int) -> int:
    """Return the offset after a chain of sub-blocks."""
    while length := window.number(offset, 1):
        offset += 1 + length
    return offset + 1


def _gather(window: Window, offset: int) -> bytes:
    """Return the data of a chain of sub-blocks, at most 64 KiB of it."""
    data = bytearray()
    while (length := window.number(offset, 1)) and len(data) < _MAX_TEXT:
        data += window.exactly(offset + 1, length)
        offset += 1 + length
    return bytes(data)


def _extension(window: Window, offset: int, findings: Findings) -> int:
    label = window.number(offset + 1, 1)
    end = _skip_blocks(window, offset + 2)
    source = window.source(offset, end - offset)
    if label == 0xFE:
        text, raw = decoded(_gather(window, offset + 2))
        cut = end - offset > _MAX_TEXT
        findings.tag(
            "comment", "GIF comment", value=text, source=source, raw=raw, cut=cut
        )
    elif label == 0xFF:
        name = window.read(offset + 3, 11)
        if name == b"XMP DataXMP":  # stored plainly: its bytes pose as sub-blocks
            raw_text = window.read(offset + 14, min(end - offset - 14, _MAX_TEXT))
            text, raw = decoded(raw_text.partition(b"<?xpacket end")[0])
            findings.tag("xmp", "packet", value=text, source=source, raw=raw)
        else:
            label_text = name.decode("ascii", "replace")
            note = "application extension, not interpreted"
            findings.part(f"gif {label_text}", note, source=source)
    elif label not in (0xF9, 0x01):
        findings.part(f"gif {label:02X}", "unknown extension", source=source)
    return end
