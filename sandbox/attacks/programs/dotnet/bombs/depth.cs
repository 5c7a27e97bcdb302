static class Program
{
    static int Deeper(int n) => Deeper(n + 1) + 1;

    static int Main() => Deeper(0);
}
