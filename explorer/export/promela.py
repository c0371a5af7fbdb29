"""A System as Promela, the language of Spin.

One process, one loop, one deterministic step for each action; the state of the process is the same at every turn, so
Spin's states are the system's. What a step assigns is put into an order in which every right side still reads the state
before; where there is none, the old value is kept in a variable that the step resets.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator

from explorer.errors import UsageError
from explorer.export.expressions import Sizes, Writer, at_rest, check_words, conjuncts, number, same, wrap
from explorer.export.names import Names, about_action, file_name, headline, of_states
from explorer.process.quoting import comment
from explorer.system.form import FALSE, Action, Apply, Cell, Constant, Expr, Property, Read, System

OPERATIONS = {
    "and": " && ",
    "or": " || ",
    "not": "!{}",
    "iff": "{} == {}",
    "eq": "{} == {}",
    "lt": "{} < {}",
    "le": "{} <= {}",
    "add": "{} + {}",
    "sub": "{} - {}",
    "mul": "{} * {}",
    # C's division rounds towards 0 and its remainder has the sign of the dividend
    "floordiv": "({1} == 0 -> 0 : {0} / {1} - ({0} % {1} != 0 && (({0} < 0) != ({1} < 0))))",
    "mod": "({1} == 0 -> 0 : {0} % {1} + ({0} % {1} != 0 && (({0} < 0) != ({1} < 0))) * {1})",
    "min": "({0} < {1} -> {0} : {1})",
    "max": "({0} < {1} -> {1} : {0})",
    "ite": "({} -> {} : {})",
    "choose": "({} -> {} : {})",
    "int": "({})",
}
RESERVED = frozenset(
    # Promela
    "active assert atomic bit bool break byte c_code c_decl c_expr c_state c_track chan cond d_step D_proctype do else"
    " empty enabled end eval false fi for full get_priority get hidden if in init inline int len local ltl mtype nempty"
    " never nfull notrace np_ od of pc_value pid printf printm priority proctype progress provided return run select"
    " set_priority short show skip STDIN timeout trace true typedef unless unsigned xr xs accept"
    # C, which the variables become fields of; the words that Spin's preprocessor and its program define
    " auto case char const continue default double enum extern float goto long register restrict signed sizeof static"
    " struct switch union void volatile while asm typeof linux unix i386 NULL EOF stdin stdout stderr main exit abs"
    " min max now this trpt uchar ushort uint ulong tau pm o_pm sv State Trans P0 Pclaim"
    # this file
    " ASSERTIONS ERRORS DEADLOCK FAILED FAULT BEFORE AFTER system".split()
)
INITIAL_STATES = 1024


def promela(system: System, title: str = "", name: str = "") -> str:
    """The system as one Promela file.

    `title`: what to call it in the first line; `name`: of the file, without its ending, for the commands in the header.
    Raises UsageError where the system has values that do not fit in 32 bits, or too many initial states.
    """
    return "\n".join(_File(system, title, name).lines()) + "\n"


class _Writer(Writer):
    def __init__(self, system: System, names: Names, read: Callable[[Read], str]) -> None:
        super().__init__(names, OPERATIONS, read, ("false", "true"), number)
        self.sizes = Sizes(system)

    def special(self, expr: Apply) -> str | None:
        """Of numbers that are not negative, C's quotient and remainder are ours."""
        if (
            expr.op in ("floordiv", "mod")
            and self.sizes.of(expr.args[0])[0] >= 0
            and self.sizes.of(expr.args[1])[0] > 0
        ):
            return "({} / {})" if expr.op == "floordiv" else "({} % {})"
        return None


class _File:
    def __init__(self, system: System, title: str, name: str) -> None:
        self.whole, system = system, of_states(system)
        check_words(system, "Promela")
        self.system, self.title = system, title or system.name or "a model"
        self.name = comment(name) or file_name(self.title)
        self.names = Names(system, RESERVED)
        self.macros = {p.name: self.names.take(f"PROPERTY {p.name}") for p in system.properties}
        self.valuations = self.initial()
        self.looked_back = sorted(
            {c for p in system.properties if p.kind == "always_step" for c in cells_of(p.holds, before=True)}
        )
        self.befores = {c: self.names.take(f"before {self.names.cells[c]}") for c in self.looked_back}
        self.olds: list[str] = []
        self.writer = _Writer(system, self.names, self.read)

    def read(self, expr: Read) -> str:
        return self.befores[expr.cell] if expr.before else self.names.cells[expr.cell]

    def initial(self) -> list[list[tuple[int, int]]]:
        """The initial states, as the cells that are left open with their values; one empty list where there is but one."""
        open_cells = [(i, same(c.initial)) for i, c in enumerate(self.system.cells) if len(same(c.initial)) > 1]
        count = 1
        for _, codes in open_cells:
            count *= len(codes)
        if count > INITIAL_STATES:
            raise UsageError(
                f"at most {INITIAL_STATES} initial states can be written in Promela, the model has {count:,}"
            )
        return [
            [(i, code) for (i, _), code in zip(open_cells, codes, strict=True)]
            for codes in itertools.product(*(codes for _, codes in open_cells))
        ]

    # ------------------------------------------------------------ the file

    def lines(self) -> Iterator[str]:
        # first, so that the names and variables that these need are known
        body = [*self.claims(), *self.process()]
        cells = [f"{self.declaration(i):60} /* {about_cell(c)} */" for i, c in enumerate(self.system.cells)]
        yield from self.header()
        yield ""
        for name, value in self.names.used_names():
            yield f"#define {name} {value}"
        yield ""
        yield from cells
        if self.olds:
            yield ""
            yield "/* values before a step, while it assigns; 0 between steps */"
            yield from (f"int {name} = 0;" for name in self.olds)
        yield ""
        yield from body

    def header(self) -> Iterator[str]:
        size = sum(4 if c.domain.lo < 0 or c.domain.top > 255 else 1 for c in self.system.cells) + 64
        vector = f" -DVECTORSZ={(size + 1023) // 1024 * 1024}" if size > 1000 else ""
        starts = len(self.valuations)
        yield "/*"
        yield from (f" * {line}" for line in headline(self.title, self.whole))
        yield " * Written by `explore export --to promela`. To count states and transitions:"
        yield " *"
        yield f" *     spin -a {self.name}.pml"
        yield f" *     gcc -O2 -w -DSAFETY -DNOREDUCE{vector} -o pan pan.c"
        yield " *     ./pan -m1000000"
        yield " *"
        if starts == 1:
            yield ' * "states, stored" are the states that `explore` counts; "transitions" are its transitions plus 1.'
        else:
            yield f" * There are {starts} initial states, which the process chooses from at its beginning:"
            yield f' * "states, stored" are the states that `explore` counts plus 1; "transitions" are its plus {starts + 1}.'
        yield ' * If it prints "max search depth too small", the counts mean nothing: give it a larger -m.'
        yield " *"
        yield " * To look for a violation, give spin -a one of these; with -DBFS for gcc, the run found is one of the shortest:"
        for prop in self.system.properties:
            verb = "is reached" if prop.kind == "reachable" else "is violated"
            yield f" *     -D{self.macros[prop.name]}: where {comment(prop.name)} {verb}"
        yield " *     -DASSERTIONS: where an assertion of the model fails"
        yield " *     -DERRORS: where the model itself is in error (ranges, indexes)"
        yield " *     -DDEADLOCK: where nobody can move and somebody should"
        yield " * Without them a failing step leads back to its state, so that it is counted."
        yield " */"

    def claims(self) -> Iterator[str]:
        """The macros that every step and every failure uses."""
        for macro, effect in (("ASSERTIONS", "FAILED"), ("ERRORS", "FAULT")):
            yield f"#ifdef {macro}"
            yield f"#define {effect} assert(false)"
            yield "#else"
            yield f"#define {effect} skip"
            yield "#endif"
        steps = [p for p in self.system.properties if p.kind == "always_step"]
        if not steps:
            return
        yield ""
        yield "/* properties of steps: what they need of the state before is kept while a step assigns */"
        for prop in steps:
            yield f"#ifdef {self.macros[prop.name]}"
            cells = sorted(cells_of(prop.holds, before=True))
            keep = "".join(f"{self.befores[c]} = {self.names.cells[c]}; " for c in cells)
            reset = "".join(f"; {self.befores[c]} = 0" for c in cells)
            for c in cells:
                yield f"int {self.befores[c]} = 0;"
            yield f"#define BEFORE {keep}".rstrip()
            yield f"#define AFTER ; assert({self.writer.bare(prop.holds)}){reset}"
            yield "#endif"
        yield "#ifndef AFTER"
        yield "#define BEFORE"
        yield "#define AFTER"
        yield "#endif"

    def declaration(self, index: int) -> str:
        cell, name = self.system.cells[index], self.names.cells[index]
        domain = cell.domain
        kind = "bool" if domain.truth else "byte" if domain.lo >= 0 and domain.top <= 255 else "int"
        return f"{kind} {name} = {self.stored(index, cell.initial[0])};"

    def stored(self, cell: int, code: int) -> str:
        return self.writer.value(bool(code) if self.system.cells[cell].domain.truth else code, cell)

    def process(self) -> Iterator[str]:
        yield ""
        yield "active proctype system()"
        yield "{"
        if len(self.valuations) > 1:
            yield "    if /* the initial state */"
            for valuation in self.valuations:
                assigned = "; ".join(f"{self.names.cells[c]} = {self.stored(c, code)}" for c, code in valuation)
                yield f"    :: d_step {{ {assigned} }}"
            yield "    fi;"
        yield "#ifndef DEADLOCK"
        yield "end:"
        yield "#endif"
        yield "    do"
        for action in self.system.actions:
            if action.outcome != "blocked":
                yield from self.action(action)
        unread = self.unread()
        if all(a.outcome == "blocked" for a in self.system.actions):
            yield "    :: false -> skip /* nothing can happen */"
        if unread:
            yield "    /* never taken: Spin leaves variables that nobody reads out of the state */"
            tests = [f"{self.names.cells[c]} == {self.names.cells[c]}" for c in unread]
            yield f"    :: d_step {{ {wrap(['false', *tests], ' && ', '        ').strip()} -> skip }}"
        for prop in self.system.properties:
            yield from self.property(prop)
        rest = at_rest(self.system)
        if rest != FALSE:
            yield "#ifdef DEADLOCK"
            yield "    /* everybody is finished or may wait for ever */"
            yield f"    :: d_step {{ {self.writer.bare(rest)} -> skip }}"
            yield "#endif"
        yield "    od"
        yield "}"

    def action(self, action: Action) -> Iterator[str]:
        yield f"    /* {about_action(action)} */"
        tests = [self.writer.conjunct(e) for e in conjuncts(action.guard)]
        guard = wrap(tests, " && ", "        ").strip()
        if action.outcome == "failure":
            assert action.failure is not None
            yield f"    :: d_step {{ {guard} -> {'FAILED' if action.failure.kind == 'assert' else 'FAULT'} }}"
            return
        steps = any(p.kind == "always_step" for p in self.system.properties)
        yield f"    :: d_step {{ {guard} ->"
        pieces = self.assignments(action)
        body = wrap(pieces or ["skip"], "; ", "        ")
        if steps:
            yield "        BEFORE"
            yield body
            yield "        AFTER }"
        else:
            yield body + " }"

    def property(self, prop: Property) -> Iterator[str]:
        tests: list[tuple[str, Expr]] = []
        if prop.kind == "always":
            tests.append((self.macros[prop.name], Apply("not", (prop.holds,))))
        elif prop.kind == "reachable":
            tests.append((self.macros[prop.name], prop.holds))
        if prop.kind != "always_step":
            tests += [("ERRORS", condition) for condition, _ in prop.undefined]
        for macro, expr in tests:
            what = f"{prop.kind} {comment(prop.name)}" if macro != "ERRORS" else f"{comment(prop.name)} is undefined"
            yield f"#ifdef {macro}"
            yield f"    /* {what} */"
            guard = wrap([self.writer.conjunct(e) for e in conjuncts(expr)], " && ", "        ").strip()
            yield f"    :: d_step {{ {guard} -> assert(false) }}"
            yield "#endif"

    def unread(self) -> list[int]:
        """The cells that are assigned and that no action reads."""
        read: set[int] = set()
        written: set[int] = set()
        for action in self.system.actions:
            if action.outcome == "blocked":
                continue
            read |= cells_of(action.guard)
            for cell, expr in action.updates:
                read |= cells_of(expr) - {cell}
                written.add(cell)
            if action.location is not None:
                written.add(action.location[0])
        return sorted((written | {c for v in self.valuations for c, _ in v}) - read)

    # ------------------------------------------------------------ assignments

    def assignments(self, action: Action) -> list[str]:
        """The updates as assignments one after the other, each of which sees the state before."""
        pending = list(action.updates)
        if action.location is not None and action.outcome == "step" and action.location[1] != action.location[2]:
            pending.append((action.location[0], Constant(action.location[2])))
        reads = [cells_of(expr) for _, expr in pending]
        kept: dict[int, str] = {}  # cells whose old value a temporary holds
        writer = _Writer(self.system, self.names, lambda e: kept.get(e.cell, self.names.cells[e.cell]))
        out: list[str] = []
        left = list(range(len(pending)))
        while left:
            free = [i for i in left if not any(pending[i][0] in reads[j] for j in left if j != i)]
            i = free[0] if free else left[0]
            cell, expr = pending[i]
            name = self.names.cells[cell]
            text = writer.bare(expr, cell)
            if not free:
                out.append(f"{self.old(len(kept))} = {name}")
                kept[cell] = self.old(len(kept))
                for j in left:
                    reads[j] = reads[j] - {cell}
                writer.known.clear()
            out.append(f"{name} = {text}")
            left.remove(i)
        return out + [f"{name} = 0" for name in kept.values()]

    def old(self, index: int) -> str:
        while len(self.olds) <= index:
            self.olds.append(self.names.take(f"old {len(self.olds)}"))
        return self.olds[index]


def cells_of(expr: Expr, before: bool = False) -> set[int]:
    """The cells that an expression reads now, or, with `before`, in the state before."""
    found: set[int] = set()
    seen: set[Expr] = set()
    pending = [expr]
    while pending:
        e = pending.pop()
        if isinstance(e, Read):
            if e.before == before:
                found.add(e.cell)
        elif isinstance(e, Apply) and e not in seen:
            seen.add(e)
            pending.extend(e.args)
    return found


def about_cell(cell: Cell) -> str:
    """One line about a cell: its name in the model and its values."""
    domain = cell.domain
    if domain.kind in ("location", "enum"):
        values = f"{domain.hi - domain.lo + 1} values"
    else:
        values = "a truth value" if domain.kind == "bool" else f"{domain.lo}..{domain.hi}"
    return comment(f"{cell.name}: {values}{f', {domain.none} for None' if domain.top > domain.hi else ''}")
