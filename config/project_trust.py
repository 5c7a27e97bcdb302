"""What a project's own settings file may change. It comes with a repository somebody else may have written.

A key not named here is refused, so a new setting is safe until somebody decides otherwise. Money, time and safety may
only be tightened; which model and which server get the code and the key is the user's choice alone.
"""

from __future__ import annotations

from pathlib import Path

from config.keys import SettingValue, as_text

_FREE = frozenset({"context.repo_map_tokens", "context.file_tokens", "context.max_rounds", "context.agents_md_kb"})

_LOWER_ONLY = frozenset(
    {
        "models.max_output_tokens",
        "models.call_timeout_s",
        "models.requests_per_minute",
        "models.tokens_per_minute",
        "budgets.run_usd",
        "budgets.day_usd",
        "budgets.month_usd",
        "limits.max_phase_retries",
        "limits.max_total_errors",
        "limits.cost_limit_per_task",
        "limits.hallucination_threshold",
        "limits.wall_clock_s",
        "limits.same_failure_limit",
        "limits.escalate_deadline_s",
        "sandbox.timeout_s",
        "sandbox.memory_mb",
        "sandbox.pids",
        "sandbox.cpus",
        "sandbox.disk_mb",
        "sandbox.output_kb",
        "context.max_file_kb",
        "delivery.commit",
    }
)
_HIGHER_ONLY = frozenset({"limits.mutants"})


def refusal(key: str, value: SettingValue, current: SettingValue, project: Path) -> str:
    """Why a project's file may not set `key` to `value` over `current`; empty when it may."""
    if key in _FREE or value == current:
        return ""
    if key == "sandbox.python":
        return "" if _inside(str(value), project) else "it may only name a folder inside the project"
    if key in _LOWER_ONLY:
        return (
            "" if _strictness(value) >= _strictness(current) else f"it may only be tightened (now {as_text(current)})"
        )
    if key in _HIGHER_ONLY:
        return "" if float(value) >= float(current) else f"it may only be raised (now {as_text(current)})"
    return "only you may set it"


def who_may_set(key: str) -> str:
    """Who may set a key, in words."""
    if key in _FREE:
        return "you and the project"
    if key in _LOWER_ONLY:
        return "you, and the project if that is stricter"
    if key in _HIGHER_ONLY:
        return "you, and the project if that is higher"
    return "you, and the project within its own folder" if key == "sandbox.python" else "only you"


def may_be_set_by_project(key: str) -> bool:
    """Whether some value of this key can take effect from a project's file."""
    return key in _FREE or key in _LOWER_ONLY or key in _HIGHER_ONLY or key == "sandbox.python"


def _strictness(value: SettingValue) -> float:
    """Larger is stricter. 0 switches a limit off, so it is the least strict of all; False is stricter than True."""
    if isinstance(value, bool):
        return float(not value)
    return float("-inf") if float(value) == 0 else -float(value)


def _inside(value: str, project: Path) -> bool:
    return (project / value).resolve().is_relative_to(project.resolve())
