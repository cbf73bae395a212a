"""One table of letters, docs/book/notation.md: lectures, solutions and docstrings keep to it."""

import pytest

import check_notation
import course
import read_formulas

ROWS = check_notation.table()
LECTURES = course.lectures()
TEXTS = LECTURES + course.solutions()
PACKAGE = course.ROOT / "src" / "rnncourse"

# Modules whose letters are their own.
OWN_LETTERS = {
    "arrays": "a and b are any arrays",
    "physics": "x, v and y are the state of a system, as its equation has them",
    "cell": "letters of the paper",
    "passes": "letters of the paper",
}
MODULES = [
    path
    for path in sorted(PACKAGE.rglob("*.py"))
    if not OWN_LETTERS.keys() & {path.stem, path.parent.name}
]


@pytest.fixture
def complaints(tmp_path, monkeypatch):
    """What is wrong with the letters of a lecture of week 3 that holds some prose."""
    monkeypatch.setattr(course, "ROOT", tmp_path)
    path = tmp_path / "week03_planted.md"

    def of(prose):
        path.write_text(f"# A lecture\n\n{prose}\n", encoding="utf-8")
        return check_notation.complaints(path, ROWS)

    return of


@pytest.mark.parametrize("text", TEXTS, ids=course.relative)
def test_every_letter_of_a_formula_is_in_the_table(text):
    assert check_notation.complaints(text, ROWS) == []


@pytest.mark.parametrize("week", [course.week(text) for text in LECTURES])
def test_no_letter_has_two_meanings_in_a_week(week):
    assert check_notation.letters(ROWS, week)[1] == []


@pytest.mark.parametrize("path", MODULES, ids=course.relative)
def test_shapes_in_docstrings_are_those_of_the_table(path):
    assert check_notation.shape_complaints(path, ROWS) == []


def test_most_shapes_of_the_package_are_of_letters_in_the_table():
    allowed = check_notation.shapes(ROWS)
    named = [
        name
        for path in MODULES
        for name, _ in check_notation.NAMED_SHAPE.findall(path.read_text(encoding="utf-8"))
    ]
    assert sum(name in allowed for name in named) > len(named) / 3


@pytest.mark.parametrize(
    ("prose", "letter"),
    [
        (r"The rate $\eta$ and, new here, $\psi_2$.", r"\psi_{2}"),
        (r"$$z^{(t)} = W_{hu}\, x^{(t)}$$", "W_{hu}"),  # not a pair of the table
        (r"$\hat e^{(t)}$", r"\hat e"),  # the accent is part of the name
        (r"$\sqrt{h^{(t+Q)}}$", "Q"),  # in a superscript, inside of a root
        (r"$\varrho$", r"\varrho"),  # in the table, from week 6 on
        (r"$h_{\mathrm{new}}$", r"h_{\mathrm{new}}"),
    ],
)
def test_a_letter_that_is_not_in_the_table_is_found(prose, letter, complaints):
    (found,) = complaints(prose)
    assert found.startswith(f"week03_planted.md:3 (cell 1): {letter} is not in the table")


def test_what_is_in_the_table_is_not_complained_of(complaints):
    prose = r"`$\psi$` is code; $W_{hh,ij} h_j^{(t-1)}$, $\ddot q$, $C''$ and $5 \cdot 10^{-3}$."
    assert complaints(prose) == []


def test_a_command_that_is_not_known_is_found(complaints):
    assert r"\wp is not known" in complaints(r"$\wp(h)$")[0]


@pytest.mark.parametrize(
    "prose",
    [
        "It is $\\psi\n+ 1$ here.",
        r"It is \(\psi\) here.",
        r"\[ \psi \]",
        "\\begin{equation}\n\\psi\n\\end{equation}",
        "```{math}\n\\psi\n```",
        r"It is {math}`\psi` here.",
    ],
)
def test_a_formula_that_would_not_be_read_is_found(prose, complaints):
    assert any("in no formula" in found for found in complaints(prose))


def test_a_second_meaning_is_found():
    again = check_notation.Row(r"$\mu,\ \hat y$", "", "", "something else", [7])
    found = check_notation.letters([*ROWS, again], 7)[1]
    assert len(found) == 2
    assert r"in week 7, \mu is both" in found[0] and r"in week 7, \hat y is both" in found[1]
    assert check_notation.letters([*ROWS, again], 2)[1] == []


@pytest.mark.parametrize(
    "line",
    [
        "    W_hh: np.ndarray  # (H, D)",
        "        e: (T, H, B) derivatives",
        "    Returns:\n        d_h (B, D)",
        "        h_0: (T, H) state",
        "        h: states (T, H, B)",
        "        h: array of shape (T, H, B)",
        "        The states `h` (T, H, B).",
        "        h[t]: (H, B)",
        "        b_h: (H, 1)",
        "        h: (T, B, X)",
        "        h: (T + 1, H, B)",
        "        h: (3, T, H)",
        "    W_hh: np.ndarray # (H, D)",
    ],
)
def test_a_shape_that_contradicts_the_table_is_found(line, tmp_path, monkeypatch):
    monkeypatch.setattr(course, "ROOT", tmp_path)
    path = tmp_path / "rnn.py"
    path.write_text(f'"""A module."""\n{line}\n', encoding="utf-8")
    (found,) = check_notation.shape_complaints(path, ROWS)
    assert found.startswith(f"rnn.py:{2 + line.count(chr(10))}: ")


def test_numbers_one_more_step_and_functions_of_an_array_are_no_contradiction(tmp_path):
    path = tmp_path / "rnn.py"
    path.write_text(
        "h: (T + 1, 1, H), x: (T, 20, 2), f: function of a (P,) vector", encoding="utf-8"
    )
    assert check_notation.shape_complaints(path, ROWS) == []


def test_symbols_of_a_formula():
    formula = r"\frac{\partial C}{\partial W_{hh,ij}^{[t]}} = \hat y_k' \tag{1.2}"
    found = read_formulas.symbols(formula)
    names = [(symbol.name, symbol.subscript) for symbol in found]
    assert names == [("C", ()), ("W", ("hh", "ij")), ("t", ()), (r"\hat y", ("k",))]
