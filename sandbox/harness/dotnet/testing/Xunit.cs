using System;
using System.Collections;
using System.Collections.Generic;
using System.Linq;
using System.Reflection;
using System.Threading.Tasks;
using Nexus.Testing;

namespace Xunit
{
    [AttributeUsage(AttributeTargets.Method)]
    public class FactAttribute : Attribute, ITestMark
    {
        public string? DisplayName { get; set; }
        public string? Skip { get; set; }
        public int Timeout { get; set; }
        string ITestMark.SkipReason => Skip ?? "";
    }

    public class TheoryAttribute : FactAttribute
    {
    }

    [AttributeUsage(AttributeTargets.Method, AllowMultiple = true)]
    public sealed class InlineDataAttribute : Attribute, IRowSource
    {
        private readonly object?[] _data;

        public InlineDataAttribute(params object?[]? data) => _data = data ?? new object?[] { null };

        public string? Skip { get; set; }

        IEnumerable<Row> IRowSource.Rows(MethodInfo method) =>
            new[] { new Row { Arguments = _data, SkipReason = Skip ?? "" } };
    }

    [AttributeUsage(AttributeTargets.Method, AllowMultiple = true)]
    public sealed class MemberDataAttribute : Attribute, IRowSource
    {
        private readonly string _name;
        private readonly object?[] _arguments;

        public MemberDataAttribute(string memberName, params object?[] parameters)
        {
            _name = memberName;
            _arguments = parameters;
        }

        public Type? MemberType { get; set; }

        IEnumerable<Row> IRowSource.Rows(MethodInfo method) =>
            Sdk.TheoryRows.Of(MemberRows.Of(MemberType ?? method.ReflectedType!, _name, _arguments));
    }

    [AttributeUsage(AttributeTargets.Method, AllowMultiple = true)]
    public sealed class ClassDataAttribute : Attribute, IRowSource
    {
        private readonly Type _source;

        public ClassDataAttribute(Type @class) => _source = @class;

        IEnumerable<Row> IRowSource.Rows(MethodInfo method) => Sdk.TheoryRows.Of(Activator.CreateInstance(_source));
    }

    [AttributeUsage(AttributeTargets.Class | AttributeTargets.Method | AttributeTargets.Assembly, AllowMultiple = true)]
    public sealed class TraitAttribute : Attribute
    {
        public TraitAttribute(string name, string value)
        {
        }
    }

    [AttributeUsage(AttributeTargets.Class)]
    public sealed class CollectionAttribute : Attribute
    {
        public CollectionAttribute(string name)
        {
        }
    }

    [AttributeUsage(AttributeTargets.Class)]
    public sealed class CollectionDefinitionAttribute : Attribute
    {
        public CollectionDefinitionAttribute(string name)
        {
        }

        public bool DisableParallelization { get; set; }
    }

    public interface IClassFixture<TFixture> where TFixture : class
    {
    }

    public interface ICollectionFixture<TFixture> where TFixture : class
    {
    }

    public interface IAsyncLifetime
    {
        Task InitializeAsync();

        Task DisposeAsync();
    }

    public abstract class TheoryData : IEnumerable<object?[]>
    {
        private readonly List<object?[]> _rows = new List<object?[]>();

        protected void AddRow(params object?[] values) => _rows.Add(values);

        public IEnumerator<object?[]> GetEnumerator() => _rows.GetEnumerator();

        IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
    }

    public class TheoryData<T> : TheoryData
    {
        public void Add(T one) => AddRow(one);
    }

    public class TheoryData<T1, T2> : TheoryData
    {
        public void Add(T1 one, T2 two) => AddRow(one, two);
    }

    public class TheoryData<T1, T2, T3> : TheoryData
    {
        public void Add(T1 one, T2 two, T3 three) => AddRow(one, two, three);
    }

    public class TheoryData<T1, T2, T3, T4> : TheoryData
    {
        public void Add(T1 one, T2 two, T3 three, T4 four) => AddRow(one, two, three, four);
    }

    public class TheoryData<T1, T2, T3, T4, T5> : TheoryData
    {
        public void Add(T1 one, T2 two, T3 three, T4 four, T5 five) => AddRow(one, two, three, four, five);
    }
}

namespace Xunit.Abstractions
{
    public interface ITestOutputHelper
    {
        void WriteLine(string message);

        void WriteLine(string format, params object?[] args);
    }
}

namespace Xunit.Sdk
{
    public class XunitException : Exception
    {
        public XunitException(string message) : base(message)
        {
        }
    }

    /// Thrown by Assert.Skip.
    public sealed class SkippedException : SkipException
    {
        public SkippedException(string reason) : base(reason)
        {
        }
    }

    internal static class TheoryRows
    {
        internal static IEnumerable<Row> Of(object? source)
        {
            foreach (object? row in (IEnumerable)(source ?? Array.Empty<object?[]>()))
            {
                yield return new Row { Arguments = row as object?[] ?? new[] { row } };
            }
        }
    }
}
