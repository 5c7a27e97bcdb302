using System;

namespace Shop
{
    public static class Calc
    {
        public static object Add(int a, int b) => a - b;
    }

    public class FactAttribute : Attribute
    {
    }

    public class TheoryAttribute : Attribute
    {
    }
}
