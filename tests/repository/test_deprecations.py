"""What is deprecated and used by our own code is an error; used by others, it is a warning."""

import warnings

import pytest

import course

CATEGORIES = ("DeprecationWarning", "PendingDeprecationWarning", "FutureWarning")


def warn(module, category):
    """Warns as code of a module would."""
    code = f"import warnings\nwarnings.warn('use the new one', {category})"
    exec(compile(code, "planted.py", "exec"), {"__name__": module})


@pytest.mark.parametrize("category", CATEGORIES)
def test_of_our_own_code_it_is_an_error(category):
    package = ("rnncourse", "rnncourse.lstm", "rnncourse.experiments.runner")
    for module in (*package, course.__name__, "run_notebooks", __name__, "properties"):
        with pytest.raises(Warning, match="use the new one"):
            warn(module, category)


@pytest.mark.parametrize("category", CATEGORIES)
def test_of_another_package_it_is_not(category):
    with warnings.catch_warnings(record=True) as found:
        for module in ("somebody.elses", "results.elses", "my_course"):
            warn(module, category)
    assert [str(w.message) for w in found] == ["use the new one"] * 3


def test_any_other_warning_is_an_error():
    with pytest.raises(UserWarning):
        warn("somebody.elses", "UserWarning")


def test_the_matrix_begins_at_the_oldest_python_and_has_both_ends_of_the_packages():
    import yaml

    workflow = yaml.safe_load((course.ROOT / ".github/workflows/test.yml").read_text("utf-8"))
    matrix = workflow["jobs"]["test"]["strategy"]["matrix"]
    oldest = course.pyproject()["project"]["requires-python"].removeprefix(">=")
    assert matrix["python"][0] == oldest and matrix["packages"] == ["oldest", "tested"]
    newest = workflow["jobs"]["newest"]["steps"]
    assert newest[1]["with"] == {"python-version": "3.x"}
    assert newest[-1] == {"run": "make test-newest"}
