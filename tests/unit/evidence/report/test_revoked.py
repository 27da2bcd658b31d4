"""Revocation data inside a signed PDF: made by openssl, judged offline."""

from __future__ import annotations

import asyncio
import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import pikepdf
import pytest
from asn1crypto import cms, crl, ocsp, tsp
from asn1crypto import x509 as asn1x509
from cryptography import x509

from evidence.certificates import join
from evidence.parsing.base import Job
from evidence.parsing.report_pdf import ReportParser
from evidence.report import signing
from evidence.report.padescheck import PdfSigned, judge_signatures
from evidence.report.received import Received, _Taker
from evidence.report.revoked import Validation, embedded, judge_revocation
from evidence.report.signing import Stamp, sign_report
from evidence.signers.handles import KeyHandle
from evidence.signers.opening import open_key
from evidence.signers.uri import FileUri
from manifests.verifying.certificates import StampRoots
from tests.pdfattack import appended
from tests.revocation import RESPONDER, Revoker, new_revoker, private_pem
from tests.stamping import (
    TSA_ONLY,
    Authority,
    Forge,
    Key,
    der,
    issue,
    needs_openssl,
    new_key,
    now,
    openssl_reply,
    pem,
)

pytestmark = needs_openssl
HOUR = timedelta(hours=1)


@dataclass(frozen=True)
class Office:
    """Two authorities that can revoke, a signer of the one, a clock of the other."""

    folder: Path
    ca: Revoker
    time: Revoker
    tsa: Authority
    signer: x509.Certificate
    private: Key
    key: KeyHandle
    blank: bytes

    def stamp(self, request: bytes) -> bytes:
        return openssl_reply(self.folder / "tsa", request)

    def signed(self, *, stamped: bool = True) -> bytes:
        stamp = self.stamp if stamped else None
        made = sign_report(self.blank, join(self.signer, []), self.key, stamp=stamp)
        return made.data

    def archived(self, data: bytes) -> bytes:
        return asyncio.run(signing._append_stamp(data, signing._stamper(self.stamp)))

    def judged(self, data: bytes, *, roots: bool = True) -> PdfSigned:
        path = self.folder / "judged.pdf"
        path.write_bytes(data)
        received = Received()
        taker = _Taker(received)
        for item in ReportParser().parse(Job(str(path))):
            taker.take(item)
        assert received.whole, received.findings
        received.signatures.sort(key=lambda one: one.end)
        return judge_signatures(
            data,
            received.signatures,
            ca_roots=[der(self.ca.root)] if roots else [],
            stamp_roots=StampRoots.from_bytes(pem(self.time.root)),
            validation=received.validation,
        )


def with_store(
    data: bytes, *, crls: Sequence[bytes] = (), responses: Sequence[bytes] = ()
) -> bytes:
    """Append a store of validation data, as anybody can."""
    from pyhanko.sign.validation.dss import DocumentSecurityStore

    def change(writer: object) -> None:
        DocumentSecurityStore.supply_dss_in_writer(
            writer,
            sig_contents=None,
            crls=[crl.CertificateList.load(one) for one in crls],
            ocsps=[ocsp.OCSPResponse.load(one) for one in responses],
        )

    return appended(data, change)


def told(signed: PdfSigned) -> dict[str, str]:
    """What is said under each code: of the signer first, then of the authority."""
    said: dict[str, str] = {}
    for one in signed.findings:
        said[one.code.value] = said.get(one.code.value, "") + one.text
    return said


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Office:
    folder = tmp_path_factory.mktemp("revoking")
    ca = new_revoker(folder / "ca")
    time = new_revoker(folder / "time", "Time Root")
    stamping = new_key()
    leaf = issue("Time", stamping, by=time.by, usages=TSA_ONLY)
    tsa = Authority(time.root, leaf, stamping)
    tsa.files(folder / "tsa")
    private = new_key()
    signer = issue("Ada Rossi", private, by=ca.by)
    (folder / "signer.key").write_bytes(private_pem(private))
    (folder / "signer.key").chmod(0o600)
    key = open_key(FileUri(folder / "signer.key"), lambda _: "", name="Rossi")
    blank = io.BytesIO()
    with pikepdf.new() as pdf:
        pdf.add_blank_page()
        pdf.save(blank)
    return Office(folder, ca, time, tsa, signer, private, key, blank.getvalue())


@pytest.fixture(scope="module")
def stamped(office: Office) -> bytes:
    return office.signed()


def test_lists_without_either_certificate_make_b_lt_and_a_stamp_over_them_b_lta(
    office: Office, stamped: bytes
) -> None:
    data = with_store(stamped, crls=[office.ca.crl(), office.time.crl()])
    found = office.judged(data)
    assert (found.level, found.parts, found.unrevoked) == ("B-LT", "B-LT", True)
    codes = [one.code for one in found.findings]
    assert codes.count("REVOCATION_CHECKED") == 2
    assert not any(one.fails for one in found.findings)
    found = office.judged(office.archived(data))
    assert (found.level, found.parts) == ("B-LTA", "B-LTA")


def test_a_store_after_the_last_stamp_is_not_archived(
    office: Office, stamped: bytes
) -> None:
    data = office.archived(with_store(stamped, crls=[office.ca.crl()]))
    data = with_store(data, crls=[office.time.crl()])
    found = office.judged(data)
    assert (found.level, found.parts) == ("B-LT", "B-LTA")


def test_one_list_missing_leaves_b_t_and_says_what_was_not_judged(
    office: Office, stamped: bytes
) -> None:
    found = office.judged(with_store(stamped, crls=[office.time.crl()]))
    assert (found.level, found.parts, found.unrevoked) == ("B-T", "B-LT", False)
    assert "no data that holds covers" in told(found)["REVOCATION_UNCHECKED"]
    found = office.judged(with_store(stamped, crls=[office.ca.crl()]))
    assert (found.level, found.unrevoked) == ("B-T", True)


@pytest.mark.parametrize("kind", ["crl", "ocsp", "crl beside a good answer"])
def test_a_revoked_certificate_fails_with_time_and_reason(
    office: Office, stamped: bytes, kind: str
) -> None:
    when = now() - HOUR
    gone = (office.signer, when, "keyCompromise")
    lists, answers = [office.time.crl()], []
    if kind == "ocsp":
        answers.append(office.ca.ocsp(office.signer, gone))
    else:
        lists.append(office.ca.crl(gone, made=now()))
    if kind == "crl beside a good answer":
        answers.append(office.ca.ocsp(office.signer))
    found = office.judged(with_store(stamped, crls=lists, responses=answers))
    (wrong,) = [one for one in found.findings if one.fails]
    assert wrong.code == "CERTIFICATE_REVOKED"
    assert wrong.axis == "trusted"
    assert f"{when:%Y-%m-%d %H:%M:%S}Z" in wrong.text
    assert "compromise" in wrong.text
    assert (found.level, found.unrevoked) == ("B-T", False)


def test_revoked_after_the_stamp_is_good_and_said(
    office: Office, stamped: bytes
) -> None:
    later = now() + HOUR
    gone = (office.signer, later, "superseded")
    data = with_store(stamped, crls=[office.ca.crl(gone, made=later + HOUR)])
    found = office.judged(data)
    assert found.unrevoked
    assert (
        f"after that it was revoked at {later:%Y-%m-%d}"
        in told(found)["REVOCATION_CHECKED"]
    )


def test_revoked_at_any_time_fails_where_no_stamp_proves_the_time(
    office: Office,
) -> None:
    later = now() + HOUR
    gone = (office.signer, later, "superseded")
    data = office.signed(stamped=False)
    found = office.judged(
        with_store(data, crls=[office.ca.crl(gone, made=later + HOUR)])
    )
    assert "nothing shows that it signed before" in told(found)["CERTIFICATE_REVOKED"]
    assert (found.level, found.parts) == ("B-B", "B-B")
    found = office.judged(with_store(data, crls=[office.ca.crl()]))
    assert (found.level, found.unrevoked) == ("B-B", True)


def test_a_revoked_time_stamping_certificate_fails(
    office: Office, stamped: bytes
) -> None:
    gone = (office.tsa.tsa, now() - HOUR, "keyCompromise")
    data = with_store(
        stamped, crls=[office.ca.crl(), office.time.crl(gone, made=now())]
    )
    found = office.judged(data)
    (wrong,) = [one for one in found.findings if one.fails]
    assert (wrong.code, wrong.axis) == ("CERTIFICATE_REVOKED", "timestamped")
    assert found.level == "B-T"


def test_expired_data_proves_nothing(office: Office, stamped: bytes) -> None:
    old = office.ca.crl(made=now() - 48 * HOUR, until=now() - 24 * HOUR)
    found = office.judged(with_store(stamped, crls=[old]))
    assert "the data had expired" in told(found)["REVOCATION_UNCHECKED"]
    assert not found.unrevoked
    # nor does it hide that somebody else's list would: a list of another authority
    stranger = new_revoker(office.folder / "stranger")
    found = office.judged(with_store(stamped, crls=[stranger.crl()]))
    assert not found.unrevoked


@pytest.mark.parametrize("usages", [RESPONDER, ()])
def test_a_responder_counts_only_with_its_issuers_leave(
    office: Office, stamped: bytes, usages: tuple[x509.ObjectIdentifier, ...]
) -> None:
    key = new_key()
    who = issue("Responder", key, by=office.ca.by, usages=usages)
    answer = office.ca.ocsp(office.signer, responder=(who, key))
    found = office.judged(with_store(stamped, responses=[answer]))
    assert found.unrevoked is bool(usages)
    if not usages:
        assert "not authorised" in told(found)["REVOCATION_UNCHECKED"]


def test_without_data_or_root_nothing_is_said_to_be_good(
    office: Office, stamped: bytes
) -> None:
    found = office.judged(stamped)
    assert "carries no revocation data" in told(found)["REVOCATION_UNCHECKED"]
    assert (found.level, found.parts) == ("B-T", "B-T")
    found = office.judged(with_store(stamped, crls=[office.ca.crl()]), roots=False)
    assert not found.unrevoked
    assert found.level == "B-T"


def test_data_inside_the_cms_is_read_too(office: Office, stamped: bytes) -> None:
    """Adobe's signed attribute, and the field of CMS itself (RFC 5652, RFC 5940)."""
    import pyhanko.sign.general  # noqa: F401 - registers what asn1crypto then caches
    from asn1crypto import pdf

    lists = crl.CertificateList.load(office.ca.crl())
    answer = ocsp.OCSPResponse.load(office.ca.ocsp(office.signer))
    attribute = cms.CMSAttribute(
        {
            "type": "adobe_revocation_info_archival",
            "values": [pdf.RevocationInfoArchival({"crl": [lists], "ocsp": [answer]})],
        }
    )
    other = cms.OtherRevocationInfoFormat(
        {"other_rev_info_format": "1.3.6.1.5.5.7.16.2", "other_rev_info": answer}
    )
    signed = cms.SignedData(
        {
            "version": "v1",
            "digest_algorithms": [],
            "encap_content_info": {"content_type": "data"},
            "crls": [
                cms.RevocationInfoChoice("crl", lists),
                cms.RevocationInfoChoice("other", other),
            ],
            "signer_infos": [signer_info(stamped, attribute)],
        }
    )
    found = [*embedded(cms.SignedData.load(signed.dump()))]
    both = [("crl", lists.dump()), ("response", answer.dump())]
    assert sorted(found) == sorted(both * 2)


def signer_info(data: bytes, attribute: cms.CMSAttribute) -> cms.SignerInfo:
    """That of a signed PDF, with one more attribute (and so with no valid value)."""
    from pyhanko.pdf_utils.reader import PdfFileReader

    reader = PdfFileReader(io.BytesIO(data))
    info = reader.embedded_regular_signatures[-1].signer_info.copy()
    attributes = [*info["signed_attrs"], attribute]
    info["signed_attrs"] = cms.CMSAttributes(attributes)
    return info


def test_garbage_in_the_store_proves_nothing(office: Office, stamped: bytes) -> None:
    found = office.judged(with_store(stamped, crls=[]))
    assert not found.unrevoked
    junk = Validation(crls=[b"\x30\x03\x02\x01\x01", b""], responses=[b"junk"])
    assert junk
    certificate = asn1x509.Certificate.load(der(office.signer))
    judged = judge_revocation(
        certificate, [], junk, [der(office.ca.root)], proven=None, claimed=now()
    )
    assert judged.standing == "not judged"


def test_a_token_over_another_digest_fails(office: Office) -> None:
    """The authority's own and rightly signed, but over other bytes."""

    def other(request: bytes) -> bytes:
        read = tsp.TimeStampReq.load(request)
        read["message_imprint"]["hashed_message"] = b"\1" * 32
        return office.stamp(read.dump(force=True))

    made = sign_report(
        office.blank, join(office.signer, []), office.key, stamp=other
    ).data
    found = office.judged(made)
    assert "TIMESTAMP_OTHER_BYTES" in {one.code for one in found.findings if one.fails}
    assert found.level == "B-B"


def test_expired_at_signing_fails_and_expired_since_holds_by_its_stamp(
    office: Office,
) -> None:
    """The clock is the authority's: the certificate's end is set around it."""
    ended = issue("Ada Rossi", office.private, by=office.ca.by, end=now() - HOUR)
    early = now() - 2 * HOUR
    data = backdated(office, ended, early, stamp=office.stamp)
    wrong = {one.code for one in office.judged(data).findings if one.fails}
    assert wrong == {"P7S_EXPIRED"}  # the stamp says when, not the PDF

    def before(request: bytes) -> bytes:
        read = tsp.TimeStampReq.load(request)
        imprint = read["message_imprint"]["hashed_message"].native
        return Forge(
            office.tsa,
            b"",
            imprint_value=imprint,
            nonce=read["nonce"].native,
            gen_time=f"{early:%Y%m%d%H%M%SZ}",
        ).answer()

    data = backdated(office, ended, early, stamp=before)
    found = office.judged(data)
    assert not any(one.fails for one in found.findings), found.findings
    assert "P7S_TRUSTED" in told(found)
    assert found.level == "B-T"


def backdated(
    office: Office, certificate: x509.Certificate, at: datetime, *, stamp: Stamp
) -> bytes:
    """Sign as if it were another time, with what that would not let us."""
    chosen = join(certificate, [])
    stamper = signing._stamper(stamp)
    return asyncio.run(
        signing._append_signature(office.blank, chosen, office.key, stamper, at)
    )
