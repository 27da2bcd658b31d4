"""Files that travel inside the report's PDF: their names, types and bytes."""

from __future__ import annotations

import re
from dataclasses import dataclass
from hashlib import sha256
from typing import Literal, get_args

Relationship = Literal["Source", "Data", "Supplement", "Alternative"]
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
_MEDIA_TYPE = re.compile(r"[a-z]+/[a-z0-9][a-z0-9.+-]{0,99}")


@dataclass(frozen=True, slots=True)
class Attachment:
    """One file inside the PDF.

    Attributes:
        name: plain ASCII file name, no folder, at most 100 characters.
        media_type: of RFC 6838, without parameters.
        relationship: ISO 32000-2 `AFRelationship`, of the file to the document.
        description: one English sentence; no names of persons or places.
        content: the exact bytes.
    """

    name: str
    media_type: str
    relationship: Relationship
    description: str
    content: bytes

    def __post_init__(self) -> None:
        """Refuse what could be a path, or what a viewer could misread.

        Raises:
            ValueError: a programming mistake; names never come from evidence.
        """
        if not _NAME.fullmatch(self.name) or ".." in self.name:
            raise ValueError(f"not a plain file name: {self.name!r}")
        if not _MEDIA_TYPE.fullmatch(self.media_type):
            raise ValueError(f"not a media type: {self.media_type!r}")
        if self.relationship not in get_args(Relationship):
            raise ValueError(f"not an AFRelationship: {self.relationship!r}")
        if not (self.description.isascii() and self.description.isprintable()):
            raise ValueError("a description is printable ASCII")

    @property
    def sha256(self) -> str:
        """SHA-256 of the content in lower-case hexadecimal."""
        return sha256(self.content).hexdigest()


@dataclass(frozen=True, slots=True)
class Listed:
    """An attachment as the report prints it: without its bytes.

    Attributes:
        size: in bytes; sha256: of the content, 64 hex digits.
    """

    name: str
    media_type: str
    description: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Attachments:
    """What the report says of its attachments.

    Attributes:
        left_out: what might be looked for and is not attached, with the reason, one
            sentence each.
    """

    files: tuple[Listed, ...] = ()
    left_out: tuple[str, ...] = ()


def listed(attachment: Attachment) -> Listed:
    """Return an attachment as the report prints it."""
    return Listed(
        attachment.name,
        attachment.media_type,
        attachment.description,
        len(attachment.content),
        attachment.sha256,
    )
