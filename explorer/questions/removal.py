"""What can be taken out of a model: its guards, locks, decisions and statements, each as an edit of the syntax tree.

The system without one of them is the lowered edited source, so it says exactly what the model would do without it.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Container, Iterator
from dataclasses import dataclass
from typing import Literal, TypeAlias

from explorer.language import step
from explorer.language.model import Model
from explorer.lowering import Routines
from explorer.lowering.path import Line
from explorer.lowering.source import Source

Kind: TypeAlias = Literal["guard", "lock", "decision", "statement"]
LOCK = ("__aenter__", "__aexit__")


@dataclass(frozen=True)
class Removal:
    """One thing that can be taken out.

    `kind`: "guard" (the condition of a step or action), "lock" (taking and releasing it), "decision" (the test of an `if` or
    `while`), "statement" (a store or a call). `way`: what is done instead. `function`, `kernel`: of the routine it is in.
    """

    kind: Kind
    text: str
    way: str
    function: str
    kernel: str
    file: str
    line: int
    column: int
    end: int

    def on(self, lines: Container[Line]) -> bool:
        """Whether some line of it is among these."""
        return any((self.file, line) in lines for line in range(self.line, self.end + 1))


@dataclass(frozen=True)
class PassedOver:
    """What stays as it is, and why: `reason` is one of a few. `function`: the routine it is in."""

    reason: str
    text: str
    function: str
    file: str
    line: int


class NotTaken:
    """Stands for a lock that is not taken. The step remains, so that others may still run there."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __eq__(self, other: object) -> bool:
        return type(other) is NotTaken and self.name == other.name

    def __hash__(self) -> int:
        return hash(self.name)

    async def not_taken(self) -> None:
        await step(self.name)

    async def not_held(self, kind: object, error: object, traceback: object) -> None:
        return

    __aenter__, __aexit__ = not_taken, not_held  # whose names a trace shows


def removals(model: Model, given: Routines) -> list[Removal]:
    """All that can be taken out of the routines that the model runs through, in the order of files and lines."""
    return looked_at(model, given)[0]


def looked_at(model: Model, given: Routines) -> tuple[list[Removal], list[PassedOver]]:
    """All that can be taken out of the routines that the model runs through, and what else they say that stays as it is; each
    in the order of files and lines. Nothing of a routine is in neither."""
    sources, lines = given.sources, given.begun.union(*given.lines)
    ghosts = {name for part in model.parts.values() for name, state in part.part_state.items() if state.ghost}
    found: dict[Removal, None] = {}
    passed: dict[PassedOver, None] = {}
    for source in sources:
        for one in in_routine(source, given.tests, ghosts):
            if isinstance(one, PassedOver):
                passed[one] = None
            elif one.kind == "guard" or one.on(lines):
                found[one] = None
            else:
                passed[PassedOver(NOT_BUILT, one.text, one.function, one.file, one.line)] = None
    for action in model.actions:
        for source in sources:
            if action.when is not None and source.function.__code__ is action.when.__code__:
                what = source.node.body if isinstance(source.node, ast.Lambda) else source.node
                text = ast.unparse(what) if isinstance(what, ast.expr) else f"{source.name}()"
                found[removal_of("guard", source.node, text, "always true", source, action.label)] = None
    return (
        sorted(found, key=lambda r: (r.file, r.line, r.column, r.kind, r.way)),
        sorted(passed, key=lambda p: (p.file, p.line, p.reason, p.text)),
    )


NOT_BUILT = "never built with these parameters"
SETTLED = "a decision that always goes the same way, or is never built"
STEP = "a step stays a step"
CHECK = "an assertion is a check"
GHOST = "what only ghosts see"
LOCAL = "a local, or the result of a routine"
VALUE = "what a routine returns"
INSIDE = "a condition inside an expression"
MATCH = "a match statement"
LOOP = "a loop over values"
PART_OF_LOCK = "a part of a lock, which is taken out as one"


def in_routine(source: Source, tests: set[ast.AST], ghosts: set[str]) -> Iterator[Removal | PassedOver]:
    """What one routine says: what can be taken out of it, and the rest. A lambda is a part of what it is written in."""
    if isinstance(source.node, ast.Lambda):
        return
    holder = source.name in LOCK

    def passed(reason: str, node: ast.expr | ast.stmt | ast.comprehension, text: str = "") -> PassedOver:
        at = node.target if isinstance(node, ast.comprehension) else node
        said = " ".join((text or ast.unparse(node)).split())
        return PassedOver(PART_OF_LOCK if holder else reason, said, source.name, source.file, at.lineno)

    for node in own(source.node):
        if isinstance(node, ast.Call) and is_step(node) and not holder:
            label = ast.unparse(node.args[0])
            yield passed(STEP, node, f"step({label})")
            for keyword in node.keywords:
                if keyword.arg == "when" and isinstance(keyword.value, ast.Lambda):
                    yield removal_of(
                        "guard", keyword.value, ast.unparse(keyword.value.body), "always true", source, label
                    )
        elif isinstance(node, ast.AsyncWith):
            for item in node.items:
                yield removal_of("lock", item.context_expr, ast.unparse(item.context_expr), "not taken", source)
        elif isinstance(node, ast.If | ast.While) and (holder or node.test not in tests):
            yield passed(SETTLED, node, ast.unparse(node.test))
        elif isinstance(node, ast.If):
            for way in ("always true", "always false"):
                yield removal_of("decision", node, ast.unparse(node.test), way, source)
        elif isinstance(node, ast.While):
            yield removal_of("decision", node, ast.unparse(node.test), "at most once", source)
        elif isinstance(node, ast.stmt) and is_effect(node, ghosts):
            yield (
                passed(PART_OF_LOCK, node)
                if holder
                else removal_of("statement", node, ast.unparse(node), "left out", source)
            )
        else:
            reason, text = why_not(node, ghosts)
            if reason and isinstance(node, ast.expr | ast.stmt | ast.comprehension):
                yield passed(reason, node, text)


def why_not(node: ast.AST, ghosts: set[str]) -> tuple[str, str]:
    """Why a node that says something stays as it is, and its text where that is not all of it; "" for what is a part of
    something else, or only says where control goes: the decision around it is taken out."""
    if isinstance(node, ast.Match):
        return MATCH, f"match {ast.unparse(node.subject)}"
    if isinstance(node, ast.IfExp):
        return INSIDE, ast.unparse(node.test)
    if isinstance(node, ast.comprehension):
        return (INSIDE, " and ".join(map(ast.unparse, node.ifs))) if node.ifs else ("", "")
    if isinstance(node, ast.For | ast.AsyncFor):
        return LOOP, f"for {ast.unparse(node.target)} in {ast.unparse(node.iter)}"
    if isinstance(node, ast.Return):
        return (VALUE, "") if node.value is not None else ("", "")
    if isinstance(node, ast.Assert):
        return CHECK, ""
    if isinstance(node, ast.Assign | ast.AugAssign | ast.AnnAssign | ast.NamedExpr | ast.Delete):
        targets = getattr(node, "targets", None) or [getattr(node, "target")]  # noqa: B009 - of several classes
        return (GHOST if any(of_state(target) for target in targets) else LOCAL), ""
    return "", ""


def of_state(target: ast.expr) -> bool:
    """True for an attribute, of a part or of a record, and for an entry of one."""
    while isinstance(target, ast.Subscript):
        target = target.value
    return isinstance(target, ast.Attribute)


def own(routine: ast.FunctionDef | ast.AsyncFunctionDef) -> Iterator[ast.AST]:
    """The nodes of a routine's body, without those of functions that are defined in it: these have sources of their own."""
    waiting: list[ast.AST] = list(routine.body)
    while waiting:
        node = waiting.pop(0)
        yield node
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            waiting += ast.iter_child_nodes(node)


def removal_of(kind: Kind, node: ast.expr | ast.stmt, text: str, way: str, source: Source, label: str = "") -> Removal:
    """The part that a node is; of a decision the lines are those of its test."""
    inside = source.name if source.name != "<lambda>" else label
    last = node.test if isinstance(node, ast.If | ast.While) else node
    end = last.end_lineno or last.lineno
    return Removal(
        kind, " ".join(text.split()), way, inside, source.kernel, source.file, node.lineno, node.col_offset, end
    )


def is_step(node: ast.AST) -> bool:
    """True for ``step(...)``."""
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "step"


def is_effect(node: ast.AST, ghosts: set[str]) -> bool:
    """True for a statement that does something to the state: a store that is not of a ghost, or a call for its effect."""
    if isinstance(node, ast.Expr):
        value = node.value.value if isinstance(node.value, ast.Await) else node.value
        return isinstance(value, ast.Call) and not is_step(value)
    targets = node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AugAssign) else []
    return bool(targets) and all(stores(target, ghosts) for target in targets)


def stores(target: ast.expr, ghosts: set[str]) -> bool:
    """True for a part's state, not a local and not a ghost."""
    while isinstance(target, ast.Subscript):
        target = target.value
    return isinstance(target, ast.Attribute) and target.attr not in ghosts


def edit(removal: Removal) -> Callable[[str, ast.Module], None]:
    """The edit that takes it out."""

    def change(file: str, tree: ast.Module) -> None:
        if file == removal.file:
            Remover(removal).visit(tree)

    return change


class Remover(ast.NodeTransformer):
    """Takes one thing out of a tree, in its place: what is around it stands where it stood."""

    def __init__(self, removal: Removal) -> None:
        self.removal = removal

    def here(self, node: ast.expr | ast.stmt, kind: str) -> bool:
        wanted = self.removal
        return wanted.kind == kind and (node.lineno, node.col_offset) == (wanted.line, wanted.column)

    def visit_Lambda(self, node: ast.Lambda) -> ast.AST:
        if self.here(node, "guard"):
            node.body = constant(True, node.body)
            return node
        return self.generic_visit(node)

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        if self.here(node, "guard"):
            node.body = [ast.copy_location(ast.Return(constant(True, node.body[0])), node.body[0])]
            return node
        return self.generic_visit(node)

    def visit_AsyncWith(self, node: ast.AsyncWith) -> ast.AST:
        for item in node.items:
            if self.here(item.context_expr, "lock"):
                item.context_expr = constant(NotTaken(self.removal.text), item.context_expr)
        return self.generic_visit(node)

    def visit_If(self, node: ast.If) -> ast.AST:
        if self.here(node, "decision"):
            node.test = constant(self.removal.way == "always true", node.test)
        return self.generic_visit(node)

    def visit_While(self, node: ast.While) -> ast.AST:
        if self.here(node, "decision"):
            node.body.append(ast.copy_location(ast.Break(), node.body[-1]))
        return self.generic_visit(node)

    def visit_Expr(self, node: ast.Expr) -> ast.AST:
        return self.statement(node)

    def visit_Assign(self, node: ast.Assign) -> ast.AST:
        return self.statement(node)

    def visit_AugAssign(self, node: ast.AugAssign) -> ast.AST:
        return self.statement(node)

    def statement(self, node: ast.stmt) -> ast.AST:
        if self.here(node, "statement"):
            return ast.copy_location(ast.Pass(), node)
        return self.generic_visit(node)


def constant(value: object, at: ast.expr | ast.stmt) -> ast.Constant:
    return ast.copy_location(ast.Constant(value), at)  # type: ignore[arg-type]
