using System;
using System.Collections.Generic;
using System.Runtime.InteropServices;
using Microsoft.CodeAnalysis.CSharp;

namespace Nexus.Box
{
    /// First program of the tested process: takes its orders from the supervisor and carries them out.
    internal static class Program
    {
        private static int Main()
        {
            Orders orders = Orders.Read(out FrameWriter writer);
            switch (orders.Kind)
            {
                case "tests":
                    TestRun.Run(orders, writer);
                    // Nothing of the tested code runs after its report: no finaliser, no handler, no thread.
                    _exit(0);
                    return 0;
                case "probe":
                    Console.WriteLine(
                        $"{{\"sdk\": \"{Toolchain.SdkVersion}\", \"runtime\": \"{Environment.Version}\", "
                        + $"\"language\": \"{Compiler.Latest.ToDisplayString()}\"}}");
                    writer.Send("finish", new Dictionary<string, object?>());
                    return 0;
                default:
                    return ScriptRun.Run(orders.Entry, writer);
            }
        }

        [DllImport("libc")]
        private static extern void _exit(int status);
    }
}
