"""The one door to git: argument lists, a deadline on every call, nothing of the user's that could run or wait.

Hooks, pagers, prompts, file-system monitors and automatic clean-up are off, texts are in English so that the few
messages we act on can be recognised, and variables that would redirect git to another repository are not inherited.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from config.errors import ConfigError, UsageError

_KEPT = (
    "GIT_AUTHOR_",
    "GIT_COMMITTER_",
    "GIT_CONFIG_GLOBAL",
    "GIT_CONFIG_SYSTEM",
    "GIT_CONFIG_NOSYSTEM",
    "GIT_CEILING_DIRECTORIES",
    "GIT_EXEC_PATH",
)
_OPTIONS = (
    "--no-pager",
    "-c",
    "core.hooksPath=/dev/null",
    "-c",
    "core.fsmonitor=false",
    "-c",
    "gc.auto=0",
    "-c",
    "maintenance.auto=false",
    "-c",
    "advice.addEmbeddedRepo=false",
    "-c",
    "i18n.commitEncoding=UTF-8",
)
_UNREADABLE = re.compile(r'open\("(.+)"\): Permission denied')


class GitError(ConfigError):
    """A git command failed; `status` is its exit code (-1: it took too long) and `stderr` what it said."""

    def __init__(self, message: str, remedy: str = "", *, status: int = 0, stderr: str = "") -> None:
        super().__init__(message, remedy)
        self.status = status
        self.stderr = stderr


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    out: bytes
    err: str

    @property
    def text(self) -> str:
        """Output as text without the final newline; bytes that are not UTF-8 survive as surrogates."""
        return os.fsdecode(self.out).removesuffix("\n")


@dataclass(frozen=True, slots=True)
class Git:
    """Git in one folder, with extra environment such as GIT_DIR."""

    folder: Path
    env: Mapping[str, str] = field(default_factory=dict)

    def call(self, *args: str, stdin: bytes = b"", timeout_s: float = 60) -> Answer:
        """Run git and return whatever it answers. Raises GitError when it cannot start or passes the deadline."""
        argv = ["git", *_OPTIONS, *args]
        try:
            done = subprocess.run(
                argv,
                cwd=self.folder,
                env=_environment(self.env),
                input=stdin,
                capture_output=True,
                timeout=timeout_s,
                check=False,
                process_group=0,  # a ^C at the terminal is for us to handle, not for a half-done git
            )
        except subprocess.TimeoutExpired as error:
            raise GitError(
                f"`git {args[0]}` in {self.folder} did not end within {timeout_s:.0f} seconds.",
                "See what keeps the repository busy, then try again.",
                status=-1,
            ) from error
        except OSError as error:
            raise GitError(f"git cannot be run in {self.folder} ({error.strerror}).", "Check the folder.") from error
        return Answer(done.returncode, done.stdout, done.stderr.decode("utf-8", "replace").strip())

    def run(self, *args: str, stdin: bytes = b"", timeout_s: float = 60) -> Answer:
        """As `call`, but a failure raises GitError with git's own first line of explanation."""
        answer = self.call(*args, stdin=stdin, timeout_s=timeout_s)
        if answer.status == 0:
            return answer
        raise _explain(self.folder, args, answer)

    def text(self, *args: str, stdin: bytes = b"") -> str:
        return self.run(*args, stdin=stdin).text

    def paths(self, *args: str, stdin: bytes = b"") -> list[str]:
        """Output of a command that was given `-z`."""
        return split_z(self.run(*args, stdin=stdin).out)

    def config(self, key: str, kind: str = "") -> str:
        """A configuration value, or an empty string. `kind` is a type of `git config --type`."""
        typed = (f"--type={kind}",) if kind else ()
        return self.call("config", *typed, "--get", key).text

    def ignored(self, paths: Sequence[str]) -> frozenset[str]:
        """Those of `paths`, relative to the folder, that ignore rules cover and git does not track."""
        # This one command refuses literal path specifications; `./` keeps a name from being read as magic.
        asked = join_z([f"./{path}" for path in paths])
        answer = self.with_env(GIT_LITERAL_PATHSPECS="0").call("check-ignore", "-z", "--stdin", stdin=asked)
        if answer.status > 1:
            raise _explain(self.folder, ("check-ignore",), answer)
        return frozenset(path.removeprefix("./") for path in split_z(answer.out))

    def with_env(self, **more: str) -> Git:
        return Git(self.folder, {**self.env, **more})


@dataclass(frozen=True, slots=True)
class Repo:
    """The user's repository, seen from the project folder in it."""

    project: Path
    top: Path
    prefix: str
    """Path of the project below `top`, with a final slash; empty when they are the same."""
    git_dir: Path
    objects: Path
    index: Path
    object_format: str

    @property
    def git(self) -> Git:
        return Git(self.top)


def find_repo(project: Path) -> Repo | None:
    """The repository whose work tree holds `project`; None without git, or when the folder is ignored by it.

    Raises UsageError for a bare repository, the inside of `.git`, and a repository of another user.
    """
    if shutil.which("git") is None:
        return None
    git = Git(project)
    probe = git.call("rev-parse", "--is-inside-work-tree")
    if probe.status != 0:
        if "not a git repository" in probe.err:
            return None
        raise _explain(project, ("rev-parse",), probe)
    if probe.text != "true":
        raise UsageError(
            f"{project} is the inside of a git repository, not a work tree.",
            "Name a folder with a checkout, such as one made by `git worktree add`.",
        )
    facts = git.text(
        "rev-parse", "--path-format=absolute", "--show-toplevel", "--absolute-git-dir", "--git-path", "objects",
        "--git-path", "index", "--show-object-format", "--show-prefix",
    ).split("\n")  # fmt: skip
    if len(facts) != 6 or facts[0].startswith("--"):
        raise UsageError(
            f"git did not describe the repository of {project} in a way that can be read.",
            "Git 2.31 or newer is needed, and a path without line breaks.",
        )
    top, git_dir, objects, index, object_format, prefix = facts
    if prefix and Git(Path(top)).ignored([prefix]):
        return None
    return Repo(project, Path(top), prefix, Path(git_dir), Path(objects), Path(index), object_format)


def split_z(out: bytes) -> list[str]:
    return [os.fsdecode(item) for item in out.split(b"\0") if item]


def join_z(items: Sequence[str]) -> bytes:
    return b"".join(os.fsencode(item) + b"\0" for item in items)


def _environment(extra: Mapping[str, str]) -> dict[str, str]:
    kept = {key: value for key, value in os.environ.items() if not key.startswith("GIT_") or key.startswith(_KEPT)}
    fixed = {
        "LC_ALL": "C",
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_LITERAL_PATHSPECS": "1",
        "GIT_OPTIONAL_LOCKS": "0",
        "GIT_NO_LAZY_FETCH": "1",
        "GIT_LFS_SKIP_SMUDGE": "1",
    }
    return {**kept, **fixed, **extra}


def _explain(folder: Path, args: Sequence[str], answer: Answer) -> ConfigError | UsageError:
    if "dubious ownership" in answer.err:
        return UsageError(
            f"The git repository of {folder} belongs to another user, so git refuses to read it.",
            f"If you trust it: git config --global --add safe.directory {folder}",
        )
    if unreadable := _UNREADABLE.search(answer.err):
        return GitError(
            f"{unreadable[1]} cannot be read (Permission denied).",
            "Mend its permissions, or list it in .gitignore.",
            status=answer.status,
            stderr=answer.err,
        )
    lines = [line for line in answer.err.splitlines() if not line.startswith(("warning:", "hint:"))]
    said = lines[0].removeprefix("fatal: ").removeprefix("error: ") if lines else f"exit code {answer.status}"
    return GitError(
        f"`git {args[0]}` failed in {folder}: {said.rstrip('.')}.",
        "Run `git status` there to see what is wrong.",
        status=answer.status,
        stderr=answer.err,
    )
