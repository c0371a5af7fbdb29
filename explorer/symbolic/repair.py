"""Repairs, by z3: which change of rules to try next, and what a counterexample says about rules it was not found under.

Rules are numbered, and so are the values of each. A cube has for each rule the values that it allows.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import z3

from explorer.process.stop import broken_off
from explorer.reduction.cubes import Cube
from explorer.symbolic.encode import QUERY_LIMIT, Encoding, leave_interrupts
from explorer.system.form import Expr, System


class Proposer:
    """The least changes that no cube known so far rules out. The first value of a rule is the one that changes nothing."""

    def __init__(self) -> None:
        self.context = z3.Context()
        self.has: list[list[Any]] = []
        self.solver = z3.Optimize(ctx=self.context)
        leave_interrupts(self.solver)

    def varies(self, size: int) -> None:
        """One more rule, with so many values."""
        literals = [z3.Bool(f"{len(self.has)}={v}", self.context) for v in range(size)]
        self.has.append(literals)
        self.solver.add(z3.PbEq([(literal, 1) for literal in literals], 1))
        self.solver.add_soft(literals[0], 1)

    def next(self) -> tuple[int, ...] | None:
        """The values to try, as few of them changed as can be; None where all are ruled out.

        Raises Unknown where z3 does not say.
        """
        answer = broken_off(self.solver.check, self.solver.ctx.interrupt)
        if answer == z3.unsat:
            return None
        if answer != z3.sat:
            raise Unknown
        model = self.solver.model()
        return tuple(
            next(v for v, literal in enumerate(literals) if z3.is_true(model.eval(literal, model_completion=True)))
            for literals in self.has
        )

    def rule_out(self, cube: Cube) -> None:
        """None of the cube's settings is a repair. It may speak of fewer rules than there are by now."""
        inside = [
            z3.Or([literals[v] for v in values])
            for literals, values in zip(self.has, cube, strict=False)
            if len(values) < len(literals)
        ]
        self.solver.add(z3.Not(z3.And([z3.BoolVal(True, self.context), *inside])))

    def note_repair(self, setting: Sequence[int]) -> None:
        """The setting is a repair; what changes as much and more is not least."""
        changed = [literals[v] for literals, v in zip(self.has, setting, strict=True) if v]
        self.solver.add(z3.Not(z3.And([z3.BoolVal(True, self.context), *changed])))


class Unknown(Exception):
    """z3 gave up."""


def widened_cube(
    system: System, condition: Expr, cells: Sequence[int], codes: Sequence[Sequence[int]], setting: Sequence[int]
) -> Cube:
    """A cube around the setting in which the condition holds throughout, and that can't grow.

    `cells`: those that the condition reads, one a rule; `codes`: the codes of each rule's values. Where z3 does not say, the
    cube does not grow.
    """
    encoding = Encoding(system, (condition,))
    state = encoding.state()
    solver = z3.Solver(ctx=encoding.context)
    solver.set("rlimit", QUERY_LIMIT)
    leave_interrupts(solver)
    solver.add(z3.Not(encoding.expr(condition, state)))

    def within(rule: int, values: Sequence[int]) -> Any:
        truth = system.cells[cells[rule]].domain.truth
        return z3.Or([state[cells[rule]] == encoding.code(truth, codes[rule][v]) for v in values])

    def holds(cube: Sequence[Sequence[int]]) -> bool:
        solver.push()
        solver.add([within(rule, values) for rule, values in enumerate(cube)])
        answer = broken_off(solver.check, solver.ctx.interrupt)
        solver.pop()
        return bool(answer == z3.unsat)

    cube: list[tuple[int, ...]] = [(value,) for value in setting]
    for rule, known in enumerate(codes):
        narrow = cube[rule]
        cube[rule] = tuple(range(len(known)))
        if holds(cube):
            continue
        cube[rule] = narrow
        for value in range(len(known)):
            if value not in narrow:
                narrow = cube[rule]
                cube[rule] = tuple(sorted((*narrow, value)))
                if not holds(cube):
                    cube[rule] = narrow
    return tuple(cube)
