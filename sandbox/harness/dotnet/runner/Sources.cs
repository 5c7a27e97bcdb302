using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Nexus.Box
{
    internal sealed class SourceFile
    {
        internal readonly string Path;
        internal readonly string Text;
        internal readonly bool IsProtected;

        internal SourceFile(string path, string text, bool isProtected)
        {
            Path = path;
            Text = text;
            IsProtected = isProtected;
        }
    }

    /// The files of the work folder; protected ones with the text the supervisor was given, whatever is on disk.
    internal static class Sources
    {
        private const string Root = "/work";
        private static readonly HashSet<string> Skipped = new HashSet<string> { "bin", "obj", "node_modules" };

        private static readonly HashSet<string> TestMarks = new HashSet<string>
        {
            "Fact", "Theory", "Test", "TestCase", "TestCaseSource", "TestMethod", "DataTestMethod",
        };

        internal static List<SourceFile> Find(string extension, Dictionary<string, string> pristine)
        {
            var found = new SortedDictionary<string, SourceFile>(StringComparer.Ordinal);
            Search(Root, extension, found);
            foreach (KeyValuePair<string, string> file in pristine)
            {
                if (file.Key.EndsWith(extension, StringComparison.Ordinal))
                {
                    found[file.Key] = new SourceFile(file.Key, file.Value.TrimStart('\ufeff'), true);
                }
            }
            return found.Values.ToList();
        }

        /// Whether a file holds tests, by the attributes in it.
        internal static bool HoldsTests(SyntaxTree tree) =>
            tree.GetRoot().DescendantNodes().OfType<AttributeSyntax>().Any(one => TestMarks.Contains(LastName(one.Name)));

        private static void Search(string folder, string extension, SortedDictionary<string, SourceFile> found)
        {
            foreach (string path in Directory.GetFiles(folder, "*" + extension))
            {
                // A link may lead anywhere, also back.
                if ((File.GetAttributes(path) & FileAttributes.ReparsePoint) == 0)
                {
                    string name = Orders.Below(path);
                    found[name] = new SourceFile(name, Compiler.ReadText(path), false);
                }
            }
            foreach (string path in Directory.GetDirectories(folder))
            {
                string name = Path.GetFileName(path);
                if (!Skipped.Contains(name) && name[0] != '.' && (File.GetAttributes(path) & FileAttributes.ReparsePoint) == 0)
                {
                    Search(path, extension, found);
                }
            }
        }

        private static string LastName(NameSyntax name)
        {
            string text = name is QualifiedNameSyntax qualified ? qualified.Right.Identifier.Text : name.ToString();
            return text.EndsWith("Attribute", StringComparison.Ordinal) ? text.Substring(0, text.Length - 9) : text;
        }
    }
}
