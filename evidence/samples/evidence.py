"""Writes the demo's evidence: everything in it is invented."""

from __future__ import annotations

import os
from pathlib import Path

from evidence.samples.chats import telegram_json, whatsapp_zip
from evidence.samples.disks import disk_image
from evidence.samples.pictures import photo_jpeg, screenshot_png

_LETTER = (
    "Dear candidate,\n\nwe are pleased to offer you the position of kitchen help. "
    "Please hand your passport to our driver on arrival.\n\nHuman Resources\n"
)
_CONTRACT = "Employment contract (draft)\nSalary: to be agreed after arrival.\n" * 20


def write_samples(folder: Path) -> list[tuple[str, str]]:
    """Write the sample evidence below `folder`; return (name, what it is) pairs."""
    papers = folder / "papers"
    (papers / "contracts").mkdir(parents=True)
    for name, data in (
        ("WhatsApp Chat with Recruiter.zip", whatsapp_zip()),
        ("result.json", telegram_json()),
        ("screenshot.png", screenshot_png()),
        ("photo.jpg", photo_jpeg()),
        ("stick.img", disk_image()),
        ("papers/offer.txt", _LETTER.encode("utf-8")),
        ("papers/contracts/draft.txt", _CONTRACT.encode("utf-8")),
    ):
        (folder / name).write_bytes(data)
    if os.name != "nt":
        (papers / "latest.txt").symlink_to("contracts/draft.txt")
        os.link(papers / "offer.txt", papers / "offer-copy.txt")
        os.mkfifo(papers / "pipe")
    return [
        ("WhatsApp Chat with Recruiter.zip", "WhatsApp export with media"),
        ("result.json", "Telegram Desktop export"),
        ("screenshot.png", "screenshot with text chunks"),
        ("photo.jpg", "photograph with camera data and a position"),
        ("stick.img", "disk image with a deleted file"),
        ("papers/", "files, a link, a hard link and a named pipe"),
    ]
