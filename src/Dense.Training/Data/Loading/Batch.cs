using Dense.Checkpoints;
using Dense.Torch;
using Dense.Training.Data.Sources;
using TorchSharp;

namespace Dense.Training.Data.Loading;

/// <summary>
/// One batch. Its tensors lie in memory of the loader: they are valid until the batch is disposed, which gives the
/// memory back for a later batch, or until the loader is disposed. Copy what must live longer, and finish copies to a
/// GPU first.
/// </summary>
public sealed class Batch : IDisposable
{
    private readonly BatchLoader _loader;
    private readonly IImageSource _source;
    private readonly bool _isView;
    private BatchSlot? _slot;

    internal Batch(
        BatchLoader loader, IImageSource source, BatchSlot slot, IReadOnlyList<DamagedImage> newlyDamaged,
        TimeSpan waited)
    {
        _loader = loader;
        _source = source;
        _slot = slot;
        Position = slot.Position;
        NewlyDamaged = newlyDamaged;
        Waited = waited;

        _isView = slot.Count < slot.Indices.Length;
        Images = First(slot.Images);
        Labels = slot.Labels is null ? null : First(slot.Labels);
    }

    /// <summary>The samples, float32: N×2×3×H×W for contrastive training, N×3×H×W else. Owned by the loader.</summary>
    public torch.Tensor Images { get; }

    /// <summary>N class numbers, int64; null without labels. Owned by the loader.</summary>
    public torch.Tensor? Labels { get; }

    /// <summary>Where the batch belongs.</summary>
    public LoaderPosition Position { get; }

    /// <summary>N.</summary>
    public int Count => Slot.Count;

    /// <summary>The images' indices in the source, in the order of the batch.</summary>
    public ReadOnlySpan<int> Indices => Slot.Indices.AsSpan(0, Slot.Count);

    /// <summary>Damaged images that were met for the first time; the log names them.</summary>
    public IReadOnlyList<DamagedImage> NewlyDamaged { get; }

    /// <summary>How long the consumer had to wait for this batch.</summary>
    public TimeSpan Waited { get; }

    private BatchSlot Slot => _slot ?? throw new ObjectDisposedException(nameof(Batch));

    /// <summary>Images, labels and names, to be kept in a file.</summary>
    public CheckpointMap ToMap()
    {
        var content = new CheckpointMap
        {
            { "images", Images.ToRecord() },
            { "names", Names().Cast<object?>().ToList() },
        };
        if (Labels is { } labels)
            content.Add("labels", labels.ToRecord());

        return content;
    }

    /// <summary>The images' names, in the order of the batch.</summary>
    public IReadOnlyList<string> Names()
    {
        var names = new string[Count];
        for (int i = 0; i < names.Length; i++)
            names[i] = _source.NameOf(Slot.Indices[i]);

        return names;
    }

    /// <summary>Gives the memory back to the loader. The tensors must not be used afterwards.</summary>
    public void Dispose()
    {
        if (_slot is null)
            return;

        if (_isView)
        {
            Images.Dispose();
            Labels?.Dispose();
        }

        _loader.Release(_slot);
        _slot = null;
    }

    private torch.Tensor First(torch.Tensor all) =>
        _isView ? all.narrow(0, 0, Slot.Count).DetachFromDisposeScope() : all;
}
