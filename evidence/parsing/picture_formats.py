"""Which picture format the first bytes announce, and what trailing bytes look like.

Formats are recognised and measured by parsers written here, not by an imaging library:
reading headers needs no pixel decoder, and a decoder's compiled code and plug-ins are
the part of such libraries that hostile files attack.
"""

from __future__ import annotations

from dataclasses import dataclass

from evidence.parsing.picture_window import Window

PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
JXL_CONTAINER = b"\x00\x00\x00\x0cJXL \r\n\x87\n"
_BMP_HEADERS = frozenset({12, 16, 40, 52, 56, 64, 108, 124})
_HEIC_BRANDS = frozenset({b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx"})
_AVIF_BRANDS = frozenset({b"avif", b"avis"})
_HEIF_BRANDS = frozenset({b"mif1", b"mif2", b"msf1", b"miaf"})
_TIFF_MAGIC = frozenset({b"II*\x00", b"MM\x00*", b"II+\x00", b"MM\x00+"})

_OTHERS: tuple[tuple[bytes, str], ...] = (
    (b"PK\x03\x04", "zip"),
    (b"Rar!\x1a\x07", "rar"),
    (b"7z\xbc\xaf\x27\x1c", "7z"),
    (b"%PDF-", "pdf"),
    (b"\x1f\x8b\x08", "gzip"),
)


@dataclass(frozen=True, slots=True)
class Format:
    """A picture format: the short name used in records and its media type."""

    name: str
    mime: str


PNG = Format("png", "image/png")
JPEG = Format("jpeg", "image/jpeg")
GIF = Format("gif", "image/gif")
WEBP = Format("webp", "image/webp")
BMP = Format("bmp", "image/bmp")
TIFF = Format("tiff", "image/tiff")
JXL = Format("jxl", "image/jxl")
HEIC = Format("heic", "image/heic")
AVIF = Format("avif", "image/avif")
HEIF = Format("unknown", "image/heif")


def recognise(window: Window) -> Format | None:
    """Return the format whose signature stands at the start, or None."""
    head = window.read(0, 64)
    for signature, found in (
        (PNG_SIGNATURE, PNG),
        (b"\xff\xd8\xff", JPEG),
        (b"GIF87a", GIF),
        (b"GIF89a", GIF),
        (b"\xff\x0a", JXL),
        (JXL_CONTAINER, JXL),
    ):
        if head.startswith(signature):
            return found
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return WEBP
    if head[:4] in _TIFF_MAGIC:
        return TIFF
    if head[:2] == b"BM" and int.from_bytes(head[14:18], "little") in _BMP_HEADERS:
        return BMP
    return _heif(head) if head[4:8] == b"ftyp" else None


def _heif(head: bytes) -> Format | None:
    """By major brand, then by the others (ISO/IEC 23008-12 clause 10; AVIF 1.1)."""
    size = min(int.from_bytes(head[:4], "big"), len(head))
    compatible = {head[at : at + 4] for at in range(16, size - 3, 4)}
    for brands in ({head[8:12]}, compatible):
        if brands & _AVIF_BRANDS:
            return AVIF
        if brands & _HEIC_BRANDS:
            return HEIC
    return HEIF if head[8:12] in _HEIF_BRANDS else None


def resembles(window: Window) -> str:
    """Say what the window's first bytes look like; ``unknown`` when nothing known."""
    found = recognise(window)
    if found is not None:
        return found.name
    head = window.read(0, 16)
    for signature, name in _OTHERS:
        if head.startswith(signature):
            return name
    if head[4:8] == b"ftyp":
        return "iso-media"
    if head and not any(head):
        return "zeros"
    return "unknown"
