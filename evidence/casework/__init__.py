"""Decisions, interference, statements, and what supports or contradicts what."""
