"""Configuration of Sphinx for the book; `make site` stages the sources and builds it."""

import re
import sys
from importlib.util import find_spec
from pathlib import Path

TOOLS = Path(__file__).resolve().parents[2] / "tools"  # of dist/book-source, where this is staged
sys.path.insert(0, str(TOOLS))

import course  # noqa: E402
import cross_links  # noqa: E402

repository, branch = course.address()

project = course.name_of_the_course()
author = "The rnncourse authors"
copyright = "The rnncourse authors, text under CC BY 4.0, code under MIT"
language = "en"

extensions = [
    "myst_nb",
    "sphinx.ext.autodoc",
    "sphinx.ext.mathjax",
    "sphinx.ext.napoleon",
    "sphinxcontrib.bibtex",
]

# The notebooks are shown as they are stored.
nb_execution_mode = "off"
nb_merge_streams = True
nb_number_source_lines = False
myst_enable_extensions = ["dollarmath", "amsmath", "deflist", "attrs_inline"]
myst_dmath_double_inline = True
myst_heading_anchors = 3

default_role = "code"  # `x` in a docstring
highlight_language = "text"  # the formulas of docstrings
autodoc_member_order = "bysource"
autodoc_typehints = "none"
napoleon_google_docstring = True
napoleon_numpy_docstring = False
napoleon_custom_sections = [("Source", "notes_style")]
napoleon_use_rtype = False

bibtex_bibfiles = ["references.bib"]
bibtex_default_style = "unsrt"

html_theme = "sphinx_book_theme"
html_title = project
html_last_updated_fmt = None
html_show_sphinx = False
html_copy_source = False
# One file with all of MathJax, so that a page asks no other host for anything.
mathjax = Path(find_spec("sphinx-mathjax-offline").submodule_search_locations[0]) / "static/mathjax"
html_static_path = ["static", str(mathjax / "tex-svg.js")]
html_css_files = ["course.css"]
html_js_files = ["formulas.js", "search.js"]
html_favicon = "static/favicon.svg"
mathjax_path = "tex-svg.js"
mathjax3_config = {
    "tex": {"inlineMath": [["\\(", "\\)"]], "displayMath": [["\\[", "\\]"]]},
    "options": {"enableMenu": False},  # the menu would fetch what it offers from elsewhere
}
html_context = {"default_mode": "auto"}
html_theme_options = {
    "repository_url": f"https://github.com/{repository}",
    "repository_branch": branch,
    "use_repository_button": True,
    "use_source_button": False,
    "use_download_button": False,
    "launch_buttons": {
        "binderhub_url": "https://mybinder.org",
        "colab_url": "https://colab.research.google.com",
        "notebook_interface": "jupyterlab",
    },
    "navbar_start": [],
    "navbar_end": [],
    "navbar_persistent": [],
    "pygments_light_style": "a11y-high-contrast-light",
    "pygments_dark_style": "a11y-high-contrast-dark",
}

ESCAPED = re.compile(r"[*|](?=(?:[^`]*`[^`]*`)*[^`]*$)")  # outside of `code`


def formulas_as_they_stand(app, what, name, obj, options, lines):
    """Mark indented formulas as literal; let * and | mean themselves elsewhere."""
    marked, literal = [], False
    for n, line in enumerate(lines):
        indented = line.startswith("    ")
        if line and not indented:
            literal = False
        starts = indented and not literal and n > 0 and not lines[n - 1]
        before = next((above for above in reversed(marked) if above), "")
        if starts and not before.startswith(" "):
            literal = True
            marked += ["::", ""]
        marked.append(line if literal else ESCAPED.sub(r"\\\g<0>", line))
    lines[:] = marked


def without_field_numbers(app, what, name, obj, skip, options):
    """Leave out the fields of a named tuple, which say nothing but their number."""
    return skip or str(getattr(obj, "__doc__", "")).startswith("Alias for field number")


def setup(app):
    """Register the hooks."""
    app.connect("autodoc-process-docstring", formulas_as_they_stand, priority=1)
    app.connect("autodoc-skip-member", without_field_numbers)
    app.connect("doctree-resolved", cross_links.link)
