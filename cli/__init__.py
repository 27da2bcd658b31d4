"""The `custody` command line: parse, call, render."""
