using System.Runtime.InteropServices;
using System.Text.Json;
using Dense.Detection.Fcos;
using Dense.Detection.Settings;

namespace Dense.Detection.Tests.Fcos;

public sealed class FcosTargetsTests
{
    private const string Reference = "detection/fcos";

    // The reference finds nothing in this image by a shortcut that we do not share (M-57).
    private const string FirstCentreAtZero = "first_box_centre_x_zero";

    public static TheoryData<string> Cases()
    {
        string path = Path.Combine(Golden.Root, Reference, "targets_only.json");
        return !File.Exists(path)
            ? [Golden.Absent]
            : new TheoryData<string>(FcosCase.Json(path).EnumerateArray()
                .Select(c => c.GetProperty("name").GetString()!).Where(name => name != FirstCentreAtZero));
    }

    [Theory]
    [MemberData(nameof(Cases))]
    [Trait("Category", "Golden")]
    public void Targets_EqualTheReference(string name)
    {
        JsonElement entry = FcosCase.Json(Golden.Require(Reference, "targets_only.json")).EnumerateArray()
            .Single(c => c.GetProperty("name").GetString() == name);
        var expected = new GoldenArrays(Golden.Require(Reference, "targets_only.safetensors"));
        FcosSettings settings = new FcosCase("small").Settings(entry.GetProperty("options")).Fcos;
        (int Height, int Width)[] maps =
            [.. entry.GetProperty("feature_sizes").EnumerateArray().Select(m => (m[0].GetInt32(), m[1].GetInt32()))];
        var truth = new GroundTruth(expected.Floats(name + ".boxes"), Integers(expected, name + ".classes"), null);

        IReadOnlyList<LevelTargets> targets = new FcosTargets(settings).Assign(maps, [truth]);

        Assert.Equal(maps.Length, targets.Count);
        for (int level = 0; level < maps.Length; level++)
        {
            string prefix = $"{name}.level{level}.";
            Assert.Equal(Integers(expected, prefix + "pos_index").Select(i => (long)i), targets[level].Locations);
            Assert.Equal(Integers(expected, prefix + "pos_label"), targets[level].Classes);
            Assert.Equal(Integers(expected, prefix + "pos_gt"), targets[level].Objects);
            Assert.Equal(expected.Floats(prefix + "pos_reg"), targets[level].Distances);
        }
    }

    public static TheoryData<string, string> TrainingBatches() =>
        FcosCase.Keys(p => p.Name.StartsWith("train_", StringComparison.Ordinal));

    [Theory]
    [MemberData(nameof(TrainingBatches))]
    [Trait("Category", "Golden")]
    public void Targets_OfATrainingBatchEqualTheReference(string name, string key)
    {
        var golden = new FcosCase(name);
        IReadOnlyList<InputImage> images = golden.Batch(key);
        GoldenArrays expected = golden.Arrays(key);
        FcosSettings settings = golden.Settings().Fcos;
        int height = Padded(images.Max(i => i.Height)), width = Padded(images.Max(i => i.Width));
        (int Height, int Width)[] maps = [.. settings.Strides.Select(s => ((height + s - 1) / s, (width + s - 1) / s))];

        IReadOnlyList<LevelTargets> targets =
            new FcosTargets(settings).Assign(maps, [.. images.Select(i => i.GroundTruth!)]);

        Assert.Equal(golden.Facts.GetProperty(key).GetProperty("num_pos").GetInt32(), targets.Sum(t => t.Count));
        for (int level = 0; level < maps.Length && expected.Names.Contains("target.labels.0"); level++)
        {
            (float X, float Y)[] locations = [.. Enumerable.Range(0, maps[level].Height * maps[level].Width).Select(i =>
                (FcosLocations.Pixel(i % maps[level].Width, settings.Strides[level]),
                FcosLocations.Pixel(i / maps[level].Width, settings.Strides[level])))];
            Assert.Equal(expected.Floats($"locations.{level}"), locations.SelectMany(l => (float[])[l.X, l.Y]));

            int[] labels = Integers(expected, $"target.labels.{level}");
            int[] positive = [.. labels.Index().Where(l => l.Item != settings.NumClasses).Select(l => l.Index)];
            float[] distances = expected.Floats($"target.reg.{level}");
            int[] objects = Integers(expected, $"target.inds.{level}");
            Assert.Equal(positive.Select(i => (long)i), targets[level].Locations);
            Assert.Equal(positive.Select(i => labels[i]), targets[level].Classes);
            Assert.Equal(positive.Select(i => objects[i]), targets[level].Objects);
            Assert.Equal(positive.SelectMany(i => distances[(4 * i)..(4 * i + 4)]), targets[level].Distances);
        }
    }

    [Fact]
    public void Objects_AreFoundInAnImageWhoseFirstBoxIsCentredAtZero()
    {
        var truth = new GroundTruth([-20, 10, 20, 50, 100, 100, 140, 140], [3, 4], null);

        IReadOnlyList<LevelTargets> targets = new FcosTargets(new FcosSettings()).Assign(
            [(32, 32), (16, 16), (8, 8), (4, 4), (2, 2)], [truth]);

        Assert.Contains(3, targets[0].Classes);
        Assert.Contains(4, targets[0].Classes);
    }

    [Fact]
    public void ADistanceOnTheLimitOfTwoRangesBelongsToBothLevels()
    {
        // From (52, 52) on the first level and from (56, 152) on the second the right side is exactly 64 away.
        var truth = new GroundTruth([40, 40, 116, 72, 40, 140, 120, 172], [7, 8], null);

        IReadOnlyList<LevelTargets> targets = new FcosTargets(new FcosSettings { CenterSampling = false }).Assign(
            [(32, 32), (16, 16), (8, 8), (4, 4), (2, 2)], [truth]);

        Assert.Contains((64f / 8, 20f / 8), Sides(targets[0]));
        Assert.Contains((64f / 16, 20f / 16), Sides(targets[1]));

        static IEnumerable<(float Right, float Bottom)> Sides(LevelTargets level) =>
            level.Distances.Chunk(4).Select(d => (d[2], d[3]));
    }

    [Fact]
    public void OfEqualAreas_TheEarlierObjectWins()
    {
        var truth = new GroundTruth([10, 10, 42, 42, 10, 10, 42, 42, 8, 10, 40, 42], [5, 6, 7], null);

        LevelTargets targets = new FcosTargets(new FcosSettings()).Assign([(8, 8)], [truth])[0];

        Assert.NotEmpty(targets.Classes);
        Assert.DoesNotContain(6, targets.Classes);
        Assert.Contains(5, targets.Classes);
    }

    [Fact]
    public void ABoxThatCoversNoLocationHasNoTarget()
    {
        var truth = new GroundTruth([4, 4, 4, 4, 5, 5, 11, 11, 12, 0, 12, 50], [1, 2, 3], null);

        IReadOnlyList<LevelTargets> targets = new FcosTargets(new FcosSettings()).Assign([(8, 8)], [truth]);

        Assert.Equal(0, targets[0].Count);
    }

    internal static int[] Integers(GoldenArrays arrays, string name)
    {
        Assert.Equal("Int32", arrays[name].ElementType);
        return MemoryMarshal.Cast<byte, int>(arrays.Bytes(name)).ToArray();
    }

    private static int Padded(int size) => (size + 31) / 32 * 32;
}
