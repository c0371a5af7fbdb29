"""What the search of a family gives, and what its levels are whoever computes them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class FamilyOutcome:
    """What a search of a family has seen. Sets of settings are integers; counts are of whole levels, as `Outcome`'s.

    `states`: of all settings together; `states_of`, `transitions_of`: of each setting, as a search of it alone counts them.
    `first`: property, "deadlock_freedom" or "assertions" -> depth -> the settings that show it first there. `errors`: depth ->
    settings whose model is in error there. `levels`: the settings with a state at that depth. `running`: those that were not
    done when the search stopped. `fired`: action -> how often it was taken; `blocked`: action -> the settings in which an
    empty choose alone held it up.
    """

    engine: str
    states: int
    expansions: int
    transitions: int
    depth: int
    stopped: str
    seconds: float
    states_of: tuple[int, ...]
    transitions_of: tuple[int, ...]
    first: Mapping[str, Mapping[int, int]]
    errors: Mapping[int, int]
    levels: tuple[int, ...]
    running: int
    fired: Mapping[int, int]
    blocked: Mapping[int, int]


class FamilyLevels:
    """What the `Frontier` of a family is whoever computes it. `levels`: the settings with a state at that depth."""

    levels: list[int]

    @property
    def depth(self) -> int:
        return max(len(self.levels) - 1, 0)

    def settle(self) -> None:
        """Nothing: of a setting only the depth is told."""

    def over(self, first: bool) -> str:
        """Never: a setting that is in error stops by itself."""
        return ""

    def drop(self) -> None:
        """Nothing: what a level has shown is kept when it is complete."""
