using System;
using System.Collections.Generic;
using System.IO;
using Microsoft.CodeAnalysis;

namespace Nexus.Box
{
    /// The folder this program is in: reference assemblies, and the version of the SDK they came from.
    internal static class Toolchain
    {
        private static readonly string Root = Path.GetDirectoryName(Path.GetDirectoryName(typeof(Toolchain).Assembly.Location))!;

        /// Packages of the project, when the box was given any.
        private const string Site = "/opt/nexus/site";

        internal static string SdkVersion => File.ReadAllText(Path.Combine(Root, "sdk-version")).Trim();

        internal static List<MetadataReference> References(bool testing)
        {
            var found = new List<MetadataReference>();
            foreach (string path in Directory.GetFiles(Path.Combine(Root, "ref"), "*.dll"))
            {
                found.Add(MetadataReference.CreateFromFile(path));
            }
            foreach (string path in Packages())
            {
                found.Add(MetadataReference.CreateFromFile(path));
            }
            if (testing)
            {
                found.Add(MetadataReference.CreateFromFile(typeof(Testing.Equality).Assembly.Location));
            }
            return found;
        }

        /// Assemblies of the project's packages, but for the test frameworks that `Nexus.Testing` stands in for.
        internal static IEnumerable<string> Packages()
        {
            if (!Directory.Exists(Site))
            {
                yield break;
            }
            foreach (string path in Directory.GetFiles(Site, "*.dll"))
            {
                string name = Path.GetFileName(path).ToLowerInvariant();
                if (!name.StartsWith("xunit.", StringComparison.Ordinal)
                    && !name.StartsWith("nunit.", StringComparison.Ordinal)
                    && !name.StartsWith("microsoft.visualstudio.testplatform.", StringComparison.Ordinal))
                {
                    yield return path;
                }
            }
        }

        /// Whether an assembly of that name belongs to the toolchain, so that no compiled code may take its place.
        internal static bool Owns(string name) =>
            File.Exists(Path.Combine(Root, "ref", name + ".dll")) || name.StartsWith("Nexus.", StringComparison.Ordinal)
            || name.StartsWith("System.", StringComparison.Ordinal) || name.StartsWith("Microsoft.", StringComparison.Ordinal);
    }
}
