using System;
using System.Collections;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;

namespace Nexus.Testing
{
    /// Values as people read them, short.
    public static class Texts
    {
        private const int MaxItems = 20;
        private const int MaxText = 400;
        private const int MaxDepth = 4;

        public static string Show(object? value) => Show(value, 0);

        private static string Show(object? value, int depth)
        {
            try
            {
                switch (value)
                {
                    case null: return "null";
                    case string text: return "\"" + Short(text) + "\"";
                    case char letter: return "'" + letter + "'";
                    case Type type: return type.ToString();
                    case IEnumerable items when depth < MaxDepth: return Items(items, depth + 1);
                    case IFormattable shown: return Short(shown.ToString(null, CultureInfo.InvariantCulture));
                    default: return Short(value.ToString() ?? "");
                }
            }
            catch (Exception)
            {
                return "a value of type " + value!.GetType();
            }
        }

        private static string Items(IEnumerable items, int depth)
        {
            List<object?> first = items.Cast<object?>().Take(MaxItems + 1).ToList();
            string more = first.Count > MaxItems ? ", ..." : "";
            return "[" + string.Join(", ", first.Take(MaxItems).Select(item => Show(item, depth))) + more + "]";
        }

        private static string Short(string text) => text.Length <= MaxText ? text : text.Substring(0, MaxText) + "...";

        internal static string? Simplified(string? text, bool lineEnds, bool whiteSpace, bool allWhiteSpace)
        {
            if (text is null)
            {
                return null;
            }
            if (lineEnds)
            {
                text = text.Replace("\r\n", "\n").Replace('\r', '\n');
            }
            if (allWhiteSpace)
            {
                return string.Concat(text.Where(letter => !char.IsWhiteSpace(letter)));
            }
            return whiteSpace ? string.Join(" ", text.Split(new[] { ' ', '\t' }, StringSplitOptions.RemoveEmptyEntries)) : text;
        }
    }
}
