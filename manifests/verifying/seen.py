"""What was seen of a case's files: the caller looks, the core judges."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from manifests.verifying.rehashed import SeenList
from manifests.verifying.verdict import Finding


@dataclass(frozen=True, slots=True)
class SeenFile:
    """A payload as it is now; `error` says why it could not be read wholly."""

    bytes: int = 0
    sha256: str = ""
    error: str = ""


@dataclass(frozen=True, slots=True)
class SeenInventory:
    """An inventory as it is now; `root` is its RFC 6962 root in hex.

    Of an encrypted one, size and digest of the file, and neither records nor root.
    """

    records: int = 0
    root: str = ""
    error: str = ""
    bytes: int = 0
    sha256: str = ""


@dataclass(frozen=True, slots=True)
class Seen:
    """Everything that was looked at; absent keys mean the file is not there.

    Attributes:
        private: sequence number to the commitment of the sealed record found; to
            the SHA-256 of the file where it is encrypted.
        keys: names of the files in ``keys/``.
        opened: what was found in the plaintext by whoever has a key (judged outside
            this core, which decrypts nothing); None when nothing was decrypted.
        unlisted: files and folders the manifest does not name.
        leftovers: what an interrupted act left where nothing counts as evidence.
        members: damage located inside payloads: (exhibit, audit word, text).
        reports: issued reports still in place, file name to SHA-256 hex.
        quarantine: quarantined things still in place, path to digest, files and bytes
            as recorded by recoveries ("" when unreadable).
        lists: lists of second digests that are there, by number of their entry.
        sha512: path below the case to SHA-512, for what these lists name (see
            `rehashed.judge_lists`).
        certified: what was found of certificates' signatures beside checkpoints
            (judged outside this core, which reads no CMS).
    """

    payloads: Mapping[str, SeenFile] = field(default_factory=dict)
    inventories: Mapping[str, SeenInventory] = field(default_factory=dict)
    private: Mapping[int, bytes] = field(default_factory=dict)
    private_errors: Mapping[int, str] = field(default_factory=dict)
    unlisted: tuple[str, ...] = ()
    leftovers: tuple[str, ...] = ()
    members: tuple[tuple[str, str, str], ...] = ()
    reports: Mapping[str, str] = field(default_factory=dict)
    quarantine: Mapping[str, str] = field(default_factory=dict)
    lists: Mapping[int, SeenList] = field(default_factory=dict)
    sha512: Mapping[str, str] = field(default_factory=dict)
    certified: tuple[Finding, ...] = ()
    keys: frozenset[str] = frozenset()
    opened: tuple[Finding, ...] | None = None
