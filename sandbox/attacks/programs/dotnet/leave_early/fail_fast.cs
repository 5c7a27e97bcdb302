using System;

namespace Shop
{
    public static class Calc
    {
        public static object Add(int a, int b)
        {
            Environment.FailFast("done");
            return null;
        }
    }
}
