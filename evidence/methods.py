"""How each kind of source becomes payload and inventory (`acquire.Method`)."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

from evidence.acquire import PAYLOAD, PAYLOAD_TAR, Method, Work, readable
from evidence.copying import Written, copy_stream
from evidence.errors import SourceUnsuitableError
from evidence.outcome import Outcome, ParseOutcome
from evidence.packing import TarPacker
from evidence.parsing.base import (
    Content,
    Fields,
    FileEnd,
    FileStart,
    Item,
    Job,
    Json,
    Record,
    Summary,
)
from evidence.parsing.chat import choose_main
from evidence.parsing.sandbox import parse
from evidence.reading import SourceUnreadableError, describe, open_source
from evidence.sources.files import pack_one, pack_tree

_HEADER_BYTES = 2048  # what a member takes in a tar beside its bytes, at the least


def take_files(work: Work) -> Written:
    """Acquire files and trees as they are."""
    sources = work.request.sources
    if len(sources) == 1 and _is_regular(sources[0]):
        return _take_one(work, sources[0])
    return _take_tree(work, sources, work.emit)


def take_bytes(data: bytes) -> Method:
    """Return the method for a document that this program holds and no file does."""

    def take(work: Work) -> Written:
        with work.sink(PAYLOAD) as sink:
            sink.write(data)
            written = sink.finish()
        work.account[Outcome.ACQUIRED] += 1
        work.emit(
            {
                "kind": "file",
                "type": "held",
                "bytes": written.bytes,
                "sha256": written.sha256,
                "payload": {"offset": 0, "length": written.bytes},
                "outcome": Outcome.ACQUIRED.value,
            }
        )
        return written

    return take


def take_chat(work: Work) -> Written:
    """Acquire a chat export: a file, or the folder an app exported into."""
    source = work.request.sources[0]
    if source.is_dir():
        return _take_chat_folder(work, source)
    written = _take_one(work, source)
    _parse_copy(work, "chat")
    return written


def take_screenshot(work: Work) -> Written:
    """Acquire one picture."""
    written = _take_one(work, work.request.sources[0])
    _parse_copy(work, "picture")
    return written


def take_image(work: Work) -> Written:
    """Acquire a whole disk image or device; its listing is the inventory."""
    source = work.request.sources[0]
    if _is_block_device(source):
        written = _take_device(work, source)
    else:
        written = _take_one(work, source)
    _parse_copy(work, "disk-listing")
    return written


def take_image_files(work: Work) -> Written:
    """Acquire the files of an image that match the globs; the image stays."""
    source = work.request.sources[0]
    if not (_is_regular(source) or _is_block_device(source)):
        reason = "it is neither a file nor a block device"
        raise SourceUnsuitableError(path=str(source), reason=reason)
    image = source.resolve() if _is_block_device(source) else source.absolute()
    try:
        fd, _ = open_source(image)
    except OSError as error:
        raise SourceUnreadableError(what=str(source), reason=describe(error)) from error
    os.close(fd)
    work.parser = "disk-files"
    job = Job(str(image), source.name, options=work.request.options)
    with work.sink(PAYLOAD_TAR) as sink:
        packer = TarPacker(sink)
        _pack_items(work, packer, parse("disk-files", _utf8_name(job)))
        packer.finish()
        return sink.finish()


def _parse_copy(work: Work, parser: str) -> None:
    """Run a parser over the whole payload."""
    name = work.request.sources[0].name
    job = Job(str(work.payload), name, options=work.request.options)
    work.run_parser(parser, _utf8_name(job))


def _utf8_name(job: Job) -> Job:
    """The worker's job is JSON: a name with odd bytes is only a hint there."""
    return replace(job, name=readable(job.name))


def _is_regular(path: Path) -> bool:
    return stat.S_ISREG(path.lstat().st_mode)


def _is_block_device(path: Path) -> bool:
    try:
        return stat.S_ISBLK(path.stat().st_mode)
    except OSError:  # a link that leads nowhere, or in a circle
        return False


def _take_one(work: Work, source: Path) -> Written:
    """Copy one regular file as the payload."""
    if not _is_regular(source):
        reason = "it is not a regular file"
        raise SourceUnsuitableError(path=str(source), reason=reason)
    with work.sink(PAYLOAD) as sink:
        fields = pack_one(source, sink, progress=work.progress, stop=work.stop)
        written = sink.finish()
    work.account[Outcome(str(fields["outcome"]))] += 1
    work.emit({**fields, "bytes": written.bytes, "sha256": written.sha256})
    return written


def _take_device(work: Work, source: Path) -> Written:
    """Copy a block device from its first to its last byte.

    Devices are usually named by links (``/dev/disk/by-id/...``): the link is followed
    here, and both names are recorded.
    """
    device = source.resolve()
    try:
        fd, _ = open_source(device)
    except OSError as error:
        raise SourceUnreadableError(what=str(source), reason=describe(error)) from error
    try:
        size = os.lseek(fd, 0, os.SEEK_END)
        os.lseek(fd, 0, os.SEEK_SET)
        with work.sink(PAYLOAD) as sink:
            reading = copy_stream(
                fd, sink, size_hint=size, progress=work.progress, stop=work.stop
            )
            written = sink.finish()
    finally:
        os.close(fd)
    whole = not reading.errors and reading.absent is None and reading.bytes == size
    outcome = Outcome.ACQUIRED if whole else Outcome.UNREADABLE
    work.account[outcome] += 1
    errors: list[Json] = [span.fields() for span in reading.errors]
    work.emit(
        {
            "kind": "file",
            "type": "device",
            "path": readable(str(source)),
            "device_path": readable(str(device)),
            "bytes": written.bytes,
            "device_bytes": size,
            "sha256": written.sha256,
            "outcome": outcome.value,
            "read_errors": errors,
            "reason": reading.reason or None,
        }
    )
    return written


def _take_tree(
    work: Work, sources: tuple[Path, ...], emit: Callable[[Fields], None]
) -> Written:
    with work.sink(PAYLOAD_TAR) as sink:
        work.account += pack_tree(
            sources,
            sink,
            emit=emit,
            exclude=(work.exclude,),
            progress=work.progress,
            stop=work.stop,
        )
        return sink.finish()


def _take_chat_folder(work: Work, source: Path) -> Written:
    """Pack an export folder, then parse the text or JSON inside the packed copy."""
    places: dict[str, tuple[int, int]] = {}

    def emit(fields: Fields) -> None:
        work.emit(fields)
        place, name = fields.get("payload"), fields.get("member")
        if isinstance(place, dict) and isinstance(name, str):
            offset, length = place["offset"], place["length"]
            if isinstance(offset, int) and isinstance(length, int):
                places[name.partition("/")[2] or name] = (offset, length)

    written = _take_tree(work, (source,), emit)
    main = choose_main(sorted(places))
    if main is None:
        reason = "The folder holds no file named like a chat export."
        work.finish_parse(_not_recognised(reason))
        work.parser = "chat"
        return written
    offset, length = places[main]
    members: list[Json] = list(places)
    options: dict[str, Json] = {
        **work.request.options,
        "main": main,
        "members": members,
    }
    job = Job(str(work.payload), main, offset, length, options)
    work.run_parser("chat", _utf8_name(job))
    return written


def _not_recognised(reason: str) -> Summary:
    return Summary(ParseOutcome.NOT_RECOGNISED, {}, (reason,))


def _pack_items(work: Work, packer: TarPacker, items: Iterator[Item]) -> None:
    """Pack the files a parser reads out of an image, record by record.

    The parser is not trusted: what it leaves open is ended as unreadable, and what it
    promises beyond `_budget` is not begun.
    """
    started: FileStart | None = None
    used: set[bytes] = set()
    left = _budget(work.request.sources[0])
    for item in items:
        if started is not None and not isinstance(item, Content | FileEnd):
            lost = FileEnd(Outcome.UNREADABLE, {"reason": "the reader left it open"})
            _end_file(work, packer, started, lost)
            started = None
        match item:
            case Record():
                work.emit(item.fields)
            case FileStart():
                left -= item.size + _HEADER_BYTES
                if left < 0:
                    reason = "The parser promised more bytes than the image can hold."
                    work.finish_parse(Summary(ParseOutcome.FAILED, {}, (reason,)))
                    return
                started = item
                packer.begin_file(_member_name(item, used), item.size)
            case Content() if started is not None:
                packer.write(item.data)
            case FileEnd() if started is not None:
                _end_file(work, packer, started, item)
                started = None
            case Summary():
                work.finish_parse(item)


def _budget(image: Path) -> int:
    """Return the bytes files of an image may have in all (sparse ones included)."""
    fd, _ = open_source(image.resolve())
    try:
        size = os.lseek(fd, 0, os.SEEK_END)
    finally:
        os.close(fd)
    return max(32 * size, 2 << 30)


def _member_name(start: FileStart, used: set[bytes]) -> bytes:
    """Return the name in the tar: told apart by partition, and by address if needed.

    Paths repeat: in several partitions, and where a deleted file had the name of a
    live one. Two members of one name would overwrite each other when unpacked.
    """
    partition = start.fields.get("partition")
    name = start.name
    if isinstance(partition, int):
        name = b"partition-%d/%s" % (partition, name)
    if name in used:
        address = str(start.fields.get("inode", "")).encode("utf-8", "replace")
        name += b".inode-" + address
    count = 1
    while name in used:
        count += 1
        name = b"%s.%d" % (name.removesuffix(b".%d" % (count - 1)), count)
    used.add(name)
    return name


def _end_file(work: Work, packer: TarPacker, started: FileStart, end: FileEnd) -> None:
    member = packer.end_file()
    outcome, reason = end.outcome, end.fields.get("reason")
    if outcome is Outcome.ACQUIRED and (member.fill or member.cut):
        outcome = Outcome.UNREADABLE
        reason = "the reader gave another number of bytes than it promised"
    work.account[outcome] += 1
    told = {**started.fields, **end.fields}
    told.pop("reason", None)
    if reason is not None:
        told["reason"] = reason
    if member.fill:
        told["fill"] = [span.fields() for span in member.fill]
    work.emit(
        {
            **told,
            # Last, so that no parser can say anything else of what was packed:
            "bytes": member.length,
            "kind": "file",
            "member": readable(os.fsdecode(member.name)),
            "outcome": outcome.value,
            "payload": {"length": member.length, "offset": member.offset},
            "sha256": member.sha256,
        }
    )
