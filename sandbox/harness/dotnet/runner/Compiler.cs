using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Emit;
using Microsoft.CodeAnalysis.Text;

namespace Nexus.Box
{
    /// One error of a compilation. `Line` counts from 1.
    internal sealed class CompileError
    {
        internal string File = "";
        internal int Line;
        internal string Text = "";

        public override string ToString() => File.Length == 0 ? $"error {Text}" : $"{File}({Line}): error {Text}";
    }

    /// Compiles in this process and to memory, so that one start of .NET serves the compiler and the program.
    /// Neither analyzers nor source generators run, whoever brings them: they could rewrite what the tests say.
    internal static class Compiler
    {
        internal static readonly LanguageVersion Latest = LanguageVersion.Latest.MapSpecifiedToEffectiveVersion();
        private static readonly Encoding Strict = new UTF8Encoding(false, true);

        /// The text of a file. A file that is no UTF-8 makes a compilation fail with a sentence that says so.
        internal static string ReadText(string path)
        {
            try
            {
                return Strict.GetString(File.ReadAllBytes(path)).TrimStart('\ufeff');
            }
            catch (DecoderFallbackException)
            {
                return "#error This file is not valid UTF-8.";
            }
        }

        internal static CSharpParseOptions ParseOptions(LanguageVersion version, IEnumerable<string> defines) =>
            new CSharpParseOptions(version, DocumentationMode.None, SourceCodeKind.Regular, defines);

        internal static SyntaxTree Parse(string path, string text, CSharpParseOptions options) =>
            CSharpSyntaxTree.ParseText(SourceText.From(text, Encoding.UTF8), options, "/work/" + path);

        /// The tree with further `using` directives, on no line of their own.
        internal static SyntaxTree WithUsings(SyntaxTree tree, IEnumerable<string> names)
        {
            if (!names.Any())
            {
                return tree;
            }
            var root = (CompilationUnitSyntax)tree.GetRoot();
            UsingDirectiveSyntax[] added = names
                .Select(name => SyntaxFactory.ParseCompilationUnit($"using {name};").Usings[0])
                .ToArray();
            return CSharpSyntaxTree.Create(
                root.AddUsings(added), (CSharpParseOptions)tree.Options, tree.FilePath, Encoding.UTF8);
        }

        internal static CSharpCompilation Compilation(
            string name, IEnumerable<SyntaxTree> trees, IEnumerable<MetadataReference> references, OutputKind kind,
            bool nullable, bool isUnsafe)
        {
            var options = new CSharpCompilationOptions(
                kind,
                optimizationLevel: OptimizationLevel.Debug,
                allowUnsafe: isUnsafe,
                nullableContextOptions: nullable ? NullableContextOptions.Enable : NullableContextOptions.Disable,
                // Warnings are nobody's concern here; not looking for them saves time.
                warningLevel: 0,
                deterministic: true,
                assemblyIdentityComparer: DesktopAssemblyIdentityComparer.Default);
            return CSharpCompilation.Create(name, trees, references, options);
        }

        /// The assembly and its symbols, or null and the errors.
        internal static Compiled? Emit(CSharpCompilation compilation, List<CompileError> errors)
        {
            var image = new MemoryStream();
            var symbols = new MemoryStream();
            EmitResult result = compilation.Emit(
                image, symbols, options: new EmitOptions(debugInformationFormat: DebugInformationFormat.PortablePdb));
            if (!result.Success)
            {
                errors.AddRange(result.Diagnostics.Where(one => one.Severity == DiagnosticSeverity.Error).Select(Described));
                return null;
            }
            return new Compiled(compilation, image.ToArray(), symbols.ToArray());
        }

        private static CompileError Described(Diagnostic problem)
        {
            FileLinePositionSpan place = problem.Location.GetLineSpan();
            return new CompileError
            {
                File = Orders.Below(place.Path ?? ""),
                Line = place.StartLinePosition.Line + 1,
                Text = $"{problem.Id}: {problem.GetMessage()}",
            };
        }
    }

    internal sealed class Compiled
    {
        internal readonly CSharpCompilation Source;
        internal readonly byte[] Image;
        internal readonly byte[] Symbols;

        internal Compiled(CSharpCompilation source, byte[] image, byte[] symbols)
        {
            Source = source;
            Image = image;
            Symbols = symbols;
        }

        internal string Name => Source.AssemblyName ?? "";
    }
}
