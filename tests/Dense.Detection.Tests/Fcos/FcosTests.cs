using Dense.Detection.Settings;
using Dense.Distributed;
using Dense.Torch.Tests;
using TorchSharp;
using static TorchSharp.torch;
using FcosDetector = Dense.Detection.Fcos.Fcos;

namespace Dense.Detection.Tests.Fcos;

[LeakCheck]
public sealed class FcosTests
{
    [Fact]
    public void SettingsThatDoNotFit_AreRefusedWithTheirKeys()
    {
        DetectorSettings settings = GoldenModels.FcosSmall;
        settings = settings with { Fcos = settings.Fcos with { Strides = [8, 16], Norm = DetectorNorm.FrozenBatch } };

        var e = Assert.Throws<ArgumentException>(() => new FcosDetector(settings, SingleProcess.Instance));

        Assert.Contains("FPN_STRIDES", e.Message, StringComparison.Ordinal);
        Assert.Contains("MODEL.FCOS.NORM", e.Message, StringComparison.Ordinal);
    }

    // KF-4.
    [Fact]
    public void TheRunningNumberOfPositives_SurvivesInTheTrainersState()
    {
        using DisposeScope scope = NewDisposeScope();
        DetectorSettings settings = GoldenModels.FcosSmall;
        settings = settings with
        {
            Fcos = settings.Fcos with { ClassNormalizer = ClassNormalizer.MovingForeground },
        };
        using var trained = new FcosDetector(settings, SingleProcess.Instance);
        using var resumed = new FcosDetector(settings, SingleProcess.Instance);
        using var batch = new ImageBatch(zeros(1, 3, 64, 64), [(64, 64)]);
        _ = trained.Losses(batch, [new GroundTruth([8, 8, 40, 40], [3], null)]);

        resumed.TrainerState = trained.TrainerState;

        Assert.NotEqual(100, Assert.Single(trained.TrainerState).Value);
        Assert.Equal(trained.TrainerState, resumed.TrainerState);
        Assert.DoesNotContain(DetectorState.Entries(trained), e => e.Name.Contains("moving", StringComparison.Ordinal));
    }

    [Fact]
    public void WithTheDefaultNormaliser_TheTrainersStateIsEmpty()
    {
        using DisposeScope scope = NewDisposeScope();
        using var detector = new FcosDetector(GoldenModels.FcosSmall, SingleProcess.Instance);

        Assert.Empty(detector.TrainerState);
    }

    [Fact]
    public void ABatchWithoutObjects_GivesEveryParameterAFiniteGradient()
    {
        using DisposeScope scope = NewDisposeScope();
        using var detector = new FcosDetector(GoldenModels.FcosSmall, SingleProcess.Instance);
        using var batch = new ImageBatch(randn(2, 3, 64, 96), [(64, 96), (50, 70)]);

        detector.Losses(batch, [GroundTruth.Empty, GroundTruth.Empty])
            .Select(l => l.Value).Aggregate((a, b) => a + b).backward();

        foreach (DetectorEntry entry in DetectorState.Entries(detector).Where(e => e.Trainable))
            Assert.True(entry.Tensor.grad is { } g && g.isfinite().all().item<bool>(),
                $"{entry.Name}: {entry.Tensor.grad?.abs().max().item<float>()}");
    }

    [Fact]
    public void ATensorOfAnotherLayout_GivesTheSameDetections()
    {
        using DisposeScope scope = NewDisposeScope();
        using var detector = new FcosDetector(GoldenModels.FcosSmall, SingleProcess.Instance);
        DetectorFill.Fill(detector, GoldenModels.FillOf("fcos/small"));
        detector.eval();
        using var generator = new Generator(4);
        Tensor pixels = randn([1, 3, 96, 128], generator: generator);
        var image = new InputImage
        {
            Pixels = [],
            Height = 90,
            Width = 120,
            OriginalHeight = 45,
            OriginalWidth = 60,
            ImageId = 12,
        };

        ImageDetections plain = detector.Detect(new ImageBatch(pixels, [(90, 120)]), [image])[0];
        ImageDetections innermost = detector.Detect(
            new ImageBatch(Dense.Torch.Operators.MemoryLayout.ChannelsLast(pixels), [(90, 120)]), [image])[0];

        Assert.Equal(12, plain.ImageId);
        Assert.True(plain.Count > 0);
        Assert.Equal(plain.Classes, innermost.Classes);
        Assert.All(plain.Boxes.Zip(innermost.Boxes), b => Assert.Equal(b.First, b.Second, 0.01f));
        Assert.All(plain.Boxes.Chunk(4), b => Assert.True(b[0] >= 0 && b[1] >= 0 && b[2] <= 60 && b[3] <= 45));
    }
}
