"""The end states of a litmus test by its runs: CPython executes them all, one after the other, where they are few.

Most tests say in which order their lines run: of such a test there are one or two runs of some thirty steps, and nothing is
gained from a search that meets no state twice.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from explorer.language.model import Model
from explorer.litmus.observe import Row, others
from explorer.litmus.program import Program
from explorer.process import stop
from explorer.witness.run import Blocked, Fault, Run

MOST_STEPS = 2_000  # of all runs together, until it is left to a search
REGISTERS = "registers.held"  # the variable of the model that has the registers, in the order of Program.registers

Turn = tuple[str, tuple[int, ...]]  # who takes a step, and the numbers of what it chooses


class TooMany(Exception):
    """There are more steps than are followed so."""


def rows_of_runs(program: Program, model: Model) -> tuple[set[Row] | None, str]:
    """What the test sees at the ends of its runs, and why not all were followed, "" where they were.

    None: it is for a search to say. There are too many; or a run leaves the model, and what that means is not decided here.
    """
    runs = Runs(program, model)
    try:
        runs.follow_all()
    except KeyboardInterrupt:
        stop.caught()
        return runs.rows, "interrupt"
    except (TooMany, Blocked, Fault):
        return None, ""
    return runs.rows, ""


@dataclass
class Runs:
    """All runs of the model of a test. `rows`: what the test sees at their ends."""

    program: Program
    model: Model
    rows: set[Row] = field(default_factory=set)
    steps: int = 0

    def follow_all(self) -> None:
        """Raises TooMany; Fault and Blocked where a run leaves the model."""
        waiting: list[tuple[Turn, ...]] = [()]
        while waiting:
            waiting += self.follow(waiting.pop())

    def follow(self, begun: tuple[Turn, ...]) -> list[tuple[Turn, ...]]:
        """A run that goes on from `begun` with what comes first, to its end; and how the others begin that part from it."""
        run = Run(self.model)
        try:
            parting: list[tuple[Turn, ...]] = []
            taken = list(begun)
            for turn in begun:
                self.take(run, turn)
            if begun:
                parting += others_of(taken, run)
            while ready := [who for who in run.who() if run.enabled(who)]:
                parting += [(*taken, (who, ())) for who in ready[1:]]
                taken.append((ready[0], ()))
                self.take(run, taken[-1])
                parting += others_of(taken, run)
            self.rows.add(self.row(run))
            return parting
        finally:
            run.close()

    def take(self, run: Run, turn: Turn) -> None:
        self.steps += 1
        if self.steps > MOST_STEPS:
            raise TooMany
        run.take(turn[0], list(turn[1]))

    def row(self, run: Run) -> Row:
        """What the test sees."""
        named = {p.name: p for p in self.model.properties}
        held = [value for (name, _), value in run.store.items() if name == REGISTERS]
        return Row(
            tuple("-" if value is None else value.value for value in held),
            tuple(run.holds(named[str(atom)]) for atom in others(self.program)),
        )


def others_of(taken: list[Turn], run: Run) -> list[tuple[Turn, ...]]:
    """How the runs begin in which the last turn, just taken, chooses something else than the first that there was."""
    *before, (who, picks) = taken
    found = []
    for at in range(len(picks), len(run.options)):
        same = (*picks, *(0 for _ in range(len(picks), at)))
        found += [(*before, (who, (*same, other))) for other in range(1, run.options[at])]
    return found
