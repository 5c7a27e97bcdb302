"""What a project says it depends on, read without running any of it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from config.errors import UsageError
from sandbox.layers.declared import Declared, declared


def python_of(project: Path, offered: str = "") -> Declared:
    found = declared(project, "python", offered)
    assert found is not None
    return found


def lines(found: Declared, name: str = "requirements.txt") -> list[str]:
    return found.files[name].decode().splitlines()


def write(project: Path, **files: str) -> None:
    for name, text in files.items():
        path = project / name.replace("__", "/").replace("_txt", ".txt").replace("_toml", ".toml")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def test_a_project_that_names_nothing_has_no_layer(tmp_path: Path) -> None:
    write(tmp_path, pyproject_toml="[project]\nname='x'\n[tool.ruff]\nline-length=99\n", requirements_txt="# none\n")
    assert declared(tmp_path, "python") is None
    assert declared(tmp_path, "typescript") is None
    assert declared(tmp_path, "dotnet") is None


def test_requirements_files_are_read_with_what_they_include(tmp_path: Path) -> None:
    write(
        tmp_path,
        requirements_txt="attrs>=22 # why\n-r requirements/base.txt\n-c pins.txt\n",
        requirements__base_txt='Some_Thing[extra] == 1.0 ; python_version > "3.8"\nlong>=1,\\\n  <2\n',
        pins_txt="attrs==23.1\n",
    )
    found = python_of(tmp_path)
    assert lines(found) == ["attrs>=22", 'Some_Thing[extra]==1.0; python_version > "3.8"', "long<2,>=1"]
    assert lines(found, "constraints.txt") == ["attrs==23.1"]
    assert found.sources == ("requirements.txt", "requirements/base.txt", "pins.txt")


@pytest.mark.parametrize(
    "line",
    [
        "-e .",
        "./local",
        "git+https://example.org/x.git",
        "x @ git+https://example.org/x.git",
        "x @ https://example.org/x-1.tar.gz",
        "local-1.whl",
        "--index-url https://example.org/simple",
        "--no-binary :all:",
        "--find-links /srv",
        "--trusted-host example.org",
    ],
)
def test_lines_that_build_or_redirect_are_left_out_and_said(tmp_path: Path, line: str) -> None:
    write(tmp_path, requirements_txt=f"attrs\n{line}\n")
    found = python_of(tmp_path)
    assert lines(found) == ["attrs"]
    assert line in found.notes[0]


def test_options_of_a_single_requirement_do_not_reach_pip(tmp_path: Path) -> None:
    write(tmp_path, requirements_txt="attrs==1 --global-option=build --config-settings x=y\n")
    assert lines(python_of(tmp_path)) == ["attrs==1"]


def test_hashes_are_kept_and_then_nothing_without_one_is_asked_for(tmp_path: Path) -> None:
    write(
        tmp_path,
        requirements_txt=f"attrs==1 \\\n    --hash=sha256:{'a' * 64} \\\n    --hash=sha256:{'b' * 64}\nbare\n",
        pyproject_toml="[project]\ndependencies=['attrs>=1', 'other']\n",
    )
    found = python_of(tmp_path, "numpy")
    assert lines(found) == [f"attrs==1 --hash=sha256:{'a' * 64} --hash=sha256:{'b' * 64}"]
    assert "bare, numpy" in found.notes[0]


def test_pyproject_gives_its_dependencies_and_what_tests_need(tmp_path: Path) -> None:
    write(
        tmp_path,
        pyproject_toml="""
[project]
name = "My.Tool"
dependencies = ["attrs>=22"]
[project.optional-dependencies]
docs = ["sphinx"]
dev = ["my-tool[test]", "ruff"]
test = ["hypothesis"]
[dependency-groups]
test = [{include-group = "shared"}, "nox"]
shared = ["tomlkit", {include-group = "test"}]
""",
    )
    found = python_of(tmp_path, "numpy, pandas")
    assert set(lines(found)) == {"attrs>=22", "hypothesis", "ruff", "tomlkit", "nox", "numpy", "pandas"}
    assert "sphinx" not in lines(found)


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ('"^1.2.3"', "a<2,>=1.2.3"),
        ('"^0.2.3"', "a<0.3,>=0.2.3"),
        ('"^0.0.3"', "a<0.0.4,>=0.0.3"),
        ('"~1.2"', "a<1.3,>=1.2"),
        ('"~1"', "a<2,>=1"),
        ('"*"', "a"),
        ('"1.5"', "a==1.5"),
        ('">=1,<3"', "a<3,>=1"),
        ('{version="^2", extras=["x"], markers="python_version > \'3\'"}', 'a[x]<3,>=2; python_version > "3"'),
    ],
)
def test_the_ranges_of_poetry_are_understood(tmp_path: Path, written: str, read: str) -> None:
    write(tmp_path, pyproject_toml=f"[tool.poetry.dependencies]\npython='^3.11'\na = {written}\n")
    assert lines(python_of(tmp_path)) == [read]


def test_a_lock_file_pins_what_is_chosen(tmp_path: Path) -> None:
    write(tmp_path, pyproject_toml="[project]\nname='me'\ndependencies=['a']\n")
    (tmp_path / "uv.lock").write_text(
        """
version = 1
[[package]]
name = "a"
version = "1.4"
source = { registry = "somewhere" }
[[package]]
name = "two"
version = "1"
resolution-markers = ["python_full_version < '3.12'"]
[[package]]
name = "two"
version = "2"
resolution-markers = ["python_full_version >= '3.12'"]
[[package]]
name = "unclear"
version = "1"
[[package]]
name = "unclear"
version = "2"
[[package]]
name = "me"
version = "0"
source = { editable = "." }
[[package]]
name = "fork"
version = "1"
source = { git = "https://example.org/fork" }
"""
    )
    found = python_of(tmp_path)
    assert lines(found, "constraints.txt") == [
        "a==1.4",
        'two==1; python_full_version < "3.12"',
        'two==2; python_full_version >= "3.12"',
    ]
    assert found.sources == ("pyproject.toml", "uv.lock")


def test_the_name_of_a_layer_follows_what_it_is_made_of_and_nothing_else(tmp_path: Path) -> None:
    write(tmp_path, requirements_txt="attrs\n", pyproject_toml="[tool.x]\na=1\n")
    first = python_of(tmp_path).digest
    write(tmp_path, requirements_txt="attrs # said why\n\n", pyproject_toml="[tool.x]\na=2\n")
    assert python_of(tmp_path).digest == first
    assert python_of(tmp_path, "numpy").digest != first
    write(tmp_path, requirements_txt="attrs<9\n")
    assert python_of(tmp_path).digest != first


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("requirements.txt", "ok\n\na b\n", r"requirements.txt:3: 'a b' is not a requirement"),
        ("requirements.txt", "-r gone.txt\n", r"requirements.txt:1: gone.txt does not exist"),
        ("requirements.txt", "-r ../../etc/hostname\n", r"lies outside the project"),
        ("requirements.txt", "-r /etc/hostname\n", r"lies outside the project"),
        ("requirements.txt", "a\udc80\n", r"not UTF-8"),
        ("pyproject.toml", "[project\n", r"pyproject.toml is not TOML"),
        ("pyproject.toml", "[project]\ndependencies=['a b']\n", r"pyproject.toml: 'a b'"),
        ("poetry.lock", "[[package]]\nname='a b'\nversion='1'\n", r"poetry.lock: 'a b==1'"),
    ],
)
def test_what_cannot_be_understood_is_named_by_its_place(tmp_path: Path, name: str, text: str, said: str) -> None:
    (tmp_path / "requirements.txt").write_text("attrs\n")
    (tmp_path / name).write_bytes(text.encode("utf-8", "surrogateescape"))
    with pytest.raises(UsageError, match=said):
        declared(tmp_path, "python")


def test_a_link_out_of_the_project_is_not_followed(tmp_path: Path) -> None:
    project = tmp_path / "project"
    project.mkdir()
    (tmp_path / "secret").write_text("hunter2\n")
    (project / "requirements.txt").symlink_to(tmp_path / "secret")
    with pytest.raises(UsageError, match="outside") as caught:
        declared(project, "python")
    assert "hunter2" not in str(caught.value)


def test_odd_shapes_of_tables_are_no_crash(tmp_path: Path) -> None:
    write(
        tmp_path,
        requirements_txt="attrs\n",
        pyproject_toml="project=1\ndependency-groups={test='x', dev=[1, {x=1}]}\n[tool.poetry]\ndependencies=[1]\n",
    )
    (tmp_path / "pdm.lock").write_text("package=[1, {name=2}]\n")
    assert lines(python_of(tmp_path)) == ["attrs"]


# --- Node ---


def node(project: Path, manifest: object, lock: object = None) -> None:
    (project / "package.json").write_text(json.dumps(manifest))
    if lock is not None:
        (project / "package-lock.json").write_text(json.dumps(lock))


WANTS = {"name": "app", "dependencies": {"x": "^1.0.0"}, "scripts": {"preinstall": "touch /tmp/owned"}}
LOCK = {
    "name": "app",
    "lockfileVersion": 3,
    "packages": {
        "": {"dependencies": {"x": "^1.0.0"}},
        "node_modules/x": {"version": "1.0.0", "resolved": "https://registry.example.org/x/-/x-1.0.0.tgz"},
    },
}


def test_scripts_and_settings_of_package_json_stay_outside(tmp_path: Path) -> None:
    node(tmp_path, {**WANTS, "config": {"x": "y"}}, LOCK)
    (tmp_path / ".npmrc").write_text("script-shell=/tmp/owned\n")
    found = declared(tmp_path, "typescript")
    assert found is not None
    assert set(found.files) == {"package.json", "package-lock.json"}
    assert json.loads(found.files["package.json"]).keys() == {"name", "version", "dependencies"}
    first = found.digest
    node(tmp_path, {**WANTS, "scripts": {"test": "vitest"}, "version": "9.9.9"})
    again = declared(tmp_path, "typescript")
    assert again is not None and again.digest == first


@pytest.mark.parametrize(
    ("package", "said"),
    [
        ({"resolved": "git+ssh://git@example.org/x.git#1"}, "takes x from git"),
        ({"resolved": "file:../x"}, "takes x from file:../x"),
        ({"link": True, "resolved": "packages/x"}, "takes x from packages/x"),
    ],
)
def test_packages_that_no_registry_holds_are_refused(tmp_path: Path, package: dict[str, object], said: str) -> None:
    node(tmp_path, WANTS, {**LOCK, "packages": {"node_modules/x": package}})
    with pytest.raises(UsageError, match=said):
        declared(tmp_path, "typescript")


@pytest.mark.parametrize(
    ("manifest", "lock", "said"),
    [
        (WANTS, None, "has no package-lock.json"),
        (WANTS, {"lockfileVersion": 1, "dependencies": {}}, "npm 6 wrote"),
        ({**WANTS, "workspaces": ["a"]}, LOCK, "workspaces"),
        ([], None, "holds no JSON object"),
    ],
)
def test_node_projects_that_cannot_be_pinned_are_told_why(
    tmp_path: Path, manifest: object, lock: object, said: str
) -> None:
    node(tmp_path, manifest, lock)
    with pytest.raises(UsageError, match=said):
        declared(tmp_path, "typescript")
