using System.Collections.Generic;
using System.Threading.Tasks;
using Shop;
using Xunit;

namespace Shop.Tests
{
    public class CalcTests
    {
        [Fact]
        public void Adds_small_numbers()
        {
            Assert.Equal((object)5, Calc.Add(2, 3));
        }

        [Theory]
        [InlineData(1, 1, 2)]
        [InlineData(1000000, 1, 1000001)]
        public void Adds(int a, int b, int sum)
        {
            Assert.Equal((object)sum, Calc.Add(a, b));
        }

        [Fact]
        public async Task Adds_later()
        {
            await Task.Yield();
            Assert.Equal(new List<object> { 7 }, new[] { Calc.Add(3, 4) });
        }
    }
}
