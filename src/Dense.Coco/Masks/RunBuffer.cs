namespace Dense.Coco.Masks;

/// <summary>A list of run boundaries that is filled again and again without new memory.</summary>
internal sealed class RunBuffer
{
    private uint[] _items = new uint[256];

    /// <summary>How many boundaries it holds.</summary>
    public int Count { get; private set; }

    /// <summary>What it holds.</summary>
    public Span<uint> Span => _items.AsSpan(0, Count);

    /// <summary>Forgets everything from <paramref name="count"/> on.</summary>
    public void Truncate(int count) => Count = count;

    /// <summary>Appends one boundary.</summary>
    public void Add(uint value)
    {
        if (Count == _items.Length)
            Array.Resize(ref _items, 2 * Count);

        _items[Count++] = value;
    }

    /// <summary>Appends all of <paramref name="values"/>.</summary>
    public void Add(ReadOnlySpan<uint> values) => values.CopyTo(Reserve(values.Length));

    /// <summary>Appends <paramref name="count"/> boundaries for the caller to fill.</summary>
    public Span<uint> Reserve(int count)
    {
        if (Count + count > _items.Length)
            Array.Resize(ref _items, Math.Max(2 * _items.Length, Count + count));

        Count += count;
        return _items.AsSpan(Count - count, count);
    }
}
