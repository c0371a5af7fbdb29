"""Partial evaluation of one step: every path from a control point to the next, as guards and updates.

A path is found by running the routine's instructions from the start of the step with a list of decisions (which way an
undecided branch goes, which value is chosen); where the list ends the first option is taken and the others are noted
for later runs. So the code below reads like an ordinary interpreter and never has to fork.
"""

from __future__ import annotations

import ast
import contextlib
import inspect
import types
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from explorer.errors import LanguageError, did_you_mean
from explorer.errors.blame import is_users
from explorer.language import state, steps
from explorer.language.model import Part
from explorer.language.sorts import Sort
from explorer.language.steps import choice_names
from explorer.lowering import layout, limits, values
from explorer.lowering.evaluation import DeclaredLocal, Evaluation, bind
from explorer.lowering.path import (
    Activation,
    ArrayVariable,
    Bound,
    Impure,
    Memo,
    Merged,
    Park,
    PathEnd,
    Unreached,
    Variable,
    too_many_paths,
)
from explorer.lowering.source import place, span
from explorer.lowering.text import array_reads, as_read, named, nothing_to_choose, one_line, text_of
from explorer.lowering.values import Guarded, Maybe, Mismatch, describe, scalar, symbolic
from explorer.process import stop
from explorer.system.expressions import conj, disj, neg
from explorer.system.form import FALSE, TRUE, Branch, Constant, Expr, Failure

VARARGS = inspect.CO_VARARGS | inspect.CO_VARKEYWORDS
LONGEST_PATH = 50_000  # instructions in one step


@dataclass(frozen=True)
class Saved:
    """A path before one of its instructions, and how many decisions it had taken: another that decides differently only after
    these goes on from here."""

    decided: int
    path: Machine
    stack: list[Activation]


class Machine(Evaluation):
    """A path that executes the instructions of routines."""

    # ------------------------------------------------------------ routines

    def enter(
        self,
        function: Callable[..., Any],
        args: list[Any],
        kwargs: dict[str, Any],
        node: ast.AST | None,
        caller: Activation | None,
    ) -> Activation:
        """A new activation of a user routine, its arguments bound as a call binds them."""
        receiver: Any = None
        if isinstance(function, types.MethodType):
            receiver, function = function.__self__, function.__func__
            args = [receiver, *args]
        elif isinstance(function, Bound):
            receiver, function = function.receiver, function.function
            args = [receiver, *args]
        function = inspect.unwrap(function)
        try:
            code = self.world.code(function)
        except LanguageError as e:
            if e.place is None and node is not None and caller is not None:
                self.error(e.message, node, caller)
            raise
        activation = Activation(code, receiver)
        plain = function.__code__
        if (
            not kwargs
            and len(args) == plain.co_argcount
            and not plain.co_kwonlyargcount
            and not plain.co_flags & VARARGS
        ):
            activation.env = dict(zip(plain.co_varnames, args, strict=False))
            return activation
        try:
            bound = bind(function, args, kwargs)
        except TypeError as e:
            if node is None or caller is None:
                raise LanguageError(f"{code.source.name}(): {e}", place(code.source.file, code.source.node)) from None
            self.error(f"{code.source.name}(): {e}", node, caller)
        bound.apply_defaults()
        activation.env = dict(bound.arguments)
        return activation

    def recursion(self, entered: Activation, call: ast.AST, top: Activation) -> None:
        key = (entered.code, entered.owner)
        if key in self.active or len(self.active) > 60:
            self.error(
                f"{entered.code.source.name}() calls itself; recursion is not part of the language: write a loop",
                call,
                top,
            )

    def invoke(self, function: Any, args: list[Any], kwargs: dict[str, Any], node: ast.AST, top: Activation) -> Any:
        """Call a plain def. In a condition all its paths are merged into one value; elsewhere it is part of the path."""
        if self.pure or self.context:
            return self.merged_ways(lambda path: path.perform(function, args, kwargs, node, top), node, top)
        return self.perform(function, args, kwargs, node, top)

    def perform(self, function: Any, args: list[Any], kwargs: dict[str, Any], node: ast.AST, top: Activation) -> Any:
        entered = self.enter(function, args, kwargs, node, top)
        self.recursion(entered, node, top)
        self.calls.append((entered.code.source.name, entered.code.source.kernel, len(self.active)))
        saved = self.context
        self.context = [] if not self.pure else saved
        try:
            self.run([entered])
        finally:
            self.context = saved
        return self.returned

    def merged_ways(self, evaluate: Callable[[Machine], Any], node: ast.AST, top: Activation) -> Any:
        """Evaluate without changing the state, in every way it can go, and merge the values."""
        key = (tuple(self.decisions[: len(self.options)]), self.asked)
        self.asked += 1
        if key not in self.known:
            self.known[key] = self.every_way(evaluate)
        found = self.known[key]
        self.passed.update(found.passed)
        self.lines |= found.lines
        for cell, where in found.ghosts.items():
            self.ghosts.setdefault(cell, where)
        if found.unreached is not None:
            raise found.unreached
        for condition, failure in found.failures:
            broken = condition
            for outer in reversed(self.context):
                broken = conj(outer, broken)
            if self.decide(broken):
                raise PathEnd(failure)
        if not found.results:
            return None
        try:
            return values.merged_value(found.results)
        except Mismatch as m:
            self.error(f"this returns {m}", node, top)

    def every_way(self, evaluate: Callable[[Machine], Any]) -> Merged:
        found = Merged()
        memo: Memo = {}
        decisions: list[int] | None = []
        while decisions is not None:
            path = Machine(self.world, decisions, self.facts.copy(), memo)
            path.writes, path.written, path.exact, path.pure = self.writes, self.written, self.exact, 1
            path.before, path.stateless, path.active = self.before, self.stateless, list(self.active)
            path.may_look_back, path.ghosts, path.lines = self.may_look_back, found.ghosts, found.lines
            try:
                value = evaluate(path)
                found.results.append((conj(*path.guard), value))
            except PathEnd as end:
                assert end.failure is not None
                found.failures.append((conj(*path.guard), end.failure))
            except Unreached as e:
                found.unreached = e
                return found
            found.passed.update(path.passed)
            decisions = path.alternatives()
            if len(found.results) + len(found.failures) > limits.MOST_PATHS:
                raise too_many_paths(path)
        return found

    # ------------------------------------------------------------ instructions

    def run(self, stack: list[Activation], saved: list[Saved] | None = None) -> Park | None:
        """Execute until the next step (returned; the top activation stands at it) or the end of the last routine.

        `saved`: where to keep the path as it was before the instructions that decide something.
        """
        base = len(self.active)
        for activation in stack:
            self.active.append((activation.code, activation.owner))
        return self.go_on(stack, saved, base)

    def go_on(self, stack: list[Activation], saved: list[Saved] | None, base: int = 0) -> Park | None:
        top = stack[-1]
        try:
            with self.bounded(top.code.instructions[top.pc].node, top):
                self.world.work.path()
                return self._run(stack, saved)
        finally:
            del self.active[base:]

    def save(self, stack: list[Activation], saved: list[Saved]) -> None:
        decided = len(self.options)
        while saved and saved[-1].decided >= decided:
            saved.pop()
        saved.append(Saved(decided, *self.copy_with(stack)))

    def _run(self, stack: list[Activation], saved: list[Saved] | None) -> Park | None:
        stop.here()
        work = self.world.work
        while True:
            top = stack[-1]
            instruction = top.code.instructions[top.pc]
            if saved is not None:
                self.save(stack, saved)
            work.now((top.code.source.file, instruction.value or instruction.node))
            work.add()
            self.lines.add((top.code.source.file, getattr(instruction.node, "lineno", 0)))
            self.length += 1
            if self.length > LONGEST_PATH:
                node, at = self.back or (instruction.node, top)
                self.error("this loop goes round and round without a step: put await step(...) inside it", node, at)
            match instruction.op:
                case "assign":
                    assert instruction.value is not None and instruction.target is not None
                    value = self.statement_value(instruction.value, top)
                    self.assign(instruction.target, value, instruction.node, top)
                    top.pc += 1
                case "augment":
                    assert instruction.value is not None and instruction.target is not None
                    assert instruction.operator is not None
                    self.augment(instruction.target, instruction.operator, instruction.value, instruction.node, top)
                    top.pc += 1
                case "branch":
                    assert instruction.value is not None
                    condition = self.facts.simplify(self.condition(instruction.value, top))
                    if isinstance(condition, Constant):
                        way = bool(condition.value)
                        if self.world.settled.setdefault(instruction.node, way) != way:
                            self.world.tests.add(instruction.node)  # by what was done before, as for a retry
                        taken = self.branch(instruction.node, way, top)
                    else:
                        self.world.tests.add(instruction.node)
                        key = (top, top.pc)
                        if instruction.loop and key in self.looped:
                            self.error(
                                "this loop depends on the state and has no await, so how often it runs in one step has no bound: "
                                "put await step(...) inside it, or write for over a static range with if and break",
                                instruction.node,
                                top,
                            )
                        if instruction.loop:
                            self.looped.add(key)
                        way = self.decide(condition)
                        taken = self.branch(instruction.node, way, top)
                        self.branches.append(taken)
                    self.passed[taken] = None
                    top.pc = instruction.to if way else instruction.other
                case "enter":
                    self.looped.discard((top, top.pc + 1))
                    top.pc += 1
                case "jump":
                    if instruction.to < top.pc:
                        self.back = (top.code.instructions[instruction.to].node, top)
                    top.pc = instruction.to
                case "do":
                    assert instruction.value is not None
                    self.value(instruction.value, top)
                    top.pc += 1
                case "for":
                    assert instruction.value is not None
                    top.env[instruction.slot] = (tuple(self.iterable(instruction.value, top)), 0)
                    top.pc += 1
                case "next":
                    assert instruction.target is not None
                    items, at = top.env[instruction.slot]
                    if at < len(items):
                        top.env[instruction.slot] = (items, at + 1)
                        self.assign(instruction.target, items[at], instruction.node, top)
                        top.pc = instruction.to
                    else:
                        del top.env[instruction.slot]
                        top.pc = instruction.other
                case "assert":
                    assert instruction.value is not None
                    self.assertion(instruction.value, instruction.target, instruction.node, top)
                    top.pc += 1
                case "call":
                    assert isinstance(instruction.value, ast.Call)
                    park = self.await_call(instruction.value, stack)
                    if park is not None:
                        return park
                case "return":
                    value = None if instruction.value is None else self.statement_value(instruction.value, top)
                    stack.pop()
                    self.active.pop()
                    if not stack:
                        self.returned = value
                        return None
                    caller = stack[-1]
                    call = caller.code.instructions[caller.pc]
                    if call.target is not None:
                        self.assign(call.target, value, call.node, caller)
                    caller.pc += 1
                case _:
                    raise AssertionError(instruction.op)

    def branch(self, node: ast.AST, way: bool, activation: Activation) -> Branch:
        """One way out of a test in the source. An array that a part has of another part is called by its own name there, as
        in what is shown of a state."""
        source = activation.code.source
        names = tuple([self.handed_out(read, activation) for read in array_reads(node)])
        made = self.world.branches.get((node, way, names))
        if made is None:
            text = one_line(node) if not any(names) else one_line(named(node, names))
            made = Branch(text, getattr(node, "lineno", 0), way, source.file, source.name)
            self.world.branches[node, way, names] = made
        return made

    def handed_out(self, node: ast.Attribute, activation: Activation) -> str | None:
        """The array's own name, if the expression is an array of state that the part before the dot has of another part."""
        holder = self.part_named(node.value, activation)
        found = None if holder is None else vars(holder).get(node.attr)
        if not isinstance(found, state.Array) or node.attr in vars(holder)["part_state"]:
            return None
        return found.name

    def part_named(self, node: ast.expr, activation: Activation) -> Part | None:
        """The part that a name, or an attribute of one, stands for; None: it stands for something else."""
        found: Any = None
        if isinstance(node, ast.Name):
            found = activation.env.get(node.id)
            if found is None and node.id not in activation.code.locals:
                with contextlib.suppress(KeyError):
                    found = activation.code.source.lookup(node.id)
        elif isinstance(node, ast.Attribute):
            holder = self.part_named(node.value, activation)
            found = None if holder is None else vars(holder).get(node.attr)
        return found if isinstance(found, Part) else None

    def assertion(self, test: ast.expr, message: ast.expr | None, node: ast.AST, activation: Activation) -> None:
        condition = self.facts.simplify(self.condition(test, activation))
        text = text_of(test)
        if message is not None:
            said = self.value(message, activation)
            text = said if isinstance(said, str) else text
        if not self.decide(condition):
            raise PathEnd(Failure("assert", text, span(activation.code.source.file, node)))

    def await_call(self, call: ast.Call, stack: list[Activation]) -> Park | None:
        top = stack[-1]
        function = self.value(call.func, top)
        if function is steps.step:
            return self.park(call, top)
        if not callable(function) and not isinstance(function, Bound):
            self.error(f"{describe(function)} can't be awaited: await step(...) or an async def", call, top)
        plain: Any = function.function if isinstance(function, Bound) else getattr(function, "__func__", function)
        if not inspect.iscoroutinefunction(inspect.unwrap(plain)):
            if inspect.isasyncgenfunction(inspect.unwrap(plain)):
                self.error(f"{text_of(call.func)} contains yield, which makes it a generator, not a routine", call, top)
            if isinstance(plain, types.FunctionType) and not is_users(plain.__code__.co_filename):
                self.error(
                    f"{text_of(call.func)}() belongs to Python's library and is not part of the language: a thread awaits "
                    "step(...) and the routines of the model, one after the other",
                    call,
                    top,
                )
            what = (
                f"the class {function.__name__}"
                if isinstance(function, type)
                else f"{text_of(call.func)}() is a plain def"
            )
            self.error(f"{what} and has no steps: call it without await", call, top)
        args, kwargs = self.arguments(call, top)
        entered = self.enter(function, args, kwargs, call, top)
        self.recursion(entered, call, top)
        stack.append(entered)
        self.active.append((entered.code, entered.owner))
        return None

    def park(self, call: ast.Call, top: Activation) -> Park:
        keywords = {k.arg: k.value for k in call.keywords}
        known = ("when", "voluntary", "may_wait", "fairness")
        if len(call.args) != 1 or not set(keywords) <= set(known):
            wrong = [k for k in keywords if k not in known]
            given = f"{wrong[0]}=" if wrong and wrong[0] else f"{len(call.args)} arguments" if call.args else "no label"
            self.error(
                f'step takes one label, and when=, voluntary=, may_wait=, fairness=; not {given}: await step("label")',
                call,
                top,
            )
        when = keywords.get("when")
        if isinstance(when, ast.Constant) and when.value is None:
            when = None
        if when is not None and not isinstance(when, ast.Lambda):
            self.error(
                "the condition of a step is evaluated when the step is scheduled, not here: write "
                f"when=lambda: {text_of(when)}{'()' if self.is_routine(when, top) else ''}",
                when,
                top,
            )
        if when is not None and (when.args.args or when.args.kwonlyargs or when.args.vararg or when.args.posonlyargs):
            self.error(
                "the condition of a step takes no parameters, it reads the names around it: write when=lambda: ...",
                when,
                top,
            )
        label = self.value(call.args[0], top)
        if not isinstance(label, str):
            self.error(
                f"the label of a step must be a string known before the run, not {describe(label)}", call.args[0], top
            )
        flags = {}
        for name in ("voluntary", "may_wait"):
            flag = self.value(keywords[name], top) if name in keywords else False
            if not isinstance(flag, bool):
                what = "a bool that depends on the state" if symbolic(flag) else describe(flag)
                self.error(f"{name}= must be True or False, known before the run, not {what}", keywords[name], top)
            flags[name] = flag
        fairness = self.value(keywords["fairness"], top) if "fairness" in keywords else None
        if fairness not in (None, "strong"):
            given = repr(fairness) if isinstance(fairness, str) else describe(fairness)
            self.error(f"fairness= of a step must be 'strong' or left out, not {given}", keywords["fairness"], top)
        if fairness is not None and flags["voluntary"]:
            self.error("a voluntary step is outside any fairness: leave out fairness=", keywords["fairness"], top)
        return Park(label, when, flags["voluntary"], flags["may_wait"], call, fairness)

    # ------------------------------------------------------------ statements

    def statement_value(self, node: ast.expr, top: Activation) -> Any:
        """The value of the right side of an assignment or of a return: where choose and local may stand."""
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            function = self.name(node.func, top)
            if function is steps.choose:
                return self.choose(node, top)
            if function is state.local:
                return self.call_local(node, top)
        return self.value(node, top)

    def assign(self, target: ast.expr, value: Any, node: ast.AST, top: Activation) -> None:
        if isinstance(target, ast.Name):
            declared = top.env.get("." + target.id)
            if isinstance(value, DeclaredLocal):
                top.env["." + target.id] = value.sort
                value, declared = value.init, value.sort
            if declared is not None:
                value = self.declared_value(target.id, declared, value, node, top)
            top.env[target.id] = value
            top.assigned[target.id] = node
        elif isinstance(target, ast.Tuple | ast.List):
            if isinstance(value, Guarded) or not isinstance(value, tuple | list):
                self.error(
                    f"{describe(value)} can't be unpacked into {len(target.elts)} names: a tuple can", target, top
                )
            if len(value) != len(target.elts):
                self.error(f"{len(value)} values can't be unpacked into {len(target.elts)} names", target, top)
            for element, item in zip(target.elts, value, strict=True):
                self.assign(element, item, node, top)
        elif isinstance(target, ast.Subscript):
            holder = self.value(target.value, top)
            array = self.array(holder)
            if array is None:
                self.error(
                    f"only the elements of an array of state can be assigned, and {text_of(target.value)} is "
                    f"{describe(holder)}: declare self.a = array(index, element, init)",
                    target,
                    top,
                )
            self.touch(array.name, target, top)
            self.write_elements(self.subscript(array, self.value(target.slice, top), target, top), value, node, top)
        elif isinstance(target, ast.Attribute):
            holder = self.value(target.value, top)
            if isinstance(holder, Part):
                name = f"{holder.part_name}.{target.attr}"
                attribute = self.world.variables.get(name)
                if isinstance(attribute, Variable):
                    self.touch(name, target, top)
                    self.write(attribute, value, node, top)
                    return
                if isinstance(attribute, ArrayVariable):
                    self.error(
                        f"{name} is an array: assign its elements, {text_of(target)}[index] = value", target, top
                    )
                static = target.attr in vars(holder)
                what = (
                    "is a static value and is never assigned after __init__" if static else "is not declared as state"
                )
                near = "" if static else did_you_mean(target.attr, holder.part_state)
                self.error(
                    f"{name} {what}{near}; in __init__, declare self.{target.attr} = var(sort, init)", target, top
                )
            if values.cases_of(holder) is not None or isinstance(holder, Maybe):
                held = text_of(target.value)
                self.error(
                    f"a record is immutable: store a new one, {held} = replace({held}, {target.attr}=...)", target, top
                )
            self.error(f"the attribute {target.attr} of {describe(holder)} can't be assigned", target, top)
        else:
            self.error("only a local, state, or a tuple of these can be assigned", target, top)

    def augment(
        self, target: ast.expr, operator: ast.operator, right: ast.expr, node: ast.AST, top: Activation
    ) -> None:
        """``target op= right``: what the target names is found once, before the right side is evaluated."""
        array = self.array(self.value(target.value, top)) if isinstance(target, ast.Subscript) else None
        if not isinstance(target, ast.Subscript) or array is None:
            old = self.value(as_read(target), top)
            self.assign(target, self.binary(operator, old, self.value(right, top), node, top), node, top)
            return
        self.touch(array.name, target, top)
        found = self.subscript(array, self.value(target.slice, top), target, top)
        old = self.read_elements(found)
        self.write_elements(found, self.binary(operator, old, self.value(right, top), node, top), node, top)

    def declared_value(self, name: str, sort: Sort[Any], value: Any, node: ast.AST, top: Activation) -> Any:
        """A value for a local declared with local(sort, init): always symbolic, so that it is a cell and not a control point.

        Its range is checked when the action ends.
        """
        try:
            layout.store(
                sort,
                value,
                self.world.sizes,
                lambda c, m: self.check(c, "value", f"{name} can't hold it: {m}", node, top),
            )
        except Mismatch as m:
            self.error(f"{name} can't hold it: {m}", node, top)
        return layout.dynamic(sort, value)

    def choose(self, call: ast.Call, top: Activation) -> Any:
        if self.pure or self.context:
            raise Impure(call, top)
        if len(call.args) != 1 or call.keywords:
            self.error(
                f"choose takes one iterable, not {len(call.args)} arguments: choose(f for f in frames if ...)",
                call,
                top,
            )
        if self.stateless:
            self.error(
                "before a thread's first step no state is read, written or chosen: put await step(...) before choose(...)",
                call,
                top,
            )
        argument = call.args[0]
        if isinstance(argument, ast.GeneratorExp | ast.ListComp | ast.SetComp):
            items = list(self.comprehension(argument, top))
        else:
            items = self.items(self.value(argument, top), argument, top)
        self.world.work.add(len(items))
        qualifies: dict[tuple[type, Any], list[Expr]] = {}
        for condition, value in items:
            if symbolic(value):
                self.error(
                    "choose picks among static values; choose the index first and read the state after it", call, top
                )
            qualifies.setdefault((type(value), value), []).append(condition)
        options = [(v, self.facts.simplify(disj(*cs))) for (_, v), cs in qualifies.items()]
        options = [(v, c) for v, c in options if c != FALSE]
        some = self.facts.simplify(disj(*(c for _, c in options)))
        at = self.pick(len(options) + (some != TRUE))
        if at == len(options):
            self.assume(neg(some))
            raise PathEnd(None, nothing_to_choose(argument), span(top.code.source.file, call))
        value, condition = options[at]
        self.assume(condition)
        self.choices.extend(choice_names(value))
        return self.dynamic(value)

    def dynamic(self, value: Any) -> Any:
        """A chosen value: known on this path, but kept in a cell and not in the control point if it lives on."""
        if isinstance(value, tuple):
            return tuple(map(self.dynamic, value))
        given = scalar(value)
        return value if given is None else given
