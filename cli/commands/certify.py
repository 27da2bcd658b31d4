"""`custody certify`: a certificate's signature over the newest checkpoint."""

from __future__ import annotations

import click

from cli import output
from cli.session import Session, acting_options, session_options


@click.command(name="certify")
@click.option(
    "--certificate",
    "wanted",
    metavar="SHA256",
    help="Which certificate: the first digits, 8 or more (default: the only one).",
)
@acting_options
@session_options
@click.pass_obj
def command(session: Session, wanted: str | None) -> None:
    """Sign the newest checkpoint with an X.509 certificate (CAdES-B, .p7s).

    The signature stands beside the checkpoint and covers the exact note file; no
    entry is made. Log and checkpoints are checked first, payloads are not: run
    'custody verify' before. openssl checks the result:

    \b
      openssl cms -verify -binary -inform DER -in NNNNNNNNNN.*.p7s
        -content NNNNNNNNNN.note -CAfile ca.pem -purpose any -out /dev/null
    """
    from evidence.certificates import describe
    from evidence.certified import choose_certificate, open_certified
    from evidence.certifying import certify

    case = session.open_case()
    identity, store = session.identity(), session.store()
    chosen = choose_certificate(store, identity, wanted)
    key = open_certified(store, identity, chosen, session.ask_passphrase)
    try:
        made = certify(case, chosen.certificate, key)
    finally:
        key.close()
    said = describe(chosen.certificate.leaf)
    if session.as_json:
        output.emit_json(
            "certify",
            {
                "file": str(made.path),
                "checkpoint": made.head.name,
                "entries": made.head.size,
                **said.fields(),
            },
        )
        return
    output.title(f"Signed checkpoint {made.head.name}")
    output.fields(
        [
            ("file", str(made.path)),
            ("entries", str(made.head.size)),
            ("certificate of", said.subject),
            ("claims, not proved", "; ".join(said.claims) or "none"),
        ]
    )
