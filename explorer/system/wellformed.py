"""The public check of a System."""

from __future__ import annotations

from explorer.errors import ExplorerError
from explorer.process import stop
from explorer.system.expressions import cells_read
from explorer.system.form import OPERATORS, Apply, Constant, Expr, Read, System


class IllFormed(ExplorerError):
    """A System that breaks an invariant: a fault of whatever made it, never of the model's author."""


def check(system: System) -> None:
    """Raise IllFormed unless the system keeps these invariants:

    1. cell names are different, initial codes lie in the domain, and lo <= hi;
    2. every expression, those of failure texts too, uses operators of OPERATORS with arguments of the right types, and
       reads cells that exist, with the type of their domain;
    3. guards, properties and the conditions under which these are undefined are truth values; `before` is read only in
       always_step properties;
    4. no action updates a cell that does not exist, one cell twice, a constant cell or a control point; an update has the
       type of its cell;
    5. an action's control points lie in its thread's range, and its guard tests the one it starts from;
    6. guards and updates of real cells read no ghost; a failure or blocked action has a reason and no updates; a voluntary
       action has no fairness;
    7. property names are different, thread names are different, and a thread's cell is a location.
    """
    types = _Types(system)
    names = [c.name for c in system.cells]
    _unique("cell", names)
    _unique("property", [p.name for p in system.properties])
    _unique("thread", [t.name for t in system.threads])
    for cell in system.cells:
        domain = cell.domain
        if domain.lo > domain.hi or not cell.initial or not all(domain.lo <= c <= domain.top for c in cell.initial):
            raise IllFormed(f"cell {cell.name}: initial {cell.initial} outside {domain.lo}..{domain.top}")
    locations = {t.cell for t in system.threads}
    for thread in system.threads:
        if system.cells[thread.cell].domain.kind != "location":
            raise IllFormed(f"thread {thread.name}: cell {thread.cell} is no control point")
    for index, action in enumerate(system.actions):
        if not index % 256:
            stop.here()
        where = f"action {index} ({action.actor}: {action.label})"
        if types.of(action.guard, where, False) != "bool":
            raise IllFormed(f"{where}: its guard is not a truth value")
        _no_ghost(system, action.guard, where)
        updated = [c for c, _ in action.updates]
        if not all(0 <= c < len(names) for c in updated):
            raise IllFormed(f"{where}: updates a cell that does not exist")
        _unique(f"{where}: update", [names[c] for c in updated])
        for cell_index, expr in action.updates:
            cell = system.cells[cell_index]
            if cell.constant or cell_index in locations:
                raise IllFormed(f"{where}: updates {cell.name}")
            if types.of(expr, where, False) != ("bool" if cell.domain.truth else "int"):
                raise IllFormed(f"{where}: stores the wrong type in {cell.name}")
            if not cell.ghost:
                _no_ghost(system, expr, where)
        if action.location is not None:
            cell_index, source, target = action.location
            width = system.cells[cell_index].domain.hi
            if cell_index not in locations or not (0 < source <= width and 0 <= target <= width):
                raise IllFormed(f"{where}: control points {source} -> {target}")
            conjuncts = (
                action.guard.args if isinstance(action.guard, Apply) and action.guard.op == "and" else (action.guard,)
            )
            if Apply("eq", (Read(cell_index, "int"), Constant(source))) not in conjuncts:
                raise IllFormed(f"{where}: its guard does not test its control point")
        if action.outcome != "step" and (action.updates or action.failure is None):
            raise IllFormed(f"{where}: an action without successor has updates or no reason")
        if action.fairness not in ("none", "weak", "strong") or action.voluntary and action.fairness != "none":
            raise IllFormed(f"{where}: fairness {action.fairness}")
        if action.failure is not None and action.failure.value is not None:
            types.of(action.failure.value, where, False)
    for prop in system.properties:
        where, before = f"property {prop.name}", prop.kind == "always_step"
        if types.of(prop.holds, where, before) != "bool" or types.of(prop.trigger, where, before) != "bool":
            raise IllFormed(f"{where} is not a truth value")
        for condition, failure in prop.undefined:
            if types.of(condition, where, before) != "bool":
                raise IllFormed(f"{where}: the condition under which it is undefined is not a truth value")
            if failure.value is not None:
                types.of(failure.value, where, before)


def is_condition(system: System, expr: Expr) -> bool:
    """Whether an expression is a truth value about one state of the system."""
    try:
        return _Types(system).of(expr, "", False) == "bool"
    except (IllFormed, RecursionError):
        return False


def _unique(what: str, names: list[str]) -> None:
    seen: set[str] = set()
    for name in names:
        if name in seen:
            raise IllFormed(f"two {what}s are named {name}")
        seen.add(name)


def _no_ghost(system: System, expr: Expr, where: str) -> None:
    for cell in cells_read(expr):
        if system.cells[cell].ghost:
            raise IllFormed(f"{where}: reads the ghost {system.cells[cell].name}")


class _Types:
    """The types of expressions, each shared part looked at once."""

    def __init__(self, system: System) -> None:
        self.system = system
        self.known: dict[tuple[Expr, bool], str] = {}

    def of(self, expr: Expr, where: str, before: bool) -> str:
        if isinstance(expr, Constant):
            return expr.type
        if isinstance(expr, Read):
            cells = self.system.cells
            if not 0 <= expr.cell < len(cells):
                raise IllFormed(f"{where}: reads cell {expr.cell}, which does not exist")
            if expr.before and not before:
                raise IllFormed(f"{where}: reads the state before")
            if expr.type != ("bool" if cells[expr.cell].domain.truth else "int"):
                raise IllFormed(f"{where}: reads {cells[expr.cell].name} as {expr.type}")
            return expr.type
        if (expr, before) in self.known:
            return self.known[expr, before]
        if expr.op not in OPERATORS:
            raise IllFormed(f"{where}: unknown operator {expr.op}")
        wanted, result = OPERATORS[expr.op]
        types = tuple(self.of(a, where, before) for a in expr.args)
        if wanted[-1] == "*":
            wanted = (wanted[0],) * len(types)
        if types != wanted:
            raise IllFormed(f"{where}: {expr.op} of {types}")
        self.known[expr, before] = result
        return result
