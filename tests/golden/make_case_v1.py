"""How `case-v1.tar.gz` was made: ``python tests/golden/make_case_v1.py FOLDER``.

Runs once per format version; the archive in the repository is never made again.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path

from evidence.samples.evidence import write_samples


def main(folder: Path) -> None:
    source, case = folder / "source", folder / "case-v1"
    write_samples(source)
    environment = {**os.environ, "CUSTODY_HOME": str(folder / "keys")}
    chat = source / "WhatsApp Chat with Recruiter.zip"
    steps: list[tuple[list[str], int]] = [
        (["identity", "new", "--name", "Golden Examiner", "--no-passphrase"], 0),
        (
            [
                "init",
                str(case),
                "--case-id",
                "GOLDEN 1",
                "--title",
                "v1",
                "--synthetic",
                "--profile",
                "ngo",
            ],
            0,
        ),
        (["-C", str(case), "acquire", "chat", str(chat), "--timezone", "UTC"], 3),
        (["-C", str(case), "acquire", "chat", str(source / "result.json")], 0),
        (["-C", str(case), "acquire", "screenshot", str(source / "photo.jpg")], 0),
        (
            ["-C", str(case), "acquire", "disk", str(source / "stick.img")]
            + ["--path", "chats/**"],
            0,
        ),
        (["-C", str(case), "acquire", "files", str(source / "papers")], 0),
        (["-C", str(case), "note", "EX-0001", "--fact", "A fact."], 0),
        (["-C", str(case), "note", "EX-0001", "--assessment", "An assessment."], 0),
    ]
    for words, expected in steps:
        run(words, expected, environment)
    leftover = case / "staging" / "EX-0006-000000000000"
    leftover.mkdir()
    (leftover / "payload").write_bytes(b"half a payload")
    with (case / "manifest" / "entries.jsonl").open("ab") as stream:
        stream.write(b'{"body":{"actor":"torn')
    run(["-C", str(case), "recover"], 0, environment)
    shutil.rmtree(folder / "keys")
    (case / ".lock").unlink(missing_ok=True)
    with tarfile.open(folder / "case-v1.tar.gz", "w:gz") as archive:
        archive.add(case, "case-v1")


def run(words: list[str], expected: int, environment: dict[str, str]) -> None:
    custody = Path(sys.executable).with_name("custody")
    ended = subprocess.run([custody, *words], env=environment, check=False)
    if ended.returncode != expected:
        raise SystemExit(f"{words} ended with {ended.returncode}")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
