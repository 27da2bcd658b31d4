"""Witnessing as people do it: files on a stick, or a server over the network."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from manifests.keys import PublicKey
from tests.desk import OWN_INITIATIVE, Desk
from tests.scripts.test_bad_input import converse
from tests.witness_process import serving


def machine(folder: Path, name: str, role: str) -> Desk:
    folder.mkdir()
    desk = Desk(folder)
    desk.run("identity", "new", "--name", name, "--role", role, "--no-passphrase")
    desk.run("identity", "export", "-o", "me.json")
    return desk


@pytest.fixture
def police(tmp_path: Path) -> Desk:
    desk = machine(tmp_path / "police", "Rossi", "examiner")
    desk.run("init", "case", "--case-id", "1", "--title", "t", *OWN_INITIATIVE)
    (desk.folder / "f.txt").write_text("evidence")
    desk.run("-C", "case", "acquire", "files", "f.txt")
    return desk


@pytest.fixture
def prosecutor(tmp_path: Path) -> Desk:
    return machine(tmp_path / "prosecutor", "Procura", "prosecutor")


def carry(source: Desk, name: str, target: Desk) -> None:
    """The stick: exactly one file goes over."""
    shutil.copy(source.folder / name, target.folder / name)


def note(desk: Desk, case: str = "case", count: int = 1) -> None:
    for _ in range(count):
        desk.run("-C", case, "note", "EX-0001", "--fact", "x")


def exchange(police: Desk, witness: Desk, *words: str, tag: str = "head") -> None:
    police.run("-C", "case", "witness", "request", "-o", f"{tag}.req")
    carry(police, f"{tag}.req", witness)
    witness.run("cosign", f"{tag}.req", "-o", f"{tag}.cosig", *words)
    carry(witness, f"{tag}.cosig", police)


def trust(police: Desk, witness: Desk) -> tuple[str, str]:
    """Hand the public identities over, each way."""
    shutil.copy(police.folder / "me.json", witness.folder / "rossi.json")
    name = f"{witness.folder.name}.json"
    shutil.copy(witness.folder / "me.json", police.folder / name)
    return "--log", "rossi.json"


def axis(desk: Desk, *words: str, code: int = 0) -> dict[str, str]:
    value = desk.ask("verify", "case", *words, code=code)
    found = value["axes"]["witnessed"]
    assert isinstance(found, dict)
    return found


def test_by_stick_there_and_back(police: Desk, prosecutor: Desk) -> None:
    known = trust(police, prosecutor)
    exchange(police, prosecutor, *known)
    police.run(
        "-C", "case", "witness", "add", "head.cosig", "--witness", "prosecutor.json"
    )
    why = axis(police, "--witness", "prosecutor.json", "--require", "witnessed")["why"]
    assert why.startswith("The first 2 of 2 entries are countersigned by Procura (20")
    assert axis(police, "--require", "witnessed", code=23)["status"] == "not checked"
    note(police, count=12)  # more checkpoints than a request holds by itself
    exchange(police, prosecutor, tag="later")  # the key is known by now
    done = police.ask(
        "-C", "case", "witness", "add", "later.cosig", "--witness", "prosecutor.json"
    )
    assert (done["entries"], done["new"]) == (14, True)
    listed = police.ask(
        "-C", "case", "witness", "list", "--witness", "prosecutor.json"
    )["cosignatures"]
    assert {(item["entries"], item["state"]) for item in listed} == {
        (2, "holds"),
        (14, "holds"),
    }
    # The prosecutor's machine knows its own key, and remembers the head it signed.
    shutil.copytree(police.case, prosecutor.case)
    assert "14 of 14" in axis(prosecutor)["why"]


def test_a_witness_one_has_trusted_is_known_without_being_named(
    police: Desk, prosecutor: Desk
) -> None:
    """`identity trust` once, and `verify` counts that key; untrusted, it does not."""
    exchange(police, prosecutor, *trust(police, prosecutor))
    theirs = "prosecutor.json"
    police.run("-C", "case", "witness", "add", "head.cosig", "--witness", theirs)
    axes = police.ask("verify", "case")["axes"]
    assert axes["witnessed"]["status"] == "not checked"
    key = json.loads((police.folder / theirs).read_bytes())["key"]
    police.run("identity", "trust", theirs, "--fingerprint", key)
    assert police.ask("verify", "case")["axes"]["witnessed"]["status"] == "pass"
    police.run("identity", "untrust", key)
    axes = police.ask("verify", "case")["axes"]
    assert axes["witnessed"]["status"] == "not checked"


def test_the_report_names_the_witness_the_issuer_relies_on(
    police: Desk, prosecutor: Desk
) -> None:
    exchange(police, prosecutor, *trust(police, prosecutor))
    theirs = "prosecutor.json"
    police.run("-C", "case", "witness", "add", "head.cosig", "--witness", theirs)
    known = ("--witness", theirs)
    for name, words in (
        ("without", ()),
        ("with", known),
        ("public", (*known, "--variant", "public")),
    ):
        police.run("-C", "case", "report", "-o", f"{name}.pdf", *words)
    if not shutil.which("pdftotext"):
        pytest.skip("pdftotext is missing")
    shown = {
        name: subprocess.run(
            ["pdftotext", f"{name}.pdf", "-"],
            cwd=police.folder,
            capture_output=True,
            check=True,
        ).stdout.decode("utf-8")
        for name in ("without", "with", "public")
    }
    assert "countersigned by Procura" in " ".join(shown["with"].split())
    assert "countersigned by Procura" not in " ".join(shown["without"].split())
    # A variant that is for anybody calls them by their key.
    assert "Procura" not in shown["public"]
    assert "countersigned by key " in " ".join(shown["public"].split())


def test_what_is_carried_names_nobody(police: Desk, prosecutor: Desk) -> None:
    exchange(police, prosecutor, *trust(police, prosecutor))
    for name in ("head.req", "head.cosig"):
        data = (police.folder / name).read_bytes()
        for word in (b"Rossi", b"Procura", b"f.txt", b"evidence", b"EX-0001"):
            assert word not in data


def test_two_of_three_by_a_policy(
    police: Desk, prosecutor: Desk, tmp_path: Path
) -> None:
    ngo = machine(tmp_path / "ngo", "Asgi", "caseworker")
    court = machine(tmp_path / "court", "Tribunale", "judge")
    lines = []
    for desk in (prosecutor, ngo, court):
        name, words = (
            desk.folder.name,
            ("--witness-name", f"{desk.folder.name}.example"),
        )
        vkeys = desk.run("witness", "key", *words).stdout.split()
        assert len(vkeys) == 2
        lines += [f"witness {name}{n} {vkey}" for n, vkey in enumerate(vkeys)]
        lines.append(f"group {name} any {name}0 {name}1")
    lines += ["group two 2 prosecutor ngo court", "quorum two", ""]
    (police.folder / "policy").write_text("\n".join(lines))
    missed = police.ask("verify", "case", "--policy", "policy", code=23)
    assert [f["code"] for f in missed["findings"]] == ["QUORUM_MISSED"]
    for count, desk in enumerate((court, prosecutor)):
        exchange(police, desk, *trust(police, desk), tag=desk.folder.name)
        name = desk.folder.name
        words = ("add", f"{name}.cosig", "--witness", f"{name}.json")
        police.run("-C", "case", "witness", *words)
        found = axis(police, "--policy", "policy", code=0 if count else 23)
        assert found["status"] == ("pass" if count else "fail")
    assert "court0" in found["why"] or "court1" in found["why"]


def test_openssl_alone_checks_what_came_back(police: Desk, prosecutor: Desk) -> None:
    """The how-to's steps: signature of the witness, without this tool."""
    exchange(police, prosecutor, *trust(police, prosecutor))
    script = """
set -e
grep -o '"public":"[^"]*"' prosecutor.json | cut -d'"' -f4 | base64 -d > key
head -n 1 head.cosig | cut -d' ' -f3 | base64 -d > line
head -c 12 line | tail -c 8 | xxd -p > time
tail -c 64 line > sig
{ printf 'cosignature/v1\\ntime %d\\n' "0x$(cat time)"
  sed '/^$/,$d' case/manifest/checkpoints/0000000002.note; } > message
openssl pkeyutl -verify -rawin -pubin -keyform DER -inkey key -sigfile sig -in message
"""
    done = subprocess.run(
        ["bash", "-c", script], cwd=police.folder, capture_output=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert b"Signature Verified Successfully" in done.stdout


# --- what a witness refuses -----------------------------------------------------------


def test_an_unknown_log_without_anybody_to_ask(police: Desk, prosecutor: Desk) -> None:
    police.run("-C", "case", "witness", "request", "-o", "head.req")
    carry(police, "head.req", prosecutor)
    done = prosecutor.run("cosign", "head.req", "-o", "head.cosig", code=21)
    assert "[WITNESS_LOG_UNKNOWN]" in done.stderr
    assert not (prosecutor.folder / "head.cosig").exists()


@pytest.mark.parametrize(("answer", "code"), [("y\n", 0), ("n\n", 21), ("\n", 21)])
def test_a_person_at_a_terminal_is_shown_the_key(
    police: Desk, prosecutor: Desk, answer: str, code: int
) -> None:
    key = police.ask("identity", "show")["key"]
    police.run("-C", "case", "witness", "request", "-o", "head.req")
    carry(police, "head.req", prosecutor)
    words = ("cosign", "head.req", "-o", "head.cosig")
    screen = converse(prosecutor, *words, answers=[("Is this the key", answer)])
    assert screen.code == code
    assert key in screen.text
    assert (prosecutor.folder / "head.cosig").exists() is (code == 0)


def test_a_case_put_back_and_a_case_split(police: Desk, prosecutor: Desk) -> None:
    shutil.copytree(police.case, police.folder / "old")
    note(police, count=2)
    exchange(police, prosecutor, *trust(police, prosecutor))
    # Another machine has the key too, and goes on from the old copy.
    other = Desk(police.folder / "other")
    other.folder.mkdir()
    shutil.copytree(police.home, other.home)
    shutil.rmtree(other.home / "heads")
    shutil.copytree(police.folder / "old", other.case)
    for count, code, word in ((0, 15, "ROLLBACK"), (2, 16, "FORK"), (2, 16, "FORK")):
        note(other, count=count)
        name = f"{len(other.lines())}.req"
        other.run("-C", "case", "witness", "request", "-o", name, "--old", "2")
        carry(other, name, prosecutor)
        done = prosecutor.run("cosign", name, "-o", "no.cosig", code=code)
        assert f"[WITNESS_{word}]" in done.stderr
        assert not (prosecutor.folder / "no.cosig").exists()
    (folder,) = (prosecutor.home / "witness").glob("*/refused")
    assert len(list(folder.glob("*.note"))) == 2
    # The split shows on the witness's machine without any option.
    shutil.copytree(other.case, prosecutor.case)
    verdict = prosecutor.ask("verify", "case", code=12)
    found = [(f["code"], f["subject"]) for f in verdict["findings"]]
    assert ("ROLLBACK", "this machine's own memory") in found


def test_the_number_of_entries_a_witness_needs_is_said(
    police: Desk, prosecutor: Desk
) -> None:
    exchange(police, prosecutor, *trust(police, prosecutor))
    note(police, count=10)
    police.run("-C", "case", "witness", "request", "-o", "2.req")
    carry(police, "2.req", prosecutor)
    done = prosecutor.run("cosign", "2.req", "-o", "2.cosig", code=30)
    assert "from the 2 entries cosigned last" in done.stderr
    police.run("-C", "case", "witness", "request", "-o", "3.req", "--old", "2")
    carry(police, "3.req", prosecutor)
    prosecutor.run("cosign", "3.req", "-o", "3.cosig")
    police.run(
        "-C", "case", "witness", "request", "-o", "4.req", "--old", "99", code=31
    )


def test_nothing_is_overwritten(police: Desk, prosecutor: Desk) -> None:
    police.run("-C", "case", "witness", "request", "-o", "f.txt", code=38)
    police.run("-C", "case", "witness", "request", "-o", "head.req")
    carry(police, "head.req", prosecutor)
    prosecutor.run("cosign", "head.req", "-o", "me.json", code=38)


# --- the machine's own memory ---------------------------------------------------------


def test_an_old_backup_is_refused_until_a_person_says_so(police: Desk) -> None:
    backup = police.folder / "backup"
    shutil.copytree(police.case, backup)
    note(police, count=2)
    shutil.rmtree(police.case)
    shutil.copytree(backup, police.case)
    words = ("-C", "case", "note", "EX-0001", "--fact", "x")
    done = police.run(*words, code=12)
    assert "vouched for are missing" in done.stderr
    verdict = police.ask("verify", "case", code=12)
    assert [(f["code"], f["subject"]) for f in verdict["findings"]] == [
        ("ROLLBACK", "this machine's own memory")
    ]
    police.run("verify", "case", "--no-memory")
    assert len(police.lines()) == 2
    police.run("-C", "case", "recover", code=12)
    done = police.run("-C", "case", "recover", "--restored", "The disk broke")
    assert "restored from an older state" in done.stdout
    police.run(*words)
    police.run("verify", "case")
    facts = json.loads(police.lines()[2])["body"]["facts"]
    assert (facts["restored"], facts["known_size"]) == (True, 4)
    assert b"The disk broke" not in b"".join(police.lines())
    shown = police.run("-C", "case", "log").stdout
    assert "Restored from an older state" in shown
    police.run("-C", "case", "recover", "--restored", "again", code=30)


def test_a_head_that_cannot_be_remembered_is_said(police: Desk) -> None:
    heads = police.home / "heads"
    shutil.rmtree(heads)
    heads.write_bytes(b"in the way")
    words = ("init", "second", "--case-id", "2", "--title", "t")
    done = police.run(*words, code=48)
    assert "[HEAD_NOT_REMEMBERED]" in done.stderr
    heads.unlink()
    police.run("-C", "second", "verify")
    assert not heads.exists()
    police.run("-C", "second", "recover")
    assert len(list(heads.glob("*.note"))) == 1


def test_the_first_head_is_remembered_too(police: Desk, tmp_path: Path) -> None:
    police.run("init", "second", "--case-id", "2", "--title", "t")
    assert len(list((police.home / "heads").glob("*.note"))) == 2


# --- over the network -----------------------------------------------------------------


def log_key(desk: Desk) -> tuple[str, bytes]:
    text = (desk.case / "custody.toml").read_text()
    origin = text.partition('origin = "')[2].partition('"')[0]
    public = desk.ask("identity", "show")["public"]
    return origin, PublicKey.from_text(public).raw


def test_a_witness_s_server(police: Desk) -> None:
    with serving(*log_key(police)) as server:
        words = ("-C", "case", "witness", "send", server.url)
        assert "[WITNESS_UNKNOWN]" in police.run(*words, code=30).stderr
        done = police.ask(*words, "--witness", server.vkey)
        assert (done["entries"], done["new"], done["left_out"]) == (2, True, 0)
        note(police, count=3)
        police.run(*words, "--witness", server.vkey)
        assert server.calls() == ["0>2", "2>5"]
        found = axis(police, "--witness", server.vkey)
        assert "The first 5 of 5 entries" in found["why"]
        settings = police.case / "custody.toml"
        table = f'[[witness]]\nname = "w"\nurl = "{server.url}"\nkey = "{server.vkey}"'
        settings.write_text(f"{settings.read_text()}\n{table}\n")
        note(police)
        police.run("-C", "case", "witness", "send", "w")
        police.run("-C", "case", "witness", "send", "v", code=30)
        # Whom the settings name is asked, but never trusted for it.
        assert axis(police)["status"] == "not checked"


@pytest.mark.parametrize(
    ("mode", "code"),
    [
        ("garbage", 23),
        ("lying", 23),
        ("wrong key", 23),
        ("409 ahead", 15),
        ("422", 15),
        ("404", 23),
        ("huge", 27),
        ("slow", 27),
        ("redirect", 27),
    ],
)
def test_a_server_that_misbehaves(police: Desk, mode: str, code: int) -> None:
    with serving(*log_key(police), mode) as server:
        words = ("-C", "case", "witness", "send", server.url, "--timeout", "2")
        police.run(*words, "--witness", server.vkey, code=code)
    assert list((police.case / "manifest/checkpoints").glob("*.cosig")) == []


def test_nobody_listens(police: Desk) -> None:
    with serving(*log_key(police)) as server:
        pass
    words = ("-C", "case", "witness", "send", server.url, "--witness", server.vkey)
    police.run(*words, code=27)
