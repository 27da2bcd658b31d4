"""Looks for identifiers of people in what is about to leave (ADR 0019)."""
