using System;
using System.Collections.Generic;
using System.Linq;
using System.Reflection;
using System.Runtime.ExceptionServices;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace Nexus.Box
{
    /// Compiles one file, runs it as the program, and reports how it ended.
    internal static class ScriptRun
    {
        /// The exit status of the process. Every way to end is reported, but one that ends the process at once.
        internal static int Run(string entry, FrameWriter writer)
        {
            var errors = new List<CompileError>();
            Compiled? compiled = Compile(entry, errors);
            if (compiled == null)
            {
                Report(writer, "compile_error", Messages.Of(errors), false);
                writer.Send("finish", new Dictionary<string, object?>());
                return 1;
            }
            // The code may leave by Environment.Exit, or leave threads behind that go on after Main.
            AppDomain.CurrentDomain.ProcessExit += (_, __) => writer.Send("finish", new Dictionary<string, object?>());
            AppDomain.CurrentDomain.UnhandledException += (_, problem) =>
            {
                Report(writer, "runtime_error", (Exception)problem.ExceptionObject);
                writer.Send("finish", new Dictionary<string, object?>());
            };
            return Start(new WorkContext().Load(compiled).EntryPoint!, writer);
        }

        private static Compiled? Compile(string entry, List<CompileError> errors)
        {
            CSharpParseOptions options = Compiler.ParseOptions(Compiler.Latest, new[] { "DEBUG", "TRACE" });
            SyntaxTree tree = Compiler.Parse(entry, Compiler.ReadText("/work/" + entry), options);
            CSharpCompilation compilation = Compiler.Compilation(
                "Program_", new[] { tree }, Toolchain.References(testing: false), OutputKind.ConsoleApplication,
                nullable: true, isUnsafe: true);
            return Compiler.Emit(compilation, errors);
        }

        private static int Start(MethodInfo main, FrameWriter writer)
        {
            try
            {
                object?[] arguments = main.GetParameters().Select(_ => (object)Array.Empty<string>()).ToArray();
                object? status = main.Invoke(null, BindingFlags.DoNotWrapExceptions, null, arguments, null);
                if (status is int code && code != 0)
                {
                    Report(writer, "runtime_error", $"Main returned {code}.", false);
                    return code;
                }
                return Environment.ExitCode;
            }
            catch (Exception problem)
            {
                Console.Error.WriteLine("Unhandled exception. " + Messages.WithFrames(problem));
                Report(writer, "runtime_error", problem);
                return 1;
            }
        }

        private static void Report(FrameWriter writer, string sort, Exception problem) =>
            Report(writer, sort, Messages.Of(problem), Messages.IsOutOfMemory(problem));

        private static void Report(FrameWriter writer, string sort, string message, bool memory) =>
            writer.Send("problem", new Dictionary<string, object?>
            {
                ["sort"] = sort,
                ["message"] = message,
                ["memory"] = memory,
            });
    }
}
