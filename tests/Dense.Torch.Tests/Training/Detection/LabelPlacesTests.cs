using Dense.Imaging;
using Dense.Training.Detection.Pictures;

namespace Dense.Torch.Tests.Training.Detection;

public class LabelPlacesTests
{
    private static readonly (int Width, int Height) Label = (40, 10);

    [Fact]
    public void Label_StandsAboveItsBoxWhereThereIsRoom()
    {
        var places = new LabelPlaces(200, 100);

        Assert.Equal(new PixelBox(50, 40, 40, 10), places.Take((50, 50, 90, 80), Label));
        Assert.Equal(new PixelBox(50, 0, 40, 10), places.Take((50, 0, 90, 30), Label));
    }

    [Fact]
    public void Label_StaysWithinThePicture() =>
        Assert.Equal(new PixelBox(160, 40, 40, 10), new LabelPlaces(200, 100).Take((190, 50, 230, 80), Label));

    [Fact]
    public void Labels_NeverOverlapAndAreLeftOutWhenNoPlaceIsFree()
    {
        var places = new LabelPlaces(100, 60);

        PixelBox?[] taken = [.. Enumerable.Range(0, 30).Select(_ => places.Take((20, 20, 70, 50), Label))];

        PixelBox[] given = [.. taken.OfType<PixelBox>()];
        Assert.NotEmpty(given);
        Assert.Contains(null, taken);
        for (int i = 0; i < given.Length; i++)
            Assert.All(given[(i + 1)..], other => Assert.False(Overlap(given[i], other), $"{given[i]} {other}"));
    }

    [Fact]
    public void Label_WiderThanThePictureHasNoPlace() =>
        Assert.Null(new LabelPlaces(30, 60).Take((0, 0, 20, 20), Label));

    private static bool Overlap(PixelBox a, PixelBox b) =>
        a.Left < b.Left + b.Width && b.Left < a.Left + a.Width && a.Top < b.Top + b.Height && b.Top < a.Top + a.Height;
}
