"""File-system times as text, no more exact than the file system keeps them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache

from evidence.parsing.base import Fields
from evidence.parsing.disk_values import Meta

_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - plain arithmetic, zone added as text
_SIGNED_32_END = 1 << 31


@dataclass(frozen=True, slots=True)
class Precision:
    """How exact the times of one file system are.

    Attributes:
        text: for the record's ``times_resolution``.
        digits: decimals of modified, accessed and changed times.
        born_digits: decimals of the creation time.
        utc: False when the file system keeps local time of an unknown zone; such
            times carry no ``Z``.
        dates_only: the access time is a date without a time of day.
        signed_32: The Sleuth Kit reads the seconds as unsigned 32 bits.
    """

    text: str
    digits: int = 0
    born_digits: int = 0
    utc: bool = True
    dates_only: bool = False
    signed_32: bool = False


_FAT = Precision(
    "modified 2 s, accessed 1 day, born 10 ms; local time, zone unknown",
    born_digits=2,
    utc=False,
    dates_only=True,
)
_KNOWN = {
    "ntfs": Precision("100 ns", digits=7, born_digits=7),
    "fat12": _FAT,
    "fat16": _FAT,
    "fat32": _FAT,
    "exfat": Precision(
        "modified and born 10 ms, accessed 2 s; local time, the stored offset from "
        "UTC is not read",
        digits=2,
        born_digits=2,
        utc=False,
    ),
    "iso9660": Precision("1 s; local time, the stored zone is not read", utc=False),
    "ufs2": Precision("1 ns", digits=9, born_digits=9),
}
_EXT_SECONDS = Precision("1 s", signed_32=True)
_EXT_NANOSECONDS = Precision("1 ns", digits=9, born_digits=9, signed_32=True)


def precision_of(fs_type: str, *, inode_size: int = 128) -> Precision:
    """Return the precision of a file system's times.

    Args:
        fs_type: name as in `evidence.parsing.disk_tsk.FS_NAMES`.
        inode_size: bytes of an ext inode; above 128 it has room for nanoseconds.
    """
    if fs_type in ("ext2", "ext3", "ext4"):
        return _EXT_NANOSECONDS if inode_size > 128 else _EXT_SECONDS
    return _KNOWN.get(fs_type, Precision("1 s"))


@lru_cache(maxsize=4096)
def _second(seconds: int) -> str:
    return (_EPOCH + timedelta(seconds=seconds)).isoformat()


def time_text(
    seconds: int, nanoseconds: int, *, digits: int = 0, utc: bool = True
) -> str | None:
    """Return RFC 3339 text; None for the year 0 or one after 9999.

    Args:
        seconds: since 1970-01-01, may be negative.
        nanoseconds: 0 to 999999999; more is not a time and gives None.
        digits: decimals shown.
        utc: append ``Z``; otherwise the text is a local time without a zone.
    """
    if not 0 <= nanoseconds < 1_000_000_000:
        return None
    try:
        text = _second(seconds)
    except OverflowError:
        return None
    if digits:
        text += "." + f"{nanoseconds:09d}"[:digits]
    return text + ("Z" if utc else "")


def time_fields(meta: Meta, precision: Precision) -> Fields:
    """Return ``times``, ``times_resolution`` and, where needed, ``times_note``.

    A time the file system does not keep is null. The Sleuth Kit gives 0 both for that
    and for 1970-01-01T00:00:00Z, which is therefore null as well.
    """
    pairs = {
        "modified": meta.modified,
        "accessed": meta.accessed,
        "changed": meta.changed,
        "born": meta.born,
    }
    times: Fields = {}
    for name, (seconds, nanoseconds) in pairs.items():
        digits = precision.born_digits if name == "born" else precision.digits
        text = None
        if seconds or nanoseconds:
            text = time_text(seconds, nanoseconds, digits=digits, utc=precision.utc)
        if text is not None and name == "accessed" and precision.dates_only:
            text = text[:10]
        times[name] = text
    fields: Fields = {"times": times, "times_resolution": precision.text}
    if precision.signed_32 and any(s >= _SIGNED_32_END for s, _ in pairs.values()):
        fields["times_note"] = (
            "The Sleuth Kit reads ext seconds without a sign: a time from 2038 on may "
            "stand for one before 1970, 136 years earlier."
        )
    return fields
