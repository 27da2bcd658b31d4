"""Three organisations with separate homes that hand evidence over, for tests."""

from __future__ import annotations

import atexit
import json
import shutil
import tempfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pyrage

from evidence.identity import IdentityStore
from evidence.keyfile import FileSigner
from tests.consenting import prepare_desk
from tests.desk import Desk

CHAT = """\
12/03/2024, 08:02 - Ana: are you there
12/03/2024, 08:03 - Ben: yes
12/03/2024, 08:04 - Ana: I come at seven
"""
CONSENT = (
    *("-C", "case", "consent", "add", "--subject", "A1", "--age", "adult"),
    *("--level", "hand-over-police", "--purpose", "investigation"),
    *("--recipient", "POL-1", "--language", "az", "--wording", "az.txt"),
    *("--explained", "all", "--scope", "whole"),
)
TO_POLICE = (
    *("--to", "Police", "--alias", "POL-1", "--purpose", "investigation"),
    *("--channel", "usb"),
)


@dataclass(frozen=True)
class Route:
    """Folders of an NGO, the police and a prosecutor."""

    ngo: Desk
    police: Desk
    prosecutor: Desk


def make_route(folder: Path) -> Route:
    """Three desks with a key and a case each, that trust their neighbours' keys.

    Made once for each process of tests, and copied.
    """
    for name in ("Ngo", "Police", "Court"):
        shutil.copytree(_template() / name, folder / name)
    return Route(*(Desk(folder / name) for name in ("Ngo", "Police", "Court")))


@cache
def _template() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="custody-test-route-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    _new_route(folder)
    return folder


def _new_route(folder: Path) -> Route:
    ngo = make_desk(folder, "Ngo", "ngo")
    police, prosecutor = (make_desk(folder, name) for name in ("Police", "Court"))
    for one, other in ((ngo, police), (police, prosecutor)):
        trust(one, other)
        trust(other, one)
    return Route(ngo, police, prosecutor)


def make_desk(folder: Path, name: str, profile: str = "police") -> Desk:
    """A home with the key `name` and a case of its own."""
    desk = Desk(folder / name)
    desk.folder.mkdir(parents=True)
    own = ("--authority-type", "own-initiative") if profile == "police" else ()
    prepare_desk(
        desk,
        ("identity", "new", "--name", name, "--no-passphrase"),
        ("identity", "export", name, "-o", "me.json"),
        ("init", "case", "--case-id", name, "--title", name)
        # What comes out of an encrypted case goes into one.
        + ("--profile", profile, "--encrypt", *own),
    )
    return desk


def trust(one: Desk, other: Desk) -> None:
    """Let `one` trust the key of `other`, as after comparing it."""
    file = other.folder / "me.json"
    key = json.loads(file.read_bytes())["key"]
    prepare_desk(one, ("identity", "trust", str(file), "--fingerprint", key))


def fill_ngo(ngo: Desk, chats: int = 2) -> None:
    """Acquire chats and record a consent to hand them to the police."""
    commands: list[tuple[str, ...]] = []
    for number in range(1, chats + 1):
        name = f"WhatsApp Chat with {number}.txt"
        (ngo.folder / name).write_text(CHAT)
        commands.append(("-C", "case", "acquire", "chat", name))
    commands.append(("consent", "text", "--language", "az", "-o", "az.txt"))
    prepare_desk(ngo, *commands, CONSENT)


def age_identity(desk: Desk) -> str:
    """The age identity of a desk's only key, which has no passphrase."""
    store = IdentityStore(desk.home)
    (identity,) = store.list()
    signer = store.signer(identity, lambda _name: "")
    assert isinstance(signer, FileSigner)
    return signer.age_identity


def opened_payload(desk: Desk, exhibit: str = "EX-0001") -> bytes:
    """What an encrypted exhibit holds, decrypted by pyrage alone."""
    mine = pyrage.x25519.Identity.from_str(age_identity(desk))
    wrapped = (desk.case / f"keys/{exhibit}.age").read_bytes()
    secret = pyrage.decrypt(wrapped, [mine]).decode().split()[-1]
    stored = (desk.case / f"exhibits/{exhibit}/payload.age").read_bytes()
    key = pyrage.x25519.Identity.from_str(secret)
    return bytes(pyrage.decrypt(stored, [key]))
