using Dense.Checkpoints.Files;

namespace Dense.Checkpoints.Pickle;

/// <summary>
/// Reads pickle bytes one after another through a small window, so that large arrays go straight from the file into
/// their own memory. Every announced length is compared with the bytes that remain (E-52).
/// </summary>
internal sealed class PickleInput(ByteSource source, long position = 0)
{
    private readonly byte[] _window = new byte[(int)Math.Min(1 << 16, Math.Max(source.Length, 1))];
    private long _windowStart = position;
    private int _filled;
    private int _at;

    /// <summary>Offset of the next byte.</summary>
    public long Position => _windowStart + _at;

    public ByteSource Source => source;

    public byte ReadByte()
    {
        if (_at == _filled)
            Fill(1);

        return _window[_at++];
    }

    /// <summary>The next few bytes (at most 64), valid until the next call.</summary>
    public ReadOnlySpan<byte> ReadSpan(int count)
    {
        if (_filled - _at < count)
            Fill(count);

        _at += count;
        return _window.AsSpan(_at - count, count);
    }

    /// <summary>Bytes that outlive the next call.</summary>
    public ReadOnlyMemory<byte> ReadMemory(long count, string what)
    {
        if (count <= _filled - _at)
        {
            byte[] copy = _window.AsSpan(_at, (int)count).ToArray();
            _at += (int)count;
            return copy;
        }

        ReadOnlyMemory<byte> bytes = source.Slice(Position, count, what);
        _windowStart = Position + count;
        _at = _filled = 0;
        return bytes;
    }

    /// <summary>The bytes up to a line feed, which is read past and not returned.</summary>
    public byte[] ReadLine(long limit, string what)
    {
        long start = Position;
        var line = new MemoryStream();
        for (byte next; (next = ReadByte()) != (byte)'\n';)
        {
            if (line.Length == limit)
                throw source.Refuse(start, $"{what} is longer than {limit} bytes.");

            line.WriteByte(next);
        }

        return line.ToArray();
    }

    private void Fill(int count)
    {
        source.Require(Position, count, "the pickle");
        _window.AsSpan(_at, _filled - _at).CopyTo(_window);
        _windowStart += _at;
        _filled -= _at;
        _at = 0;

        int more = (int)Math.Min(_window.Length - _filled, source.Length - _windowStart - _filled);
        source.Read(_windowStart + _filled, _window.AsSpan(_filled, more));
        _filled += more;
    }
}
