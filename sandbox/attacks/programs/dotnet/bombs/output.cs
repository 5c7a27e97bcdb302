using System;

static class Program
{
    static void Main()
    {
        var line = new string('x', 1 << 16);
        while (true)
        {
            Console.Write(line);
        }
    }
}
