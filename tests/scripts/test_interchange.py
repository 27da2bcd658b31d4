"""The real command: lists for others' programs and a folder for a court."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import os
import shutil
import subprocess
import zipfile
from pathlib import Path

import pyrage
import pytest

from tests.consenting import prepare_desk
from tests.desk import WHY, Desk
from tests.engines import has_script_programs

CASE = ("-C", "case")
CANARY = "Aysel Canary"
# Names no exporter may stumble over, as bytes: any byte but "/" and NUL.
NAMES = (
    f"{CANARY}.txt".encode(), b"=HYPERLINK(1).txt", b"\t=1", b"-1", b"a\nb",
    b'q"u,o;te',
    b"\xff\xfe not utf-8", "\u202egpj.exe".encode(), b"\x1b[31m", b"n" * 255, b"<a>&",
)  # fmt: skip
WARRANT = ("--authority-type", "warrant", "--authority-reference", "W 1")
TO = ("--to", "POL-1", "--for", "investigation")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    """A police case: a tree with hostile names, a file, an issued report."""
    desk = Desk(tmp_path_factory.mktemp("desk"))
    tree = os.fsencode(desk.folder / "tree")
    os.mkdir(tree)
    for number, name in enumerate(NAMES):
        with open(tree + b"/" + name, "wb") as stream:
            stream.write(b"content %d" % number)
    (desk.folder / "plain.bin").write_bytes(b"plain" * 100)
    prepare_desk(
        desk,
        ("identity", "new", "--name", "Tess Tester", "--no-passphrase"),
        ("init", "case", "--case-id", "T 1", "--title", "t", *WARRANT),
        (*CASE, "acquire", "files", "tree"),
        (*CASE, "acquire", "files", "plain.bin"),
        (*CASE, "report", "--issue", "-o", "report.pdf"),
    )
    shutil.rmtree(desk.folder / "tree")
    return desk


@pytest.fixture
def desk(made: Desk, tmp_path: Path) -> Desk:
    shutil.copytree(made.folder, tmp_path / "desk")
    return Desk(tmp_path / "desk")


def newest(desk: Desk, back: int = 1) -> dict[str, object]:
    body = json.loads(desk.lines()[-back])["body"]
    assert isinstance(body, dict)
    return body


# -- lists -----------------------------------------------------------------------------


def test_public_lists_name_nobody_record_nothing_and_repeat(desk: Desk) -> None:
    size = len(desk.lines())
    for words in (("case-uco",), ("hashdeep",), ("csv", "custody"), ("csv", "exhibits"),
                  ("dfxml",)):  # fmt: skip
        first, second = desk.folder / "1", desk.folder / "2"
        desk.run(*CASE, "export", *words, "-o", first)
        data = first.read_bytes()
        if words[0] == "case-uco":
            desk.run(*CASE, "export", *words, "-o", second)
            assert data == second.read_bytes()
            second.unlink()
        for word in (CANARY, "Tess", "plain.bin", "T 1", str(desk.folder)):
            assert word.encode() not in data
        assert first.stat().st_mode & 0o077 == 0
        first.unlink()
    assert len(desk.lines()) == size
    assert not [p for p in desk.folder.iterdir() if p.name.startswith(".incomplete")]


@pytest.mark.skipif(not shutil.which("hashdeep"), reason="hashdeep is not here")
def test_hashdeep_audits_the_case_and_sees_one_changed_byte(desk: Desk) -> None:
    known = desk.folder / "known"
    desk.run(*CASE, "export", "hashdeep", "-o", known)

    def audit(*more: str) -> subprocess.CompletedProcess[str]:
        words = ["hashdeep", "-c", "sha256", "-r", "-l", *more, "-k", known, "exhibits"]
        return subprocess.run(
            words, cwd=desk.case, capture_output=True, text=True, check=False
        )

    passed = audit("-a")
    assert (passed.returncode, passed.stdout) == (0, "hashdeep: Audit passed\n")
    assert audit("-x").stdout.count("\n") == 0
    payload = desk.case / "exhibits/EX-0002/payload"
    payload.chmod(0o600)
    payload.write_bytes(b"Plain" + payload.read_bytes()[5:])
    failed = audit("-a")
    assert failed.returncode and "Audit failed" in failed.stdout
    assert "exhibits/EX-0002/payload" in audit("-x").stdout


def test_an_inventory_is_read_after_a_consultation_and_names_after_a_disclosure(
    desk: Desk,
) -> None:
    target, size = desk.folder / "inside.csv", len(desk.lines())
    asked = (*CASE, "export", "csv", "inventory", "EX-0001", "-o", target)
    refused = desk.run(*asked, code=34)
    assert "JUSTIFICATION_MISSING" in refused.stderr
    assert len(desk.lines()) == size and not target.exists()
    desk.run(*asked, *WHY, "--with-names", code=2)
    desk.run(*asked, *WHY)
    body = newest(desk)
    assert (body["type"], body["exhibits"]) == ("consult", ["EX-0001"])
    rows = list(csv.DictReader(io.StringIO(target.read_text("utf-8"), newline="")))
    digests = {hashlib.sha256(b"content %d" % n).hexdigest() for n in range(len(NAMES))}
    assert digests <= {row["sha256"] for row in rows}
    assert CANARY.encode() not in target.read_bytes() and "path" not in rows[0]
    target.unlink()
    desk.run(*asked, *WHY, "--with-names", *TO)
    kinds = newest(desk, 2)["type"], newest(desk)["type"]
    assert kinds == ("consult", "disclose")
    rows = list(csv.DictReader(io.StringIO(target.read_text("utf-8"), newline="")))
    paths = {row["path"] for row in rows}
    assert f"tree/{CANARY}.txt" in paths and "tree/a‹U+000A›b" in paths
    raw = {row["path_base64"] for row in rows} - {""}
    assert len(raw) == 1  # the one name that is no UTF-8, byte for byte
    assert desk.failing() == []


def test_what_is_encrypted_is_listed_in_clear_only_when_somebody_says_so(
    tmp_path: Path,
) -> None:
    ngo = Desk(tmp_path)
    (ngo.folder / "note.txt").write_text("x")
    prepare_desk(
        ngo,
        ("identity", "new", "--name", "One", "--no-passphrase"),
        ("init", "case", "--case-id", "N", "--title", "N", "--encrypt", *WARRANT),
        (*CASE, "acquire", "files", "note.txt"),
    )
    inside = hashlib.sha256(b"x").hexdigest()
    target, size = ngo.folder / "out", len(ngo.lines())
    for words in (("csv", "inventory", "EX-0001"), ("dfxml", "EX-0001")):
        asked = (*CASE, "export", *words, "-o", target, *WHY)
        for more in ((), ("--with-names", *TO)):
            stopped = ngo.run(*asked, *more, code=32)
            assert "LIST_IN_CLEAR" in stopped.stderr and not target.exists()
    assert len(ngo.lines()) == size  # nothing was recorded, as it says
    ngo.run(*asked, "--in-clear")
    facts = newest(ngo)["facts"]
    assert isinstance(facts, dict) and facts["in_clear"] is True
    assert inside in target.read_text("utf-8")
    target.unlink()
    ngo.run(*asked, "--in-clear", "--with-names", *TO)
    facts = newest(ngo)["facts"]
    assert isinstance(facts, dict) and facts["exhibits"][0]["in_clear"] is True
    assert "note.txt" in target.read_text("utf-8")
    ngo.run(*CASE, "export", "csv", "exhibits", "--in-clear", "-o", "x", code=2)


def test_names_that_no_ground_lets_out_are_not_even_looked_at(desk: Desk) -> None:
    size = len(desk.lines())
    asked = (*CASE, "export", "dfxml", "EX-0001", "-o", "x", *WHY, "--with-names")
    desk.run(*asked, "--to", "POL-1", "--for", "publication", code=None)
    desk.run(*asked, *TO, "--authority", "AU-0009", code=37)
    assert not (desk.folder / "x").exists()
    bodies = [json.loads(line)["body"]["type"] for line in desk.lines()[size:]]
    assert "disclose" not in bodies and "consult" not in bodies
    target = desk.folder / "x"
    asked = (*CASE, "export", "csv", "inventory", "EX-0002", "-o", target, *WHY)
    stopped = desk.run(*asked, "--in-clear", code=32)
    assert "NOTHING_ENCRYPTED" in stopped.stderr


@pytest.mark.skipif(not shutil.which("xmllint"), reason="xmllint is not here")
def test_xmllint_reads_dfxml_with_hostile_names(desk: Desk) -> None:
    target = desk.folder / "inside.xml"
    words = ("export", "dfxml", "EX-0001", "-o", target, *WHY, "--with-names", *TO)
    desk.run(*CASE, *words)
    count = "count(//*[local-name()='fileobject'])"
    done = subprocess.run(
        ["xmllint", "--nonet", "--xpath", count, target],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    inside = (desk.case / "exhibits/EX-0001/inventory.jsonl").read_bytes().count(b"\n")
    assert int(done.stdout) == 2 + inside


def test_an_identifier_of_a_person_stops_a_list(desk: Desk) -> None:
    words = ("person", "add", "--category", "victim", "--name", CANARY)
    desk.run(*CASE, *words, code=None)
    target = desk.folder / "inside.csv"
    asked = (*CASE, "export", "csv", "inventory", "EX-0001", "-o", target, *WHY)
    asked = (*asked, "--with-names", *TO)
    stopped = desk.run(*asked, code=34)
    assert "IDENTIFIER_FOUND" in stopped.stderr and CANARY not in stopped.stderr
    assert not target.exists()
    desk.run(*asked, "--let-through", "they know each other")
    body = newest(desk)
    facts = body["facts"]
    assert isinstance(facts, dict) and facts["kind"] == "let_through"
    assert facts["sha256"] == hashlib.sha256(target.read_bytes()).hexdigest()


def test_a_file_is_not_named_after_somebody(desk: Desk) -> None:
    words = ("person", "add", "--category", "victim", "--name", CANARY)
    desk.run(*CASE, *words, code=None)
    for name, asked in (
        ("canary_aysel.csv", ("export", "csv", "custody")),
        ("Aysel-Canary.pdf", ("report",)),
        ("AYSEL CANARY", (*BUNDLE, "EX-0002")),
    ):
        stopped = desk.run(*CASE, *asked, "-o", name, code=34)
        assert "PE-0001 name 1 in file 1, name" in stopped.stderr
        assert not (desk.folder / name).exists()
    desk.run(*CASE, "export", "csv", "custody", "-o", "plain.csv")
    assert newest(desk)["type"] == "annotate"  # the person; nothing was given


def test_a_log_that_does_not_verify_is_exported_and_said(desk: Desk) -> None:
    log = desk.case / "manifest/entries.jsonl"
    log.write_bytes(log.read_bytes().replace(b'"complete":true', b'"complete":null'))
    target = desk.folder / "case.jsonld"
    done = desk.run(*CASE, "export", "case-uco", "-o", target, code=None)
    assert done.returncode in (12, 20) and "DOES NOT VERIFY" in done.stderr
    assert target.exists()


# -- the court bundle ------------------------------------------------------------------

BUNDLE = ("export", "court-bundle", "--report", "report.pdf", "--to", "CRT-1")


def verify_sh(bundle: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["sh", "verify.sh"], cwd=bundle, capture_output=True, text=True, check=False
    )


def test_a_bundle_verifies_alone_by_shell_and_command(desk: Desk) -> None:
    """Given as a zip, which holds nothing of how and when it was made."""
    desk.run(*CASE, *BUNDLE, "--all", "-o", "b.zip")
    body = newest(desk)
    assert (body["type"], body["exhibits"]) == ("disclose", ["EX-0001", "EX-0002"])
    assert [p.name for p in desk.folder.iterdir() if ".part" in p.name] == []
    with zipfile.ZipFile(desk.folder / "b.zip") as archive:
        names = archive.namelist()
        assert names == sorted(names)
        assert {i.date_time for i in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        archive.extractall(desk.folder / "out")
    shutil.rmtree(desk.case)
    bundle = desk.folder / "out/court-bundle"
    told = desk.ask("verify", bundle)
    statuses = {axis["status"] for axis in told["axes"].values()}
    assert "fail" not in statuses
    done = verify_sh(bundle)
    wanted = (0, "It holds.") if has_script_programs() else (3, "as listed")
    assert done.returncode == wanted[0] and wanted[1] in done.stdout, done
    index = (bundle / "index.html").read_text("utf-8")
    assert "<script" not in index and CANARY not in index and "Tess" not in index
    assert 'id="tab-3"' in index and "EX-0002" in index
    assert "could not be counted" not in index and "none found" not in index
    payload = bundle / "evidence/EX-0002.payload"
    assert payload.read_bytes() == b"plain" * 100


def _changed(path: Path) -> None:
    path.write_bytes(path.read_bytes().replace(b"plain", b"Plain", 1))


def _relisted(bundle: Path) -> None:
    """A colleague who changes a payload and writes the list anew."""
    _changed(bundle / "evidence/EX-0002.payload")
    names = [p for p in bundle.rglob("*") if p.is_file() and p.name != "SHA256SUMS"]
    lines = [
        f"{hashlib.sha256(p.read_bytes()).hexdigest()}  {p.relative_to(bundle)}\n"
        for p in sorted(names)
    ]
    (bundle / "SHA256SUMS").write_text("".join(lines))


def _cut(bundle: Path) -> None:
    log = bundle / "record/manifest/entries.jsonl"
    log.write_bytes(b"".join(log.read_bytes().splitlines(keepends=True)[:-1]))


SPOILT = {
    "changed": lambda b: _changed(b / "evidence/EX-0002.payload"),
    "changed and listed anew": _relisted,
    "added": lambda b: (b / "evidence/EX-0003.payload").write_bytes(b"x"),
    "record cut": _cut,
    "link": lambda b: (b / "more").symlink_to("/etc/passwd"),
}


@pytest.fixture(scope="module")
def bundled(made: Desk, tmp_path_factory: pytest.TempPathFactory) -> Desk:
    folder = tmp_path_factory.mktemp("bundled") / "desk"
    shutil.copytree(made.folder, folder)
    desk = Desk(folder)
    desk.run(*CASE, *BUNDLE, "EX-0002", "-o", "bundle")
    return desk


@pytest.mark.parametrize("how", SPOILT)
def test_a_spoilt_bundle_is_seen_by_both(
    bundled: Desk, tmp_path: Path, how: str
) -> None:
    bundle = tmp_path / "bundle"
    shutil.copytree(bundled.folder / "bundle", bundle)
    SPOILT[how](bundle)
    assert 10 <= bundled.run("verify", bundle, code=None).returncode <= 20
    assert verify_sh(bundle).returncode == 10


def test_what_is_refused_records_and_leaves_nothing(desk: Desk) -> None:
    size, before = len(desk.lines()), sorted(p.name for p in desk.folder.iterdir())
    (desk.folder / "report.txt").write_text("no PDF")
    desk.run(*CASE, *BUNDLE, "EX-0009", "-o", "b", code=37)
    other = ("export", "court-bundle", "--report", "report.txt", "--to", "CRT-1")
    done = desk.run(*CASE, *other, "EX-0002", "-o", "b", code=35)
    assert "BUNDLE_REFUSED" in done.stderr
    desk.run(*CASE, *BUNDLE, "-o", "b", code=2)
    desk.run(*CASE, *BUNDLE, "EX-0002", "-o", "plain.bin", code=38)
    (desk.folder / "report.txt").unlink()
    assert len(desk.lines()) == size
    assert sorted(p.name for p in desk.folder.iterdir()) == before


def test_a_bundle_that_cannot_be_written_is_on_record_and_leaves_nothing(
    desk: Desk,
) -> None:
    """The payload was exchanged: it is seen while the bundle is written."""
    payload = desk.case / "exhibits/EX-0002/payload"
    payload.chmod(0o600)
    _changed(payload)
    done = desk.run(*CASE, *BUNDLE, "EX-0002", "-o", "b", code=49)
    assert "BUNDLE_UNFINISHED" in done.stderr and newest(desk)["type"] == "disclose"
    assert [p for p in desk.folder.iterdir() if p.name.startswith("b")] == []


def test_a_bundle_of_an_encrypted_case_opens_with_the_courts_key(
    tmp_path: Path,
) -> None:
    ngo = Desk(tmp_path / "ngo")
    ngo.folder.mkdir()
    (ngo.folder / "note.txt").write_text(CANARY)
    key = pyrage.x25519.Identity.generate()
    (ngo.folder / "court.key").write_text(f"{key}\n")
    court = str(key.to_public())
    for words in (
        ("identity", "new", "--name", "One", "--no-passphrase"),
        ("init", "case", "--case-id", "N", "--title", "N", "--encrypt", *WARRANT),
        ("-C", "case", "acquire", "files", "note.txt"),
        ("-C", "case", "report", "-o", "report.pdf", "--issue"),
    ):
        ngo.run(*words)
    bundle = ("-C", "case", "export", "court-bundle", "--all", "--to", "CRT-1")
    bundle += ("--report", "report.pdf", "--override", "a test", "-o", "bundle")
    assert ngo.ask(*bundle, code=32)["code"] == "RECIPIENT_MISSING"
    assert not (ngo.folder / "bundle").exists()
    ngo.ask(*bundle, "--encrypt-to", court)
    held = b"".join(p.read_bytes() for p in (ngo.folder / "bundle").rglob("*.*"))
    assert CANARY.encode() not in held
    done = subprocess.run(
        ["sh", ngo.folder / "bundle/verify.sh"], capture_output=True, check=False
    )
    assert done.returncode == 0, done.stdout
    for home, opened in (("nobody", False), ("court", True)):
        env = {"CUSTODY_HOME": str(tmp_path / home)}
        if opened:
            env["CUSTODY_AGE_IDENTITY"] = str(ngo.folder / "court.key")
        told = ngo.ask("verify", "bundle", **env)
        assert told["axes"]["intact"]["status"] == "pass"
        codes = {one["code"] for one in told["findings"]}
        assert ("PLAINTEXT_UNCHECKED" in codes) is not opened
    # The plain age format, by another reader: the exhibit's key, then its payload.
    evidence = ngo.folder / "bundle/evidence"
    inner = pyrage.decrypt((evidence / "EX-0001.key.age").read_bytes(), [key])
    one = next(ln for ln in inner.decode().splitlines() if ln.startswith("AGE-SECRET"))
    payload = next(evidence.glob("EX-0001.payload*")).read_bytes()
    plain = pyrage.decrypt(payload, [pyrage.x25519.Identity.from_str(one)])
    assert CANARY.encode() in plain
