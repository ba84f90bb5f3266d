namespace Dense.Coco.Annotations;

/// <summary>A list that grows page by page, so that growing neither copies nor needs twice the memory.</summary>
internal sealed class PagedList<T>
    where T : struct
{
    private const int PageBits = 12;
    private const int PageMask = (1 << PageBits) - 1;

    private readonly List<T[]> _pages = [];

    /// <summary>Number of elements.</summary>
    public int Count { get; private set; }

    /// <summary>The element at a position.</summary>
    public ref readonly T this[int index]
    {
        get
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)index, (uint)Count, nameof(index));
            return ref _pages[index >> PageBits][index & PageMask];
        }
    }

    /// <summary>Appends an element.</summary>
    public void Add(in T item)
    {
        if (Count >> PageBits == _pages.Count)
            _pages.Add(new T[1 << PageBits]);

        _pages[Count >> PageBits][Count & PageMask] = item;
        Count++;
    }
}
