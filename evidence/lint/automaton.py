"""Many strings searched at once, in time linear in the text (Aho and Corasick, 1975).

A regular expression over the first letters finds where a match may begin, at the speed
of C; from there the automaton steps, a character at a time, until nothing can be under
way. So each character costs at most one step, however hostile the text.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

_PREFIX = 4  # characters the expression looks at


class Automaton:
    """Finds every occurrence of every word.

    Args:
        words: not empty; the same word may be given once only.

    Attributes:
        steps: characters stepped over so far, for tests of linearity.
    """

    def __init__(self, words: Iterable[str]) -> None:
        self.steps = 0
        self._next: list[dict[str, int]] = [{}]
        self._fail = [0]
        self._word = [-1]  # word that ends in a state
        self._shorter = [0]  # nearest state by failure links in which a word ends
        self._lengths: list[int] = []
        known = list(words)
        for number, word in enumerate(known):
            self._add(word, number)
        self._link()
        self._start = beginnings(known)

    def _add(self, word: str, number: int) -> None:
        state = 0
        for char in word:
            following = self._next[state].get(char)
            if following is None:
                following = len(self._next)
                self._next[state][char] = following
                self._next.append({})
                self._fail.append(0)
                self._word.append(-1)
                self._shorter.append(0)
            state = following
        self._word[state] = number
        self._lengths.append(len(word))

    def _link(self) -> None:
        queue = list(self._next[0].values())
        for state in queue:  # breadth first: the list grows while it is read
            for char, child in self._next[state].items():
                queue.append(child)
                back = self._fail[state]
                while back and char not in self._next[back]:
                    back = self._fail[back]
                target = self._next[back].get(char, 0)
                self._fail[child] = target
                ends = self._word[target] >= 0
                self._shorter[child] = target if ends else self._shorter[target]

    def find(
        self, text: str, start: re.Pattern[str] | None = None
    ) -> Iterator[tuple[int, int, int]]:
        """Yield (number of the word, start, end) of every occurrence in `text`.

        Args:
            start: `beginnings` of the words that can stand in `text` at all; others
                may be missed. All words when not given.
        """
        start = start or self._start
        if start is None:
            return
        position = 0
        while begin := start.search(text, position):
            position, state = begin.start(), 0
            for position in range(begin.start(), len(text)):
                state = self._step(state, text[position])
                if not state:
                    break
                yield from self._ending(state, position + 1)
            position += 1

    def _step(self, state: int, char: str) -> int:
        self.steps += 1
        following = self._next[state].get(char)
        while following is None and state:
            state = self._fail[state]
            following = self._next[state].get(char)
        return following or 0

    def _ending(self, state: int, end: int) -> Iterator[tuple[int, int, int]]:
        while state:
            number = self._word[state]
            if number >= 0:
                yield number, end - self._lengths[number], end
            state = self._shorter[state]


def beginnings(words: Iterable[str]) -> re.Pattern[str] | None:
    """Return an expression for where one of `words` may begin; None without any."""
    prefixes = {word[:_PREFIX] for word in words}
    return re.compile(_alternatives(prefixes)) if prefixes else None


def _alternatives(prefixes: set[str]) -> str:
    """Return an expression for the prefixes, by their first letter."""
    by_first: dict[str, set[str]] = {}
    for prefix in prefixes:
        by_first.setdefault(prefix[0], set()).add(prefix[1:])
    parts = []
    for first, rests in sorted(by_first.items()):
        if "" in rests:
            parts.append(re.escape(first))
            continue
        inner = _alternatives(rests)
        parts.append(f"{re.escape(first)}(?:{inner})")
    return "|".join(parts)
