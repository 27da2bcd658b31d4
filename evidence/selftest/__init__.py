"""Does this installation compute what it must? Known answers and installed files."""
