"""A process that searches pieces of bytes: ``python -I -m evidence.lint.searcher``.

It is told language and identifiers in the first frame on its standard input (see
`evidence.examiner` for frames) and answers each further frame, a piece, with what it
found there. It ends with its input, writes no file and opens no connection.
"""

from __future__ import annotations

import sys

from evidence.examiner import read_frame, write_frame
from evidence.lint.identifiers import Identifier, Kind
from evidence.lint.linting import Search
from evidence.report.i18n import speaking


def main() -> None:
    """Answer until there is nothing more to search."""
    language, sought = read_frame(sys.stdin.buffer)
    with speaking(language):
        search = Search([Identifier(Kind(kind), *rest) for kind, *rest in sought])
        while (piece := read_frame(sys.stdin.buffer)) is not None:
            write_frame(sys.stdout.buffer, search.hits(piece))


if __name__ == "__main__":
    main()
