"""`custody seal --rehash`: by the command, and by sha512sum and openssl alone."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable
from contextlib import redirect_stdout
from hashlib import sha256, sha512
from io import StringIO
from pathlib import Path
from typing import Any

import pytest

from cli.main import run_arguments
from tests.desk import Desk
from tests.engines import has_script_programs, run_script
from tests.stamping import (
    Authority,
    Stamper,
    needs_openssl,
    new_authority,
    openssl,
    openssl_reply,
    pem,
)

LIST = "manifest/renewals/0000000002.sha512"
pytestmark = [
    needs_openssl,
    pytest.mark.skipif(not shutil.which("sha512sum"), reason="sha512sum is not here"),
]


@pytest.fixture(scope="module")
def authority() -> Authority:
    return new_authority()


@pytest.fixture(scope="module")
def roots(authority: Authority, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("roots") / "root.pem"
    path.write_bytes(pem(authority.root))
    return path


@pytest.fixture(scope="module")
def stamper(authority: Authority, tmp_path_factory: pytest.TempPathFactory) -> Stamper:
    """An authority that signs by SHA-512."""
    return Stamper(authority, tmp_path_factory.mktemp("tsa"), {"digest": "sha512"})


@pytest.fixture(scope="module")
def renewed(tmp_path_factory: pytest.TempPathFactory, stamper: Stamper) -> Desk:
    """A case with one exhibit, a time stamp by SHA-256, and renewed digests."""
    desk = Desk(tmp_path_factory.mktemp("desk"))
    desk.open_case()
    (desk.folder / "a.txt").write_bytes(b"first\n")
    desk.run("-C", desk.case, "acquire", "files", desk.folder / "a.txt")
    note = desk.case / "manifest/checkpoints/0000000002.note"
    token = desk.folder / "a.tsr"
    token.write_bytes(stamper.stamp(note.read_bytes(), "-sha256", "-cert"))
    desk.run("-C", desk.case, "seal", "--add", token, "--name", "court")
    told = desk.ask("-C", desk.case, "seal", "--rehash")["rehashed"]
    data = (desk.case / LIST).read_bytes()
    assert told["list"] == Path(LIST).name
    assert told["sha512"] == sha512(data).hexdigest()
    assert (told["entries"], told["files"]) == (2, data.count(b"\n") - 1)
    return desk


@pytest.fixture
def desk(renewed: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    monkeypatch.setenv("CUSTODY_HOME", str(tmp_path / "home"))
    shutil.copytree(renewed.folder, tmp_path, dirs_exist_ok=True)
    return Desk(tmp_path)


def verdict(desk: Desk, *words: str | Path, code: int = 0) -> dict[str, Any]:
    """What `custody verify` says, in this process: it is asked often."""
    said = StringIO()
    with redirect_stdout(said):
        own = ("--json", "-C", desk.case, "verify", "--no-memory", *words)
        assert run_arguments([str(word) for word in own]) == code, said.getvalue()
    found = json.loads(said.getvalue())
    assert isinstance(found, dict)
    return found


def codes(found: dict[str, Any]) -> dict[str, str]:
    return {f["code"]: f["subject"] for f in found["findings"]}


def by_hand(case: Path, entries: int = 2) -> bool:
    """What the specification tells people to type."""
    line = f"head -n {entries} manifest/entries.jsonl | sha512sum -c --strict {LIST}"
    done = subprocess.run(
        ["sh", "-c", line], cwd=case, capture_output=True, check=False
    )
    return done.returncode == 0


def stamp(desk: Desk, stamper: Stamper, *options: str) -> None:
    answer = stamper.stamp((desk.case / LIST).read_bytes(), *options)
    (desk.folder / "list.tsr").write_bytes(answer)
    words = ("--add", desk.folder / "list.tsr", "--name", "court")
    desk.run("-C", desk.case, "seal", *words)


def test_sha512sum_alone_checks_a_list_that_names_all_evidence(desk: Desk) -> None:
    assert by_hand(desk.case)
    data = (desk.case / LIST).read_text("ascii")
    names = [line.split("  ")[1] for line in data.splitlines()]
    assert names[0] == "-"
    assert names[1:] == sorted(names[1:])
    evidence = {
        p.relative_to(desk.case).as_posix()
        for folder in ("exhibits", "identities", "private", "manifest/checkpoints")
        for p in (desk.case / folder).rglob("*")
        if p.is_file()
    }
    later = {"manifest/checkpoints/0000000003.note"}
    assert set(names[1:]) == evidence - later
    assert "manifest/checkpoints/0000000002.court.tsr" in names
    entry = json.loads(desk.lines()[2])["body"]
    assert entry["type"] == "renew"
    assert entry["facts"]["sha256"] == sha256(data.encode()).hexdigest()
    assert entry["facts"]["kind"] == "rehash"
    with (desk.case / "exhibits/EX-0001/payload").open("r+b") as stream:
        stream.write(b"F")
    assert not by_hand(desk.case)


def test_a_token_by_sha512_renews_and_openssl_agrees(
    desk: Desk, stamper: Stamper, roots: Path
) -> None:
    found = verdict(desk, "--tsa-root", roots)
    assert codes(found)["RENEWAL_UNSTAMPED"] == Path(LIST).name
    stamp(desk, stamper, "-sha512", "-cert")
    token = f"{LIST}.court.tsr"
    words = ("-data", LIST, "-in", token, "-CAfile", roots)
    done = openssl(desk.case, "ts", "-verify", *words)
    assert b"Verification: OK" in done.stdout + done.stderr
    found = verdict(desk, "--tsa-root", roots, "--require", "timestamped")
    why = found["axes"]["timestamped"]["why"]
    assert "entries by SHA-512, renewed by 20" in why
    assert not {c for c in codes(found) if c.startswith(("RENEW", "TIMESTAMP"))}
    without = verdict(desk)["axes"]["timestamped"]
    assert without["status"] == "not checked"
    assert (
        "not checked by a time stamp: no authority's root was given" in without["why"]
    )


def test_a_token_by_sha256_over_the_list_is_told_and_renews_nothing(
    desk: Desk, stamper: Stamper, roots: Path
) -> None:
    stamp(desk, stamper, "-sha256", "-cert")
    found = verdict(desk, "--tsa-root", roots)
    assert codes(found)["RENEWAL_WEAK"] == f"{Path(LIST).name}.court.tsr"
    assert "not checked by a time stamp" in found["axes"]["timestamped"]["why"]


def test_an_authority_that_signs_by_sha256_renews_nothing_either(
    desk: Desk, authority: Authority, roots: Path, tmp_path: Path
) -> None:
    stamp(desk, Stamper(authority, tmp_path / "weak"), "-sha512", "-cert")
    found = verdict(desk, "--tsa-root", roots)
    assert "RENEWAL_WEAK" in codes(found)


def test_a_token_over_another_list_fails(
    desk: Desk, stamper: Stamper, roots: Path
) -> None:
    token = desk.case / f"{LIST}.court.tsr"
    token.write_bytes(stamper.stamp(b"another list\n", "-sha512", "-cert"))
    for words in ((), ("--tsa-root", roots)):
        found = verdict(desk, *words, code=22)
        assert codes(found)["TIMESTAMP_OTHER_BYTES"] == token.name


def test_the_offline_way_brings_a_sha512_imprint(
    desk: Desk, stamper: Stamper, roots: Path, tmp_path: Path
) -> None:
    stick = tmp_path / "stick"
    stick.mkdir()
    desk.run("-C", desk.case, "seal", "--requests", stick, code=3)
    query = stick / "0000000002.sha512.by-hand.tsq"
    told = openssl(stick, "ts", "-query", "-in", query, "-text").stdout
    assert b"Hash Algorithm: sha512" in told
    (stick / "a.tsr").write_bytes(openssl_reply(stamper.folder, query.read_bytes()))
    desk.run("-C", desk.case, "seal", "--add", stick / "a.tsr")
    assert (desk.case / f"{LIST}.by-hand.tsr").is_file()
    found = verdict(desk, "--tsa-root", roots)
    assert "renewed by 20" in found["axes"]["timestamped"]["why"]


Damage = Callable[[Path], None]


def altered_list(case: Path) -> None:
    path = case / LIST
    path.write_bytes(path.read_bytes().replace(b"0", b"1", 1))


def retold_list(case: Path) -> None:
    """A line left out: still a list that sha512sum likes."""
    path = case / LIST
    path.write_bytes(b"".join(path.read_bytes().splitlines(keepends=True)[:-1]))


def changed(name: str) -> Damage:
    def damage(case: Path) -> None:
        with (case / name).open("ab") as stream:
            stream.write(b"\n")

    return damage


def removed(name: str) -> Damage:
    return lambda case: (case / name).unlink()


PAYLOAD = "exhibits/EX-0001/payload"


@pytest.mark.parametrize(
    ("damage", "code", "expected"),
    [
        (altered_list, 10, {"RENEWAL_MODIFIED"}),
        (retold_list, 10, {"RENEWAL_MODIFIED"}),
        (removed(LIST), 11, {"RENEWAL_MISSING"}),
        (changed(PAYLOAD), 10, {"PAYLOAD_MODIFIED", "RENEWED_MODIFIED"}),
        (removed(PAYLOAD), 11, {"PAYLOAD_MISSING"}),
        (removed("manifest/checkpoints/0000000002.court.tsr"), 11, {"RENEWED_MISSING"}),
        (lambda case: (case / f"{LIST}.x").touch(), 11, {"UNLISTED"}),
        (
            lambda case: shutil.copy(case / LIST, case / LIST.replace("02.", "01.")),
            11,
            {"UNLISTED"},
        ),
    ],
)
def test_damage_is_told(
    desk: Desk, damage: Damage, code: int, expected: set[str]
) -> None:
    damage(desk.case)
    found = verdict(desk, code=code)
    failing = {f["code"] for f in found["findings"] if f["fails"]}
    assert failing == expected


def test_a_changed_identity_file_differs_only_by_its_second_digest(desk: Desk) -> None:
    """No SHA-256 in the log is over these files: the list alone tells."""
    (path,) = (desk.case / "identities").iterdir()
    assert not [f for f in verdict(desk)["findings"] if f["fails"]]
    path.write_bytes(path.read_bytes() + b"\n")
    found = verdict(desk, code=10)
    assert codes(found)["RENEWED_MODIFIED"] == f"identities/{path.name}"


def test_a_case_that_does_not_verify_is_not_renewed(desk: Desk) -> None:
    changed(PAYLOAD)(desk.case)
    before = sorted((desk.case / "manifest/renewals").iterdir()), len(desk.lines())
    done = desk.run("-C", desk.case, "seal", "--rehash", code=17)
    assert "PAYLOAD_MODIFIED (EX-0001)" in done.stderr
    after = sorted((desk.case / "manifest/renewals").iterdir()), len(desk.lines())
    assert after == before


def test_a_list_without_its_entry_is_set_aside(desk: Desk) -> None:
    left = desk.case / "manifest/renewals/0000000003.sha512"
    shutil.copy(desk.case / LIST, left)
    assert (
        codes(verdict(desk, code=11))["UNLISTED"]
        == left.relative_to(desk.case).as_posix()
    )
    desk.run("-C", desk.case, "recover")
    assert not left.exists()
    entry = json.loads(desk.lines()[3])["body"]
    assert entry["facts"]["quarantined"][0]["was"] == "manifest/renewals"
    assert not [f for f in verdict(desk)["findings"] if f["fails"]]


def test_a_second_renewal_lists_the_first_and_its_token(
    desk: Desk, stamper: Stamper
) -> None:
    stamp(desk, stamper, "-sha512", "-cert")
    desk.run("-C", desk.case, "seal", "--rehash")
    second = desk.case / "manifest/renewals/0000000003.sha512"
    text = second.read_text("ascii")
    assert f"  {LIST}\n" in text
    assert f"  {LIST}.court.tsr\n" in text
    assert not [f for f in verdict(desk)["findings"] if f["fails"]]
    (desk.case / f"{LIST}.court.tsr").unlink()
    assert codes(verdict(desk, code=11))["RENEWED_MISSING"] == f"{LIST}.court.tsr"


@pytest.mark.parametrize("words", [("--renew",), ("--add", "a.txt")])
def test_rehash_goes_alone(desk: Desk, words: tuple[str, ...]) -> None:
    desk.run("-C", desk.case, "seal", "--rehash", *words, code=2)


@pytest.mark.skipif(not has_script_programs(), reason="verify.sh cannot run here")
def test_verify_sh_judges_the_stamp_over_a_list(
    desk: Desk, stamper: Stamper, roots: Path
) -> None:
    token = desk.case / f"{LIST}.court.tsr"
    data = (desk.case / LIST).read_bytes()

    def said() -> tuple[int, str]:
        done = run_script(str(desk.case), "--tsa-root", str(roots))
        return done.returncode, done.stdout

    token.write_bytes(stamper.stamp(data, "-sha512", "-cert"))
    code, text = said()
    assert (code, "RENEWAL_WEAK" in text) == (0, False)
    assert "2 time stamp(s) hold" in text  # the checkpoint's and the list's
    token.write_bytes(stamper.stamp(data, "-sha256", "-cert"))
    code, text = said()
    assert (code, f"RENEWAL_WEAK {token.name}" in text) == (0, True)
    token.write_bytes(stamper.stamp(b"another", "-sha512", "-cert"))
    code, text = said()
    assert (code, f"TIMESTAMP_OTHER_BYTES {token.name}" in text) == (22, True)
