"""The one typed schema of every setting: default, meaning, limits.

The loader (`config.loader`) fills it from defaults, the user's file, the project's file, the environment
and the command line, and remembers where each value came from. For every limit, 0 means "off".
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

# The upper ends keep micro-dollars and milliseconds far from the 64-bit limit of the database.
Usd = Annotated[float, Field(ge=0, le=1_000_000)]
Seconds = Annotated[float, Field(ge=0, le=31_536_000)]
Count = Annotated[int, Field(ge=0, le=1_000_000_000)]


class Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True, allow_inf_nan=False)


class ModelSettings(Section):
    profile: str = "auto"
    """Model profile from models.yaml; `auto` takes the first whose key is in the environment."""
    model: str = ""
    """One model for every phase (LiteLLM name, such as `openai/gpt-5-mini`); empty: the profile's own choice."""
    base_url: str = ""
    """Address of an OpenAI-compatible server (Ollama, llama.cpp, vLLM); empty: the provider's own."""
    input_usd_per_mtok: float = Field(default=-1, ge=-1)
    """Price of a million input tokens for `model` when no price table knows it; -1: unknown, so refused."""
    output_usd_per_mtok: float = Field(default=-1, ge=-1)
    """Price of a million output tokens for `model` when no price table knows it; -1: unknown, so refused."""
    max_output_tokens: Count = 8192
    """Most tokens one answer may have; its cost is reserved before the call."""
    call_timeout_s: Seconds = 180
    """Longest wait for one model call, retries included."""
    requests_per_minute: Count = 60
    """Most requests to one model in any 60 seconds."""
    tokens_per_minute: Count = 400_000
    """Most tokens (prompt and requested answer) to one model in any 60 seconds."""


class BudgetSettings(Section):
    run_usd: Usd = 0.50
    """Most one run may spend."""
    day_usd: Usd = 10.0
    """Most all runs of this user may spend in one UTC day."""
    month_usd: Usd = 100.0
    """Most all runs of this user may spend in one UTC month."""


class LimitSettings(Section):
    max_phase_retries: Count = 3
    """How often a phase may try again; failed verification goes back to the implementer this often."""
    max_total_errors: Count = 5
    """Errors of all kinds in one run before it is stopped."""
    cost_limit_per_task: Usd = 0.50
    """USD one task may cost, over all its runs and resumes."""
    hallucination_threshold: float = Field(default=0.3, ge=0, le=1)
    """Share of confirmed made-up references, of all checked, above which the attempt is not run but escalated."""
    wall_clock_s: Seconds = 1800
    """Longest a run may work, waiting for people not counted."""
    same_failure_limit: Count = 2
    """The same failure, or the same answer, this often in a row is no progress."""
    escalate_deadline_s: Seconds = 600
    """How long an escalation waits for a person; headless runs take the default answer (stop) at once."""
    mutants: Count = 6
    """Mutants of the new code that the new tests are run against."""


class SandboxSettings(Section):
    backend: Literal["auto", "docker", "bubblewrap"] = "auto"
    """Isolation backend; `auto` takes Docker if its daemon answers and the image is there, else bubblewrap."""
    docker_runtime: str = ""
    """OCI runtime for Docker, such as `runsc` (gVisor); empty: the daemon's default."""
    timeout_s: Seconds = 120
    """Longest one sandbox run may take."""
    memory_mb: Count = 1024
    """Memory limit of one sandbox run."""
    pids: Count = 128
    """Processes and threads of one sandbox run."""
    cpus: float = Field(default=2, gt=0)
    """CPU cores one sandbox run may use."""
    disk_mb: Count = 256
    """Size of the writable folders of one sandbox run."""
    output_kb: Count = 1024
    """Captured output of one sandbox run; more ends it."""
    python: str = ""
    """A virtual environment whose packages the sandbox may read; empty: the project's layer, else its `.venv`."""
    packages: str = ""
    """Further packages for every project's layer, separated by commas, such as `numpy,pandas,hypothesis`."""


class ContextSettings(Section):
    repo_map_tokens: Count = 2000
    """Token budget of the repository map in a prompt."""
    file_tokens: Count = 16_000
    """Token budget of file contents in one prompt."""
    max_file_kb: Count = 256
    """Larger files are listed, never read."""
    max_rounds: Count = 3
    """How often one agent may ask for more context before it must answer."""
    agents_md_kb: Count = 32
    """Most of the AGENTS.md chain that enters a prompt."""


class DeliverySettings(Section):
    commit: bool = True
    """Commit delivered files when none of them had uncommitted changes."""


class Settings(Section):
    """All settings of one run; stored with it, so that a resumed run works under the rules it began with."""

    models: ModelSettings = ModelSettings()
    budgets: BudgetSettings = BudgetSettings()
    limits: LimitSettings = LimitSettings()
    sandbox: SandboxSettings = SandboxSettings()
    context: ContextSettings = ContextSettings()
    delivery: DeliverySettings = DeliverySettings()
