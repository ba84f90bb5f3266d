namespace Dense.Imaging.Tests.Draw;

public sealed class CanvasTests
{
    [Fact]
    public void Box_ColoursItsEdgeAndLeavesItsInside()
    {
        RgbImage image = White(40, 30);

        using (Canvas canvas = new(image))
            canvas.Box(5, 5, 35, 25, new RgbColor(255, 0, 0));

        Assert.Equal([255, 0, 0], Pixel(image, 5, 15));
        Assert.Equal([255, 255, 255], Pixel(image, 20, 15));
    }

    [Fact]
    public void FillPolygon_MixesByItsAlpha()
    {
        RgbImage image = White(40, 30);

        using (Canvas canvas = new(image))
            canvas.FillPolygon([(0, 0), (40, 0), (40, 30), (0, 30)], new RgbColor(0, 0, 0, 128));

        Assert.InRange(Pixel(image, 20, 15)[0], 126, 128);
    }

    [Fact]
    public void FillMask_TintsItsPixelsAndIgnoresThoseOutside()
    {
        RgbImage image = White(4, 4);

        using (Canvas canvas = new(image))
            canvas.FillMask([1, 0, 1, 1], new PixelBox(3, 0, 2, 2), new RgbColor(0, 0, 255, 255));

        Assert.Equal([0, 0, 255], Pixel(image, 3, 0));
        Assert.Equal([0, 0, 255], Pixel(image, 3, 1));
        Assert.Equal([255, 255, 255], Pixel(image, 2, 0));
    }

    [Fact]
    public void Text_ShowsItsDotsWithoutAnyFontOfTheSystem()
    {
        RgbImage image = White(12, 8);

        using (Canvas canvas = new(image))
            canvas.Text(0, 0, "T", RgbColor.Black, scale: 1);

        string[] rows = [.. Enumerable.Range(0, 7).Select(y => string.Concat(
            Enumerable.Range(0, 5).Select(x => Pixel(image, x, y)[0] == 0 ? '#' : '.')))];
        Assert.Equal(["#####", "..#..", "..#..", "..#..", "..#..", "..#..", "..#.."], rows);
    }

    [Fact]
    public void EveryPrintableCharacter_HasAGlyphOfItsOwn()
    {
        string[] glyphs = [.. Enumerable.Range(32, 95).Select(c => string.Concat(
            Enumerable.Range(0, 35).Select(dot => BitmapFont.IsInk((char)c, dot % 5, dot / 5) ? '#' : '.')))];

        Assert.Equal(95, glyphs.Distinct().Count());
    }

    [Fact]
    public void Label_MovesIntoTheImage()
    {
        RgbImage image = White(100, 40);

        using (Canvas canvas = new(image))
            canvas.Label(95, 38, "cat", new RgbColor(0, 0, 200));

        (int width, int height) = Canvas.LabelSize("cat");
        Assert.Equal([0, 0, 200], Pixel(image, 99, 39));
        Assert.Equal([0, 0, 200], Pixel(image, 100 - width, 40 - height));
        Assert.Equal([255, 255, 255], Pixel(image, 99 - width, 39 - height));
    }

    [Fact]
    public void Mosaic_KeepsEveryPixelOfItsTiles()
    {
        RgbImage a = new(5, 4), b = new(7, 3);
        a.Pixels.Fill(10);
        b.Pixels.Fill(20);

        RgbImage mosaic = Mosaic.Arrange([(a, "a"), (b, "")], columns: 2, gap: 1);

        int[] values = [.. mosaic.Pixels.ToArray().Select(v => (int)v)];
        Assert.Equal(5 * 4 * 3, values.Count(v => v == 10));
        Assert.Equal(7 * 3 * 3, values.Count(v => v == 20));
    }

    [Theory]
    [InlineData("a.png", true)]
    [InlineData("a.jpg", false)]
    public void Save_WritesWhatTheDecoderReads(string name, bool exact)
    {
        using var folder = new TempFolder();
        RgbImage image = White(33, 17), read = new();
        image.Row(8).Fill(100);
        string path = folder[name];
        using ImageDecoder decoder = new();

        ImageEncoder.Save(image, path);
        decoder.DecodeFile(path, read);

        Assert.Equal((33, 17), (read.Width, read.Height));
        if (exact)
            GoldenImages.AssertSame(image, read);
        Assert.Equal([path], Directory.GetFiles(folder.Path));
    }

    private static RgbImage White(int width, int height)
    {
        RgbImage image = new(width, height);
        image.Pixels.Fill(255);
        return image;
    }

    private static byte[] Pixel(RgbImage image, int x, int y) => image.Row(y).Slice(3 * x, 3).ToArray();
}
