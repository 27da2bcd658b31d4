"""Witnesses in variants that withhold parts of a report: by their keys."""

from __future__ import annotations

from dataclasses import replace

from manifests.keys import PublicKey
from manifests.verifying.anchors import Anchors
from manifests.verifying.witnesses import Witness


def unnamed(anchors: Anchors) -> Anchors:
    """Call witnesses the issuer knows as persons by the beginning of their key id.

    The name comes from the issuer's own key store, and is in no record of the case.
    Names in verifier keys and policies stand in notes anyway and stay.
    """
    found: list[Witness] = []
    label, said = "", ""
    for witness in anchors.witnesses:
        if witness.name:
            found.append(witness)
            continue
        if isinstance(witness.key, PublicKey):
            label, said = witness.label, f"key {witness.key.id[:16]}"
        elif witness.label != label:
            label, said = witness.label, f"key {witness.key.raw.hex()[:16]}"
        # The second key of the same person, which follows, is called the same.
        found.append(replace(witness, label=said))
    return replace(anchors, witnesses=tuple(found))
