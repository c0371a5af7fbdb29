"""A routine's body as straight instructions with jumps, and which locals are live at each of them.

Everything outside the language is refused here, with its place and what to write instead.
"""

from __future__ import annotations

import ast
import dataclasses
from dataclasses import dataclass, field
from typing import Literal, NoReturn

from explorer.errors import LanguageError
from explorer.lowering.source import FunctionNode, Source, bound_names, place

Operation = Literal[
    "assign", "augment", "branch", "jump", "return", "do", "step", "call", "for", "next", "assert", "enter"
]


@dataclass
class Instruction:
    """One instruction. `node`: for positions. `value`, `target`, `test`: trees. `to`, `other`: jump targets."""

    op: Operation
    node: ast.AST
    value: ast.expr | None = None
    target: ast.expr | None = None
    to: int = -1
    other: int = -1
    slot: str = ""
    loop: bool = False  # the test of a while
    operator: ast.operator | None = None
    live: frozenset[str] = field(default_factory=frozenset)  # live before the instruction


@dataclass(eq=False)
class Code:
    source: Source
    instructions: list[Instruction]
    parameters: list[str]
    locals: frozenset[str]
    declared: frozenset[str]  # locals whose sort `local(sort, init)` fixes

    def live_after_call(self, pc: int) -> frozenset[str]:
        """Live while the call at pc is in progress: what is needed after it, without what it will assign."""
        instruction = self.instructions[pc]
        defined, used = set[str](), set[str]()
        if instruction.target is not None:
            target_names(instruction.target, defined, used)
        return (self.instructions[pc + 1].live - defined) | used | {"." + name for name in defined & self.declared}


REFUSED: dict[type[ast.AST], tuple[str, str]] = {
    ast.Try: (
        "try",
        "a step can't fail half-way; test the condition with if, and write what finally does behind the rest",
    ),
    ast.TryStar: ("try", "a step can't fail half-way; test the condition with if"),
    ast.With: ("with", "write async with: taking a lock is a step"),
    ast.Global: ("global", "declare state in a part: self.x = var(sort, init)"),
    ast.Nonlocal: ("nonlocal", "declare state in a part: self.x = var(sort, init)"),
    ast.Delete: ("del", "state is finite: store None in an optional variable"),
    ast.Raise: ("raise", 'write assert condition, "text"'),
    ast.Import: ("import", "import at the top of the file"),
    ast.ImportFrom: ("import", "import at the top of the file"),
    ast.ClassDef: ("class", "define it outside the coroutine"),
    ast.FunctionDef: ("def", "define the routine outside this one, or as a method of a part"),
    ast.AsyncFunctionDef: ("async def", "define the routine outside this one, or as a method of a part"),
    ast.AsyncFor: ("async for", "write for over a static iterable"),
    ast.NamedExpr: (":=", "assign on a line of its own"),
    ast.Yield: ("yield", "a thread is an async def that awaits step(...)"),
    ast.YieldFrom: ("yield from", "a thread is an async def that awaits step(...)"),
    ast.Starred: ("a star argument", "pass the arguments one by one"),
    ast.Dict: ("a dict", "declare an array: self.a = array(index, element, init)"),
    ast.DictComp: ("a dict comprehension", "declare an array: self.a = array(index, element, init)"),
    ast.Slice: ("a slice", "index one element"),
}


PATTERNS: dict[type[ast.AST], str] = {
    ast.MatchAs: "a pattern that binds a name",
    ast.MatchClass: "a class pattern with fields",
    ast.MatchMapping: "a mapping pattern",
    ast.MatchSequence: "a sequence pattern",
    ast.MatchStar: "a starred pattern",
}


def refuse(source: Source, node: ast.AST, what: str, instead: str) -> NoReturn:
    raise LanguageError(f"{what} is not part of the language; {instead}", place(source.file, node))


def names_used(node: ast.AST | None) -> set[str]:
    """The names that evaluating the tree may read, without those its own comprehensions bind."""
    if node is None:
        return set()
    if isinstance(node, ast.Name):
        return {node.id} if isinstance(node.ctx, ast.Load) else set()
    if isinstance(node, ast.GeneratorExp | ast.ListComp | ast.SetComp):
        bound: set[str] = set()
        used: set[str] = set()
        for generator in node.generators:
            used |= names_used(generator.iter) - bound
            bound |= {n.id for n in ast.walk(generator.target) if isinstance(n, ast.Name)}
            for test in generator.ifs:
                used |= names_used(test) - bound
        return used | (names_used(node.elt) - bound)
    if isinstance(node, ast.Lambda):
        return names_used(node.body) - {a.arg for a in node.args.args}
    result: set[str] = set()
    for child in ast.iter_child_nodes(node):
        result |= names_used(child)
    return result


def target_names(target: ast.expr, defined: set[str], used: set[str]) -> None:
    if isinstance(target, ast.Name):
        defined.add(target.id)
    elif isinstance(target, ast.Tuple | ast.List):
        for element in target.elts:
            target_names(element, defined, used)
    else:
        used |= names_used(target)


def is_local_call(value: ast.expr | None) -> bool:
    """True for ``local(sort, init)``."""
    return isinstance(value, ast.Call) and isinstance(value.func, ast.Name) and value.func.id == "local"


def parameters_of(function: FunctionNode) -> set[str]:
    arguments = function.args
    return {a.arg for a in [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]}


class Compiler:
    def __init__(self, source: Source) -> None:
        self.source = source
        self.out: list[Instruction] = []
        self.exits: list[tuple[str, list[int], list[int]]] = []  # enclosing loops and withs: kind, breaks, continues
        self.withs: list[tuple[str, str, ast.AST]] = []
        self.slots = 0
        self.declared: set[str] = set()

    def emit(self, op: Operation, node: ast.AST, **fields: object) -> int:
        self.out.append(Instruction(op, node, **fields))  # type: ignore[arg-type]
        return len(self.out) - 1

    def slot(self, kind: str) -> str:
        self.slots += 1
        return f".{kind}{self.slots}"

    def check(self, tree: ast.AST, condition: bool = False) -> None:
        """Refuse constructs outside the language anywhere in an expression."""
        for node in ast.walk(tree):
            if type(node) in REFUSED:
                refuse(self.source, node, *REFUSED[type(node)])
            if isinstance(node, ast.Await) and node is not tree:
                refuse(self.source, node, "await inside an expression", "await on a line of its own: x = await f()")
            if isinstance(node, ast.keyword) and node.arg is None:
                refuse(self.source, node, "a star argument", "pass the arguments one by one")
            if isinstance(node, ast.comprehension) and node.is_async:
                refuse(self.source, node.iter, "async for", "write for over a static iterable")

    def block(self, statements: list[ast.stmt]) -> None:
        for statement in statements:
            self.statement(statement)

    def statement(self, node: ast.stmt) -> None:
        if type(node) in REFUSED:
            refuse(self.source, node, *REFUSED[type(node)])
        if isinstance(node, ast.Pass):
            return
        if isinstance(node, ast.Expr):
            if isinstance(node.value, ast.Constant):
                return
            if isinstance(node.value, ast.Await):
                self.compile_await(node, node.value, None)
            elif isinstance(node.value, ast.Call):
                self.check(node.value)
                self.emit("do", node.value, value=node.value)
            else:
                self.check(node.value)
                refuse(self.source, node, "an expression without effect", "assign it, assert it or remove it")
        elif isinstance(node, ast.Assign):
            self.assign(node, node.targets, node.value)
        elif isinstance(node, ast.AnnAssign):
            if node.value is None:
                return
            self.assign(node, [node.target], node.value)
        elif isinstance(node, ast.AugAssign):
            self.target(node.target)
            self.check(node.value)
            self.emit("augment", node, value=node.value, target=node.target, operator=node.op)
        elif isinstance(node, ast.If):
            self.check(node.test)
            test = self.emit("branch", node.test, value=node.test)
            self.out[test].to = len(self.out)
            self.block(node.body)
            if node.orelse:
                end = self.emit("jump", node)
                self.out[test].other = len(self.out)
                self.block(node.orelse)
                self.out[end].to = len(self.out)
            else:
                self.out[test].other = len(self.out)
        elif isinstance(node, ast.While):
            if node.orelse:
                refuse(self.source, node.orelse[0], "else after a loop", "set a variable before break")
            self.check(node.test)
            self.emit("enter", node.test)  # the test that follows is the first of this loop
            top = self.emit("branch", node.test, value=node.test, loop=True)
            self.out[top].to = len(self.out)
            self.loop(node.body, top)
            self.out[top].other = len(self.out)
            self.leave(len(self.out))
        elif isinstance(node, ast.For):
            if node.orelse:
                refuse(self.source, node.orelse[0], "else after a loop", "set a variable before break")
            self.check(node.iter)
            self.target(node.target)
            slot = self.slot("for")
            self.emit("for", node.iter, value=node.iter, slot=slot)
            top = self.emit("next", node.iter, target=node.target, slot=slot)
            self.out[top].to = len(self.out)
            self.loop(node.body, top)
            self.out[top].other = len(self.out)
            self.leave(len(self.out))
        elif isinstance(node, ast.Break | ast.Continue):
            for i in range(len(self.exits) - 1, -1, -1):
                kind, breaks, continues = self.exits[i]
                if kind != "loop":
                    self.release(kind, node)
                    continue
                (breaks if isinstance(node, ast.Break) else continues).append(self.emit("jump", node))
                return
            refuse(self.source, node, "break or continue outside a loop", "use return")
        elif isinstance(node, ast.Return):
            value = node.value
            withs = [kind for kind, _, _ in reversed(self.exits) if kind != "loop"]
            if value is not None:
                self.awaitless(value)
                self.check(value)
                if withs:
                    slot = self.slot("value")
                    self.emit("assign", node, value=value, target=ast.copy_location(ast.Name(slot, ast.Store()), value))
                    value = ast.copy_location(ast.Name(slot, ast.Load()), value)
            for kind in withs:
                self.release(kind, node)
            self.emit("return", node, value=value)
        elif isinstance(node, ast.Assert):
            self.check(node.test)
            if node.msg is not None:
                self.check(node.msg)
            self.emit("assert", node, value=node.test, target=node.msg)
        elif isinstance(node, ast.AsyncWith):
            self.async_with(node, node.items, node.body)
        elif isinstance(node, ast.Match):
            self.match(node)
        else:
            refuse(self.source, node, f"the statement {type(node).__name__.lower()}", "see the language reference")

    def awaitless(self, value: ast.expr) -> None:
        if isinstance(value, ast.Await):
            refuse(self.source, value, "return await", "write x = await f() and then return x")

    def target(self, target: ast.expr) -> None:
        if isinstance(target, ast.Starred):
            refuse(self.source, target, "a starred name", "name every value")
        if isinstance(target, ast.Tuple | ast.List):
            for element in target.elts:
                self.target(element)
        elif isinstance(target, ast.Name):
            if target.id in self.source.enclosing and target.id not in parameters_of(self.source.node):
                raise LanguageError(
                    f"{target.id} is a name of the enclosing function, and assigning it here would make a new local: use another "
                    "name, or declare state in a part, self.x = var(sort, init)",
                    place(self.source.file, target),
                )
        else:
            self.check(target)

    def assign(self, node: ast.stmt, targets: list[ast.expr], value: ast.expr) -> None:
        for target in targets:
            self.target(target)
        if isinstance(value, ast.Await):
            if len(targets) > 1:
                refuse(self.source, node, "a chained assignment of an await", "assign the result once")
            self.compile_await(node, value, targets[0])
            return
        self.check(value)
        if is_local_call(value):
            self.declared |= {t.id for t in targets if isinstance(t, ast.Name)}
        if len(targets) == 1:
            self.emit("assign", node, value=value, target=targets[0])
            return
        slot = self.slot("value")
        self.emit("assign", node, value=value, target=ast.copy_location(ast.Name(slot, ast.Store()), value))
        for target in targets:
            self.emit("assign", node, value=ast.copy_location(ast.Name(slot, ast.Load()), value), target=target)

    def compile_await(self, node: ast.stmt, value: ast.Await, target: ast.expr | None) -> None:
        call = value.value
        if not isinstance(call, ast.Call):
            refuse(
                self.source,
                value,
                "await of something that is not a call",
                "write await step(...) or await routine(...)",
            )
        self.check(call)
        # whether it is a step is known when the function's value is: see the machine
        self.emit("call", call, value=call, target=target)

    def loop(self, body: list[ast.stmt], top: int) -> None:
        self.exits.append(("loop", [], []))
        self.block(body)
        self.emit("jump", body[0], to=top)
        for jump in self.exits[-1][2]:
            self.out[jump].to = top

    def leave(self, end: int) -> None:
        for jump in self.exits.pop()[1]:
            self.out[jump].to = end

    def async_with(self, node: ast.AsyncWith, items: list[ast.withitem], body: list[ast.stmt]) -> None:
        if not items:
            self.block(body)
            return
        item = items[0]
        self.check(item.context_expr)
        slot = self.slot("with")
        here = item.context_expr
        self.emit("assign", node, value=here, target=ast.copy_location(ast.Name(slot, ast.Store()), here))
        enter = self.method(slot, "__aenter__", [], here)
        if item.optional_vars is not None:
            self.target(item.optional_vars)
        self.emit("call", here, value=enter, target=item.optional_vars)
        self.exits.append((slot, [], []))
        self.async_with(node, items[1:], body)
        self.exits.pop()
        self.release(slot, here)

    def method(self, slot: str, name: str, arguments: list[ast.expr], here: ast.AST) -> ast.Call:
        call = ast.Call(ast.Attribute(ast.Name(slot, ast.Load()), name, ast.Load()), arguments, [])
        for part in ast.walk(call):
            if isinstance(part, ast.expr):
                ast.copy_location(part, here)
        return call

    def release(self, slot: str, here: ast.AST) -> None:
        nothing: list[ast.expr] = [ast.Constant(None) for _ in range(3)]
        self.emit("call", here, value=self.method(slot, "__aexit__", nothing, here))

    def match(self, node: ast.Match) -> None:
        self.check(node.subject)
        slot = self.slot("match")
        self.emit(
            "assign", node, value=node.subject, target=ast.copy_location(ast.Name(slot, ast.Store()), node.subject)
        )
        ends = []
        for case in node.cases:
            test = self.pattern(case.pattern, slot)
            if case.guard is not None:
                self.check(case.guard)
                test = (
                    case.guard
                    if test is None
                    else ast.copy_location(ast.BoolOp(ast.And(), [test, case.guard]), case.guard)
                )
            branch = None
            if test is not None:
                branch = self.emit("branch", case.pattern, value=test)
                self.out[branch].to = len(self.out)
            self.block(case.body)
            ends.append(self.emit("jump", node))
            if branch is None:
                break
            self.out[branch].other = len(self.out)
        for end in ends:
            self.out[end].to = len(self.out)

    def pattern(self, pattern: ast.pattern, slot: str) -> ast.expr | None:
        """The test of a pattern, None for one that always matches."""
        subject = ast.copy_location(ast.Name(slot, ast.Load()), pattern)
        if isinstance(pattern, ast.MatchValue):
            return ast.copy_location(ast.Compare(subject, [ast.Eq()], [pattern.value]), pattern)
        if isinstance(pattern, ast.MatchSingleton):
            constant = ast.copy_location(ast.Constant(pattern.value), pattern)
            return ast.copy_location(ast.Compare(subject, [ast.Is()], [constant]), pattern)
        if isinstance(pattern, ast.MatchOr):
            tests = [self.pattern(p, slot) for p in pattern.patterns]
            if any(t is None for t in tests):
                return None
            return ast.copy_location(ast.BoolOp(ast.Or(), [t for t in tests if t is not None]), pattern)
        if isinstance(pattern, ast.MatchAs) and pattern.pattern is None and pattern.name is None:
            return None
        if isinstance(pattern, ast.MatchClass) and not pattern.patterns and not pattern.kwd_patterns:
            call = ast.Call(ast.Name("isinstance", ast.Load()), [subject, pattern.cls], [])
            return ast.copy_location(ast.fix_missing_locations(ast.copy_location(call, pattern)), pattern)
        refuse(
            self.source,
            pattern,
            PATTERNS.get(type(pattern), "this pattern"),
            "match on enum members, literals, classes of records as in Pte(), | and _",
        )

    def finish(self) -> None:
        self.emit("return", self.source.node)
        instructions = self.out
        changed = True
        while changed:  # backward data flow to the least fixed point
            changed = False
            for pc in range(len(instructions) - 1, -1, -1):
                instruction = instructions[pc]
                if instruction.op == "return":
                    after: frozenset[str] = frozenset()
                elif instruction.op == "jump":
                    after = instructions[instruction.to].live
                elif instruction.op in ("branch", "next"):
                    after = instructions[instruction.to].live | instructions[instruction.other].live
                else:
                    after = instructions[pc + 1].live
                defined: set[str] = set()
                used: set[str] = set(names_used(instruction.value))
                if instruction.op == "for":
                    defined.add(instruction.slot)
                elif instruction.op == "next":
                    used.add(instruction.slot)
                if instruction.op == "assert":
                    used |= names_used(instruction.target)
                elif instruction.target is not None:
                    target_names(instruction.target, defined, used)
                    if instruction.op == "augment" and isinstance(instruction.target, ast.Name):
                        used.add(instruction.target.id)
                    # ".x" is the sort that x = local(sort, init) gave x: every other assignment to x needs it
                    sorts = {"." + name for name in defined & self.declared}
                    if is_local_call(instruction.value):
                        defined |= sorts
                    else:
                        used |= sorts
                if instruction.op == "next":
                    # the target is assigned only where the loop goes on
                    live = frozenset(
                        (instructions[instruction.to].live - defined) | instructions[instruction.other].live | used
                    )
                else:
                    live = frozenset((after - defined) | used)
                if live != instruction.live:
                    instruction.live = live
                    changed = True


def compile_routine(source: Source) -> Code:
    """The instructions of a routine, an action's body, a property or a lambda; of one tree they are worked out once.

    Raises LanguageError for anything outside the language.
    """
    made = source.parsed.compiled.get(source.node)
    if made is None:
        made = source.parsed.compiled[source.node] = code_of(source)
    return dataclasses.replace(made, source=source)


def code_of(source: Source) -> Code:
    node = source.node
    arguments = node.args
    if arguments.kwarg:
        refuse(source, node, "a ** parameter", "name the parameters")
    compiler = Compiler(source)
    if isinstance(node, ast.Lambda):
        compiler.check(node.body)
        compiler.emit("return", node.body, value=node.body)
    else:
        compiler.block(node.body)
    compiler.finish()
    parameters = [a.arg for a in [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]]
    return Code(source, compiler.out, parameters, frozenset(bound_names(node)), frozenset(compiler.declared))
