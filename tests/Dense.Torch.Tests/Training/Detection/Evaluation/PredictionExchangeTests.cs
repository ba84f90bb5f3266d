using System.Text;
using Dense.Coco.Masks;
using Dense.Detection;
using Dense.Torch.Tests.Pretraining.Trajectories;
using Dense.Training.Detection.Evaluation;

namespace Dense.Torch.Tests.Training.Detection.Evaluation;

/// <summary>E-124: what all ranks found comes to the first one, masks included.</summary>
[LeakCheck]
public class PredictionExchangeTests
{
    private const int Height = 20, Width = 30;

    [Fact]
    public void Predictions_ComeInRankOrderWithTheirMasks()
    {
        PredictionList?[] all = ThreadedCollectives.Run(3, r => PredictionExchange.ToFirstRank(FoundBy(r.Rank), r));

        PredictionList expected = new();
        foreach (ImageDetections image in Enumerable.Range(0, 3).SelectMany(ImagesOf))
            expected.Add(image);

        Assert.Equal(expected.Images, all[0]!.Images);
        Assert.Equal(Json(expected), Json(all[0]!));
        Assert.Contains("counts", Json(expected));
        Assert.True(all[0]!.HasMasks);
        Assert.Equal([null, null], all[1..]);
    }

    [Fact]
    public void RanksThatFoundNothing_AreNoError()
    {
        PredictionList?[] all =
            ThreadedCollectives.Run(2, r => PredictionExchange.ToFirstRank(new PredictionList(), r));

        Assert.Empty(all[0]!.Images);
        Assert.Empty(all[0]!.Records);
        Assert.False(all[0]!.HasMasks);
    }

    private static PredictionList FoundBy(int rank)
    {
        var found = new PredictionList();
        foreach (ImageDetections image in ImagesOf(rank))
            found.Add(image);

        return found;
    }

    // Rank 0 has an image without objects and one with two, rank 1 has no image, rank 2 one with an object.
    private static IEnumerable<ImageDetections> ImagesOf(int rank) => rank switch
    {
        0 => [Image(7, 0), Image(3, 2)],
        1 => [],
        _ => [Image(1L << 40, 1)],
    };

    private static ImageDetections Image(long id, int objects) => new()
    {
        ImageId = id,
        Height = Height,
        Width = Width,
        Boxes = [.. Enumerable.Range(0, objects).SelectMany(o => (float[])[o, 1.1f, o + 3.3f, 7])],
        Scores = [.. Enumerable.Range(0, objects).Select(o => 0.1f + o)],
        Classes = [.. Enumerable.Range(0, objects)],
        Masks = [.. Enumerable.Range(0, objects).Select(o => RunLengthMask.FromRowMajor(Height, Width,
            [.. Enumerable.Range(0, Height * Width).Select(p => (byte)(p % (3 + o) == 0 ? 1 : 0))]))],
    };

    private static string Json(PredictionList list)
    {
        using var stream = new MemoryStream();
        list.Records.Save(stream);
        return Encoding.UTF8.GetString(stream.ToArray());
    }
}
