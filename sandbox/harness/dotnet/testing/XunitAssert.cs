using System;
using System.Collections;
using System.Collections.Generic;
using System.Diagnostics.CodeAnalysis;
using System.Linq;
using Nexus.Testing;
using Xunit.Sdk;

namespace Xunit
{
    /// The assertions of xunit that tests use, with honest equality.
    public static partial class Assert
    {
        [DoesNotReturn]
        public static void Fail(string message = "Assert.Fail()") => throw new XunitException(message);

        [DoesNotReturn]
        public static void Skip(string reason) => throw new SkippedException(reason);

        public static void True([DoesNotReturnIf(false)] bool condition, string? userMessage = null) =>
            Require(condition, userMessage ?? "Assert.True() failed: the value is False");

        public static void True([DoesNotReturnIf(false)] bool? condition, string? userMessage = null) =>
            Require(condition == true, userMessage ?? $"Assert.True() failed: the value is {Show(condition)}");

        public static void False([DoesNotReturnIf(true)] bool condition, string? userMessage = null) =>
            Require(!condition, userMessage ?? "Assert.False() failed: the value is True");

        public static void False([DoesNotReturnIf(true)] bool? condition, string? userMessage = null) =>
            Require(condition == false, userMessage ?? $"Assert.False() failed: the value is {Show(condition)}");

        public static void Null([MaybeNull] object? @object) =>
            Require(@object is null, $"Assert.Null() failed: the value is {Show(@object)}");

        public static void NotNull([NotNull] object? @object)
        {
            if (@object is null)
            {
                throw new XunitException("Assert.NotNull() failed: the value is null");
            }
        }

        public static void Same(object? expected, object? actual) =>
            Require(ReferenceEquals(expected, actual), "Assert.Same() failed: the values are not the same instance");

        public static void NotSame(object? expected, object? actual) =>
            Require(!ReferenceEquals(expected, actual), "Assert.NotSame() failed: the values are the same instance");

        public static void Equal<T>([AllowNull] T expected, [AllowNull] T actual) =>
            Require(Equality.Same(expected, actual), Differ("Equal", expected, actual));

        public static void Equal<T>(IEnumerable<T>? expected, IEnumerable<T>? actual) =>
            Require(Equality.Same(expected, actual), Differ("Equal", expected, actual));

        public static void Equal<T>([AllowNull] T expected, [AllowNull] T actual, IEqualityComparer<T> comparer) =>
            Require(comparer.Equals(expected!, actual!), Differ("Equal", expected, actual));

        public static void Equal<T>([AllowNull] T expected, [AllowNull] T actual, Func<T, T, bool> comparer) =>
            Require(comparer(expected!, actual!), Differ("Equal", expected, actual));

        public static void Equal<T>(IEnumerable<T>? expected, IEnumerable<T>? actual, IEqualityComparer<T> comparer) =>
            Require(
                expected is null || actual is null ? expected is null && actual is null : expected.SequenceEqual(actual, comparer),
                Differ("Equal", expected, actual));

        public static void Equal(string? expected, string? actual) =>
            Require(string.Equals(expected, actual, StringComparison.Ordinal), Differ("Equal", expected, actual));

        public static void Equal(
            string? expected, string? actual, bool ignoreCase = false, bool ignoreLineEndingDifferences = false,
            bool ignoreWhiteSpaceDifferences = false, bool ignoreAllWhiteSpace = false) =>
            Require(
                string.Equals(
                    Texts.Simplified(expected, ignoreLineEndingDifferences, ignoreWhiteSpaceDifferences, ignoreAllWhiteSpace),
                    Texts.Simplified(actual, ignoreLineEndingDifferences, ignoreWhiteSpaceDifferences, ignoreAllWhiteSpace),
                    ignoreCase ? StringComparison.OrdinalIgnoreCase : StringComparison.Ordinal),
                Differ("Equal", expected, actual));

        public static void Equal(double expected, double actual, int precision) =>
            Require(Math.Round(expected, precision).Equals(Math.Round(actual, precision)), Differ("Equal", expected, actual));

        public static void Equal(double expected, double actual, double tolerance) =>
            Require(Numbers.Near(expected, actual, tolerance), Differ("Equal", expected, actual));

        public static void Equal(float expected, float actual, float tolerance) =>
            Require(Numbers.Near(expected, actual, tolerance), Differ("Equal", expected, actual));

        public static void Equal(decimal expected, decimal actual, int precision) =>
            Require(Math.Round(expected, precision) == Math.Round(actual, precision), Differ("Equal", expected, actual));

        public static void Equal(DateTime expected, DateTime actual, TimeSpan precision) =>
            Require((expected - actual).Duration() <= precision, Differ("Equal", expected, actual));

        public static void StrictEqual<T>([AllowNull] T expected, [AllowNull] T actual) =>
            Require(Equality.Same(expected, actual), Differ("StrictEqual", expected, actual));

        public static void Equivalent(object? expected, object? actual, bool strict = false) =>
            Require(Graphs.Equivalent(expected, actual), Differ("Equivalent", expected, actual));

        public static void NotEqual<T>([AllowNull] T expected, [AllowNull] T actual) =>
            Require(!Equality.Same(expected, actual), $"Assert.NotEqual() failed: both are {Show(actual)}");

        public static void NotEqual<T>(IEnumerable<T>? expected, IEnumerable<T>? actual) =>
            Require(!Equality.Same(expected, actual), $"Assert.NotEqual() failed: both are {Show(actual)}");

        public static void NotEqual(double expected, double actual, int precision) =>
            Require(
                !Math.Round(expected, precision).Equals(Math.Round(actual, precision)),
                $"Assert.NotEqual() failed: both are {Show(actual)}");

        public static void InRange<T>(T actual, T low, T high) where T : IComparable =>
            Require(
                actual.CompareTo(low) >= 0 && actual.CompareTo(high) <= 0,
                $"Assert.InRange() failed: {Show(actual)} is not in {Show(low)} - {Show(high)}");

        public static void NotInRange<T>(T actual, T low, T high) where T : IComparable =>
            Require(
                actual.CompareTo(low) < 0 || actual.CompareTo(high) > 0,
                $"Assert.NotInRange() failed: {Show(actual)} is in {Show(low)} - {Show(high)}");

        public static T IsType<T>(object? @object)
        {
            IsType(typeof(T), @object);
            return (T)@object!;
        }

        public static void IsType(Type expectedType, [NotNull] object? @object) =>
            Require(@object?.GetType() == expectedType, Differ("IsType", expectedType, @object?.GetType()));

        public static void IsNotType<T>(object? @object) => IsNotType(typeof(T), @object);

        public static void IsNotType(Type expectedType, object? @object) =>
            Require(@object?.GetType() != expectedType, $"Assert.IsNotType() failed: it is a {Show(expectedType)}");

        public static T IsAssignableFrom<T>(object? @object)
        {
            IsAssignableFrom(typeof(T), @object);
            return (T)@object!;
        }

        public static void IsAssignableFrom(Type expectedType, [NotNull] object? @object) =>
            Require(
                expectedType.IsInstanceOfType(@object), Differ("IsAssignableFrom", expectedType, @object?.GetType()));

        public static void Multiple(params Action[] checks)
        {
            foreach (Action check in checks)
            {
                check();
            }
        }

        private static void Require([DoesNotReturnIf(false)] bool holds, string otherwise)
        {
            if (!holds)
            {
                throw new XunitException(otherwise);
            }
        }

        private static string Differ(string name, object? expected, object? actual) =>
            $"Assert.{name}() failed\nExpected: {Show(expected)}\nActual:   {Show(actual)}";

        private static string Show(object? value) => Texts.Show(value);
    }
}
