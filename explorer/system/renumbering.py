"""A system with other numbers for its cells, and without those that have none."""

from __future__ import annotations

import dataclasses

from explorer.system.form import Action, Apply, Expr, Failure, Property, Read, System


class Renumbering:
    """Old cell -> new cell, applied to a whole system."""

    def __init__(self, numbers: dict[int, int]) -> None:
        self.numbers = numbers
        self.known: dict[Expr, Expr] = {}

    def expr(self, expr: Expr) -> Expr:
        if isinstance(expr, Read):
            return Read(self.numbers[expr.cell], expr.type, expr.before)
        if not isinstance(expr, Apply):
            return expr
        made = self.known.get(expr)
        if made is None:
            made = self.known[expr] = Apply(expr.op, tuple(self.expr(a) for a in expr.args))
        return made

    def failure(self, failure: Failure) -> Failure:
        return failure if failure.value is None else dataclasses.replace(failure, value=self.expr(failure.value))

    def action(self, action: Action) -> Action:
        location = action.location
        return dataclasses.replace(
            action,
            failure=None if action.failure is None else self.failure(action.failure),
            guard=self.expr(action.guard),
            updates=tuple((self.numbers[c], self.expr(e)) for c, e in action.updates if c in self.numbers),
            location=None if location is None else (self.numbers[location[0]], location[1], location[2]),
        )

    def property(self, prop: Property) -> Property:
        undefined = tuple((self.expr(e), self.failure(f)) for e, f in prop.undefined)
        return dataclasses.replace(
            prop, holds=self.expr(prop.holds), trigger=self.expr(prop.trigger), undefined=undefined
        )

    def system(self, system: System) -> System:
        return dataclasses.replace(
            system,
            cells=tuple(c for i, c in enumerate(system.cells) if i in self.numbers),
            actions=tuple(map(self.action, system.actions)),
            properties=tuple(map(self.property, system.properties)),
            threads=tuple(dataclasses.replace(t, cell=self.numbers[t.cell]) for t in system.threads),
        )
