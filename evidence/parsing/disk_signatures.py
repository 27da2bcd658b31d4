"""Formats The Sleuth Kit cannot read as it is built here, told by their first bytes.

A container (E01, VMDK, ...) wraps the disk's bytes: read as if it were the disk, it
could yield a wrong listing, so it is refused and named. An unsupported or encrypted
volume is named so that "nothing found" is not mistaken for "nothing there".
"""

from __future__ import annotations

from dataclasses import dataclass

from evidence.parsing.disk_image import Image


@dataclass(frozen=True, slots=True)
class Signature:
    """Bytes at a place that name a format.

    Attributes:
        name: short, for the signed entry.
        title: for a sentence.
        offset: of `magic` from the start of the image or volume, bytes.
    """

    name: str
    title: str
    offset: int
    magic: bytes


_CONTAINERS = (
    Signature(
        "ewf", "an Expert Witness (E01) container", 0, b"EVF\x09\x0d\x0a\xff\x00"
    ),
    Signature(
        "ewf", "an Expert Witness (L01) container", 0, b"LVF\x09\x0d\x0a\xff\x00"
    ),
    Signature("ewf2", "an Expert Witness 2 (Ex01) container", 0, b"EVF2\x0d\x0a\x81"),
    Signature("ewf2", "an Expert Witness 2 (Lx01) container", 0, b"LEF2\x0d\x0a\x81"),
    Signature("vhd", "a dynamic or differencing VHD container", 0, b"conectix"),
    Signature("vhdx", "a VHDX container", 0, b"vhdxfile"),
    Signature("qcow", "a QCOW container", 0, b"QFI\xfb"),
    Signature("vmdk", "a sparse VMDK container", 0, b"KDMV"),
    Signature("vmdk", "a VMDK descriptor", 0, b"# Disk DescriptorFile"),
    Signature("vdi", "a VirtualBox VDI container", 64, b"\x7f\x10\xda\xbe"),
    Signature("aff", "an AFF container", 0, b"AFF10\r\n\x00"),
    Signature("zip", "a ZIP archive (AFF4 uses it)", 0, b"PK\x03\x04"),
    Signature("gzip", "a gzip file", 0, b"\x1f\x8b\x08"),
    Signature("compress", "a compress (.Z) file", 0, b"\x1f\x9d"),
    Signature("bzip2", "a bzip2 file", 0, b"BZh"),
    Signature("xz", "an xz file", 0, b"\xfd7zXZ\x00"),
    Signature("7z", "a 7z archive", 0, b"7z\xbc\xaf\x27\x1c"),
    Signature("ad1", "an AD1 container", 0, b"ADSEGMENTEDFILE\x00"),
)
_DMG = Signature("dmg", "an Apple disk image (UDIF)", -512, b"koly")
_FIXED_VHD = Signature("vhd-fixed", "a fixed VHD", -512, b"conectix")

_VOLUMES = (
    Signature("bitlocker", "a BitLocker-encrypted volume", 3, b"-FVE-FS-"),
    Signature("luks", "a LUKS-encrypted volume", 0, b"LUKS\xba\xbe"),
    Signature("apfs", "an APFS container", 32, b"NXSB"),
    Signature("lvm2", "a Linux LVM2 physical volume", 512, b"LABELONE"),
    Signature("lvm2", "a Linux LVM2 physical volume", 0, b"LABELONE"),
    Signature("f2fs", "an F2FS file system", 1024, b"\x10\x20\xf5\xf2"),
    Signature("erofs", "an EROFS file system", 1024, b"\xe2\xe1\xf5\xe0"),
    Signature("xfs", "an XFS file system", 0, b"XFSB"),
    Signature("btrfs", "a Btrfs file system", 0x10040, b"_BHRfS_M"),
    Signature("squashfs", "a SquashFS file system", 0, b"hsqs"),
    Signature("refs", "a ReFS file system", 3, b"ReFS\x00\x00\x00\x00"),
)


def _at(image: Image, signature: Signature, base: int) -> bool:
    begin = base + signature.offset if signature.offset >= 0 else image.size - 512
    return begin >= 0 and image.read(begin, len(signature.magic)) == signature.magic


def container_of(image: Image) -> Signature | None:
    """Return what wraps the disk, if the image is not the disk's own bytes."""
    for signature in (*_CONTAINERS, _DMG):
        if _at(image, signature, 0):
            return signature
    return None


def is_fixed_vhd(image: Image) -> bool:
    """True when a VHD footer follows the disk's bytes (readable as it is)."""
    return _at(image, _FIXED_VHD, 0)


def unsupported_at(image: Image, start: int) -> Signature | None:
    """Return the known but unreadable volume that begins at byte `start`."""
    return next((s for s in _VOLUMES if _at(image, s, start)), None)
