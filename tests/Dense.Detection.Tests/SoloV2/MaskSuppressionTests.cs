using System.Runtime.InteropServices;
using System.Text.Json;
using Dense.Detection.Masks;
using Dense.Detection.Settings;
using Dense.Detection.SoloV2;
using Dense.Torch;
using Dense.Torch.Tests;
using Dense.Torch.Tests.Tensors;
using TorchSharp;
using static TorchSharp.torch;

namespace Dense.Detection.Tests.SoloV2;

[LeakCheck]
public class MaskSuppressionTests
{
    private const string Manifest = "nms_and_masks.json";
    private const double ScoreTolerance = 5e-5;

    public static TheoryData<string> MatrixCases => SoloGolden.Names(Manifest, "matrix_nms");

    public static TheoryData<string> GreedyCases => SoloGolden.Names(Manifest, "mask_nms");

    public static TheoryData<string> PointCases => SoloGolden.Names(Manifest, "point_nms");

    [Theory]
    [Trait("Category", "Golden")]
    [MemberData(nameof(MatrixCases))]
    public void Decay_EqualsTheReference(string name)
    {
        JsonElement entry = SoloGolden.Entry(Manifest, name);
        List<SoloCandidate> candidates = Candidates(name);
        float[] expected = Arrays().Floats($"{name}.decayed");
        MaskNms kernel = entry.GetProperty("kernel").GetString() == "linear" ? MaskNms.Linear : MaskNms.Gaussian;

        float[] factors = MaskSuppression.Decay(candidates, kernel, entry.GetProperty("sigma").GetDouble());

        Assert.Equal(expected.Length, factors.Length);
        for (int i = 0; i < factors.Length; i++)
        {
            // Where the reference divides 0 by 0, its threshold drops the NaN; ours must fall below it (KF-25).
            double wanted = float.IsNaN(expected[i]) ? 0 : expected[i];
            Assert.InRange(candidates[i].Score * factors[i], wanted - ScoreTolerance, wanted + ScoreTolerance);
        }
    }

    [Theory]
    [Trait("Category", "Golden")]
    [MemberData(nameof(GreedyCases))]
    public void Greedy_EqualsTheReference(string name)
    {
        double threshold = SoloGolden.Entry(Manifest, name).GetProperty("threshold").GetDouble();

        bool[] stays = MaskSuppression.Greedy(Candidates(name), threshold);

        Assert.Equal(Arrays().Bytes($"{name}.keep").ToArray().Select(v => v != 0), stays);
    }

    [Theory]
    [Trait("Category", "Golden")]
    [MemberData(nameof(PointCases))]
    public void PointNms_EqualsTheReference(string name)
    {
        SoloGolden.Entry(Manifest, name);
        using DisposeScope scope = NewDisposeScope();
        var golden = GoldenTensors.Read(SoloGolden.Path("nms_and_masks.safetensors"));

        Tensor peaks = PointNms.Apply(golden[$"{name}.in"].ToTensor());

        Assert.Equal(golden[$"{name}.out"].Doubles(), peaks.Doubles());
    }

    [Fact]
    public void Suppression_LeavesOtherClassesAlone()
    {
        byte[] square = new byte[100];
        square.AsSpan(0, 50).Fill(1);
        List<SoloCandidate> candidates =
            [.. Enumerable.Range(0, 3).Select(i => new SoloCandidate(i, i, 0.9f, BitMask.Pack(square)))];

        Assert.Equal([1f, 1f, 1f], MaskSuppression.Decay(candidates, MaskNms.Gaussian, 2));
        Assert.Equal([true, true, true], MaskSuppression.Greedy(candidates, 0.5));
    }

    [Fact]
    public void Suppression_TakesNoCandidateAtAll()
    {
        Assert.Empty(MaskSuppression.Decay([], MaskNms.Linear, 2));
        Assert.Empty(MaskSuppression.Greedy([], 0.5));
    }

    [Fact]
    public void BestFirst_KeepsTheFormerOrderOfEqualScores()
    {
        BitMask mask = BitMask.Pack(new byte[4]);
        List<SoloCandidate> candidates = [.. new[] { 4, 2, 0, 3, 1 }.Select(i => new SoloCandidate(i, 0, i % 2, mask))];

        candidates.Sort(SoloCandidate.BestFirst);

        Assert.Equal([1, 3, 0, 2, 4], candidates.Select(c => c.Order));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(63)]
    [InlineData(64)]
    [InlineData(1000)]
    public void BitMask_CountsLikeAByteMask(int pixels)
    {
        var random = new Random(7);
        for (int round = 0; round < 200; round++)
        {
            byte[] a = Noise(random, pixels), b = Noise(random, pixels);
            int shared = a.Zip(b).Count(p => p.First != 0 && p.Second != 0);

            Assert.Equal(a.Count(v => v != 0), BitMask.Pack(a).Area);
            Assert.Equal(shared, BitMask.Pack(a).SharedWith(BitMask.Pack(b)));
        }
    }

    private static byte[] Noise(Random random, int pixels)
    {
        byte[] mask = new byte[pixels];
        int start = random.Next(pixels), end = random.Next(start, pixels) + 1;
        for (int i = start; i < end; i++)
            mask[i] = (byte)(random.Next(3) == 0 ? 255 : 0);
        return mask;
    }

    private static GoldenArrays Arrays() => new(SoloGolden.Path("nms_and_masks.safetensors"));

    private static List<SoloCandidate> Candidates(string name)
    {
        GoldenArrays golden = Arrays();
        float[] scores = golden.Floats($"{name}.scores");
        int[] labels = MemoryMarshal.Cast<byte, int>(golden.Bytes($"{name}.labels")).ToArray();
        byte[] masks = golden.Bytes($"{name}.masks").ToArray();
        int pixels = masks.Length / scores.Length;
        return [.. scores.Select((score, i) =>
            new SoloCandidate(i, labels[i], score, BitMask.Pack(masks.AsSpan(i * pixels, pixels))))];
    }
}
