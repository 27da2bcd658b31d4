"""What an entry says of peers' proofs, in words."""

from __future__ import annotations

from collections.abc import Mapping

from evidence.parsing.base import Json

_FORMS = {
    "sums": "list of digests",
    "hashdeep": "hashdeep list",
    "bagit": "BagIt bag",
    "ewf": "hashes stored in EWF",
    "timestamp": "RFC 3161 time stamp",
    "proofmode": "ProofMode bundle",
    "wacz": "WACZ",
    "unknown": "file of no known form",
}
_RESULTS = {
    "matched": "matches",
    "mismatched": "DOES NOT MATCH",
    "unreadable": "COULD NOT BE READ",
    "incomplete": "matches in part",
    "elsewhere": "says nothing of this exhibit",
}
_NOTES = {
    "weak-digest": "MD5 or SHA-1 alone, which can be forged",
    "signer-unknown": "whose key signed is not known",
    "root-not-trusted": "the authority is not trusted here",
    "pgp-not-checked": "OpenPGP signatures not checked",
    "signer-expected": "signed by the key that was given",
    "key-missing": "the key of a signature is missing",
    "key-other": "SIGNED BY ANOTHER KEY THAN THE ONE GIVEN",
    "key-not-in-force": "ITS KEY WAS NOT IN FORCE",
    "key-revoked-later": "the key was revoked after it signed",
    "weak-signature": "a signature that can be forged",
    "partly-signed": "some files have no signature that holds",
    "too-large": "a signature over too large a file not checked",
    "domain-not-checked": "domain certificate not checked",
    "time-not-checked": "its time stamp not checked",
    "algorithm-unknown": "digests of an unknown kind not checked",
    "lines-unreadable": "lines that cannot be read",
    "name-ambiguous": "names that fit several files",
    "found-under-another-name": "listed under another name",
    "fetch-not-followed": "places on the network not asked",
    "not-compared": "the comparison itself failed",
    "stored-hash-only": "the image itself was not read",
}
_SIGNATURES = {"valid": "signature holds", "invalid": "SIGNATURE DOES NOT HOLD"}
_SIGNATURES["weak"] = "signature shows nothing"
_SIGNATURES["not-checked"] = "signature not checked"


def peer_pairs(facts: Mapping[str, Json]) -> list[tuple[str, str]]:
    """Return label and value of each proof an acquire entry names."""
    proofs = facts.get("peers")
    if not isinstance(proofs, list):
        return []
    if not proofs:
        return [("Peer proofs", "none found")]
    return [("Peer proof", _sentence(one)) for one in proofs if isinstance(one, dict)]


def _sentence(one: Mapping[str, Json]) -> str:
    result = str(one.get("result"))
    text = _FORMS.get(str(one.get("form")), str(one.get("form")))
    text += f" {_RESULTS.get(result, result)}"
    counts = one.get("counts")
    if isinstance(counts, dict) and counts:
        text += ": " + ", ".join(f"{n} {word}" for word, n in sorted(counts.items()))
    algorithms = one.get("algorithms")
    if isinstance(algorithms, list) and algorithms:
        text += f" ({', '.join(str(a) for a in algorithms)})"
    notes = one.get("notes")
    told = (
        [_NOTES.get(str(n), str(n)) for n in notes] if isinstance(notes, list) else []
    )
    signature = _SIGNATURES.get(str(one.get("signature")), "")
    if isinstance(notes, list) and {"key-other", "key-not-in-force"} & {
        str(note) for note in notes
    }:
        signature = "SIGNATURE NOT ACCEPTED"
    rest = "; ".join(part for part in (signature, *told) if part)
    return f"{text}; {rest}" if rest else text
