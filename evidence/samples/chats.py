"""Two invented chats for the demo and the tests.

People, numbers and places are made up: a recruiter promises work in a packing hall, the
papers are kept, the pay does not come. Nothing here was written by a real person. The
bytes are the same on every machine and every run.
"""

from __future__ import annotations

import io
import json
import struct
import zipfile
import zlib

PHOTO = "IMG-20240312-WA0001.png"
CONTRACT = "DOC-20240314-WA0004.pdf"
VOICE = "PTT-20240315-WA0002.opus"
MISSING = "IMG-20240317-WA0007.jpg"  # named in the chat, absent from the archive
UNNAMED = "IMG-20240301-WA0000.png"  # in the archive, named by no message
TEXT = "WhatsApp Chat with Packing Hall North.txt"

_ARCHIVE_TIME = (2024, 3, 20, 9, 30, 0)
_OVERRIDE = "\u202e"  # right-to-left override: "fdp.exe" is shown as "exe.pdf"

_WHATSAPP = f"""\
12/03/2024, 08:01 - Messages and calls are end-to-end encrypted. No one outside of \
this chat, not even WhatsApp, can read or listen to them.
12/03/2024, 08:01 - Viktor Example created group "Packing Hall: North"
12/03/2024, 08:02 - Viktor Example added you
12/03/2024, 08:15 - Viktor Example: Good morning all. Work starts on the 25th.
1500 a month, room and transport free.
Bring the passport, the office keeps it for the permit.
12/03/2024, 08:17 - Viktor Example: \u200e{PHOTO} (file attached)
The hall
12/03/2024, 08:40 - Aysel Nümunə: Salam, iş müqaviləsi olacaqmı? Şərtləri yazın, xahiş.
12/03/2024, 08:44 - Олена Приклад: Добрий день! Скільки годин на день?
12/03/2024, 08:52 - سارة مثال: صباح الخير، أين السكن بالضبط؟
13/03/2024, 19:05 - Viktor Example: Ten hours, six days. Sunday free.
13/03/2024, 19:06 - +00 000 000 0001: <Media omitted>
14/03/2024, 10:30 - Viktor Example: {CONTRACT} (file attached)
14/03/2024, 10:31 - Viktor Example: open invoice_{_OVERRIDE}fdp.exe and sign
15/03/2024, 21:12 - Олена Приклад: {VOICE} (file attached)
16/03/2024, 07:20 - Viktor Example: This message was deleted
16/03/2024, 07:24 - Viktor Example: The trip costs 600, we take it from the first pay.
17/03/2024, 22:48 - Aysel Nümunə: {MISSING} (file attached)
17/03/2024, 22:49 - Aysel Nümunə: location: https://maps.google.com/?q=0.000000,0.000000
18/03/2024, 06:02 - Missed voice call
18/03/2024, 06:03 - سارة مثال: أريد جواز سفري
19/03/2024, 23:59 - Viktor Example: Passports stay here until the debt is paid. \
<This message was edited>
20/03/2024, 05:41 - Олена Приклад left
"""


def _png(width: int, height: int, rgb: tuple[int, int, int]) -> bytes:
    """Return a plain picture (PNG, ISO/IEC 15948), its data stored uncompressed."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        checked = kind + body
        return (
            struct.pack(">I", len(body))
            + checked
            + struct.pack(">I", zlib.crc32(checked))
        )

    rows = (b"\0" + bytes(rgb) * width) * height
    # A stored block, written out by hand: compressors differ from build to build.
    stored = b"\x78\x01\x01" + struct.pack("<HH", len(rows), len(rows) ^ 0xFFFF) + rows
    data = stored + struct.pack(">I", zlib.adler32(rows))
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", data)
        + chunk(b"IEND", b"")
    )


def whatsapp_text() -> bytes:
    """Return the sample group chat as WhatsApp for Android writes it, UTF-8."""
    return _WHATSAPP.encode()


def whatsapp_zip() -> bytes:
    """Return the sample group chat with media as a WhatsApp export archive.

    One attachment that the chat names is absent; one picture is named by no message.
    """
    members = {
        TEXT: whatsapp_text(),
        PHOTO: _png(48, 32, (200, 170, 90)),
        CONTRACT: b"%PDF-1.4\n% a sample, not a contract\n%%EOF\n",
        VOICE: b"OggS\0\x02" + bytes(22) + b"a sample, not a voice",
        UNNAMED: _png(16, 16, (40, 90, 160)),
    }
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for name, body in members.items():
            entry = zipfile.ZipInfo(name, _ARCHIVE_TIME)
            entry.create_system = 0  # as the phone does, and the same on all systems
            archive.writestr(entry, body)
    return buffer.getvalue()


def telegram_json() -> bytes:
    """Return a sample private chat as Telegram Desktop exports it, UTF-8."""
    not_included = "(File not included. Change data exporting settings to download.)"

    def message(
        number: int, unix: int, text: object, **more: object
    ) -> dict[str, object]:
        return {
            "id": number,
            "type": "message",
            "date": f"2024-03-{19 + unix // 86400:02d}T{unix // 3600 % 24:02d}"
            f":{unix // 60 % 60:02d}:{unix % 60:02d}",
            "date_unixtime": str(1710806400 + unix),  # 2024-03-19T00:00:00Z
            **more,
            "text": text,
        }

    viktor = {"from": "Viktor Example", "from_id": "user100000001"}
    olena = {"from": "Олена Приклад", "from_id": "user100000002"}
    link: object = [
        "Form: ",
        {"type": "link", "text": "https://jobs.example/form"},
        {"type": "bold", "text": " today"},
    ]
    messages: list[dict[str, object]] = [
        {
            **message(1, 30000, "", actor="Viktor Example", action="create_group"),
            "type": "service",
            "actor_id": "user100000001",
            "title": "North",
            "members": ["Олена Приклад"],
        },
        message(2, 30060, "The bus leaves at five.", **viktor),
        message(3, 30400, link, **viktor),
        message(4, 31000, "А паспорт коли повернете?", **olena, reply_to_message_id=2),
        message(5, 31500, "", **olena, photo=not_included, width=800, height=600),
        message(
            6,
            32000,
            "",
            **olena,
            location_information={"latitude": 0.25, "longitude": -0.5},
        ),
        message(
            7,
            90000,
            "Nobody leaves before the debt is paid.",
            **viktor,
            edited="2024-03-20T01:10:00",
            edited_unixtime="1710897000",
        ),
    ]
    chat = {
        "name": "Packing Hall North",
        "type": "private_group",
        "id": 900000001,
        "messages": messages,
    }
    return json.dumps(chat, ensure_ascii=False, indent=1).encode() + b"\n"
