using Dense.Checkpoints;
using Dense.Checkpoints.Matching;
using Dense.Configuration;
using Dense.Torch.Tests.Training.Detection.Logging;
using Dense.Training.Detection.Logging;
using Dense.Training.Detection.Loop;
using Dense.Training.Detection.Settings;
using Dense.Training.Logging;

namespace Dense.Torch.Tests.Training.Detection.Loop;

/// <summary>Where a run begins, and what it refuses to begin from (E-66, E-172, E-192, M-140).</summary>
public sealed class StartingPointTests : IDisposable
{
    private static readonly string Fcos = RepositoryRoot.Combine("configs", "DenseCL", "FCOS_R50_1x_DenseCL.yaml");

    private readonly TempFolder _folder = new();
    private readonly RecordingScreen _screen = new();

    private IEnumerable<string> Warnings =>
        _screen.Notes.Where(n => n.Level == LogLevel.Warning).Select(n => n.Message);

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("See Instructions", "is a placeholder")]
    [InlineData("nowhere.pth", "there is no file nowhere.pth")]
    public void Weights_ThatAreNoFileAreRefusedUnlessACheckpointReplacesThem(string name, string message)
    {
        DetectionConfiguration configuration = WithWeights(name);
        var resumed = new DetectionRunOptions { Resume = true };

        Assert.Contains(message, Refused(configuration, new DetectionRunOptions()));
        Assert.Contains(message, Refused(configuration, resumed));
        Save(0);
        Assert.Null(Find(configuration, resumed));
    }

    [Theory]
    [InlineData(DetectionTask.Evaluate)]
    [InlineData(DetectionTask.PreciseBatchNorm)]
    public void NoWeights_AreForTrainingOnlyUnlessAllowed(DetectionTask task)
    {
        DetectionConfiguration configuration = WithWeights("");

        Assert.Contains("--allow-missing-weights", Refused(configuration, new DetectionRunOptions { Task = task }));
        Assert.Null(Find(configuration, new DetectionRunOptions { Task = task, AllowMissingWeights = true }));
        Assert.Null(Find(configuration, new DetectionRunOptions()));
    }

    [Fact]
    public void Weights_AreFoundWithTheirQuery()
    {
        string path = _folder.Write("w.pth", "any");

        Assert.Equal(
            new WeightsName(path, MatchNames: true),
            Find(WithWeights("name?matching_heuristics=True"), new DetectionRunOptions { LocalWeights = _ => path }));
    }

    [Fact]
    public void Resume_WarnsWhenTheNamedCheckpointIsNotThereAndTakesTheNewest()
    {
        Save(0);
        Save(1);
        File.Delete(Checkpoints.StepPath(1));

        Assert.Equal(0, Resume());
        Assert.Contains("last_checkpoint", Assert.Single(Warnings));
    }

    [Fact]
    public void Resume_DoesNotBeginAnewWhereCheckpointsWereAndNoneIsLeft()
    {
        Save(0);
        File.Delete(Checkpoints.StepPath(0));

        var error = Assert.Throws<CheckpointFormatException>(() => Resume());

        Assert.Contains("Run without --resume to start over", error.Message);
    }

    [Fact]
    public void Resume_PassesOverACheckpointThatCannotBeOpened()
    {
        Save(0);
        Save(1);
        using var held = new FileStream(Checkpoints.StepPath(1), FileMode.Open, FileAccess.ReadWrite, FileShare.None);

        Assert.Equal(0, Resume());
        Assert.StartsWith("Passing over an unreadable checkpoint.", Assert.Single(Warnings));
    }

    [Fact]
    public void Resume_WithoutAnyCheckpointIsNoError()
    {
        Assert.Null(Resume());
        Assert.Empty(Warnings);
    }

    private DetectionCheckpoints Checkpoints => new(_folder["run"]);

    private void Save(long iteration) =>
        Checkpoints.Save(Checkpoints.StepPath(iteration), new CheckpointMap { { "iteration", iteration } });

    private long? Resume()
    {
        var options = new DetectionRunOptions { Resume = true };
        using var log = new DetectionLog(_folder["logs"], rank: 0, _screen, TimeProvider.System);
        var start = new StartingPoint(WithWeights(""), options, weights: null, log);
        using CheckpointFile? file = start.FindCheckpoint(Checkpoints);
        return file?.Map.GetInt64("iteration");
    }

    private string Refused(DetectionConfiguration configuration, DetectionRunOptions options) =>
        Assert.Throws<ConfigurationException>(() => Find(configuration, options)).Message;

    private WeightsName? Find(DetectionConfiguration configuration, DetectionRunOptions options) =>
        StartingPoint.FindWeights(configuration, options, Checkpoints);

    private static DetectionConfiguration WithWeights(string name) =>
        DetectionConfiguration.Load(Fcos, ["MODEL.WEIGHTS", name]);
}
