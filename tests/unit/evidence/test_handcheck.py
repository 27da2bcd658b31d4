"""verify.sh as it is shipped: hostile input, other shells, every exit code, tokens."""

from __future__ import annotations

import base64
import json
import os
import re
import shutil
import subprocess
from hashlib import sha256
from pathlib import Path

import pytest

from cli.main import run_arguments
from evidence.handcheck import shipped
from tests.builders import Bench, new_bench
from tests.engines import SCRIPT, has_script_programs, run_script, shells
from tests.few import few
from tests.forge import Ed25519, Forge

pytestmark = pytest.mark.skipif(
    not has_script_programs(), reason="a program that verify.sh needs is missing"
)
ANNA, BERT = Ed25519("anna"), Ed25519("bert")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Bench:
    folder = tmp_path_factory.mktemp("made")
    (folder / "a.txt").write_bytes(b"first\n")
    bench = new_bench(folder / "case")
    bench.acquire(folder / "a.txt")
    return bench


@pytest.fixture
def case(made: Bench, tmp_path: Path) -> Path:
    return Path(shutil.copytree(made.case.path, tmp_path / "case", symlinks=True))


def axes(said: str) -> dict[str, str]:
    found = re.findall(r"^([a-z]+) +(PASS|FAIL|not checked) ", said, re.MULTILINE)
    return dict(found)


def codes(said: str) -> list[str]:
    return re.findall(r"^(?:FAIL  |remark) [a-z]+ ([A-Z_]+) ", said, re.MULTILINE)


@pytest.mark.parametrize("shell", shells(), ids=lambda words: Path(words[0]).name)
def test_a_good_case_passes_in_every_shell_without_python(
    case: Path, shell: list[str], tmp_path: Path
) -> None:
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    env = {"TMPDIR": str(temporary)}
    assert shutil.which("python3", path=str(temporary)) is None
    before = {p: p.stat().st_mtime_ns for p in case.rglob("*")}
    done = run_script(str(case), shell=shell, env=env)
    assert (done.returncode, done.stderr) == (0, "")
    assert [axes(done.stdout)[a] for a in ("complete", "intact")] == ["PASS"] * 2
    assert {p: p.stat().st_mtime_ns for p in case.rglob("*")} == before
    assert list(temporary.iterdir()) == []


@pytest.mark.skipif(not shutil.which("shellcheck"), reason="shellcheck is not here")
def test_shellcheck_finds_nothing() -> None:
    done = subprocess.run(
        ["shellcheck", "-s", "sh", str(SCRIPT)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.stdout, done.returncode) == ("", 0)


@pytest.mark.parametrize(
    "name",
    few(["$(touch owned)", "a\nb", "with space", "-rf", "'q\"", "*", "; touch owned"]),
)
def test_the_case_may_have_any_name(case: Path, name: str, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    case.rename(elsewhere / name)
    word = name if not name.startswith("-") else f"./{name}"
    done = run_script(word, cwd=elsewhere)
    assert (done.returncode, done.stderr) == (0, "")
    assert [path.name for path in elsewhere.iterdir()] == [name]


def test_it_works_on_media_that_cannot_be_written_to(case: Path) -> None:
    for path in [*case.rglob("*"), case]:
        path.chmod(path.stat().st_mode & 0o555)
    done = run_script(str(case))
    for path in [case, *case.rglob("*")]:
        path.chmod(path.stat().st_mode | 0o700)
    assert (done.returncode, done.stderr) == (0, "")


HOSTILE = [
    b"new\nline",
    b"$(touch owned)",
    b"`id`",
    b"\x1b[2J",
    b"\xff\xfe",
    b"-n",
    b"*",
]


@pytest.mark.parametrize("folder", ["", "private", "exhibits", "exhibits/EX-0001"])
def test_hostile_names_are_findings_and_nothing_else(
    folder: str, case: Path, tmp_path: Path
) -> None:
    for name in HOSTILE:
        place = os.fsencode(case / folder) + b"/" + name
        Path(os.fsdecode(place)).write_bytes(b"x")
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    done = run_script(str(case), cwd=elsewhere)
    assert (done.returncode, codes(done.stdout).count("UNLISTED")) == (11, 7)
    assert re.fullmatch(r"[\x20-\x7e\n]*", done.stdout)
    assert list(elsewhere.iterdir()) == []


@pytest.mark.parametrize("name", few(name.decode("latin-1") for name in HOSTILE))
def test_hostile_names_in_entries_are_shown_harmlessly(
    name: str, tmp_path: Path
) -> None:
    forge = Forge(ANNA)
    digest = sha256(b"report").hexdigest()
    forge.add("report_issue", {"file": name, "sha256": digest}, by=ANNA)
    gone = {"name": f"quarantine/{name}", "digest": digest, "files": 1, "bytes": 6}
    forge.add("recovery", {"quarantined": [gone]}, by=ANNA)
    forge.add(f"type {name}", {}, by=ANNA)
    forge.note(ANNA)
    case = forge.write(tmp_path / "case")
    done = run_script(str(case), cwd=tmp_path)
    assert done.stderr == ""
    expected = {"QUARANTINE_MISSING", "REPORT_MISSING", "ENTRY_UNKNOWN"}
    assert expected <= set(codes(done.stdout))
    assert re.fullmatch(r"[\x20-\x7e\n]*", done.stdout)
    (case / "reports").mkdir()
    (case / "reports" / name).write_bytes(b"report")
    again = run_script(str(case), cwd=tmp_path)
    assert "REPORT_MISSING" not in codes(again.stdout)
    assert "REPORT_MODIFIED" not in codes(again.stdout)
    assert [path.name for path in tmp_path.iterdir()] == ["case"]


@pytest.mark.parametrize(
    "data",
    [
        b"\0" * 70_000,
        b"\xff\xfe\x00\n" * 50,
        b'"\n' * 50,
        b"[" * 60_000 + b"\n",
        b"null\ntrue\n1e999\n-0\n1.0\n[1,2\nnan\n",
        b'{"body":{},"signatures":[]}\n',
        b"\x1b]0;owned\x07\n",
        b"",
    ],
)
def test_hostile_logs_fail_and_never_break_it(data: bytes, tmp_path: Path) -> None:
    case = Forge(ANNA).write(tmp_path / "case")
    (case / "manifest/entries.jsonl").write_bytes(data)
    done = run_script(str(case))
    assert (done.returncode, done.stderr) == (12, "")
    assert re.fullmatch(r"[\x20-\x7e\n]*", done.stdout)


@pytest.mark.parametrize(
    "data", [b"", b"\0\0", b"\n\n\n", b"\xff\n\n\xff\n", b"x" * 2**21]
)
def test_hostile_notes_are_malformed(data: bytes, case: Path) -> None:
    (case / "manifest/checkpoints/0000000009.note").write_bytes(data)
    (case / "manifest/checkpoints/\x1b$(touch owned).note").write_bytes(data)
    done = run_script(str(case))
    assert (done.returncode, done.stderr) == (12, "")
    assert codes(done.stdout).count("CHECKPOINT_MALFORMED") == 2


@pytest.mark.parametrize(
    "value",
    ["1.0", "1e3", "-0", "01", "9007199254740992", '"\\u0041"', '"\\/"', '"\\u001F"']
    + ['{"b":1,"a":2}', '{"a":1,"a":1}', '{"\u00e9":1}', "[1, 2]", '"\ud800"'.encode(
        "utf-8", "surrogatepass").decode("latin-1"), "[" * 33 + "]" * 33],
)  # fmt: skip
def test_other_spellings_of_json_are_refused(value: str, tmp_path: Path) -> None:
    """Signed by the right key, and in no second form."""
    forge = Forge(ANNA)
    forge.lines[0] = forge.lines[0].replace(b'"format":1', b'"format":@')
    body = forge.lines[0][8 : forge.lines[0].rindex(b',"signatures":')]
    body = body.replace(b"@", value.encode("latin-1" if "\xed" in value else "utf-8"))
    sig = ANNA.sign(
        b"DSSEv1 37 application/vnd.custody.entry.v1+json %d %s" % (len(body), body)
    )

    forge.lines[0] = b'{"body":%s,"signatures":[{"key":"%s","sig":"%s"}]}' % (
        body,
        ANNA.id.encode(),
        base64.b64encode(sig),
    )
    forge.note(ANNA)
    done = run_script(str(forge.write(tmp_path / "case")))
    assert "ENTRY_MALFORMED" in codes(done.stdout)


@pytest.mark.parametrize(
    "value",
    ["9007199254740991", "-9007199254740991", '"\x7f\u2028\U0001f600"', '"\\u001f"']
    + ['"\\\\u007f\\"e1.5"', "[" * 29 + "]" * 29, '"1.5e3 -0 [[{"'],
)
def test_canonical_values_pass(value: str, tmp_path: Path) -> None:
    forge = Forge(ANNA, {"more": json.loads(value)})
    assert value.encode() in forge.lines[0]
    forge.note(ANNA)
    done = run_script(str(forge.write(tmp_path / "case")))
    assert (done.returncode, codes(done.stdout)) == (0, [])


def test_every_exit_code(case: Path, tmp_path: Path) -> None:
    payload = case / "exhibits/EX-0001/payload"
    whole = payload.read_bytes()
    assert run_script(str(case), "--key", "0" * 64).returncode == 21
    payload.write_bytes(b"other\n")
    assert run_script(str(case)).returncode == 10
    payload.unlink()
    assert run_script(str(case)).returncode == 11
    payload.write_bytes(whole)
    (case / "manifest/checkpoints/0000000002.note").unlink()
    (case / "manifest/checkpoints/0000000001.note").unlink()
    assert run_script(str(case)).returncode == 12
    forge = Forge(ANNA)
    forge.note(BERT)
    assert run_script(str(forge.write(tmp_path / "signed"))).returncode == 20
    forge.add("annotate", by=ANNA, v=2)
    assert run_script(str(forge.write(tmp_path / "newer"))).returncode == 32
    (case / "custody.toml").write_text('format = 2\norigin = "x"\n')
    assert run_script(str(case)).returncode == 32
    assert run_script(str(tmp_path)).returncode == 39
    (tmp_path / "newer/manifest/entries.jsonl").unlink()
    assert run_script(str(tmp_path / "newer")).returncode == 45
    for words in ([], ["-h"], [str(case), "--key"], [str(case), "--what", "x"]):
        assert run_script(*words).returncode == 2


def test_keys_are_given_as_id_der_pem_or_identity(made: Bench, tmp_path: Path) -> None:
    spki = made.identity.public.spki
    forms = {"der": spki, "identity": made.identity.to_bytes()}
    pem = ["openssl", "pkey", "-pubin", "-inform", "DER"]
    forms["pem"] = subprocess.run(
        pem, input=spki, capture_output=True, check=True
    ).stdout
    for name, data in forms.items():
        (tmp_path / name).write_bytes(data)
        said = run_script(str(made.case.path), "--key", str(tmp_path / name)).stdout
        assert axes(said)["trusted"] == "PASS", name
    said = run_script(str(made.case.path), "--key", made.identity.key).stdout
    assert axes(said)["trusted"] == "PASS"
    (tmp_path / "junk").write_bytes(b"junk")
    refused = run_script(str(made.case.path), "--key", str(tmp_path / "junk"))
    assert refused.returncode == 2


def test_without_a_program_it_says_so(case: Path, tmp_path: Path) -> None:
    done = run_script(str(case), env={"PATH": str(tmp_path)})
    assert done.returncode == 2
    assert "the program awk is not there" in done.stderr


# --- time stamps ----------------------------------------------------------------------


def openssl(*words: str, cwd: Path) -> None:
    subprocess.run(["openssl", *words], cwd=cwd, capture_output=True, check=True)


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A time-stamping authority: root.pem, and what `stamp` needs."""
    folder = tmp_path_factory.mktemp("authority")
    (folder / "conf").write_text(
        "[req]\ndistinguished_name=dn\n[dn]\n"
        "[root]\nbasicConstraints=critical,CA:true\nkeyUsage=critical,keyCertSign\n"
        "[unit]\nextendedKeyUsage=critical,timeStamping\n"
        "[tsa]\ndefault_tsa=t\n[t]\nserial=serial\ndefault_policy=1.2.3.4\n"
        "digests=sha256\nsigner_digest=sha256\nsigner_cert=tsa.pem\n"
        "signer_key=tsa.key\ncerts=root.pem\ness_cert_id_alg=sha256\n"
    )
    (folder / "serial").write_text("01\n")
    new = ["-newkey", "rsa:2048", "-nodes", "-config", "conf"]
    openssl(
        *("req", "-x509", "-subj", "/CN=Root", "-keyout", "root.key", "-days", "9"),
        *("-out", "root.pem", "-extensions", "root", *new),
        cwd=folder,
    )
    openssl(
        "req", "-subj", "/CN=TSA", "-keyout", "tsa.key", "-out", "csr", *new, cwd=folder
    )
    openssl(
        *("x509", "-req", "-in", "csr", "-CA", "root.pem", "-CAkey", "root.key"),
        *("-out", "tsa.pem", "-days", "9", "-extfile", "conf", "-extensions", "unit"),
        *("-set_serial", "7"),
        cwd=folder,
    )
    return folder


def stamp(authority: Path, note: Path, *, bare: bool = False) -> bytes:
    query = ["ts", "-query", "-data", str(note), "-sha256", "-cert", "-out", "query"]
    openssl(*query, cwd=authority)
    words = ["-config", "conf", "-section", "t", "-queryfile", "query", "-out", "tsr"]
    openssl("ts", "-reply", *words, *(["-token_out"] if bare else []), cwd=authority)
    return (authority / "tsr").read_bytes()


def stamped(
    case: Path, root: Path, capsys: pytest.CaptureFixture[str]
) -> tuple[str, set[str]]:
    """Status and failing codes of the axis, on which script and tool agree."""
    done = run_script(str(case), "--tsa-root", str(root))
    said = axes(done.stdout)["timestamped"].lower()
    found = set(re.findall(r"^FAIL   timestamped ([A-Z_]+)", done.stdout, re.MULTILINE))
    capsys.readouterr()
    words = ["verify", str(case), "--json", "--tsa-root", str(root)]
    code = run_arguments(words)
    told = json.loads(capsys.readouterr().out)
    failing = {
        f["code"] for f in told["findings"] if f["fails"] and f["axis"] == "timestamped"
    }
    assert (said, found) == (told["axes"]["timestamped"]["status"], failing)
    assert done.returncode == code
    return said, found


@pytest.mark.parametrize("bare", [False, True])
def test_a_time_stamp_counts_under_the_root_that_is_given(
    case: Path, authority: Path, capsys: pytest.CaptureFixture[str], *, bare: bool
) -> None:
    note = case / "manifest/checkpoints/0000000002.note"
    token = note.with_name("0000000002.tsa.tsr")
    token.write_bytes(stamp(authority, note, bare=bare))
    root, other = authority / "root.pem", authority / "other.pem"
    assert axes(run_script(str(case)).stdout)["timestamped"] == "not checked"
    assert stamped(case, root, capsys) == ("pass", set())
    openssl(
        *("req", "-x509", "-subj", "/CN=Other", "-newkey", "rsa:2048", "-nodes"),
        *("-keyout", "o.key", "-out", "other.pem", "-config", "conf"),
        *("-extensions", "root"),
        cwd=authority,
    )
    assert stamped(case, other, capsys) == ("not checked", set())
    moved = note.with_name("0000000001.tsa.tsr")
    token.rename(moved)
    assert stamped(case, root, capsys) == ("fail", {"TIMESTAMP_OTHER_BYTES"})
    moved.write_bytes(b"junk")
    assert stamped(case, root, capsys) == ("fail", {"TIMESTAMP_MALFORMED"})


# --- the kit --------------------------------------------------------------------------


def test_kit_writes_what_is_shipped_and_the_identities(
    made: Bench, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    given = tmp_path / "rossi.json"
    given.write_bytes(made.identity.to_bytes())
    words = ["kit", "-o", str(tmp_path / "kit"), "--identity", str(given), "--json"]
    assert run_arguments(words) == 0
    said = json.loads(capsys.readouterr().out)
    files = {path.name: path.read_bytes() for path in (tmp_path / "kit").iterdir()}
    assert files == {
        "VERIFY.txt": shipped("VERIFY.txt"),
        "verify.sh": SCRIPT.read_bytes(),
        f"{made.identity.key}.json": given.read_bytes(),
    }
    told = {file["file"]: file["sha256"] for file in said["files"]}
    assert told == {name: sha256(data).hexdigest() for name, data in files.items()}
    assert run_arguments(words) == 44  # it is not empty any more
    inside = made.case.path / "kit"
    assert run_arguments(["kit", "-o", str(inside)]) == 38
    assert not inside.exists()
    (tmp_path / "bad.json").write_text("{}")
    bad = ["kit", "-o", str(tmp_path / "k2"), "--identity", str(tmp_path / "bad.json")]
    assert run_arguments(bad) == 31
    assert not (tmp_path / "k2").exists()


def test_the_page_is_one_page_of_plain_text_whose_commands_work(case: Path) -> None:
    page = shipped("VERIFY.txt").decode("ascii")
    assert len(page.splitlines()) <= 80
    assert max(map(len, page.splitlines())) <= 100
    part = page.partition("3. OR BY HAND")[2].partition("4. WHAT A PASS")[0]
    lines = [line for line in part.splitlines() if line.startswith("     ")]
    script = "W=$(mktemp -d)\n" + "\n".join(lines) + "\n"
    shutil.copy(case / "manifest/checkpoints/0000000001.note", case.parent)
    script = script.replace("head -n 3 KEPT", "head -n 3 ../KEPT")
    done = subprocess.run(
        [*shells()[0], "-eu"],
        input=script.replace("KEPT", "0000000001"),
        cwd=case,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stderr == ""
    said = done.stdout.splitlines()
    lines = (case / "manifest/entries.jsonl").read_bytes().splitlines()
    log = [json.loads(line) for line in lines]
    assert said[0].startswith(log[1]["body"]["facts"]["payload"]["sha256"])
    assert said[1].startswith(log[1]["body"]["prev"])
    assert said[2].startswith(log[0]["body"]["actor"])
    assert said[3] == "Signature Verified Successfully"
    assert said[4].startswith(log[0]["body"]["private"])
    assert said[5] == log[1]["body"]["prev"]
    assert said[6:9] == said[9:]
    assert len(said[9:]) == 3
