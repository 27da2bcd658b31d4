"""Searching the long lists of a report in another process while its pages are set.

What was found is kept by the digest of each piece. `Search` asks here before it
searches a piece taken out of the finished file, and searches whatever is not known: so
a helper that fails, or is slow, costs time and nothing else, and a piece that is not
the very same bytes is never taken for searched.
"""

from __future__ import annotations

import contextlib
import subprocess
import sys
import threading
from collections.abc import Iterable, Mapping, Sequence
from hashlib import sha256
from typing import Any, BinaryIO, Final, Self, cast

from evidence.examiner import BrokenFrameError, read_frame, write_frame
from evidence.examining import helper_environment
from evidence.lint.identifiers import Identifier
from evidence.parsing.outgoing import slices

Hits = tuple[tuple[int, bool, int], ...]  # number of the identifier, doubtful, offset
# Less is searched sooner than a process starts.
ALONE_BYTES: Final = 2 << 20
PATIENCE: Final = 60.0  # seconds that are waited for it once everything else is done


class Ahead:
    """One search under way; use it as a context, so that the process ends.

    Args:
        identifiers: what is looked for; they go to the process through a pipe.
        contents: attachments, as they will stand in the file.
        language: of the report.
    """

    def __init__(
        self,
        identifiers: Sequence[Identifier],
        contents: Iterable[bytes],
        language: str,
    ) -> None:
        self._identifiers = list(identifiers)
        self._language = language
        self._known: dict[bytes, Hits] = {}
        self._process: subprocess.Popen[bytes] | None = None
        self._thread = threading.Thread(
            target=self._ask, args=(tuple(contents),), name="searching ahead"
        )
        with contextlib.suppress(OSError):  # no memory, too many processes: without it
            self._process = subprocess.Popen(
                [sys.executable, "-I", "-X", "utf8", "-m", "evidence.lint.searcher"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env=helper_environment(),
                start_new_session=True,  # Ctrl-C is this process's to handle
            )
            self._thread.start()

    def looks_for(self, identifiers: Sequence[Identifier], language: str) -> bool:
        """Tell whether a search for these would find the same."""
        return self._identifiers == [*identifiers] and self._language == language

    def found(self) -> Mapping[bytes, Hits]:
        """Wait, and return what was found by the SHA-256 of each piece searched."""
        if self._thread.is_alive():
            self._thread.join(PATIENCE)
        return dict(self._known)

    def _ask(self, contents: tuple[bytes, ...]) -> None:
        process = cast("subprocess.Popen[bytes]", self._process)
        sought = [[i.kind.value, i.of, i.number, i.value] for i in self._identifiers]
        try:
            write_frame(cast("BinaryIO", process.stdin), [self._language, sought])
            for content in contents:
                for piece in slices(content):
                    write_frame(cast("BinaryIO", process.stdin), piece)
                    answer = read_frame(cast("BinaryIO", process.stdout))
                    self._known[sha256(piece).digest()] = self._read(answer)
        except (OSError, BrokenFrameError, TypeError, ValueError):
            return  # what is not known will be searched

    def _read(self, answer: Any) -> Hits:
        """Return an answer if it is one.

        Raises:
            TypeError, ValueError: it has another form.
        """
        hits = tuple((number, doubtful, offset) for number, doubtful, offset in answer)
        for number, doubtful, offset in hits:
            whole = type(number) is type(offset) is int and type(doubtful) is bool
            if not whole or not 0 <= number < len(self._identifiers) or offset < 0:
                raise ValueError("not a hit")
        return hits

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        process.kill()  # a thread that waits for its answer goes on without
        process.wait()
        self._thread.join()
        for stream in (process.stdin, process.stdout):
            with contextlib.suppress(OSError):
                cast("BinaryIO", stream).close()
