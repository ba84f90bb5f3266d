using System.Text.Json;
using Dense.Detection.Boxes;
using Dense.Detection.Tests.Fcos;

namespace Dense.Detection.Tests.Boxes;

public sealed class ClassNmsTests
{
    private const string Reference = "detection/fcos";

    public static TheoryData<string> Cases()
    {
        string path = Path.Combine(Golden.Root, Reference, "nms.json");
        return !File.Exists(path)
            ? [Golden.Absent]
            : new TheoryData<string>(
                FcosCase.Json(path).EnumerateArray().Select(c => c.GetProperty("name").GetString()!));
    }

    [Theory]
    [MemberData(nameof(Cases))]
    [Trait("Category", "Golden")]
    public void Keep_EqualsTheReference(string name)
    {
        JsonElement entry = FcosCase.Json(Golden.Require(Reference, "nms.json")).EnumerateArray()
            .Single(c => c.GetProperty("name").GetString() == name);
        double threshold = entry.GetProperty("iou_threshold").GetDouble();
        var arrays = new GoldenArrays(Golden.Require(Reference, "nms.safetensors"));
        float[] boxes = arrays.Floats(name + ".boxes"), scores = arrays.Floats(name + ".scores");
        int[] classes = FcosTargetsTests.Integers(arrays, name + ".classes");
        int[] expected = FcosTargetsTests.Integers(arrays, name + ".keep");

        Assert.Equal(expected, ClassNms.Keep(boxes, scores, classes, threshold));
        Assert.Equal(expected, ClassNms.KeepShifted(boxes, scores, classes, threshold));
    }

    [Fact]
    public void ClassesNeverTouch_UnlessShiftedAsTheReferenceDoes()
    {
        float[] boxes = [700, 700, 800, 800, -101, -101, -1, -1];

        Assert.Equal([0, 1], ClassNms.Keep(boxes, [0.9f, 0.8f], [0, 1], 0.6));
        Assert.Equal([0], ClassNms.KeepShifted(boxes, [0.9f, 0.8f], [0, 1], 0.6));
    }

    [Fact]
    public void EqualScores_AreVisitedInTheirOrder()
    {
        float[] boxes = [0, 0, 10, 10, 0, 0, 10, 9, 50, 50, 60, 60];

        Assert.Equal([0, 2], ClassNms.Keep(boxes, [0.5f, 0.5f, 0.5f], [1, 1, 1], 0.6));
    }

    [Fact]
    public void AnIouOfExactlyTheThresholdStays()
    {
        // IoU = 50 / 100, which is exact.
        float[] boxes = [0, 0, 10, 10, 0, 0, 10, 5];

        Assert.Equal([0, 1], ClassNms.Keep(boxes, [0.9f, 0.8f], [0, 0], 0.5));
        Assert.Equal([0], ClassNms.Keep(boxes, [0.9f, 0.8f], [0, 0], 0.4999));
    }

    [Fact]
    public void EqualBoxesWithoutAreaAllStay()
    {
        float[] boxes = [5, 5, 5, 9, 5, 5, 5, 9, 0, 0, 0, 0];

        Assert.Equal([0, 1, 2], ClassNms.Keep(boxes, [0.9f, 0.8f, 0.7f], [0, 0, 0], 0.6));
    }

    [Fact]
    public void NoBoxes_GiveNoIndices()
    {
        Assert.Empty(ClassNms.Keep([], [], [], 0.6));
        Assert.Empty(ClassNms.KeepShifted([], [], [], 0.6));
    }

    // M-74: two boxes of different classes that coincide once they are shifted, among others far away.
    [Theory]
    [InlineData(1000, false, true)]
    [InlineData(1001, false, false)]
    [InlineData(1001, true, true)]
    [InlineData(5000, true, true)]
    [InlineData(5001, true, false)]
    public void Shift_IsThatOfTheReferenceUpToItsLimit(int count, bool onCuda, bool couples)
    {
        float[] boxes = [0, 0, 10, 10, -11, -11, -1, -1, .. Enumerable.Repeat(0f, 4 * (count - 2))];
        float[] scores = [0.9f, 0.8f, .. Enumerable.Repeat(0.1f, count - 2)];
        int[] classes = [0, 1, .. Enumerable.Repeat(0, count - 2)];

        int[] kept = ClassNms.KeepShifted(boxes, scores, classes, 0.6, onCuda);

        Assert.Equal(couples, !kept.Contains(1));
    }

    [Fact]
    public void LengthsThatDoNotFitAreRefused() =>
        Assert.Throws<ArgumentException>(() => ClassNms.Keep([0, 0, 1], [0.5f], [0], 0.6));

    [Fact]
    public void Keep_EqualsTheDefinition()
    {
        var random = new Random(3);
        for (int round = 0; round < 20; round++)
        {
            int n = random.Next(1, 300);
            float[] boxes = new float[4 * n];
            for (int i = 0; i < n; i++)
            {
                float x = random.Next(-20, 60), y = random.Next(-20, 60);
                (boxes[4 * i], boxes[4 * i + 1]) = (x, y);
                (boxes[4 * i + 2], boxes[4 * i + 3]) = (x + random.Next(0, 50), y + random.Next(0, 50));
            }

            float[] scores = [.. Enumerable.Range(0, n).Select(_ => random.Next(50) / 50f)];
            int[] classes = [.. Enumerable.Range(0, n).Select(_ => random.Next(4))];

            Assert.Equal(ByDefinition(boxes, scores, classes, 0.3), ClassNms.Keep(boxes, scores, classes, 0.3));
        }
    }

    private static int[] ByDefinition(float[] boxes, float[] scores, int[] classes, double threshold)
    {
        var kept = new List<int>();
        foreach (int i in Enumerable.Range(0, scores.Length).OrderByDescending(i => scores[i]))
        {
            if (!kept.Any(k => classes[k] == classes[i] && Iou(boxes[(4 * k)..], boxes[(4 * i)..]) > threshold))
                kept.Add(i);
        }

        return [.. kept];
    }

    private static float Iou(float[] a, float[] b)
    {
        float width = Math.Max(0, Math.Min(a[2], b[2]) - Math.Max(a[0], b[0]));
        float height = Math.Max(0, Math.Min(a[3], b[3]) - Math.Max(a[1], b[1]));
        float shared = width * height;
        return shared / ((a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1]) - shared);
    }
}
