using System;
using System.Collections;
using System.Collections.Generic;
using System.Linq;
using System.Text.RegularExpressions;
using System.Threading.Tasks;
using Nexus.Testing;
using Xunit.Sdk;

namespace Xunit
{
    /// Collections, text, exceptions.
    public static partial class Assert
    {
        public static void Contains<T>(T expected, IEnumerable<T> collection) =>
            Require(Equality.Contains(expected, collection), $"Assert.Contains() failed: {Show(expected)} is not in {Show(collection)}");

        public static void Contains<T>(IEnumerable<T> collection, Predicate<T> filter) =>
            Require(collection.Any(item => filter(item)), $"Assert.Contains() failed: nothing in {Show(collection)} matches");

        public static TValue Contains<TKey, TValue>(TKey expected, IReadOnlyDictionary<TKey, TValue> collection) where TKey : notnull
        {
            Require(collection.ContainsKey(expected), $"Assert.Contains() failed: there is no key {Show(expected)}");
            return collection[expected];
        }

        public static TValue Contains<TKey, TValue>(TKey expected, IDictionary<TKey, TValue> collection) where TKey : notnull
        {
            Require(collection.ContainsKey(expected), $"Assert.Contains() failed: there is no key {Show(expected)}");
            return collection[expected];
        }

        public static void Contains(string expectedSubstring, string? actualString) =>
            Contains(expectedSubstring, actualString, StringComparison.Ordinal);

        public static void Contains(string expectedSubstring, string? actualString, StringComparison comparisonType) =>
            Require(
                actualString != null && actualString.IndexOf(expectedSubstring, comparisonType) >= 0,
                $"Assert.Contains() failed: {Show(expectedSubstring)} is not in {Show(actualString)}");

        public static void DoesNotContain<T>(T expected, IEnumerable<T> collection) =>
            Require(!Equality.Contains(expected, collection), $"Assert.DoesNotContain() failed: {Show(expected)} is in {Show(collection)}");

        public static void DoesNotContain<T>(IEnumerable<T> collection, Predicate<T> filter) =>
            Require(!collection.Any(item => filter(item)), $"Assert.DoesNotContain() failed: something in {Show(collection)} matches");

        public static void DoesNotContain<TKey, TValue>(TKey expected, IReadOnlyDictionary<TKey, TValue> collection)
            where TKey : notnull =>
            Require(!collection.ContainsKey(expected), $"Assert.DoesNotContain() failed: there is a key {Show(expected)}");

        public static void DoesNotContain(string expectedSubstring, string? actualString) =>
            Require(
                actualString is null || actualString.IndexOf(expectedSubstring, StringComparison.Ordinal) < 0,
                $"Assert.DoesNotContain() failed: {Show(expectedSubstring)} is in {Show(actualString)}");

        public static void StartsWith(string? expectedStartString, string? actualString, StringComparison comparisonType = StringComparison.Ordinal) =>
            Require(
                expectedStartString != null && actualString != null && actualString.StartsWith(expectedStartString, comparisonType),
                $"Assert.StartsWith() failed: {Show(actualString)} does not start with {Show(expectedStartString)}");

        public static void EndsWith(string? expectedEndString, string? actualString, StringComparison comparisonType = StringComparison.Ordinal) =>
            Require(
                expectedEndString != null && actualString != null && actualString.EndsWith(expectedEndString, comparisonType),
                $"Assert.EndsWith() failed: {Show(actualString)} does not end with {Show(expectedEndString)}");

        public static void Matches(string expectedRegexPattern, string? actualString) =>
            Require(
                actualString != null && Regex.IsMatch(actualString, expectedRegexPattern),
                $"Assert.Matches() failed: {Show(actualString)} does not match {Show(expectedRegexPattern)}");

        public static void DoesNotMatch(string expectedRegexPattern, string? actualString) =>
            Require(
                actualString is null || !Regex.IsMatch(actualString, expectedRegexPattern),
                $"Assert.DoesNotMatch() failed: {Show(actualString)} matches {Show(expectedRegexPattern)}");

        public static void Empty(IEnumerable collection) =>
            Require(!collection.Cast<object?>().Any(), $"Assert.Empty() failed: it holds {Show(collection)}");

        public static void NotEmpty(IEnumerable collection) =>
            Require(collection.Cast<object?>().Any(), "Assert.NotEmpty() failed: it is empty");

        public static T Single<T>(IEnumerable<T> collection)
        {
            List<T> items = collection.ToList();
            Require(items.Count == 1, $"Assert.Single() failed: it has {items.Count} items");
            return items[0];
        }

        public static object? Single(IEnumerable collection) => Single(collection.Cast<object?>());

        public static T Single<T>(IEnumerable<T> collection, Predicate<T> predicate) =>
            Single(collection.Where(item => predicate(item)));

        public static void All<T>(IEnumerable<T> collection, Action<T> action)
        {
            foreach (T item in collection)
            {
                action(item);
            }
        }

        public static void Collection<T>(IEnumerable<T> collection, params Action<T>[] elementInspectors)
        {
            List<T> items = collection.ToList();
            Require(
                items.Count == elementInspectors.Length,
                $"Assert.Collection() failed: {elementInspectors.Length} items were expected, there are {items.Count}");
            for (int i = 0; i < items.Count; i++)
            {
                elementInspectors[i](items[i]);
            }
        }

        public static void Distinct<T>(IEnumerable<T> collection)
        {
            List<T> items = collection.ToList();
            bool distinct = !items.Where((item, place) => Equality.Contains(item, items.Skip(place + 1))).Any();
            Require(distinct, $"Assert.Distinct() failed: {Show(collection)}");
        }

        public static void Subset<T>(ISet<T> expectedSubset, ISet<T>? actual) =>
            Require(
                actual != null && actual.All(item => Equality.Contains(item, expectedSubset)),
                Differ("Subset", expectedSubset, actual));

        public static void Superset<T>(ISet<T> expectedSuperset, ISet<T>? actual) =>
            Require(
                actual != null && expectedSuperset.All(item => Equality.Contains(item, actual)),
                Differ("Superset", expectedSuperset, actual));

        public static T Throws<T>(Action testCode) where T : Exception => (T)Thrown(typeof(T), Record.Exception(testCode), exact: true);

        public static T Throws<T>(Func<object?> testCode) where T : Exception =>
            (T)Thrown(typeof(T), Record.Exception(testCode), exact: true);

        public static T Throws<T>(string? paramName, Action testCode) where T : ArgumentException => Named(paramName, Throws<T>(testCode));

        public static T Throws<T>(string? paramName, Func<object?> testCode) where T : ArgumentException =>
            Named(paramName, Throws<T>(testCode));

        public static Exception Throws(Type exceptionType, Action testCode) => Thrown(exceptionType, Record.Exception(testCode), exact: true);

        public static T ThrowsAny<T>(Action testCode) where T : Exception => (T)Thrown(typeof(T), Record.Exception(testCode), exact: false);

        public static T ThrowsAny<T>(Func<object?> testCode) where T : Exception =>
            (T)Thrown(typeof(T), Record.Exception(testCode), exact: false);

        public static async Task<T> ThrowsAsync<T>(Func<Task> testCode) where T : Exception =>
            (T)Thrown(typeof(T), await Record.ExceptionAsync(testCode).ConfigureAwait(false), exact: true);

        public static async Task<T> ThrowsAsync<T>(string? paramName, Func<Task> testCode) where T : ArgumentException =>
            Named(paramName, await ThrowsAsync<T>(testCode).ConfigureAwait(false));

        public static async Task<T> ThrowsAnyAsync<T>(Func<Task> testCode) where T : Exception =>
            (T)Thrown(typeof(T), await Record.ExceptionAsync(testCode).ConfigureAwait(false), exact: false);

        private static Exception Thrown(Type wanted, Exception? thrown, bool exact)
        {
            Require(thrown != null, $"Assert.Throws() failed: no exception was thrown, expected {wanted}");
            if (thrown is XunitException)
            {
                throw thrown;
            }
            bool fits = exact ? thrown!.GetType() == wanted : wanted.IsInstanceOfType(thrown);
            Require(fits, $"Assert.Throws() failed\nExpected: {wanted}\nActual:   {thrown!.GetType()}: {thrown.Message}");
            return thrown!;
        }

        private static T Named<T>(string? paramName, T thrown) where T : ArgumentException
        {
            Require(thrown.ParamName == paramName, Differ("Throws", paramName, thrown.ParamName));
            return thrown;
        }
    }

    public static class Record
    {
        public static Exception? Exception(Action testCode)
        {
            try
            {
                testCode();
                return null;
            }
            catch (Exception thrown)
            {
                return thrown;
            }
        }

        public static Exception? Exception(Func<object?> testCode) => Exception(() =>
        {
            if (testCode() is Task)
            {
                throw new XunitException("A task is not waited for here: the test has to use the Async form and await it.");
            }
        });

        public static async Task<Exception?> ExceptionAsync(Func<Task> testCode)
        {
            try
            {
                await testCode().ConfigureAwait(false);
                return null;
            }
            catch (Exception thrown)
            {
                return thrown;
            }
        }
    }
}
