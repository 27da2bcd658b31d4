"""The commands a report prints, so that nobody needs this tool to check a case."""

from __future__ import annotations

from evidence.checking import Checked
from evidence.report.model import Exhibit
from manifests.checkpoint import is_signed_by, signature_id
from manifests.keys import Algorithm, PublicKey


def hand_check(
    exhibits: tuple[Exhibit, ...], checked: Checked
) -> tuple[tuple[str, str], ...]:
    """Return (sentence, command) pairs.

    They need a shell, sha256sum, openssl, xxd, base64, grep and sed only.
    """
    size = checked.log.newest_checkpoint
    note = f"manifest/checkpoints/{size:010d}.note"
    steps = [
        (
            "In the case folder, with a scratch folder outside it (a file left inside "
            "the case would count as unlisted):",
            "T=$(mktemp -d)",
        )
    ]
    there = [exhibit for exhibit in exhibits if not exhibit.erased]
    if there:
        first = there[0]
        steps.append(
            (
                f"The payload of {first.id} has the digest printed in this report "
                "(the same for every other exhibit):",
                f"sha256sum {first.payload_name}",
            )
        )
    steps += [
        (
            "The leaf hash of the first entry is the value 'prev' of the second:",
            "{ printf '\\000'; sed -n 1p manifest/entries.jsonl | tr -d '\\n'; } | "
            'sha256sum; sed -n 2p manifest/entries.jsonl | grep -o \'"prev":"[^"]*"\'',
        ),
        (
            "The sealed record of entry 0 is the one that entry commits to "
            "(value 'private'):",
            "{ printf '\\000'; cat private/0000000000.json; } | sha256sum",
        ),
        (
            "The checkpoint names the number of entries and the root printed on "
            "every page (base64; this shows it in hexadecimal):",
            f"sed -n 3p {note} | base64 -d | xxd -p -c 32",
        ),
        *_signature_steps(checked, note),
        ("Or all of it, and every other axis, with this tool:", "custody verify ."),
    ]
    return tuple(steps)


def _signature_steps(checked: Checked, note: str) -> list[tuple[str, str]]:
    """Return the steps for the key and signature of the newest checkpoint.

    A note may carry lines of several keys: the right one is chosen by name and key id,
    both of which whoever checks can derive.
    """
    key = _checkpoint_key(checked)
    if key is None:
        return []
    founder = key.id == checked.log.founder
    # Of all keys in entry 0 (a second person's may stand there, too) the founder's.
    where = "sed -n 1p manifest/entries.jsonl | grep -o '\"founder\":{[^}]*}'"
    named = '"[^"]*"'
    if not founder:
        where, named = "cat manifest/entries.jsonl", f'"{key.text}"'
    whose = "the founder's public key, which stands in entry 0"
    if not founder:
        whose = "the public key that an entry enrolled"
    identity = (
        f"{{ head -n 1 {note}; printf '\\001'; tail -c 32 $T/key.der; }} | "
        "sha256sum | cut -c1-8"
    )
    check = (
        "openssl pkeyutl -verify -rawin -pubin -keyform DER -inkey $T/key.der "
        "-sigfile $T/sig -in $T/text"
    )
    if key.algorithm is Algorithm.P256:
        identity = "sha256sum $T/key.der | cut -c1-8"
        check = (
            "openssl pkey -pubin -inform DER -in $T/key.der -out $T/key.pem; openssl "
            "dgst -sha256 -verify $T/key.pem -signature $T/sig $T/text"
        )
    return [
        (
            f"The key id is the digest of {whose}. Compare it with the one the person "
            "gives you:",
            f"{where} | grep -o '\"public\":{named}' | "
            "head -n 1 | cut -d'\"' -f4 | base64 -d > $T/key.der; "
            "sha256sum $T/key.der",
        ),
        (
            "The checkpoint names its signers by four bytes; those of this key "
            f"({signature_id(checked.log.origin, key).hex()}) follow from it:",
            identity,
        ),
        (
            "The checkpoint is signed by that key (lines of other keys, such as a "
            "post-quantum key or witnesses, are left out):",
            f"I=$({identity}); sed '/^$/,$d' {note} > $T/text; grep \"^— $(head -n 1 "
            f"{note}) \" {note} | cut -d' ' -f3 | while read -r s; do [ \"$(echo $s | "
            'base64 -d | head -c 4 | xxd -p)" = "$I" ] && echo $s; done | base64 -d | '
            f"tail -c +5 > $T/sig; {check}",
        ),
    ]


def _checkpoint_key(checked: Checked) -> PublicKey | None:
    """Return the key that signed the newest checkpoint, the founder's if it did."""
    log = checked.log
    newest = [
        head
        for head in log.heads
        if head.size == log.newest_checkpoint and not head.outside
    ]
    signers = [
        key
        for key in log.signers.values()
        if any(is_signed_by(head.signed, log.origin, key) for head in newest)
    ]
    signers.sort(key=lambda key: key.id != log.founder)
    if signers:
        return signers[0]
    # Nobody's: whoever runs the commands then sees the founder's fail.
    return log.signers.get(log.founder) if log.founder else None
