using System;
using System.Collections;
using System.Collections.Generic;
using System.Linq;
using System.Threading.Tasks;
using Nexus.Testing;

namespace NUnit.Framework
{
    public static class Assert
    {
        public static void That(bool condition, string? message = null) => Require(condition, message ?? "Expected: True\nBut was:  False");

        public static void That<TActual>(TActual actual, Constraints.Constraint constraint, string? message = null) =>
            Require(
                constraint.Matches(actual),
                $"{(message is null ? "" : message + "\n")}Expected: {constraint}\nBut was:  {Texts.Show(actual)}");

        public static void That(Action code, Constraints.Constraint constraint, string? message = null) =>
            That<object?>(Xunit.Record.Exception(code), constraint, message);

        public static void AreEqual(object? expected, object? actual, string? message = null) => That(actual, Is.EqualTo(expected), message);

        public static void AreEqual(double expected, double actual, double delta) => That(actual, Is.EqualTo(expected).Within(delta));

        public static void AreNotEqual(object? expected, object? actual, string? message = null) =>
            That(actual, Is.Not.EqualTo(expected), message);

        public static void AreSame(object? expected, object? actual) => That(actual, Is.SameAs(expected));

        public static void AreNotSame(object? expected, object? actual) => That(actual, Is.Not.SameAs(expected));

        public static void IsTrue(bool condition, string? message = null) => That(condition, message);

        public static void True(bool condition, string? message = null) => That(condition, message);

        public static void IsFalse(bool condition, string? message = null) => Require(!condition, message ?? "Expected: False\nBut was:  True");

        public static void False(bool condition, string? message = null) => IsFalse(condition, message);

        public static void IsNull(object? value) => That(value, Is.Null);

        public static void Null(object? value) => That(value, Is.Null);

        public static void IsNotNull(object? value) => That(value, Is.Not.Null);

        public static void NotNull(object? value) => That(value, Is.Not.Null);

        public static void IsEmpty(IEnumerable value) => That(value, Is.Empty);

        public static void IsNotEmpty(IEnumerable value) => That(value, Is.Not.Empty);

        public static void IsInstanceOf<T>(object? value) => That(value, Is.InstanceOf<T>());

        public static void Greater(IComparable one, IComparable other) => That(one, Is.GreaterThan(other));

        public static void GreaterOrEqual(IComparable one, IComparable other) => That(one, Is.GreaterThanOrEqualTo(other));

        public static void Less(IComparable one, IComparable other) => That(one, Is.LessThan(other));

        public static void LessOrEqual(IComparable one, IComparable other) => That(one, Is.LessThanOrEqualTo(other));

        public static void Contains(object? expected, ICollection actual) => That(actual, Has.Member(expected));

        public static T Throws<T>(Action code) where T : Exception => Caught<T>(Xunit.Record.Exception(code), exact: true);

        public static T Catch<T>(Action code) where T : Exception => Caught<T>(Xunit.Record.Exception(code), exact: false);

        public static T ThrowsAsync<T>(Func<Task> code) where T : Exception =>
            Caught<T>(Xunit.Record.ExceptionAsync(code).GetAwaiter().GetResult(), exact: true);

        public static void DoesNotThrow(Action code) => code();

        public static void Multiple(Action checks) => checks();

        public static void Fail(string message = "Assert.Fail()") => throw new AssertionException(message);

        public static void Pass(string message = "")
        {
        }

        public static void Ignore(string message = "ignored") => throw new IgnoreException(message);

        public static void Inconclusive(string message = "inconclusive") => throw new IgnoreException(message);

        private static T Caught<T>(Exception? thrown, bool exact) where T : Exception
        {
            bool fits = exact ? thrown?.GetType() == typeof(T) : thrown is T;
            Require(fits, $"Expected: {typeof(T)}\nBut was:  {Texts.Show(thrown?.GetType())}");
            return (T)thrown!;
        }

        private static void Require(bool holds, string otherwise)
        {
            if (!holds)
            {
                throw new AssertionException(otherwise);
            }
        }
    }

    public static class CollectionAssert
    {
        public static void AreEqual(IEnumerable expected, IEnumerable actual) => Assert.That(actual, Is.EqualTo(expected));

        public static void AreEquivalent(IEnumerable expected, IEnumerable actual) => Assert.That(actual, Is.EquivalentTo(expected));

        public static void Contains(IEnumerable collection, object? actual) => Assert.That(collection, Has.Member(actual));

        public static void DoesNotContain(IEnumerable collection, object? actual) => Assert.That(collection, Has.No.Member(actual));

        public static void IsEmpty(IEnumerable collection) => Assert.That(collection, Is.Empty);

        public static void IsNotEmpty(IEnumerable collection) => Assert.That(collection, Is.Not.Empty);
    }

    public static class StringAssert
    {
        public static void Contains(string expected, string actual) => Assert.That(actual, Does.Contain(expected));

        public static void StartsWith(string expected, string actual) => Assert.That(actual, Does.StartWith(expected));

        public static void EndsWith(string expected, string actual) => Assert.That(actual, Does.EndWith(expected));
    }
}
