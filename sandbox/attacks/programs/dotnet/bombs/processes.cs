using System;
using System.Diagnostics;

static class Program
{
    static void Main()
    {
        int made = 0;
        try
        {
            for (; made < 5000; made++)
            {
                Process.Start("/bin/sleep", "60");
            }
            Console.Write(made + " never");
        }
        catch (Exception)
        {
            Console.Write(made + " EAGAIN");
        }
    }
}
