using System.Runtime.ExceptionServices;
using Dense.Detection;
using Dense.Training.Data;
using Dense.Training.Data.Loading;
using Dense.Training.Detection.Data.Mapping;
using Dense.Training.Detection.Data.Sampling;

namespace Dense.Training.Detection.Data.Loading;

/// <summary>Loads single images for one thread, and replaces damaged ones when that is wanted (E-120).</summary>
internal sealed class SampleLoader(
    IReadOnlyList<ImageRecord> images,
    DamagedImagePolicy policy,
    DetectionMapper mapper,
    Func<DetectionMapper, ImageRecord, long, InputImage> map) : IDisposable
{
    // More damaged neighbours in a row than this are no accident.
    private const int MaximumNeighbours = 100;

    /// <summary>
    /// Loads an image. A damaged one is replaced by the next in the list, a choice that a resumed run repeats.
    /// </summary>
    public LoadedSample Load(SampleRequest request)
    {
        List<DamagedImage> damaged = [];
        int index = request.Index;
        while (true)
        {
            ImageRecord record = images[index];
            try
            {
                return new LoadedSample(map(mapper, record, request.Position), null, damaged);
            }
            catch (DatasetException e)
            {
                if (policy == DamagedImagePolicy.Fail || damaged.Count == MaximumNeighbours)
                    return Failed(e);

                damaged.Add(new DamagedImage(index, record.FileName, e.Message));
            }
            catch (Exception e)
            {
                return Failed(new InvalidOperationException(
                    $"{record.FileName}: loading the image failed: {e.Message}", e));
            }

            index = (index + 1) % images.Count;
        }

        LoadedSample Failed(Exception e) => new(null, ExceptionDispatchInfo.Capture(e), damaged);
    }

    /// <inheritdoc/>
    public void Dispose() => mapper.Dispose();
}
