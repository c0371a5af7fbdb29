"""The pictures of memory in a trace: one for each state, joined from those of its parts, and what each adds."""

from __future__ import annotations

from dataclasses import dataclass

from explorer.answer.trace import Trace
from explorer.language.picture import Arrow, Box, Picture
from explorer.render.canvas import (
    BLUE,
    CHAR,
    GREY,
    INK,
    LINE,
    PAD_X,
    PAD_Y,
    RED,
    Canvas,
    Field,
    Rect,
    columns,
    end,
    fitted_lines,
    stacked_size,
    text_size,
)

TITLE_COLUMNS, ROW_COLUMNS = 18, 24  # longer lines in a box are wrapped
ACROSS, BETWEEN, EDGE, HEADING = 46.0, 7.0, 10.0, 16.0  # the arrows' gap, between boxes, the panel's margin and title
NARROWEST = 24 * CHAR  # a panel's title and note need some room of their own
BEND = 12.0  # how far out an arrow between two boxes of one column goes


def pictures(trace: Trace) -> list[Picture]:
    """One picture for each state, the initial one first; empty where no part draws itself."""
    if not any(trace.pictures):
        return []
    states = max(len(p) for p in trace.pictures)
    return [join([p[i] for p in trace.pictures if i < len(p)]) for i in range(states)]


def join(parts: list[Picture]) -> Picture:
    """One picture of several: boxes of one name become one, arrows to a box nobody draws get a plain one."""
    boxes: dict[str, Box] = {}
    for part in parts:
        for box in part.boxes:
            known = boxes.get(box.name)
            if known is None:
                boxes[box.name] = box
            else:
                rows = (*known.rows, *(r for r in box.rows if r not in known.rows))
                boxes[box.name] = Box(box.name, known.title or box.title, rows, known.kind)
    arrows = tuple(dict.fromkeys(a for part in parts for a in part.arrows))
    for arrow in arrows:
        boxes.setdefault(arrow.source, Box(arrow.source, arrow.source, kind="mapper"))
        boxes.setdefault(arrow.target, Box(arrow.target, arrow.target))
    return Picture(tuple(boxes.values()), arrows, "; ".join(dict.fromkeys(p.note for p in parts if p.note)))


def title_lines(box: Box) -> list[str]:
    return fitted_lines(box.title or box.name, TITLE_COLUMNS)


def fields(box: Box, picture: Picture) -> list[Field]:
    """What stands in a box beside or under its title: its rows, then one row for each labelled arrow that leaves it.

    There an arrow's label can collide with nothing.
    """
    result = []
    if box.rows:
        result.append(Field(tuple(line for row in box.rows for line in fitted_lines(row, ROW_COLUMNS))))
    for i, arrow in enumerate(picture.arrows):
        if arrow.source == box.name and arrow.label:
            result.append(Field(tuple(fitted_lines(arrow.label, ROW_COLUMNS)), f"a{i}", "r"))
    return result


@dataclass(frozen=True)
class Frame:
    """What is common to all panels of a trace, so that a box looks the same in each.

    `titles`, `rows`: columns of text in the left and the right half of a mapper's box. `memory`: the width of a memory
    box. `order`: the boxes' names from top to bottom. `left`, `right`: room beside a column for arrows within it.
    """

    titles: int
    rows: int
    memory: float
    order: tuple[str, ...]
    left: float
    right: float

    @property
    def mapper(self) -> float:
        """The width of a mapper's box."""
        halves = [n * CHAR + PAD_X for n in (self.titles, self.rows) if n]
        return sum(halves)

    @property
    def width(self) -> float:
        """The width of a panel."""
        both = ACROSS if self.titles and self.memory else 0.0
        return max(self.mapper + both + self.memory + self.left + self.right + 2 * EDGE, NARROWEST)


def frame(all_pictures: list[Picture]) -> Frame:
    """The frame that holds every one of these pictures."""
    titles, rows, memory = 0, 0, 0.0
    beside = {"mapper": 0, "memory": 0}
    order: dict[str, None] = {}
    for picture in all_pictures:
        kinds = {b.name: b.kind for b in picture.boxes}
        for box in picture.boxes:
            order.setdefault(box.name)
            parts = fields(box, picture)
            if box.kind == "mapper":
                titles = max(titles, *(columns(line) for line in title_lines(box)))
                rows = max([rows, *(columns(line) for part in parts for line in part.lines)])
            else:
                memory = max(memory, stacked_size([Field(tuple(title_lines(box))), *parts])[0])
        for kind, most in beside.items():
            beside[kind] = max(most, sum(kinds[a.source] == kinds[a.target] == kind for a in picture.arrows))
    return Frame(titles, rows, memory, tuple(order), BEND * beside["mapper"], BEND * beside["memory"])


def box_height(box: Box, picture: Picture) -> float:
    title, rest = text_size(title_lines(box))[1], stacked_size(fields(box, picture))[1]
    return max(title, rest) if box.kind == "mapper" else title + rest


def node(name: str, box: str, room: Frame) -> str:
    """The name of a box's node: by its number, since what a model calls it could be the name of another node."""
    return f"{name} box {room.order.index(box)}"


def _draw_box(
    canvas: Canvas, name: str, at: Rect, box: Box, picture: Picture, room: Frame, style: dict[str, str]
) -> None:
    """A memory box's title stands above its rows; a mapper's beside them, in a node of its own: NAME title."""
    title, parts = Field(tuple(title_lines(box)), align="n"), fields(box, picture)
    if box.kind == "memory":
        canvas.record(name, at, "{" + "|".join(f.label for f in (title, *parts)) + "}", **style)
        return
    left = at if not room.rows else Rect(at.x, at.y, room.titles * CHAR + PAD_X, at.height)
    canvas.box(f"{name} title", left, title.lines, **style)
    if room.rows:
        right = Rect(at.x + left.width, at.y, at.width - left.width, at.height)
        canvas.record(name, right, "{" + "|".join(f.label for f in parts) + "}", **style)


def _column(picture: Picture, room: Frame, kind: str) -> list[Box]:
    """The boxes of one kind from top to bottom."""
    boxes = sorted(picture.boxes, key=lambda b: room.order.index(b.name))
    return [b for b in boxes if b.kind == kind]


def _stack(boxes: list[Box], picture: Picture) -> float:
    """The height of a column of boxes."""
    return sum(box_height(b, picture) for b in boxes) + BETWEEN * max(len(boxes) - 1, 0)


def _inner(picture: Picture, room: Frame) -> float:
    return max(_stack(_column(picture, room, kind), picture) for kind in ("mapper", "memory"))


def _note(picture: Picture, room: Frame) -> list[str]:
    return fitted_lines(picture.note, int((room.width - PAD_X - 4) // CHAR)) if picture.note else []


def height(picture: Picture, room: Frame) -> float:
    """The height of the picture's panel."""
    notes = _note(picture, room)
    return HEADING + _inner(picture, room) + EDGE + (len(notes) * LINE + PAD_Y if notes else 0.0)


def draw(
    canvas: Canvas, name: str, title: str, picture: Picture, before: Picture | None, room: Frame, x: float, y: float
) -> None:
    """Draw the panel with its upper left corner at (x, y): blue what differs from `before`, red what broke."""
    broken = any(a.alarm for a in picture.arrows)
    panel = Rect(x, y, room.width, height(picture, room))
    canvas.box(f"{name} panel", panel, [], color=RED if broken else GREY, style="rounded", tooltip=title)
    inner, notes = _inner(picture, room), _note(picture, room)
    plain = {"shape": "plaintext", "fontcolor": GREY, "margin": "0.08,0.02"}
    canvas.box(f"{name} title", Rect(x + 2, y + 1, columns(title) * CHAR + PAD_X, HEADING - 2), [title], **plain)
    if notes:
        below = Rect(x + 2, y + HEADING + inner + 4, room.width - 4, len(notes) * LINE + PAD_Y)
        canvas.box(f"{name} note", below, notes, **plain)
    first = x + EDGE + room.left
    second = first + (room.mapper + ACROSS if room.titles else 0.0)
    middle: dict[str, float] = {}
    for kind, left, width in (("mapper", first, room.mapper), ("memory", second, room.memory)):
        boxes = _column(picture, room, kind)
        top = y + HEADING + (inner - _stack(boxes, picture)) / 2
        for box in boxes:
            tall = box_height(box, picture)
            style = _style(box, picture, before)
            _draw_box(canvas, node(name, box.name, room), Rect(left, top, width, tall), box, picture, room, style)
            middle[box.name] = top + tall / 2
            top += tall + BETWEEN
    outside = {"mapper": first, "memory": second + room.memory}
    _draw_arrows(canvas, name, picture, before, room, middle, outside)


def _draw_arrows(
    canvas: Canvas,
    name: str,
    picture: Picture,
    before: Picture | None,
    room: Frame,
    middle: dict[str, float],
    outside: dict[str, float],
) -> None:
    """The arrows of a panel: straight across, or round the outside where both ends stand in one column.

    `middle`: the height of each box's middle; `outside`: the outer edge of each column.
    """
    kinds = {b.name: b.kind for b in picture.boxes}
    bends = dict.fromkeys(outside, 0)
    for i, arrow in enumerate(picture.arrows):
        style = _arrow_style(arrow, before)
        source, target = node(name, arrow.source, room), node(name, arrow.target, room)
        port = f"a{i}" if arrow.label else ""
        kind, other = kinds[arrow.source], kinds[arrow.target]
        across = {"mapper": "e", "memory": "w"}
        half = "" if room.rows else " title"  # a mapper's only node
        if kind != other:
            tail, head = (source + half, target) if kind == "mapper" else (source, target + half)
            canvas.edge(end(tail, port, across[kind]), end(head, "", across[other]), **style)
            continue
        bends[kind] += 1
        if kind == "mapper":
            away, side, tail, head, port = -BEND, "w", f"{source} title", f"{target} title", ""
        else:
            away, side, tail, head = BEND, "e", source, target
        bend = f"{name} bend {i}"
        canvas.point(bend, outside[kind] + away * bends[kind], (middle[arrow.source] + middle[arrow.target]) / 2)
        canvas.edge(end(tail, port, side), end(bend), **{**style, "arrowhead": "none"})
        canvas.edge(end(bend), end(head, "", side), **style)


def _style(box: Box, picture: Picture, before: Picture | None) -> dict[str, str]:
    color, pen = INK, "1"
    if any(a.alarm and a.target == box.name for a in picture.arrows):
        color, pen = RED, "2"
    elif before is not None and _told(box.name, picture) != _told(box.name, before):
        color, pen = BLUE, "1.6"
    return {"color": color, "penwidth": pen, "style": "filled", "fillcolor": "white", "tooltip": box.title or box.name}


def _told(name: str, picture: Picture) -> tuple[object, ...]:
    """What the box of that name says, with its arrows' labels: it has changed where this differs."""
    box = next((b for b in picture.boxes if b.name == name), None)
    return () if box is None else (box.title, box.rows, tuple(a.label for a in picture.arrows if a.source == name))


def _arrow_style(arrow: Arrow, before: Picture | None) -> dict[str, str]:
    old = before is None or any(
        (a.source, a.target, a.label) == (arrow.source, arrow.target, arrow.label) for a in before.arrows
    )
    color, pen = (RED, "2.4") if arrow.alarm else (INK, "1") if old else (BLUE, "1.6")
    style = {"color": color, "penwidth": pen, "tooltip": arrow.label or f"{arrow.source} -> {arrow.target}"}
    return {**style, "style": "dashed"} if arrow.dashed else style
