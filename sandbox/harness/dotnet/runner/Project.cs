using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.RegularExpressions;
using System.Xml;
using System.Xml.Linq;
using Microsoft.CodeAnalysis.CSharp;

namespace Nexus.Box
{
    /// What one .csproj says about its compilation. It is read, not run: a project file can carry any program.
    internal sealed class Project
    {
        private static readonly string[] Implicit =
        {
            "System", "System.Collections.Generic", "System.IO", "System.Linq", "System.Net.Http", "System.Threading",
            "System.Threading.Tasks",
        };

        internal string Name = "";
        internal string Folder = "";
        internal bool Nullable;
        internal bool Unsafe;
        internal bool IsExecutable;
        internal LanguageVersion Language = Compiler.Latest;
        internal List<string> Usings = new List<string>();
        internal List<string> Defines = new List<string> { "DEBUG", "TRACE" };
        internal List<string> References = new List<string>();
        internal List<string> Notes = new List<string>();
        internal List<SourceFile> Files = new List<SourceFile>();
        private readonly List<Regex> _removed = new List<Regex>();

        /// Code without a project file: nullable, and the latest language.
        internal static Project Loose(string name) => new Project { Name = name, Nullable = true, Unsafe = true };

        internal static Project Read(SourceFile file)
        {
            var project = new Project
            {
                Name = Path.GetFileNameWithoutExtension(file.Path),
                Folder = (Path.GetDirectoryName(file.Path) ?? "").Replace('\\', '/'),
            };
            try
            {
                XElement root = XElement.Parse(file.Text);
                foreach (XElement element in root.Descendants().Where(one => one.Attribute("Condition") == null))
                {
                    project.Take(element, file.IsProtected);
                }
            }
            catch (XmlException problem)
            {
                project.Notes.Add($"{file.Path} is not XML ({problem.Message}); its defaults were taken.");
            }
            if (Toolchain.Owns(project.Name))
            {
                project.Name += "_";
            }
            return project;
        }

        /// Whether a file below the project's folder is compiled with it; protected files cannot be left out.
        internal bool Takes(SourceFile file) =>
            IsBelow(file.Path, Folder)
            && (file.IsProtected || !_removed.Any(one => one.IsMatch(file.Path.Substring(Folder.Length).TrimStart('/'))));

        internal static bool IsBelow(string path, string folder) =>
            folder.Length == 0 || path.StartsWith(folder + "/", StringComparison.Ordinal);

        private void Take(XElement element, bool isProtected)
        {
            string value = element.Value.Trim();
            switch (element.Name.LocalName)
            {
                case "Nullable":
                    Nullable = value.Equals("enable", StringComparison.OrdinalIgnoreCase);
                    break;
                case "AllowUnsafeBlocks":
                    Unsafe = value.Equals("true", StringComparison.OrdinalIgnoreCase);
                    break;
                case "OutputType":
                    IsExecutable = value.EndsWith("exe", StringComparison.OrdinalIgnoreCase);
                    break;
                case "LangVersion":
                    TakeLanguage(value);
                    break;
                case "ImplicitUsings" when !value.Equals("disable", StringComparison.OrdinalIgnoreCase):
                    Usings.AddRange(Implicit);
                    break;
                case "TargetFramework":
                    TakeTarget(value);
                    break;
                // Who writes the symbols decides what the tests say.
                case "DefineConstants" when isProtected:
                    Defines.AddRange(value.Split(';').Select(one => one.Trim()).Where(SyntaxFacts.IsValidIdentifier));
                    break;
                case "ProjectReference" when Attribute(element, "Include") is string other:
                    References.Add(Normal(Folder + "/" + other.Replace('\\', '/')));
                    break;
                case "Compile" when Attribute(element, "Remove") is string pattern:
                    _removed.AddRange(pattern.Split(';').Select(Glob));
                    break;
                case "Using" when Attribute(element, "Include") is string name && element.Attribute("Alias") == null:
                    Usings.Add(element.Attribute("Static") == null ? name : "static " + name);
                    break;
            }
        }

        private void TakeLanguage(string value)
        {
            if (LanguageVersionFacts.TryParse(value, out LanguageVersion version))
            {
                LanguageVersion effective = version.MapSpecifiedToEffectiveVersion();
                Language = effective == LanguageVersion.Preview ? Compiler.Latest : effective;
            }
            else
            {
                Notes.Add($"{Name} asks for C# {value}; C# {Compiler.Latest.ToDisplayString()} compiled it.");
            }
        }

        private void TakeTarget(string value)
        {
            Match target = Regex.Match(value, @"^net(?:coreapp)?(\d+)\.(\d+)");
            var own = Environment.Version;
            if (target.Success && new Version(int.Parse(target.Groups[1].Value), int.Parse(target.Groups[2].Value))
                > new Version(own.Major, own.Minor))
            {
                Notes.Add($"{Name} targets {value}; .NET {own.Major}.{own.Minor} ran it.");
            }
        }

        private static string? Attribute(XElement element, string name) => element.Attribute(name)?.Value;

        private static Regex Glob(string pattern)
        {
            string text = Regex.Escape(pattern.Trim().Replace('\\', '/'))
                .Replace(@"\*\*/", "(.*/)?").Replace(@"\*\*", ".*").Replace(@"\*", "[^/]*").Replace(@"\?", "[^/]");
            return new Regex("^" + text + "$");
        }

        private static string Normal(string path)
        {
            var parts = new List<string>();
            foreach (string part in path.Split('/').Where(one => one.Length > 0 && one != "."))
            {
                if (part == ".." && parts.Count > 0)
                {
                    parts.RemoveAt(parts.Count - 1);
                }
                else
                {
                    parts.Add(part);
                }
            }
            return string.Join("/", parts);
        }
    }
}
