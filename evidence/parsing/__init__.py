"""Parsers of hostile input and the process that isolates them."""
