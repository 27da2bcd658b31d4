"""``python -P -m cli``: refuses wherever a case folder could replace our code.

``python -m cli`` puts the current folder first on the import path, so a folder named
``evidence`` in a seized case would run as this program. Nothing of ours, and nothing
else from the path, is imported before that is ruled out.
"""

import sys


def _start() -> None:
    if not sys.flags.safe_path:
        sys.stderr.write(
            "custody: run the command 'custody', or 'python -P -m cli': without -P "
            "Python would run code from the current folder.\n"
        )
        sys.exit(2)
    from cli.main import main

    main()


if __name__ == "__main__":
    _start()
