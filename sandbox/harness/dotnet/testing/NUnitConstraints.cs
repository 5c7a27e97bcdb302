using System;
using System.Collections;
using System.Collections.Generic;
using System.Linq;
using System.Text.RegularExpressions;
using Nexus.Testing;

namespace NUnit.Framework.Constraints
{
    /// What a value is expected to be.
    public class Constraint
    {
        private readonly Func<object?, bool> _matches;
        private readonly string _words;
        private Constraint? _also;

        internal Constraint(string words, Func<object?, bool> matches)
        {
            _words = words;
            _matches = matches;
        }

        public ConstraintExpression And => new ConstraintExpression(isNegated: false, Attach);

        public virtual bool Matches(object? actual) => _matches(actual) && (_also is null || _also.Matches(actual));

        public override string ToString() => _also is null ? _words : $"{_words} and {_also}";

        private Constraint Attach(Constraint next)
        {
            _also = next;
            return this;
        }
    }

    public sealed class EqualConstraint : Constraint
    {
        private readonly object? _expected;
        private double _tolerance = double.NaN;
        private bool _ignoresCase;
        private readonly bool _isNegated;

        internal EqualConstraint(object? expected, bool isNegated) : base((isNegated ? "not " : "") + Texts.Show(expected), _ => true)
        {
            _expected = expected;
            _isNegated = isNegated;
        }

        public EqualConstraint IgnoreCase
        {
            get
            {
                _ignoresCase = true;
                return this;
            }
        }

        public EqualConstraint Within(double amount)
        {
            _tolerance = amount;
            return this;
        }

        public override bool Matches(object? actual) => base.Matches(actual) && IsEqual(actual) != _isNegated;

        private bool IsEqual(object? actual)
        {
            if (!double.IsNaN(_tolerance) && _expected != null && actual != null)
            {
                return Numbers.IsNumber(actual) && Numbers.Near(Convert.ToDouble(_expected), Convert.ToDouble(actual), _tolerance);
            }
            return _ignoresCase && _expected is string text
                ? string.Equals(text, actual as string, StringComparison.OrdinalIgnoreCase)
                : Equality.Same(_expected, actual, acrossNumbers: true);
        }
    }

    /// The words after `Is`, `Has`, `Does`.
    public sealed class ConstraintExpression
    {
        private readonly bool _isNegated;
        private readonly Func<Constraint, Constraint> _attach;

        internal ConstraintExpression(bool isNegated, Func<Constraint, Constraint>? attach = null)
        {
            _isNegated = isNegated;
            _attach = attach ?? (constraint => constraint);
        }

        public ConstraintExpression Not => new ConstraintExpression(!_isNegated, _attach);

        public ConstraintExpression No => Not;

        public Constraint Null => Made("null", value => value is null);

        public Constraint True => Made("True", value => value is true);

        public Constraint False => Made("False", value => value is false);

        public Constraint Empty => Made("<empty>", value => value is IEnumerable items && !items.Cast<object?>().Any());

        public Constraint Unique => Made("all items unique", value => value is IEnumerable items
            && !items.Cast<object?>().Where((item, place) => Equality.Contains(item, items.Cast<object?>().Skip(place + 1))).Any());

        public Constraint NaN => Made("NaN", value => value is double number && double.IsNaN(number));

        public Constraint Positive => GreaterThan(0);

        public Constraint Negative => LessThan(0);

        public EqualConstraint EqualTo(object? expected) => (EqualConstraint)_attach(new EqualConstraint(expected, _isNegated));

        public Constraint SameAs(object? expected) => Made("same as " + Texts.Show(expected), value => ReferenceEquals(value, expected));

        public Constraint EquivalentTo(IEnumerable expected) => Made("equivalent to " + Texts.Show(expected),
            value => value is IEnumerable items && Equality.Equivalent(expected, items));

        public Constraint InstanceOf<T>() => Made("instance of " + typeof(T), value => value is T);

        public Constraint TypeOf<T>() => Made("" + typeof(T), value => value?.GetType() == typeof(T));

        public Constraint GreaterThan(object limit) => Ordered("greater than", limit, order => order > 0);

        public Constraint GreaterThanOrEqualTo(object limit) => Ordered("greater than or equal to", limit, order => order >= 0);

        public Constraint AtLeast(object limit) => GreaterThanOrEqualTo(limit);

        public Constraint LessThan(object limit) => Ordered("less than", limit, order => order < 0);

        public Constraint LessThanOrEqualTo(object limit) => Ordered("less than or equal to", limit, order => order <= 0);

        public Constraint AtMost(object limit) => LessThanOrEqualTo(limit);

        public Constraint InRange(object low, object high) => Made($"in {Texts.Show(low)} - {Texts.Show(high)}",
            value => value != null && Order(value, low) >= 0 && Order(value, high) <= 0);

        public Constraint Member(object? expected) => Made("a collection with " + Texts.Show(expected),
            value => value is IEnumerable items && items.Cast<object?>().Any(item => Equality.Same(expected, item, acrossNumbers: true)));

        public Constraint Count(int expected) => Made($"{expected} items", value => value is IEnumerable items && items.Cast<object?>().Count() == expected);

        public Constraint Contain(object expected) => expected is string part
            ? Made("a text with " + Texts.Show(part), value => value is string text ? text.Contains(part) : Member(expected).Matches(value))
            : Member(expected);

        public Constraint StartWith(string part) => Made("a text that starts with " + Texts.Show(part),
            value => value is string text && text.StartsWith(part, StringComparison.Ordinal));

        public Constraint EndWith(string part) => Made("a text that ends with " + Texts.Show(part),
            value => value is string text && text.EndsWith(part, StringComparison.Ordinal));

        public Constraint Match(string pattern) => Made("a text that matches " + Texts.Show(pattern),
            value => value is string text && Regex.IsMatch(text, pattern));

        private Constraint Ordered(string words, object limit, Func<int, bool> fits) =>
            Made($"{words} {Texts.Show(limit)}", value => value != null && fits(Order(value, limit)));

        private static int Order(object one, object other) => Numbers.IsNumber(one) && Numbers.IsNumber(other)
            ? Convert.ToDouble(one).CompareTo(Convert.ToDouble(other))
            : ((IComparable)one).CompareTo(other);

        private Constraint Made(string words, Func<object?, bool> matches)
        {
            bool negated = _isNegated;
            return _attach(new Constraint((negated ? "not " : "") + words, value => matches(value) != negated));
        }
    }
}

namespace NUnit.Framework
{
    using NUnit.Framework.Constraints;

    public static class Is
    {
        private static ConstraintExpression Plain => new ConstraintExpression(false);

        public static ConstraintExpression Not => Plain.Not;

        public static Constraint Null => Plain.Null;

        public static Constraint True => Plain.True;

        public static Constraint False => Plain.False;

        public static Constraint Empty => Plain.Empty;

        public static Constraint Unique => Plain.Unique;

        public static Constraint NaN => Plain.NaN;

        public static Constraint Positive => Plain.Positive;

        public static Constraint Negative => Plain.Negative;

        public static Constraint Zero => Plain.EqualTo(0);

        public static EqualConstraint EqualTo(object? expected) => Plain.EqualTo(expected);

        public static Constraint SameAs(object? expected) => Plain.SameAs(expected);

        public static Constraint EquivalentTo(IEnumerable expected) => Plain.EquivalentTo(expected);

        public static Constraint InstanceOf<T>() => Plain.InstanceOf<T>();

        public static Constraint TypeOf<T>() => Plain.TypeOf<T>();

        public static Constraint GreaterThan(object limit) => Plain.GreaterThan(limit);

        public static Constraint GreaterThanOrEqualTo(object limit) => Plain.GreaterThanOrEqualTo(limit);

        public static Constraint AtLeast(object limit) => Plain.AtLeast(limit);

        public static Constraint LessThan(object limit) => Plain.LessThan(limit);

        public static Constraint LessThanOrEqualTo(object limit) => Plain.LessThanOrEqualTo(limit);

        public static Constraint AtMost(object limit) => Plain.AtMost(limit);

        public static Constraint InRange(object low, object high) => Plain.InRange(low, high);
    }

    public static class Has
    {
        public static ConstraintExpression No => new ConstraintExpression(true);

        public static Constraint Member(object? expected) => new ConstraintExpression(false).Member(expected);

        public static CountExpression Count => new CountExpression();
    }

    public sealed class CountExpression
    {
        public Constraint EqualTo(int expected) => new ConstraintExpression(false).Count(expected);
    }

    public static class Does
    {
        public static ConstraintExpression Not => new ConstraintExpression(true);

        public static Constraint Contain(object expected) => new ConstraintExpression(false).Contain(expected);

        public static Constraint StartWith(string part) => new ConstraintExpression(false).StartWith(part);

        public static Constraint EndWith(string part) => new ConstraintExpression(false).EndWith(part);

        public static Constraint Match(string pattern) => new ConstraintExpression(false).Match(pattern);
    }

    public static class Throws
    {
        public static Constraint TypeOf<T>() => Is.TypeOf<T>();

        public static Constraint InstanceOf<T>() => Is.InstanceOf<T>();

        public static Constraint ArgumentException => TypeOf<ArgumentException>();

        public static Constraint InvalidOperationException => TypeOf<InvalidOperationException>();

        public static Constraint Nothing => Is.Null;
    }
}
