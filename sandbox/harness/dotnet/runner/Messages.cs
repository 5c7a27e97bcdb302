using System;
using System.Collections.Generic;
using System.Linq;
using System.Reflection;
using System.Text;

namespace Nexus.Box
{
    /// Words for what went wrong: safe to show, equal between equal runs, without paths of the box.
    internal static class Messages
    {
        private const int MaxMessage = 2000;
        private const int Head = 500;
        private const int MaxErrors = 12;
        private const string Cut = "\n...\n";
        // System.Reflection, System.RuntimeMethodHandle and their like: how the runner calls the code.
        private static readonly string[] Own = { "   at Nexus.", "   at Xunit.", "   at NUnit.", "   at System.R" };

        internal static string Of(List<CompileError> errors)
        {
            IEnumerable<string> lines = errors.Take(MaxErrors).Select(error => error.ToString());
            string more = errors.Count > MaxErrors ? $"\nand {errors.Count - MaxErrors} more errors" : "";
            return Clean(string.Join("\n", lines) + more);
        }

        /// The frames first and the exception last, as the line that says most.
        internal static string Of(Exception problem)
        {
            problem = Inner(problem);
            string frames = string.Join("\n", Frames(problem));
            return Clean($"{frames}\n{problem.GetType().FullName}: {Text(problem)}");
        }

        internal static string WithFrames(Exception problem)
        {
            problem = Inner(problem);
            return $"{problem.GetType().FullName}: {Text(problem)}\n{string.Join("\n", Frames(problem))}";
        }

        internal static bool IsOutOfMemory(Exception problem) => Inner(problem) is OutOfMemoryException;

        internal static Exception Inner(Exception problem)
        {
            while (problem is TargetInvocationException || problem is AggregateException || problem is TypeInitializationException)
            {
                if (problem.InnerException == null)
                {
                    break;
                }
                problem = problem.InnerException;
            }
            return problem;
        }

        internal static string Clean(string text)
        {
            var kept = new StringBuilder(text.Length);
            foreach (char letter in text.Replace("\r\n", "\n").Replace("/work/", ""))
            {
                bool direction = (letter >= '\u2028' && letter <= '\u202e') || (letter >= '\u2066' && letter <= '\u2069');
                if (!direction && (letter == '\n' || letter == '\t' || !char.IsControl(letter)))
                {
                    kept.Append(letter);
                }
            }
            // There and back, lone surrogates become question marks.
            string whole = Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(kept.ToString())).Trim();
            return whole.Length <= MaxMessage
                ? whole
                : whole.Substring(0, Head) + Cut + whole.Substring(whole.Length - (MaxMessage - Head - Cut.Length));
        }

        /// Exceptions of the tested code have a message that is tested code itself.
        private static string Text(Exception problem)
        {
            try
            {
                return problem.Message;
            }
            catch (Exception)
            {
                return "(its message could not be read)";
            }
        }

        private static IEnumerable<string> Frames(Exception problem)
        {
            string[] lines;
            try
            {
                lines = (problem.StackTrace ?? "").Split('\n');
            }
            catch (Exception)
            {
                return Enumerable.Empty<string>();
            }
            return lines.Where(line => line.StartsWith("   at ", StringComparison.Ordinal)
                && !Own.Any(own => line.StartsWith(own, StringComparison.Ordinal)));
        }
    }
}
