"""Links inside the book that nobody writes by hand: "(5.4)", "week 4" and words of the glossary.

Sphinx calls `link` for each page when it is resolved. Only running text is looked at: code,
formulas, headings and what is a link already stay as they are. A number in brackets is a link if an
equation of a lecture has it, a week if there is a lecture of it, a word of the glossary where a
page uses it for the first time.
"""

import re

import check_equations
import course

NUMBER = re.compile(r"\((\d\d?\.\d\d?)\)")
WEEKS = re.compile(r"\b[Ww]eeks?\s\d+(?!\.?\d)(?:(?:,|\sand|\sor|\sto|,\sand)\s\d+(?!\.?\d))*")
TERM = re.compile(r"^(\w[^\n]*)\n  \S", re.MULTILINE)
# A word that means something else as well is linked only where what stands before it says which.
ONLY_AFTER = {"cell": r"(?:memory|LSTM|GRU|recurrent|gated) "}
NOT_BEFORE = r"(?! errors?\b| and rounding| or rounding)"


def glossary():
    """Returns the words of the glossary."""
    text = (course.ROOT / "docs" / "book" / "glossary.md").read_text(encoding="utf-8")
    return TERM.findall(text.partition("```{glossary}")[2])


def targets():
    """Returns where each label leads: "5.4" and 4 -> name of a page and place on it."""
    where, _ = check_equations.labels(course.lectures())
    pages = {course.week(text): f"notebooks/{text.stem}" for text in course.lectures()}
    found = {label: (f"notebooks/{text.stem}", place(label)) for label, text in where.items()}
    return found | {week: (page, "") for week, page in pages.items()}


def place(label):
    """Returns the anchor of an equation."""
    return "equation-" + label.replace(".", "-")


def pieces(text, known, words):
    """Yields a text in pieces: what is shown, and the label that it leads to, or None.

    Args:
        text: running text.
        known: the labels there are: "5.4", 4.
        words: words of the glossary that this page has not linked yet; those linked are taken out.
    """
    spans = [(m.start(), m.end(), m[1]) for m in NUMBER.finditer(text) if m[1] in known]
    for m in WEEKS.finditer(text):
        numbers = list(re.finditer(r"\d+", m[0]))
        for n, number in enumerate(numbers):
            start = m.start() if n == 0 else m.start() + number.start()
            if int(number[0]) in known:
                spans.append((start, m.start() + number.end(), int(number[0])))
    for word in sorted(words, key=len, reverse=True):
        before = ONLY_AFTER.get(word, "")
        m = re.search(rf"\b{before}({re.escape(word)}s?)\b{NOT_BEFORE}", text, re.IGNORECASE)
        if m and not any(start < m.end(1) and m.start(1) < end for start, end, _ in spans):
            spans.append((*m.span(1), word))
            words.discard(word)
    end = 0
    for start, stop, label in sorted(spans):
        yield text[end:start], None
        yield text[start:stop], label
        end = stop
    yield text[end:], None


def link(app, doctree, page):
    """Put the links into a page, and an anchor at each of its equations."""
    from docutils import nodes  # only where the book is built

    for formula in doctree.findall(nodes.math_block):
        for label in check_equations.TAG.findall(formula.astext()):
            formula["ids"].append(place(label))
    known = targets()
    words = set() if page == "glossary" or page.startswith("package/") else set(glossary())
    stays = (nodes.literal, nodes.literal_block, nodes.reference, nodes.title, nodes.math)
    stays += (nodes.math_block, nodes.raw, nodes.term)
    for node in list(doctree.findall(nodes.Text)):
        above, inside = node.parent, []
        while above is not None:
            inside.append(above)
            above = above.parent
        if any(isinstance(a, stays) or a.tagname.startswith("desc_sig") for a in inside):
            continue
        new = []
        for shown, label in pieces(node.astext(), known, words):
            if label is None or known.get(label) == (page, ""):
                new += [nodes.Text(shown)] if shown else []
                continue
            to, anchor = known.get(label, ("glossary", f"term-{str(label).replace(' ', '-')}"))
            address = app.builder.get_relative_uri(page, to) if to != page else ""
            address += f"#{anchor}" if anchor else ""
            new.append(nodes.reference("", shown, internal=True, refuri=address))
        if len(new) > 1 or new and not isinstance(new[0], nodes.Text):
            node.parent.replace(node, new)
