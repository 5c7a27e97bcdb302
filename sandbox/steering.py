"""Files that steer how code is built and tests are run. They count only from the project, never from a candidate."""

from __future__ import annotations

import re
from pathlib import PurePosixPath

_NAMES = frozenset(
    {
        *("conftest.py", "pytest.ini", ".pytest.ini", "pytest.toml", ".pytest.toml"),
        *("sitecustomize.py", "usercustomize.py"),
        *("tsconfig.json", "jsconfig.json"),
        *(".npmrc", ".yarnrc", ".yarnrc.yml", ".babelrc", ".swcrc", ".pnpmfile.cjs"),
        *("directory.build.props", "directory.build.targets", "directory.build.rsp", "directory.packages.props"),
        *(".editorconfig", ".globalconfig", "nuget.config", "global.json", "msbuild.rsp", "xunit.runner.json"),
    }
)
_PATTERNS = re.compile(
    r"""(vite|vitest|jest|babel|esbuild|webpack|rollup)(\.[\w-]+)?\.config\.[cm]?[jt]s(on)?
      | (vite|vitest|jest)\.(workspace|setup|projects?)\.[cm]?[jt]s(on)?
      | .*\.(runsettings|rsp|ruleset|globalconfig)""",
    re.VERBOSE | re.IGNORECASE,
)
_BUILT = frozenset({".pth", ".pyc", ".pyo"})


def steers(path: str) -> bool:
    """Whether a file of this path changes what other files of the box do, merely by being there."""
    name = PurePosixPath(path).name
    return name.lower() in _NAMES or _PATTERNS.fullmatch(name) is not None or is_build_output(path)


def is_build_output(path: str) -> bool:
    """Compiled code beside its source, which could say something else than the source."""
    pure = PurePosixPath(path)
    return pure.suffix in _BUILT or "__pycache__" in pure.parts
