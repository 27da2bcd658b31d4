"""Known answers for every parser: the sample evidence, read as in an acquisition.

The counts were taken from the samples themselves (by hand, and with ``fls`` for the
disk), not from what the parsers said.
"""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from evidence.outcome import ParseOutcome
from evidence.parsing.base import Job, Json, Record, Summary
from evidence.parsing.sandbox import parse
from evidence.samples.chats import telegram_json, whatsapp_zip
from evidence.samples.disks import disk_image
from evidence.samples.pictures import photo_jpeg, screenshot_png


@dataclass(frozen=True, slots=True)
class Sample:
    """A sample and what its parser must find in it.

    Attributes:
        records: kind of record to number; kinds not named may be any number.
        public: some of the public facts.
    """

    title: str
    name: str
    parser: str
    data: Callable[[], bytes]
    records: Mapping[str, int]
    public: Mapping[str, Json]

    def check(self) -> str:
        """Return "" when the parser answers right, else what was wrong."""
        found: Counter[str] = Counter()
        last: object = None
        with tempfile.TemporaryDirectory(prefix="custody-") as folder:
            path = Path(folder, "payload")
            path.write_bytes(self.data())
            for item in parse(self.parser, Job(str(path), self.name)):
                if isinstance(item, Record):
                    found[str(item.fields.get("kind"))] += 1
                last = item
        if not isinstance(last, Summary) or last.outcome is not ParseOutcome.PARSED:
            outcome = last.outcome.value if isinstance(last, Summary) else "nothing"
            return f"the parse ended with: {outcome}"
        for kind, number in self.records.items():
            if found[kind] != number:
                return f"{found[kind]} records of kind {kind} instead of {number}"
        for name, value in self.public.items():
            if last.public.get(name) != value:
                return f"{name} is {last.public.get(name)!r} instead of {value!r}"
        return ""


SAMPLES = (
    Sample(
        "WhatsApp parser",
        "WhatsApp Chat with Recruiter.zip",
        "chat",
        whatsapp_zip,
        {"message": 21, "member": 5},
        {"app": "whatsapp", "attachments_missing": 1, "system_messages": 4},
    ),
    Sample(
        "Telegram parser",
        "result.json",
        "chat",
        telegram_json,
        {"message": 7},
        {"app": "telegram", "messages": 7},
    ),
    Sample(
        "picture parser, PNG",
        "screenshot.png",
        "picture",
        screenshot_png,
        {"picture": 1},
        {"format": "png", "width": 360, "height": 640},
    ),
    Sample(
        "picture parser, JPEG with EXIF",
        "photo.jpg",
        "picture",
        photo_jpeg,
        {"picture": 1, "position": 1},
        {"format": "jpeg", "width": 160, "height": 120},
    ),
    Sample(
        "disk parser",
        "stick.img",
        "disk-listing",
        disk_image,
        {"filesystem": 2},
        {"volume_system": "dos", "partitions": 2},
    ),
)
