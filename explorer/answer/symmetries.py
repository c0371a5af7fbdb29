"""What is symmetric in a system, certified once on a machine and kept; and the search that uses it."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

from explorer.process import stop
from explorer.reduction.letter import to_the_letter
from explorer.reduction.symmetry import Certified, Symmetry
from explorer.search.engine import SMALL, search
from explorer.search.outcome import Bounds, Listener, Outcome, Task
from explorer.symbolic.certificates import certificate, proved_once
from explorer.system.form import LIVENESS, System

PAYS = 500_000  # states of the compiled search beyond which it pays to ask z3 for symmetry
NONE = Certified(None, (), {})


def may_be_symmetric(system: System) -> bool:
    """Whether there is anything to ask: values that are not told apart by their kind, and nothing said about whole runs."""
    several = any(size > 1 for _, size in system.scalarsets) or bool(system.interchangeable)
    return several and not any(p.kind in LIVENESS for p in system.properties)


def certified_symmetry(system: System, *, learn: bool = False) -> Certified:
    """What the text of the system shows, or else what z3 certifies. `learn`: with invariants, which take longer to find.

    Raises ImportError where z3 is needed and missing; ModelError where the model declares interchangeable what is not.
    """
    if not may_be_symmetric(system):
        return NONE

    found = to_the_letter(system)
    if not found.refused:
        return found

    def certify() -> Certified:
        from explorer.symbolic import symmetry

        return symmetry.certify(system, (lambda: certificate(system).invariants) if learn else None)

    return proved_once("symmetries", system, str(learn), certify, Certified.of_json)


def symmetry_of(system: System, say: Callable[[str], None] | None, *, learn: bool = False) -> Symmetry | None:
    """What a search may use; `say` is told why there is nothing, or less than there might be."""
    tell = say or (lambda text: None)
    try:
        found = certified_symmetry(system, learn=learn)
    except ImportError as e:
        tell(f"symmetry needs z3, which can't be imported ({e}); going on without")
        return None
    for reason in found.unused:
        tell(f"no symmetry of {reason}")
    if found.symmetry is not None:
        tell(str(found.symmetry))
    return found.symmetry


def symmetric_search(task: Task, listener: Listener, symmetric: bool | None) -> tuple[Outcome, Symmetry | None]:
    """The search, and the symmetry it used.

    `symmetric`: whether it is to use what there is; None: a search that finds more than SMALL states begins again with what is
    symmetric to the letter, and a compiled one that finds more than PAYS with what is soon certified. Where levels are kept in
    a folder, without.
    """
    system, bounds, engine, say = task.system, task.bounds, task.engine, listener.say
    heard = listener.once()

    def run(**changes: Any) -> Outcome:
        return search(dataclasses.replace(task, **changes), heard)

    if symmetric:
        symmetry = symmetry_of(system, say, learn=True)
        return run(symmetry=symmetry), symmetry
    if symmetric is False or task.resources.folder is not None or not may_be_symmetric(system):
        return run(), None
    # a count and no clock says when, and the same for every engine: two runs do the same
    first = run(bounds=within(bounds, SMALL), engine="evaluator" if engine == "auto" else engine)
    if first.stopped != "states" or bounds.states is not None and bounds.states <= SMALL:
        return first, None
    try:
        literal = to_the_letter(system)
        symmetry = literal.symmetry
        if say is not None:
            for reason in literal.apart:
                say(f"no symmetry of {reason}")
            if symmetry is not None:
                say(f"more than {SMALL:,} states: starting again with {symmetry}")
        if literal.refused and engine != "evaluator":
            first = run(bounds=within(bounds, PAYS), symmetry=symmetry, large=symmetry is None)
            if first.stopped != "states" or bounds.states is not None and bounds.states <= PAYS:
                return first, symmetry
            symmetry = symmetry_of(system, say)
            engine = "native" if first.engine == "native" else engine
        return run(engine=engine, symmetry=symmetry), symmetry
    except (stop.Interrupted, KeyboardInterrupt) as e:
        stop.caught()
        return dataclasses.replace(first, stopped=e.reason if isinstance(e, stop.Interrupted) else "interrupt"), None


def within(bounds: Bounds, states: int) -> Bounds:
    """The bounds, and no more states than these."""
    return dataclasses.replace(bounds, states=states if bounds.states is None else min(states, bounds.states))
