"""How `custody verify` looks at a package that came as one encrypted file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from cli import output
from cli.envelopes import opened as opening
from cli.transfers import verify_package

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cli.session import Session
    from evidence.envelope.looking import Outside
    from manifests.canonical import Json
    from manifests.entries import Entry
    from manifests.verifying.judge import Anchors
    from manifests.verifying.verdict import Axis

INCOMPLETE = 3
_ROOM = "verify"  # stands for a case where none is written
_CLOSED = (
    "WHAT IS IN IT WAS NOT CHECKED: neither files, offer and signatures, nor whether "
    "it can be opened. With the key (--as NAME, or --certificate-key) all is."
)


def verify_envelope(
    session: Session,
    path: Path,
    key: Path | None,
    anchors: Anchors,
    required: frozenset[Axis],
    meter: output.Meter,
) -> int:
    """Check an encrypted package: all of it with a key, else its digest alone.

    Returns:
        The exit code: that of the verdict, or 3 where it was not opened.

    Raises:
        EnvelopeUnrecordedError: the case that was named records no such file.
        As `evidence.envelope.sealed.unseal`.
    """
    from evidence.envelope.looking import look_at
    from evidence.envelope.rooms import sweep
    from evidence.identity import home_folder

    found = look_at(path)
    case = session.open_case() if session.case is not None else None
    recorded = found.recorded_in(case) if case is not None else None
    has_key = key is not None if found.form == "cms" else session.reader() is not None
    if has_key:
        place = home_folder() / "here"
        place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        sweep(place, _ROOM)  # what an earlier run could not remove
        with opening(session, path, key, place, _ROOM) as folder:
            return verify_package(session, folder, anchors, meter).exit_code(required)
    meter.close()
    _tell(session, found, recorded)
    return INCOMPLETE


def _tell(session: Session, found: Outside, recorded: Entry | None) -> None:
    facts: Mapping[str, Json] = recorded.facts if recorded is not None else {}
    if session.as_json:
        value = {
            "form": found.form,
            "bytes": found.bytes,
            "sha256": found.sha256,
            "parts": found.parts,
            "opened": False,
            "recorded": None if recorded is None else recorded.seq,
            "transfer": facts.get("transfer"),
            "package": facts.get("package"),
        }
        output.emit_json("verify-envelope", value)
        return
    output.title("An encrypted package, not opened")
    rows = [
        ("form", found.form),
        ("bytes", str(found.bytes)),
        ("sha256", found.sha256),
    ]
    if found.parts:
        rows.append(("parts", f"{found.parts}, each as its list says"))
    if recorded is not None:
        rows.append(("recorded", f"{facts.get('transfer')}, entry {recorded.seq}"))
        rows.append(("package", str(facts.get("package"))))
    else:
        rows.append(("recorded", "not compared: name the giver's case with -C"))
    output.fields(rows)
    output.say(_CLOSED)
