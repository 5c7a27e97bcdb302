using System;
using System.Collections;
using System.Collections.Generic;
using System.Linq;
using System.Reflection;
using Nexus.Testing;

namespace NUnit.Framework
{
    [AttributeUsage(AttributeTargets.Method)]
    public sealed class TestAttribute : Attribute, ITestMark
    {
        public string? Description { get; set; }
        string ITestMark.SkipReason => "";
    }

    [AttributeUsage(AttributeTargets.Class, AllowMultiple = true)]
    public sealed class TestFixtureAttribute : Attribute
    {
    }

    [AttributeUsage(AttributeTargets.Method | AttributeTargets.Class)]
    public sealed class IgnoreAttribute : Attribute, ITestMark
    {
        private readonly string _reason;

        public IgnoreAttribute(string reason) => _reason = reason;

        string ITestMark.SkipReason => _reason.Length > 0 ? _reason : "ignored";
    }

    [AttributeUsage(AttributeTargets.Method | AttributeTargets.Class, AllowMultiple = true)]
    public sealed class CategoryAttribute : Attribute
    {
        public CategoryAttribute(string name)
        {
        }
    }

    [AttributeUsage(AttributeTargets.Method, AllowMultiple = true)]
    public sealed class TestCaseAttribute : Attribute, IRowSource
    {
        private readonly object?[] _arguments;
        private object? _expected;
        private bool _isExpected;

        public TestCaseAttribute(params object?[]? arguments) => _arguments = arguments ?? new object?[] { null };

        public object? ExpectedResult
        {
            get => _expected;
            set
            {
                _expected = value;
                _isExpected = true;
            }
        }

        public string? TestName { get; set; }

        public string? Ignore { get; set; }

        IEnumerable<Row> IRowSource.Rows(MethodInfo method) => new[]
        {
            new Row
            {
                Arguments = _arguments, HasExpectedResult = _isExpected, ExpectedResult = _expected, SkipReason = Ignore ?? "",
            },
        };
    }

    [AttributeUsage(AttributeTargets.Method, AllowMultiple = true)]
    public sealed class TestCaseSourceAttribute : Attribute, IRowSource
    {
        private readonly Type? _type;
        private readonly string _name;

        public TestCaseSourceAttribute(string sourceName) => _name = sourceName;

        public TestCaseSourceAttribute(Type sourceType, string sourceName)
        {
            _type = sourceType;
            _name = sourceName;
        }

        IEnumerable<Row> IRowSource.Rows(MethodInfo method)
        {
            var rows = (IEnumerable)MemberRows.Of(_type ?? method.ReflectedType!, _name, Array.Empty<object?>())!;
            return rows.Cast<object?>().Select(row => row is TestCaseData data
                ? data.Row
                : new Row { Arguments = row as object?[] ?? new[] { row } });
        }
    }

    public sealed class TestCaseData
    {
        internal readonly Row Row;

        public TestCaseData(params object?[] args) => Row = new Row { Arguments = args };

        public TestCaseData Returns(object? result)
        {
            Row.HasExpectedResult = true;
            Row.ExpectedResult = result;
            return this;
        }

        public TestCaseData SetName(string name) => this;
    }

    [AttributeUsage(AttributeTargets.Method)]
    public sealed class SetUpAttribute : Attribute, IPhaseMark
    {
        Phase IPhaseMark.Phase => Phase.BeforeEach;
    }

    [AttributeUsage(AttributeTargets.Method)]
    public sealed class TearDownAttribute : Attribute, IPhaseMark
    {
        Phase IPhaseMark.Phase => Phase.AfterEach;
    }

    [AttributeUsage(AttributeTargets.Method)]
    public sealed class OneTimeSetUpAttribute : Attribute, IPhaseMark
    {
        Phase IPhaseMark.Phase => Phase.BeforeAll;
    }

    [AttributeUsage(AttributeTargets.Method)]
    public sealed class OneTimeTearDownAttribute : Attribute, IPhaseMark
    {
        Phase IPhaseMark.Phase => Phase.AfterAll;
    }

    public class AssertionException : Exception
    {
        public AssertionException(string message) : base(message)
        {
        }
    }

    public sealed class IgnoreException : SkipException
    {
        public IgnoreException(string message) : base(message)
        {
        }
    }
}
