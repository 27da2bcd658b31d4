"""The copying engine alone, without the command around it (run as a script).

``engine.py file SOURCE TARGET``, ``engine.py tree SOURCE TARGET``,
``engine.py hash FILE``. Prints the SHA-256.
"""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from evidence.copying import PayloadSink, copy_regular_file
from evidence.hashing import hash_file
from evidence.sources.files import pack_tree


def main(verb: str, *paths: str) -> None:
    """Do one thing and print the digest."""
    first, *rest = (Path(path) for path in paths)
    if verb == "hash":
        print(hash_file(first).sha256)
        return
    with PayloadSink(rest[0]) as sink:
        if verb == "file":
            copy_regular_file(first, sink)
        else:
            pack_tree([first], sink, emit=lambda _: None)
        print(sink.finish().sha256)


if __name__ == "__main__":
    main(*sys.argv[1:])
