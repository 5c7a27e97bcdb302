namespace Shop
{
    public static class Calc
    {
        public static object Add(int a, int b) => a + b;
    }
}
