using Dense.Configuration.Literals;

namespace Dense.Configuration.Tests;

/// <summary>Python's notation for values (E-9).</summary>
public class PythonLiteralTests
{
    public static TheoryData<string, string> Literals => new()
    {
        { "None", "None" },
        { " \tTrue ", "True" },
        { "0x1F", "31" },
        { "0o17", "15" },
        { "0b11", "3" },
        { "1_000", "1000" },
        { "000", "0" },
        { "+5", "5" },
        { "- 5", "-5" },
        { "1.", "1.0" },
        { ".5", "0.5" },
        { "1e-4", "0.0001" },
        { "1_0.5", "10.5" },
        { "1e999", "inf" },
        { "-1e999", "-inf" },
        { "1e16", "1e+16" },
        { "123456789012345678.0", "1.2345678901234568e+17" },
        { "0.00001", "1e-05" },
        { "1e29", "1e+29" },
        { "1e-21", "1e-21" },
        { "0.0012", "0.0012" },
        { "1200.5", "1200.5" },
        { "-0.0", "-0.0" },
        { "'a'", "'a'" },
        { "\"it's\"", "\"it's\"" },
        { "'a' \"b\"", "'ab'" },
        { "'''a\nb'''", "'a\\nb'" },
        { "r'\\d'", "'\\\\d'" },
        { "u'x'", "'x'" },
        { "'\\x41\\u00e9\\101\\q'", "'AéA\\\\q'" },
        { "(1, 2)", "(1, 2)" },
        { "1, 2", "(1, 2)" },
        { "1,", "(1,)" },
        { "\"a\",", "('a',)" },
        { "(1)", "1" },
        { "(1,)", "(1,)" },
        { "()", "()" },
        { "[]", "[]" },
        { "[1, (2, 'x',), [None,],]", "[1, (2, 'x'), [None]]" },
        { "[1, # one\n 2]", "[1, 2]" },
        { "5 # five", "5" },
        { "{}", "dict" },
        { "{1: 2, 'a': (3,)}", "dict" },
        { "{1, 2,}", "set" },
        { "b'x'", "bytes" },
        { "2j", "complex" },
        { "1+2j", "complex" },
        { "99999999999999999999", "integer of more than 64 bits" },
    };

    [Theory]
    [MemberData(nameof(Literals))]
    public void Decode_GivesTheValueOfALiteral(string text, string expected) =>
        Assert.Equal(expected, PythonLiteral.Format(PythonLiteral.Decode(text)));

    [Theory]
    [InlineData("")]
    [InlineData("true")]
    [InlineData("007")]
    [InlineData("1_000_")]
    [InlineData("1__0")]
    [InlineData("0x")]
    [InlineData("0b2")]
    [InlineData("1a")]
    [InlineData("inf")]
    [InlineData("nan")]
    [InlineData("1+1")]
    [InlineData("--1")]
    [InlineData("1 2")]
    [InlineData("(1, 2")]
    [InlineData("[1, 2)")]
    [InlineData("[,]")]
    [InlineData("(,)")]
    [InlineData("'a")]
    [InlineData("'a\nb'")]
    [InlineData("'\\x4'")]
    [InlineData("'a' b'c'")]
    [InlineData("f'a'")]
    [InlineData("{1: 2, 3}")]
    [InlineData("./a/b-c.pth")]
    [InlineData("cos(1)")]
    [InlineData("__import__('os')")]
    [InlineData("[x for x in y]")]
    public void Decode_LeavesAnyOtherTextAlone(string text) => Assert.Equal(text, PythonLiteral.Decode(text));

    [Fact]
    public void Decode_GivesUpOnBracketsWithoutEnd()
    {
        string text = new('[', 100_000);

        Assert.Equal(text, PythonLiteral.Decode(text));
    }

    [Fact]
    public void Format_IsReadBackForEveryFloat() => CsCheck.Check.Sample(
        CsCheck.Gen.Double,
        d => double.IsNaN(d) || double.IsInfinity(d) || d.Equals(PythonLiteral.Decode(PythonLiteral.Format(d))));

    [Fact]
    public void Format_IsReadBackForEveryPowerOfTen()
    {
        for (int power = -323; power <= 308; power++)
        {
            double value = double.Parse($"1e{power}");
            Assert.Equal(value, PythonLiteral.Decode(PythonLiteral.Format(value)));
        }
    }

    [Fact]
    public void Format_IsReadBackForEveryText() => CsCheck.Check.Sample(
        CsCheck.Gen.String[CsCheck.Gen.Char["ab'\"\\\n\t\0é(#,"], 0, 12],
        s => s.Equals(PythonLiteral.Decode(PythonLiteral.Format(s))));
}
