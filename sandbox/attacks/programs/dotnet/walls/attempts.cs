using System;
using System.Collections.Generic;
using System.IO;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Text.Json;

/// What the attack programs share: try something, keep the system's answer, print all answers at the end.
/// An answer that begins with `done` means that the attempt worked, which no attempt of these programs may.
static class Attempts
{
    static readonly Dictionary<string, string> Answers = new Dictionary<string, string>();

    public static readonly JsonElement Bait = JsonDocument.Parse(File.ReadAllText("bait.json")).RootElement;

    public static void Tried(string name, Func<object> work)
    {
        try
        {
            Answers[name] = "done " + work();
        }
        catch (Exception error)
        {
            Answers[name] = error.GetType().Name + ": " + error.Message;
        }
    }

    public static void Found(string name, bool isThere) => Answers[name] = isThere ? "done" : "absent";

    public static void Opened(string path, FileAccess access = FileAccess.Read) =>
        Tried("open " + path, () =>
        {
            using (new FileStream(path, access == FileAccess.Read ? FileMode.Open : FileMode.OpenOrCreate, access))
            {
                return "opened";
            }
        });

    public static void Call(string name, long number, params long[] arguments)
    {
        var words = new long[5];
        arguments.CopyTo(words, 0);
        long code = syscall(number, words[0], words[1], words[2], words[3], words[4]);
        Answers[name] = code >= 0 ? "done " + code : "errno " + Marshal.GetLastWin32Error();
    }

    public static void Connect(string host, int port) =>
        Tried($"connect {host}:{port}", () =>
        {
            using var client = new TcpClient();
            return client.ConnectAsync(host, port).Wait(1000) ? "connected" : throw new TimeoutException();
        });

    public static void Report() => Console.Write(JsonSerializer.Serialize(Answers));

    [DllImport("libc", SetLastError = true)]
    static extern long syscall(long number, long a, long b, long c, long d, long e);
}
