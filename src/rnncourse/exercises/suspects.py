"""The part that the checkers of "which line?" share: judge the lines that a reader names."""

import inspect

from rnncourse import museum
from rnncourse.exercises.verdict import Wrong
from rnncourse.inputs import kind_of


def check_wrong_lines(attempt, like):
    """Raise `Wrong` unless `attempt()` names the wrong line of each of the suspects.

    Args:
        attempt: function without arguments that returns {"A": line, ...}, each line as it stands
            in the source of that suspect; spaces and comments do not matter.
        like: the right cell.
    """
    expected, found = museum.wrong_lines(like), attempt()
    if not isinstance(found, dict):
        raise Wrong(f'it returns {kind_of(found)}, expected {{"A": "a line", ...}}.')
    if set(found) != set(expected):
        raise Wrong(f"it names {sorted(map(str, found))}, expected {sorted(expected)}.")
    for label, cell in museum.suspects(like).items():
        line = _bare(str(found[label]))
        if line == _bare(expected[label]):
            continue
        if line not in map(_bare, inspect.getsource(cell).splitlines()):
            raise Wrong(f"{label} has no such line. Copy one line of its source.")
        noticed = museum.examine(cell, like)
        raise Wrong(f"that line of {label} is right. {_hint(noticed)}")


def _bare(line):
    """Return the line without comment and spaces."""
    return "".join(line.partition("  #")[0].split())


def _hint(noticed):
    if noticed["forward/pass"]:
        return "Its states are wrong already: compare `forward` with the equations."
    if not noticed["one step/random"]:
        return "Its gradient is right for a single step: what is used only from two steps on?"
    if not noticed["its own/adjoint"]:
        return "Its `backward` and `r_forward` agree, and are both wrong: what is on the tape?"
    return "Its gradient is wrong for a single step: go through `backward` line by line."
