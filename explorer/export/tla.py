"""A System as TLA+, for TLC: a module, and the configuration that goes with it.

Each action is one operator: its conditions, what it assigns, and what it leaves unchanged. Integers are integers; cells of
truth values are TRUE and FALSE. TLC counts distinct states; what it calls generated are the transitions and the initial
states.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from explorer.errors import UsageError
from explorer.export.expressions import Writer, at_rest, check_words, conjuncts, number, same, wrap
from explorer.export.names import Names, about_action, file_name, headline, of_states
from explorer.process.quoting import comment
from explorer.system.form import Action, Apply, Constant, Expr, Property, Read, System

OPERATIONS = {
    "and": " /\\ ",
    "or": " \\/ ",
    "not": "~{}",
    "iff": "{} <=> {}",
    "eq": "{} = {}",
    "lt": "{} < {}",
    "le": "{} <= {}",
    "add": "{} + {}",
    "sub": "{} - {}",
    "mul": "{} * {}",
    "floordiv": "FloorDiv({}, {})",
    "mod": "Mod({}, {})",
    "min": "Min({}, {})",
    "max": "Max({}, {})",
    "ite": "(IF {} THEN {} ELSE {})",
    "choose": "(IF {} THEN {} ELSE {})",
    "int": "(IF {} THEN 1 ELSE 0)",
}
HELPERS = {
    "Min(": ("Min(a, b) == IF a < b THEN a ELSE b",),
    "Max(": ("Max(a, b) == IF a < b THEN b ELSE a",),
    "FloorDiv(": (
        "\\* rounds down; 0 where the divisor is 0",
        "FloorDiv(a, b) == IF b = 0 THEN 0 ELSE IF b > 0 THEN a \\div b ELSE (-a) \\div (-b)",
    ),
    "Mod(": (
        "\\* the sign of the divisor; 0 where the divisor is 0",
        "Mod(a, b) == IF b = 0 THEN 0 ELSE IF b > 0 THEN a % b ELSE -((-a) % (-b))",
    ),
}
CONFIGURATION = ": for TLC, beside "  # in the first line of a configuration
RESERVED = frozenset(
    "ACTION ASSUME ASSUMPTION AXIOM BY CASE CHOOSE CONSTANT CONSTANTS COROLLARY DEF DEFINE DEFS DOMAIN ELSE ENABLED EXCEPT"
    " EXTENDS HAVE HIDE IF IN INSTANCE LAMBDA LEMMA LET LOCAL MODULE NEW OBVIOUS OMITTED ONLY OTHER PICK PROOF PROPOSITION"
    " PROVE QED RECURSIVE STATE SUBSET SUFFICES TAKE TEMPORAL THEN THEOREM UNCHANGED UNION USE VARIABLE VARIABLES"
    " WITH WITNESS TRUE FALSE BOOLEAN STRING Nat Int a b Init Next Spec vars Min Max FloorDiv Mod AtRest NoDeadlock"
    " NoAssertionFails NoError INIT NEXT SPECIFICATION INVARIANT INVARIANTS PROPERTY PROPERTIES SYMMETRY VIEW CONSTRAINT"
    " CONSTRAINTS ALIAS POSTCONDITION CHECK_DEADLOCK ACTION_CONSTRAINT ACTION_CONSTRAINTS".split()
)


def tla(system: System, title: str = "", name: str = "") -> str:
    """The system as a TLA+ module.

    `title`: what to call it in the first line; `name`: of the module and of its file, without the ending.
    Raises UsageError where values do not fit in TLC's integers of 32 bits.
    """
    return "\n".join(_Module(system, title, name).lines()) + "\n"


def configuration(system: System, chosen: Sequence[str] = (), title: str = "", name: str = "") -> str:
    """The configuration file for TLC.

    `chosen`: the properties to check, also "deadlock_freedom" and "assertions"; none: count only. Raises UsageError where
    there is no such property.
    """
    return "\n".join(_Module(system, title, name, chosen).configuration(chosen)) + "\n"


class _Module:
    def __init__(self, system: System, title: str, name: str, chosen: Sequence[str] = ()) -> None:
        self.whole, system = system, of_states(system, chosen)
        check_words(system, "TLC")
        if not system.cells:
            raise UsageError("the model has no variables; a TLA+ module needs one")
        self.system, self.title = system, title or system.name or "a model"
        self.name = comment(name) or file_name(self.title)
        self.names = Names(system, RESERVED, ("WF_", "SF_"))
        self.claims = {p.name: self.claim(p) for p in system.properties}
        self.writer = Writer(self.names, OPERATIONS, self.names_of, ("FALSE", "TRUE"), number)

    def claim(self, prop: Property) -> str:
        name = self.names.properties[prop.name]
        return self.names.take(f"Never {name}") if prop.kind == "reachable" else name

    def names_of(self, expr: Read) -> str:
        return self.names.cells[expr.cell]

    def lines(self) -> Iterator[str]:
        names, system = self.names.cells, self.system
        body = list(self.body())
        helpers = [line for call, lines in HELPERS.items() if any(call in text for text in body) for line in lines]
        yield f"{'-' * 20} MODULE {self.name} {'-' * 20}"
        yield from self.header()
        yield "EXTENDS Integers"
        yield ""
        yield "VARIABLES"
        for i, cell in enumerate(system.cells):
            yield f"    {names[i] + (',' if i < len(names) - 1 else ''):45} \\* {comment(cell.name)}"
        yield ""
        yield f"vars == <<{wrap(names, ', ', ' ' * 10).strip()}>>"
        yield ""
        used = self.names.used_names()
        yield from (f"{n} == {number(v)}" for n, v in used)
        yield from [""] * bool(used)
        yield from helpers
        yield from [""] * bool(helpers)
        yield from body
        yield "=" * (49 + len(self.name))

    def header(self) -> Iterator[str]:
        starts = 1
        for cell in self.system.cells:
            starts *= len(same(cell.initial))
        yield "(*"
        yield from (f" {line}" for line in headline(self.title, self.whole))
        yield " Written by `explore export --to tla`. Beside this file stands the configuration. To count:"
        yield ""
        yield f"     java -cp tla2tools.jar tlc2.TLC -deadlock -config {self.name}.cfg {self.name}.tla"
        yield ""
        states = "state" if starts == 1 else "states"
        yield ' "distinct states found" are the states that `explore` counts; "states generated" are its transitions'
        yield f" and the {starts} initial {states}. A failing step leads back to its state, so that it is counted."
        yield "*)"

    def body(self) -> Iterator[str]:
        names, system = self.names.cells, self.system
        yield "Init =="
        for i, cell in enumerate(system.cells):
            codes = [self.stored(i, code) for code in same(cell.initial)]
            yield f"    /\\ {names[i]} {'= ' + codes[0] if len(codes) == 1 else 'in {' + ', '.join(codes) + '}'}".replace(
                " in {", " \\in {"
            )
        shown = [(i, a) for i, a in enumerate(system.actions) if a.outcome != "blocked"]
        for index, action in shown:
            yield ""
            yield from self.action(index, action)
        yield ""
        yield "Next =="
        for index, _ in shown:
            yield f"    \\/ {self.names.actions[index]}"
        if not shown:
            yield "    FALSE /\\ UNCHANGED vars"
        yield ""
        yield "Spec == Init /\\ [][Next]_vars"
        for prop in system.properties:
            yield ""
            yield from self.property(prop)
        yield ""
        yield "\\* everybody is finished or may wait for ever"
        yield f"AtRest == {self.writer.bare(at_rest(system))}"
        yield ""
        yield "NoDeadlock == AtRest \\/ ENABLED Next"
        for name, kinds in (("NoAssertionFails", ("assert",)), ("NoError", ("range", "index", "value"))):
            yield ""
            yield f"{name} =="
            failing = [a.guard for _, a in shown if a.failure is not None and a.failure.kind in kinds]
            undefined = [e for p in system.properties if p.kind != "always_step" for e, _ in p.undefined]
            for guard in failing + (undefined if name == "NoError" else []):
                yield f"    /\\ ~{self.writer.of(guard)}"
            yield "    /\\ TRUE"

    def stored(self, cell: int, code: int) -> str:
        return self.writer.value(bool(code) if self.system.cells[cell].domain.truth else code, cell)

    def action(self, index: int, action: Action) -> Iterator[str]:
        names = self.names.cells
        yield f"\\* {about_action(action)}"
        yield f"{self.names.actions[index]} =="
        for expr in conjuncts(action.guard):
            yield f"    /\\ {self.condition(expr)}"
        updates = list(action.updates)
        if action.location is not None and action.outcome == "step" and action.location[1] != action.location[2]:
            updates.append((action.location[0], Constant(action.location[2])))
        for cell, expr in updates:
            yield f"    /\\ {names[cell]}' = {self.assigned(expr, cell)}"
        changed = {c for c, _ in updates}
        rest = [n for i, n in enumerate(names) if i not in changed]
        if not changed:
            yield "    /\\ UNCHANGED vars"
        elif rest:
            kept = wrap(rest, ", ", " " * 20).strip()
            yield f"    /\\ UNCHANGED <<{kept}>>"

    def assigned(self, expr: Expr, cell: int) -> str:
        """A right side; brackets where "=" binds closer."""
        truth = isinstance(expr, Apply) and expr.op in ("and", "or", "not", "iff", "eq", "lt", "le")
        return self.writer.of(expr, cell) if truth else self.writer.bare(expr, cell)

    def condition(self, expr: Expr) -> str:
        """A condition of an action. TLC takes a bare disjunction apart and counts the action once for each side."""
        if isinstance(expr, Apply) and expr.op in ("or", "choose"):
            return f"{self.writer.of(expr)} = TRUE"
        return self.writer.conjunct(expr)

    def property(self, prop: Property) -> Iterator[str]:
        yield f"\\* {prop.kind}: {comment(prop.name)}"
        if prop.kind == "always_step":
            yield "\\* (TLC does not look at steps that change nothing)"
            writer = Writer(
                self.names,
                OPERATIONS,
                lambda e: self.names.cells[e.cell] + ("" if e.before else "'"),
                ("FALSE", "TRUE"),
                number,
            )
            yield f"{self.claims[prop.name]} == [][{writer.bare(prop.holds)}]_vars"
        elif prop.kind == "reachable":
            yield "\\* (where TLC reports this as violated, the state is reached)"
            yield f"{self.claims[prop.name]} == ~{self.writer.of(prop.holds)}"
        elif len(conjuncts(prop.holds)) > 1:
            yield f"{self.claims[prop.name]} =="
            yield from (f"    /\\ {self.writer.conjunct(e)}" for e in conjuncts(prop.holds))
        else:
            yield f"{self.claims[prop.name]} == {self.writer.bare(prop.holds)}"

    def configuration(self, chosen: Sequence[str]) -> Iterator[str]:
        builtin = {"deadlock_freedom": "NoDeadlock", "assertions": "NoAssertionFails"}
        for name in chosen:
            if name not in {**self.claims, **builtin}:
                raise UsageError(f"there is no property {name!r}")
        yield f"\\* {comment(self.title)}{CONFIGURATION}{self.name}.tla"
        yield "SPECIFICATION Spec"
        yield "\\* give TLC -deadlock: its own check takes finished threads for stuck ones; NoDeadlock does not"
        lines = [
            (p.name, f"{'PROPERTY' if p.kind == 'always_step' else 'INVARIANT'} {self.claims[p.name]}")
            for p in self.system.properties
        ]
        lines += [(name, f"INVARIANT {operator}") for name, operator in builtin.items()]
        for name, line in [*lines, ("", "INVARIANT NoError")]:
            yield line if name in chosen else f"\\* {line}"
