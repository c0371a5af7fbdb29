"""From a frame or a traceback to the line of the user's file that is meant."""

from __future__ import annotations

import sysconfig
import types
from pathlib import Path

from explorer.errors import Place, place_at

TOOL = f"{Path(__file__).parent.parent}/"  # as it was imported, which may be through a link: so do its functions name their file
SHIPPED = tuple(f"{TOOL}{kind}/" for kind in ("models", "properties"))
IMPORTS = f"{TOOL}process/user_files.py"  # stands between two files of the user's, of which one imports the other
LIBRARY = tuple(f"{sysconfig.get_path(kind)}/" for kind in ("stdlib", "platstdlib"))


def is_users(file: str) -> bool:
    """True for a file that somebody wrote a model in: none of this tool's own, none of Python's library."""
    if file.startswith("<") or file.startswith(TOOL) and not file.startswith(SHIPPED):
        return False
    return not file.startswith(LIBRARY) or "/site-packages/" in file


def place_in(code: types.CodeType, instruction: int) -> Place:
    """The piece of source that the instruction at this offset was compiled from."""
    positions = list(code.co_positions())
    line, end_line, column, end = positions[instruction // 2] if 0 <= instruction // 2 < len(positions) else (None,) * 4
    return place_at(code.co_filename, line or code.co_firstlineno, column or 0, end if end_line == line else None)


Site = tuple[types.CodeType, int]


def caller(frame: types.FrameType | None) -> Site | None:
    """The innermost instruction of the user's in this stack of frames; None where there is none."""
    while frame is not None:
        if is_users(frame.f_code.co_filename):
            return frame.f_code, frame.f_lasti
        frame = frame.f_back
    return None


def place_of_error(error: BaseException) -> Place | None:
    """The innermost line of the user's that the error came through; None where it came through none."""
    found = None
    trace = error.__traceback__
    while trace is not None:
        if is_users(trace.tb_frame.f_code.co_filename):
            found = (trace.tb_frame.f_code, trace.tb_lasti)
        trace = trace.tb_next
    return None if found is None else place_in(*found)


def is_users_fault(error: BaseException) -> bool:
    """True where the user's own code raised it, or Python's library when the user's code called it."""
    trace, last = error.__traceback__, False
    while trace is not None:
        file = trace.tb_frame.f_code.co_filename
        if is_users(file):
            last = True
        elif file.startswith(TOOL) and file != IMPORTS:
            last = False
        trace = trace.tb_next
    return last


def shown_error(error: BaseException) -> str:
    """An exception of Python's as a message names it: ``KeyError: 'large'``."""
    text = str(error)
    return f"{type(error).__name__}: {text}" if text else type(error).__name__
