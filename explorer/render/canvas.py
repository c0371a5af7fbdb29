"""A drawing with every position given, written as Graphviz DOT.

Graphviz is asked to place nothing (``layout=nop``): sizes follow from counting characters of a typewriter font, so
nothing overlaps, the same trace always gives the same bytes, and every Graphviz draws the same picture. Coordinates
are points, y grows downwards. No HTML-like labels: a Graphviz without expat silently shows a node's name instead.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field

from explorer.process.quoting import clean, dot_field, dot_name, dot_text
from explorer.render.plain import wrap

FONT, CHAR, LINE = 10, 6.0, 12.0  # size, width of a character (0.6 of the size in Courier), height of a line
PAD_X, PAD_Y = 16.0, 8.0  # what Graphviz puts around the text of a box or of a record's field
BLANK = "\xa0"  # what a blank line is made of: for an empty one Graphviz 16.1 uses memory that it never set
INK, GREY, PALE, BLUE, RED = "#202020", "#808080", "#eeeeee", "#1f5fbf", "#c00000"


def columns(text: str) -> int:
    """How many columns of a typewriter font to leave for the text.

    A Graphviz that knows no fonts takes each byte of UTF-8 for a column; where less were left, its boxes would grow.
    """
    wide = sum(unicodedata.east_asian_width(c) in "WF" for c in text)
    return max(len(BLANK.encode()), len(text) + wide, len(clean(text).encode()))


def fitted_lines(text: str, first: int, rest: int | None = None) -> list[str]:
    """The text as lines of at most so many columns, as `wrap` breaks them."""
    return wrap(text, first, rest, columns)


def text_size(lines: Iterable[str]) -> tuple[float, float]:
    """Width and height of a box with these lines."""
    rows = list(lines)
    return max((columns(r) for r in rows), default=0) * CHAR + PAD_X, max(len(rows), 1) * LINE + PAD_Y


@dataclass(frozen=True)
class Rect:
    """A place on the drawing: upper left corner, width, height."""

    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True)
class Field:
    """A field of a record: its lines and the port for arrows ("" for none). `align`: "n" centre, "l" left, "r" right."""

    lines: tuple[str, ...]
    port: str = ""
    align: str = "l"

    @property
    def label(self) -> str:
        text = "".join(f"{dot_field(line) or BLANK}\\{self.align}" for line in self.lines)
        text = text.removesuffix("\\n")  # a centred last line needs no end, and would get an empty one below it
        return f"<{self.port}>{text}" if self.port else text


def stacked_size(fields: Iterable[Field]) -> tuple[float, float]:
    """Width and height of fields that stand one above the other."""
    sizes = [text_size(f.lines) for f in fields]
    return max((w for w, _ in sizes), default=0.0), sum(h for _, h in sizes)


@dataclass
class Canvas:
    """Nodes and edges in the order drawn: all edges first, nodes over them."""

    nodes: list[str] = field(default_factory=list)
    edges: list[str] = field(default_factory=list)
    bottom: float = 0.0

    def box(self, name: str, at: Rect, lines: Iterable[str], **style: str) -> None:
        """A box, its lines set to the left."""
        label = "".join((dot_text(line) or BLANK) + "\\l" for line in lines)
        self._node(name, at, {"shape": "box", **style}, label)

    def record(self, name: str, at: Rect, label: str, **style: str) -> None:
        """A record; the label is made of `Field.label`, bars and braces."""
        self._node(name, at, {"shape": "record", **style}, label)

    def point(self, name: str, x: float, y: float) -> None:
        """An invisible place for an edge to start, bend or end."""
        size = 'width=0.01, height=0.01, label=""'
        self.nodes.append(f'  {dot_name(name)} [shape=point, style=invis, {size}, pos="{_at(x, y)}"];')

    def edge(self, source: str, target: str, **style: str) -> None:
        """An edge between two ends as `end` writes them."""
        self.edges.append(f"  {source} -> {target} [{_attributes(style)}];")

    def _node(self, name: str, at: Rect, style: dict[str, str], label: str) -> None:
        self.bottom = max(self.bottom, at.y + at.height)
        centre = _at(at.x + at.width / 2, at.y + at.height / 2)
        size = f'pos="{centre}", width={at.width / 72:.4f}, height={at.height / 72:.4f}'
        self.nodes.append(f'  {dot_name(name)} [{_attributes(style)}, {size}, label="{label}"];')

    def dot(self, name: str, tooltip: str) -> str:
        """The whole as DOT source, called `name`."""
        head = [
            f"digraph {dot_name(name)} {{",
            f'  graph [layout=nop, splines=line, outputorder=edgesfirst, bgcolor=white, tooltip="{dot_text(tooltip)}"];',
            f'  node [fontname="Courier", fontsize={FONT}, color="{INK}", fontcolor="{INK}"];',
            f'  edge [color="{INK}", arrowsize=0.7];',
        ]
        return "\n".join([*head, *self.nodes, *self.edges, "}"]) + "\n"


def end(name: str, port: str = "", side: str = "") -> str:
    """One end of an edge: the node, the port of a record, the side ("n", "e", "s", "w")."""
    return ":".join(part for part in (dot_name(name), dot_name(port) if port else "", side) if part)


def _at(x: float, y: float) -> str:
    return f"{x:.1f},{-y:.1f}"


def _attributes(style: dict[str, str]) -> str:
    return ", ".join(f'{key}="{dot_text(value)}"' for key, value in style.items())
