"""Writes the text of a new week and of its solutions: `make new-week N=week11_topic`.

Both texts pass the tests of the notebooks as they are, once `make notebooks` has run them.
"""

import re
import sys

import course

HEADER = """---
jupytext:
  notebook_metadata_filter: kernelspec,rnncourse,-jupytext.text_representation.jupytext_version,\
-jupytext.default_lexer
  cell_metadata_filter: tags,nbgrader,-all
  text_representation:
    extension: .md
    format_name: myst
    format_version: 0.13
kernelspec:
  display_name: Python 3 (ipykernel)
  language: python
  name: python3
---
"""

LECTURE = """
# Week {week}. {title}

A first paragraph that says why a student should care.

After this lecture you can

- do one thing that you could not do before.

```{{code-cell}} ipython3
{install}
import numpy as np

from rnncourse import plotting

fig, ax = plotting.subplots()
t = np.linspace(0, 1, 50)
plotting.lines(ax, t, [t], ["a line"], "time t (s)", "position q (m)")
plotting.show(fig, alt="A straight line rises from zero to one: the picture to be replaced.")
```

## A first claim

The sentence before a cell says what to look for: the mean of the line is one half.

```{{code-cell}} ipython3
mean = t.mean()
assert abs(mean - 0.5) < 1e-12
print(f"mean position {{mean:.2f}} m")
```

## Summary

What was shown, with the numbers.

## Exercises

Fill in the function below. Its solution is in `notebooks/solutions/`.

### Exercise {week}.1: a name for it

Return the mean of an array. Its checker belongs in `rnncourse.exercises`.

```{{code-cell}} ipython3
def mean_of(x):
    raise NotImplementedError
```

## Further reading

{reading}
"""

SOLUTIONS = """
# Week {week}. Solutions

Try each exercise before you read on.

```{{code-cell}} ipython3
{install}
import numpy as np
```

## Exercise {week}.1: a name for it

The sum, divided by the number of entries.

```{{code-cell}} ipython3
def mean_of(x):
    return np.sum(x) / len(x)


assert mean_of(np.array([1.0, 3.0])) == 2.0
```
"""


def write(name: str) -> list:
    """Writes both texts and returns their paths.

    Args:
        name: of the week, as `week11_topic`.

    Raises:
        ValueError: if the name has another form, or there is a week of this number.
    """
    if not re.fullmatch(r"week\d\d_[a-z0-9_]+", name):
        raise ValueError(f"the name is {name!r}, expected one like week11_topic")
    paths = [course.TEXT / f"{name}.md", course.TEXT / "solutions" / f"{name}.md"]
    week = course.week(paths[0])
    taken = [t for t in course.lectures() + course.solutions() if course.week(t) == week]
    if taken:
        raise ValueError(f"week {week} is there: {course.relative(taken[0])}")
    title = name[7:].replace("_", " ").capitalize()
    first = next(t for t in course.lectures()).read_text(encoding="utf-8")
    reading = first.partition("## Further reading")[2].strip().splitlines()[0]
    for path, text in zip(paths, (LECTURE, SOLUTIONS), strict=True):
        filled = text.format(
            week=week, title=title, install=course.install_lines(), reading=reading
        )
        path.write_text(HEADER + filled, encoding="utf-8")
    return paths


def main() -> int:
    """Writes the texts and says what comes next; returns the exit status."""
    if len(sys.argv) != 2:
        sys.exit("Which week? For example: make new-week N=week11_topic")
    try:
        for path in write(sys.argv[1]):
            print(f"{course.relative(path)}: written")
    except ValueError as error:
        sys.exit(str(error))
    print("Next: edit them, then run: make notebooks links test")
    return 0


if __name__ == "__main__":
    sys.exit(main())
