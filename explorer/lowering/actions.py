"""What becomes of a path: the action of the system, and one for each way in which it leaves a range."""

from __future__ import annotations

import ast
import dataclasses
from collections.abc import Iterator
from typing import Any

from explorer.errors import LanguageError
from explorer.lowering import layout, limits
from explorer.lowering.limits import TooMuch
from explorer.lowering.machine import Machine
from explorer.lowering.path import Activation, Memo, PathEnd, World, too_many_paths
from explorer.lowering.source import place_of
from explorer.system.expressions import cells_read, conj, le, neg
from explorer.system.form import (
    FALSE,
    TRUE,
    Action,
    Constant,
    Expr,
    Failure,
    Read,
)


class Actions:
    """The actions of a model, as they are made."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.actions: list[Action] = []
        self.paths = 0  # through the step, action or property at hand

    def begin(self) -> None:
        """A step, an action or a property begins."""
        self.world.work.begin()
        self.paths = 0

    def ways(self, node: ast.AST, here: Activation) -> Iterator[Machine]:
        """Each path through an action or a property, before it is taken; depth first."""
        decisions: list[int] | None = []
        merged: Memo = {}
        self.begin()
        while decisions is not None:
            path = Machine(self.world, decisions, merged=merged)
            yield path
            self.another(path, node, here)
            decisions = path.alternatives()

    def another(self, path: Machine, node: ast.AST, top: Activation, actions: int = 0) -> None:
        """A path through it is done, with so many `actions` of a thread. Refuses too many."""
        self.paths += 1
        with path.bounded(node, top):
            if self.paths > limits.MOST_PATHS:
                raise too_many_paths(path)
            if len(self.actions) + actions > limits.MOST_ACTIONS:
                raise TooMuch(
                    f"the model has more than {limits.MOST_ACTIONS:,} actions, paths through a step: take fewer threads, or "
                    "smaller sorts of what they are made for and of what they choose from"
                )

    def outcomes(
        self, path: Machine, end: PathEnd | None, leaving: list[tuple[list[Expr], Failure]], **fields: Any
    ) -> list[Action]:
        """The action of a path, and one for each way in which it leaves a range."""
        found = []
        whole = path.guard
        location = fields.get("location")
        stays = None if location is None else (location[0], location[1], location[1])
        if whole[-1:] != [FALSE]:
            found.append(self.action(path, end, **fields))
        for guard, failure in leaving:
            path.guard = guard
            found.append(self.action(path, PathEnd(failure), **{**fields, "location": stays}))
        path.guard = whole
        lines = frozenset(path.lines)
        self.world.lines.update((id(action), (action, lines)) for action in found)
        return found

    def action(self, path: Machine, end: PathEnd | None, **fields: Any) -> Action:
        """The action of one path. Refuses guards and real cells that read ghosts."""
        cells = self.world.cells
        guard = conj(*path.guard)
        updates = (
            ()
            if end is not None
            else tuple((cell, expr) for cell, expr in sorted(path.writes.items()) if not is_read_of(expr, cell))
        )
        for read in sorted(cells_read(guard)):
            if cells[read].ghost:
                raise LanguageError(
                    f"{cells[read].variable} is a ghost: only properties may read it, not a condition of the model",
                    place_of(path.ghosts.get(read, fields["span"])),
                )
        for cell, expr in updates:
            if not cells[cell].ghost:
                for read in sorted(cells_read(expr)):
                    if cells[read].ghost:
                        kept = "a local" if cells[cell].owner else cells[cell].variable
                        raise LanguageError(
                            f"{cells[read].variable} is a ghost: only properties may read it, but it decides what {kept} holds",
                            place_of(path.ghosts.get(read) or path.written.get(cell, fields["span"])),
                        )
        action = Action(
            guard=guard,
            updates=updates,
            location=fields.pop("location", None),
            branches=tuple(path.branches),
            passed=tuple(path.passed),
            choices=tuple(path.choices),
            calls=tuple(path.calls),
            **fields,
        )
        if end is None:
            return action
        if end.failure is None:
            assert end.at is not None
            return dataclasses.replace(action, outcome="blocked", failure=Failure("value", end.text, end.at))
        return dataclasses.replace(action, outcome="failure", failure=end.failure)


def check_ranges(path: Machine) -> list[tuple[list[Expr], Failure]]:
    """Every cell of a range sort is in its range when an action ends.

    Where one may not be, the path goes on only where it is; returned are the ways in which it is not: guard and failure. Where
    two leave their ranges at once, both are ways: no cell comes before another, so that symmetry can exchange them.
    """
    leaving: list[tuple[list[Expr], Failure]] = []
    taken = list(path.guard)
    inside_all: list[Expr] = []
    whole = {cell for variable, _ in path.exact.values() for cell in variable.cells}
    for cell in sorted({*path.writes, *path.exact}):
        limits: list[layout.Limit] = []
        if cell in path.exact:
            variable, value = path.exact[cell]
            bounds = path.facts.bounds_given
            limits.extend(layout.limits(variable.sort, value, path.world.sizes, bounds, variable.name))
        elif cell not in whole:
            limits.extend(limits_of_cell(path, cell))
        for limit in limits:
            inside = path.facts.simplify(limit.condition)
            if inside == TRUE:
                continue
            leaving.append(([*taken, neg(inside)], Failure(limit.kind, limit.text, path.written[cell], limit.value)))
            inside_all.append(inside)
    for inside in inside_all:
        if inside == FALSE:
            path.guard.append(FALSE)
            break
        path.assume(path.facts.simplify(inside))
    return leaving


def limits_of_cell(path: Machine, cell: int) -> list[layout.Limit]:
    domain = path.world.cells[cell].domain
    expr = path.writes[cell]
    if domain.kind != "range" or expr.type == "bool":
        return []
    lo, hi = path.facts.bounds(expr)
    if domain.lo <= lo and hi <= domain.top:
        return []
    inside = conj(le(Constant(domain.lo), expr), le(expr, Constant(domain.top)))
    text = layout.leaving_text(path.world.cells[cell].name, domain.lo, domain.hi)
    return [layout.Limit("range", inside, text, expr)]


def is_read_of(expr: Expr, cell: int) -> bool:
    return isinstance(expr, Read) and expr.cell == cell and not expr.before
