"""The real command, as a person runs it: the whole main job."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

from tests.desk import OWN_INITIATIVE, WHY

CUSTODY = Path(sys.executable).with_name("custody")


def run(*words: str, home: Path, expect: int = 0, **variables: str) -> str:
    """Run the console script in a clean environment; return standard output."""
    environment = {
        "PATH": os.environ["PATH"],
        "CUSTODY_HOME": str(home),
        "HOME": str(home),
        "LC_ALL": "C.UTF-8",
        **variables,
    }
    ended = subprocess.run(
        [CUSTODY, *words],
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == expect, ended.stdout + ended.stderr
    assert "Traceback" not in ended.stderr
    return ended.stdout


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("demo") / "d"
    run("demo", str(folder), home=folder.parent / "unused")
    return folder


def test_demo_leaves_a_case_that_verifies_and_a_report(demo: Path) -> None:
    verdict = json.loads(
        run("verify", str(demo / "case"), "--json", home=demo / "keys")
    )
    assert verdict["schema"] == "custody.verify/1"
    statuses = {axis: found["status"] for axis, found in verdict["axes"].items()}
    assert statuses == {
        "complete": "pass",
        "intact": "pass",
        "consistent": "pass",
        "signed": "pass",
        "trusted": "pass",
        "timestamped": "not checked",
        "witnessed": "not checked",
    }
    assert verdict["exhibits"] == 7
    assert (demo / "report.pdf").read_bytes().startswith(b"%PDF-")
    # The report alone, in a home that knows nobody.
    told = run("verify", str(demo / "report.pdf"), "--json", home=demo / "stranger")
    found = json.loads(told)
    assert found["axes"]["signed"]["status"] == "pass"
    assert "P7S_VOUCHED" in {one["code"] for one in found["findings"]}


def test_demo_refuses_a_folder_with_something_in_it(demo: Path) -> None:
    run("demo", str(demo), home=demo / "keys", expect=44)


def test_payloads_are_the_sources_bit_for_bit(demo: Path) -> None:
    case = demo / "case" / "exhibits"
    for exhibit, source in (
        ("EX-0001", "WhatsApp Chat with Recruiter.zip"),
        ("EX-0002", "result.json"),
        ("EX-0003", "screenshot.png"),
        ("EX-0004", "photo.jpg"),
        ("EX-0005", "stick.img"),
    ):
        payload = (case / exhibit / "payload").read_bytes()
        assert payload == (demo / "source" / source).read_bytes()


def test_digests_in_the_log_are_those_of_the_files(demo: Path) -> None:
    log = json.loads(run("-C", str(demo / "case"), "log", "--json", home=demo / "keys"))
    acquired = [e for e in log["entries"] if e["type"] == "acquire"]
    assert len(acquired) == 7
    for entry in acquired:
        payload = entry["facts"]["payload"]
        path = demo / "case" / "exhibits" / entry["exhibits"][0] / payload["name"]
        data = path.read_bytes()
        assert payload["bytes"] == len(data)
        assert payload["sha256"] == hashlib.sha256(data).hexdigest()


def test_tree_payload_is_a_plain_tar(demo: Path) -> None:
    with tarfile.open(demo / "case/exhibits/EX-0007/payload.tar") as archive:
        members = {m.name: m for m in archive.getmembers()}
        link = members["papers/latest.txt"]
        assert link.issym()
        assert link.linkname == "contracts/draft.txt"
        offer = archive.extractfile("papers/offer.txt")
        assert offer is not None
        assert offer.read() == (demo / "source/papers/offer.txt").read_bytes()
    assert "papers/pipe" not in members


def test_the_log_that_travels_names_nobody(demo: Path) -> None:
    """No name, text, path, host or place from evidence or staff is in it."""
    log = (demo / "case/manifest/entries.jsonl").read_text("utf-8")
    with zipfile.ZipFile(demo / "source/WhatsApp Chat with Recruiter.zip") as archive:
        chat = next(n for n in archive.namelist() if n.endswith(".txt"))
        words = archive.read(chat).decode("utf-8")
    telegram = json.loads((demo / "source/result.json").read_text("utf-8"))
    senders = {m["from"] for m in telegram["messages"] if m.get("from")}
    secrets = {
        "Demo Examiner", "Demo Unit", "DEMO 1/2026", "false job offer", "Recruiter",
        "clock was 2 minutes", "stick.img", str(demo), os.uname().nodename + '"',
        *senders,
        *(line for line in words.splitlines() if len(line) > 20),
    }  # fmt: skip
    assert senders
    for secret in secrets:
        assert secret not in log


@pytest.mark.skipif(not shutil.which("pdftotext"), reason="needs pdftotext")
def test_the_report_shows_digests_but_no_content(demo: Path) -> None:
    text = subprocess.run(
        ["pdftotext", "-layout", demo / "report.pdf", "-"],
        capture_output=True,
        check=True,
        text=True,
    ).stdout
    squeezed = "".join(text.split())
    for exhibit in ("EX-0001/payload", "EX-0005/payload", "EX-0007/payload.tar"):
        data = (demo / "case/exhibits" / exhibit).read_bytes()
        assert hashlib.sha256(data).hexdigest() in squeezed
    assert "Demo Examiner" not in text  # shown by role and key
    assert "DEMO 1/2026" in text
    telegram = json.loads((demo / "source/result.json").read_text("utf-8"))
    for message in telegram["messages"]:
        if isinstance(message.get("text"), str) and len(message["text"]) > 12:
            assert message["text"][:30] not in text
    for hidden in ("stick.img", str(demo), "papers/"):
        assert hidden not in text
    # As a word: two letters can stand in the base64 of a checkpoint by chance.
    host = re.escape(os.uname().nodename)
    assert re.search(rf"(?<![\w+/=]){host}(?![\w+/=])", text) is None


@pytest.mark.skipif(not shutil.which("pdfdetach"), reason="needs pdfdetach")
def test_the_report_carries_the_log_and_its_proofs(demo: Path, tmp_path: Path) -> None:
    """Taken out with poppler and checked as VERIFY.txt and the table say."""
    report = demo / "report.pdf"
    subprocess.run(["pdfdetach", "-saveall", "-o", tmp_path, report], check=True)
    manifest = demo / "case/manifest"
    log = (manifest / "entries.jsonl").read_bytes()
    taken = (tmp_path / "entries.jsonl").read_bytes()
    # The report was issued: its own entry came after it.
    assert taken == b"".join(log.splitlines(keepends=True)[:-1])
    [note] = tmp_path.glob("*.note")
    assert note.read_bytes() == (manifest / "checkpoints" / note.name).read_bytes()
    text = subprocess.run(
        ["pdftotext", "-layout", report, "-"],
        capture_output=True,
        check=True,
        text=True,
    ).stdout
    squeezed = "".join(text.split())
    listed = json.loads((tmp_path / "report.json").read_bytes())["attachments"]
    assert {one["name"] for one in listed} | {"report.json"} == {
        path.name for path in tmp_path.iterdir()
    }
    for path in tmp_path.iterdir():
        if path.name == "report.json":
            continue  # what these pages are made of: it cannot be named on them
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        assert digest[:32] in squeezed
        assert digest[32:] in squeezed


def test_the_report_is_reproducible(demo: Path, tmp_path: Path) -> None:
    for name in ("a.pdf", "b.pdf"):
        run(
            "-C", str(demo / "case"), "report", "-o", str(tmp_path / name),
            "--at", "2026-11-22T12:00:00Z", home=demo / "keys",
        )  # fmt: skip
    assert (tmp_path / "a.pdf").read_bytes() == (tmp_path / "b.pdf").read_bytes()


def test_the_issued_report_is_on_record(demo: Path) -> None:
    log = json.loads(run("-C", str(demo / "case"), "log", "--json", home=demo / "keys"))
    issued = log["entries"][-1]
    assert issued["type"] == "report_issue"
    data = (demo / "report.pdf").read_bytes()
    assert issued["facts"]["sha256"] == hashlib.sha256(data).hexdigest()


def test_show_tells_sealed_details_as_json(demo: Path, tmp_path: Path) -> None:
    case = shutil.copytree(demo / "case", tmp_path / "case")
    shown = json.loads(
        run(
            *("-C", str(case), "show", "ex-0004", "--json", "--sealed", *WHY),
            home=demo / "keys",
        )
    )
    kinds = [record["kind"] for record in shown["records"]]
    assert kinds[0] == "file"
    assert "tag" in kinds
    assert shown["sealed"]["sources"] == [str(demo / "source" / "photo.jpg")]


def test_encrypted_key_by_default(tmp_path: Path) -> None:
    home, case = tmp_path / "home", tmp_path / "case"
    secret = "three plain words"
    run(
        "identity", "new", "--name", "Det. A. Rossi", home=home,
        CUSTODY_PASSPHRASE=secret,
    )  # fmt: skip
    pem = next(home.rglob("private.pem")).read_bytes()
    assert pem.startswith(b"-----BEGIN ENCRYPTED PRIVATE KEY-----")
    words = ("init", str(case), "--case-id", "A 1", "--title", "B")
    run(*words, home=home, expect=55)  # no passphrase, no terminal
    run(*words, home=home, expect=54, CUSTODY_PASSPHRASE="wrong")
    assert not case.exists()
    file = tmp_path / "pass"
    file.write_text(secret + "\n")
    run(*words, "--passphrase-file", str(file), home=home)
    for path in case.rglob("*"):
        if path.is_file():
            assert secret.encode() not in path.read_bytes()


def test_help_and_verify_load_no_heavy_library(demo: Path) -> None:
    code = (
        "import sys\n"
        "from cli.main import run_arguments\n"
        "run_arguments(['--help'])\n"
        "assert 'nacl' not in sys.modules, 'libsodium is for verifying'\n"
        f"run_arguments(['verify', {str(demo / 'case')!r}])\n"
        "heavy = {'reportlab', 'pytsk3', 'exifread', 'PIL', 'uharfbuzz', 'ijson'}\n"
        "heavy |= {'pikepdf'}\n"
        "sys.exit(repr(heavy & set(sys.modules)) if heavy & set(sys.modules) else 0)\n"
    )
    ended = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False
    )
    assert ended.returncode == 0, ended.stderr


def test_without_libsodium_verify_says_so_and_verifies_nothing(demo: Path) -> None:
    code = (
        "import sys\n"
        "sys.modules['nacl.bindings'] = None\n"
        "from cli.main import run_arguments\n"
        f"sys.exit(run_arguments(['verify', {str(demo / 'case')!r}]))\n"
    )
    ended = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False
    )
    assert ended.returncode == 29
    assert "[SIGNATURE_LIBRARY]" in ended.stderr
    assert "pass" not in ended.stdout


def test_module_run_is_refused_outside_safe_path(tmp_path: Path) -> None:
    ended = subprocess.run(
        [sys.executable, "-m", "cli", "--help"],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        check=False,
    )
    assert ended.returncode == 2
    ended = subprocess.run(
        [sys.executable, "-P", "-m", "cli", "--help"],
        cwd=tmp_path,
        capture_output=True,
        check=False,
    )
    assert ended.returncode == 0


@pytest.mark.parametrize("words", [(), ("acquire",), ("nothing",), ("verify", "--x")])
def test_usage_errors_exit_2(words: tuple[str, ...], tmp_path: Path) -> None:
    run(*words, home=tmp_path, expect=2)


def test_what_was_acquired_before_a_failure_is_told(demo: Path, tmp_path: Path) -> None:
    case = str(tmp_path / "case")
    run(
        "init",
        case,
        "--case-id",
        "A 1",
        "--title",
        "B",
        *OWN_INITIATIVE,
        home=demo / "keys",
    )
    photo = str(demo / "source" / "photo.jpg")
    words = ("-C", case, "acquire", "screenshot", photo, str(tmp_path / "gone"))
    told = run(*words, "--json", home=demo / "keys", expect=33).splitlines()
    first, second = (json.loads(line) for line in told)
    assert [e["exhibit"] for e in first["exhibits"]] == ["EX-0001"]
    assert first["complete"] is False
    assert (second["schema"], second["code"]) == ("custody.error/1", "SOURCE_MISSING")
    assert "Acquired before that, and kept: EX-0001." in second["safe"]
    assert "Nothing was acquired" not in second["safe"]
    run("verify", case, home=demo / "keys")
