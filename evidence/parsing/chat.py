"""Chat exports: finds out which app wrote a file and reads it.

Known: WhatsApp's text export (alone, in its ZIP or in a folder) and Telegram Desktop's
JSON (one chat or all; alone, in a ZIP or in a folder). What a file is follows from its
bytes; names only tell which file of several holds the messages.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Sequence
from typing import BinaryIO

from evidence.outcome import ParseOutcome
from evidence.parsing.base import Item, Job, Record, Summary
from evidence.parsing.chat_archive import READABLE, Archive, MemberStream
from evidence.parsing.chat_reading import Result, read, recognise
from evidence.parsing.chat_recovery import recover
from evidence.parsing.chat_source import BUFFER, Part, Text, Wish
from evidence.parsing.chat_tally import Attachments, Present
from evidence.parsing.chat_wallclock import UnknownZoneError
from evidence.parsing.chat_zip import (
    Directory,
    Member,
    NotZipError,
    is_zip,
    read_directory,
)
from evidence.parsing.payload import open_payload

_NAMED = re.compile(r"whats\s?app", re.IGNORECASE)


def choose_main(names: Sequence[str]) -> str | None:
    """Return the member that holds the messages, out of a folder or archive listing.

    In this order: ``_chat.txt`` (iOS), a text named after WhatsApp (Android names it in
    the phone's language, ``WhatsApp Chat with X.txt``), ``result.json`` (Telegram), the
    only text of the uppermost folder. Among equals the uppermost, then the first name.
    """
    ranked: list[tuple[int, int, str]] = []
    texts: list[tuple[int, str]] = []
    for name in names:
        folder, _, base = name.rpartition("/")
        if not base or name.startswith("__MACOSX/") or base.startswith("._"):
            continue
        depth = folder.count("/") + bool(folder)
        rank = _rank(base)
        if rank is not None:
            ranked.append((rank, depth, name))
        elif base.lower().endswith(".txt"):
            texts.append((depth, name))
    if ranked:
        return min(ranked)[2]
    top = min(texts, default=(0, ""))[0]
    upper = [name for depth, name in texts if depth == top]
    return upper[0] if len(upper) == 1 else None


def _rank(base: str) -> int | None:
    """Return how surely a file so named holds messages; None when it says nothing."""
    lower = base.lower()
    if lower == "_chat.txt":
        return 0
    if lower.endswith(".txt") and _NAMED.search(base):
        return 1
    return 2 if lower == "result.json" else None


class ChatParser:
    """Parser of chat exports; see `evidence.parsing.base.Parser`.

    Options: ``app`` (auto, whatsapp, telegram), ``timezone`` (IANA name or null),
    ``date_order`` (auto, dmy, mdy, ymd); for a folder ``main``, the member whose bytes
    the job's window holds, and ``members``, all names.
    """

    name = "chat"
    version = "1"

    def parse(self, job: Job) -> Iterator[Item]:
        """Yield the chat's records and one summary."""
        try:
            wish = Wish.of(job)
        except UnknownZoneError:
            why = "The time zone asked for is not known; nothing was read."
            yield Summary(ParseOutcome.FAILED, {"app": "unknown"}, (why,))
            return
        with open_payload(job) as raw:
            size = raw.seek(0, io.SEEK_END)
            start = min(max(job.offset, 0), size)
            length = size - start if job.length is None else job.length
            length = min(max(length, 0), size - start)
            if is_zip(_opened(raw, start, length).read(4)):
                yield from _archive(_opened(raw, start, length), length, wish)
            else:
                text = Text(lambda: _opened(raw, start, length), length, wish.main)
                yield from _lone(text, wish)


def _opened(raw: io.RawIOBase, start: int, length: int) -> BinaryIO:
    return io.BufferedReader(Part(raw, start, length), BUFFER)


def _unknown(why: str = "") -> Summary:
    limits = (why,) if why else ()
    return Summary(ParseOutcome.NOT_RECOGNISED, {"app": "unknown"}, limits)


def _lone(text: Text, wish: Wish) -> Iterator[Item]:
    """Read a file of its own, or a folder's main file."""
    known = recognise(text, wish)
    if known is None:
        yield _unknown()
        return
    result = Result()
    files = None
    if wish.members is not None:
        files = {name: Present() for name in wish.members}
    attachments = Attachments(files, main=wish.main)
    yield from read(
        text, known, wish, attachments=attachments, members=(), result=result
    )
    if files is not None:
        result.public["members"] = len(files)
        _say_unnamed(result, attachments.unnamed([wish.main]))
    yield result.summary()


def _say_unnamed(result: Result, count: int) -> None:
    result.public["members_unnamed"] = count
    if count:
        result.limits.append(f"No message names {count} of the files that came along.")


# --- archives --------------------------------------------------------------------


def _directory(stream: BinaryIO, size: int) -> tuple[Directory, str | None]:
    """Return the archive's members, and what is wrong when the directory is."""
    try:
        return read_directory(stream, size), None
    except NotZipError as error:
        return recover(stream, size), str(error)


def _main(directory: Directory) -> Member | None:
    usable = [
        member
        for member in directory.members
        if member.reason is None or member.reason in READABLE
    ]
    name = choose_main([member.name for member in usable])
    return next((member for member in usable if member.name == name), None)


def _archive(stream: BinaryIO, size: int, wish: Wish) -> Iterator[Item]:
    directory, wrong = _directory(stream, size)
    main = _main(directory)
    if main is None:
        yield from _without_text(stream, directory)
        return
    opened: list[MemberStream] = []

    def open_main() -> BinaryIO:
        opened[:] = [MemberStream(stream, main)]
        return io.BufferedReader(opened[0], BUFFER)

    text = Text(open_main, main.size, main.name, lambda: opened[0].reason)
    known = recognise(text, wish)
    if known is None:
        yield _unknown()
        return
    result = Result()
    files = {member.name: Present() for member in directory.members}
    archive = Archive(stream, directory, files)
    attachments = Attachments(files, main=main.name)
    yield from read(
        text,
        known,
        wish,
        attachments=attachments,
        members=archive.records(),
        result=result,
    )
    result.refused = archive.refused + directory.beyond
    result.public["members"] = archive.acquired + result.refused
    result.public["members_refused"] = result.refused
    _say_unnamed(result, attachments.unnamed([main.name, *archive.aside]))
    if wrong is not None:
        result.partial(
            f"The archive is cut short or damaged ({wrong}); members were found one "
            "after the other, and later ones may be lost."
        )
    if archive.refused:
        result.partial("Some members of the archive were refused; they are listed.")
    if directory.beyond:
        result.partial("The archive has more members than are read; see the counts.")
    yield result.summary()


def _without_text(stream: BinaryIO, directory: Directory) -> Iterator[Item]:
    """Account for an archive of which no member can be read as a chat's text."""
    intended = choose_main([member.name for member in directory.members])
    if intended is None or _rank(intended.rpartition("/")[2]) is None:
        yield _unknown()
        return
    archive = Archive(stream, directory, {})
    for fields in archive.records():
        yield Record(fields)
    result = Result(ParseOutcome.FAILED, {"app": "unknown"})
    result.limits.append("The member that should hold the messages was refused.")
    result.refused = archive.refused + directory.beyond
    result.public["members"] = archive.acquired + result.refused
    result.public["members_refused"] = result.refused
    yield result.summary()
