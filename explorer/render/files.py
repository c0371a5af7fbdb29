"""Writing what was rendered: each file whole or not at all."""

from __future__ import annotations

import errno
import json
import os
import re
import secrets
from collections.abc import Callable, Iterable
from pathlib import Path

from explorer.answer.trace import Trace
from explorer.errors import UsageError
from explorer.render.dot import trace_dot
from explorer.render.svg import svg

FORMATS = ("json", "dot", "svg")
REASONS = {
    errno.ENOSPC: "the disk is full",
    errno.EDQUOT: "the disk quota is used up",
    errno.EACCES: "permission denied",
    errno.EPERM: "permission denied",
    errno.EROFS: "the file system is read-only",
    errno.ENOTDIR: "part of the path is a file, not a directory",
    errno.EISDIR: "it is a directory",
    errno.ENAMETOOLONG: "the name is too long",
    errno.EEXIST: "a file of that name is in the way of the directory",
}


def write_text(path: Path | str, text: str) -> Path:
    """Write the text as UTF-8 and return the path. Missing directories are made.

    The text is written beside the file and then put in its place, so that a reader sees the old file or the new one
    and a failure leaves neither half a file nor a temporary one. A symbolic link that is the path itself is followed, as a
    shell does. What is no plain file (/dev/stdout, a pipe) is written to and stays. Raises UsageError with the reason.
    """
    path = Path(path)
    check_no_source(path)
    try:
        if path.exists() and (not path.is_file() or path.absolute().parts[1:2] in (("dev",), ("proc",))):
            with open(path, "w", encoding="utf-8", errors="replace", newline="\n") as stream:
                stream.write(text)
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            _put(Path(os.path.realpath(path)), text)
    except OSError as e:
        raise UsageError(_refused(path, e)) from e
    return path


def _put(path: Path, text: str) -> None:
    """Put a plain file with the text in the place of what is there."""
    beside = path.with_name(f".{path.name[:100]}.{os.getpid()}.{secrets.token_hex(4)}.tmp")
    made = False
    try:
        with open(beside, "x", encoding="utf-8", errors="replace", newline="\n") as file:
            made = True
            file.write(text)
            file.flush()
            os.fsync(file.fileno())  # a full disk may show only here
        os.replace(beside, path)
    finally:
        if made:
            _remove(beside)


def check_no_source(path: Path | str) -> None:
    """Raises UsageError where a Python file is there, a model's perhaps: nothing that is written is Python, and none is lost."""
    if os.path.realpath(path).endswith(".py") and os.path.isfile(path):
        raise UsageError(
            f"{path} is there and is Python, as models are: it is not overwritten; name another file with --out"
        )


def check_writable(directory: Path | str) -> None:
    """Raises UsageError where files can't be made in the directory, which is made: before a search, not after an hour of it."""
    directory = Path(directory)
    try:
        write_text(directory / f".writable.{secrets.token_hex(8)}", "").unlink()
    except UsageError as e:
        assert isinstance(e.__cause__, OSError)
        raise UsageError(_refused(directory, e.__cause__)) from e.__cause__


def _remove(path: Path) -> None:
    try:
        path.unlink(missing_ok=True)  # once in its place it is gone from here
    except OSError:
        pass  # the failure that matters has been raised


def _refused(path: Path, error: OSError) -> str:
    reason = REASONS.get(error.errno or 0) or (error.strerror or str(error)).lower()
    room = "make room, or " if error.errno in (errno.ENOSPC, errno.EDQUOT) else ""
    return f"{path} can't be written: {reason}; {room}name another directory with --out"


def file_name(trace: Trace) -> str:
    """``rdma_fork-pinned_page_stays``: model and property, without what a file name can't hold."""
    joined = "-".join(part for part in (trace.model, trace.claim) if part)
    return re.sub(r"[^A-Za-z0-9_.-]+", "_", joined).strip("._-")[:120] or "trace"


def trace_json(trace: Trace) -> str:
    """The `trace` object of the JSON answer with what it needs to stand alone: model, property, how to replay it."""
    whole = {
        "schema": 1,
        "model": trace.model,
        "property": trace.claim,
        "violated": trace.violated,
        "harm": trace.harm,
        "reproduce": trace.reproduce,
        "initial": trace.initial,
        **trace.to_json(),
    }
    return json.dumps(whole, indent=2, ensure_ascii=False) + "\n"


def write_trace(trace: Trace, directory: Path | str, formats: Iterable[str] = FORMATS, name: str = "") -> list[Path]:
    """Write the trace as NAME.json, NAME.dot and NAME.svg and return the paths, in the order of `formats`.

    `name`: of the files, without their endings; without it, `file_name`.

    Raises UsageError for an unknown format, a directory that can't be written, or a missing Graphviz; the files before
    that one are then there, whole.
    """
    wanted = list(dict.fromkeys(formats))
    makers: dict[str, Callable[[], str]] = {
        "json": lambda: trace_json(trace),
        "dot": lambda: trace_dot(trace),
        "svg": lambda: svg(trace_dot(trace)),
    }
    for format in wanted:
        if format not in makers:
            raise UsageError(f"a trace is written as {', '.join(FORMATS)}, not {format!r}")
    written = []
    for format in wanted:
        path = Path(directory) / f"{name or file_name(trace)}.{format}"
        if path.is_symlink():  # the tool names the file, so a link of that name is replaced, not followed
            path.unlink()
        written.append(write_text(path, makers[format]()))
    return written


def file_names(traces: Iterable[Trace]) -> list[str]:
    """`file_name` of each, with a number where an earlier one has that name."""
    found: list[str] = []
    for trace in traces:
        name, count = file_name(trace), 2
        while name in found:
            name, count = f"{file_name(trace)}-{count}", count + 1
        found.append(name)
    return found
