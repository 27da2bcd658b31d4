"""Writes the generated parts of the documentation; ``--check`` only compares.

* docs/reference/cli.md        from ``click``'s help of every command
* docs/reference/exit-codes.md from the error classes and the verdict's reason codes
* docs/reference/checks.md     from the catalogues of `custody check`
* docs/spec/manifest-v1.md     the worked example, between its marks
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(REPOSITORY))

import click  # noqa: E402

from cli.exits import error_classes  # noqa: E402
from cli.main import custody  # noqa: E402
from evidence.conformity.catalogues import CATALOGUES  # noqa: E402
from evidence.conformity.model import NO_ADVICE  # noqa: E402
from manifests.verifying import verdict  # noqa: E402
from tests.docs import worked_example  # noqa: E402

DOCS = REPOSITORY / "docs"
WIDTH = 80
_MADE = "<!-- Written by tests/docs/generate.py (make docs). Do not edit. -->"

# What each reason code means, for people; a test asserts that none is missing.
REASONS = {
    "PAYLOAD_MISSING": "The payload of an exhibit is not there.",
    "INVENTORY_MISSING": "The inventory of an exhibit is not there.",
    "PRIVATE_MISSING": "The sealed record of an entry is not there (lost or withheld).",
    "ERASED": "The exhibit was erased: by whom, when and why (remark).",
    "ERASED_STILL_PRESENT": "Something of what was erased is there.",
    "UNLISTED": "The manifest does not name it, or a folder is only a link.",
    "EXHIBIT_GAP": "An exhibit number was left out.",
    "UNFINISHED": "Remark: an interrupted act left it; it is no evidence.",
    "QUARANTINE_MISSING": "Remark: what a recovery set aside is not there any more.",
    "REPORT_MISSING": "Remark: the case's copy of an issued report is not there.",
    "PAYLOAD_MODIFIED": "Size or SHA-256 of a payload differ from the entry.",
    "INVENTORY_MODIFIED": "Number or root of the inventory's lines differ.",
    "PRIVATE_MODIFIED": "A sealed record is not the one its entry commits to.",
    "UNREADABLE": "A file cannot be read, or is not a regular file.",
    "MEMBER_MODIFIED": "Where in a damaged payload the damage is.",
    "REPORT_MODIFIED": "A report in the case is not the file that was issued.",
    "QUARANTINE_MODIFIED": "What a recovery set aside is not what it recorded.",
    "ATTACHMENT_MISSING": "A file that was attached to a report is not there.",
    "ATTACHMENT_NEW": "A report carries a file that was not attached to it.",
    "ATTACHMENT_DOUBLED": "Two attachments of a report have one name.",
    "ATTACHMENT_MODIFIED": "An attachment of a report is not what was attached.",
    "PDF_CHANGED": "What was appended to a report changes what it shows or holds.",
    "PDF_HIDDEN": "A report's PDF holds objects that nothing refers to.",
    "PDF_ACTIVE": "A report's PDF holds a script or an action.",
    "PDF_LAYERS": "A report's PDF holds layers that can be shown or hidden.",
    "PDF_OVERLAY": "An annotation lies over a page of a report.",
    "PDF_DAMAGED": "A report's PDF is cut off, damaged or beyond bounds.",
    "PDF_ENCRYPTED": "A report's PDF is encrypted.",
    "ENGINES_DIFFER": "Two engines see different pages or attachments in a report.",
    "PAGES_DIFFER": "A report's pages are not those its data gives.",
    "PAGES_BY_TEXT": "A report's pages were compared by their text alone.",
    "MODEL_MALFORMED": "A report's data cannot be read.",
    "FIGURE_WRONG": "A report says something else than the log it carries.",
    "FIGURES_UNCHECKED": "A report's figures could not be worked out again.",
    "REPORT_OTHER_CASE": "A report is of another case than the one given.",
    "REPORT_NOT_ENTERED": "No entry of the case given names a report's file.",
    "SIGNATURE_RANGE": "A PDF's signature does not cover all it should.",
    "REPORT_UNSIGNED": "A report's PDF carries no signature.",
    "CERTIFICATE_REVOKED": "A certificate of a report's signature or time stamp was "
    "revoked, by the revocation data in the PDF.",
    "REVOCATION_CHECKED": "Remark: by that data it was not revoked.",
    "REVOCATION_UNCHECKED": "Remark: that data does not tell, and why.",
    "PACKAGE_MISSING": "A package lists a file that is not there.",
    "PACKAGE_NEW": "A package holds a file that it does not list.",
    "PACKAGE_MODIFIED": "A file of a package is not as listed.",
    "PACKAGE_MOVED": "A file of a package has the content listed for another one.",
    "DIFFERENCES_MODIFIED": "A receipt's list of differences is not the signed one.",
    "OFFER_MALFORMED": "The entry of an offer offers nothing to anybody.",
    "OFFER_OTHER": "An answer is to another offer than the one beside it.",
    "ANSWER_MALFORMED": "An entry that should answer an offer does not.",
    "ANSWER_BY_OTHER": "An answer is not by the key to which the offer was made.",
    "ANSWER_OWN_WORD": "Remark: the giver wrote it down, the receiver signed nothing.",
    "PLAINTEXT_MODIFIED": "What is inside an encrypted file is not what was recorded, "
    "or it does not decrypt (found only with a key).",
    "PLAINTEXT_UNCHECKED": "Encrypted files were compared, not decrypted (remark).",
    "KEY_FILE_WRONG": "A file in `keys/` does not open, or holds the key of something "
    "else (found only with a key).",
    "KEY_FILE_MISSING": "A file in `keys/` is not there: nobody can decrypt.",
    "RECORD_WRONG": "A record in a proof is not in the exhibit's inventory.",
    "ENTRY_MALFORMED": "A line has not the prescribed form.",
    "ENTRY_FOREIGN": "An entry belongs to another manifest.",
    "ENTRY_MISSING": "An entry is not there although later ones are.",
    "ENTRY_DOUBLED": "An entry stands twice.",
    "ENTRY_SWAPPED": "An entry stands after later ones.",
    "ENTRY_FORKED": "Two different entries have one number, or one exhibit.",
    "ENTRY_TORN": "Remark: the last line is incomplete.",
    "RENEWAL_MISSING": "A list of second digests is not there.",
    "RENEWED_MISSING": "A file that a list of second digests names is not there.",
    "RENEWAL_MODIFIED": "A list of second digests is not the one its entry names.",
    "RENEWAL_MALFORMED": "A list of second digests has not its form.",
    "RENEWED_MODIFIED": "A file has not the SHA-512 that a list of second digests "
    "gives, whatever its SHA-256.",
    "RENEWAL_UNSTAMPED": "Remark: no time stamp stands over a list of second digests.",
    "RENEWAL_WEAK": "Remark: a time stamp over a list of second digests rests on "
    "SHA-256 and renews nothing if that falls.",
    "RENEWAL_PARTIAL": "Remark: a list of second digests leaves out files that were "
    "evidence when it was made.",
    "ENTRY_UNKNOWN": "The type of an entry is not one of this format version.",
    "CHAIN_BROKEN": "An entry does not name the line before it.",
    "NO_CASE_OPEN": "The first entry does not open a case with its founder's key.",
    "TIME_BACKWARDS": "Remark: an entry's time is before that of the one before.",
    "CHECKPOINT_MALFORMED": "A checkpoint has not the prescribed form.",
    "CHECKPOINT_FOREIGN": "A checkpoint belongs to another manifest.",
    "CHECKPOINT_MISNAMED": "A checkpoint's file name is not its size.",
    "CHECKPOINT_ROOT": "The entries are not those a checkpoint was made over.",
    "CHECKPOINT_BEYOND": "A checkpoint covers more entries than there are.",
    "CHECKPOINT_NONE": "There are entries and no checkpoint that can be read.",
    "CHECKPOINT_LAGS": "Remark: the last entries have no checkpoint yet.",
    "ROLLBACK": "A checkpoint from outside does not fit: cut off or rewritten.",
    "NOT_INCLUDED": "An entry in a proof is not in the log its checkpoint covers.",
    "SIGNATURE_WRONG": "A signature does not match its entry, or is missing.",
    "SIGNER_UNKNOWN": "A key signed that was not allowed to.",
    "CHECKPOINT_SIGNATURE": "A checkpoint is not signed by a key in force there, or "
    "its ML-DSA-44 signature is wrong.",
    "KEY_REVOKED": "An act by a key that was revoked from that time on, or replaced, "
    "or whose enrolment does not count.",
    "KEY_EXPIRED": "An act or checkpoint outside the time its key was enrolled for.",
    "KEY_RIGHT": "An act its key has no right to, or in a role it may not act in.",
    "KEY_CLAIM": "An entry says something about keys that does not hold.",
    "APPROVAL_PENDING": "Remark: an act waits for a second person; not in force.",
    "APPROVAL_REFUSED": "Remark: a second person refused an act; never in force.",
    "POST_QUANTUM_ABSENT": "Remark: a checkpoint lacks its signer's ML-DSA-44 "
    "signature.",
    "POST_QUANTUM_UNCHECKED": "Remark: this installation cannot check ML-DSA-44.",
    "COMPANION_MALFORMED": "Too many files stand beside one checkpoint.",
    "TIMESTAMP_MALFORMED": "A time stamp is not well formed, or is a refusal.",
    "TIMESTAMP_OTHER_BYTES": "A time stamp is over other bytes than its checkpoint: it "
    "was moved, or one of the two was altered.",
    "TIMESTAMP_SIGNATURE": "A time stamp's signature does not match what it says.",
    "TIMESTAMP_UNTRUSTED": "Remark: a time stamp by nobody below a root you gave; it "
    "does not count.",
    "TIMESTAMP_CERT_EXPIRED": "Remark: a certificate was not valid at the time "
    "stamped; the stamp does not count.",
    "TIMESTAMP_WEAK": "Remark: a digest or key weaker than SHA-256, RSA-2048 or P-256; "
    "the stamp does not count.",
    "TIMESTAMP_NOT_A_TSA": "Remark: signed with a certificate that is not for time "
    "stamping alone; the stamp does not count.",
    "TIMESTAMP_UNSUPPORTED": "Remark: a time stamp this tool cannot judge; it does not "
    "count.",
    "TIMESTAMP_AGED": "Remark: the authority's certificate ended and no later time "
    "stamp maintains this one.",
    "TIME_AFTER_STAMP": "Remark: an entry states a later time than the time stamp over "
    "it: its clock was wrong, or was set.",
    "COMPANION_ALONE": "Remark: a cosignature, token or signature file without its "
    "checkpoint.",
    "KEY_NOT_ANCHORED": "A key of the case is not one you gave as trusted.",
    "COSIGNATURE_MALFORMED": "A cosignature file cannot be read.",
    "COSIGNATURE_WRONG": "The countersignature of a witness you know does not match "
    "its checkpoint.",
    "COSIGNATURE_HEAD": "A witness countersigned a checkpoint that the manifest does "
    "not fit: it was cut or rewritten since.",
    "COSIGNATURE_FUTURE": "Remark: a countersignature states a time in the future.",
    "QUORUM_MISSED": "Too few of the witnesses of your policy have countersigned.",
    "WITNESS_OWN_KEY": "Remark: a countersignature by a key of the case itself counts "
    "for nothing.",
    "TIME_AFTER_WITNESS": "Remark: an entry states a later time than the "
    "countersignature over it.",
    "P7S_MALFORMED": "A .p7s beside a checkpoint is no detached CAdES signature.",
    "P7S_OTHER_BYTES": "A .p7s was made over other bytes than its checkpoint.",
    "P7S_SIGNATURE": "A .p7s does not match the key of its certificate, or is weak.",
    "P7S_EXPIRED": "The certificate of a .p7s was not valid when it was made.",
    "P7S_UNTRUSTED": "Remark: a .p7s holds; its certificate leads to no root given.",
    "P7S_TRUSTED": "Remark: a .p7s holds and its certificate leads to a root given "
    "with --ca-root; revocation was not checked.",
    "NOT_ASKED": "Reserved; not written by this version.",
}
_GENERAL = (
    ("0", "The command did what was asked; for `verify`, no axis failed."),
    ("1", "A bug. Run it again with `-v` and report what it prints."),
    ("2", "The command line is wrong."),
    ("3", "Finished, but something attempted could not be acquired."),
    ("4", "For `deadlines`: something is due or has passed, or cannot be computed."),
    ("5", "For `check`: something is missing."),
    ("10-19", "Integrity."),
    ("20-29", "Trust, signature, time."),
    ("30-39", "Input."),
    ("40-49", "Storage, lock, space."),
    ("50-59", "Keys."),
    ("130", "Interrupted (Ctrl-C)."),
    ("141", "The reader of the output went away."),
    ("143", "Terminated (SIGTERM)."),
)


def commands() -> Iterator[tuple[str, click.Command, click.Context]]:
    """Yield (full name, command, context) of ``custody`` and everything below."""
    yield from _below("custody", custody, None)


def _below(
    name: str, command: click.Command, above: click.Context | None
) -> Iterator[tuple[str, click.Command, click.Context]]:
    context = click.Context(
        command,
        info_name=name.rsplit(" ", 1)[-1],
        parent=above,
        terminal_width=WIDTH,
        max_content_width=WIDTH,
        help_option_names=["-h", "--help"],
    )
    yield name, command, context
    if isinstance(command, click.Group):
        for word in command.list_commands(context):
            child = command.get_command(context, word)
            assert child is not None, f"{name} {word} cannot be loaded"
            yield from _below(f"{name} {word}", child, context)


def cli_page() -> str:
    """Return docs/reference/cli.md."""
    out = [
        "# Commands",
        "",
        _MADE,
        "",
        "What `--help` of each command prints. Options that every command takes may",
        "stand before or after the verb. Environment variables: `CUSTODY_CASE` (case",
        "folder), `CUSTODY_HOME` (key folder), `CUSTODY_IDENTITY` (who acts),",
        "`CUSTODY_JOBS` (processes that check signatures, 1 to 8; default: each core),",
        "`CUSTODY_PASSPHRASE`, `SOURCE_DATE_EPOCH` (time printed on a report),",
        "`NO_COLOR`.",
    ]
    for name, command, context in commands():
        text = command.get_help(context)
        lines = [line.rstrip() for line in text.splitlines()]
        out += ["", f"## {name}", "", "```text", *lines, "```"]
    return "\n".join(out) + "\n"


def exits_page() -> str:
    """Return docs/reference/exit-codes.md."""
    out = ["# Exit codes and reason codes", "", _MADE, "", "## Exit codes", ""]
    out += ["| exit | meaning |", "|---|---|"]
    out += [f"| {code} | {text} |" for code, text in _GENERAL]
    out += [
        "",
        "Treat every code that is not in this table as a failure.",
        "",
        "## Axes of a verdict",
        "",
        "The first axis in this order that fails decides the exit code of `verify` and",
        "`report`. With `--require`, an axis that was not checked fails, too.",
        "",
        "| exit | axis | question |",
        "|---|---|---|",
    ]
    for axis, code in verdict.EXIT_CODES.items():
        out.append(f"| {code} | {axis.value} | {verdict.QUESTIONS[axis]} |")
    out += ["", "## Reason codes of findings", ""]
    out += ["| code | meaning |", "|---|---|"]
    out += [f"| `{code.value}` | {REASONS[code.value]} |" for code in verdict.Code]
    out += [
        "",
        "## Errors",
        "",
        "An error is printed with its code in brackets, what is safe, and what to do.",
        "",
        "| exit | code | what happened | what is safe | what to do |",
        "|---|---|---|---|---|",
    ]
    for kind in error_classes():
        texts = (kind.template, kind.safe, kind.advice)
        cells = " | ".join(text.replace("|", "\\|") for text in texts)
        out.append(f"| {kind.exit_code} | `{kind.code}` | {cells} |")
    return "\n".join(out) + "\n"


def checks_page() -> str:
    """Return docs/reference/checks.md."""
    out = [
        "# What `custody check` looks at",
        "",
        _MADE,
        "",
        NO_ADVICE,
        "",
        "How to use it: [police](../how-to/police.md#compare-the-case-with-the-law),",
        "[prosecutor](../how-to/prosecutor.md#what-is-there-and-what-is-not). Why it",
        "is so: [decision 0024](../adr/0024-conformity.md).",
        "",
        "| outcome | meaning |",
        "|---|---|",
        "| met | the entries or axes named show it |",
        "| missing | the article asks for it, and the record lacks it |",
        "| not applicable | nothing in this case calls for it (yet) |",
        "| not shown | neither: sealed records, roots or witnesses are not at hand, "
        "the log does not verify, or no case can show it |",
        "",
        "*Outside* marks what is fulfilled by an organisation, a provider or a court.",
        "No case can show it, and `--strict` does not count it.",
    ]
    for one in CATALOGUES.values():
        out += ["", f"## {one.name}", "", f"{one.source}. {one.note}", ""]
        out += ["| row | article | duty | |", "|---|---|---|---|"]
        for duty in one.duties:
            mark = "outside" if duty.outside else ""
            out.append(f"| `{duty.id}` | {duty.article} | {duty.text} | {mark} |")
    return "\n".join(out) + "\n"


def spec_page() -> str:
    """Return docs/spec/manifest-v1.md with the worked example put in."""
    text = (DOCS / "spec" / "manifest-v1.md").read_text("utf-8")
    before, _, rest = text.partition(worked_example.BEGIN)
    _, mark, after = rest.partition(worked_example.END)
    assert mark, "the specification lost the marks of its worked example"
    return before + worked_example.section() + after


def pages() -> dict[Path, str]:
    """Return every generated page by path."""
    return {
        DOCS / "reference" / "cli.md": cli_page(),
        DOCS / "reference" / "exit-codes.md": exits_page(),
        DOCS / "reference" / "checks.md": checks_page(),
        DOCS / "spec" / "manifest-v1.md": spec_page(),
    }


def main(words: list[str]) -> int:
    """Write the pages, or with ``--check`` name those that are not current."""
    stale = []
    for path, text in pages().items():
        if path.is_file() and path.read_text("utf-8") == text:
            continue
        stale.append(path)
        if "--check" not in words:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, "utf-8")
    for path in stale:
        state = "is not current" if "--check" in words else "written"
        print(f"{path.relative_to(REPOSITORY)} {state}")
    return 1 if stale and "--check" in words else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
