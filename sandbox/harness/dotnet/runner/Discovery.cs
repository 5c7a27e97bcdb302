using System;
using System.Collections.Generic;
using System.Linq;
using System.Reflection;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Nexus.Testing;

namespace Nexus.Box
{
    /// Finds the tests of a compiled assembly, in the order they are written.
    internal static class Discovery
    {
        private const BindingFlags Methods = BindingFlags.Instance | BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic;

        internal static List<TestCase> Find(Assembly assembly, Compiled compiled, ICollection<string> canaries)
        {
            Dictionary<string, string> files = FilesOfTypes(compiled);
            var seen = new Dictionary<string, int>();
            var found = new List<TestCase>();
            foreach (Type type in assembly.GetTypes().Where(one => !one.IsAbstract || one.IsSealed).OrderBy(one => one.MetadataToken))
            {
                foreach (MethodInfo method in TestMethods(type))
                {
                    if (canaries.Contains(method.Name) && type.Name == Canary.ClassName(method.Name))
                    {
                        found.Add(new TestCase { Id = method.Name, Owner = type, Method = method });
                        continue;
                    }
                    string file = files.TryGetValue(type.FullName ?? "", out string? path) ? path : "";
                    string id = $"{file}::{(type.FullName ?? "").Replace('+', '.')}.{method.Name}";
                    found.AddRange(TestCase.Of(type, method, id).Select(one => Unique(one, seen)));
                }
            }
            return found;
        }

        private static IEnumerable<MethodInfo> TestMethods(Type type) =>
            type.ContainsGenericParameters
                ? Enumerable.Empty<MethodInfo>()
                : type.GetMethods(Methods)
                    .Where(one => one.IsDefined(typeof(Attribute), true)
                        && one.GetCustomAttributesData().Any(IsMark))
                    .OrderBy(one => one.DeclaringType == type ? 1 : 0).ThenBy(one => one.MetadataToken);

        /// Looked at as data: asking for the attributes themselves would run code that the tests may have written.
        private static bool IsMark(CustomAttributeData data) =>
            typeof(ITestMark).IsAssignableFrom(data.AttributeType) || typeof(IRowSource).IsAssignableFrom(data.AttributeType);

        private static TestCase Unique(TestCase one, Dictionary<string, int> seen)
        {
            int count = seen.TryGetValue(one.Id, out int before) ? before + 1 : 1;
            seen[one.Id] = count;
            if (count > 1)
            {
                one.Id += $" #{count}";
            }
            return one;
        }

        private static Dictionary<string, string> FilesOfTypes(Compiled compiled)
        {
            var files = new Dictionary<string, string>();
            foreach (SyntaxTree tree in compiled.Source.SyntaxTrees)
            {
                foreach (TypeDeclarationSyntax type in tree.GetRoot().DescendantNodes().OfType<TypeDeclarationSyntax>())
                {
                    files[FullName(type)] = Orders.Below(tree.FilePath);
                }
            }
            return files;
        }

        private static string FullName(TypeDeclarationSyntax type)
        {
            int arity = type.TypeParameterList?.Parameters.Count ?? 0;
            string name = type.Identifier.Text + (arity > 0 ? "`" + arity : "");
            for (SyntaxNode? outer = type.Parent; outer != null; outer = outer.Parent)
            {
                if (outer is TypeDeclarationSyntax around)
                {
                    return FullName(around) + "+" + name;
                }
                if (SpaceName(outer) is string space)
                {
                    name = space + "." + name;
                }
            }
            return name;
        }

        /// Also of a namespace that is declared for a whole file, a node the oldest supported compiler does not know.
        private static string? SpaceName(SyntaxNode node) =>
            node.GetType().Name.EndsWith("NamespaceDeclarationSyntax", StringComparison.Ordinal)
                ? node.ChildNodes().OfType<NameSyntax>().FirstOrDefault()?.ToString()
                : null;
    }
}
