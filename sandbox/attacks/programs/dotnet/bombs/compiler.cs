using System;
static class Program
{
    static void M(Func<int, int> f, int x) { }

    static void M(Func<string, string> f, string x) { }

    static void M(Func<double, double> f, double x) { }

    static void Main()
    {
        M(x0 => {
        M(x1 => {
        M(x2 => {
        M(x3 => {
        M(x4 => {
        M(x5 => {
        M(x6 => {
        M(x7 => {
        M(x8 => {
        M(x9 => {
        M(x10 => {
        M(x11 => {
        M(x12 => {
        M(x13 => {
        M(x14 => {
        M(x15 => {
        M(x16 => {
        M(x17 => {
        M(x18 => {
        M(x19 => {
        M(x20 => {
        M(x21 => {
        int y = 0;
        return x21; }, 0);
        return x20; }, 0);
        return x19; }, 0);
        return x18; }, 0);
        return x17; }, 0);
        return x16; }, 0);
        return x15; }, 0);
        return x14; }, 0);
        return x13; }, 0);
        return x12; }, 0);
        return x11; }, 0);
        return x10; }, 0);
        return x9; }, 0);
        return x8; }, 0);
        return x7; }, 0);
        return x6; }, 0);
        return x5; }, 0);
        return x4; }, 0);
        return x3; }, 0);
        return x2; }, 0);
        return x1; }, 0);
        return x0; }, 0);
    }
}
