"""The course of `custody preserve`: copy first, ask then, check, give a paper.

No lock is held while somebody thinks: each answer is an act of its own, durable with
its checkpoint before the next question.
"""

from __future__ import annotations

import hashlib
import os
import sys
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from cli import output
from cli.guide import Guide
from cli.preserved import Result, stamp, verify
from cli.session import Session
from evidence.case import SETTINGS
from evidence.guiding import course as courses
from evidence.guiding.agreeing import basis_word, is_refused, paper_language, settle
from evidence.guiding.course import Course, newest_course, next_aliases, spelled
from evidence.guiding.kinds import CHAT, FILES, PICTURE, guess
from evidence.guiding.script import SKIPPED, Kind, Step, next_step
from evidence.guiding_errors import AnswersRefusedError, NothingToContinueError
from evidence.key_errors import PassphraseRefusedError
from manifests.errors import CustodyError, StorageError

if TYPE_CHECKING:
    from evidence.case import Case, CaseWriter
    from evidence.identity import Identity
    from manifests.keys import Signer

INCOMPLETE = 3
_ATTEMPTS = 3
_ROLE = "caseworker"
_KEY_NAME = "adviser"


@dataclass(slots=True)
class Preserving:
    """One run at the command line.

    Attributes:
        timezone: IANA zone of the telephone a conversation is from, if told.
        paper: where the paper goes; None for beside the case's folder.
        recoveries: age recipients that open a new case, kept elsewhere.
    """

    session: Session
    guide: Guide
    timezone: str | None = None
    paper: Path | None = None
    recoveries: tuple[str, ...] = ()
    course: Course | None = None
    _case: Case | None = None
    _actor: tuple[Identity, Signer] | None = None
    _failed: list[CustodyError] = field(default_factory=list)

    @property
    def case(self) -> Case:
        """The case, once it is open."""
        assert self._case is not None  # noqa: S101 - opened before anything is asked
        return self._case

    @property
    def run(self) -> Course:
        """The run, once it is begun."""
        assert self.course is not None  # noqa: S101 - begun before anything is asked
        return self.course

    # --- before anything is copied ---

    def begin(self, files: tuple[Path, ...]) -> None:
        """Warn, open key and case, record that the run begins."""
        read = self.guide.acknowledge()
        self._actor = self._key()
        folder = self._folder()
        self.session.case = folder
        if (folder / SETTINGS).exists():
            self._case = self._opened()
            earlier = newest_course(self.case)
            if earlier is not None and not earlier.done:
                self.guide.tell("say", "unfinished")
        self._check_contact([str(path) for path in files])
        if self._case is None:
            self._case = self._found(folder)
        language = self.guide.said.language
        with self._writing() as writer:
            courses.start(writer, list(dict.fromkeys(files)), language=language)
            word = "acknowledged" if read else SKIPPED
            courses.answer(writer, "warning", word)
        self.course = newest_course(self.case)

    def resume(self, *, language: str | None) -> None:
        """Open key and case and go on with the newest run.

        Raises:
            NothingToContinueError: it is finished, or there is none.
        """
        self._actor = self.session.acting()
        self._case = self._opened()
        self.course = newest_course(self.case)
        if self.course is None or self.course.done:
            raise NothingToContinueError
        if language is None:
            self.guide.speak(self.course.language)
        self._check_contact(self.course.sources)

    def _key(self) -> tuple[Identity, Signer]:
        """Return who acts; make a key where there is none."""
        from cli.commands.identity_secrets import new_passphrase
        from evidence import clock

        store = self.session.store()
        if store.list():
            return self.session.acting()
        name = self.guide.words("key_name", default=_KEY_NAME)
        store.check_new(name, role=_ROLE, organisation="")
        asking = self.session.given_passphrase() is None
        if asking:
            self.guide.tell("say", "passphrase")
        for attempt in range(_ATTEMPTS):
            try:
                passphrase = new_passphrase(self.session, name)
                break
            except PassphraseRefusedError as error:
                if not asking or attempt == _ATTEMPTS - 1:
                    raise
                output.tell(error.what)
        identity = store.create(
            name,
            role=_ROLE,
            organisation="",
            created=clock.now().time,
            passphrase=passphrase,
        )
        return identity, store.signer(identity, lambda _name: passphrase)

    def _folder(self) -> Path:
        """Return the case's folder: named, the current one, or asked for."""
        named = self.session.case or os.environ.get("CUSTODY_CASE")
        if named:
            return Path(named)
        if Path(SETTINGS).exists():
            return Path()
        day = datetime.now(UTC).date().isoformat()
        default, number = Path(f"kept-{day}"), 1
        while default.exists():
            number += 1
            default = Path(f"kept-{day}-{number}")
        folder = self.guide.words("folder", default=str(default))
        return Path(folder).expanduser()

    def _found(self, folder: Path) -> Case:
        """Found a case as `custody init --profile ngo` does: encrypted."""
        from cli.commands.init import first_holders
        from evidence.countersigning import newest_head
        from evidence.founding import create_case

        assert self._actor is not None  # noqa: S101 - the key is opened first
        identity, signer = self._actor
        day = datetime.now(UTC).date().isoformat()
        case = create_case(
            folder,
            identity,
            signer,
            case_id=f"guided {day}",
            title="Kept with custody preserve",
            profile="ngo",
            holders=first_holders(self.session, identity, signer, self.recoveries),
        )
        self.session.remember(case)(newest_head(case).note)
        return self._opened()

    def _opened(self) -> Case:
        """Open the case with the key that is open already: one passphrase is enough."""
        from evidence.keyfile import FileSigner

        assert self._actor is not None  # noqa: S101 - the key is opened first
        identity, signer = self._actor
        case = self.session.open_case()
        if isinstance(signer, FileSigner):
            mine = (identity.name, [signer.age_identity])
            return case.opened(lambda: mine)
        return case

    def _writing(self) -> AbstractContextManager[CaseWriter]:
        assert self._actor is not None  # noqa: S101 - the key is opened first
        return self.session.writing(self.case, *self._actor)

    def _names(self, sources: list[str]) -> tuple[str, ...]:
        """Return what must not stand on the paper: who keeps it, what, of whom."""
        from evidence.people.register import read_register

        assert self._actor is not None  # noqa: S101 - the key is opened first
        identity = self._actor[0]
        names = [identity.name, identity.organisation]
        names += [Path(source).stem.replace("_", " ") for source in sources]
        if self._case is not None:
            people = read_register(self._case).people.values()
            names += [
                n for p in people for n in (*p.values("names"), *p.values("aliases"))
            ]
        return tuple(names)

    def _check_contact(self, sources: list[str]) -> None:
        """Refuse a contact in a file of answers, before anything is copied."""
        from evidence.guiding.dangers import dangers

        given = self.guide.given
        contact = given.steps.get("contact", "") if given is not None else ""
        if dangers(contact, self._names(sources)):
            reason = "'contact' would tell who keeps the copy, or what it is of"
            raise AnswersRefusedError(reason=reason)

    # --- copying ---

    def take(self) -> None:
        """Copy what is left to copy, each file as one exhibit.

        Raises:
            StorageError: no space, or a disk that fails; what was copied stays.
            CustodyError: nothing at all could be copied.
        """
        left, total = self.run.left, len(self.run.sources)
        for source in left:
            number = self.run.sources.index(source) + 1
            self.guide.tell("say", "taking", number=number, count=total)
            with self._writing() as writer:
                self._take_one(writer, source, number)
            self.course = newest_course(self.case)
        if not self.run.exhibits and self._failed:
            raise self._failed[-1]
        if left:
            self.guide.tell("say", "saved")

    def _take_one(self, writer: CaseWriter, source: str, number: int) -> None:
        from evidence.acquire import Request, acquire
        from evidence.methods import take_chat, take_files, take_screenshot

        path = Path(source)
        kind = guess(path)
        methods = {CHAT: take_chat, PICTURE: take_screenshot, FILES: take_files}
        zone = {"app": "auto", "date_order": "auto", "timezone": self.timezone}
        request = Request(
            kind,
            (path,),
            options=dict(zone) if kind == CHAT else {},
            command=("custody", *sys.argv[1:]),
        )
        meter = output.Meter(str(number), on=not self.guide.quiet)
        try:
            done = acquire(writer, request, methods[kind], progress=meter)
        except StorageError:
            raise
        except CustodyError as error:
            courses.refuse(writer, source, error.code)
            self._failed.append(error)
            output.error(error)
            self.guide.tell("say", "not_taken", number=number)
            return
        finally:
            meter.close()
        told = "taken" if done.complete else "taken_partly"
        name = self.guide.said.get("kinds", kind)
        self.guide.tell("say", told, exhibit=done.exhibit, kind=name)

    # --- asking ---

    def ask(self) -> None:
        """Ask what was not answered yet; record each answer at once."""
        without = () if self.case.settings.authorities else ("stamp",)
        while step := next_step(self.run.answers, without=without):
            self._ask_one(step)

    def _ask_one(self, step: Step) -> None:
        free = step.kind in (Kind.ALIAS, Kind.TEXT)
        default = next_aliases(self.case)[0] if step.kind is Kind.ALIAS else ""
        names = self._names(self.run.sources)
        self.guide.paper = paper_language(self.run)
        answer = self.guide.ask(step, default=default, names=names)
        with self._writing() as writer:
            if free and answer:
                courses.answer_in_words(writer, step.name, answer)
                self.run.words[step.name], word = answer, courses.GIVEN
            else:
                word = answer or SKIPPED
                courses.answer(writer, step.name, word)
        self.run.answers[step.name] = word

    # --- the end ---

    def finish(self) -> Result:
        """Record consent or basis, write the paper, seal, verify."""
        basis = basis_word(self.run)
        with self._writing() as writer:
            consent = settle(writer, self.run)
            if "ground" not in self.run.answers:
                courses.answer(writer, "ground", basis)
            code, path = self._give_paper(writer)
        result = Result(path, code, consent, basis, 0)
        if self.run.answers.get("stamp") == "yes":
            result.stamps, result.waiting = stamp(self.case)
        result.verdict = verify(self.session, self.case, quiet=self.guide.quiet)
        return result

    def _give_paper(self, writer: CaseWriter) -> tuple[str, Path]:
        from cli.writing_out import write_out
        from evidence.guiding.dangers import new_code
        from evidence.guiding.paper import Paper, counts_of, typeset

        code = new_code()
        paper = Paper(
            language=paper_language(self.run),
            day=datetime.now(UTC).date().isoformat(),
            code=code,
            counts=counts_of(self.run.exhibits.values()),
            contact=self.run.words.get("contact", ""),
        )
        data = typeset(paper)
        # Beside the case, not in it: it is in clear, and meant to be printed.
        beside = self.case.path.absolute().parent
        path = self.paper or beside / f"note-{code}.pdf"
        write_out(path, data)
        digest = hashlib.sha256(data).hexdigest()
        courses.finish(writer, code=code, paper_sha256=digest)
        return code, path

    @property
    def is_partial(self) -> bool:
        """Tell whether something asked for is not in the case, or not wholly."""
        whole = all(facts.get("complete") for facts in self.run.exhibits.values())
        return bool(self.run.refused) or not whole

    def tell_stopped(self) -> None:
        """Say what is safe after an interruption; the terminal may be gone."""
        try:
            self._tell_stopped()
        except (OSError, KeyboardInterrupt):
            output.give_up()

    def _tell_stopped(self) -> None:
        self.guide.gap()
        course: Course | None = None
        if self._case is not None:
            with suppress(CustodyError):  # what stopped it was said already
                course = newest_course(self._case)
        if course is None or (course.done and self.course is None):
            self.guide.tell("say", "stopped_before")
            return
        count, total = len(course.taken), len(course.sources)
        self.guide.tell("say", "stopped", count=count, total=total)
        verb = "verify" if course.done else "preserve --continue"
        output.tell(f"  custody -C {self.shown_folder} {verb}")

    @property
    def shown_folder(self) -> str:
        """The case's folder, as a shell takes it."""
        import shlex

        return shlex.quote(spelled(self.case.path))

    @property
    def refused(self) -> bool:
        """Tell whether the person said no."""
        return is_refused(self.run)
