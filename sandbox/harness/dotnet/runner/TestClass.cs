using System;
using System.Collections.Generic;
using System.Linq;
using System.Reflection;
using System.Threading.Tasks;
using Nexus.Testing;
using Xunit;
using Xunit.Abstractions;

namespace Nexus.Box
{
    /// What tests of one class share: fixtures, and methods that run before and after.
    internal sealed class TestClass
    {
        private const BindingFlags Methods =
            BindingFlags.Instance | BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic;

        private readonly Type _type;
        private readonly Dictionary<Type, object> _fixtures = new Dictionary<Type, object>();
        private readonly ILookup<Phase, MethodInfo> _phases;
        private object? _shared;
        private bool _begun;

        internal TestClass(Type type)
        {
            _type = type;
            _phases = type.GetMethods(Methods)
                .SelectMany(method => method.GetCustomAttributes().OfType<IPhaseMark>().Select(mark => (mark.Phase, method)))
                .OrderBy(one => Depth(one.method.DeclaringType!))
                .ToLookup(one => one.Phase, one => one.method);
        }

        /// Run one test from the making of its object to its end. Throws what the test throws.
        internal void Run(TestCase test)
        {
            Begin();
            object? target = Shares ? _shared : Make();
            try
            {
                (target as IAsyncLifetime)?.InitializeAsync().GetAwaiter().GetResult();
                try
                {
                    Call(_phases[Phase.BeforeEach], target);
                    Body(test, target);
                }
                finally
                {
                    Call(_phases[Phase.AfterEach].Reverse(), target);
                }
            }
            finally
            {
                if (!Shares)
                {
                    Dispose(target);
                }
            }
        }

        /// After the last test of the class.
        internal void End()
        {
            if (_begun)
            {
                Call(_phases[Phase.AfterAll].Reverse(), _shared);
                Dispose(_shared);
                foreach (object fixture in _fixtures.Values)
                {
                    Dispose(fixture);
                }
            }
        }

        private void Begin()
        {
            if (_begun)
            {
                return;
            }
            _begun = true;
            if (Shares)
            {
                _shared = Make();
            }
            Call(_phases[Phase.BeforeAll], _shared);
        }

        /// Methods of an object that run before all tests mean that all tests have that object.
        private bool Shares =>
            _phases[Phase.BeforeAll].Concat(_phases[Phase.AfterAll]).Any(method => !method.IsStatic);

        private static void Body(TestCase test, object? target)
        {
            Type? expected = test.Method.GetCustomAttributes().OfType<IExpectedException>().FirstOrDefault()?.ExceptionType;
            try
            {
                object? result = Result(Invoke(test.Method, target, test.Fitted()));
                if (expected != null)
                {
                    throw new Xunit.Sdk.XunitException($"No exception was thrown, expected {expected}");
                }
                if (test.Row?.HasExpectedResult == true && !Equality.Same(test.Row.ExpectedResult, result, acrossNumbers: true))
                {
                    throw new Xunit.Sdk.XunitException(
                        $"Expected: {Texts.Show(test.Row.ExpectedResult)}\nActual:   {Texts.Show(result)}");
                }
            }
            catch (Exception thrown) when (thrown.GetType() == expected)
            {
                // What the test is there to see.
            }
        }

        private object? Make()
        {
            if (_type.IsAbstract && _type.IsSealed)
            {
                return null;
            }
            ConstructorInfo maker = _type.GetConstructors().OrderByDescending(one => one.GetParameters().Length).FirstOrDefault()
                ?? throw new MissingMethodException($"{_type.Name} has no public constructor.");
            object?[] arguments = maker.GetParameters().Select(one => Argument(one.ParameterType)).ToArray();
            return maker.Invoke(BindingFlags.DoNotWrapExceptions, null, arguments, null);
        }

        private object? Argument(Type wanted)
        {
            if (wanted == typeof(ITestOutputHelper))
            {
                return new Output();
            }
            if (!_fixtures.TryGetValue(wanted, out object? fixture))
            {
                fixture = Activator.CreateInstance(wanted)!;
                (fixture as IAsyncLifetime)?.InitializeAsync().GetAwaiter().GetResult();
                _fixtures[wanted] = fixture;
            }
            return fixture;
        }

        private static void Dispose(object? target)
        {
            (target as IAsyncLifetime)?.DisposeAsync().GetAwaiter().GetResult();
            (target as IAsyncDisposable)?.DisposeAsync().AsTask().GetAwaiter().GetResult();
            (target as IDisposable)?.Dispose();
        }

        private static void Call(IEnumerable<MethodInfo> methods, object? target)
        {
            foreach (MethodInfo method in methods)
            {
                // Of MSTest, those for a whole class take a context.
                object?[] none = method.GetParameters().Select(_ => (object?)null).ToArray();
                Result(Invoke(method, target, none));
            }
        }

        private static object? Invoke(MethodInfo method, object? target, object?[] arguments) =>
            method.Invoke(method.IsStatic ? null : target, BindingFlags.DoNotWrapExceptions, null, arguments, null);

        /// Waits for what has to be waited for; the value of a task is the task's.
        private static object? Result(object? returned)
        {
            if (returned is ValueTask pending)
            {
                returned = pending.AsTask();
            }
            else if (returned != null && returned.GetType().IsGenericType
                && returned.GetType().GetGenericTypeDefinition() == typeof(ValueTask<>))
            {
                returned = returned.GetType().GetMethod("AsTask")!.Invoke(returned, null);
            }
            if (!(returned is Task task))
            {
                return returned;
            }
            task.GetAwaiter().GetResult();
            return task.GetType().GetProperty("Result")?.GetValue(task);
        }

        private static int Depth(Type type) => type.BaseType == null ? 0 : 1 + Depth(type.BaseType);

        private sealed class Output : ITestOutputHelper
        {
            public void WriteLine(string message) => Console.WriteLine(message);

            public void WriteLine(string format, params object?[] args) => Console.WriteLine(format, args);
        }
    }
}
