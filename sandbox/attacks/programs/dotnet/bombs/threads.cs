using System;
using System.Threading;

static class Program
{
    static void Main()
    {
        int made = 0;
        try
        {
            for (; made < 5000; made++)
            {
                new Thread(() => Thread.Sleep(Timeout.Infinite), 1 << 16) { IsBackground = true }.Start();
            }
            Console.Write(made + " never");
        }
        catch (Exception)
        {
            Console.Write(made + " EAGAIN");
        }
    }
}
