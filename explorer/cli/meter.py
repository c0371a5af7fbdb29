"""How far long work is: one line on a terminal, rewritten in place; nothing where standard error is no terminal."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from explorer.search.outcome import Progress

WIDTH = 118  # of a terminal: a line that wraps can't be rewritten


class Meter:
    """The line. `on`: somebody sees it."""

    def __init__(self, wanted: bool = True) -> None:
        self.on, self.shown = wanted and sys.stderr.isatty(), False

    def line(self, text: str) -> None:
        """This instead of what stands there."""
        print(f"\r\x1b[K{text[:WIDTH]}", end="", file=sys.stderr, flush=True)
        self.shown = True

    def say(self, text: str) -> None:
        """A line that stays."""
        self.clear()
        print(f"explore: {text}", file=sys.stderr, flush=True)

    def clear(self) -> None:
        """Nothing stands there any more."""
        if self.shown:
            print("\r\x1b[K", end="", file=sys.stderr, flush=True)
        self.shown = False


class SearchMeter(Meter):
    """How far one search is."""

    def __call__(self, at: Progress) -> None:
        import resource

        taken = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        rate = at.states / at.seconds if at.seconds else 0
        ahead = "what remains is not known"
        if at.remaining is not None and rate:
            ahead = f"perhaps {at.remaining:,} states and {at.remaining / rate:.0f} s remain"
        self.line(
            f"{at.states:,} states  {rate:,.0f}/s  depth {at.depth}  queue {at.queue:,}  {taken:,.0f} MiB  "
            f"{at.seconds:.0f} s  {ahead}"
        )


class CountMeter(Meter):
    """How many of so many are done. What was there before the first is not in the estimate."""

    def __init__(self, noun: str) -> None:
        super().__init__()
        self.noun, self.began, self.first = noun, time.monotonic(), 0

    def __call__(self, done: int, whole: int) -> None:
        self.first = self.first or done - 1
        rest = (time.monotonic() - self.began) / (done - self.first) * (whole - done)
        self.line(f"{done} of {whole} {self.noun}  perhaps {rest:.0f} s remain")
