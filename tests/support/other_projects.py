"""Small real repositories in TypeScript with React and in C#, a request for each, and what a learning model answers."""

from __future__ import annotations

import json
import subprocess
import sys
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from config.errors import SandboxUnavailable
from sandbox.toolchains import store
from sandbox.toolchains.recipe import ToolchainLanguage
from tests.support.nexus import DEADLINE_S, Finished
from tests.support.project import MESSAGE, REVIEW, git


@dataclass(frozen=True)
class Sample:
    """A repository and one request to it, whose first answer is wrong."""

    language: ToolchainLanguage
    files: Mapping[str, str]
    request: str
    requirements: tuple[str, ...]
    example: tuple[str, str]
    wrong: str
    mend: str
    hollow: str
    """Tests that pass on code that does nothing."""
    tests: str
    refused: tuple[str, ...]
    """Of each verdict that is not `verified`, words of its reason."""
    delivered: tuple[str, ...]

    @property
    def script(self) -> dict[str, Any]:
        analysis = {
            "summary": self.request,
            "requirements": list(self.requirements),
            "acceptance": [{"given": self.example[0], "expect": self.example[1]}],
            "complexity": "simple",
        }
        answers = {
            "analyst": [json.dumps(analysis)],
            "implementer": [self.wrong, self.mend],
            "tester": [self.hollow, self.tests],
        }
        return {"answers": {**answers, "reviewer": [REVIEW], "integrator": [MESSAGE]}}

    def make(self, folder: Path) -> Path:
        """The repository, committed on `main`."""
        for name, text in self.files.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        git(folder, "init", "-q", "-b", "main")
        git(folder, "add", "-A")
        git(folder, "commit", "-q", "-m", "A small shop")
        return folder


def need_toolchain(language: ToolchainLanguage) -> None:
    """Skip, and warn, where the toolchain is not built."""
    try:
        store.find(language, Path("/nonexistent"))
    except SandboxUnavailable as problem:
        reason = f"{language.upper()} IS NOT TESTED HERE: {problem}"
        warnings.warn(reason, stacklevel=2)
        pytest.skip(reason)


def nexus_without_toolchains(args: Sequence[str], cwd: Path, env: Mapping[str, str]) -> Finished:
    """Run `nexus` as on a machine where no toolchain was built."""
    code = (
        "import sys\nfrom sandbox.folder_store import FolderStore\nFolderStore.find = lambda *_: None\n"
        "from app.cli import main\nsys.exit(main())"
    )
    command = [sys.executable, "-P", "-c", code, *args]
    done = subprocess.run(command, cwd=cwd, env=dict(env), capture_output=True, timeout=DEADLINE_S, check=False)
    return Finished(done.returncode, done.stdout.decode(), done.stderr.decode())


REACT = Sample(
    language="typescript",
    files={
        "package.json": json.dumps(
            {
                "name": "shop",
                "private": True,
                "type": "module",
                "scripts": {"test": "vitest run"},
                "dependencies": {"react": "^19.0.0", "react-dom": "^19.0.0"},
                "devDependencies": {"vitest": "^4.0.0", "@testing-library/react": "^16.0.0"},
            },
            indent=2,
        ),
        "tsconfig.json": json.dumps(
            {
                "compilerOptions": {
                    "target": "ES2022",
                    "module": "ESNext",
                    "moduleResolution": "bundler",
                    "jsx": "react-jsx",
                    "strict": True,
                    "noUnusedLocals": True,
                    "noUnusedParameters": True,
                    "skipLibCheck": True,
                },
                "include": ["src"],
            },
            indent=2,
        ),
        "src/Cart.tsx": """\
export interface Line {
  name: string;
  cents: number;
  count: number;
}

export function Cart({ lines }: { lines: Line[] }) {
  return (
    <ul>
      {lines.map((line) => (
        <li key={line.name}>{line.name}</li>
      ))}
    </ul>
  );
}
""",
        "src/Cart.test.tsx": """\
import { render, screen } from "@testing-library/react";
import { expect, it } from "vitest";
import { Cart } from "./Cart";

it("lists what is in it", () => {
  render(<Cart lines={[{ name: "Tea", cents: 250, count: 2 }]} />);
  expect(screen.getByRole("listitem").textContent).toBe("Tea");
});
""",
    },
    request="The React cart has to say what it costs: prices times counts, in euros, and that it is empty when it is.",
    requirements=("The cart shows its total in euros with two digits.", "An empty cart says so, and shows no total."),
    example=("<Cart lines={[{ name: 'Tea', cents: 250, count: 2 }]} />", "Total: 5.00 €"),
    wrong="""Show the total.

### src/Cart.tsx
```tsx
<<<<<<< SEARCH
export function Cart({ lines }: { lines: Line[] }) {
  return (
    <ul>
      {lines.map((line) => (
        <li key={line.name}>{line.name}</li>
      ))}
    </ul>
  );
}
=======
export function total(lines: Line[]): number {
  return lines.reduce((sum, line) => sum + line.cents, 0);
}

export function Cart({ lines }: { lines: Line[] }) {
  if (lines.length === 0) {
    return <p>Your cart is empty.</p>;
  }
  return (
    <>
      <ul>
        {lines.map((line) => (
          <li key={line.name}>{line.name}</li>
        ))}
      </ul>
      <p role="status">Total: {(total(lines) / 100).toFixed(2)} €</p>
    </>
  );
}
>>>>>>> REPLACE
```
""",
    mend="""Count every piece.

### src/Cart.tsx
```tsx
<<<<<<< SEARCH
  return lines.reduce((sum, line) => sum + line.cents, 0);
=======
  return lines.reduce((sum, line) => sum + line.cents * line.count, 0);
>>>>>>> REPLACE
```
""",
    hollow="""Tests of the total.

### src/CartTotal.test.tsx
```tsx
import { render } from "@testing-library/react";
import { expect, it } from "vitest";
import { Cart, total } from "./Cart";

it("has a total", () => {
  total([]);
  expect(render(<Cart lines={[]} />)).toBeDefined();
});
```
""",
    tests="""Tests of the total.

### src/CartTotal.test.tsx
```tsx
import { render, screen } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import { Cart, total } from "./Cart";

const LINES = [
  { name: "Tea", cents: 250, count: 2 },
  { name: "Milk", cents: 99, count: 1 },
];

describe("total", () => {
  it("counts every piece", () => {
    expect(total(LINES)).toBe(599);
  });
  it("is nothing for nothing", () => {
    expect(total([])).toBe(0);
  });
});

describe("Cart", () => {
  it("says what it costs", () => {
    render(<Cart lines={LINES} />);
    expect(screen.getByRole("status").textContent).toBe("Total: 5.99 €");
  });
  it("says that it is empty", () => {
    render(<Cart lines={[]} />);
    expect(screen.getByText("Your cart is empty.")).toBeDefined();
    expect(screen.queryByRole("status")).toBeNull();
  });
});
```
""",
    refused=("passes without the change", "of 5 tests fail"),
    delivered=("src/Cart.tsx", "src/CartTotal.test.tsx"),
)

NET = Sample(
    language="dotnet",
    files={
        "src/Shop/Shop.csproj": """\
<Project Sdk="Microsoft.NET.Sdk">
  <PropertyGroup>
    <TargetFramework>netcoreapp3.1</TargetFramework>
    <Nullable>enable</Nullable>
  </PropertyGroup>
</Project>
""",
        "src/Shop/Cart.cs": """\
using System.Collections.Generic;
using System.Linq;

namespace Shop
{
    public class Cart
    {
        private readonly List<int> _prices = new List<int>();

        public void Add(int cents) => _prices.Add(cents);

        public int Total() => _prices.Sum();
    }
}
""",
        "tests/Shop.Tests/Shop.Tests.csproj": """\
<Project Sdk="Microsoft.NET.Sdk">
  <PropertyGroup>
    <TargetFramework>netcoreapp3.1</TargetFramework>
    <Nullable>enable</Nullable>
  </PropertyGroup>
  <ItemGroup>
    <PackageReference Include="xunit" Version="2.9.3" />
    <ProjectReference Include="../../src/Shop/Shop.csproj" />
  </ItemGroup>
</Project>
""",
        "tests/Shop.Tests/CartTests.cs": """\
using Xunit;

namespace Shop.Tests
{
    public class CartTests
    {
        [Fact]
        public void AddsUp()
        {
            var cart = new Cart();
            cart.Add(100);
            cart.Add(250);
            Assert.Equal(350, cart.Total());
        }
    }
}
""",
    },
    request="Customers get discounts: offer Discounted(percent) in the cart, rounded half up, 0 to 100 percent only.",
    requirements=("Discounted(percent) is the total less percent, rounded half up.", "Other percents are refused."),
    example=("a cart of 5 cents, Discounted(10)", "5"),
    wrong="""Add Discounted().

### src/Shop/Cart.cs
```csharp
<<<<<<< SEARCH
        public int Total() => _prices.Sum();
=======
        public int Total() => _prices.Sum();

        public int Discounted(int percent)
        {
            if (percent < 0 || percent > 100)
            {
                throw new ArgumentOutOfRangeException(nameof(percent));
            }
            return Total() * (100 - percent) / 100;
        }
>>>>>>> REPLACE
```
""",
    mend="""Name the namespace, and round half up.

### src/Shop/Cart.cs
```csharp
<<<<<<< SEARCH
using System.Collections.Generic;
=======
using System;
using System.Collections.Generic;
>>>>>>> REPLACE
```

### src/Shop/Cart.cs
```csharp
<<<<<<< SEARCH
            return Total() * (100 - percent) / 100;
=======
            return (Total() * (100 - percent) + 50) / 100;
>>>>>>> REPLACE
```
""",
    hollow="""Tests of Discounted().

### tests/Shop.Tests/DiscountTests.cs
```csharp
using Xunit;

namespace Shop.Tests
{
    public class DiscountTests
    {
        [Fact]
        public void IsThere() => Assert.NotNull((object)new Cart().Discounted(10));
    }
}
```
""",
    tests="""Tests of Discounted().

### tests/Shop.Tests/DiscountTests.cs
```csharp
using System;
using Xunit;

namespace Shop.Tests
{
    public class DiscountTests
    {
        [Theory]
        [InlineData(1000, 10, 900)]
        [InlineData(5, 10, 5)]
        [InlineData(999, 0, 999)]
        [InlineData(10, 100, 0)]
        public void IsRoundedHalfUp(int cents, int percent, int left)
        {
            var cart = new Cart();
            cart.Add(cents);
            Assert.Equal(left, cart.Discounted(percent));
        }

        [Theory]
        [InlineData(-1)]
        [InlineData(101)]
        public void IsAShareOfTheWhole(int percent)
        {
            Assert.Throws<ArgumentOutOfRangeException>(() => new Cart().Discounted(percent));
        }
    }
}
```
""",
    refused=("does not compile", "passes without the change"),
    delivered=("src/Shop/Cart.cs", "tests/Shop.Tests/DiscountTests.cs"),
)
