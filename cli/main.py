"""The `custody` command: finds the verb, runs it, turns errors into exit codes.

Verbs are imported only when they run, so that `--help` and `verify` never load the
PDF, disk or picture libraries.
"""

from __future__ import annotations

import gc
import importlib
import signal
import sys
import traceback
from types import FrameType
from typing import NoReturn

import click

from cli.session import Session, session_options

# Verb to (module, one-line help); the order is that of a case's life.
VERBS = {
    "demo": ("demo", "Run the whole main job on sample evidence made on the spot."),
    "identity": ("identity", "Keys of people and organisations."),
    "init": ("init", "Open a new case."),
    "preserve": ("preserve", "The guided way: questions, copy, check, paper."),
    "key": ("key", "Who may sign in a case: enrol, revoke, rotate, list."),
    "recipient": ("recipient", "Who can decrypt an encrypted case."),
    "approve": ("approve", "Approve what another person did."),
    "refuse": ("refuse", "Refuse what another person did."),
    "authority": ("authority", "Legal grounds of a case: orders, warrants and others."),
    "deadlines": ("deadlines", "What falls due, when, and what happens then."),
    "check": ("check", "Compare a case with a law or standard, row by row."),
    "breach": ("breach", "Record a breach of personal data and its notification."),
    "acquire": ("acquire", "Acquire evidence into exhibits."),
    "refer": ("refer", "Record what must not be copied, and refer it."),
    "log": ("log", "List the entries of the manifest."),
    "show": ("show", "Show one exhibit; sealed details on record."),
    "person": ("person", "The register of persons, by pseudonym."),
    "transcript": ("transcript", "Read the conversation of a chat exhibit."),
    "note": ("note", "Add a fact or an assessment to an exhibit."),
    "label": ("label", "Handling codes, use restrictions, grades and quality."),
    "rectify": ("rectify", "Correct an entry by another one; nothing is overwritten."),
    "correction-notice": (
        "correction_notice",
        "Tell earlier recipients what was corrected.",
    ),
    "retain": ("retain", "How long exhibits are kept, and what of that is due."),
    "hold": ("hold", "A legal hold: nothing under it is erased."),
    "restrict": ("restrict", "Use for purposes of evidence only."),
    "erase": ("erase", "Erase exhibits for good; a tombstone stays."),
    "decision": ("decision", "The decision log, countersigned by a second person."),
    "interference": ("interference", "Presumed threats, bribes, retractions."),
    "harm": ("harm", "Presumed harm, for a claim of compensation."),
    "proceeds": ("proceeds", "Presumed proceeds, for confiscation."),
    "statement": ("statement", "Statements, their versions and passages."),
    "link": ("link", "Link an item to a passage and an element, for or against."),
    "matrix": ("matrix", "What supports and contradicts what: the links, counted."),
    "consent": ("consent", "What a person allowed, to whom, and for what."),
    "deposit": ("deposit", "Keep exhibits sealed while a person reflects."),
    "disclose": ("disclose", "Give a part of the case to one recipient."),
    "transfer": ("transfer", "Hand exhibits over, with proof on both sides."),
    "prove": ("prove", "Write a proof of one exhibit, to be checked without the case."),
    "seal": ("seal", "Checkpoint the case and have it time-stamped."),
    "verify": ("verify", "Verify a case or a proof and say what was not checked."),
    "kit": ("kit", "Write what a recipient needs to verify without this tool."),
    "witness": ("witness", "Have other parties countersign the record."),
    "cosign": ("cosign", "Countersign another party's record, as its witness."),
    "certify": ("certify", "Sign the newest checkpoint with a certificate (CAdES)."),
    "lint": ("lint", "Look for people's identifiers in what is about to leave."),
    "report": ("report", "Write the PDF custody report."),
    "export": ("export", "For other programs and courts: CASE, CSV, DFXML, ..."),
    "recover": ("recover", "Tidy up after a crash or power cut."),
    "selftest": ("selftest", "Check that this installation computes what it must."),
    "errors": ("errors", "List error codes and exit codes."),
}

EPILOG = """\b
EXIT STATUS
  0 ok  1 bug  2 usage  3 finished but incomplete  4 deadline due  5 check: something
  missing  10-19 integrity  20-29 trust, signature, time  30-39 input  40-49 storage
  50-59 keys
  130/143 interrupted.  Treat every other code as a failure.
"""


class TerminatedError(BaseException):
    """SIGTERM arrived; unwinds like Ctrl-C so that staged work is removed."""


class LazyGroup(click.Group):
    """A group whose verbs are imported on use."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the verbs in the order of a case's life."""
        del ctx
        return list(VERBS)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        """Import and return one verb."""
        del ctx
        if name not in VERBS:
            return None
        module = importlib.import_module(f"cli.commands.{VERBS[name][0]}")
        command = module.command
        if not isinstance(command, click.Command):
            raise TypeError(f"{name} has no command")
        return command

    def format_commands(
        self, ctx: click.Context, formatter: click.HelpFormatter
    ) -> None:
        """List the verbs without importing them."""
        del ctx
        with formatter.section("Verbs"):
            formatter.write_dl([(name, text) for name, (_, text) in VERBS.items()])


def _print_version(ctx: click.Context, _param: click.Parameter, value: bool) -> None:
    if value:
        from evidence.tool import tool_facts

        facts = tool_facts()
        click.echo(f"custody {facts['version']} (Python {facts['python']})")
        ctx.exit(0)


@click.group(
    cls=LazyGroup,
    epilog=EPILOG,
    context_settings={"help_option_names": ["-h", "--help"]},
)
@session_options
@click.option(
    "--version",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_print_version,
    help="Show the version.",
)
@click.pass_context
def custody(ctx: click.Context) -> None:
    """Digital-evidence chain of custody: acquire, hash, sign, verify, report."""
    ctx.ensure_object(Session)


def _on_sigterm(_number: int, _frame: FrameType | None) -> NoReturn:
    raise TerminatedError


def seldom_collect() -> None:
    """Look for reference cycles seldom: a command makes few and lives for seconds.

    Of the time a report of 100,000 entries takes, the default spends an eighth on it.
    """
    gc.freeze()
    gc.set_threshold(100_000, 20, 20)


def main() -> None:
    """Run the command line and exit; the one place that maps errors to codes."""
    # Names of files can hold any bytes; never fail to print them (they are escaped).
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
    signal.signal(signal.SIGTERM, _on_sigterm)
    seldom_collect()
    code = run_arguments(None)
    for number in (signal.SIGTERM, signal.SIGINT):
        # The work is over and the code says how: nothing is left to interrupt.
        signal.signal(number, signal.SIG_IGN)
    sys.exit(code)


def run_arguments(words: list[str] | None) -> int:
    """Run one command line and return its exit code.

    Args:
        words: the arguments after ``custody``; None for those of the process.
    """
    from cli import output
    from manifests.errors import CustodyError

    session = Session()
    try:
        result = custody.main(words, "custody", standalone_mode=False, obj=session)
    except click.exceptions.Exit as error:
        return error.exit_code
    except click.ClickException as error:
        error.show()
        return 2
    except CustodyError as error:
        (output.error_json if session.as_json else output.error)(error)
        return error.exit_code
    except (click.Abort, KeyboardInterrupt):
        output.tell("custody: interrupted; what was recorded before is safe.")
        return 130
    except TerminatedError:
        output.tell("custody: terminated; what was recorded before is safe.")
        return 143
    except BrokenPipeError:
        # The reader of our output went away; keep the interpreter from complaining.
        sys.stdout = None
        return 141
    except Exception as error:  # noqa: BLE001 - the one place that reports a bug
        return _bug(error, session)
    return result if isinstance(result, int) else 0


def _bug(error: Exception, session: Session) -> int:
    from cli import output

    output.tell(f"custody: this is a bug ({type(error).__name__}). [UNEXPECTED]")
    output.tell("  Safe:  What was recorded before is safe.")
    output.tell("  To do: Run it again with -v and report what it prints.")
    if session.verbose:
        for line in traceback.format_exception(error):
            for part in line.rstrip().splitlines():
                output.tell(part)
    return 1
