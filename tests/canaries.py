"""Sixty invented identifiers, evidence that is full of them, and a search for them.

The search shares nothing with the program's own linter: it looks for bytes, in plain
and in every coat a file is likely to give them (UTF-16, percent, base64, escapes, hex,
gzip and deflate streams, the text of a PDF), and for nothing clever beyond that.
"""

from __future__ import annotations

import base64
import binascii
import io
import json
import re
import subprocess
import tarfile
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from urllib.parse import quote

from evidence.samples import pictures

NAMES = (
    "Xenobia Quillfeather",
    "Ottoline Vrbkova-Zsigmond",
    "Gülbəniz Şəfəqqızı",
    "Çınarə Ələkbərzadə",
    "Ilinca Țurcanuș",
    "Ксения Щегловитова",
    "Пульхерия Жужелицына",
    "Їжакевич Соломія",
    "قمرالزمان البغدادي",
    "زليخة الحضرمي",
    "თამთაფიფია ქვრივიშვილი",
    "Ξανθίππη Ψαρουδάκη",
)
ALIASES = ("quillfox_77", "@zuleikha.hadr", "xeno.q", "live:pulkheria_zh", "Жужа")
PHONES = ("+994501928374", "+40 721 998 877", "+380 67 123 98 76", "0032475112299")
MAILS = (
    "xenobia.q@quillmail.example",
    "pulkheria@zhuzhmail.example",
    "ilinca+help@turcanus.example",
)
ACCOUNTS = (
    "DE89370400440532013111",
    "RO49AAAA1B31007593840077",
    "AZ77VTBA00000000001234567890",
)
PLACES = (
    "Quittenbaumgasse 17b",
    "улица Щорса 41, квартира 9",
    "Nizami küçəsi 203",
    "Str. Păducelului 88",
    "شارع الياسمين 12",
)
DOCUMENTS = ("PASS-C01X00T47", "ID 7740 118823", "AZE-99120045")
DEVICES = (
    "356938035643809",
    "SN-QF7731X9",
    "R58M41ZZKQT",
    "A0:B1:C2:D3:E4:F5",
    "8994015551234567890F",
)
FILES = (
    "Xenobia-bei-der-Arbeit.txt",
    "паспорт Ксении.txt",
    "صورة زليخة.txt",
    "quillfeather_notes.txt",
)
MACHINE = ("qf-caseworker-laptop", "brunhilde-kw")
WORDS = (
    "Shelter Lindenhof-9",
    "Wagenknechtova ubytovna",
    "the driver called Rasmus Oddvarsson",
    "Club Zartbitter 44",
    "kitchen of Restaurant Mondsichel-5",
    "case worker Brunhilde Kwiatkowska",
    "lawyer Anselm Obuobi-Achterberg",
    "Dr. Féodora Wintzenheim",
    "born 29 February 1996 in Quittenfeld",
    "the blue Zastava 750 KL-QX-417",
    "sister Rosamunde Eibenschütz",
    "court file 7 Js 40121-Q",
)
POSITION = ("48.208174", "16.373819")  # degrees north and east, as plain text
PLANTED = tuple(
    dict.fromkeys(
        (
            *NAMES,
            *ALIASES,
            *PHONES,
            *MAILS,
            *ACCOUNTS,
            *PLACES,
            *DOCUMENTS,
            *DEVICES,
            *FILES,
            *MACHINE,
            *WORDS,
            *POSITION,
        )
    )
)

_STREAM = re.compile(rb"stream\r?\n")
_BASE64 = re.compile(rb"[A-Za-z0-9+/_-]{24,}={0,2}")
_MAX_DEPTH = 4


def lines() -> list[str]:
    """Sentences that hold every identifier."""
    return [f"{at}: about {text}, as told." for at, text in enumerate(PLANTED)]


def whatsapp(folder: Path) -> Path:
    """A chat whose participants and messages are the identifiers."""
    said = "".join(
        f"12/05/2024, 10:{at % 60:02d} - {NAMES[at % len(NAMES)]}: {line}\n"
        for at, line in enumerate(lines())
    )
    path = folder / "WhatsApp Chat with Xenobia Quillfeather.txt"
    path.write_text(said, "utf-8")
    return path


def telegram(folder: Path) -> Path:
    """A Telegram export of one conversation."""
    messages = [
        {
            "id": at,
            "type": "message",
            "date": f"2024-05-12T10:{at % 60:02d}:00",
            "date_unixtime": str(1715500800 + 60 * at),
            "from": NAMES[at % len(NAMES)],
            "from_id": f"user{9_000_000 + at}",
            "text": line,
            "text_entities": [{"type": "plain", "text": line}],
        }
        for at, line in enumerate(lines())
    ]
    chat = {"name": NAMES[0], "type": "personal_chat", "id": 77, "messages": messages}
    path = folder / "result.json"
    path.write_text(json.dumps(chat, ensure_ascii=False), "utf-8")
    return path


def screenshot(folder: Path) -> Path:
    """A picture whose text chunks name people and a position."""
    png = pictures.screenshot_png()
    end = png.rindex(b"\0\0\0\0IEND")
    about = " / ".join(lines()).encode("utf-8")
    text = b"Comment\0\0\0\0\0" + about
    check = (zlib.crc32(b"iTXt" + text) & 0xFFFFFFFF).to_bytes(4, "big")
    chunk = len(text).to_bytes(4, "big") + b"iTXt" + text + check
    path = folder / "Xenobia Quillfeather screen.png"
    path.write_bytes(png[:end] + chunk + png[end:])
    return path


def papers(folder: Path) -> Path:
    """A folder of files with telling names and content."""
    path = folder / "papers of Xenobia Quillfeather"
    path.mkdir()
    for name in FILES:
        (path / name).write_text("\n".join(lines()), "utf-8")
    return path


def disk(folder: Path) -> Path:
    """A FAT image (mkfs.fat and mtools) with telling names, label and content."""
    path = folder / "stick of Quillfeather.img"
    path.write_bytes(bytes(2 << 20))
    _run("mkfs.fat", "-n", "QUILLFOX_77", str(path))
    note = folder / FILES[3]
    note.write_text("\n".join(lines()), "utf-8")
    _run("mcopy", "-i", str(path), str(note), f"::{FILES[3]}")
    note.unlink()
    return path


def _run(*words: str) -> None:
    subprocess.run(words, check=True, capture_output=True)


# -- the search ----------------------------------------------------------------------


def _coats(text: str) -> Iterator[bytes]:
    """The byte strings `text` may appear as."""
    for encoding in ("utf-8", "utf-16-le", "utf-16-be"):
        data = text.encode(encoding)
        yield data
        yield data.hex().encode()
        for shift in range(3):
            coded = base64.b64encode(bytes(shift) + data)
            # Whole groups only: what stands before and after changes the rest.
            start, end = (0, 2, 3)[shift], len(coded) - (4 if len(data) + shift else 0)
            if end - start >= 8:
                yield coded[start:end]
                yield coded[start:end].translate(bytes.maketrans(b"+/", b"-_"))
    yield quote(text, safe="").encode()
    yield quote(text, safe="").lower().encode()
    yield json.dumps(text)[1:-1].encode()
    for encoding in ("cp1251", "latin-1", "cp1254"):
        try:
            yield text.encode(encoding)
        except UnicodeEncodeError:
            continue


_NEEDLES: Mapping[str, frozenset[bytes]] = {
    text: frozenset(c.lower() for c in _coats(text) if len(c) >= 4) for text in PLANTED
}


def sightings(data: bytes, depth: int = 0) -> set[str]:
    """Return the identifiers that can be read out of `data`."""
    found: set[str] = set()
    small = data.lower()
    for text, needles in _NEEDLES.items():
        if any(needle in small for needle in needles):
            found.add(text)
    if depth < _MAX_DEPTH:
        for inner in _unpacked(data):
            found |= sightings(inner, depth + 1)
    return found


def _unpacked(data: bytes) -> Iterator[bytes]:
    """Whatever is compressed, packed or coded inside `data`."""
    at = data.find(b"\x1f\x8b\x08")
    while at >= 0:
        yield _inflated(data[at:], 31)
        at = data.find(b"\x1f\x8b\x08", at + 1)
    for match in _STREAM.finditer(data):
        yield _inflated(data[match.end() :], 15)
    if data[:4] == b"%PDF":
        yield from _pdf_texts(data)
    if data[:4] == b"PK\x03\x04":
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            for name in packed.namelist():
                yield name.encode("utf-8", "surrogateescape")
                yield packed.read(name)
    if data[257:262] == b"ustar":
        with tarfile.open(fileobj=io.BytesIO(data)) as tar:
            for member in tar:
                yield member.name.encode("utf-8", "surrogateescape")
                stream = tar.extractfile(member)
                yield stream.read() if stream else b""
    for token in _BASE64.findall(data):
        try:
            yield base64.b64decode(token, altchars=b"-_" if b"_" in token else None)
        except (ValueError, binascii.Error):
            continue


def _inflated(data: bytes, window: int) -> bytes:
    machine = zlib.decompressobj(window)
    try:
        return machine.decompress(data, 1 << 26)
    except zlib.error:
        return b""


def _pdf_texts(data: bytes) -> Iterator[bytes]:
    """Text, title and metadata as poppler reads them."""
    for words in (
        ("pdftotext", "-enc", "UTF-8", "-", "-"),
        ("pdftotext", "-enc", "UTF-8", "-raw", "-", "-"),
        ("pdfinfo", "-"),
        ("pdfinfo", "-meta", "-"),
    ):
        done = subprocess.run(words, input=data, capture_output=True, check=False)
        yield done.stdout
        yield b" ".join(done.stdout.split())  # words may be set on two lines


def seen_in(paths: Iterable[Path]) -> dict[str, set[str]]:
    """Search files and their names; return what was found where."""
    found: dict[str, set[str]] = {}
    for path in paths:
        hits = sightings(str(path.name).encode("utf-8", "surrogateescape"))
        if path.is_file() and not path.is_symlink():
            hits |= sightings(path.read_bytes())
        if hits:
            found[str(path)] = hits
    return found
