"""Errors about proofs that other tools made of what is acquired."""

from __future__ import annotations

from manifests.errors import InputError, IntegrityError


class PeerMismatchError(IntegrityError):
    """Evidence was acquired and is not what a proof that came with it says."""

    code = "PEER_MISMATCH"
    exit_code = 18
    template = (
        "{count} proof(s) that came with {exhibits} do not fit what was acquired."
    )
    safe = "All was acquired as it is, and the entries say which proof does not fit."
    advice = "See 'custody show EX-...'; ask who made the proof, and keep the medium."


class PeerProofChangedError(IntegrityError):
    """A proof changed between being compared and being kept."""

    code = "PEER_PROOF_CHANGED"
    exit_code = 18
    template = "A proof of {exhibit} changed after it was compared."
    safe = "The exhibit is acquired; its entry names the proof by the digest compared."
    advice = "Look who writes to that folder, and acquire again from a read-only copy."


class PeerKeyError(InputError):
    """What should name a signer is neither a fingerprint nor a public key."""

    code = "PEER_KEY"
    exit_code = 34
    template = "{word} (--peer-key) is no fingerprint and no file with a public key."
    safe = "Nothing was acquired."
    advice = "Give all 40 or 64 digits, or the file of an OpenPGP public key."
