"""Proofs other tools made of evidence: read, compared with the copy, recorded."""
