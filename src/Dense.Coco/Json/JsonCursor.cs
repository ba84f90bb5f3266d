using System.Text.Json;

namespace Dense.Coco.Json;

/// <summary>
/// Reads JSON token by token from a stream through one small buffer, so that memory does not grow with the file. Errors
/// name the file and the place in it.
/// </summary>
internal ref struct JsonCursor
{
    private const int FirstBuffer = 1 << 17;

    // The longest single text or number that is read; a run-length text of a 20-megapixel mask stays far below.
    private const int LargestBuffer = 1 << 28;

    private readonly Stream _stream;
    private readonly string _file;
    private byte[] _buffer = new byte[FirstBuffer];
    private int _start;
    private int _filled;
    private bool _isLast;
    private Utf8JsonReader _reader;

    public JsonCursor(Stream stream, string file)
    {
        (_stream, _file) = (stream, file);
        Fill();
        _start = _buffer.AsSpan(0, _filled).StartsWith("\uFEFF"u8) ? 3 : 0;
        _reader = new Utf8JsonReader(_buffer.AsSpan(_start, _filled - _start), _isLast, default);
    }

    /// <summary>The list that is being read, for error messages; null at the top level.</summary>
    public string? Section { get; set; }

    /// <summary>Position in that list; −1 outside a list.</summary>
    public int Index { get; set; } = -1;

    /// <summary>The field that is being read; null between fields.</summary>
    public string? Field { get; set; }

    /// <summary>The current token.</summary>
    public readonly JsonTokenType Token => _reader.TokenType;

    /// <summary>The bytes of the current text or number as they stand in the file.</summary>
    public readonly ReadOnlySpan<byte> Raw => _reader.ValueSpan;

    /// <summary>Moves to the next token.</summary>
    public void Read()
    {
        while (!_reader.Read())
            Refill();
    }

    /// <summary>Moves to the next field of an object, or behind the object.</summary>
    /// <returns>Whether there is a field; <see cref="Token"/> is then its name.</returns>
    public bool NextField()
    {
        Read();
        return _reader.TokenType == JsonTokenType.PropertyName;
    }

    /// <summary>Moves to the next element of an array, or behind the array.</summary>
    public bool NextElement()
    {
        Read();
        return _reader.TokenType != JsonTokenType.EndArray;
    }

    /// <summary>Whether the current field has this name, which then stands in error messages.</summary>
    public bool NameIs(ReadOnlySpan<byte> utf8, string name)
    {
        if (!NameIs(utf8))
            return false;

        Field = name;
        return true;
    }

    /// <summary>Whether the current field has this name.</summary>
    public readonly bool NameIs(ReadOnlySpan<byte> utf8) =>
        _reader.ValueIsEscaped ? EscapedNameIs(utf8) : _reader.ValueSpan.SequenceEqual(utf8);

    /// <summary>Moves behind the value of the current field.</summary>
    public void SkipValue()
    {
        Read();
        SkipRest();
    }

    /// <summary>Moves to the end of the value that starts at the current token.</summary>
    public void SkipRest()
    {
        if (Token is not (JsonTokenType.StartObject or JsonTokenType.StartArray))
            return;

        int depth = _reader.CurrentDepth;
        do
            Read();
        while (_reader.CurrentDepth > depth);
    }

    /// <summary>Moves behind the last token and checks that only white space follows.</summary>
    public void ReadEnd()
    {
        while (!_reader.Read())
        {
            if (_isLast)
                return;

            Refill();
        }
    }

    /// <summary>The current token as a whole number.</summary>
    public readonly long Integer()
    {
        if (Token == JsonTokenType.Number)
        {
            if (JsonNumber.TryInteger(Raw, out long value))
                return value;

            double number = JsonNumber.Double(Raw);
            if (Math.Abs(number) < 1L << 53 && number == Math.Truncate(number))
                return (long)number;
        }

        throw Unexpected(Token == JsonTokenType.String
            ? "a whole number (remove the quotation marks)"
            : "a whole number");
    }

    /// <summary>The current token as a finite number.</summary>
    public readonly double Number()
    {
        if (Token == JsonTokenType.Number && JsonNumber.Double(Raw) is var value && double.IsFinite(value))
            return value;

        throw Unexpected("a finite number");
    }

    /// <summary>The current token as text.</summary>
    public readonly string Text()
    {
        if (Token != JsonTokenType.String)
            throw Unexpected("text");

        try
        {
            return _reader.GetString()!;
        }
        catch (InvalidOperationException e)
        {
            throw Error("the text is not valid UTF-8", e);
        }
    }

    /// <summary>Copies the current text without its escapes.</summary>
    /// <param name="buffer">At least as long as <see cref="Raw"/>.</param>
    /// <returns>How many bytes were copied.</returns>
    public readonly int CopyText(Span<byte> buffer)
    {
        try
        {
            return _reader.CopyString(buffer);
        }
        catch (InvalidOperationException e)
        {
            throw Error("the text is not valid UTF-8", e);
        }
    }

    /// <summary>Requires the current token to be of a kind.</summary>
    public readonly void Expect(JsonTokenType token, string what)
    {
        if (Token != token)
            throw Unexpected(what);
    }

    /// <summary>The current token is not what belongs here.</summary>
    public readonly CocoFormatException Unexpected(string expected)
    {
        string found = Token switch
        {
            JsonTokenType.StartObject => "an object",
            JsonTokenType.StartArray => "a list",
            JsonTokenType.EndArray => "the end of the list",
            JsonTokenType.String => $"the text \"{Excerpt()}\"",
            JsonTokenType.Number => Excerpt(),
            JsonTokenType token => token.ToString().ToLowerInvariant(),
        };
        return Error($"expected {expected}, found {found}");
    }

    /// <summary>An error at the current place.</summary>
    public readonly CocoFormatException Error(string message, Exception? inner = null) =>
        new($"{_file}: {Path()}: {message}.", inner);

    /// <summary>The current place, such as <c>$.annotations[12].bbox</c>.</summary>
    public readonly string Path() =>
        "$" + (Section is null ? "" : "." + Section) + (Index < 0 ? "" : $"[{Index}]") +
        (Field is null ? "" : "." + Field);

    private readonly bool EscapedNameIs(ReadOnlySpan<byte> utf8)
    {
        try
        {
            return _reader.ValueTextEquals(utf8);
        }
        catch (InvalidOperationException)
        {
            // Half a surrogate pair: a name that is none of ours.
            return false;
        }
    }

    private readonly int Unread => _filled - _start - (int)_reader.BytesConsumed;

    private readonly string Excerpt() =>
        System.Text.Encoding.UTF8.GetString(Raw[..Math.Min(Raw.Length, 40)]) + (Raw.Length > 40 ? "…" : "");

    private void Refill()
    {
        if (_isLast)
            throw Error("the file ends in the middle");

        // What the reader has not used moves to the front; a value longer than half the buffer makes it grow.
        ReadOnlySpan<byte> unread = _buffer.AsSpan(_start + (int)_reader.BytesConsumed, Unread);
        if (unread.Length >= LargestBuffer / 2)
            throw Error($"a single value is longer than {LargestBuffer / 2} bytes");

        byte[] target = unread.Length > _buffer.Length / 2 ? new byte[2 * _buffer.Length] : _buffer;
        unread.CopyTo(target);
        (_buffer, _start, _filled) = (target, 0, unread.Length);
        Fill();
        _reader = new Utf8JsonReader(_buffer.AsSpan(0, _filled), _isLast, _reader.CurrentState);
    }

    private void Fill()
    {
        while (_filled < _buffer.Length && !_isLast)
        {
            int read = _stream.Read(_buffer, _filled, _buffer.Length - _filled);
            _filled += read;
            _isLast = read == 0;
        }
    }
}
