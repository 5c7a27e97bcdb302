using System;
using System.Collections.Generic;
using System.Linq;
using System.Reflection;
using System.Runtime.CompilerServices;
using Nexus.Testing;

namespace Nexus.Box
{
    /// One row of the report to be: a test method with its arguments, or a control test.
    internal sealed class TestCase
    {
        private const int MaxArgument = 60;

        internal string Id = "";
        internal Type Owner = typeof(object);
        internal MethodInfo Method = null!;
        internal object?[] Arguments = Array.Empty<object?>();
        internal Row? Row;
        internal string SkipReason = "";

        /// Why it cannot be run at all; empty when it can.
        internal string Fault = "";

        /// All cases of a method. A source of rows that throws makes one case that says so.
        internal static IEnumerable<TestCase> Of(Type owner, MethodInfo method, string id)
        {
            var mark = method.GetCustomAttributes().OfType<ITestMark>().FirstOrDefault();
            List<IRowSource> sources = method.GetCustomAttributes().OfType<IRowSource>().ToList();
            string skip = new[] { mark?.SkipReason ?? "", SkipOf(owner) }.FirstOrDefault(reason => reason.Length > 0) ?? "";
            if (sources.Count == 0)
            {
                return new[] { new TestCase { Id = id, Owner = owner, Method = method, SkipReason = skip, Fault = Unfit(method, 0) } };
            }
            try
            {
                return sources.SelectMany(source => source.Rows(method)).Select(row => new TestCase
                {
                    Id = $"{id}({string.Join(", ", row.Arguments.Select(Shown))})",
                    Owner = owner,
                    Method = method,
                    Row = row,
                    Arguments = row.Arguments,
                    SkipReason = row.SkipReason.Length > 0 ? row.SkipReason : skip,
                    Fault = Unfit(method, row.Arguments.Length),
                }).ToList();
            }
            catch (Exception problem)
            {
                return new[] { new TestCase { Id = id, Owner = owner, Method = method, Fault = Messages.Of(problem) } };
            }
        }

        /// The arguments in the types of the method's parameters. Throws where that cannot be.
        internal object?[] Fitted()
        {
            ParameterInfo[] parameters = Method.GetParameters();
            object?[] given = Arguments;
            if (parameters.Length > 0 && parameters.Last().IsDefined(typeof(ParamArrayAttribute))
                && !(given.Length == parameters.Length && given.Last()?.GetType() == parameters.Last().ParameterType))
            {
                Type item = parameters.Last().ParameterType.GetElementType()!;
                object?[] rest = given.Skip(parameters.Length - 1).Select(one => Fit(one, item)).ToArray();
                Array all = Array.CreateInstance(item, rest.Length);
                rest.CopyTo(all, 0);
                given = given.Take(parameters.Length - 1).Append(all).ToArray();
            }
            return parameters.Select((one, place) => place < given.Length ? Fit(given[place], one.ParameterType) : one.DefaultValue).ToArray();
        }

        private static object? Fit(object? value, Type wanted)
        {
            wanted = Nullable.GetUnderlyingType(wanted) ?? wanted;
            if (value == null || wanted.IsInstanceOfType(value))
            {
                return value;
            }
            if (wanted.IsEnum)
            {
                return Enum.ToObject(wanted, value);
            }
            if (value is string text && wanted == typeof(Guid))
            {
                return Guid.Parse(text);
            }
            return value is IConvertible
                ? Convert.ChangeType(value, wanted, System.Globalization.CultureInfo.InvariantCulture)
                : value;
        }

        private static string Unfit(MethodInfo method, int given)
        {
            if (method.IsDefined(typeof(AsyncStateMachineAttribute)) && method.ReturnType == typeof(void))
            {
                return "An async test has to return a Task: nobody can wait for this one.";
            }
            if (method.ContainsGenericParameters)
            {
                return "Generic test methods are not supported.";
            }
            int needed = method.GetParameters().Count(one => !one.HasDefaultValue && !one.IsDefined(typeof(ParamArrayAttribute)));
            bool open = method.GetParameters().Any(one => one.IsDefined(typeof(ParamArrayAttribute)));
            return given < needed || (!open && given > method.GetParameters().Length)
                ? $"The test takes {needed} arguments and was given {given}."
                : "";
        }

        private static string SkipOf(Type owner) =>
            owner.GetCustomAttributes().OfType<ITestMark>().Select(mark => mark.SkipReason).FirstOrDefault() ?? "";

        private static string Shown(object? value)
        {
            string text = Messages.Clean(Texts.Show(value)).Replace('\n', ' ');
            return text.Length <= MaxArgument ? text : text.Substring(0, MaxArgument) + "...";
        }
    }
}
