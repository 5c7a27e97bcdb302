using System;
using System.Collections.Generic;
using System.Linq;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Nexus.Box
{
    /// Names of the test frameworks that the code under test declares for itself. A test in the same namespace, or
    /// a test class derived from such code, would call them instead of the real ones, without a word from the compiler.
    internal static class Hijack
    {
        private static readonly HashSet<string> Members =
            new HashSet<string> { "Assert", "CollectionAssert", "StringAssert", "Is", "Has", "Does" };

        private static readonly HashSet<string> Attributes = new HashSet<string>(
            typeof(Testing.Equality).Assembly.GetExportedTypes()
                .Where(type => typeof(Attribute).IsAssignableFrom(type)).Select(type => type.Name));

        internal static IEnumerable<string> In(SyntaxTree tree)
        {
            foreach (SyntaxNode node in tree.GetRoot().DescendantNodes())
            {
                string? name = Declared(node);
                if (name != null)
                {
                    yield return $"{Orders.Below(tree.FilePath)} declares {name}, as a test framework does";
                }
            }
        }

        private static string? Declared(SyntaxNode node)
        {
            switch (node)
            {
                case BaseTypeDeclarationSyntax type when IsTaken(type):
                    return type.Identifier.Text;
                case UsingDirectiveSyntax alias when alias.Alias != null && Members.Contains(alias.Alias.Name.Identifier.Text)
                    && alias.ToString().StartsWith("global", StringComparison.Ordinal):
                    return alias.Alias.Name.Identifier.Text;
                case PropertyDeclarationSyntax property when Members.Contains(property.Identifier.Text):
                    return property.Identifier.Text;
                case VariableDeclaratorSyntax field when field.Parent?.Parent is FieldDeclarationSyntax && Members.Contains(field.Identifier.Text):
                    return field.Identifier.Text;
                case NamespaceDeclarationSyntax space when IsOfAFramework(space.Name.ToString()):
                    return "namespace " + space.Name;
                default:
                    return null;
            }
        }

        private static bool IsTaken(BaseTypeDeclarationSyntax type)
        {
            string name = type.Identifier.Text;
            bool isAttribute = Attributes.Contains(name) || (type.BaseList != null && Attributes.Contains(name + "Attribute"));
            // A class of records is nothing special; one that catches exceptions for a test is.
            bool catches = name == "Record" && type.DescendantNodes().OfType<MethodDeclarationSyntax>()
                .Any(method => method.Identifier.Text.StartsWith("Exception", StringComparison.Ordinal));
            return isAttribute || catches || Members.Contains(name);
        }

        private static bool IsOfAFramework(string space) =>
            space == "Xunit" || space.StartsWith("Xunit.", StringComparison.Ordinal)
            || space == "NUnit" || space.StartsWith("NUnit.", StringComparison.Ordinal)
            || space.StartsWith("Microsoft.VisualStudio.TestTools", StringComparison.Ordinal);
    }
}
