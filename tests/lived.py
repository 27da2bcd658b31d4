"""A case that lived through everything a report has words for, and what people wrote.

Made by the real commands in one process. Whatever a person writes into it is made of
the words in `WRITTEN`, so that a search can tell it from the words of the program.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import shutil
from pathlib import Path

import pytest

from cli.main import run_arguments
from evidence.samples import pictures
from evidence.samples.chats import telegram_json, whatsapp_zip
from evidence.samples.disks import disk_image
from tests.desk import Desk
from tests.handing import CHAT, CONSENT, TO_POLICE, Route, make_desk, trust

WRITTEN = ("Quoth", "Ngo", "Police", "Pat")
_SAID = "Quoth"
_AS = ("--as", "Ngo")
_WHY = ("--purpose", "quality", "--because", _SAID)


def lived(folder: Path) -> Desk:
    """Make the case below `folder`; the commands that may refuse are told so."""
    ngo, police = make_desk(folder, "Ngo", "ngo"), make_desk(folder, "Police")
    trust(ngo, police)
    trust(police, ngo)
    _acquire(ngo)
    _grounds(ngo)
    _handed(Route(ngo, police, police))
    _people(ngo)
    _casework(ngo)
    _keeping(ngo)
    return ngo


def run(desk: Desk, *words: str | Path, codes: tuple[int, ...] = (0,)) -> None:
    """Run a command on the desk's case in this process."""
    with pytest.MonkeyPatch.context() as patch, contextlib.chdir(desk.folder):
        for name in [name for name in os.environ if name.startswith("CUSTODY_")]:
            patch.delenv(name)
        patch.setenv("CUSTODY_HOME", str(desk.home))
        out = io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(out):
            code = run_arguments(["-q", "-C", "case", *map(str, words)])
    assert code in codes, (code, words, out.getvalue())


def _acquire(desk: Desk) -> None:
    folder = desk.folder
    (folder / "chat.txt").write_text(CHAT)
    (folder / "broken.txt").write_text(
        CHAT + "12/03/2024, 08:05 - Ana: gone (file attached)\n"
    )
    (folder / "shot.png").write_bytes(pictures.screenshot_png())
    (folder / "photo.jpg").write_bytes(pictures.photo_jpeg())
    (folder / "WhatsApp.zip").write_bytes(whatsapp_zip())
    (folder / "result.json").write_bytes(telegram_json())
    (folder / "disk.img").write_bytes(disk_image())
    tree = folder / "tree"
    tree.mkdir()
    (tree / "a").write_text("x")
    (tree / "p\u0430ypal\u202e.txt").write_text("x")
    run(desk, "acquire", "chat", "chat.txt", "-D", _SAID)
    run(desk, "acquire", "chat", "broken.txt", codes=(0, 3))
    run(desk, "acquire", "screenshot", "shot.png", codes=(0, 3))
    run(desk, "acquire", "files", "tree", codes=(0, 3))
    for kind, name in (
        ("screenshot", "photo.jpg"),
        ("chat", "WhatsApp.zip"),
        ("chat", "result.json"),
        ("disk", "disk.img"),
    ):
        run(desk, "acquire", kind, name, codes=(0, 3))


def _grounds(desk: Desk) -> None:
    (desk.folder / "paper.txt").write_text(_SAID)
    run(desk, "consent", "text", "--language", "az", "-o", "az.txt")
    run(desk, *CONSENT[2:])
    add = ("authority", "add", "--type", "voluntary", "--category", "content")
    run(desk, *add, "--reference", _SAID, "--issued-by", _SAID, "--condition", _SAID,
        "--issued-at", "2026-01-01", "--file", "paper.txt")  # fmt: skip
    run(desk, "deposit", "start", "--subject", "A2", "--days", "1", "EX-0002")


def _handed(route: Route) -> None:
    ngo, police = route.ngo, route.police
    run(ngo, "transfer", "offer", "EX-0001", *TO_POLICE, "-o", "pack")
    shutil.copytree(ngo.folder / "pack", police.folder / "pack")
    run(police, "transfer", "accept", "pack", "-o", "receipt")
    shutil.copy(police.folder / "receipt", ngo.folder / "receipt")
    run(ngo, "transfer", "receipt", "receipt", "-o", "receipt.cosig")
    run(ngo, "transfer", "offer", "EX-0001", *TO_POLICE, "-o", "pack2")
    told = ("--answer", "declined", "--reason", "refused-to-register")
    run(ngo, "transfer", "told", "TR-0002", *told, "--note", _SAID)


def _people(desk: Desk) -> None:
    (desk.folder / "person.json").write_text(json.dumps({"names": [_SAID]}))
    for category in ("victim", "suspect", "other"):
        run(desk, "person", "add", "--from", "person.json", "--category", category)
    run(desk, "label", "EX-0001", "--handling", "H1", "--grade", "B/2",
        "--set", "europol", "--restrict", _SAID)  # fmt: skip
    run(desk, "label", "EX-0003", "--not-for", "public-report")
    run(desk, "label", "quality", "EX-0001", "--accuracy", "accurate",
        "--as-of", "2026-01-02")  # fmt: skip
    run(desk, "note", "EX-0001", "--fact", _SAID)
    run(desk, "note", "EX-0001", "--assessment", _SAID)
    run(desk, "rectify", "EX-0001", "--correction", _SAID)


def _casework(desk: Desk) -> None:
    said = ("--reason", _SAID, "--risk", _SAID, "--exhibit", "EX-0001")
    run(desk, "decision", "add", "--kind", "protection", *said)
    run(desk, "identity", "new", "--name", "Pat", "--no-passphrase")
    run(desk, "key", "request", "--as", "Pat", "-o", "pat.json")
    words = desk.ask("identity", "show", "Pat")["words"]
    run(desk, "key", "enrol", "pat.json", *_AS, "--any-role",
        "--fingerprint", " ".join(words))  # fmt: skip
    run(desk, "decision", "endorse", "DE-0001", "--as", "Pat", "--answer", "noted")
    threat = ("interference", "add", "--kind", "threat", "--at", "2026-01-05")
    run(desk, *threat, "--fact", _SAID, "--person", "PE-0001", *_AS)
    taken = ("--person", "PE-0001", "--interviewer", _SAID, "--language", "az")
    run(desk, "statement", "add", *taken, "--file", "paper.txt", *_AS)
    run(desk, "statement", "passage", "ST-0001/1", "--lines", "1-1", *_AS)
    means = ("--element", "means.deception", "--supports", *_AS)
    run(desk, "link", "EX-0001", "ST-0001#p1", *means)
    for verb, kind in (("harm", "wages"), ("proceeds", "cash")):
        run(desk, verb, "add", "--kind", kind, "--known", "document",
            "--person", "PE-0001", "--fact", _SAID, *_AS)  # fmt: skip
    breach = ("breach", "record", "--known-at", "2026-01-03T00:00:00Z")
    run(desk, *breach, "--nature", "confidentiality", "--what", _SAID, *_AS)


def _keeping(desk: Desk) -> None:
    run(desk, "hold", "EX-0001", "--reason", _SAID, *_AS)
    run(
        desk,
        "restrict",
        "EX-0001",
        "--ground",
        "kept-as-evidence",
        "--text",
        _SAID,
        *_AS,
    )
    run(desk, "retain", "EX-0001", "--rule", "statute", "--review", "2030-01-01",
        "--text", _SAID, *_AS)  # fmt: skip
    run(desk, "refer", "paper.txt", "--reason", "unsafe", "--to", "POL-1", *_AS)
    run(desk, "show", "EX-0001", "--sealed", *_WHY, *_AS, "--override", _SAID)
    erase = ("erase", "EX-0002", "--reason", "not-relevant", "--text", _SAID)
    run(desk, *erase, "--authority", "AU-0002", *_AS)
    run(desk, "selftest", "--record", *_AS, codes=(0, 3))
    run(desk, "seal", *_AS)
