"""Whether a relational system allows everything that a System does: the link between a proof for any size and a model.

Each state of the System stands for a state of the relational system (`abstraction`). Every transition must stay in the same
one, or be a step of one relational action; and a state at the start must be one at the start.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from explorer.semantics import Semantics
from explorer.semantics import State as Codes
from explorer.symbolic.relational.finite import Finite, State
from explorer.system import System


@dataclass
class Simulation:
    """What was compared.

    `taken`: how many transitions each relational action allows, "" where the relational state stays the same. `refused`: the
    transitions that none allows, (state, label of the action, state after). `at_start`: the claims of the start that an
    initial state breaks. `lemmas`, `properties`: the states that break each.
    """

    states: int = 0
    transitions: int = 0
    relational_states: int = 0
    taken: Counter[str] = field(default_factory=Counter)
    refused: list[tuple[State, str, State]] = field(default_factory=list)
    at_start: list[str] = field(default_factory=list)
    lemmas: dict[str, list[Codes]] = field(default_factory=dict)
    properties: dict[str, list[Codes]] = field(default_factory=dict)

    @property
    def holds(self) -> bool:
        return not self.refused and not self.at_start


def simulate(system: System, abstraction: Callable[[Codes], State], finite: Finite) -> Simulation:
    """All states and transitions of the system, compared."""
    found, semantics, relational = Simulation(), Semantics(system), finite.system
    images: dict[Codes, State] = {}
    allowed: dict[State, dict[State, str]] = {}
    broken: dict[State, tuple[list[str], list[str]]] = {}

    def image(codes: Codes) -> State:
        at = images[codes] = abstraction(codes)
        if at not in broken:
            broken[at] = (finite.violated(relational.lemmas, at), finite.violated(relational.properties, at))
        lemmas, properties = broken[at]
        for name in lemmas:
            found.lemmas.setdefault(name, []).append(codes)
        for name in properties:
            found.properties.setdefault(name, []).append(codes)
        return at

    todo = list(semantics.initial)
    for codes in todo:
        found.at_start += finite.violated(relational.initial, image(codes))
    while todo:
        codes = todo.pop()
        before = images[codes]
        for index, after_codes in semantics.successors(codes):
            if after_codes is None:
                continue
            found.transitions += 1
            if after_codes not in images:
                image(after_codes)
                todo.append(after_codes)
            after = images[after_codes]
            if before == after:
                found.taken[""] += 1
                continue
            if before not in allowed:
                allowed[before] = {}
                for step in finite.steps(before):
                    allowed[before].setdefault(step.after, step.action)
            name = allowed[before].get(after)
            if name is None:
                found.refused.append((before, system.actions[index].label, after))
            else:
                found.taken[name] += 1
    found.states, found.relational_states = len(images), len(broken)
    return found
