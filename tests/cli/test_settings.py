"""Settings: layers, origins, mistakes in words, and what a cloned repository may not do."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.errors import ConfigError, UsageError
from config.keys import all_keys, parse_value, value_of
from config.loader import load_settings
from config.project_trust import refusal
from config.setting_changes import change_setting, reset_setting
from config.settings import Settings
from config.settings_file import parse_settings, set_in_file, unset_in_file


@pytest.fixture
def home(tmp_path: Path) -> Path:
    folder = tmp_path / "home"
    folder.mkdir()
    return folder


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "project"
    (folder / ".nexus").mkdir(parents=True)
    return folder


def env_of(home: Path, **more: str) -> dict[str, str]:
    return {"NEXUS_HOME": str(home), **more}


def write_user(home: Path, text: str) -> None:
    (home / "config.yaml").write_text(text)


def write_project(project: Path, text: str) -> None:
    (project / ".nexus" / "config.yaml").write_text(text)


def test_every_layer_wins_over_the_one_before_and_the_origin_says_so(home: Path, project: Path) -> None:
    key = "limits.wall_clock_s"
    seen = []

    def look(env: dict[str, str], overrides: dict[str, str]) -> None:
        loaded = load_settings(project, env, overrides)
        seen.append((loaded.settings.limits.wall_clock_s, loaded.origins[key]))

    look(env_of(home), {})
    write_user(home, "# mine\nlimits:\n  wall_clock_s: 900\n")
    look(env_of(home), {})
    write_project(project, "limits: {wall_clock_s: 800}\n")
    look(env_of(home), {})
    env = env_of(home, NEXUS_LIMITS__WALL_CLOCK_S="700")
    look(env, {})
    look(env, {key: "600"})
    assert seen == [
        (1800, "limits.yaml"),
        (900, f"{home}/config.yaml:3"),
        (800, f"{project}/.nexus/config.yaml:1"),
        (700, "NEXUS_LIMITS__WALL_CLOCK_S"),
        (600, "command line"),
    ]


def test_packaged_limits_agree_with_the_schema(home: Path) -> None:
    assert load_settings(None, env_of(home), {}).settings == Settings()


def test_every_setting_has_a_meaning_and_a_name_in_the_environment(home: Path) -> None:
    for key in all_keys().values():
        assert key.meaning
        loaded = load_settings(None, env_of(home, **{key.env: str(key.default) or "x"}), {})
        assert loaded.origins[key.dotted] == key.env


def test_a_null_value_and_an_empty_variable_leave_the_default(home: Path) -> None:
    write_user(home, "models:\n  model: ~\n  profile:\nbudgets:\n")
    loaded = load_settings(None, env_of(home, NEXUS_MODELS__MODEL=""), {})
    assert loaded.settings == Settings()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("limits:\n  max_phase_retires: 3\n", ":2: there is no setting 'limits.max_phase_retires'. Did you mean"),
        ("sandbox:\n\n  backend: podman\n", ":3: sandbox.backend is 'podman': input should be 'auto', 'docker' or"),
        ("budgets:\n  run_usd: lots\n", ":2: budgets.run_usd is 'lots': input should be a valid number"),
        ("budgets:\n  run_usd: .inf\n", ":2: budgets.run_usd is '.inf'"),
        ("budgets:\n  run_usd: -1\n", "greater than or equal to 0"),
        ("budgets:\n  run_usd: nan\n", "finite number"),
        ("budgets:\n  day_usd: 1e300\n", "less than or equal to"),
        ("budgets: 5\n", ":1: 'budgets' is not a list of `key: value` lines"),
        ("- budgets\n", "is not a list of `key: value` lines"),
        ("just words\n", "is not a list of `key: value` lines"),
        ("budgets:\n\trun_usd: 1\n", ":2: this is not YAML"),
        ("budgets:\n  run_usd: 1\n  run_usd: 2\n", ":3: 'budgets.run_usd' is written twice"),
        ("budgets:\n  run_usd: 1\nbudgets:\n  day_usd: 2\n", ":3: section 'budgets' is written twice"),
        ("budgets:\n  run_usd: [1, 2]\n", ":2: 'budgets.run_usd' is not one plain value"),
        ("a: &x {b: 1}\nc: *x\n", "anchors"),
        ("models:\n  model: !!python/object/apply:os.system [id]\n", "not one plain value"),
        ("[" * 30_000, "nested too deeply"),
        ("models:\n  model: 1\n---\nmodels:\n  model: 2\n", "this is not YAML"),
        ("x: " + "y" * 70_000, "larger than 64 KiB"),
    ],
)
def test_a_mistake_is_named_with_its_file_and_line(home: Path, text: str, expected: str) -> None:
    write_user(home, text)
    with pytest.raises(ConfigError) as caught:
        load_settings(None, env_of(home), {})
    assert str(home / "config.yaml") in str(caught.value)
    assert expected in str(caught.value)
    assert caught.value.remedy


def test_a_bomb_of_aliases_costs_nothing() -> None:
    levels = ["a0: &a0 [x]"] + [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 40)]
    with pytest.raises(ConfigError, match="anchors"):
        parse_settings("\n".join(levels), "bomb.yaml")


def test_a_settings_file_that_is_a_pipe_or_a_folder_is_refused_without_waiting(home: Path) -> None:
    os.mkfifo(home / "config.yaml")
    with pytest.raises(ConfigError, match="not a regular file"):
        load_settings(None, env_of(home), {})
    (home / "config.yaml").unlink()
    (home / "config.yaml").mkdir()
    with pytest.raises(ConfigError, match="not a regular file"):
        load_settings(None, env_of(home), {})


def test_a_settings_file_that_is_not_utf8_is_refused(home: Path) -> None:
    (home / "config.yaml").write_bytes(b"models:\n  model: \xff\xfe\n")
    with pytest.raises(ConfigError, match=":2: this is not UTF-8"):
        load_settings(None, env_of(home), {})


@given(st.text())
def test_any_text_is_settings_or_a_clear_refusal(text: str) -> None:
    try:
        entries = parse_settings(text, "some.yaml")
    except ConfigError as error:
        assert error.message.startswith("some.yaml")
    else:
        assert all(entry.origin.startswith("some.yaml:") for entry in entries)


def test_a_mistake_in_the_environment_names_the_variable(home: Path) -> None:
    with pytest.raises(ConfigError, match=r"NEXUS_LIMITS__WALL_CLOK_S.*Did you mean limits\.wall_clock_s"):
        load_settings(None, env_of(home, NEXUS_LIMITS__WALL_CLOK_S="1"), {})


def test_a_mistake_on_the_command_line_is_a_usage_error(home: Path) -> None:
    with pytest.raises(UsageError, match=r"Did you mean sandbox\.memory_mb"):
        load_settings(None, env_of(home), {"sandbox.memory": "1"})


# --- the project's file is untrusted ---


@pytest.mark.parametrize(
    ("line", "key"),
    [
        ("budgets: {run_usd: 50}", "budgets.run_usd"),
        ("budgets: {day_usd: 0}", "budgets.day_usd"),
        ("limits: {cost_limit_per_task: 0}", "limits.cost_limit_per_task"),
        ("limits: {max_phase_retries: 100}", "limits.max_phase_retries"),
        ("limits: {hallucination_threshold: 1}", "limits.hallucination_threshold"),
        ("limits: {mutants: 0}", "limits.mutants"),
        ("models: {base_url: 'https://collector.example/v1'}", "models.base_url"),
        ("models: {profile: custom}", "models.profile"),
        ("models: {model: 'openai/gpt-9'}", "models.model"),
        ("models: {output_usd_per_mtok: 0}", "models.output_usd_per_mtok"),
        ("sandbox: {backend: docker}", "sandbox.backend"),
        ("sandbox: {docker_runtime: runc}", "sandbox.docker_runtime"),
        ("sandbox: {memory_mb: 999999}", "sandbox.memory_mb"),
        ("sandbox: {python: /usr}", "sandbox.python"),
        ("sandbox: {python: ../other/.venv}", "sandbox.python"),
    ],
)
def test_a_project_cannot_loosen_money_or_safety(home: Path, project: Path, line: str, key: str) -> None:
    write_project(project, line)
    loaded = load_settings(project, env_of(home), {})
    assert loaded.settings == Settings()
    assert len(loaded.warnings) == 1
    assert f"config.yaml:1: {key} was ignored" in loaded.warnings[0]
    assert f"nexus config set {key}" in loaded.warnings[0]


def test_a_project_may_tighten_and_choose_its_context(home: Path, project: Path) -> None:
    write_project(project, "budgets: {run_usd: 0.1}\nlimits: {mutants: 9}\ncontext: {file_tokens: 20000}\n")
    loaded = load_settings(project, env_of(home), {})
    assert (loaded.settings.budgets.run_usd, loaded.settings.limits.mutants) == (0.1, 9)
    assert loaded.settings.context.file_tokens == 20_000
    assert loaded.warnings == ()


def test_a_project_cannot_loosen_what_the_user_tightened(home: Path, project: Path) -> None:
    write_user(home, "budgets: {run_usd: 0.05}\ndelivery: {commit: false}\n")
    write_project(project, "budgets: {run_usd: 0.2}\ndelivery: {commit: true}\n")
    loaded = load_settings(project, env_of(home), {})
    assert (loaded.settings.budgets.run_usd, loaded.settings.delivery.commit) == (0.05, False)
    assert len(loaded.warnings) == 2


def test_a_project_may_limit_what_the_user_left_open(home: Path, project: Path) -> None:
    write_user(home, "budgets: {run_usd: 0}\n")
    write_project(project, "budgets: {run_usd: 5}\n")
    assert load_settings(project, env_of(home), {}).settings.budgets.run_usd == 5


_LIMITS = (
    "budgets.run_usd",
    "budgets.day_usd",
    "budgets.month_usd",
    "limits.cost_limit_per_task",
    "limits.wall_clock_s",
    "sandbox.timeout_s",
    "sandbox.pids",
    "models.call_timeout_s",
)


@given(st.sampled_from(_LIMITS), st.integers(0, 10**6), st.integers(0, 10**6))
def test_an_accepted_project_limit_is_never_looser(key: str, ours: int, theirs: int) -> None:
    def reach(limit: int) -> float:
        return limit or float("inf")

    accepted = refusal(key, theirs, ours, Path("/p")) == ""
    assert accepted == (reach(theirs) <= reach(ours))


def test_a_setting_nobody_classified_is_refused() -> None:
    assert refusal("models.brand_new", "x", "y", Path("/p")) == "only you may set it"


def test_the_projects_own_virtual_environment_is_accepted_unless_it_leads_out(home: Path, project: Path) -> None:
    write_project(project, "sandbox: {python: .venv}\n")
    assert load_settings(project, env_of(home), {}).settings.sandbox.python == str(project / ".venv")
    (project / ".venv").symlink_to("/usr")
    assert load_settings(project, env_of(home), {}).settings.sandbox.python == ""


def test_a_project_file_that_is_a_link_is_refused(home: Path, project: Path) -> None:
    (project / ".nexus" / "config.yaml").symlink_to("/etc/hostname")
    with pytest.raises(ConfigError, match="is a link"):
        load_settings(project, env_of(home), {})


def test_the_file_at_the_root_of_the_repository_counts_in_its_folders(home: Path, project: Path) -> None:
    write_project(project, "limits: {wall_clock_s: 60}\n")
    inner = project / "src" / "deep"
    inner.mkdir(parents=True)
    assert load_settings(inner, env_of(home), {}).settings.limits.wall_clock_s == 1800
    (project / ".git").mkdir()
    assert load_settings(inner, env_of(home), {}).settings.limits.wall_clock_s == 60


# --- changing a file ---


def test_setting_a_key_keeps_comments_and_makes_a_private_file(tmp_path: Path) -> None:
    path = tmp_path / "new" / "config.yaml"
    set_in_file(path, "budgets.run_usd", 0.25)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    path.write_text("# top\nbudgets:  # money\n  # careful\n  run_usd: 0.25  # a quarter\n")
    set_in_file(path, "budgets.run_usd", 0.75)
    set_in_file(path, "models.model", "openai/x")
    text = path.read_text()
    for comment in ("# top", "# money", "# careful", "# a quarter"):
        assert comment in text
    assert {(entry.key, entry.text) for entry in parse_settings(text, "f")} == {
        ("budgets.run_usd", "0.75"),
        ("models.model", "openai/x"),
    }
    assert list(path.parent.iterdir()) == [path]


def test_setting_a_key_follows_a_linked_file_of_the_user(tmp_path: Path) -> None:
    real = tmp_path / "dotfiles.yaml"
    real.write_text("limits: {mutants: 1}\n")
    link = tmp_path / "config.yaml"
    link.symlink_to(real)
    set_in_file(link, "limits.mutants", 4)
    assert link.is_symlink()
    assert "mutants: 4" in real.read_text()


def test_a_broken_file_is_not_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    path.write_text("budgets: [\n")
    with pytest.raises(ConfigError):
        set_in_file(path, "limits.mutants", 4)
    assert path.read_text() == "budgets: [\n"


@given(st.sampled_from(sorted(all_keys())))
def test_a_default_survives_being_written_and_read(dotted: str) -> None:
    key = all_keys()[dotted]
    assert parse_value(dotted, str(key.default), "x") == key.default == value_of(Settings(), dotted)


# --- taking a key out of a file ---

_COMMENTED = """\
# mine
budgets:  # money
  # a run
  run_usd: 0.25  # a quarter
  # a day
  day_usd: 5

# how long
limits:
  wall_clock_s: 60
"""


def test_a_key_is_taken_out_with_its_own_line_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    path.write_text(_COMMENTED)
    path.chmod(0o640)
    assert unset_in_file(path, "budgets.run_usd")
    assert path.read_text() == _COMMENTED.replace("  run_usd: 0.25  # a quarter\n", "")
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    assert not unset_in_file(path, "budgets.run_usd"), "it is gone"


def test_a_heading_without_a_key_goes_too_unless_a_comment_needs_it(tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    path.write_text(_COMMENTED)
    unset_in_file(path, "limits.wall_clock_s")
    assert path.read_text() == _COMMENTED.replace("limits:\n  wall_clock_s: 60\n", "")
    unset_in_file(path, "budgets.run_usd")
    unset_in_file(path, "budgets.day_usd")
    assert path.read_text() == "# mine\nbudgets:  # money\n  # a run\n  # a day\n\n# how long\n"


@pytest.mark.parametrize(
    "text",
    [
        "budgets: {run_usd: 1, day_usd: 5}\n",
        "budgets: {run_usd: 1,\n  day_usd: 5}\n",
        "{budgets: {run_usd: 1, day_usd: 5}}",
        "budgets:\n  'run_usd': >-\n    1\n\n  day_usd: 5",
        "budgets:\r\n  run_usd: 1\r\n  day_usd: 5\r\n",
        "budgets:\n  ? run_usd\n  : 1\n  day_usd: 5\n",
        "budgets:\n  day_usd: 5\n  run_usd: '1'",
    ],
)
def test_however_it_is_written_only_that_key_goes(tmp_path: Path, text: str) -> None:
    path = tmp_path / "config.yaml"
    path.write_text(text, newline="")
    assert unset_in_file(path, "budgets.run_usd")
    left = path.read_text()
    assert {(entry.key, entry.text) for entry in parse_settings(left, "f")} == {("budgets.day_usd", "5")}


def test_the_last_key_of_a_file_leaves_it_readable(tmp_path: Path) -> None:
    for text in ("budgets:\n  run_usd: 1", "budgets: {run_usd: 1}\n", "{budgets: {run_usd: 1}}\n"):
        path = tmp_path / "config.yaml"
        path.write_text(text)
        assert unset_in_file(path, "budgets.run_usd")
        assert parse_settings(path.read_text(), "f") == []


def test_a_broken_file_is_not_rewritten_to_take_a_key_out(tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    path.write_text("budgets:\n  run_usd: 1\n  run_usd: 2\n")
    with pytest.raises(ConfigError, match=r"config\.yaml:3"):
        unset_in_file(path, "budgets.run_usd")
    assert path.read_text() == "budgets:\n  run_usd: 1\n  run_usd: 2\n"


def test_setting_a_key_keeps_a_file_that_is_all_comments(tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    path.write_text("# budgets:\n#   run_usd: 1\n")
    set_in_file(path, "budgets.run_usd", 2)
    assert path.read_text() == "# budgets:\n#   run_usd: 1\nbudgets:\n  run_usd: 2\n"


@given(
    st.dictionaries(st.sampled_from(sorted(all_keys())), st.integers(1, 9), min_size=1),
    st.lists(st.booleans(), min_size=40, max_size=40),
    st.data(),
)
def test_taking_out_any_key_keeps_every_other_and_every_comment(
    tmp_path_factory: pytest.TempPathFactory, values: dict[str, int], commented: list[bool], data: st.DataObject
) -> None:
    lines: list[str] = []
    for number, section in enumerate(sorted({key.partition(".")[0] for key in values})):
        lines += [f"{section}:", *(["  # about it"] if commented[number] else [])]
        for key, value in values.items():
            if key.startswith(f"{section}."):
                lines += [f"  {key.partition('.')[2]}: {value}"]
    path = tmp_path_factory.mktemp("unset") / "config.yaml"
    path.write_text("\n".join(lines) + "\n")
    gone = data.draw(st.sampled_from(sorted(values)))
    assert unset_in_file(path, gone)
    left = path.read_text()
    assert {entry.key: entry.text for entry in parse_settings(left, "f")} == {
        key: str(value) for key, value in values.items() if key != gone
    }
    assert left.count("# about it") == "\n".join(lines).count("# about it")


# --- what is said about a key ---


def test_every_key_says_what_may_be_written() -> None:
    keys = all_keys()
    assert keys["sandbox.backend"].choices == ("auto", "docker", "bubblewrap")
    assert keys["delivery.commit"].choices == ("true", "false")
    assert keys["budgets.day_usd"].bounds == "0 to 1,000,000"
    assert keys["sandbox.cpus"].bounds == "more than 0"
    assert keys["models.input_usd_per_mtok"].bounds == "at least -1"
    for key in keys.values():
        assert key.kind != "choice" or key.choices, key.dotted
        assert ("number" in key.kind) == bool(key.bounds), key.dotted


# --- changing, as the command and the terminal do it ---


def test_a_change_is_written_where_it_will_be_read(home: Path, project: Path) -> None:
    (project / ".git").mkdir()
    inner = project / "src"
    (inner / ".nexus").mkdir(parents=True)
    (inner / ".nexus" / "config.yaml").write_text("limits: {wall_clock_s: 60}\n")
    _, target = change_setting("limits.mutants", "9", "project", inner, env_of(home))
    assert target == inner / ".nexus" / "config.yaml"
    assert load_settings(inner, env_of(home), {}).settings.limits.mutants == 9
    assert reset_setting("limits.mutants", "project", inner, env_of(home)) == target
    assert reset_setting("limits.mutants", "project", inner, env_of(home)) is None
    assert load_settings(inner, env_of(home), {}).settings.limits.mutants == 6


def test_a_project_folder_that_leads_out_is_not_written_to(home: Path, project: Path, tmp_path: Path) -> None:
    (project / ".nexus").rmdir()
    outside = tmp_path / "outside"
    outside.mkdir()
    (project / ".nexus").symlink_to(outside)
    with pytest.raises(UsageError, match="is a link"):
        change_setting("limits.mutants", "9", "project", project, env_of(home))
    assert not list(outside.iterdir())
