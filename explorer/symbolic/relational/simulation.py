"""Whether a relational system allows everything that a System does: the link between a proof for any size and a model.

Each state of the System stands for a state of the relational system (`abstraction`). Every transition must stay in the same
one, or be a step of one relational action; and a state at the start must be one at the start.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from explorer.symbolic.relational.finite import Finite, State
from explorer.system.form import System
from explorer.system.semantics import Semantics
from explorer.system.semantics import State as Codes


@dataclass
class Simulation:
    """What was compared.

    `images`: what each state stands for. `taken`: how many transitions each set of relational actions allows, () where the
    relational state stays the same. `refused`: the transitions that none allows, (state, label of the action, state after).
    `at_start`: the claims of the start that an initial state breaks. `violated`: the states that break each lemma and
    property.
    """

    images: dict[Codes, State] = field(default_factory=dict)
    transitions: int = 0
    taken: Counter[tuple[str, ...]] = field(default_factory=Counter)
    refused: list[tuple[State, str, State]] = field(default_factory=list)
    at_start: list[str] = field(default_factory=list)
    violated: dict[str, set[Codes]] = field(default_factory=dict)

    @property
    def holds(self) -> bool:
        return not self.refused and not self.at_start


def simulate(system: System, abstraction: Callable[[Codes], State], finite: Finite) -> Simulation:
    """All states and transitions of the system, compared."""
    found, semantics, relational = Simulation(), Semantics(system), finite.system
    allowed: dict[State, dict[State, set[str]]] = {}
    broken: dict[State, list[str]] = {}

    def image(codes: Codes) -> State:
        at = found.images[codes] = abstraction(codes)
        if at not in broken:
            broken[at] = finite.violated_claims([*relational.lemmas, *relational.properties], at)
        for name in broken[at]:
            found.violated.setdefault(name, set()).add(codes)
        return at

    todo = list(semantics.initial)
    for codes in todo:
        found.at_start += finite.violated_claims(relational.initial, image(codes))
    while todo:
        codes = todo.pop()
        before = found.images[codes]
        for index, after_codes in semantics.successors(codes):
            if after_codes is None:
                continue
            found.transitions += 1
            if after_codes not in found.images:
                image(after_codes)
                todo.append(after_codes)
            after = found.images[after_codes]
            if before == after:
                found.taken[()] += 1
                continue
            if before not in allowed:
                allowed[before] = {}
                for step in finite.steps(before):
                    allowed[before].setdefault(step.after, set()).add(step.action)
            if after in allowed[before]:
                found.taken[tuple(sorted(allowed[before][after]))] += 1
            else:
                found.refused.append((before, system.actions[index].label, after))
    return found
