"""The workflows, as zizmor sees them: what they may do, whose code they run, what a shell gets."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

import course

WORKFLOWS = sorted((course.ROOT / ".github" / "workflows").glob("*.y*ml"))
MAY_WRITE = {"pages": "write", "id-token": "write"}  # the job that publishes
UNSAID = {"anonymous-definition", "undocumented-permissions"}  # names, and reasons of rights


def complaints(path):
    """What is wrong with a workflow, in the words of zizmor."""
    command = [str(Path(sys.executable).with_name("zizmor")), "--offline", "--quiet"]
    command += ["--no-exit-codes", "--persona", "auditor", "--format", "json", str(path)]
    found = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    return {finding["ident"] for finding in json.loads(found)} - UNSAID


@pytest.mark.parametrize("path", WORKFLOWS, ids=course.relative)
def test_workflow_is_safe(path):
    assert complaints(path) == set()
    workflow = yaml.safe_load(path.read_text(encoding="utf-8"))
    assert workflow["permissions"] == {"contents": "read"}
    for name, job in workflow["jobs"].items():
        assert job.get("permissions", {}) == (MAY_WRITE if name == "deploy" else {})
        assert job["timeout-minutes"] <= 60


def test_nothing_but_workflows_acts():
    """An action of our own would be looked at by nobody."""
    files = [path for path in (course.ROOT / ".github").rglob("*") if path.is_file()]
    assert sorted(files) == WORKFLOWS


@pytest.mark.parametrize(
    ("right", "wrong", "complaint"),
    [
        ("  workflow_dispatch:", "  pull_request_target:", "dangerous-triggers"),
        ("permissions:\n  contents: read", "permissions: write-all", "excessive-permissions"),
        ("@11bd71901bbe5b1630ceea73d27597364c9af683 # v4.2.2", "@v4 # v4.2.2", "unpinned-uses"),
        ("persist-credentials: false", "persist-credentials: true", "artipacked"),
        ("run: make site", "run: echo ${{ github.event.head_commit.message }}", "template-inj"),
        ("    needs: build\n", "    needs: build\n    container: python:3\n", "unpinned-images"),
    ],
)
def test_an_unsafe_workflow_is_noticed(right, wrong, complaint, tmp_path):
    text = (course.ROOT / ".github" / "workflows" / "publish.yml").read_text(encoding="utf-8")
    assert right in text
    planted = tmp_path / ".github" / "workflows" / "publish.yml"
    planted.parent.mkdir(parents=True)
    planted.write_text(text.replace(right, wrong, 1), encoding="utf-8")
    assert any(found.startswith(complaint) for found in complaints(planted))


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


def test_the_matrix_begins_at_the_oldest_python_and_has_both_ends_of_the_packages():
    workflow = yaml.safe_load((course.ROOT / ".github/workflows/test.yml").read_text("utf-8"))
    matrix = workflow["jobs"]["test"]["strategy"]["matrix"]
    oldest = course.pyproject()["project"]["requires-python"].removeprefix(">=")
    assert matrix["python"][0] == oldest and matrix["packages"] == ["oldest", "tested"]
    newest = workflow["jobs"]["newest"]["steps"]
    assert newest[1]["with"] == {"python-version": "3.x"}
    assert newest[-1] == {"run": "make test-newest"}
