"""Other expected values in C# tests: what is altered, and who is found out by it."""

from __future__ import annotations

import asyncio

import pytest

from sandbox.control import alter, confirmed
from sandbox.control_dotnet import alter_file
from sandbox.model import BoxFile, BoxRequest, ExecutionResult
from tests.support.boxes import DOTNET_LIMITS, Boxes


@pytest.mark.parametrize(
    "statement",
    [
        "Assert.Equal(5, Add(2, 3));",
        "Assert.Equal(-5L, Add(2, 3));",
        "Assert.Equal((object)(5), Add(2, 3));",
        'Assert.Equal("five", Name(5));',
        "Assert.Equal('x', Letter());",
        "Assert.Equal(2.5, Half(5), 3);",
        "Assert.True(Add(2, 3) == 5);",
        "Assert.Equal(new[] { 1, 2 }, All());",
        'Assert.Equal(new List<string> { "a", "b" }, All());',
        "Assert.AreEqual(5, Add(2, 3));",
        "Assert.That(Add(2, 3), Is.EqualTo(5));",
        "await Assert.Equal(true, Later());",
        "var actual = Add(2, 3); var expected = 5; Assert.Equal(expected, actual);",
    ],
)
def test_the_literal_of_an_assertion_is_altered_and_nothing_else(statement: str) -> None:
    text = f"namespace N {{ public class C {{ [Fact] public async Task T() {{ {statement} }} }} }}"
    altered, tests = alter_file(text.encode())
    assert tests == ["N.C.T"] and altered != text.encode()
    assert altered.decode().partition("T() {")[0] == text.partition("T() {")[0]
    assert len(altered.decode().split(",")) == len(text.split(","))


@pytest.mark.parametrize(
    "body",
    [
        "{ if (Odd()) { return; } Assert.Equal(5, Add(2, 3)); }",
        "{ Assert.Equal(Five(), Add(2, 3)); }",
        "{ Assert.Throws<ArgumentException>(() => Add(2, 3)); }",
        "{ var five = 5; Assert.NotNull(five); }",
        "{ Assert.Equal(5, 5); }",
        "{ var five = 5; five = Add(2, 3); Assert.Equal(five, Add(2, 3)); }",
    ],
)
def test_what_a_passing_run_need_not_have_compared_is_left_alone(body: str) -> None:
    text = f"public class C {{ [Fact] public void T() {body} }}"
    assert alter_file(text.encode()) == (text.encode(), [])


@pytest.mark.parametrize("expected", ["sum", "(object)sum"])
def test_of_rows_the_expected_argument_is_altered(expected: str) -> None:
    rows = "[Theory] [InlineData(1, 2, 3)] [InlineData(4, 5, 9)]"
    text = f"class C {{ {rows} public void T(int a, int b, int sum) => Assert.Equal({expected}, Add(a, b)); }}"
    altered, tests = alter_file(text.encode())
    assert tests == ["C.T"]
    assert b"InlineData(1, 2, 3)" not in altered and altered.count(b"InlineData(1, 2, ") == 1
    assert b"InlineData(4, 5, 9)" not in altered and altered.count(b"InlineData(4, 5, ") == 1


def test_namespaces_of_a_whole_file_are_part_of_the_name() -> None:
    assert alter_file(b"namespace A.B; class C { [Fact] public void T() { Assert.Equal(1, One()); } }")[1] == [
        "A.B.C.T"
    ]


def test_a_file_that_does_not_parse_is_left_as_it_is() -> None:
    assert alter_file(b"class { [Fact") == (b"class { [Fact", [])


READER = """
using System.IO;
using System.Text.RegularExpressions;
namespace Shop
{
    public static class Calc
    {
        public static int Add(int a, int b) => int.Parse(
            Regex.Match(File.ReadAllText("T.cs"), @"Equal\\((\\d+)").Groups[1].Value);
    }
}
"""
TESTS = "using Xunit; public class T { [Fact] public void Adds() => Assert.Equal(5, Shop.Calc.Add(2, 3)); }"


@pytest.mark.parametrize(
    ("solution", "verdict"),
    [
        (READER, "forged"),
        ("namespace Shop { public static class Calc { public static int Add(int a, int b) => a + b; } }", "passed"),
    ],
)
def test_who_reads_the_expected_value_is_found_out_and_who_knows_it_is_not(
    dotnet: Boxes, solution: str, verdict: str
) -> None:
    files, pristine = (BoxFile("Solution.cs", solution.encode()),), (BoxFile("T.cs", TESTS.encode()),)
    request = BoxRequest("tests", files, pristine, limits=DOTNET_LIMITS, language="dotnet")

    async def run(each: BoxRequest) -> ExecutionResult:
        return await asyncio.to_thread(dotnet.run, each)

    first = dotnet.run(request)
    assert first.ok
    assert asyncio.run(confirmed(request, first, run)).verdict == verdict
    assert alter(request)[1] == {"T.cs::T.Adds"}
