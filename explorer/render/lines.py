"""What each step of a trace says, and in whose lane: the common ground of the text diagram and the picture."""

from __future__ import annotations

import re
from dataclasses import dataclass

from explorer.answer.trace import Step, Trace
from explorer.render.conditions import readable
from explorer.render.plain import number_of

FUNCTION = re.compile(r"(\w+)\(\)")
IDENTIFIER = re.compile(r"_*[a-z][a-z0-9]*_[a-z0-9_]+")  # two words at least: "alloc" may be plain English
# a device that is modelled as a thread still isn't a CPU
DEVICES = frozenset("hca rnic nic device dev gpu accelerator disk nvme dma iommu vfio".split())


@dataclass(frozen=True)
class Line:
    """A line under an actor. `depth`: calls around it. `note`: said about the step, not done by it.

    `kind`: "call" (a routine is entered), "step", "branch" or "note".
    """

    depth: int
    text: str
    kind: str

    @property
    def note(self) -> bool:
        return self.kind == "note"


@dataclass(frozen=True)
class Lane:
    """An actor and what stands over its lane: ``CPU 0 (parent)``, ``hca``."""

    actor: str
    title: str


def lanes(trace: Trace) -> list[Lane]:
    """The actors in declaration order; any that the trace does not declare follow in the order in which they act."""
    names = list(dict.fromkeys([*trace.actors, *(s.actor for s in trace.steps)]))
    result, cpus = [], 0
    for name in names:
        if is_device(name, [s for s in trace.steps if s.actor == name]):
            result.append(Lane(name, name))
        else:
            result.append(Lane(name, f"CPU {cpus} ({name})"))
            cpus += 1
    return result


def is_device(actor: str, steps: list[Step]) -> bool:
    """True for an actor that runs no code of its own: it has no thread, or its name is that of a device."""
    word = re.split(r"[^a-z]", actor.lower(), maxsplit=1)[0]
    return word in DEVICES or (bool(steps) and all(s.schedule.startswith(f"{actor}.") for s in steps))


def function_name(name: str, kernel: str) -> str:
    """How a routine is written: the kernel function it mirrors, else its own name, with ``()``."""
    match = FUNCTION.search(kernel)
    if match:
        return f"{match.group(1)}()"
    short = name.rsplit(".", 1)[-1]
    return short if short.endswith(")") else f"{short}()"


def depth(stack: tuple[tuple[str, str], ...]) -> int:
    """How many calls a stack is written as: a routine that stands for a part of its caller's kernel function is none."""
    names = [function_name(*each) for each in stack]
    return sum(i == 0 or name != names[i - 1] for i, name in enumerate(names))


def step_lines(trace: Trace) -> list[list[Line]]:
    """For each step its lines: routines newly entered, the step itself, the conditions it found, what went wrong."""
    before: dict[str, Step] = {}
    state = state_names(trace)
    result = []
    for step in trace.steps:
        result.append(_lines(step, before.get(step.actor), state))
        before[step.actor] = step
    return result


def state_names(trace: Trace) -> frozenset[str]:
    """The names of parts and variables: a label that is one of these names what the step acts on."""
    names = {v.split("[")[0] for v in [*trace.initial, *(v for s in trace.steps for v in s.changes)]}
    return frozenset(part for name in names for part in name.split("."))


def step_title(step: Step, state: frozenset[str] = frozenset()) -> str:
    """One line for a step: ``do_wp_page(): alloc -> frame 1``, the routine that holds it and what the step adds."""
    own = step_line(step, state)
    holder = _own_name(step) if step.stack or step.kernel else ""  # not the thread itself: that is the actor
    return own.text if own.kind == "call" or not holder else f"{holder}: {own.text}"


def step_line(step: Step, state: frozenset[str] = frozenset()) -> Line:
    """The step itself, then the values chosen.

    Its routine's name where the label says no more; ``down_read(mmap_lock)`` where the label is a name of the state;
    else its label, with ``()`` where it is a kernel function's name by its looks (``set_pte_at``).
    """
    label, choices = step.label.strip(), _choices(step)
    if _names_function(step):
        line = Line(max(depth(step.stack) - 1, 0), _own_name(step), "call")
    elif step.stack and label in state:
        line = Line(depth(step.stack) - 1, f"{_own_name(step).removesuffix(')')}{label})", "call")
    else:
        text = f"{label}()" if IDENTIFIER.fullmatch(label) and label not in state else label
        line = Line(depth(step.stack), text or "step", "step")
    return Line(line.depth, f"{line.text} -> {choices}", line.kind) if choices else line


def summary(trace: Trace) -> str:
    """``rdma_fork violates pinned_page_stays in 12 steps, 0 context switches``; ``rdma_fork: 3 steps, ...``."""
    size = f"{number_of(len(trace.steps), 'step', grouped=False)}, {number_of(trace.switches, 'context switch', grouped=False)}"
    name = trace.model or "the model"
    if trace.loop is not None:
        stem, loop = trace.loop, len(trace.steps) - trace.loop
        after = f"a loop of {number_of(loop, 'step', grouped=False)}" if loop else "nothing"
        size = f"{number_of(stem, 'step', grouped=False)}, then {after} for ever"
    if not trace.claim:
        return f"{name}: {size}"
    if not trace.from_start:
        return f"{name}: a step that breaks {trace.claim}, from a state that may be unreachable"
    return f"{name} {'violates' if trace.violated else 'reaches'} {trace.claim} in {size}"


def endings(trace: Trace) -> list[tuple[int, str]]:
    """What is said between the steps of a run that goes on for ever: before which step, their number for after the last."""
    if trace.loop is None:
        return []
    if trace.loop == len(trace.steps):
        return [(trace.loop, "nothing more happens, for ever")]
    return [(trace.loop, "the loop begins here"), (len(trace.steps), "and again from there, for ever")]


def harm(trace: Trace) -> str:
    """The clause for the last line, "" where the trace has none or the last step's failure says the same."""
    said = trace.harm
    if not said and trace.violated and trace.claim:
        said = f"{trace.claim} is violated"
    return "" if trace.steps and trace.steps[-1].failure == said else said


def _lines(step: Step, previous: Step | None, state: frozenset[str]) -> list[Line]:
    stack, old = step.stack, previous.stack if previous else ()
    common = 0
    while common < min(len(stack), len(old)) and stack[common] == old[common]:
        common += 1
    lines = []
    for entered in range(common, len(stack)):
        inside = depth(stack[: entered + 1]) - 1
        if entered == 0 or inside == depth(stack[:entered]):
            lines.append(Line(inside, function_name(*stack[entered]), "call"))
    own = step_line(step, state)
    if own.kind == "call" and lines:
        lines.pop()  # the routine entered last is the step
    lines.append(own)
    names = [name for name, _ in stack]
    last = ""
    for branch in step.branches:
        held = len(names)
        if branch.function in names:  # the routine may have returned to a caller within the step
            held -= names[::-1].index(branch.function)
        for text in readable(branch.text, branch.outcome):
            if text != last:
                lines.append(Line(depth(stack[:held]), text, "branch"))
                last = text
    if step.failure:
        lines.append(Line(depth(stack), f"<- {step.failure}", "note"))
    return lines


def _own_name(step: Step) -> str:
    return function_name(*step.stack[-1]) if step.stack else function_name(step.function, step.kernel)


def _names_function(step: Step) -> bool:
    """True where the label says no more than the routine that holds the step."""
    bare = step.label.strip().removesuffix("()")
    if step.stack:
        return bare in ("", step.stack[-1][0], _own_name(step).removesuffix("()"))
    return bare == "" and step.function != ""


def _choices(step: Step) -> str:
    """``frame 1``; ``3`` where the value has no sort of its own; several with commas."""
    return ", ".join(value if name in ("", "value") else f"{name} {value}" for name, value in step.choices)
