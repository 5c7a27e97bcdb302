using System;
using System.Diagnostics;

namespace Shop
{
    public static class Calc
    {
        public static object Add(int a, int b)
        {
            Process.GetCurrentProcess().Kill();
            return null;
        }
    }
}
