"""The search: breadth first, one level after the other, whatever computes the levels.

Each engine is a `Frontier`: it holds the states that were reached, makes the next level from the last, and notes what the states
and steps of a level show. The loop over levels, the bounds, and what a stop leaves behind are here, once, for all of them.

    level 0: the initial states, looked at
    level n + 1: what one step makes of a state of level n and no level before holds, looked at

A level counts when it is complete: every state of it is there and was looked at, and so was every step into it. So what a search
says of a depth does not depend on where it stopped, in what order it went through a level, or on how many threads.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Protocol

from explorer.process import stop
from explorer.process.stop import Interrupted
from explorer.search.outcome import Bounds, Listener, Progress

TOLD = 0.2  # seconds between two lines of progress


class Frontier(Protocol):
    """The levels of one engine. Its methods raise Interrupted where a bound is reached or the run is to end."""

    @property
    def depth(self) -> int:
        """The last complete level."""

    def begin(self) -> bool:
        """The first level is complete, or those that an earlier run has left are. Gives whether to go on from the last one."""

    def expand(self) -> bool:
        """The level after the last is complete. Gives whether there is something to go on from in it."""

    def look_ahead(self) -> None:
        """Note what can be seen of the last level without a next one: which of its states have no step."""

    def settle(self) -> None:
        """Finish what the complete levels have shown: find the runs to it, and tell who listens."""

    def over(self, first: bool) -> str:
        """Why nothing is to be searched any more: "error", a model in error; with `first`, "first", a violation; else ""."""

    def drop(self) -> None:
        """Forget what was seen of a level that is not complete."""


def search_levels(frontier: Frontier, bounds: Bounds) -> str:
    """Go through the levels; gives why it stopped, "" where all is explored: see `Outcome.stopped`."""
    try:
        more = frontier.begin()
        frontier.settle()
        while more:
            why = frontier.over(bounds.first)
            if why:
                return why
            if bounds.depth is not None and frontier.depth >= bounds.depth:
                frontier.look_ahead()
                frontier.settle()
                return "depth"
            more = frontier.expand()
            frontier.settle()
        return frontier.over(first=False)
    except Interrupted as e:
        reason = e.reason
    except KeyboardInterrupt:
        stop.caught()
        reason = "interrupt"
    frontier.drop()
    if reason in stop.STOPS:
        stop.finished(reason, frontier.settle)  # where it does not get there, `depths` says that there is something
    return reason


class Clock:
    """The time that a search has taken, `before` seconds of it in earlier runs, and when it told last how far it is."""

    def __init__(self, bounds: Bounds, listener: Listener) -> None:
        self.bounds, self.listener = bounds, listener
        self.before = 0.0
        self.began = self.told = time.monotonic()

    @property
    def seconds(self) -> float:
        return time.monotonic() - self.began + self.before

    def bound(self, states: int) -> None:
        """Raises Interrupted where these are more states than were asked for."""
        if self.bounds.states is not None and states > self.bounds.states:
            raise Interrupted("states")

    def tick(self, states: int, transitions: Callable[[], int], depth: int, queue: int, sizes: Sequence[int]) -> None:
        """Between two pieces of work; arguments as `Progress` has them, `sizes` of the levels so far. Raises Interrupted."""
        stop.here()
        now = time.monotonic()
        if self.listener.progress is not None and now - self.told > TOLD:
            self.told = now
            self.listener.progress(Progress(states, transitions(), depth, queue, self.seconds, remaining_states(sizes)))


def remaining_states(sizes: Sequence[int]) -> int | None:
    """How many states the levels to come may hold: the rest of a geometric series, once the last levels shrink steadily."""
    last = list(sizes[-4:])
    if len(last) < 4 or not all(a > b for a, b in zip(last, last[1:], strict=False)):
        return None
    ratio: float = (last[3] / last[0]) ** (1 / 3)
    return round(last[3] * ratio / (1 - ratio))
