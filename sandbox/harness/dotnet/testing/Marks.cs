using System;
using System.Collections.Generic;
using System.Reflection;

namespace Nexus.Testing
{
    /// What the runner knows of an attribute, whatever test framework it is written for.
    public interface ITestMark
    {
        /// Why the test is not to run; empty when it is.
        string SkipReason { get; }
    }

    /// Gives a test its arguments.
    public interface IRowSource
    {
        IEnumerable<Row> Rows(MethodInfo method);
    }

    public sealed class Row
    {
        public object?[] Arguments = Array.Empty<object?>();
        public bool HasExpectedResult;
        public object? ExpectedResult;
        public string SkipReason = "";
    }

    public enum Phase
    {
        BeforeAll,
        BeforeEach,
        AfterEach,
        AfterAll,
    }

    public interface IPhaseMark
    {
        Phase Phase { get; }
    }

    /// The exception that a test is expected to end with.
    public interface IExpectedException
    {
        Type ExceptionType { get; }
    }

    /// A test that says itself, while it runs, that it has nothing to say.
    public abstract class SkipException : Exception
    {
        protected SkipException(string message) : base(message)
        {
        }
    }

    /// Rows that are the value of a static member.
    public static class MemberRows
    {
        private const BindingFlags Static =
            BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.FlattenHierarchy;

        public static object? Of(Type owner, string name, object?[] arguments)
        {
            if (owner.GetProperty(name, Static) is PropertyInfo property)
            {
                return property.GetValue(null);
            }
            if (owner.GetField(name, Static) is FieldInfo field)
            {
                return field.GetValue(null);
            }
            if (owner.GetMethod(name, Static) is MethodInfo method)
            {
                return method.Invoke(null, BindingFlags.DoNotWrapExceptions, null, arguments, null);
            }
            throw new ArgumentException($"{owner.Name} has no static member {name}.");
        }
    }
}
