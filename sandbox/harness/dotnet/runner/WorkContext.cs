using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Reflection;
using System.Runtime.Loader;

namespace Nexus.Box
{
    /// Where the compiled code lives: it finds itself, the project's packages, and the framework.
    internal sealed class WorkContext : AssemblyLoadContext
    {
        private readonly Dictionary<string, string> _packages;

        internal WorkContext() : base("work")
        {
            _packages = Toolchain.Packages().ToDictionary(path => Path.GetFileNameWithoutExtension(path)!, path => path);
        }

        internal Assembly Load(Compiled compiled) =>
            LoadFromStream(new MemoryStream(compiled.Image), new MemoryStream(compiled.Symbols));

        protected override Assembly? Load(AssemblyName name) =>
            name.Name != null && _packages.TryGetValue(name.Name, out string? path) ? LoadFromAssemblyPath(path) : null;
    }
}
