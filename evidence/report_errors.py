"""Errors of signing and checking reports."""

from __future__ import annotations

from manifests.errors import InputError, IntegrityError, TrustError


class SigningFailedError(TrustError):
    """A report could not be signed."""

    code = "SIGNING_FAILED"
    exit_code = 24
    template = "The report could not be signed: {reason}."
    safe = "No report was written and the case is unchanged."
    advice = "Make the report without --sign-with, or ask another authority."


class RevocationMissingError(TrustError):
    """What was given does not show that the certificates were not revoked."""

    code = "REVOCATION_MISSING"
    exit_code = 24
    template = "The level B-LT cannot be reached: {reason}."
    safe = "No report was written and the case is unchanged."
    advice = (
        "Give CRLs or OCSP responses for the signer and the time-stamping authority, "
        "and their roots; or leave out --revocation for B-T."
    )


class ReportFileError(IntegrityError):
    """A file is no report that can be checked."""

    code = "REPORT_UNREADABLE"
    exit_code = 16
    template = "This PDF cannot be checked as a report: {reason}."
    safe = "Nothing was changed; nothing in it is established."
    advice = "Ask whoever issued it for it again, or for a copy of the case."


class ReportModelError(InputError):
    """``report.json`` is not the model of a report."""

    code = "REPORT_MODEL"
    exit_code = 31
    template = "The model in report.json cannot be read: {reason}."
    safe = "Nothing was changed; nothing in the report is established."
    advice = "Check it with the version of this tool that the report names, or newer."
