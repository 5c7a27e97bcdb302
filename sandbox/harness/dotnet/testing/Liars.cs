using System;
using System.Collections.Generic;
using System.Linq;
using System.Reflection;
using System.Runtime.Serialization;

namespace Nexus.Testing
{
    /// Tells a value that is equal to another from one that claims to be equal to anything.
    internal static class Liars
    {
        private const int Probes = 5;
        private const int Repeats = 3;
        private const int MaxDepth = 3;
        private const BindingFlags Fields =
            BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;
        private static readonly Random Noise = new Random(Guid.NewGuid().GetHashCode());

        private sealed class Stranger
        {
        }

        /// Ask the same question again among others that have to be denied, in an order nobody can foresee.
        internal static bool AgreesWithAnything(object left, object right)
        {
            if (left.Equals(new Stranger()) || right.Equals(new Stranger()))
            {
                return true;
            }
            var asked = new List<(object, object, bool)>();
            for (int i = 0; i < Probes; i++)
            {
                Add(asked, left, Altered(right, 0));
                Add(asked, Altered(left, 0), right);
            }
            if (asked.Count == 0)
            {
                return false;
            }
            asked.AddRange(Enumerable.Repeat((left, right, true), Repeats));
            List<(bool Said, bool Real)> answers = asked.OrderBy(_ => Noise.Next())
                .Select(one => (Equality.Says(one.Item1, one.Item2), one.Item3)).ToList();
            return answers.Where(one => !one.Real).All(one => one.Said) || answers.Any(one => one.Real && !one.Said);
        }

        private static void Add(List<(object, object, bool)> asked, object? left, object? right)
        {
            if (left != null && right != null)
            {
                asked.Add((left, right, false));
            }
        }

        /// Another value of the same type, different in every field; null where there is nothing to change.
        private static object? Altered(object? value, int depth) => value is null ? null : Changed(value, depth);

        private static object? Changed(object value, int depth)
        {
            int noise = Noise.Next(1, int.MaxValue);
            switch (value)
            {
                case bool flag: return !flag;
                case string text: return text + "~" + noise;
                case decimal number: return number + noise % 1000 + 1;
                case double number: return double.IsFinite(number) ? number + noise : noise;
                case float number: return float.IsFinite(number) ? number + noise : noise;
                case char letter: return (char)(letter ^ (noise % 1000 + 1));
                case DateTime time: return time.Year > 5000 ? time.AddTicks(-noise) : time.AddTicks(noise);
                case Guid _: return Guid.NewGuid();
                case Enum _: return Enum.ToObject(value.GetType(), noise);
            }
            Type type = value.GetType();
            if (type.IsPrimitive)
            {
                return type == typeof(IntPtr) || type == typeof(UIntPtr) ? null : AlteredInteger(value, noise);
            }
            if (typeof(Delegate).IsAssignableFrom(type) || typeof(MemberInfo).IsAssignableFrom(type) || depth > MaxDepth)
            {
                return null;
            }
            if (value is Array items)
            {
                return Array.CreateInstance(type.GetElementType()!, items.Rank == 1 ? items.Length + 1 : 1);
            }
            return AlteredCopy(value, type, depth);
        }

        private static object AlteredInteger(object value, int noise)
        {
            long mixed = (value is ulong big ? (long)big : Convert.ToInt64(value)) ^ (noise | 1);
            switch (Type.GetTypeCode(value.GetType()))
            {
                case TypeCode.SByte: return (sbyte)mixed;
                case TypeCode.Byte: return (byte)mixed;
                case TypeCode.Int16: return (short)mixed;
                case TypeCode.UInt16: return (ushort)mixed;
                case TypeCode.Int32: return (int)mixed;
                case TypeCode.UInt32: return (uint)mixed;
                case TypeCode.UInt64: return (ulong)mixed;
                default: return mixed;
            }
        }

        /// Made without the type's own code, which could see to it that nothing changes.
        private static object? AlteredCopy(object value, Type type, int depth)
        {
            object clone = FormatterServices.GetUninitializedObject(type);
            bool changed = false;
            for (Type? owner = type; owner != null && owner != typeof(object); owner = owner.BaseType)
            {
                foreach (FieldInfo field in owner.GetFields(Fields))
                {
                    object? part = field.GetValue(value);
                    object? other = Altered(part, depth + 1);
                    field.SetValue(clone, other ?? (field.FieldType.IsValueType || typeof(MemberInfo).IsAssignableFrom(field.FieldType) ? part : null));
                    changed |= other != null || part != null && !field.FieldType.IsValueType;
                }
            }
            return changed ? clone : null;
        }
    }
}
