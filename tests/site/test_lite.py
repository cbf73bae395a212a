"""The edition for the browser alone, in a browser: `make check-site` starts its kernel.

The site is opened as it will be published, from a server of files on this machine. What its kernel
asks of its public address is answered from files here: the runtime of that version as npm has it,
and the pure Python packages that the kernel starts with. numpy and the other compiled packages are
in neither, so that what a lecture needs of them is looked up in the runtime's list of packages.
"""

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tarfile

import pytest

import build_lite
import course
from browser import BROWSER, chromium, served

STARTS_WITH = ("micropip", "ipython", "jedi")
NOT_LISTED = ("comm", "pexpect", "ptyprocess")  # the kernel gets them from the package index


def public_address():
    """Where the kernel of the built site gets its runtime."""
    return build_lite.runtime().rpartition("/")[0]


def plain(name):
    return re.sub(r"[-_.]+", "-", name).lower()


@pytest.fixture(scope="module")
def runtime():
    """A folder with the runtime from npm; fetched once."""
    if shutil.which("npm") is None:
        pytest.skip("no npm on this machine")
    version = re.search(r"/v([\d.]+)/", public_address())[1]
    folder = course.ROOT / "dist" / f"pyodide-{version}"
    if not (folder / "package").exists():
        folder.mkdir(parents=True, exist_ok=True)
        command = ["npm", "pack", "--silent", f"pyodide@{version}"]
        packed = subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True)
        with tarfile.open(folder / packed.stdout.split()[-1]) as archive:
            archive.extractall(folder, filter="data")
    return folder / "package"


@pytest.fixture(scope="module")
def listed(runtime):
    """The runtime's list of packages, by name."""
    lock = json.loads((runtime / "pyodide-lock.json").read_text(encoding="utf-8"))
    return {plain(name): package for name, package in lock["packages"].items()}


@pytest.fixture(scope="module")
def answers(runtime, listed):
    """The files that answer for the public address: the runtime and what a kernel starts with."""
    needed, left = set(), list(STARTS_WITH)
    while left:
        name = plain(left.pop())
        if name not in needed:
            needed.add(name)
            left += listed[name]["depends"]
    wheels = runtime.parent / "wheels"
    if not wheels.exists():
        wanted = [f"{name}=={listed[name]['version']}" for name in sorted(needed)]
        options = ["--quiet", "--no-deps", "--only-binary", ":all:", "--python-version", "3.14"]
        command = [sys.executable, "-m", "pip", "download", *options, "--dest", "partly"]
        # On the path of every test lies what cuts the network off; this is no test.
        online = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
        subprocess.run([*command, *wanted, *NOT_LISTED], cwd=wheels.parent, check=True, env=online)
        (wheels.parent / "partly").rename(wheels)
    lock = json.loads((runtime / "pyodide-lock.json").read_text(encoding="utf-8"))
    found = {plain(path.name.split("-")[0]): path for path in wheels.glob("*.whl")}
    packages = {plain(name): (name, package) for name, package in lock["packages"].items()}
    for name, path in found.items():
        # Packed anew for the public address, with other checksums than in the package index.
        key, package = packages.get(name, (name, dict(lock["packages"]["six"], name=name)))
        package.update(file_name=path.name, depends=package["depends"] if key != name else [])
        if name in needed:
            package["depends"] = listed[name]["depends"]
        package["version"] = path.name.split("-")[1]
        package["sha256"] = hashlib.sha256(path.read_bytes()).hexdigest()
        package["imports"] = [name.replace("-", "_")] if key == name else package["imports"]
        lock["packages"][key] = package
    files = {path.name: path.read_bytes() for path in [*runtime.iterdir(), *found.values()]}
    files["pyodide-lock.json"] = json.dumps(lock).encode()
    return files


@pytest.fixture(scope="module")
def address():
    """The address of a server of the built site."""
    with served(build_lite.BUILT) as found:
        yield found


KINDS = {"mjs": "text/javascript", "js": "text/javascript", "json": "application/json"}
KINDS |= {"wasm": "application/wasm"}


@pytest.fixture
def page(answers):
    """A page of the browser, whose requests to other hosts are answered here or noted."""
    if BROWSER is None:
        pytest.skip("no Chromium on this machine")
    public = public_address()
    with chromium() as browser:
        context = browser.new_context(viewport={"width": 1280, "height": 900})
        found = context.new_page()
        found.unanswered = []

        def answer(route):
            url = route.request.url
            content = answers.get(url.rpartition("/")[2]) if url.startswith(public) else None
            if content is None:
                found.unanswered.append(url)
                return route.abort()
            kind = KINDS.get(url.rpartition(".")[2], "application/octet-stream")
            headers = {"Content-Type": kind, "Access-Control-Allow-Origin": "*"}
            return route.fulfill(body=content, headers=headers)

        context.route(re.compile(r"^https?://(?!127\.0\.0\.1)"), answer)
        yield found


def test_the_kernel_starts_and_finds_our_wheel(page, address):
    """A cell of pure Python runs, and the package comes from the site's own wheel."""
    lines = [
        "import sys, piplite",
        "await piplite.install('rnncourse', deps=False)",
        "import rnncourse",
        "print(sys.platform, 6 * 7, rnncourse.__version__)",
    ]
    page.goto(address + "repl/index.html?kernel=python")
    page.wait_for_selector(".jp-CodeConsole-input .cm-content", timeout=60_000)
    page.click(".jp-CodeConsole-input .cm-content")
    page.keyboard.insert_text("\n".join(lines))
    page.keyboard.press("Shift+Enter")
    output = page.locator(".jp-OutputArea-output").filter(has_text=re.compile(r"emscripten|Error"))
    output.first.wait_for(timeout=90_000)
    version = re.search(
        r"rnncourse-([\d.]+)-py3", next((build_lite.BUILT / "pypi").glob("*.whl")).name
    )
    assert output.first.inner_text().strip() == f"emscripten 42 {version[1]}"
    assert page.unanswered == []
    assert page.locator("#no-kernel").count() == 0


def test_a_lecture_opens_with_its_figures(page, address):
    text = build_lite.texts()[0]
    page.goto(address + course.in_browser(text).removeprefix(course.published() + "lite/"))
    page.get_by_role("heading", name=course.title(text)).first.wait_for(timeout=60_000)
    page.locator(".jp-OutputArea-output img").first.wait_for(timeout=60_000)


def test_a_page_without_its_kernel_says_so_and_keeps_the_figures(address):
    """What a reader sees where the public address is blocked: words, and the stored figures."""
    if BROWSER is None:
        pytest.skip("no Chromium on this machine")
    text = build_lite.texts()[0]
    with chromium() as browser:
        page = browser.new_context(viewport={"width": 1280, "height": 900}).new_page()
        page.route(re.compile(r"^https?://(?!127\.0\.0\.1)"), lambda route: route.abort())
        page.goto(address + course.in_browser(text).removeprefix(course.published() + "lite/"))
        figure = page.locator(".jp-OutputArea-output img")
        figure.first.wait_for(timeout=60_000)
        note = page.get_by_role("alert").filter(has_text="Python could not be loaded")
        note.wait_for(timeout=30_000)
        assert public_address().split("/")[2] in note.inner_text()
        page.locator(".jp-CodeCell .cm-content").first.click()
        page.keyboard.press("Shift+Enter")
        page.locator('[data-command="notebook:run-cell-and-select-next"]').first.click()
        page.wait_for_timeout(3000)
        assert figure.first.is_visible()
        assert page.locator(".jp-InputPrompt").filter(has_text="*").count() == 0


def test_a_page_whose_kernel_is_reached_says_nothing(address):
    if BROWSER is None:
        pytest.skip("no Chromium on this machine")
    with chromium() as browser:
        page = browser.new_page()
        runtime = re.compile(re.escape(build_lite.runtime()))
        page.route(re.compile(r"^https?://(?!127\.0\.0\.1)"), lambda route: route.abort())
        page.route(runtime, lambda route: route.fulfill(body="", content_type="text/javascript"))
        with page.expect_request(runtime):
            page.goto(address + "lab/index.html")
        page.wait_for_timeout(3000)
        assert page.locator("#no-kernel").count() == 0


def test_the_browser_has_what_the_package_needs(listed):
    from packaging.requirements import Requirement

    project = course.pyproject()["project"]
    for wanted in map(Requirement, project["dependencies"]):
        assert plain(wanted.name) in listed, wanted
        assert listed[plain(wanted.name)]["version"] in wanted.specifier, wanted
    python = listed["numpy"]["file_name"].split("-")[2]
    assert Requirement("python" + project["requires-python"]).specifier.contains(
        f"3.{python.removeprefix('cp3')}"
    )


def test_the_wheel_is_pure_python():
    (wheel,) = (build_lite.BUILT / "pypi").glob("*.whl")
    assert wheel.name.startswith("rnncourse-") and wheel.name.endswith("-py3-none-any.whl")
    index = json.loads((build_lite.BUILT / "pypi" / "all.json").read_text(encoding="utf-8"))
    assert list(index) == ["rnncourse"]


def test_the_edition_holds_its_weeks():
    held = {
        path.relative_to(build_lite.BUILT / "files")
        for path in build_lite.BUILT.rglob("files/**/*.ipynb")
    }
    assert held == {course.notebook_of(t).relative_to(course.NOTEBOOKS) for t in build_lite.texts()}
