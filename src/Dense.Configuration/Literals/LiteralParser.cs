using System.Collections.Immutable;

namespace Dense.Configuration.Literals;

/// <summary>
/// Reads one Python literal (E-9). Nothing is evaluated: the grammar holds constants, signs, brackets and commas only.
/// </summary>
/// <param name="text">What to read.</param>
internal sealed class LiteralParser(string text)
{
    // Python's own limit on nested brackets is of this order; deeper input is no literal.
    private const int MaximumDepth = 64;

    private const string Ellipsis = "...";

    private int _position;
    private int _depth;

    /// <summary>Reads the whole text.</summary>
    /// <returns>False when it is not a literal.</returns>
    public bool TryParse(out object? value)
    {
        value = null;
        SkipBlanks(acrossLines: true);
        if (!TryItem(out value))
            return false;

        SkipBlanks(acrossLines: false);
        if (Peek == ',' && !TryBareTuple(ref value))
            return false;

        SkipBlanks(acrossLines: true);
        return _position == text.Length;
    }

    private char Peek => _position < text.Length ? text[_position] : '\0';

    private bool InBrackets => _depth > 0;

    private bool TryBareTuple(ref object? value)
    {
        var items = ImmutableArray.CreateBuilder<object?>();
        items.Add(value);
        while (Peek == ',')
        {
            _position++;
            SkipBlanks(acrossLines: false);
            if (Peek is '\0' or '\n' or '\r' or '#')
                break;
            if (!TryItem(out object? item))
                return false;

            items.Add(item);
            SkipBlanks(acrossLines: false);
        }

        value = new Sequence(items.ToImmutable(), IsTuple: true);
        return true;
    }

    private bool TryItem(out object? value)
    {
        value = null;
        char c = Peek;
        if (c is '(' or '[' or '{')
            return TryBracket(c, out value);
        if (c is '\'' or '"' || StringLiteral.StartsAt(text, _position))
            return TryString(out value);
        if (string.CompareOrdinal(text, _position, Ellipsis, 0, Ellipsis.Length) == 0)
        {
            _position += Ellipsis.Length;
            value = new UnsupportedLiteral("ellipsis");
            return true;
        }

        if (c is '+' or '-' or '.' || char.IsAsciiDigit(c))
            return TryNumber(out value);

        return TryName(out value);
    }

    private bool TryName(out object? value)
    {
        int start = _position;
        while (char.IsLetterOrDigit(Peek) || Peek == '_')
            _position++;

        (bool known, value) = text.AsSpan(start, _position - start) switch
        {
            "None" => (true, (object?)null),
            "True" => (true, true),
            "False" => (true, false),
            _ => (false, null),
        };
        return known;
    }

    private bool TryNumber(out object? value)
    {
        bool found = NumberLiteral.TryRead(text, ref _position, out value);
        if (!found)
            return false;

        // "1 + 2j" is the one sum that counts as a literal: a complex number.
        int before = _position;
        SkipBlanks(acrossLines: InBrackets);
        if (Peek is '+' or '-' && value is long or double)
        {
            int sign = _position++;
            SkipBlanks(acrossLines: InBrackets);
            if (char.IsAsciiDigit(Peek) || Peek == '.')
            {
                return NumberLiteral.TryRead(text, ref _position, out value) && value is UnsupportedLiteral;
            }

            _position = sign;
            return false;
        }

        _position = before;
        return true;
    }

    private bool TryString(out object? value)
    {
        value = null;
        string joined = "";
        bool bytes = false;
        for (bool first = true; StringLiteral.StartsAt(text, _position); first = false)
        {
            if (!StringLiteral.TryRead(text, ref _position, out string part, out bool isBytes))
                return false;
            if (!first && isBytes != bytes)
                return false;

            joined += part;
            bytes = isBytes;
            SkipBlanks(acrossLines: InBrackets);
        }

        value = bytes ? new UnsupportedLiteral("bytes") : joined;
        return true;
    }

    private bool TryBracket(char open, out object? value)
    {
        value = null;
        if (_depth == MaximumDepth)
            return false;

        _depth++;
        _position++;
        bool read = open == '{' ? TryBraces(out value) : TryElements(open, out value);
        _depth--;
        return read;
    }

    private bool TryElements(char open, out object? value)
    {
        value = null;
        char close = open == '(' ? ')' : ']';
        var items = ImmutableArray.CreateBuilder<object?>();
        bool comma = false;
        SkipBlanks(acrossLines: true);
        while (Peek != close)
        {
            if (items.Count > 0 && !comma || !TryItem(out object? item))
                return false;

            items.Add(item);
            comma = TryComma();
        }

        _position++;
        value = open == '(' && items.Count == 1 && !comma
            ? items[0]
            : new Sequence(items.ToImmutable(), IsTuple: open == '(');
        return true;
    }

    private bool TryBraces(out object? value)
    {
        value = null;
        bool dict = true;
        bool comma = true;
        SkipBlanks(acrossLines: true);
        for (int count = 0; Peek != '}'; count++)
        {
            if (!comma || !TryItem(out _))
                return false;

            SkipBlanks(acrossLines: true);
            bool pair = Peek == ':';
            if (count > 0 && pair != dict)
                return false;

            dict = pair;
            if (pair)
            {
                _position++;
                SkipBlanks(acrossLines: true);
                if (!TryItem(out _))
                    return false;
            }

            comma = TryComma();
        }

        _position++;
        value = new UnsupportedLiteral(dict ? "dict" : "set");
        return true;
    }

    private bool TryComma()
    {
        SkipBlanks(acrossLines: true);
        if (Peek != ',')
            return false;

        _position++;
        SkipBlanks(acrossLines: true);
        return true;
    }

    private void SkipBlanks(bool acrossLines)
    {
        while (_position < text.Length)
        {
            char c = text[_position];
            if (c is ' ' or '\t' or '\f' || acrossLines && c is '\n' or '\r')
                _position++;
            else if (c == '#')
                _position = text.AsSpan(_position).IndexOf('\n') is var end and >= 0 ? _position + end : text.Length;
            else
                return;
        }
    }
}
