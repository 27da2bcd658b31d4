"""`custody preserve`: the guided way for advisers without training."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from cli import output
from cli.guide import Guide, ask_language, hanging_up_interrupts
from cli.preserved import Result, has_recovery
from cli.preserving import INCOMPLETE, Preserving
from cli.session import Session, session_options, signing_options
from evidence.consent.texts import LANGUAGES

_FILE = click.Path(path_type=Path)
_INTERRUPTED = 130


def _print_template(ctx: click.Context, _param: click.Parameter, value: bool) -> None:
    if value:
        from evidence.guiding.answers import template

        for line in template().splitlines():
            output.say(line)
        ctx.exit(0)


@click.command(name="preserve")
@click.argument("files", metavar="FILE...", type=_FILE, nargs=-1)
@click.option(
    "--language",
    type=click.Choice(LANGUAGES),
    help="Language of the questions (default: that of $LANG, or it is asked).",
)
@click.option("--continue", "resume", is_flag=True, help="Go on after an interruption.")
@click.option(
    "--answers",
    "answers_file",
    metavar="FILE",
    type=_FILE,
    help="Take the answers from a TOML or JSON file; ask nothing.",
)
@click.option(
    "--answers-template",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_print_template,
    help="Print a file of answers in which everything is skipped.",
)
@click.option(
    "--recovery",
    "recoveries",
    metavar="age1...",
    multiple=True,
    help="Recovery recipient of a new case, from 'recipient recovery' (repeatable).",
)
@click.option("--timezone", help="IANA zone of the telephone, e.g. Europe/Rome.")
@click.option(
    "--paper",
    metavar="FILE",
    type=_FILE,
    help="Where the paper for the person goes (default: beside the case).",
)
@signing_options
@session_options
@click.pass_obj
def command(
    session: Session,
    files: tuple[Path, ...],
    language: str | None,
    resume: bool,
    answers_file: Path | None,
    recoveries: tuple[str, ...],
    timezone: str | None,
    paper: Path | None,
) -> int:
    """Copy files somebody brought, with plain questions in their language.

    The copy comes first, right after a warning that the telephone may be watched. Then
    a few questions follow; Enter skips each. Where there is no key or no case (-C) one
    is made. At the end the copy is verified, and a paper for the person is written
    that tells nothing to whoever finds it.

    Whenever it is interrupted, what was copied and answered is safe: go on with
    'custody -C CASE preserve --continue'.

    \b
    EXIT STATUS
      0      everything was copied and verifies
      3      finished, but something was not copied wholly, or a time stamp waits
      10-23  the copy does not verify (as 'custody verify')
      130    interrupted; what was copied before is safe
    """
    from evidence.guiding.answers import read_answers
    from evidence.guiding.texts import spoken_here, texts
    from evidence.zones import check_timezone

    if resume == bool(files):
        raise click.UsageError("Give the FILEs to copy, or --continue, not both.")
    given = read_answers(answers_file) if answers_file is not None else None
    if given is None and not sys.stdin.isatty():
        raise click.UsageError("There is no terminal to ask at: give --answers FILE.")
    check_timezone(timezone)
    _check_files(files, paper)
    told = language or (given.language if given is not None else "")
    with hanging_up_interrupts():
        chosen = told or spoken_here() or ""
        if not chosen:
            chosen = "en" if given is not None or resume else ask_language()
        guide = Guide(texts(chosen), given, session.quiet)
        work = Preserving(session, guide, timezone, paper, recoveries)
        try:
            if resume:
                work.resume(language=told or None)
            else:
                work.begin(files)
            work.take()
            work.ask()
            result = work.finish()
        except (KeyboardInterrupt, click.Abort):
            work.tell_stopped()
            return _INTERRUPTED
    return _report(session, work, result)


def _check_files(files: tuple[Path, ...], paper: Path | None) -> None:
    """Refuse what is not there, before anybody is asked anything.

    Raises:
        SourceMissingError, OutputExistsError, OutputForbiddenError: a path is wrong.
    """
    from cli.writing_out import check_target
    from evidence.errors import SourceMissingError

    for path in files:
        if not path.exists():
            raise SourceMissingError(path=str(path))
    if paper is not None:
        check_target(paper)


def _report(session: Session, work: Preserving, result: Result) -> int:
    """Show what to do next, and return the exit code."""
    lacking = work.is_partial or result.waiting
    code = result.verdict or (INCOMPLETE if lacking else 0)
    if session.as_json:
        _emit(work, result, verified=not result.verdict)
        return code
    _show_check(work.guide, result)
    _show_next(work, result)
    return code


def _emit(work: Preserving, result: Result, *, verified: bool) -> None:
    run = work.run
    value = {
        "answers": run.answers,
        "basis": result.basis,
        "case": str(work.case.path),
        "code": result.code,
        "complete": not work.is_partial,
        "consent": result.consent or None,
        "exhibits": {name: facts.get("kind") for name, facts in run.exhibits.items()},
        "not_taken": len(run.refused),
        "paper": str(result.paper),
        "stamps": result.stamps,
        "stamps_waiting": result.waiting,
        "verified": verified,
    }
    output.emit_json("preserve", value)


def _show_check(guide: Guide, result: Result) -> None:
    guide.gap()
    said = guide.said
    if result.stamps or result.waiting:
        text = said.get("say", "stamped", count=result.stamps, waiting=result.waiting)
        output.tell_wrapped(text)
    name = "check_failed" if result.verdict else "checked"
    output.tell_wrapped(said.get("say", name))


def _show_next(work: Preserving, result: Result) -> None:
    """Print the last page: a result, so on standard output, and not left out."""
    said = work.guide.said
    case = f"custody -C {work.shown_folder}"
    output.title(said.get("next", "title"))
    places = [("folder", str(work.case.path.absolute())), ("paper", str(result.paper))]
    for name, place in places:
        _item(said.get("next", name))
        output.say(f"    {place}")
    _item(said.get("next", "code", code=result.code))
    for name in ("second", "key"):
        _item(said.get("next", name))
    if not has_recovery(work.case):
        _item(said.get("next", "alone"))
        output.say(f"    {case} recipient recovery --help")
    _item(said.get("next", "leaves"))
    if work.refused:
        _item(said.get("next", "refused"))
    elif not result.consent:
        _item(said.get("next", "later"))
        output.say(f"    {case} consent add --help")
    if work.is_partial:
        _item(said.get("next", "partly"))
        output.say(f"    {case} log")


def _item(text: str) -> None:
    output.say_wrapped(f"- {text}", hang="  ")
