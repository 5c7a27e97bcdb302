"""C# in a real box: programs, tests of three frameworks, projects, and what can be wrong with any of them."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from sandbox.model import BoxFile, BoxRequest, Limits
from tests.support.boxes import DOTNET_LIMITS, Boxes, having

CALC = "namespace Shop { public static class Calc { internal static int Add(int a, int b) => a + b; } }"
WRONG = CALC.replace("a + b", "a - b")
XUNIT = """
using System;
using System.Threading.Tasks;
using Shop;
using Xunit;
namespace Shop.Tests
{
    public class CalcTests : IDisposable
    {
        int _sum = Calc.Add(1, 1);
        public void Dispose() => _sum = 0;
        [Fact] public void Adds() => Assert.Equal(2, _sum++);
        [Theory, InlineData(1, 2, 3), InlineData(2, 2, 4)]
        public void Adds_many(int a, int b, long sum) => Assert.Equal(sum, Calc.Add(a, b));
        [Fact(Skip = "not yet")] public void Later() { }
        [Fact] public async Task Waits()
        {
            await Task.Yield();
            var error = await Assert.ThrowsAsync<ArgumentException>("x", () => throw new ArgumentException("no", "x"));
            Assert.StartsWith("no", error.Message);
        }
    }
}
"""


def outcomes(boxes: Boxes, solution: str, tests: str) -> dict[str, str]:
    result = boxes.dotnet({"Solution.cs": solution}, {"SolutionTests.cs": tests})
    assert result.complete, result.reason
    return {row.test: row.outcome for row in result.tests}


def test_a_program_of_one_file_runs_on_each_backend(boxes: Boxes) -> None:
    outcome = having(boxes, "dotnet").csharp(
        'class P { static void Main() => System.Console.Write("hello " + (1 + 1)); }'
    )
    assert (outcome.verdict, outcome.stdout) == ("passed", "hello 2")


def test_tests_pass_on_each_backend(boxes: Boxes) -> None:
    outcome = having(boxes, "dotnet").dotnet({"Solution.cs": CALC}, {"SolutionTests.cs": XUNIT})
    assert outcome.ok and outcome.passed == 4
    assert any("stand-in" in note for note in outcome.notes)


def test_each_test_has_a_row_named_by_file_class_method_and_arguments(dotnet: Boxes) -> None:
    own = "SolutionTests.cs::Shop.Tests.CalcTests."
    assert outcomes(dotnet, WRONG, XUNIT) == {
        f"{own}Adds": "failed",
        f"{own}Adds_many(1, 2, 3)": "failed",
        f"{own}Adds_many(2, 2, 4)": "failed",
        f"{own}Later": "skipped",
        f"{own}Waits": "passed",
    }


def test_a_failure_says_what_was_expected_and_where(dotnet: Boxes) -> None:
    outcome = dotnet.dotnet({"Solution.cs": WRONG}, {"SolutionTests.cs": XUNIT})
    message = next(row.message for row in outcome.tests if row.test.endswith("Adds"))
    assert "Expected: 2" in message and "Actual:   0" in message and "in SolutionTests.cs:line 12" in message


def test_nunit_and_mstest_run_as_well(dotnet: Boxes) -> None:
    tests = """
    using System; using NUnit.Framework; using Shop;
    [TestFixture] public class N
    {
        int _n;
        [SetUp] public void Set() => _n = 40;
        [Test] public void That() => Assert.That(Calc.Add(_n, 2), Is.EqualTo(42).And.GreaterThan(1));
        [TestCase(1, 2, ExpectedResult = 3)] [TestCase(1, 2, ExpectedResult = 4)]
        public int Rows(int a, int b) => Calc.Add(a, b);
        [Test] public void Near() => Assert.That(0.1 + 0.2, Is.EqualTo(0.3).Within(1e-9));
        [Test] public void Not() => Assert.That(new[] { 1 }, Is.Not.EqualTo(new[] { 1 }));
    }
    """
    assert list(outcomes(dotnet, CALC, tests).values()) == ["passed", "passed", "failed", "passed", "failed"]
    tests = """
    using System; using Microsoft.VisualStudio.TestTools.UnitTesting; using Shop;
    [TestClass] public class M
    {
        static int all; int each;
        [ClassInitialize] public static void First(TestContext context) => all = 1;
        [TestInitialize] public void Before() => each = 1;
        [TestMethod] public void Equal() => Assert.AreEqual(2, Calc.Add(all, each));
        [DataTestMethod, DataRow(1, 2)] public void Row(int a, int b) => Assert.AreEqual(4, Calc.Add(a, b));
        [TestMethod, ExpectedException(typeof(FormatException))] public void Thrown() => int.Parse("x");
    }
    """
    assert list(outcomes(dotnet, CALC, tests).values()) == ["passed", "failed", "passed"]


def test_only_selected_tests_run(dotnet: Boxes) -> None:
    name = "SolutionTests.cs::Shop.Tests.CalcTests.Adds_many"
    outcome = dotnet.dotnet({"Solution.cs": CALC}, {"SolutionTests.cs": XUNIT}, select=(name,))
    assert outcome.ok and [row.test for row in outcome.tests] == [f"{name}(1, 2, 3)", f"{name}(2, 2, 4)"]
    outcome = dotnet.dotnet({"Solution.cs": CALC}, {"SolutionTests.cs": XUNIT}, select=("Other.cs",))
    assert outcome.verdict == "no_tests"


def test_projects_are_compiled_by_their_references_and_settings(dotnet: Boxes) -> None:
    library = """<Project Sdk="Microsoft.NET.Sdk"><PropertyGroup><TargetFramework>net8.0</TargetFramework>
      <Nullable>enable</Nullable><ImplicitUsings>enable</ImplicitUsings></PropertyGroup>
      <ItemGroup><Compile Remove="Old/**" /></ItemGroup></Project>"""
    tests = """<Project Sdk="Microsoft.NET.Sdk"><ItemGroup>
      <ProjectReference Include="..\\..\\src\\Shop\\Shop.csproj" /></ItemGroup></Project>"""
    files = {
        "src/Shop/Shop.csproj": library,
        "src/Shop/Calc.cs": "namespace Shop { public class Calc { public static int Sum(List<int> a) => a.Sum(); } }",
        "src/Shop/Old/Broken.cs": "this is no C#",
        "tests/Shop.Tests/Shop.Tests.csproj": tests,
    }
    test = (
        "using Xunit; using System.Collections.Generic; namespace T { public class C { [Fact] public void Sums() => "
        "Assert.Equal(3, Shop.Calc.Sum(new List<int> { 1, 2 })); } }"
    )
    outcome = dotnet.dotnet(files, {"tests/Shop.Tests/C.cs": test})
    assert outcome.ok and outcome.tests[0].test == "tests/Shop.Tests/C.cs::T.C.Sums"
    assert any("Shop targets net8.0" in note for note in outcome.notes)


@pytest.mark.parametrize(
    ("code", "verdict", "words"),
    [
        ("class P { static void Main() { int x = ; } }", "compile_error", "Program.cs(1): error CS1525"),
        ("class P { static void Main() { new Missing(); } }", "compile_error", "CS0246"),
        (b"class P { static void Main() { } } // \xff\xfe", "compile_error", "not valid UTF-8"),
        ("", "compile_error", "CS5001"),
        ('class P { static void Main() => throw new System.Exception("oh"); }', "runtime_error", "Exception: oh"),
        ("class P { static int Main() => 3; }", "runtime_error", "Main returned 3"),
        ("class P { static void Main() => System.Environment.Exit(4); }", "runtime_error", "status 4"),
        ("class P { static void Main() => System.Environment.Exit(0); }", "passed", ""),
        (
            "class P { static void Main() => new System.Threading.Thread(() => int.Parse(null)).Start(); }",
            "runtime_error",
            "ArgumentNullException",
        ),
    ],
)
def test_a_program_that_is_wrong_gets_the_verdict_it_deserves(
    dotnet: Boxes, code: str | bytes, verdict: str, words: str
) -> None:
    outcome = dotnet.csharp(code)
    assert outcome.verdict == verdict
    assert words in outcome.reason


def test_limits_are_verdicts_of_their_own(dotnet: Boxes) -> None:
    loop = dotnet.csharp("class P { static void Main() { while (true) { } } }", Limits(timeout_s=4))
    assert (loop.verdict, loop.limit_hit) == ("timeout", "time")
    big = dotnet.csharp(
        "class P { static void Main() { var all = new System.Collections.Generic.List<byte[]>(); "
        "while (true) { all.Add(new byte[1 << 20]); } } }"
    )
    assert (big.verdict, big.limit_hit) == ("oom", "memory")
    loud = dotnet.csharp(
        'class P { static void Main() { while (true) { System.Console.Write("xxxxxxxxxxxxxxxx"); } } }'
    )
    assert (loud.verdict, loud.limit_hit) == ("output_limit", "output")


def test_a_project_without_tests_or_with_a_failing_build_says_so(dotnet: Boxes) -> None:
    assert dotnet.dotnet({"Solution.cs": CALC}, {}).verdict == "no_tests"
    outcome = dotnet.dotnet({"Solution.cs": CALC.replace("int a", "Gone a")}, {"SolutionTests.cs": XUNIT})
    assert outcome.verdict == "compile_error" and outcome.tests[0].test == "Solution.cs"
    outcome = dotnet.dotnet({"Solution.cs": "class Other { }"}, {"SolutionTests.cs": XUNIT})
    assert outcome.verdict == "compile_error" and outcome.tests[0].test == "SolutionTests.cs"
    outcome = dotnet.dotnet({"Solution.cs": CALC, "Bad.cs": "// \udcff"}, {"SolutionTests.cs": XUNIT})
    assert outcome.verdict == "compile_error" and "UTF-8" in outcome.tests[0].message


def test_an_async_test_that_nobody_can_wait_for_does_not_pass(dotnet: Boxes) -> None:
    body = "{ await System.Threading.Tasks.Task.Delay(9); }"
    tests = f"using Xunit; public class C {{ [Fact] public async void Never() {body} }}"
    assert outcomes(dotnet, CALC, tests) == {"SolutionTests.cs::C.Never": "error"}


def test_the_probe_tells_which_compiler_and_runtime_the_box_has(dotnet: Boxes) -> None:
    outcome = dotnet.run(BoxRequest("probe", limits=DOTNET_LIMITS, language="dotnet"))
    found = json.loads(outcome.stdout)
    assert outcome.ok and set(found) == {"sdk", "runtime", "language"} and float(found["language"]) >= 8


def test_the_same_run_twice_says_the_same(dotnet: Boxes) -> None:
    request = BoxRequest(
        "tests",
        (BoxFile("Solution.cs", WRONG.encode()),),
        (BoxFile("SolutionTests.cs", XUNIT.encode()),),
        limits=DOTNET_LIMITS,
        language="dotnet",
    )
    first, second = ([replace(row, duration_ms=0) for row in dotnet.run(request).tests] for _ in range(2))
    assert first == second
