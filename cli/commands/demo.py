"""`custody demo`: the whole main job on sample evidence made on the spot."""

from __future__ import annotations

import os
import shlex
import shutil
from pathlib import Path

import click

from cli import output
from cli.session import Session, session_options

_INTACT_FAILED = 10
_INCOMPLETE = 3


@click.command(name="demo")
@click.argument(
    "folder", metavar="[DIR]", default="custody-demo", type=click.Path(path_type=Path)
)
@session_options
@click.pass_obj
def command(session: Session, folder: Path) -> int:
    """Make sample evidence in DIR and run every verb of the main job on it.

    Each step prints the command it runs, so that it can be repeated by hand. All
    people, numbers and places are invented; keys are made for the demo only.
    """
    from evidence.samples.evidence import write_samples

    _prepare(folder)
    os.environ["CUSTODY_HOME"] = str(folder / "keys")
    os.environ.pop("CUSTODY_IDENTITY", None)
    names = write_samples(folder / "source")
    if not session.as_json:
        output.title("Sample evidence (all invented)")
        output.fields([(f"{folder}/source/{name}", what) for name, what in names])
    for explanation, words, expected in _steps(folder):
        _run(session, explanation, words, expected)
    _tamper(session, folder)
    report = folder / "report.pdf"
    if session.as_json:
        value = {"case": str(folder / "case"), "report": str(report)}
        output.emit_json("demo", value)
    else:
        output.say()
        output.title("Done")
        output.fields([("case", str(folder / "case")), ("report", str(report))])
    return 0


def _prepare(folder: Path) -> None:
    from evidence.errors import FolderNotEmptyError
    from manifests.durable import storage_failure

    try:
        folder.mkdir(parents=True, exist_ok=True)
        if any(folder.iterdir()):
            raise FolderNotEmptyError(path=str(folder))
    except FileExistsError as error:
        raise FolderNotEmptyError(path=str(folder)) from error
    except OSError as error:
        storage_failure(error, str(folder))


def _steps(folder: Path) -> list[tuple[str, list[str], int]]:
    """Return (explanation, arguments, expected exit code) of every step."""
    case, source = str(folder / "case"), folder / "source"
    chat = ["-C", case, "acquire", "chat"]
    disk = ["-C", case, "acquire", "disk", str(source / "stick.img")]
    new = ["identity", "new", "--name", "Demo Examiner", "--org", "Demo Unit"]
    return [
        (
            "An identity: a signing key (a real one is encrypted with a passphrase)",
            [*new, "--role", "examiner", "--no-passphrase"],
            0,
        ),
        (
            "A case",
            ["init", case, "--case-id", "DEMO 1/2026", "--synthetic"]
            + ["--title", "Training case: a false job offer"]
            + ["--authority-type", "warrant", "--authority-reference", "DEMO W 1/26"],
            0,
        ),
        (
            "A WhatsApp export; one attachment it names is missing, so the exit is 3",
            [*chat, str(source / "WhatsApp Chat with Recruiter.zip")]
            + ["--timezone", "Europe/Bucharest", "-D", "Export of her phone"],
            _INCOMPLETE,
        ),
        ("A Telegram export", [*chat, str(source / "result.json")], 0),
        (
            "Two pictures",
            ["-C", case, "acquire", "screenshot"]
            + [str(source / "screenshot.png"), str(source / "photo.jpg")],
            0,
        ),
        ("A disk image, whole", [*disk, "-D", "USB stick found in the flat"], 0),
        (
            "Only some of its files, deleted ones included",
            [*disk, "--path", "**", "--deleted"],
            0,
        ),
        (
            "A folder of files",
            ["-C", case, "acquire", "files", str(source / "papers")],
            0,
        ),
        (
            "A fact and an assessment, kept apart",
            [
                "-C",
                case,
                "note",
                "EX-0001",
                "--fact",
                "Phone clock was 2 minutes fast.",
            ],
            0,
        ),
        (
            "",
            ["-C", case, "note", "EX-0001"]
            + ["--assessment", "The recruiter presumably used several numbers."],
            0,
        ),
        ("The log", ["-C", case, "log"], 0),
        ("The verdict", ["verify", case], 0),
        (
            "A certificate to sign reports with; it needs no authority",
            ["identity", "self-issue"],
            0,
        ),
        (
            "The report for the prosecutor, signed, and recorded in the manifest",
            ["-C", case, "report", "-o", str(folder / "report.pdf"), "--issue"]
            + ["--with-texts", "--sign-with", "Demo Examiner", "--purpose", "court"]
            + ["--because", "The prosecutor needs the notes."],
            0,
        ),
        (
            "What whoever gets the report can check without the case",
            ["verify", str(folder / "report.pdf")],
            0,
        ),
    ]


def _run(session: Session, explanation: str, words: list[str], expected: int) -> None:
    """Run one step through the real command line and insist on its exit code."""
    from cli.main import run_arguments

    if not session.as_json:
        output.say()
        if explanation:
            output.title(f"# {explanation}")
        output.say(f"$ custody {shlex.join(words)}", flush=True)
    else:
        words = [*words, "--json"]
    code = run_arguments(words)
    if code != expected:
        raise RuntimeError(f"a step ended with {code}, expected {expected}")


def _tamper(session: Session, folder: Path) -> None:
    """Flip one bit in a copy of the case, to show that the verdict can fail."""
    copy = folder / "tampered-copy"
    shutil.copytree(folder / "case", copy)
    payload = copy / "exhibits" / "EX-0002" / "payload"
    payload.chmod(0o600)
    data = bytearray(payload.read_bytes())
    data[len(data) // 2] ^= 1
    payload.write_bytes(bytes(data))
    text = "One bit changed in a copy: the verdict must fail (exit 10)"
    _run(session, text, ["verify", str(copy)], _INTACT_FAILED)
