using System;

namespace Nexus.Testing
{
    /// Numbers of different types, compared by value.
    public static class Numbers
    {
        public static bool IsNumber(object value) =>
            value is sbyte || value is byte || value is short || value is ushort || value is int || value is uint
            || value is long || value is ulong || value is float || value is double || value is decimal;

        public static bool Same(object one, object other)
        {
            if (one is float || one is double || other is float || other is double)
            {
                return Convert.ToDouble(one).Equals(Convert.ToDouble(other));
            }
            return Convert.ToDecimal(one) == Convert.ToDecimal(other);
        }

        /// Whether two numbers differ by no more than `tolerance`.
        public static bool Near(double one, double other, double tolerance) =>
            one.Equals(other) || Math.Abs(one - other) <= tolerance;
    }
}
