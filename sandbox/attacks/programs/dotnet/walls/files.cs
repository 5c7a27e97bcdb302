using System;
using System.IO;
using System.Text.Json;

static class Program
{
    static void Main()
    {
        foreach (string path in new[]
        {
            "/etc/passwd", "/usr/bin/python3", "/opt/nexus/lib/nexus_harness/supervisor.py", "/opt/nexus/toolchain/dotnet",
            "/opt/nexus/toolchain/runner/Nexus.Box.dll", "/proc/sys/kernel/core_pattern", "/proc/sysrq-trigger", "/proc/1/mem",
        })
        {
            Attempts.Opened(path, FileAccess.Write);
        }
        foreach (string path in new[] { "/etc/shadow", "/etc/sudoers", "/root/.ssh/id_rsa", "/proc/1/mem", "/proc/kcore", "/dev/mem" })
        {
            Attempts.Opened(path);
        }
        foreach (JsonElement path in Attempts.Bait.GetProperty("files").EnumerateArray())
        {
            Attempts.Opened(path.GetString());
        }
        foreach (string folder in new[] { "/opt/nexus/toolchain/runner", "/usr/lib", "/etc", "/" })
        {
            Attempts.Tried("make " + folder, () => File.Create(Path.Combine(folder, Attempts.Bait.GetProperty("token").GetString())));
        }
        Attempts.Tried("delete", () =>
        {
            File.Delete("/opt/nexus/toolchain/runner/Nexus.Testing.dll");
            return "deleted";
        });
        foreach (string socket in new[] { "/var/run/docker.sock", "/run/containerd/containerd.sock", "/run/dbus/system_bus_socket" })
        {
            Attempts.Found(socket, File.Exists(socket));
        }
        Attempts.Report();
    }
}
