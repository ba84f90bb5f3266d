using TorchSharp;

namespace Dense.Training.Data.Loading;

/// <summary>
/// Memory for one batch, used again and again. The workers write through pointers into the memory of the tensors that
/// the consumer is handed, so that a batch is never copied and no worker calls libtorch.
/// </summary>
/// <remarks>
/// Fields that change are guarded by the loader's lock, except the memory of a sample, which one worker owns.
/// </remarks>
internal sealed unsafe class BatchSlot : IDisposable
{
    private readonly float* _samples;
    private readonly long* _labels;
    private readonly int _sampleLength;

    public BatchSlot(int batchSize, ISampleFormat format, bool pin)
    {
        _sampleLength = checked((int)format.Shape.Aggregate(1L, (product, side) => product * side));
        Images = Allocate([batchSize, .. format.Shape], torch.float32, pin);
        fixed (byte* memory = Images.bytes)
            _samples = (float*)memory;

        Indices = new int[batchSize];
        if (!format.HasLabels)
            return;

        Labels = Allocate([batchSize], torch.int64, pin);
        fixed (byte* memory = Labels.bytes)
            _labels = (long*)memory;
    }

    /// <summary>B×(shape of a sample).</summary>
    public torch.Tensor Images { get; }

    /// <summary>B class numbers, or null.</summary>
    public torch.Tensor? Labels { get; }

    /// <summary>The images of the batch; the replacement where one was damaged.</summary>
    public int[] Indices { get; }

    /// <summary>Where the batch belongs.</summary>
    public LoaderPosition Position { get; private set; }

    /// <summary>Images in this batch.</summary>
    public int Count { get; private set; }

    /// <summary>Samples that workers have begun.</summary>
    public int Taken { get; set; }

    /// <summary>Samples that are finished.</summary>
    public int Finished { get; set; }

    /// <summary>Damaged images, with the place in the batch where each was met.</summary>
    public List<(int Place, DamagedImage Image)> Damaged { get; } = [];

    /// <summary>
    /// The first failure by place in the batch, so that the same one is reported for any number of workers.
    /// </summary>
    public (int Place, Exception Exception)? Failure { get; private set; }

    public void Begin(LoaderPosition position, ReadOnlySpan<int> indices)
    {
        Position = position;
        Count = indices.Length;
        Taken = 0;
        Finished = 0;
        Failure = null;
        Damaged.Clear();
        indices.CopyTo(Indices);
    }

    public Span<float> Sample(int place) => new(_samples + ((long)place * _sampleLength), _sampleLength);

    public void SetLabel(int place, long label) => _labels[place] = label;

    public void Fail(int place, Exception exception)
    {
        if (Failure is null || place < Failure.Value.Place)
            Failure = (place, exception);
    }

    public void Dispose()
    {
        Images.Dispose();
        Labels?.Dispose();
    }

    // The slot lives longer than any dispose scope that happens to be open where the loader is created.
    private static torch.Tensor Allocate(long[] shape, torch.ScalarType type, bool pin)
    {
        torch.Tensor tensor = torch.empty(shape, dtype: type, device: torch.CPU);
        if (!pin)
            return tensor.DetachFromDisposeScope();

        using (tensor)
            return tensor.pin_memory().DetachFromDisposeScope();
    }
}
