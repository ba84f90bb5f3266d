namespace Dense.Coco.Annotations;

/// <summary>The records of a file in order: of each a row of fixed size, and its segmentation.</summary>
internal sealed class RecordStore<TRow>
    where TRow : struct
{
    private readonly PagedList<TRow> _rows = new();
    private readonly PagedList<SegmentationStore.Handle> _handles = new();
    private readonly SegmentationStore _segmentations = new();

    /// <summary>Number of records.</summary>
    public int Count => _rows.Count;

    /// <summary>The row of a record.</summary>
    public ref readonly TRow this[int index] => ref _rows[index];

    /// <summary>Appends a record.</summary>
    /// <param name="row">Its row.</param>
    /// <param name="segmentation">Its encoded segmentation, which is copied; empty for none.</param>
    public void Add(in TRow row, ReadOnlySpan<byte> segmentation)
    {
        _rows.Add(row);
        _handles.Add(_segmentations.Add(segmentation));
    }

    /// <summary>The segmentation of a record.</summary>
    public Segmentation SegmentationAt(int index) => _segmentations[_handles[index]];
}
