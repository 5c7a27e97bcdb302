using System;
using System.Collections.Generic;
using System.Linq;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace Nexus.Box
{
    /// The projects of a work tree, compiled in the order of their references.
    internal sealed class Solution
    {
        private const string Friend = "Nexus_Tests";
        internal readonly List<Compiled> Tests = new List<Compiled>();
        internal readonly List<CompileError> Errors = new List<CompileError>();
        internal readonly List<string> Notes = new List<string>();
        internal readonly List<Compiled> Built = new List<Compiled>();
        internal List<string> Violations = new List<string>();
        private readonly Dictionary<string, Compiled?> _byProject = new Dictionary<string, Compiled?>();
        private readonly Dictionary<string, HashSet<Compiled>> _uses = new Dictionary<string, HashSet<Compiled>>();
        private readonly List<MetadataReference> _framework = Toolchain.References(testing: true);
        private readonly Dictionary<string, string> _canaries;

        private Solution(Dictionary<string, string> canaries) => _canaries = canaries;

        internal static Solution Build(Orders orders)
        {
            var solution = new Solution(orders.Canaries);
            List<SourceFile> files = Sources.Find(".cs", orders.Pristine);
            List<SourceFile> projects = Sources.Find(".csproj", orders.Pristine);
            if (projects.Count == 0)
            {
                solution.BuildLoose(files);
            }
            else
            {
                solution.BuildProjects(files, projects);
            }
            return solution;
        }

        /// Tests apart from the code they test: what that declares cannot take the place of what they use.
        private void BuildLoose(List<SourceFile> files)
        {
            CSharpParseOptions options = Options(Project.Loose(""));
            List<(SourceFile File, SyntaxTree Tree)> parsed =
                files.Select(file => (file, Compiler.Parse(file.Path, file.Text, options))).ToList();
            bool anyProtected = files.Any(file => file.IsProtected);
            ILookup<bool, (SourceFile File, SyntaxTree Tree)> parts =
                parsed.ToLookup(one => !anyProtected || one.File.IsProtected || Sources.HoldsTests(one.Tree));
            var references = new List<MetadataReference>(_framework);
            if (parts[false].Any())
            {
                List<SyntaxTree> trees = parts[false].Select(one => one.Tree).ToList();
                trees.Add(Compiler.Parse(
                    "friends.cs", $"[assembly: System.Runtime.CompilerServices.InternalsVisibleTo(\"{Friend}\")]", options));
                Compiled? code = Emit(Project.Loose("Work"), trees, _framework);
                if (code == null)
                {
                    return;
                }
                references.Add(Reference(code));
            }
            Guard(parsed.Where(one => !one.File.IsProtected && anyProtected).Select(one => one.Tree));
            EmitTests(Project.Loose(Friend), parts[true].Select(one => one.Tree).ToList(), references);
        }

        private void BuildProjects(List<SourceFile> files, List<SourceFile> projectFiles)
        {
            Dictionary<string, Project> projects = projectFiles.ToDictionary(file => file.Path, Project.Read);
            foreach (SourceFile file in files)
            {
                // The innermost project owns a file.
                projects.Values.Where(one => Project.IsBelow(file.Path, one.Folder)).OrderBy(one => -one.Folder.Length)
                    .Take(1).Where(one => one.Takes(file)).ToList().ForEach(one => one.Files.Add(file));
            }
            foreach (string path in projects.Keys)
            {
                BuildProject(path, projects, new HashSet<string>());
            }
        }

        private Compiled? BuildProject(string path, Dictionary<string, Project> projects, HashSet<string> above)
        {
            if (_byProject.TryGetValue(path, out Compiled? done) || !projects.TryGetValue(path, out Project? project) || !above.Add(path))
            {
                return done;
            }
            var used = new HashSet<Compiled>();
            foreach (string other in project.References)
            {
                if (BuildProject(other, projects, above) is Compiled built)
                {
                    // What a referenced project refers to can be used as well.
                    used.UnionWith(_uses[other].Append(built));
                }
                else if (!projects.ContainsKey(other))
                {
                    Notes.Add($"{project.Name} refers to {other}, which is not there.");
                }
            }
            _uses[path] = used;
            return _byProject[path] = Compile(project, _framework.Concat(used.Select(Reference)).ToList());
        }

        private static MetadataReference Reference(Compiled compiled) => MetadataReference.CreateFromImage(compiled.Image);

        private Compiled? Compile(Project project, List<MetadataReference> references)
        {
            Notes.AddRange(project.Notes);
            CSharpParseOptions options = Options(project);
            List<(SourceFile File, SyntaxTree Tree)> parsed = project.Files
                .Select(file => (file, Compiler.WithUsings(Compiler.Parse(file.Path, file.Text, options), project.Usings)))
                .ToList();
            List<SyntaxTree> trees = parsed.Select(one => one.Tree).ToList();
            if (!trees.Any(Sources.HoldsTests))
            {
                Guard(trees);
                return Emit(project, trees, references);
            }
            Guard(parsed.Where(one => !one.File.IsProtected && parsed.Any(other => other.File.IsProtected)).Select(one => one.Tree));
            return EmitTests(project, trees, references);
        }

        private void Guard(IEnumerable<SyntaxTree> trees) => Violations.AddRange(trees.SelectMany(Hijack.In));

        private static CSharpParseOptions Options(Project project) =>
            Compiler.ParseOptions(project.Language, project.Defines);

        private Compiled? EmitTests(Project project, List<SyntaxTree> trees, List<MetadataReference> references)
        {
            foreach (KeyValuePair<string, string> canary in Tests.Count == 0 ? _canaries : new Dictionary<string, string>())
            {
                trees.Add(Compiler.Parse("", Canary.Source(canary.Key, canary.Value), Options(Project.Loose(""))
                    .WithLanguageVersion(project.Language)));
            }
            Compiled? compiled = Emit(project, trees, references);
            if (compiled != null)
            {
                Tests.Add(compiled);
            }
            return compiled;
        }

        private Compiled? Emit(Project project, List<SyntaxTree> trees, List<MetadataReference> references)
        {
            OutputKind kind = project.IsExecutable ? OutputKind.ConsoleApplication : OutputKind.DynamicallyLinkedLibrary;
            Compiled? compiled = Compiler.Emit(
                Compiler.Compilation(project.Name, trees, references, kind, project.Nullable, project.Unsafe), Errors);
            if (compiled != null)
            {
                Built.Add(compiled);
            }
            return compiled;
        }
    }
}
