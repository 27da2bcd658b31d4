"""Encryption at rest: age files, the keys of case and exhibits, who can open them."""
