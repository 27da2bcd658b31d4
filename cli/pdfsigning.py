"""The options with which a report is signed, and the signing (PAdES)."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, TypedDict, TypeVar

import click

if TYPE_CHECKING:
    from cli.session import Session
    from evidence.case import Case
    from evidence.certificates import Certificate
    from evidence.report.signing import Revocation, Signed, Stamp
    from evidence.signers.handles import KeyHandle

_F = TypeVar("_F", bound=Callable[..., object])
_PATH = click.Path(path_type=Path, exists=True, dir_okay=False)
_MAX_FILE = 8 << 20


class Signing(TypedDict):
    """The options of `pdf_signature_options`, as commands receive them."""

    sign_with: str | None
    certificate: str | None
    pdf_tsa: str | None
    revocations: tuple[Path, ...]
    ca_roots: tuple[Path, ...]


def pdf_signature_options(function: _F) -> _F:
    """Add the options that say with what a report's PDF is signed."""
    for option in (
        click.option(
            "--ca-root",
            "ca_roots",
            type=_PATH,
            multiple=True,
            help="With --revocation: root of the signer's or the authority's "
            "certificate (repeatable).",
        ),
        click.option(
            "--revocation",
            "revocations",
            type=_PATH,
            multiple=True,
            help="CRL or OCSP response, DER: puts it into the PDF, and a second time "
            "stamp over it (PAdES B-LTA; repeatable).",
        ),
        click.option(
            "--stamp-with",
            "pdf_tsa",
            metavar="NAME[=URL]",
            help="Ask this time-stamping authority for the signature (PAdES B-T): one "
            "of custody.toml by its name, or NAME=URL.",
        ),
        click.option(
            "--certificate",
            metavar="SHA256|FILE",
            help="Which certificate signs: first digits of one kept with the "
            "identity, or a PEM file with its chain.",
        ),
        click.option(
            "--sign-with",
            metavar="IDENTITY|URI",
            help="Sign the PDF (PAdES) with the certificate of this identity, or with "
            "the key at pkcs11:... or file:PATH and --certificate FILE.",
        ),
    ):
        function = option(function)
    return function


def aimed_at(options: Signing) -> str:
    """Return the PAdES level the options can reach; "" for no signature.

    Raises:
        click.UsageError: they do not fit each other.
    """
    from evidence.report.signing import level_aimed_at

    given = (options["certificate"], options["pdf_tsa"], options["revocations"])
    if options["sign_with"] is None:
        if any(given) or options["ca_roots"]:
            raise click.UsageError("These options go with --sign-with.")
        return ""
    if options["revocations"] and not (options["pdf_tsa"] and options["ca_roots"]):
        raise click.UsageError("--revocation goes with --stamp-with and --ca-root.")
    if options["ca_roots"] and not options["revocations"]:
        raise click.UsageError("--ca-root goes with --revocation.")
    return level_aimed_at(
        stamped=options["pdf_tsa"] is not None,
        revocation=bool(options["revocations"]),
    ).value


def sign_pdf(session: Session, case: Case, data: bytes, options: Signing) -> Signed:
    """Return the signed PDF; may ask for a passphrase or PIN, and an authority.

    Raises:
        CertificateRefusedError, CertificateUnknownError, KeyProblemError: no key or
            certificate that can sign.
        As `evidence.report.signing.sign_report`.
    """
    from evidence.report.signing import sign_report

    stamp = _stamp(case, options["pdf_tsa"])
    revocation = _revocation(options)
    certificate, key = _opened(session, options)
    try:
        return sign_report(data, certificate, key, stamp=stamp, revocation=revocation)
    finally:
        key.close()


def _opened(session: Session, options: Signing) -> tuple[Certificate, KeyHandle]:
    from evidence.certificates import join, read_file
    from evidence.certified import choose_certificate, open_certified
    from evidence.signers.opening import open_key
    from evidence.signers.uri import parse_uri

    wanted, given = str(options["sign_with"]), options["certificate"]
    ask = session.ask_passphrase
    if wanted.startswith(("pkcs11:", "file:")):
        if given is None:
            raise click.UsageError("A key by its URI needs --certificate FILE.")
        first, *others = read_file(Path(given))
        certificate = join(first, others)
        return certificate, open_key(parse_uri(wanted), ask, name="the report's key")
    store = session.store()
    identity = store.find(wanted)
    chosen = choose_certificate(store, identity, given)
    return chosen.certificate, open_certified(store, identity, chosen, ask)


def _stamp(case: Case, wanted: str | None) -> Stamp | None:
    """Return what asks the authority named; a name alone is one of custody.toml."""
    from evidence.addresses import StampAuthority
    from evidence.timestamping import ask_authority

    if wanted is None:
        return None
    if "=" in wanted:
        authority = StampAuthority.from_text(wanted)
    else:
        known = {one.name: one for one in case.settings.authorities}
        if wanted not in known:
            named = ", ".join(known) or "none"
            raise click.UsageError(f"custody.toml names these authorities: {named}.")
        authority = known[wanted]
    if not authority.url:
        raise click.UsageError("That authority is asked by hand: it has no address.")
    return lambda request: ask_authority(authority, request)


def _revocation(options: Signing) -> Revocation | None:
    from evidence.certificates import read_roots
    from evidence.report.signing import Revocation

    if not options["revocations"]:
        return None
    files: list[bytes] = []
    for path in options["revocations"]:
        with path.open("rb") as stream:
            files.append(stream.read(_MAX_FILE))
    return Revocation(tuple(files), read_roots(options["ca_roots"]))
