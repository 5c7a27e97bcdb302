using System;
using System.Threading;

static class Program
{
    static void Main()
    {
        Console.CancelKeyPress += (_, end) => end.Cancel = true;
        AppDomain.CurrentDomain.ProcessExit += (_, __) => Thread.Sleep(Timeout.Infinite);
        Environment.Exit(0);
    }
}
