using Dense.Imaging;
using Dense.Training.Data.Sources;

namespace Dense.Training.Data.Loading;

/// <summary>One worker's way from an image of the source to a sample of a batch, with buffers of its own.</summary>
internal sealed class SampleReader : IDisposable
{
    // A row of this many damaged images is no accident: the disk is gone or the root is wrong.
    private const int MaximumNeighbours = 100;

    private readonly IImageSource _source;
    private readonly DamagedImagePolicy _policy;
    private readonly bool _hasLabels;
    private readonly ISampleDecoder _decoder;
    private readonly EncodedImage _encoded = new();

    public SampleReader(IImageSource source, ISampleFormat format, DamagedImagePolicy policy)
    {
        _source = source;
        _policy = policy;
        _hasLabels = format.HasLabels;
        _decoder = format.CreateDecoder();
    }

    /// <summary>
    /// Fills one place of a batch. Under <see cref="DamagedImagePolicy.Skip"/> the first readable image behind a
    /// damaged one takes its place: a choice that a resumed run repeats.
    /// </summary>
    /// <param name="slot">The batch.</param>
    /// <param name="place">The place in it.</param>
    /// <param name="gate">Guards what the slot shares between workers.</param>
    public void Fill(BatchSlot slot, int place, object gate)
    {
        int index = slot.Indices[place];
        for (int attempt = 0; ; attempt++)
        {
            string name = _source.NameOf(index);
            try
            {
                _source.Read(index, _encoded);
                _decoder.Decode(_encoded.Bytes, name, slot.Position.Epoch, index, slot.Sample(place));
                slot.Indices[place] = index;
                if (_hasLabels)
                    slot.SetLabel(place, _source.LabelOf(index));

                return;
            }
            catch (Exception e) when (e is DatasetException or ImageDecodeException)
            {
                bool skip = _policy == DamagedImagePolicy.Skip && attempt < MaximumNeighbours;
                lock (gate)
                {
                    if (skip)
                        slot.Damaged.Add((place, new DamagedImage(index, name, e.Message)));
                    else
                        slot.Fail(place, Explain(e));
                }

                if (!skip)
                    return;
            }
            catch (Exception e)
            {
                lock (gate)
                    slot.Fail(place, new InvalidOperationException(
                        $"{name}: making a sample of this image failed: {e.Message}", e));

                return;
            }

            index = (index + 1) % _source.Count;
        }
    }

    public void Dispose() => _decoder.Dispose();

    private DatasetException Explain(Exception e) => e as DatasetException ?? new DatasetException(
        $"{e.Message} It is an image of {_source.Location}: repair or remove it, or let damaged images be skipped.", e);
}
