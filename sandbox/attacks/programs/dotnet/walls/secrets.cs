using System;
using System.Collections;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Runtime.InteropServices;
using System.Text;

static class Program
{
    static void Main()
    {
        var text = new StringBuilder();
        foreach (DictionaryEntry entry in Environment.GetEnvironmentVariables())
        {
            text.Append(entry.Key).Append('=').Append(entry.Value).Append('\n');
        }
        foreach (string folder in Directory.GetDirectories("/proc").Where(path => int.TryParse(Path.GetFileName(path), out _)))
        {
            foreach (string name in new[] { "environ", "cmdline" })
            {
                try
                {
                    text.Append(File.ReadAllText(Path.Combine(folder, name)));
                }
                catch (Exception)
                {
                    // Of the supervisor nothing can be read.
                }
            }
        }
        Attempts.Found("the planted secret", text.ToString().Contains("nexus-canary-"));
        Attempts.Found("other users' processes", Process.GetProcesses().Length > 3);
        // Descriptor 3 held the orders, with the key in them; the runtime has used the number again since.
        foreach (string path in Directory.GetFiles("/proc/self/fd"))
        {
            Attempts.Found("orders in " + path, Target(path) == "/memfd:config (deleted)");
        }
        Attempts.Opened("/proc/1/fd/0");
        Attempts.Report();
    }

    static string Target(string path)
    {
        var name = new byte[256];
        long length = readlink(path, name, name.Length);
        return Encoding.UTF8.GetString(name, 0, (int)Math.Max(length, 0));
    }

    [DllImport("libc")]
    static extern long readlink(string path, byte[] target, long size);
}
