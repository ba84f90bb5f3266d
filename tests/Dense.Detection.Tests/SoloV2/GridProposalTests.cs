using Dense.Coco;
using Dense.Coco.Annotations;
using Dense.Detection.Settings;
using Dense.Detection.SoloV2.GridFit;

namespace Dense.Detection.Tests.SoloV2;

public class GridProposalTests
{
    private static readonly SoloV2Settings Defaults = new();

    [Fact]
    public void Objects_AreSeenInTheEnlargedAndPaddedImage()
    {
        var dataset = new CocoDataset();
        dataset.Images.Add(new CocoImage(7, "a.jpg", Width: 640, Height: 400));
        dataset.Images.Add(new CocoImage(8, "b.jpg", Width: 0, Height: 0));
        dataset.Annotations.Add(new CocoAnnotation(1, 7, 1, new BoxXywh(100, 50, 40, 10), 400, false, default));
        dataset.Annotations.Add(new CocoAnnotation(2, 7, 1, new BoxXywh(0, 0, 40, 10), 400, true, default));
        dataset.Annotations.Add(new CocoAnnotation(3, 8, 1, new BoxXywh(0, 0, 40, 10), 400, false, default));

        GridObject found = Assert.Single(GridProposal.Objects(dataset, shortSide: 800, longest: 1000));

        // The long side decides: ×1.5625 to 625×1000, padded to 640×1024.
        Assert.Equal(7, found.ImageId);
        Assert.Equal(1.5625 * 20, found.Size, 1e-9);
        Assert.Equal(1.5625 * 120 / 1024, found.X, 1e-9);
        Assert.Equal(1.5625 * 55 / 640, found.Y, 1e-9);
    }

    [Fact]
    public void Objects_OfAnImageThatShrinksToALineHaveAPlace()
    {
        var dataset = new CocoDataset();
        dataset.Images.Add(new CocoImage(7, "a.jpg", Width: 1, Height: 5000));
        dataset.Annotations.Add(new CocoAnnotation(1, 7, 1, new BoxXywh(0, 1000, 1, 100), 100, false, default));

        GridObject found = Assert.Single(GridProposal.Objects(dataset, shortSide: 800, longest: 1000));

        // ×0.2 to 1000×1, padded to 1024×32.
        Assert.Equal(0.2 * 0.5 / 32, found.X, 1e-9);
    }

    [Fact]
    public void Proposal_GivesSmallObjectsRangesAndCellsThatTheDefaultsLack()
    {
        // 400 objects of 5 to 24 pixels in each of two images, 20×20 of them.
        GridObject[] objects = [.. Enumerable.Range(0, 800).Select(i => new GridObject(
            i / 400, 5 + i % 20, (i % 20 + 0.5) / 20, (i / 20 % 20 + 0.5) / 20))];

        IReadOnlyList<GridLevel> now = GridProposal.Fill(objects, Defaults);
        IReadOnlyList<GridLevel> proposed = GridProposal.Of(objects, Defaults, shortSide: 720);

        Assert.Equal([800, 0, 0, 0, 0], now.Select(l => l.Objects));
        Assert.All(proposed, l => Assert.True(l.Objects > 0));
        Assert.All(proposed, l => Assert.InRange(l.ContestedShare, 0, 0.01));
        Assert.All(objects, o => Assert.Contains(proposed, l => o.Size >= l.Low && o.Size <= l.High));
        Assert.Equal(proposed.OrderBy(l => l.Low), proposed);
    }

    [Fact]
    public void Proposal_HoldsObjectsLargerThanTheReferencesLargest()
    {
        GridObject[] objects =
        [
            .. Enumerable.Range(1, 8).Select(i => new GridObject(1, 10 * i, i / 9.0, 0.5)),
            new(1, 3000.5, 0.5, 0.5), new(1, 3000.5, 0.5, 0.5),
        ];

        GridLevel last = GridProposal.Of(objects, Defaults, shortSide: 720)[^1];

        // No grid separates what lies on one spot; the level's map has 22 rows.
        Assert.Equal(new GridLevel(2122, 5000, 20, 2, 2) with { High = last.High }, last);
        Assert.True(last.High >= 3001);
    }

    [Fact]
    public void Proposal_ForObjectsOfOneSizeHasRangesThatAreNotEmpty()
    {
        GridObject[] objects = [.. Enumerable.Range(0, 50).Select(i => new GridObject(i, 900, 0.5, 0.5))];

        IReadOnlyList<GridLevel> proposed = GridProposal.Of(objects, Defaults, shortSide: 720);

        Assert.All(proposed, l => Assert.True(l.Low < l.High));
        Assert.Equal(50, proposed[0].Objects);
    }
}
