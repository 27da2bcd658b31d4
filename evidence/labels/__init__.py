"""Labels that travel: handling codes, use restrictions, grading, quality notes."""
