using System;
using System.Collections;
using System.Collections.Generic;
using System.Linq;
using System.Reflection;

namespace Nexus.Testing
{
    /// Compares objects by what can be read of them, whatever their types say about equality.
    public static class Graphs
    {
        private const int MaxDepth = 50;
        private const BindingFlags Readable = BindingFlags.Instance | BindingFlags.Public;

        public static bool Equivalent(object? expected, object? actual) => Equivalent(expected, actual, 0);

        private static bool Equivalent(object? expected, object? actual, int depth)
        {
            if (expected is null || actual is null || depth > MaxDepth)
            {
                return expected is null && actual is null;
            }
            if (expected is IEnumerable items && !(expected is string))
            {
                return actual is IEnumerable others && !(actual is string) && SameItems(items, others, depth + 1);
            }
            if (!Equality.MayLie(expected.GetType()))
            {
                return Equality.Same(expected, actual, acrossNumbers: true);
            }
            return Parts(expected).All(part => Parts(actual).Any(other =>
                other.Name == part.Name && Equivalent(part.Value, other.Value, depth + 1)));
        }

        private static bool SameItems(IEnumerable expected, IEnumerable actual, int depth)
        {
            List<object?> left = actual.Cast<object?>().ToList();
            foreach (object? item in expected)
            {
                int place = left.FindIndex(one => Equivalent(item, one, depth));
                if (place < 0)
                {
                    return false;
                }
                left.RemoveAt(place);
            }
            return left.Count == 0;
        }

        private static IEnumerable<(string Name, object? Value)> Parts(object value)
        {
            Type type = value.GetType();
            IEnumerable<(string, object?)> properties = type.GetProperties(Readable)
                .Where(one => one.CanRead && one.GetIndexParameters().Length == 0)
                .Select(one => (one.Name, one.GetValue(value)));
            return properties.Concat(type.GetFields(Readable).Select(one => (one.Name, one.GetValue(value)))).ToList();
        }
    }
}
