"""The pictures of memory in a trace: one for each state, joined from those of its parts, and what each adds."""

from __future__ import annotations

from dataclasses import dataclass

from explorer.language.picture import Arrow, Box, Picture
from explorer.render.canvas import BLUE, GREY, INK, LINE, RED, Canvas, Field, end, record_size
from explorer.render.plain import wrap
from explorer.trace import Trace

BOX_COLUMNS = 24  # longer lines in a box are wrapped
ACROSS, BETWEEN, EDGE, TITLE = 60.0, 8.0, 10.0, 16.0  # gap the arrows cross, gap of boxes, panel's margin, its title


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


@dataclass(frozen=True)
class Frame:
    """What is common to all panels of a trace, so that a box stands in the same place in each: the boxes' widths, the
    order of their names, and the room beside each column for arrows between boxes of one column."""

    mapper: float
    memory: float
    order: tuple[str, ...]
    left: float
    right: float

    @property
    def width(self) -> float:
        columns = [w for w in (self.mapper, self.memory) if w]
        return sum(columns) + ACROSS * (len(columns) == 2) + self.left + self.right + 2 * EDGE


def frame(all_pictures: list[Picture]) -> Frame:
    """The frame that holds every one of these pictures."""
    widths = {"mapper": 0.0, "memory": 0.0}
    beside = {"mapper": 0, "memory": 0}
    order: dict[str, None] = {}
    for picture in all_pictures:
        kinds = {b.name: b.kind for b in picture.boxes}
        for box in picture.boxes:
            order.setdefault(box.name)
            widths[box.kind] = max(widths[box.kind], record_size(fields(box, picture))[0])
        for kind, most in beside.items():
            beside[kind] = max(most, sum(kinds[a.source] == kinds[a.target] == kind for a in picture.arrows))
    return Frame(widths["mapper"], widths["memory"], tuple(order), 12.0 * beside["mapper"], 12.0 * beside["memory"])


def fields(box: Box, picture: Picture) -> list[Field]:
    """The box's title, its rows, and one row for each labelled arrow that leaves it: there no label can collide."""
    result = [Field(tuple(wrap(box.title or box.name, BOX_COLUMNS)))]
    if box.rows:
        result.append(Field(tuple(line for row in box.rows for line in wrap(row, BOX_COLUMNS))))
    for i, arrow in enumerate(picture.arrows):
        if arrow.source == box.name and arrow.label:
            result.append(Field(tuple(wrap(arrow.label, BOX_COLUMNS)), f"a{i}", right=True))
    return result


def columns_of(picture: Picture, room: Frame) -> tuple[list[Box], list[Box]]:
    """Mappers and memory, each from top to bottom."""
    boxes = sorted(picture.boxes, key=lambda b: room.order.index(b.name))
    return [b for b in boxes if b.kind == "mapper"], [b for b in boxes if b.kind == "memory"]


def _stack(boxes: list[Box], picture: Picture) -> float:
    """The height of a column of boxes."""
    return sum(record_size(fields(b, picture))[1] for b in boxes) + BETWEEN * max(len(boxes) - 1, 0)


def note_lines(picture: Picture, room: Frame) -> list[str]:
    return wrap(picture.note, max(int((room.width - 2 * EDGE) // 6), 10)) if picture.note else []


def height(picture: Picture, room: Frame) -> float:
    """The height of the picture's panel."""
    mappers, memory = columns_of(picture, room)
    notes = note_lines(picture, room)
    below = len(notes) * LINE + 10 if notes else 0.0
    return TITLE + max(_stack(mappers, picture), _stack(memory, picture)) + EDGE + below


def draw(canvas: Canvas, name: str, title: str, picture: Picture, before: Picture | None, room: Frame,
         x: float, y: float) -> None:
    """Draw the panel with its upper left corner at (x, y): blue what differs from `before`, red what broke."""
    tall = height(picture, room)
    broken = any(a.alarm for a in picture.arrows)
    canvas.box(f"{name}.panel", x, y, room.width, tall, [], color=RED if broken else GREY, style="rounded", tooltip=title)
    canvas.box(f"{name}.title", x + 2, y + 1, len(title) * 6 + 16, TITLE - 2, [title], shape="plaintext", fontcolor=GREY,
               margin="0.08,0", tooltip=title)
    mappers, memory = columns_of(picture, room)
    inner = max(_stack(mappers, picture), _stack(memory, picture))
    first = x + EDGE + room.left
    second = first + (room.mapper + ACROSS if room.mapper else 0.0)
    middle: dict[str, float] = {}
    for boxes, left, width in ((mappers, first, room.mapper), (memory, second, room.memory)):
        top = y + TITLE + (inner - _stack(boxes, picture)) / 2
        for box in boxes:
            parts = fields(box, picture)
            _, tall_box = record_size(parts)
            canvas.record(f"{name}.{box.name}", left, top, width, tall_box, parts, **_style(box, picture, before))
            middle[box.name] = top + tall_box / 2
            top += tall_box + BETWEEN
    notes = note_lines(picture, room)
    if notes:
        canvas.box(f"{name}.note", x + 2, y + TITLE + inner + 2, room.width - 4, len(notes) * LINE + 8, notes,
                   shape="plaintext", fontcolor=GREY, margin="0.08,0.04")
    _draw_arrows(canvas, name, picture, before, room, middle, (first, second + room.memory))


def _style(box: Box, picture: Picture, before: Picture | None) -> dict[str, str]:
    if any(a.alarm and a.target == box.name for a in picture.arrows):
        color, pen = RED, "2"
    elif before is not None and _told(box, picture) != _told(next((b for b in before.boxes if b.name == box.name), None), before):
        color, pen = BLUE, "1.6"
    else:
        color, pen = INK, "1"
    return {"color": color, "penwidth": pen, "style": "filled", "fillcolor": "white", "tooltip": box.title or box.name}


def _told(box: Box | None, picture: Picture) -> tuple[object, ...]:
    """What a box says: it has changed where this differs."""
    if box is None:
        return ()
    return (box.title, box.rows, tuple(a.label for a in picture.arrows if a.source == box.name))


def _draw_arrows(canvas: Canvas, name: str, picture: Picture, before: Picture | None, room: Frame,
                 middle: dict[str, float], sides: tuple[float, float]) -> None:
    kinds = {b.name: b.kind for b in picture.boxes}
    old = set() if before is None else {(a.source, a.target, a.label) for a in before.arrows}
    bends = {"mapper": 0, "memory": 0}
    for i, arrow in enumerate(picture.arrows):
        style = _arrow_style(arrow, before is not None and (arrow.source, arrow.target, arrow.label) not in old)
        port = f"a{i}" if arrow.label else ""
        source, target = f"{name}.{arrow.source}", f"{name}.{arrow.target}"
        kind = kinds[arrow.source]
        if kind != kinds[arrow.target]:
            out, into = ("e", "w") if kind == "mapper" else ("w", "e")
            canvas.edge(end(source, port, out), end(target, "", into), **style)
            continue
        bends[kind] += 1  # between boxes of one column: round them on the outside
        side = "w" if kind == "mapper" else "e"
        x = sides[0] - 12.0 * bends[kind] if kind == "mapper" else sides[1] + 12.0 * bends[kind]
        canvas.point(f"{source}.bend{i}", x, (middle[arrow.source] + middle[arrow.target]) / 2)
        canvas.edge(end(source, port, side), end(f"{source}.bend{i}"), **{**style, "arrowhead": "none"})
        canvas.edge(end(f"{source}.bend{i}"), end(target, "", side), **style)


def _arrow_style(arrow: Arrow, new: bool) -> dict[str, str]:
    color, pen = (RED, "2.4") if arrow.alarm else (BLUE, "1.6") if new else (INK, "1")
    return {
        "color": color, "penwidth": pen, "tooltip": arrow.label or f"{arrow.source} -> {arrow.target}",
        **({"style": "dashed"} if arrow.dashed else {}),
    }
