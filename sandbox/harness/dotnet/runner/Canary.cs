namespace Nexus.Box
{
    /// Control tests: their program text, as a test class of its own.
    internal static class Canary
    {
        internal static string Source(string name, string body) =>
            "using System; using System.Collections.Generic; using System.Linq; using Xunit;\n"
            + $"public class {ClassName(name)} {{ [Fact] public void {name}() {{ {body} }} }}\n";

        internal static string ClassName(string name) => "Of_" + name;
    }
}
