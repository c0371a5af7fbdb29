"""A System as SMT-LIB 2.6: the initial states, the steps and the properties as functions, and questions about them.

The questions are a bounded search: is the property violated at depth 0, 1, ...? `sat` at the first such depth. Last comes
the induction step: if that and depth 0 are `unsat`, the property holds at every depth.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from explorer.errors import UsageError
from explorer.export.expressions import Writer, at_rest, conjuncts, same, wrap
from explorer.export.names import Names, about_action, file_name, headline, of_states
from explorer.process.quoting import comment
from explorer.system.form import Action, Apply, Constant, Expr, Property, Read, System

OPERATIONS = {
    "and": "(and {})",
    "or": "(or {})",
    "not": "(not {})",
    "iff": "(= {} {})",
    "eq": "(= {} {})",
    "lt": "(< {} {})",
    "le": "(<= {} {})",
    "add": "(+ {} {})",
    "sub": "(- {} {})",
    "mul": "(* {} {})",
    "floordiv": "(floor.div {} {})",
    "mod": "(floor.mod {} {})",
    "min": "(ite (< {0} {1}) {0} {1})",
    "max": "(ite (< {0} {1}) {1} {0})",
    "ite": "(ite {} {} {})",
    "choose": "(ite {} {} {})",
    "int": "(ite {} 1 0)",
}
# div and mod of SMT-LIB leave a remainder that is never negative
DIVISION = """; rounds down; 0 where the divisor is 0
(define-fun floor.div ((a Int) (b Int)) Int (ite (= b 0) 0 (ite (> b 0) (div a b) (div (- a) (- b)))))
; the sign of the divisor; 0 where the divisor is 0
(define-fun floor.mod ((a Int) (b Int)) Int (ite (= b 0) 0 (ite (> b 0) (mod a b) (- (mod (- a) (- b))))))"""
RESERVED = frozenset(
    "BINARY DECIMAL HEXADECIMAL NUMERAL STRING as let exists forall match par assert echo exit pop push reset Bool Int Real"
    " Array String true false not and or xor ite distinct div mod abs implies iff if select store const is min max init"
    " trans holds domain fails enabled stuck sub add mul neg rem pow exp pi sin cos tan concat extract union inter map"
    " a b lambda define check set get declare simplify eval display include help model sat unsat unknown".split()
)


def smtlib(system: System, chosen: Sequence[str] = (), depth: int = 8, title: str = "", name: str = "") -> str:
    """The system as one SMT-LIB file.

    `chosen`: the properties that are asked about, of one kind, also "deadlock_freedom" and "assertions"; none: all that
    must hold in every state, or deadlock where there are none. `depth`: how many steps. `title`, `name`: what to call
    it, and its file.
    Raises UsageError where there is no such property, or several that can't be asked about together.
    """
    return "\n".join(_File(system, chosen, depth, title, name).lines()) + "\n"


class SmtWriter(Writer):
    def special(self, expr: Apply) -> str | None:
        """Any number of arguments; and quotients by positive numbers are those of SMT-LIB."""
        if expr.op in ("and", "or"):
            return f"({expr.op} {' '.join(['{}'] * len(expr.args))})"
        if expr.op in ("floordiv", "mod") and isinstance(expr.args[1], Constant) and expr.args[1].value > 0:
            return "(div {} {})" if expr.op == "floordiv" else "(mod {} {})"
        return None


class _File:
    def __init__(self, system: System, chosen: Sequence[str], depth: int, title: str, name: str) -> None:
        self.whole, system = system, of_states(system, chosen)
        self.system, self.depth, self.title = system, depth, title or system.name or "a model"
        self.name = comment(name) or file_name(self.title)
        self.names = Names(system, RESERVED)
        self.chosen = self.choose(chosen)
        self.writer = self.reader(lambda e: self.names.cells[e.cell])

    def reader(self, read: Callable[[Read], str]) -> Writer:
        return SmtWriter(self.names, OPERATIONS, read, ("false", "true"), number)

    def choose(self, chosen: Sequence[str]) -> list[Property] | str:
        """The properties asked about, all of one kind; or one of the two that every model has."""
        by_name = {p.name: p for p in self.system.properties}
        if not chosen:
            return [p for p in self.system.properties if p.kind == "always"] or "deadlock_freedom"
        for name in chosen:
            if name not in by_name and name not in ("deadlock_freedom", "assertions"):
                raise UsageError(f"there is no property {name!r}")
        if len(chosen) == 1 and chosen[0] not in by_name:
            return chosen[0]
        found = [by_name[name] for name in chosen if name in by_name]
        if len(found) < len(chosen) or len({p.kind for p in found}) > 1:
            raise UsageError("SMT-LIB takes properties of one kind at a time")
        return found

    @property
    def kind(self) -> str:
        """always, always_step, reachable, deadlock_freedom or assertions."""
        return self.chosen if isinstance(self.chosen, str) else self.chosen[0].kind

    @property
    def looks_back(self) -> bool:
        return self.kind == "always_step"

    # ------------------------------------------------------------ text

    def parameters(self, *endings: str) -> str:
        """The parameters of a function of one state, or of the state before and after."""
        items = [
            f"({name}{ending} {'Bool' if cell.domain.truth else 'Int'})"
            for ending in endings
            for name, cell in zip(self.names.cells, self.system.cells, strict=True)
        ]
        return f"(\n{wrap(items, ' ', '    ')})"

    def call(self, function: str, *endings: str) -> str:
        items = [f"{name}{ending}" for ending in endings for name in self.names.cells]
        return f"({wrap([function, *items], ' ', '    ').strip()})" if items else function

    def lines(self) -> Iterator[str]:
        body = [*self.functions(), *self.questions()]
        yield from (f"; {line}" for line in headline(self.title, self.whole))
        yield "; Written by `explore export --to smtlib`. Give it to a solver as it is:"
        yield ";"
        yield f";     z3 {self.name}.smt2"
        yield f";     cvc5 --incremental {self.name}.smt2"
        yield ";"
        yield f"; The question: {self.question()}? The answers, one for each depth: sat, it is; unsat, it is not."
        yield "; The last answer is the induction step: if that and the first are unsat, then never, at any depth."
        yield "; (Where it is sat, nothing follows: the property may hold all the same.)"
        yield f"(set-logic {'QF_NIA' if self.nonlinear() else 'QF_LIA'})"
        yield ""
        if any("(floor." in text for text in body):
            yield DIVISION
        for name, value in self.names.used_names():
            yield f"(define-fun {name} () Int {number(value)})"
        yield ""
        yield from body

    def question(self) -> str:
        if isinstance(self.chosen, str):
            return "is there a deadlock" if self.chosen == "deadlock_freedom" else "does an assertion fail"
        names = comment(", ".join(p.name for p in self.chosen))
        return f"is one of these {'reached' if self.kind == 'reachable' else 'violated'}: {names}"

    def functions(self) -> Iterator[str]:
        names = self.names.cells
        yield "; the initial states"
        yield f"(define-fun init {self.parameters('')} Bool"
        yield "  (and true true"
        for i, cell in enumerate(self.system.cells):
            tests = [self.equal(names[i], self.stored(i, code)) for code in same(cell.initial)]
            yield f"    {tests[0] if len(tests) == 1 else '(or ' + ' '.join(tests) + ')'}"
        yield "  ))"
        yield ""
        yield "; what each variable may hold"
        yield f"(define-fun domain {self.parameters('')} Bool"
        yield "  (and true true"
        for name, cell in zip(names, self.system.cells, strict=True):
            if not cell.domain.truth:
                yield f"    (<= {number(cell.domain.lo)} {name} {number(cell.domain.top)})"
        yield "  ))"
        yield ""
        yield "; the steps: from the state before to the one after, whose variables end in .next"
        yield f"(define-fun trans {self.parameters('', '.next')} Bool"
        yield "  (or false false"
        for action in self.system.actions:
            if action.outcome == "step":
                yield from self.action(action)
        yield "  ))"
        yield ""
        for prop in self.system.properties:
            yield f"; {prop.kind}: {comment(prop.name)}"
            if prop.kind == "always_step":
                after = self.reader(lambda e: names[e.cell] + ("" if e.before else ".next"))
                yield f"(define-fun {self.names.properties[prop.name]} {self.parameters('', '.next')} Bool"
                yield f"  {after.of(prop.holds)})"
            else:
                yield f"(define-fun {self.names.properties[prop.name]} {self.parameters('')} Bool"
                yield f"  {self.writer.of(prop.holds)})"
            yield ""
        if self.kind == "assertions":
            yield "; an assertion of the model fails in the next step"
            guards = [a.guard for a in self.system.actions if a.failure is not None and a.failure.kind == "assert"]
        elif self.kind == "deadlock_freedom":
            yield "; somebody can move, or everybody is finished or may wait for ever"
            guards = [a.guard for a in self.system.actions if a.outcome != "blocked"]
            guards.append(at_rest(self.system))
        else:
            return
        yield f"(define-fun {'fails' if self.kind == 'assertions' else 'enabled'} {self.parameters('')} Bool"
        yield "  (or false false"
        yield from (f"    {self.writer.of(g)}" for g in guards)
        yield "  ))"
        yield ""

    def action(self, action: Action) -> Iterator[str]:
        names = self.names.cells
        yield f"    ; {about_action(action)}"
        yield "    (and"
        yield from (f"      {self.writer.of(e)}" for e in conjuncts(action.guard))
        updates = list(action.updates)
        if action.location is not None and action.location[1] != action.location[2]:
            updates.append((action.location[0], Constant(action.location[2])))
        yield from (f"      (= {names[c]}.next {self.writer.of(e, c)})" for c, e in updates)
        changed = {c for c, _ in updates}
        kept = [f"(= {n}.next {n})" for i, n in enumerate(names) if i not in changed]
        yield f"{wrap([*kept, ')'], ' ', '      ')}"

    def equal(self, name: str, value: str) -> str:
        return {"true": name, "false": f"(not {name})"}.get(value, f"(= {name} {value})")

    def stored(self, cell: int, code: int) -> str:
        return self.writer.value(bool(code) if self.system.cells[cell].domain.truth else code, cell)

    # ------------------------------------------------------------ questions

    def bad(self, at: int) -> str:
        """The property is broken (or the state reached) at that depth."""
        if self.kind == "assertions":
            return self.call("fails", f".{at - 1}")
        if self.kind == "deadlock_freedom":
            return f"(not {self.call('enabled', f'.{at}')})"
        assert not isinstance(self.chosen, str)
        endings = (f".{at - 1}", f".{at}") if self.looks_back else (f".{at}",)
        claims = [self.call(self.names.properties[p.name], *endings) for p in self.chosen]
        if self.kind == "reachable":
            return claims[0] if len(claims) == 1 else "(or " + " ".join(claims) + ")"
        return f"(not {claims[0]})" if len(claims) == 1 else "(not (and " + " ".join(claims) + "))"

    def questions(self) -> Iterator[str]:
        after = self.looks_back or self.kind == "assertions"  # broken by a step, not in a state
        for at in range(max(self.depth, 1) + 1):
            yield f"; the state at depth {at}"
            for name, cell in zip(self.names.cells, self.system.cells, strict=True):
                yield f"(declare-fun {name}.{at} () {'Bool' if cell.domain.truth else 'Int'})"
        yield ""
        yield "(push 1)"
        yield f"(assert {self.call('init', '.0')})"
        verb = {"reachable": "reached", "deadlock_freedom": "deadlock", "assertions": "failing"}.get(
            self.kind, "violated"
        )
        for at in range(1 if after else 0, self.depth + 1):
            if at and not (self.kind == "assertions" and at == 1):
                before = at - 1 if self.kind != "assertions" else at - 2
                yield f"(assert {self.call('trans', f'.{before}', f'.{before + 1}')})"
            yield f'(echo "{verb} at depth {at}:")'
            yield "(push 1)"
            yield f"(assert {self.bad(at)})"
            yield "(check-sat)"
            yield "(pop 1)"
        yield "(pop 1)"
        yield ""
        yield "; the induction step, from any state, not only one that can be reached"
        yield f"(assert {self.call('domain', '.0')})"
        if not after:
            yield f"(assert (not {self.bad(0)}))"
        if self.kind != "assertions":
            yield f"(assert {self.call('trans', '.0', '.1')})"
        yield f"(assert {self.bad(1)})"
        yield '(echo "induction step:")'
        yield "(check-sat)"

    def nonlinear(self) -> bool:
        """Whether something is multiplied by, or divided by, what is no literal."""
        exprs = [e for a in self.system.actions for e in (a.guard, *(u for _, u in a.updates))]
        return products([*exprs, *(p.holds for p in self.system.properties)])


def products(exprs: Sequence[Expr]) -> bool:
    """Whether in any of the expressions something is multiplied by, or divided by, what is no literal."""
    seen: set[Expr] = set()
    pending: list[Expr] = list(exprs)
    while pending:
        e = pending.pop()
        if not isinstance(e, Apply) or e in seen:
            continue
        seen.add(e)
        pending.extend(e.args)
        literal = [isinstance(a, Constant) for a in e.args]
        if e.op == "mul" and not any(literal):
            return True
        if e.op in ("floordiv", "mod"):
            divisor = e.args[1]
            if not isinstance(divisor, Constant) or divisor.value <= 0:
                return True
    return False


def number(value: int) -> str:
    """A literal; SMT-LIB has no negative ones."""
    return str(value) if value >= 0 else f"(- {-value})"
