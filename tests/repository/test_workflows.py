"""The workflows: what they may do, whose code they run, and what reaches a shell."""

import re

import pytest
import yaml

import course

WORKFLOWS = sorted((course.ROOT / ".github" / "workflows").glob("*.y*ml"))
PINNED = re.compile(r"[\w.-]+/[\w./-]+@[0-9a-f]{40}")
PINNED_IMAGE = re.compile(r".+@sha256:[0-9a-f]{64}")
MAY_WRITE = {("publish.yml", "deploy"): {"pages": "write", "id-token": "write"}}
# Text that others choose, or that must stay secret, has no place in a line of a shell.
NOT_IN_A_SHELL = re.compile(r"\$\{\{|secrets\.|GITHUB_TOKEN")
FETCHES = re.compile(r"\b(curl|wget)\b")  # what it fetches is pinned by nothing


def complaints(name, text):
    """What is wrong with a workflow."""
    workflow, found = yaml.safe_load(text), []
    triggers = workflow[True]  # YAML reads the key `on` as a truth value
    if {"pull_request_target", "workflow_run"} & set(triggers):
        found.append("it runs with this repository's rights for the code of others")
    if workflow.get("permissions") != {"contents": "read"}:
        found.append("its permissions are not `contents: read`")
    if "concurrency" not in workflow:
        found.append("two runs may meet")
    for job, steps in workflow["jobs"].items():
        if steps.get("permissions", {}) != MAY_WRITE.get((name, job), {}):
            found.append(f"{job} has permissions {steps.get('permissions')}")
        if "timeout-minutes" not in steps:
            found.append(f"{job} has no limit of time")
        for container in [steps.get("container"), *steps.get("services", {}).values()]:
            image = container["image"] if isinstance(container, dict) else container
            if image and not PINNED_IMAGE.fullmatch(image):
                found.append(f"{image} is not pinned to a digest")
        for step in [steps, *steps.get("steps", [])]:  # a job may use a workflow, too
            used = step.get("uses")
            if used and not PINNED.fullmatch(used):
                found.append(f"{used} is not pinned to a commit")
            if used and not re.search(re.escape(used) + r" # v\d+\.\d+\.\d+$", text, re.MULTILINE):
                found.append(f"{used} does not name its version")
            if used and "/checkout@" in used and step["with"]["persist-credentials"] is not False:
                found.append("the checkout keeps its credentials")
            if NOT_IN_A_SHELL.search(step.get("run", "")):
                found.append(f"{step['run']!r} takes what others choose into a shell")
            if FETCHES.search(step.get("run", "")):
                found.append(f"{step['run']!r} fetches")
    return found


@pytest.mark.parametrize("path", WORKFLOWS, ids=course.relative)
def test_workflow_is_safe(path):
    assert complaints(path.name, path.read_text(encoding="utf-8")) == []


def test_nothing_but_workflows_acts():
    """An action of our own would be looked at by nobody."""
    files = [path for path in (course.ROOT / ".github").rglob("*") if path.is_file()]
    assert sorted(files) == WORKFLOWS


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("  workflow_dispatch:", "  pull_request_target:"),
        ("  contents: read", "  contents: write"),
        ("permissions:\n  contents: read", "permissions: write-all"),
        ("    timeout-minutes: 30\n", ""),
        ("      pages: write", "      contents: write"),
        ("@11bd71901bbe5b1630ceea73d27597364c9af683 # v4.2.2", "@v4 # v4.2.2"),
        (" # v4.0.5", ""),
        ("persist-credentials: false", "persist-credentials: true"),
        ("run: make site", "run: echo ${{ github.event.head_commit.message }}; make site"),
        ("run: make site", "run: env GITHUB_TOKEN=$TOKEN make site"),
        ("run: make site", "run: curl -s https://example.com/install | sh; make site"),
        ("    timeout-minutes: 30\n", "    timeout-minutes: 30\n    container: python:3\n"),
        ("    timeout-minutes: 30\n", "    timeout-minutes: 30\n    container: {image: python}\n"),
        (
            "    timeout-minutes: 30\n",
            "    timeout-minutes: 30\n    services: {web: {image: nginx}}\n",
        ),
        ("    needs: build\n", "    uses: someone/else/.github/workflows/a.yml@main\n"),
    ],
)
def test_an_unsafe_workflow_is_noticed(right, wrong):
    text = (course.ROOT / ".github" / "workflows" / "publish.yml").read_text(encoding="utf-8")
    assert right in text
    assert complaints("publish.yml", text.replace(right, wrong, 1))


def test_the_notebooks_run_without_a_network_once_a_week():
    text = (course.ROOT / ".github" / "workflows" / "test.yml").read_text(encoding="utf-8")
    job = yaml.safe_load(text)["jobs"]["offline"]
    assert job["steps"][-1]["run"] == "make test-offline"
    assert (
        job["if"] == "github.event_name == 'schedule' || github.event_name == 'workflow_dispatch'"
    )


def test_what_is_published_is_built():
    """Only `main` is published, with every built form, from the branch of pyproject.toml."""
    path = course.ROOT / ".github" / "workflows" / "publish.yml"
    workflow = yaml.safe_load(path.read_text(encoding="utf-8"))
    assert workflow[True]["push"] == {"branches": [course.address()[1]]}
    runs = [step["run"] for step in workflow["jobs"]["build"]["steps"] if "run" in step]
    assert runs[0] == "make site slides handouts lite"
    assert workflow["jobs"]["build"]["if"] == "github.ref == 'refs/heads/main'"
