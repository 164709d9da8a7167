"""Interrupting a run at a line, deterministically."""

import sys


def traced(files, go, error=None, at=None):
    """Run it, to the error at the at-th line of these files if there is one: the lines it
    went through."""
    lines = []

    def trace(frame, event, _):
        if frame.f_code.co_filename not in files:
            return None
        if event == "line":
            lines.append((frame.f_code.co_filename, frame.f_lineno))
            if len(lines) == at:
                sys.settrace(None)
                raise error
        return trace

    previous = sys.gettrace()
    sys.settrace(trace)
    try:
        go()
    finally:
        sys.settrace(previous)
    return lines


def places(lines):
    """For each line the first and the last time that it was come to, in order."""
    last = {line: at for at, line in enumerate(lines, 1)}
    first = {line: at for at, line in reversed([*enumerate(lines, 1)])}
    return sorted({*first.values(), *last.values()})
