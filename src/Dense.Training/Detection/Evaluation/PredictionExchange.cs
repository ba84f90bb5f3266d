using System.Runtime.InteropServices;
using Dense.Coco.Results;
using Dense.Distributed;
using TorchSharp;
using static TorchSharp.torch;

namespace Dense.Training.Detection.Evaluation;

/// <summary>Brings the predictions of all ranks together (E-124).</summary>
internal static class PredictionExchange
{
    /// <summary>Collects on the first rank.</summary>
    /// <param name="own">What this rank found in its part of the test set.</param>
    /// <param name="collectives">The other ranks, which call this too.</param>
    /// <returns>All predictions in rank order; null on the other ranks.</returns>
    public static PredictionList? ToFirstRank(PredictionList own, ICollectives collectives)
    {
        if (collectives.WorldSize == 1)
            return own;

        using var stream = new MemoryStream();
        own.Records.Save(stream);
        byte[][] records = Gather(collectives, stream.ToArray());
        byte[][] images = Gather(
            collectives,
            MemoryMarshal.AsBytes<long>([.. own.Images.SelectMany(i => new[] { i.Id, i.Count })]).ToArray());
        return collectives.Rank == 0
            ? new PredictionList(Joined(records), images.SelectMany(ImagesOf))
            : null;
    }

    private static DetectionList Joined(byte[][] parts)
    {
        var all = new DetectionList();
        for (int r = 0; r < parts.Length; r++)
        {
            using var stream = new MemoryStream(parts[r]);
            foreach (Coco.Results.Detection record in DetectionList.Load(stream, $"predictions of rank {r}"))
                all.Add(record);
        }

        return all;
    }

    private static List<(long Id, int Count)> ImagesOf(byte[] bytes)
    {
        var images = new List<(long Id, int Count)>();
        ReadOnlySpan<long> numbers = MemoryMarshal.Cast<byte, long>(bytes);
        for (int i = 0; i < numbers.Length; i += 2)
            images.Add((numbers[i], (int)numbers[i + 1]));

        return images;
    }

    // Ranks gather equal shapes only: shorter parts are filled up and cut again.
    private static byte[][] Gather(ICollectives collectives, byte[] own)
    {
        using IDisposable noGradient = no_grad();
        using DisposeScope scope = NewDisposeScope();
        long[] lengths = collectives.Gather(tensor(new[] { (long)own.Length })).data<long>().ToArray();
        long longest = lengths.Max();
        Tensor part = zeros([longest], ScalarType.Byte);
        if (own.Length > 0)
            own.CopyTo(part.bytes);

        Tensor all = collectives.Gather(part);
        return [.. lengths.Select((length, r) => all.narrow(0, r * longest, length).data<byte>().ToArray())];
    }
}
