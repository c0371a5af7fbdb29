"""What fairness demands of a run that goes on for ever, as sets of actions.

Each thread demands two things at most: of its weakly fair steps, and of its strongly fair ones. That is the same as to
demand it of each step by itself, since a thread stands at one step and leaves it only by taking it. Each combination of a
action's parameters demands for itself. An action that fails can be demanded, but no run that goes on takes it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from explorer.system.form import Action, System


@dataclass(frozen=True)
class Demand:
    """If the actions are possible always from some time on (weak), or again and again (strong), one of them is taken again
    and again. `who`: the thread, or the actor and its action."""

    who: str
    strong: bool
    actions: frozenset[int]


def demands(system: System) -> list[Demand]:
    """All demands of the system, in the order of its actions."""
    found: dict[tuple[str, bool], set[int]] = {}
    for index, action in enumerate(system.actions):
        if action.fairness != "none" and action.outcome != "blocked":
            found.setdefault((demander(action), action.fairness == "strong"), set()).add(index)
    return [Demand(who, strong, frozenset(actions)) for (who, strong), actions in found.items()]


def demander(action: Action) -> str:
    return f"{action.actor}.{action.name}" if action.name else action.actor


class Fairness:
    """Demands as bits of integers. `bits[a]`: those that action a meets."""

    def __init__(self, system: System) -> None:
        self.demands = demands(system)
        self.bits = [
            sum(1 << i for i, d in enumerate(self.demands) if a in d.actions) for a in range(len(system.actions))
        ]

    @cached_property
    def strong(self) -> int:
        return sum(1 << i for i, d in enumerate(self.demands) if d.strong)

    def unmet(self, enabled: Iterable[int], taken: int) -> int:
        """The demands that are not met by going on for ever through these states, with what is possible in each of them, if
        the demands `taken` are those whose actions are taken."""
        always, ever = -1, 0
        for possible in enabled:
            always &= possible
            ever |= possible
        return ((always & ~self.strong) | (ever & self.strong)) & ~taken
