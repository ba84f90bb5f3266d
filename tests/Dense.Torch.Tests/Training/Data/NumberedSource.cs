using Dense.Training.Data;
using Dense.Training.Data.Loading;
using Dense.Training.Data.Sources;

namespace Dense.Torch.Tests.Training.Data;

/// <summary>Images that consist of their own number; some of them damaged.</summary>
internal sealed class NumberedSource(int count, params int[] damaged) : IImageSource
{
    private int _reads;

    /// <summary>Called with the number of reads so far, from the workers' threads.</summary>
    public Action<int>? OnRead { get; init; }

    public int Reads => Volatile.Read(ref _reads);

    public string Location => "numbers";

    public int Count => count;

    public int ClassCount => count;

    public string NameOf(int index) => $"{index}.png";

    public int LabelOf(int index) => index;

    public void Read(int index, EncodedImage into)
    {
        int reads = Interlocked.Increment(ref _reads);
        OnRead?.Invoke(reads);
        if (damaged.Contains(index))
            throw new DatasetException($"{index}.png: damaged.");

        BitConverter.TryWriteBytes(into.Resize(sizeof(int)), index);
    }

    public void Dispose()
    {
    }
}

/// <summary>Samples of two numbers: epoch and image.</summary>
internal sealed class NumberFormat(bool labels = false) : ISampleFormat
{
    public IReadOnlyList<long> Shape { get; } = [2];

    public bool HasLabels => labels;

    public Action<int>? OnDecode { get; init; }

    public ISampleDecoder CreateDecoder() => new Decoder(OnDecode);

    private sealed class Decoder(Action<int>? onDecode) : ISampleDecoder
    {
        public void Decode(ReadOnlySpan<byte> encoded, string name, int epoch, int sampleIndex, Span<float> sample)
        {
            int number = BitConverter.ToInt32(encoded);
            onDecode?.Invoke(number);
            sample[0] = epoch;
            sample[1] = number;
        }

        public void Dispose()
        {
        }
    }
}
