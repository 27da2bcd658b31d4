"""ASiC-E containers (ETSI EN 319 162-1) with CAdES: small, for e-evidence's own IT.

A zip with ``mimetype`` first and stored, the files, ``META-INF/ASiCManifest.xml`` with
their SHA-256 digests, and ``META-INF/signature.p7s``, a detached CAdES signature over
that manifest. Where an authority was asked, ``META-INF/ASiCArchiveManifest.xml`` names
all of that again and ``META-INF/timestamp.tst`` is its time-stamp token (RFC 3161).
Implementing Regulation (EU) 2025/1550, point 3.2: what is larger than 25 MB does not go
through the decentralised IT system.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from xml.etree import ElementTree as ET
from xml.sax.saxutils import quoteattr

from evidence.cadescheck import check_cades
from evidence.case import unreadable
from evidence.certificates import Certificate
from evidence.envelope_errors import ContainerMalformedError, ContainerTooLargeError
from evidence.signers.handles import KeyHandle
from evidence.transfer.bag import check_paths
from evidence.transfer_errors import PackageMalformedError
from manifests.errors import MalformedError
from manifests.transfer import read_transfer
from manifests.verifying.certificates import StampRoots
from manifests.verifying.judge import Anchors
from manifests.verifying.tally import failing
from manifests.verifying.timestamps import judge_token
from manifests.verifying.transfers import judge_transfer
from manifests.verifying.verdict import (
    Axis,
    AxisVerdict,
    Code,
    Finding,
    Status,
    Verdict,
)

MIMETYPE = b"application/vnd.etsi.asic-e+zip"
MAX_BYTES = 25_000_000  # the stricter reading of "25 MB (25 600 kB)"
PROOF = "transfer.json"
MANIFEST, SIGNATURE = "META-INF/ASiCManifest.xml", "META-INF/signature.p7s"
ARCHIVE, STAMP = "META-INF/ASiCArchiveManifest.xml", "META-INF/timestamp.tst"
_ASIC = "http://uri.etsi.org/02918/v1.2.1#"
_DSIG = "http://www.w3.org/2000/09/xmldsig#"
_SHA256 = "http://www.w3.org/2001/04/xmlenc#sha256"
_P7S = "application/x-pkcs7-signature"
_TST = "application/vnd.etsi.timestamp-token"
_MAX_XML = 1 << 20
_MAX_FILES = 1_000
_FIRST = 30 + len("mimetype")


def make_container(
    files: Mapping[str, bytes],
    certificate: Certificate,
    key: KeyHandle,
    stamp: Callable[[bytes], bytes] | None = None,
) -> bytes:
    """Return a container of `files`, its manifest signed by the certificate's key.

    Args:
        files: plain relative name to content; `PROOF` is what it proves.
        stamp: returns a time-stamp token (DER) over bytes; None for none.

    Raises:
        ContainerTooLargeError: above 25 MB.
        CertificateRefusedError, TokenFailedError: it cannot sign.
        PackageMalformedError: a name leads out of it.
    """
    from evidence.cades import sign_checkpoint_cades

    check_paths(files)
    size = sum(len(data) for data in files.values())
    if size > MAX_BYTES:
        raise ContainerTooLargeError(bytes=size)
    manifest = _manifest(files, SIGNATURE, _P7S)
    moment = datetime.now(UTC).replace(microsecond=0)
    signature = sign_checkpoint_cades(manifest, certificate, key, at=moment)
    members = {"mimetype": MIMETYPE, **files, MANIFEST: manifest, SIGNATURE: signature}
    if stamp is not None:
        covered = {**files, MANIFEST: manifest, SIGNATURE: signature}
        members[ARCHIVE] = _manifest(covered, STAMP, _TST)
        members[STAMP] = stamp(members[ARCHIVE])
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, data in members.items():
            info = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            info.external_attr = 0o644 << 16
            if name != "mimetype":
                info.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(info, data)
    made = out.getvalue()
    if len(made) > MAX_BYTES:
        raise ContainerTooLargeError(bytes=len(made))
    return made


def _manifest(files: Mapping[str, bytes], proof: str, kind: str) -> bytes:
    """Return an ASiCManifest (EN 319 162-1 A.4): what is signed, by which file."""
    import base64

    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        f'<asic:ASiCManifest xmlns:asic="{_ASIC}" xmlns:ds="{_DSIG}">',
        f'<asic:SigReference URI="{proof}" MimeType="{kind}"/>',
    ]
    for name, data in files.items():
        digest = base64.b64encode(sha256(data).digest()).decode("ascii")
        lines.append(
            f"<asic:DataObjectReference URI={quoteattr(name)}>"
            f'<ds:DigestMethod Algorithm="{_SHA256}"/>'
            f"<ds:DigestValue>{digest}</ds:DigestValue>"
            "</asic:DataObjectReference>"
        )
    lines.append("</asic:ASiCManifest>")
    return "\n".join(lines).encode("utf-8")


# -- verifying -----------------------------------------------------------------------


def is_container(path: Path) -> bool:
    """Tell by its first bytes whether a file means to be an ASiC-E container.

    Raises:
        CaseUnreadableError: it cannot be read.
    """
    try:
        if not path.is_file():
            return False
        with path.open("rb") as stream:
            head = stream.read(_FIRST + len(MIMETYPE))
    except OSError as error:
        raise unreadable(path.name, error) from error
    return head[:4] == b"PK\x03\x04" and MIMETYPE in head


def container_verdict(
    path: Path, anchors: Anchors, roots: Sequence[bytes] = ()
) -> Verdict:
    """Judge a container: files, signature, and the hand-over it proves.

    Args:
        roots: CA certificates the verifier relies on for the signature, DER.

    Raises:
        ContainerMalformedError: it is none that is read, or built to do harm.
        CaseUnreadableError: it cannot be read.
    """
    members = _members(path)
    manifest = members.get(MANIFEST)
    if manifest is None or PROOF not in members:
        raise ContainerMalformedError(reason=f"it holds no {MANIFEST} or no {PROOF}")
    listed = _references(manifest, SIGNATURE)
    findings = _compare(listed, members)
    stamped, at = _judge_stamp(members, anchors, findings)
    data = members.get(SIGNATURE, b"")
    findings += check_cades(data, manifest, roots, at, name=SIGNATURE)
    try:
        offer = judge_transfer(read_transfer(members[PROOF]), anchors)
    except MalformedError as error:
        raise ContainerMalformedError(reason=error.what.rstrip(".")) from error
    unique = tuple(dict.fromkeys([*findings, *offer.findings]))
    axes = {axis: failing(axis, unique) or offer.axes[axis] for axis in Axis}
    for axis in (Axis.COMPLETE, Axis.INTACT):
        if axes[axis].status is not Status.FAIL:
            text = "Every file of the container is as its manifest says."
            axes[axis] = AxisVerdict(Status.PASS, text)
    if stamped is not None:
        axes[Axis.TIMESTAMPED] = failing(Axis.TIMESTAMPED, unique) or stamped
    wrong = {f.subject for f in findings if f.axis is Axis.INTACT}
    return Verdict(
        origin=offer.origin,
        size=offer.size,
        root=offer.root,
        axes=axes,
        findings=unique,
        counts={"matched": len(listed) - len(wrong & set(listed))},
        not_established=(
            "What the evidence holds: a container holds proofs, not exhibits.",
            *offer.not_established,
        ),
    )


def _members(path: Path) -> dict[str, bytes]:
    found: dict[str, bytes] = {}
    try:
        with path.open("rb") as stream:
            archive = zipfile.ZipFile(io.BytesIO(stream.read(MAX_BYTES + 1)))
        infos = archive.infolist()
        if len(infos) > _MAX_FILES or sum(i.file_size for i in infos) > 4 * MAX_BYTES:
            raise ContainerMalformedError(reason="it holds too much")
        first = infos[0] if infos else None
        if first is None or first.filename != "mimetype" or first.header_offset:
            raise ContainerMalformedError(reason="its mimetype is not first")
        if first.compress_type != zipfile.ZIP_STORED:
            raise ContainerMalformedError(reason="its mimetype is compressed")
        for info in infos:
            if info.filename in found:
                raise ContainerMalformedError(reason="a name is in it twice")
            with archive.open(info) as member:
                found[info.filename] = member.read(info.file_size + 1)
        check_paths(found)
    except OSError as error:
        raise unreadable(path.name, error) from error
    except PackageMalformedError as error:
        raise ContainerMalformedError(reason=str(error.facts["reason"])) from error
    except ContainerMalformedError:
        raise
    except Exception as error:
        reason = f"it cannot be read ({type(error).__name__})"
        raise ContainerMalformedError(reason=reason) from error
    if found["mimetype"] != MIMETYPE:
        raise ContainerMalformedError(reason="its mimetype is another one")
    return found


def _judge_stamp(
    members: Mapping[str, bytes], anchors: Anchors, findings: list[Finding]
) -> tuple[AxisVerdict | None, datetime | None]:
    """Judge the time stamp over all the rest; add what is wrong to `findings`.

    Returns:
        The axis, None without a stamp; and the time, None unless a root is trusted.
    """
    if (ARCHIVE in members) != (STAMP in members):
        reason = "its time stamp, or the manifest for it, is missing"
        raise ContainerMalformedError(reason=reason)
    if STAMP not in members:
        return None, None
    listed = _references(members[ARCHIVE], STAMP)
    found = _compare(listed, members, (ARCHIVE, STAMP))
    findings += [one for one in found if one not in findings]
    roots = StampRoots.from_bytes(*anchors.stamp_roots)
    told = judge_token(members[STAMP], members[ARCHIVE], roots, now=anchors.now)
    when = f"{told.gen_time:%Y-%m-%d %H:%M:%S}Z" if told.gen_time else "no time"
    if told.code is None and not found:
        text = f"The container was there at {when}, says {told.authority}."
        return AxisVerdict(Status.PASS, text), told.gen_time
    if told.code is not None:
        fails = told.code is not Code.TIMESTAMP_UNTRUSTED
        finding = Finding(Axis.TIMESTAMPED, told.code, STAMP, told.text, fails=fails)
        findings.append(finding)
    text = f"It holds a time stamp that claims {when}, by no root you gave."
    return AxisVerdict(Status.NOT_CHECKED, text), None


def _references(manifest: bytes, proof: str) -> dict[str, str]:
    """Return name to SHA-256 (base64) of what the manifest refers to."""
    if len(manifest) > _MAX_XML or b"<!" in manifest:
        # No declarations: nothing in it can be an entity that grows.
        raise ContainerMalformedError(reason="its manifest is too long, or declares")
    try:
        root = ET.fromstring(manifest)  # noqa: S314 - without declarations, bounded
    except ET.ParseError as error:
        raise ContainerMalformedError(reason="its manifest is no XML") from error
    signed = root.find(f"{{{_ASIC}}}SigReference")
    if root.tag != f"{{{_ASIC}}}ASiCManifest" or signed is None:
        raise ContainerMalformedError(reason="its manifest is no ASiCManifest")
    if signed.get("URI") != proof:
        raise ContainerMalformedError(reason="its signature is of a form not read here")
    found: dict[str, str] = {}
    for one in root.findall(f"{{{_ASIC}}}DataObjectReference"):
        method = one.find(f"{{{_DSIG}}}DigestMethod")
        value = one.findtext(f"{{{_DSIG}}}DigestValue") or ""
        name = one.get("URI") or ""
        if method is None or method.get("Algorithm") != _SHA256 or name in found:
            raise ContainerMalformedError(reason="a reference in its manifest is odd")
        found[name] = value.strip()
    return found


def _compare(
    listed: Mapping[str, str],
    members: Mapping[str, bytes],
    own: Iterable[str] = (MANIFEST, SIGNATURE, ARCHIVE, STAMP),
) -> list[Finding]:
    import base64

    findings: list[Finding] = []
    for name, digest in listed.items():
        data = members.get(name)
        if data is None:
            text = "It is in the manifest and not in the container."
            code = Code.PACKAGE_MISSING
            findings.append(Finding(Axis.COMPLETE, code, name, text))
        elif base64.b64encode(sha256(data).digest()).decode("ascii") != digest:
            text = "It is not what the manifest says."
            findings.append(Finding(Axis.INTACT, Code.PACKAGE_MODIFIED, name, text))
    for name in sorted(set(members) - set(listed) - {"mimetype", *own}):
        text = "It is in the container and not in its manifest."
        findings.append(Finding(Axis.COMPLETE, Code.PACKAGE_NEW, name, text))
    return findings
