"""Consents: what a person allowed, to whom, for what, and until when."""
