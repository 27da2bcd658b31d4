"""Speed of the real command beside copying, plain hashing and the tools of the trade.

Every number is a ratio inside one run: contenders take turns, round by round, on the
same source, and write into fresh folders. Run it with ``python -m bench``.
"""
