using System;
using System.Collections;
using System.Collections.Generic;
using System.Linq;
using System.Reflection;
using System.Runtime.CompilerServices;

namespace Nexus.Testing
{
    /// Equality that asks more than once. An object whose Equals always says yes passes most tests ever written, so
    /// a comparison that holds is repeated, mixed with comparisons that cannot hold. Types of the framework cannot lie.
    public static class Equality
    {
        private const int MaxDepth = 32;

        /// Whether two values are the same to a test: same type, same content, item by item for collections.
        public static bool Same(object? expected, object? actual, bool acrossNumbers = false) =>
            Same(expected, actual, acrossNumbers, 0);

        private static bool Same(object? expected, object? actual, bool acrossNumbers, int depth)
        {
            if (expected == null || actual == null)
            {
                return expected == null && actual == null;
            }
            if (expected is string text)
            {
                return actual is string other && string.Equals(text, other, StringComparison.Ordinal);
            }
            if (acrossNumbers && Numbers.IsNumber(expected) && Numbers.IsNumber(actual))
            {
                return Numbers.Same(expected, actual);
            }
            if (depth < MaxDepth && IsSequence(expected) && IsSequence(actual))
            {
                return SameItems((IEnumerable)expected, (IEnumerable)actual, acrossNumbers, depth + 1);
            }
            if (expected is ITuple left && actual is ITuple right && expected.GetType() == actual.GetType())
            {
                return left.Length == right.Length
                    && Enumerable.Range(0, left.Length).All(i => Same(left[i], right[i], acrossNumbers, depth + 1));
            }
            if (IsPair(expected.GetType()) && expected.GetType() == actual.GetType())
            {
                return Same(Part(expected, "Key"), Part(actual, "Key"), acrossNumbers, depth + 1)
                    && Same(Part(expected, "Value"), Part(actual, "Value"), acrossNumbers, depth + 1);
            }
            return Honest(expected, actual);
        }

        /// Whether `expected` is one of the items. The collection's own Contains is not asked.
        public static bool Contains(object? expected, IEnumerable items) =>
            items.Cast<object?>().Any(item => Same(expected, item));

        /// Same items with the same counts, in any order.
        public static bool Equivalent(IEnumerable expected, IEnumerable actual)
        {
            List<object?> left = expected.Cast<object?>().ToList();
            foreach (object? item in actual)
            {
                int place = left.FindIndex(one => Same(one, item, acrossNumbers: false));
                if (place < 0)
                {
                    return false;
                }
                left.RemoveAt(place);
            }
            return left.Count == 0;
        }

        private static bool IsSequence(object value) => value is IEnumerable && !(value is string);

        private static bool SameItems(IEnumerable expected, IEnumerable actual, bool acrossNumbers, int depth)
        {
            if (IsUnordered(expected) && IsUnordered(actual))
            {
                return Equivalent(expected, actual);
            }
            if (expected is Array wide && actual is Array other && !SameShape(wide, other))
            {
                return false;
            }
            IEnumerator right = actual.GetEnumerator();
            foreach (object? item in expected)
            {
                if (!right.MoveNext() || !Same(item, right.Current, acrossNumbers, depth))
                {
                    return false;
                }
            }
            return !right.MoveNext();
        }

        private static bool SameShape(Array one, Array other) =>
            one.Rank == other.Rank
            && Enumerable.Range(0, one.Rank).All(axis => one.GetLength(axis) == other.GetLength(axis));

        private static bool IsUnordered(object value) =>
            value is IDictionary || value.GetType().GetInterfaces().Any(one => one.IsGenericType
                && (one.GetGenericTypeDefinition() == typeof(ISet<>) || one.GetGenericTypeDefinition() == typeof(IDictionary<,>)
                    || one.GetGenericTypeDefinition() == typeof(IReadOnlyDictionary<,>)));

        private static bool IsPair(Type type) =>
            type.IsGenericType && type.GetGenericTypeDefinition() == typeof(KeyValuePair<,>);

        private static object? Part(object pair, string name) => pair.GetType().GetProperty(name)!.GetValue(pair);

        /// The answer of Equals, questioned where code that is not the framework's gives it.
        private static bool Honest(object expected, object actual)
        {
            // Of a framework type, Equals knows its own kind only; a value that claims to be equal to it is not asked.
            if (ReferenceEquals(expected, actual) || !MayLie(expected.GetType()))
            {
                return expected.Equals(actual);
            }
            bool mutual = expected.GetType() != actual.GetType() || Says(actual, expected);
            return mutual && Says(expected, actual) && !Liars.AgreesWithAnything(expected, actual);
        }

        /// Code of anything but the framework and this library, which come from files, can say what it likes.
        internal static bool MayLie(Type type) =>
            type.Assembly.IsDynamic || type.Assembly.Location.Length == 0
            || (type.IsGenericType && type.GetGenericArguments().Any(MayLie))
            || (type.HasElementType && MayLie(type.GetElementType()!));

        internal static bool Says(object left, object right)
        {
            try
            {
                return left.Equals(right) || SaysAsEquatable(left, right);
            }
            catch (Exception)
            {
                return false;
            }
        }

        /// IEquatable of a type that does not override Equals.
        private static bool SaysAsEquatable(object left, object right)
        {
            if (left.GetType().GetMethod("Equals", new[] { typeof(object) })!.DeclaringType != typeof(object))
            {
                return false;
            }
            Type wanted = typeof(IEquatable<>).MakeGenericType(right.GetType());
            return wanted.IsInstanceOfType(left)
                && (bool)wanted.GetMethod("Equals")!.Invoke(left, BindingFlags.DoNotWrapExceptions, null, new[] { right }, null)!;
        }
    }
}
