"""A litmus test explored: every end state of its model, and the shortest run to one that answers what it asks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from explorer.language.model import Model
from explorer.litmus.observe import Observation, observe
from explorer.litmus.program import Program
from explorer.litmus.runs import rows_of_runs
from explorer.search.outcome import ALL, Bounds, Engine, Listener, Progress, Resources

if TYPE_CHECKING:
    from explorer.answer.trace import Trace


@dataclass(frozen=True)
class Explored:
    """`observation`: the table. `stopped`: why not every run was followed, "" where each was. `trace`: the run asked for."""

    observation: Observation
    stopped: str
    trace: Trace | None = None


def explore(
    program: Program,
    model: Model,
    *,
    witness: bool = False,
    max_states: int | None = None,
    engine: Engine = "auto",
    resources: Resources = ALL,
    say: Callable[[str], None] | None = None,
    progress: Callable[[Progress], None] | None = None,
) -> Explored:
    """All end states of the test. Its model has a property for each atom of `observe.others`, named as the atom.

    `witness`: also a run, the shortest to an end state that decides what is asked: one that satisfies the condition, for
    forall one that does not; which command replays it is for the caller to say. A kernel BUG ends a run. Raises
    ModelError where the model is in error; OutOfFrames where it needs more of something that can be given out.

    Where nothing else is asked for and there are few runs, CPython executes them all; else, and where a run ends in an
    error, the model is lowered and searched.
    """
    if table_alone(witness, max_states, engine):
        rows, stopped = rows_of_runs(program, model)
        if rows is not None:
            return Explored(observe(program, rows, not stopped), stopped)
    # what lowers and searches takes longer to load than most tests to run
    from explorer.litmus.search import table_of_search

    listener = Listener(progress, say=say)
    return Explored(*table_of_search(program, model, witness, Bounds(states=max_states), engine, resources, listener))


def table_alone(witness: bool, max_states: int | None, engine: Engine) -> bool:
    """Whether nothing but the whole table is asked for, however it is filled."""
    return engine == "auto" and not witness and max_states is None
