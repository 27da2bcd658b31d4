"""A preflight for PDF/A-3b: the rules of ISO 19005-3 that it names, and no others.

Numbers are clause and test of the veraPDF corpus for PDF/A-2b and 3b; ``own-`` marks
rules that are narrower than the standard, for files made here. Not checked are, among
others: glyph widths and encodings inside fonts, JPEG 2000, halftones, optional content,
colour spaces inside pages, extension schemas, properties of schemas a report does not
use. Passing it is no proof of conformance.
"""

from __future__ import annotations

import io

import pikepdf

from tests.preflight.objects import check_colour, check_objects
from tests.preflight.raw import check_contents, check_raw, check_trailer
from tests.preflight.xmp import check_metadata, check_own

# Clauses whose corpus files are all judged right; a clause not named is not covered.
COVERED = (
    "6.1.2", "6.1.3", "6.1.4", "6.1.5", "6.1.6", "6.1.7.1", "6.1.9", "6.1.10",
    "6.1.12", "6.1.13", "6.6.2.1", "6.6.4", "6.6.6", "6.8",
)  # fmt: skip
# Of clause 6.6.2.3.1 the tests on schemas that a report uses: Dublin Core, XMP Basic.
COVERED_TESTS = ("6.6.2.3.1-06", "6.6.2.3.1-07")
Problem = tuple[str, str]


def problems(data: bytes, *, parts: tuple[int, ...] = (3,)) -> list[Problem]:
    """Return what is wrong by the standard, as (clause and test, sentence)."""
    found = _judged(data, parts)
    return [problem for problem in found if not problem[0].startswith("own-")]


def own_problems(data: bytes) -> list[Problem]:
    """Return what is wrong by the standard or by the narrower rules for our files."""
    found = _judged(data, (3,))
    with pikepdf.open(io.BytesIO(data)) as pdf:
        found += check_colour(pdf)
        if "/Metadata" in pdf.Root:
            found += check_own(pdf)
        found += [("own-syntax", str(warning)) for warning in pdf.get_warnings()]
    return found


def _judged(data: bytes, parts: tuple[int, ...]) -> list[Problem]:
    found = list(check_raw(data))
    try:
        pdf = pikepdf.open(io.BytesIO(data), suppress_warnings=True)
    except pikepdf.PdfError as error:
        return [*found, ("6.1-syntax", str(error))]
    with pdf:
        found += check_trailer(pdf)
        found += check_contents(pdf)
        found += check_objects(pdf)
        found += check_metadata(pdf, parts)
    return found
