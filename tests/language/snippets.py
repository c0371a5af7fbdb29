"""The models of `errors/`, written short: each case is what matters of its model and what the tool says, whole.

A case begins with `== name: what is wrong`. What follows is Python but for lines that stand for what most models
share: `Machine:` for a part and its constructor, `model:` for the function that makes it, `cpu:` for a thread;
`SHORT` has them all. Behind the model comes `return m`, before it what it imports of the language (`imports`: other
names than it uses, or from elsewhere). `plain:` says that nothing is left out. Then `-- phase exit_code`, and the
message, whose line numbers are those of the model written out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import explorer.language

HEAD = '"""{}"""\n\nfrom __future__ import annotations\n\n'
PART = 'class {0}(Part):\n    def __init__(self, m: Model) -> None:\n        super().__init__(m, "{1}")\n'
MADE = "\n\ndef model() -> Model:\n    m = Model()\n    {1} = {0}(m)\n\n"
ENTRIES = """

@record
class Pte:
    frame: Annotated[int, Range(0, 3)]
    writable: bool = False


@record
class SwapEntry:
    slot: Annotated[int, Range(0, 3)]
    exclusive: bool = False


"""
PROCESSES = """class Process(Enum):
    PARENT = 0
    CHILD = 1


Machine:
        self.n = var(Range(0, 3), 0)
        self.who = var(Process, Process.PARENT)
"""
SHORT = (  # (as it is written in a case, what stands for it in the model)
    ("one cell, cpu:\n", "Machine:\n        self.x = var(bool, False)\nmodel:\n    cpu:\n"),
    ("one cell:\n", "Machine:\n        self.x = var(bool, False)\nmodel:\n"),
    ("count, cpu:\n", "Box:\n        self.count = var(Range(0, 3), 0)\nmodel of Box:\n    cpu:\n"),
    ("entries:\n", ENTRIES),
    ("processes:\n", PROCESSES),
    ("Machine:\n", PART.format("Machine", "mm")),
    ("Box:\n", PART.format("Box", "box")),
    ("model, cpu:\n", "model:\n    cpu:\n"),
    ("model:\n", MADE.format("Machine", "mm")),
    ("model of Box:\n", MADE.format("Box", "box")),
    ("made:\n", "\n\ndef model() -> Model:\n    m = Model()\n    Machine(m)\n    return m\n"),
    ("bare model:\n", "\n\ndef model() -> Model:\n    m = Model()\n"),
    ("    cpu:\n", '    @m.thread("cpu")\n    async def cpu() -> None:\n'),
)
END = "\n\n    return m"
NAMES = set(explorer.language.__all__)


@dataclass(frozen=True)
class Snippet:
    """A case: its name, what is wrong in words, its model as it is written short, and what is said of it."""

    name: str
    wrong: str
    text: str
    phase: str
    exit_code: int
    message: str

    def written(self) -> str:
        """As it stands in a file of cases."""
        return (
            f"== {self.name}: {self.wrong}\n{self.text}\n-- {self.phase} {self.exit_code}\n{self.message}".rstrip()
            + "\n"
        )

    def model(self) -> str:
        """The text of the model, written out."""
        text, head = self.text, HEAD.format(self.wrong)
        if text.startswith("plain:\n"):
            return head + text.removeprefix("plain:\n")
        names, others = None, ""
        while text.startswith("imports "):
            first, _, text = text.partition("\n")
            if first.startswith("imports from "):
                others += f"{first.removeprefix('imports ')}\n"
            else:
                names = first.removeprefix("imports ")
        text = f"{text}\n"
        for short, long in SHORT:
            if short not in f"\n{text}":
                continue
            parts = re.split(f"^{re.escape(short)}", text, flags=re.MULTILINE)
            text = long.join(parts)
        text = text.rstrip("\n")
        if not text.endswith("    return m"):
            text += END
        if others:
            others += "\n"
        return f"{head}{others}from explorer.language import {names or ', '.join(used(text))}\n\n\n{text}"


def used(text: str) -> list[str]:
    """The names of the language that the text has, as ruff sorts them."""
    names = NAMES & set(re.findall(r"\w+", text))
    return sorted(names, key=lambda n: (0 if n.isupper() and len(n) > 1 else 1 if n[0].isupper() else 2, n))


def snippets(file: Path) -> Iterator[Snippet]:
    """The cases of a file."""
    for part in re.split(r"^== ", file.read_text(), flags=re.MULTILINE)[1:]:
        found = re.fullmatch(r"(\w+): ([^\n]*)\n(.*)\n-- (\w+) (\d+)\n(.*?)\n*", part, re.DOTALL)
        assert found is not None, f"{file}: {part}"
        name, wrong, text, phase, code, message = found.groups()
        yield Snippet(name, wrong, text, phase, int(code), message)
