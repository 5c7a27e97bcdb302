using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Linq;
using System.Reflection;
using Nexus.Testing;

namespace Nexus.Box
{
    /// Compiles the work folder and runs its tests, each reported as it ends, control tests among them.
    internal static class TestRun
    {
        private const int NothingSelected = 4;
        private const string StandIn =
            "The tests ran with Nexus's own stand-in for xunit, NUnit and MSTest: project files are read, MSBuild is not run.";

        internal static void Run(Orders orders, FrameWriter writer)
        {
            Solution solution = Solution.Build(orders);
            if (solution.Errors.Count > 0)
            {
                ReportErrors(solution.Errors, writer);
                Finish(writer, 0, solution);
                return;
            }
            var context = new WorkContext();
            Dictionary<string, Assembly> loaded = solution.Built.ToDictionary(one => one.Name, context.Load);
            List<TestCase> tests = solution.Tests.SelectMany(one => Discovery.Find(loaded[one.Name], one, orders.Canaries.Keys)).ToList();
            List<TestCase> canaries = tests.Where(one => orders.Canaries.ContainsKey(one.Id)).ToList();
            tests = tests.Where(one => !orders.Canaries.ContainsKey(one.Id) && IsSelected(one.Id, orders.Select)).ToList();
            if (tests.Count == 0 && orders.Select.Count > 0)
            {
                Finish(writer, NothingSelected, solution);
                return;
            }
            if (tests.Count > 0)
            {
                MixIn(canaries, tests);
            }
            writer.Send("collected", new Dictionary<string, object?> { ["count"] = tests.Count });
            RunAll(tests, writer, loaded.Values.Except(solution.Tests.Select(one => loaded[one.Name])).ToList());
            Finish(writer, 0, solution);
        }

        private static void RunAll(List<TestCase> tests, FrameWriter writer, List<Assembly> tested)
        {
            var classes = new Dictionary<Type, TestClass>();
            var left = tests.GroupBy(one => one.Owner).ToDictionary(one => one.Key, one => one.Count());
            foreach (TestCase test in tests)
            {
                var watch = Stopwatch.StartNew();
                Dictionary<string, object?> row = Outcome(test, classes, --left[test.Owner] == 0, tested);
                row["test"] = test.Id;
                row["duration_ms"] = (int)watch.ElapsedMilliseconds;
                writer.Send("row", row);
            }
        }

        private static Dictionary<string, object?> Outcome(
            TestCase test, Dictionary<Type, TestClass> classes, bool isLast, List<Assembly> tested)
        {
            if (test.Fault.Length > 0)
            {
                return Row("error", test.Fault);
            }
            if (test.SkipReason.Length > 0)
            {
                return Row("skipped", Messages.Clean(test.SkipReason));
            }
            try
            {
                if (!classes.TryGetValue(test.Owner, out TestClass? owner))
                {
                    owner = classes[test.Owner] = new TestClass(test.Owner);
                }
                try
                {
                    owner.Run(test);
                }
                finally
                {
                    if (isLast)
                    {
                        owner.End();
                    }
                }
                return Row("passed", "");
            }
            catch (Exception problem)
            {
                return Failure(Messages.Inner(problem), tested);
            }
        }

        private static Dictionary<string, object?> Failure(Exception problem, List<Assembly> tested)
        {
            if (problem is SkipException)
            {
                bool byTested = new StackTrace(problem).GetFrames()
                    .Any(frame => tested.Contains(frame?.GetMethod()?.Module.Assembly!));
                return byTested
                    ? Row("failed", "The test was skipped by the code under test, not by the test.")
                    : Row("skipped", Messages.Clean(problem.Message));
            }
            Dictionary<string, object?> row = Row("failed", Messages.Of(problem));
            row["memory"] = Messages.IsOutOfMemory(problem);
            return row;
        }

        private static Dictionary<string, object?> Row(string outcome, string message) =>
            new Dictionary<string, object?> { ["outcome"] = outcome, ["message"] = message };

        /// One row per file that does not compile.
        private static void ReportErrors(List<CompileError> errors, FrameWriter writer)
        {
            foreach (IGrouping<string, CompileError> file in errors.GroupBy(error => error.File))
            {
                Dictionary<string, object?> row = Row("error", Messages.Of(file.ToList()));
                row["test"] = file.Key;
                row["duration_ms"] = 0;
                row["collector"] = true;
                row["sort"] = "compile_error";
                writer.Send("row", row);
            }
        }

        private static void Finish(FrameWriter writer, int status, Solution solution) =>
            writer.Send("finish", new Dictionary<string, object?>
            {
                ["status"] = status,
                ["violations"] = solution.Violations,
                ["notes"] = solution.Notes.Prepend(StandIn).Distinct().ToList(),
            });

        private static bool IsSelected(string id, List<string> select) =>
            select.Count == 0 || select.Any(name => id == name || id.StartsWith(name + "::", StringComparison.Ordinal)
                || id.StartsWith(name + "(", StringComparison.Ordinal)
                || id.StartsWith(name.TrimEnd('/') + "/", StringComparison.Ordinal));

        /// One control test first, one last, the others anywhere between.
        private static void MixIn(List<TestCase> canaries, List<TestCase> tests)
        {
            var random = new Random(Guid.NewGuid().GetHashCode());
            for (int i = 0; i < canaries.Count; i++)
            {
                int place = i == 0 ? 0 : i == 1 ? tests.Count : random.Next(tests.Count + 1);
                tests.Insert(place, canaries[i]);
            }
        }
    }
}
