using System;
using System.Runtime.InteropServices;

static class Program
{
    static void Main()
    {
        for (int made = 0; made < 4096; made++)
        {
            IntPtr piece = Marshal.AllocHGlobal(1 << 20);
            for (int i = 0; i < 1 << 20; i += 4096)
            {
                Marshal.WriteByte(piece, i, 1);
            }
        }
        Console.Write("took 4 GB");
    }
}
