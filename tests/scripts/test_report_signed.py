"""`custody report --sign-with` and `custody verify REPORT.pdf`, as people run them.

What is made is judged by poppler's pdfsig, qpdf and openssl, too.
"""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization

from evidence.parsing.base import Job, Record
from evidence.parsing.report_pdf import ReportParser
from evidence.report.making import attach, make_pdf
from evidence.report.received import Received, take_apart
from evidence.report.recorded import NAME, Recorded, read_recorded
from evidence.report.verifying import as_attachment, compare_attachments
from manifests.verifying.verdict import Code
from tests import pdfattack
from tests.desk import Desk
from tests.few import slow
from tests.preflight.check import problems as preflight
from tests.softhsm import PIN, new_key, new_soft_token
from tests.stamping import (
    TSA_ONLY,
    Authority,
    issue,
    needs_openssl,
    new_authority,
    now,
    openssl,
    pem,
)
from tests.stamping import new_key as fresh_key
from tests.tsa_server import honest, serving

AT = ("--at", "2026-12-31T12:00:00Z")
needs_pdfsig = pytest.mark.skipif(
    shutil.which("pdfsig") is None, reason="pdfsig is not installed"
)
needs_qpdf = pytest.mark.skipif(
    shutil.which("qpdf") is None, reason="qpdf is not installed"
)
pytestmark = needs_openssl


@dataclass(frozen=True)
class Office:
    """A desk, a certification authority, and keys with certificates of it."""

    desk: Desk
    root: x509.Certificate
    root_key: Any
    tsa: Authority
    plain: Path

    @property
    def folder(self) -> Path:
        return self.desk.folder

    @property
    def ca(self) -> Path:
        return self.folder / "ca.pem"

    @property
    def tsa_root(self) -> Path:
        return self.folder / "tsa-root.pem"

    def signing(self, kind: str = "p256", **dates: Any) -> tuple[str | Path, ...]:
        """Make a key and its certificate; return the options that sign with it."""
        private = new_key(self.folder, f"signer-{kind}", kind)
        public = serialization.load_pem_private_key(private.read_bytes(), None)
        made = issue(
            "Ada Rossi",
            public,  # type: ignore[arg-type]
            by=(self.root, self.root_key),
            **dates,
        )
        path = self.folder / f"signer-{kind}-cert.pem"
        path.write_bytes(pem(made))
        return ("--sign-with", f"file:{private}", "--certificate", path)

    def report(self, name: str, *words: str | Path, code: int = 0) -> Path:
        path = self.folder / f"{name}.pdf"
        path.unlink(missing_ok=True)
        self.desk.run(
            "-C", self.desk.case, "report", "-o", path, *AT, *words, code=code
        )
        return path

    def verify(
        self, path: Path, *words: str | Path, code: int | None = 0
    ) -> dict[str, Any]:
        return self.desk.ask("verify", path, *words, code=code)

    def codes(self, data: bytes, *words: str | Path, code: int | None) -> set[str]:
        """Return the codes of what fails in other bytes."""
        path = self.folder / "attacked.pdf"
        path.write_bytes(data)
        told = self.verify(path, *words, code=code)
        return {one["code"] for one in told["findings"] if one["fails"]}


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Office:
    desk = Desk(tmp_path_factory.mktemp("office"))
    desk.open_case()
    (desk.folder / "chat.txt").write_text("12/03/2026, 10:00 - A: hello\n")
    words = ("--description", "a chat")
    desk.run("-C", desk.case, "acquire", "files", desk.folder / "chat.txt", *words)
    key = fresh_key()
    root = issue("Test CA", key, ca=True)
    office = Office(desk, root, key, new_authority(), desk.folder / "plain.pdf")
    office.ca.write_bytes(pem(root))
    office.tsa_root.write_bytes(pem(office.tsa.root))
    office.report("plain")
    return office


@pytest.fixture(scope="module")
def signed(office: Office) -> bytes:
    return office.report("signed", *office.signing()).read_bytes()


def pdfsig(path: Path) -> str:
    done = subprocess.run(
        ["pdfsig", path], capture_output=True, text=True, check=False, timeout=60
    )
    return done.stdout


def problems(data: bytes, folder: Path) -> set[str]:
    """What the parser says is wrong, without a process of its own."""
    path = folder / "problems.pdf"
    path.write_bytes(data)
    items = ReportParser().parse(Job(str(path)))
    records = [item.fields for item in items if isinstance(item, Record)]
    return {str(one["code"]) for one in records if one["kind"] == "problem"}


def opened(data: bytes) -> tuple[Received, Recorded]:
    received = take_apart(data)
    return received, read_recorded(received.attachments[NAME].content)


def taken(path: Path) -> list[dict[str, Any]]:
    """The signatures in a file: ranges and contents."""
    items = ReportParser().parse(Job(str(path)))
    records = [item.fields for item in items if isinstance(item, Record)]
    return [one for one in records if one["kind"] == "signature"]


# -- made well ---------------------------------------------------------------------


def test_an_unsigned_report_verifies_and_says_that_nobody_signed(
    office: Office,
) -> None:
    told = office.verify(office.plain)
    status = {axis: one["status"] for axis, one in told["axes"].items()}
    assert status == {
        "complete": "pass",
        "intact": "pass",
        "consistent": "pass",
        "signed": "not checked",
        "trusted": "pass",
        "timestamped": "not checked",
        "witnessed": "not checked",
    }
    assert told["axes"]["signed"]["why"].startswith("Nobody signed the PDF.")
    assert "byte for byte" in told["axes"]["intact"]["why"]
    assert [one["code"] for one in told["findings"]] == ["REPORT_UNSIGNED"]
    assert told["pades"] is None
    assert "report.json" in told["attachments"]


@needs_pdfsig
@needs_qpdf
@pytest.mark.parametrize("kind", ["p256", "rsa3072"])
def test_signed_and_taken_by_pdfsig_qpdf_and_openssl(office: Office, kind: str) -> None:
    path = office.report(f"signed-{kind}", *office.signing(kind))
    said = pdfsig(path)
    assert "Signature is Valid." in said
    assert "ETSI.CAdES.detached" in said
    assert "Total document signed" in said
    subprocess.run(["qpdf", "--check", path], check=True, capture_output=True)
    assert not preflight(path.read_bytes())  # still PDF/A-3b
    (one,) = taken(path)
    start, before, after, rest = one["ranges"]
    data = path.read_bytes()
    assert start == 0
    assert after + rest == len(data)
    (office.folder / "content").write_bytes(data[:before] + data[after:])
    contents = bytes.fromhex(data[before + 1 : after - 1].decode())
    (office.folder / "sig.der").write_bytes(contents)
    done = openssl(
        office.folder, "cms", "-verify", "-binary", "-inform", "DER", "-in", "sig.der",
        "-content", "content", "-CAfile", "ca.pem", "-purpose", "any", "-out", "out",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    told = office.verify(path, "--ca-root", office.ca)
    assert told["pades"] == "B-B"
    assert "Ada Rossi" in told["signer"]
    assert told["axes"]["signed"]["status"] == "pass"
    assert {one["code"] for one in told["findings"]} == {
        "P7S_TRUSTED",
        "REVOCATION_UNCHECKED",
    }


def test_what_is_before_the_signature_is_the_same_every_time(
    office: Office, signed: bytes
) -> None:
    again = office.report("again", *office.signing()).read_bytes()
    end = signed.rindex(b"%%EOF", 0, len(signed) - 10)
    assert signed[:end] == again[:end]
    assert signed != again


@slow
def test_a_time_stamp_makes_b_t_and_openssl_takes_the_token(
    office: Office, tmp_path: Path
) -> None:
    import pyhanko.sign.general  # noqa: F401 - registers what asn1crypto then caches
    from asn1crypto import cms

    with serving(honest(office.tsa, tmp_path / "tsa")) as server:
        stamp = ("--stamp-with", f"own={server.url}")
        path = office.report("stamped", *office.signing(), *stamp)
    assert len(server.asked) == 1
    (one,) = taken(path)
    data = path.read_bytes()
    before, after = one["ranges"][1], one["ranges"][2]
    signature = cms.ContentInfo.load(
        bytes.fromhex(data[before + 1 : after - 1].decode())
    )["content"]["signer_infos"][0]
    token = signature["unsigned_attrs"][0]["values"][0].dump()
    (tmp_path / "value").write_bytes(signature["signature"].native)
    (tmp_path / "token.der").write_bytes(token)
    done = openssl(
        tmp_path, "ts", "-verify", "-data", "value", "-in", "token.der", "-token_in",
        "-CAfile", office.tsa_root,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    told = office.verify(path, "--tsa-root", office.tsa_root)
    assert (told["pades"], told["stamped_at"] is None) == ("B-T", False)
    other = office.folder / "other-root.pem"
    other.write_bytes(pem(new_authority("Another").root))
    told = office.verify(path, "--tsa-root", other)
    assert "TIMESTAMP_UNTRUSTED" in {one["code"] for one in told["findings"]}


def _crl(office: Office, name: str, root: x509.Certificate, key: Any) -> Path:
    made = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(root.subject)
        .last_update(now() - timedelta(hours=1))
        .next_update(now() + timedelta(days=10))
        .sign(key, hashes.SHA256())
    )
    path = office.folder / name
    path.write_bytes(made.public_bytes(serialization.Encoding.DER))
    return path


@needs_pdfsig
@slow
def test_revocation_data_makes_b_lta_and_its_absence_is_refused(
    office: Office, tmp_path: Path
) -> None:
    ca_key = fresh_key()
    root = issue("Time Root", ca_key, ca=True)
    key = fresh_key()
    leaf = issue("Time", key, by=(root, ca_key), usages=TSA_ONLY)
    tsa = Authority(root, leaf, key)
    (office.folder / "time-root.pem").write_bytes(pem(root))
    lists = (
        _crl(office, "ca.crl", office.root, office.root_key),
        _crl(office, "time.crl", root, ca_key),
    )
    roots = ("--ca-root", office.ca, "--ca-root", office.folder / "time-root.pem")
    with serving(honest(tsa, tmp_path / "tsa")) as server:
        words = (*office.signing(), "--stamp-with", f"own={server.url}", *roots)
        path = office.report(
            "lta", *words, "--revocation", lists[0], "--revocation", lists[1]
        )
        refused = office.report("no", *words, "--revocation", lists[0], code=24)
    assert not refused.exists()
    assert pdfsig(path).count("Signature is Valid.") >= 1
    assert not preflight(path.read_bytes())
    told = office.verify(
        path, "--ca-root", office.ca, "--tsa-root", office.folder / "time-root.pem"
    )
    assert told["pades"] == "B-LTA"
    assert told["axes"]["intact"]["status"] == "pass"
    assert "byte for byte" in told["axes"]["intact"]["why"]


@slow
def test_issued_and_found_in_the_case_by_its_digest(
    office: Office, tmp_path: Path
) -> None:
    own = Desk(tmp_path)
    own.open_case()
    path = tmp_path / "r.pdf"
    own.run("-C", own.case, "report", "-o", path, "--issue", *office.signing())
    told = own.ask("-C", own.case, "verify", path)
    assert told["entered"] == 1
    entry = own.lines()[1].decode()
    assert '"pades":{"certificate":"' in entry
    assert '"level":"B-B"' in entry
    told = office.desk.ask("-C", office.desk.case, "verify", path, code=12)
    assert "REPORT_OTHER_CASE" in {one["code"] for one in told["findings"]}
    plain = tmp_path / "plain.pdf"
    own.run("-C", own.case, "report", "-o", plain)
    told = own.ask("-C", own.case, "verify", plain, code=12)
    assert told["entered"] is None
    assert "REPORT_NOT_ENTERED" in {one["code"] for one in told["findings"]}


def test_a_token_signs_and_the_key_never_leaves_it(
    office: Office, tmp_path: Path
) -> None:
    soft = new_soft_token(tmp_path / "softhsm")
    soft.add_token("desk")
    options = office.signing()
    private = Path(str(options[1]).removeprefix("file:"))
    soft.put("desk", "p256", "a1", private)
    private.unlink()  # only the token signs from here
    desk = Desk(
        office.folder,
        {"SOFTHSM2_CONF": str(soft.config), "CUSTODY_PASSPHRASE": PIN},
    )
    path = office.folder / "token.pdf"
    uri = soft.uri("token=desk;object=p256")
    words = ("--sign-with", uri, "--certificate", options[3])
    desk.run("-C", desk.case, "report", "-o", path, *AT, *words)
    told = office.verify(path, "--ca-root", office.ca)
    assert told["pades"] == "B-B"
    assert "Ada Rossi" in told["signer"]
    assert "P7S_TRUSTED" in {one["code"] for one in told["findings"]}


# -- refused when signing ------------------------------------------------------------


@slow
def test_no_signature_with_an_expired_certificate_or_that_of_another(
    office: Office,
) -> None:
    dates = {"start": now() - timedelta(days=9), "end": now() - timedelta(days=1)}
    assert not office.report("x", *office.signing(**dates), code=50).exists()
    other = office.signing("rsa3072")
    mine = office.signing("p256")
    mixed = (*mine[:2], *other[2:])
    assert not office.report("x", *mixed, code=50).exists()
    # poppler and openssl's cms do not take Ed25519 in CMS: it is refused, and why
    assert not office.report("x", *office.signing("ed25519"), code=50).exists()
    done = office.desk.run(
        "-C", office.desk.case, "report", "-o", office.folder / "x.pdf",
        "--sign-with", "Tess Tester", code=52,
    )  # fmt: skip
    assert "0 certificates of Tess Tester" in done.stderr


# -- attacked ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (pdfattack.hide, "PDF_CHANGED"),
        (pdfattack.replace, "PDF_CHANGED"),
        (pdfattack.plant, "PDF_HIDDEN"),
        (pdfattack.swap_attachment, "PDF_CHANGED"),
        (pdfattack.pretend_widget, "PDF_CHANGED"),
    ],
)
def test_what_is_appended_after_signing_is_found(
    office: Office, signed: bytes, change: Any, code: str
) -> None:
    attacked = pdfattack.appended(signed, change)
    assert attacked.startswith(signed)
    assert not problems(signed, office.folder)
    assert code in problems(attacked, office.folder)


def test_what_was_appended_fails_the_verdict(office: Office, signed: bytes) -> None:
    attacked = pdfattack.appended(signed, pdfattack.replace)
    assert {"PDF_CHANGED", "PDF_HIDDEN"} <= office.codes(attacked, code=10)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (pdfattack.add_attachments(10_000), "PDF_DAMAGED"),
        (pdfattack.add_layer, "PDF_LAYERS"),
        (pdfattack.add_script, "PDF_ACTIVE"),
    ],
)
def test_what_has_no_place_in_a_report_is_found(
    office: Office, change: Any, code: str
) -> None:
    data = pdfattack.rewritten(office.plain.read_bytes(), change)
    assert problems(data, office.folder) == {code}


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (pdfattack.cover, "PAGES_DIFFER"),
        pytest.param(pdfattack.remove_guide, "ATTACHMENT_MISSING", marks=slow),
        pytest.param(
            pdfattack.edit_model(b"EX-0001", b"EX-0002"), "PAGES_DIFFER", marks=slow
        ),
    ],
)
def test_what_is_prepared_before_signing_is_found(
    office: Office, change: Any, code: str
) -> None:
    data = pdfattack.rewritten(office.plain.read_bytes(), change)
    found = office.codes(data, code=None)
    assert code in found, found


def test_another_attachment_and_a_model_of_no_form_are_found(office: Office) -> None:
    def both(pdf: pikepdf.Pdf) -> None:
        pdfattack.add_attachments(1)(pdf)
        pdfattack.edit_model(b'"bytes":', b'"bytez":')(pdf)

    plain = office.plain.read_bytes()
    found = office.codes(pdfattack.rewritten(plain, both), code=10)
    assert found == {"MODEL_MALFORMED"}
    data = pdfattack.rewritten(plain, pdfattack.add_attachments(1))
    received, recorded = opened(data)
    found = {one.code for one in compare_attachments(received, recorded)}
    assert found == {Code.ATTACHMENT_NEW}


@slow
def test_pages_and_model_changed_together_contradict_the_log(office: Office) -> None:
    """Whoever renders everything anew cannot make the log say it, too."""
    received, recorded = opened(office.plain.read_bytes())
    files = [
        as_attachment(name, one)
        for name, one in received.attachments.items()
        if name != NAME
    ]
    exhibit = replace(recorded.report.exhibits[0], sha256="0" * 64)
    forged = replace(recorded.report, exhibits=(exhibit,))
    found = office.codes(make_pdf(forged, recorded.options, files), code=12)
    assert found == {"FIGURE_WRONG"}
    event = replace(recorded.report.events[0], time="2020-01-01T00:00:00.000000Z")
    events = (event, *recorded.report.events[1:])
    forged = replace(recorded.report, events=events)
    found = office.codes(make_pdf(forged, recorded.options, files), code=12)
    assert found == {"FIGURE_WRONG"}
    # a number edited on the pages, report.json left alone
    every = [as_attachment(name, one) for name, one in received.attachments.items()]
    found = office.codes(attach(forged, every), code=10)
    assert found == {"PAGES_DIFFER"}


def test_cut_off_encrypted_and_other_files_are_said_to_be_so(
    office: Office, signed: bytes, tmp_path: Path
) -> None:
    for other in (signed[:-100], b"%PDF-1.7\nnothing"):
        assert problems(other, office.folder) == {"PDF_DAMAGED"}
    path = tmp_path / "closed.pdf"
    with pikepdf.open(office.plain) as pdf:
        pdf.save(path, encryption=pikepdf.Encryption(owner="x", user="y"))
    assert problems(path.read_bytes(), office.folder) == {"PDF_ENCRYPTED"}


def test_of_a_file_cut_off_nothing_is_said_to_pass(
    office: Office, signed: bytes
) -> None:
    path = office.folder / "cut.pdf"
    path.write_bytes(signed[:-100])
    told = office.verify(path, code=10)
    status = {axis: one["status"] for axis, one in told["axes"].items()}
    assert status.pop("intact") == "fail"
    assert set(status.values()) == {"not checked"}, status
    assert {one["code"] for one in told["findings"]} == {"PDF_DAMAGED"}
    assert told["pades"] is None


@pytest.mark.parametrize("more", [b"\n", b"\r", b" ", b"\0", b"x", b"\n% more\n"])
def test_a_byte_after_the_signature_is_found(
    office: Office, signed: bytes, more: bytes
) -> None:
    assert "SIGNATURE_RANGE" in problems(signed + more, office.folder)


def test_an_end_of_line_is_found_where_the_signature_covers_none(
    office: Office, signed: bytes
) -> None:
    assert signed.endswith(b"%%EOF\n")
    (one,) = taken(office.folder / "signed.pdf")
    rest = one["ranges"][3]
    shorter = signed[:-1].replace(b" %d]" % rest, b" %d]" % (rest - 1), 1)
    assert shorter != signed[:-1]
    assert problems(shorter, office.folder) == set()
    assert problems(shorter + b"\n", office.folder) == {"SIGNATURE_RANGE"}


def test_a_byte_after_the_signature_fails_the_verdict(
    office: Office, signed: bytes
) -> None:
    assert "SIGNATURE_RANGE" in office.codes(signed + b"\n", code=10)


def test_a_signature_altered_or_over_other_bytes_fails(
    office: Office, signed: bytes
) -> None:
    again = office.report("signed2", *office.signing())
    (one,) = taken(again)
    before, after = one["ranges"][1], one["ranges"][2]
    data = again.read_bytes()
    moved = signed.replace(signed[before:after], data[before:after], 1)
    assert moved != signed
    found = office.codes(moved, code=None)
    assert found & {"P7S_OTHER_BYTES", "P7S_SIGNATURE"}, found
    zeros = signed[: before + 1] + b"0" * (after - before - 2) + signed[after - 1 :]
    assert "P7S_MALFORMED" in office.codes(zeros, code=20)
    flipped = signed.replace(b"%PDF-1.7", b"%PDF-1.6", 1)
    assert flipped != signed
    assert "P7S_OTHER_BYTES" in office.codes(flipped, code=None)


def test_a_range_that_leaves_out_more_than_the_signature_is_refused(
    office: Office, signed: bytes
) -> None:
    (one,) = taken(office.report("signed3", *office.signing()))
    data = (office.folder / "signed3.pdf").read_bytes()
    before = one["ranges"][1]
    old = b"/ByteRange [0 %d " % before
    new = b"/ByteRange [0 %d " % (before - 1)
    assert old in data
    assert "SIGNATURE_RANGE" in problems(data.replace(old, new), office.folder)


def test_signed_by_another_is_found_with_the_root_one_relies_on(
    office: Office, signed: bytes
) -> None:
    other = office.folder / "stranger.pem"
    other.write_bytes(pem(issue("Stranger", fresh_key(), ca=True)))
    found = office.codes(signed, "--ca-root", other, code=21)
    assert found == {"P7S_UNTRUSTED"}
