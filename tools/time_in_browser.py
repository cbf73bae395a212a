"""Runs each lecture of the edition for the browser there, once: `make time-lite`.

The built site is served on this machine. Python, NumPy and the others come from the kernel's public
address, or from PYODIDE, a folder with a full distribution of Pyodide, which answers instead. A row
for each lecture: the processor time of the browser from the first cell to the last, how many cells
print, letter for letter, what the stored notebook holds, and which cells stopped with an error. The
notebook as the browser left it is put into dist/in_browser.
"""

import json
import os
import re
import sys
from pathlib import Path

import nbformat
import psutil

import build_lite
import course
from browser import BROWSER, chromium, served

RUNS = course.ROOT / "dist" / "in_browser"
PYODIDE = os.environ.get("PYODIDE")
ELSEWHERE = re.compile(r"^https?://(?!127\.0\.0\.1)")
KINDS = {".mjs": "text/javascript", ".js": "text/javascript", ".json": "application/json"}
KINDS |= {".wasm": "application/wasm"}
LIMIT = 600  # seconds until Python is loaded
START = """async seconds => {
  const {sessionContext} = jupyterapp.shell.currentWidget;
  const ready = sessionContext.ready.then(
    () => sessionContext.session.kernel.requestExecute({code: "6 * 7"}).done);
  const late = (_, fail) => setTimeout(fail, 1000 * seconds, Error("Python was not loaded"));
  await Promise.race([ready, new Promise(late)]);
}"""
RUN = """async () => {
  await jupyterapp.commands.execute("notebook:run-all-cells");
  return jupyterapp.shell.currentWidget.content.model.toJSON();
}"""


def processor_time():
    """Returns the seconds of processor time that the browser has taken, in all its processes."""
    times = [p.cpu_times() for p in psutil.Process().children(recursive=True)]
    return sum(t.user + t.system for t in times)


def answer(route):
    """Answers for the public address of the kernel with the files of PYODIDE."""
    found = Path(PYODIDE, route.request.url.rpartition("/")[2].partition("?")[0])
    if not found.is_file():
        print("not answered:", route.request.url, file=sys.stderr)
        return route.abort()
    headers = {"Content-Type": KINDS.get(found.suffix, "application/octet-stream")}
    headers["Access-Control-Allow-Origin"] = "*"
    return route.fulfill(body=found.read_bytes(), headers=headers)


def settings(route):
    """Lets a page of the site give its application to the script that runs the cells."""
    found = json.loads(route.fetch().body())
    found["jupyter-config-data"]["exposeAppInBrowser"] = True
    return route.fulfill(json=found)


def run(browser, address, text):
    """Runs a lecture in a new page; returns its notebook then, and its processor time in s."""
    page = browser.new_context().new_page()
    page.set_default_timeout(LIMIT * 1000)
    if PYODIDE:
        page.context.route(ELSEWHERE, answer)
    page.context.route(re.compile(r"/jupyter-lite\.json"), settings)
    page.goto(address + course.in_browser(text).removeprefix(course.published() + "lite/"))
    page.get_by_role("heading", name=course.title(text)).first.wait_for()
    page.wait_for_function("window.jupyterapp && jupyterapp.shell.currentWidget")
    page.evaluate(START, LIMIT)
    before = processor_time()
    notebook = page.evaluate(RUN)
    seconds = processor_time() - before
    page.context.close()
    return nbformat.from_dict(notebook), seconds


def printed(cell):
    """Returns what a cell printed."""
    return "".join("".join(output.get("text", "")) for output in cell.outputs)


def error(cell):
    """Returns the error with which a cell stopped, in one line, or None."""
    stopped = [o for o in cell.outputs if o.output_type == "error"]
    return f"{stopped[0].ename}: {stopped[0].evalue}".partition("\n")[0] if stopped else None


def row(text, notebook, seconds):
    """Returns the row of a lecture: its week, seconds, cells that print the same, and errors."""
    here = course.code_cells(notebook)
    stored = course.code_cells(nbformat.read(course.notebook_of(text), as_version=4))
    same = sum(printed(a) == printed(b) for a, b in zip(here, stored, strict=True))
    errors = [f"cell {n}: {error(cell)}" for n, cell in enumerate(here, 1) if error(cell)]
    said = [f"{course.week(text)}", f"{seconds:.0f} s", f"{same} of {len(here)}"]
    return f"| {' | '.join([*said, '; '.join(errors) or 'none'])} |"


def main(names):
    """Runs the lectures that are named, or all of the edition; prints a row for each."""
    if BROWSER is None:
        sys.exit("No Chromium was found on this machine.")
    RUNS.mkdir(parents=True, exist_ok=True)
    lectures = [text for text in course.lectures() if text in build_lite.texts()]
    with chromium() as browser, served(build_lite.BUILT) as address:
        for text in lectures:
            if not names or text.stem in names:
                notebook, seconds = run(browser, address, text)
                (RUNS / f"{text.stem}.ipynb").write_text(json.dumps(notebook), encoding="utf-8")
                print(row(text, notebook, seconds), flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
