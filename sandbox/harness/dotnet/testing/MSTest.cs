using System;
using System.Collections;
using System.Collections.Generic;
using System.Linq;
using System.Reflection;
using System.Threading.Tasks;
using Nexus.Testing;

namespace Microsoft.VisualStudio.TestTools.UnitTesting
{
    [AttributeUsage(AttributeTargets.Class)]
    public sealed class TestClassAttribute : Attribute
    {
    }

    [AttributeUsage(AttributeTargets.Method)]
    public class TestMethodAttribute : Attribute, ITestMark
    {
        public TestMethodAttribute(string? displayName = null)
        {
        }

        string ITestMark.SkipReason => "";
    }

    public sealed class DataTestMethodAttribute : TestMethodAttribute
    {
    }

    [AttributeUsage(AttributeTargets.Method | AttributeTargets.Class)]
    public sealed class IgnoreAttribute : Attribute, ITestMark
    {
        private readonly string _reason;

        public IgnoreAttribute(string reason = "ignored") => _reason = reason;

        string ITestMark.SkipReason => _reason;
    }

    [AttributeUsage(AttributeTargets.Method, AllowMultiple = true)]
    public sealed class DataRowAttribute : Attribute, IRowSource
    {
        private readonly object?[] _data;

        public DataRowAttribute(params object?[]? data) => _data = data ?? new object?[] { null };

        public string? DisplayName { get; set; }

        IEnumerable<Row> IRowSource.Rows(MethodInfo method) => new[] { new Row { Arguments = _data } };
    }

    public enum DynamicDataSourceType
    {
        Property,
        Method,
    }

    [AttributeUsage(AttributeTargets.Method, AllowMultiple = true)]
    public sealed class DynamicDataAttribute : Attribute, IRowSource
    {
        private readonly string _name;

        public DynamicDataAttribute(string name, DynamicDataSourceType type = DynamicDataSourceType.Property) => _name = name;

        IEnumerable<Row> IRowSource.Rows(MethodInfo method) =>
            Xunit.Sdk.TheoryRows.Of(MemberRows.Of(method.ReflectedType!, _name, Array.Empty<object?>()));
    }

    [AttributeUsage(AttributeTargets.Method)]
    public sealed class ExpectedExceptionAttribute : Attribute, IExpectedException
    {
        public ExpectedExceptionAttribute(Type exceptionType) => ExceptionType = exceptionType;

        public Type ExceptionType { get; }
    }

    [AttributeUsage(AttributeTargets.Method)]
    public sealed class TestInitializeAttribute : Attribute, IPhaseMark
    {
        Phase IPhaseMark.Phase => Phase.BeforeEach;
    }

    [AttributeUsage(AttributeTargets.Method)]
    public sealed class TestCleanupAttribute : Attribute, IPhaseMark
    {
        Phase IPhaseMark.Phase => Phase.AfterEach;
    }

    [AttributeUsage(AttributeTargets.Method)]
    public sealed class ClassInitializeAttribute : Attribute, IPhaseMark
    {
        Phase IPhaseMark.Phase => Phase.BeforeAll;
    }

    [AttributeUsage(AttributeTargets.Method)]
    public sealed class ClassCleanupAttribute : Attribute, IPhaseMark
    {
        Phase IPhaseMark.Phase => Phase.AfterAll;
    }

    public abstract class TestContext
    {
    }

    public class AssertFailedException : Exception
    {
        public AssertFailedException(string message) : base(message)
        {
        }
    }

    public sealed class AssertInconclusiveException : SkipException
    {
        public AssertInconclusiveException(string message) : base(message)
        {
        }
    }

    public static class Assert
    {
        public static void AreEqual<T>(T expected, T actual, string message = "") =>
            Require(Same(expected, actual), $"Assert.AreEqual failed. Expected:<{Texts.Show(expected)}>. Actual:<{Texts.Show(actual)}>. {message}");

        public static void AreEqual(double expected, double actual, double delta) =>
            Require(Numbers.Near(expected, actual, delta), $"Assert.AreEqual failed. Expected:<{expected}>. Actual:<{actual}>.");

        public static void AreNotEqual<T>(T notExpected, T actual, string message = "") =>
            Require(!Same(notExpected, actual), $"Assert.AreNotEqual failed. Actual:<{Texts.Show(actual)}>. {message}");

        public static void AreSame(object? expected, object? actual) =>
            Require(ReferenceEquals(expected, actual), "Assert.AreSame failed.");

        public static void AreNotSame(object? expected, object? actual) =>
            Require(!ReferenceEquals(expected, actual), "Assert.AreNotSame failed.");

        public static void IsTrue(bool condition, string message = "") => Require(condition, "Assert.IsTrue failed. " + message);

        public static void IsFalse(bool condition, string message = "") => Require(!condition, "Assert.IsFalse failed. " + message);

        public static void IsNull(object? value, string message = "") => Require(value is null, "Assert.IsNull failed. " + message);

        public static void IsNotNull(object? value, string message = "") => Require(value != null, "Assert.IsNotNull failed. " + message);

        public static void IsInstanceOfType(object? value, Type expected) =>
            Require(expected.IsInstanceOfType(value), $"Assert.IsInstanceOfType failed. Expected:<{expected}>. Actual:<{value?.GetType()}>.");

        public static T ThrowsException<T>(Action action) where T : Exception => Caught<T>(Xunit.Record.Exception(action));

        public static T ThrowsException<T>(Func<object?> action) where T : Exception => Caught<T>(Xunit.Record.Exception(action));

        public static T ThrowsExactly<T>(Action action) where T : Exception => Caught<T>(Xunit.Record.Exception(action));

        public static async Task<T> ThrowsExceptionAsync<T>(Func<Task> action) where T : Exception =>
            Caught<T>(await Xunit.Record.ExceptionAsync(action).ConfigureAwait(false));

        public static void Fail(string message = "") => throw new AssertFailedException("Assert.Fail failed. " + message);

        public static void Inconclusive(string message = "") => throw new AssertInconclusiveException(message);

        /// As MSTest has it: collections are equal when they are the same.
        private static bool Same(object? expected, object? actual) =>
            expected is IEnumerable && !(expected is string) && actual is IEnumerable
                ? ReferenceEquals(expected, actual)
                : Equality.Same(expected, actual);

        private static T Caught<T>(Exception? thrown) where T : Exception
        {
            Require(thrown?.GetType() == typeof(T), $"Assert.ThrowsException failed. Expected:<{typeof(T)}>. Actual:<{thrown?.GetType()}>.");
            return (T)thrown!;
        }

        internal static void Require(bool holds, string otherwise)
        {
            if (!holds)
            {
                throw new AssertFailedException(otherwise.Trim());
            }
        }
    }

    public static class CollectionAssert
    {
        public static void AreEqual(ICollection? expected, ICollection? actual) =>
            Assert.Require(Equality.Same(expected, actual), $"CollectionAssert.AreEqual failed. Expected:<{Texts.Show(expected)}>. Actual:<{Texts.Show(actual)}>.");

        public static void AreEquivalent(ICollection expected, ICollection actual) =>
            Assert.Require(Equality.Equivalent(expected, actual), $"CollectionAssert.AreEquivalent failed. Actual:<{Texts.Show(actual)}>.");

        public static void Contains(ICollection collection, object? element) =>
            Assert.Require(Equality.Contains(element, collection), $"CollectionAssert.Contains failed. Actual:<{Texts.Show(collection)}>.");
    }

    public static class StringAssert
    {
        public static void Contains(string value, string substring) =>
            Assert.Require(value.Contains(substring), $"StringAssert.Contains failed. Actual:<{Texts.Show(value)}>.");

        public static void StartsWith(string value, string substring) =>
            Assert.Require(value.StartsWith(substring, StringComparison.Ordinal), $"StringAssert.StartsWith failed. Actual:<{Texts.Show(value)}>.");
    }
}
