namespace Dense.Torch.Tests.Training.Loop;

/// <summary>R1: an interrupted and resumed training ends with the same bits as one that ran through.</summary>
[LeakCheck]
public sealed class ResumeTests : IDisposable
{
    private static readonly int[] StopPoints =
    [
        1, // the first step
        3, // λ warm-up, rate warm-up, in the middle of an epoch; between two updates of the supervised run
        5, // after the λ warm-up, before the queue of 32 wraps around (4 batches), one step before an epoch ends
        6, // the end of an epoch
        9, // rate warm-up over, queue wrapped
        14, // the last epoch
        17, // the step before the last
    ];

    private readonly SmallRun _run = new();

    [Theory]
    [InlineData("DenseCL")]
    [InlineData("MoCo")]
    [InlineData("Classification")]
    [InlineData("MultiLevel")]
    public void Training_EndsWithTheSameBitsWhereverItWasInterrupted(string method)
    {
        IReadOnlyList<string> keys = _run.Method(method);
        _run.Train("straight", keys);
        string expected = _run.Folder["straight/epoch_3.pth"];

        foreach (int stop in StopPoints)
        {
            string output = $"stopped_{stop}";
            Assert.Equal(stop, _run.Train(output, keys, stopAfter: stop));
            Assert.Equal(SmallRun.Steps, _run.Train(output, keys));

            Assert.Empty(CheckpointContent.Differences(expected, _run.Folder[$"{output}/epoch_3.pth"]));
        }
    }

    [Fact]
    public void Training_EndsWithTheSameBitsWhenInterruptedAfterEveryStep()
    {
        IReadOnlyList<string> keys = _run.Method("DenseCL");
        _run.Train("straight", keys);

        for (int step = 1; step <= SmallRun.Steps; step++)
            Assert.Equal(step, _run.Train("halting", keys, stopAfter: step));

        Assert.Empty(CheckpointContent.Differences(
            _run.Folder["straight/epoch_3.pth"], _run.Folder["halting/epoch_3.pth"]));
    }

    // The control: were consecutive states equal, the tests above would prove nothing.
    [Fact]
    public void Training_ChangesEveryLearningTensorInEachStep()
    {
        IReadOnlyList<string> keys = _run.Method("DenseCL");
        _run.Train("one", keys, stopAfter: 8);
        _run.Train("two", keys, stopAfter: 9);

        IReadOnlyList<string> differences =
            CheckpointContent.Differences(_run.Folder["one/iter_8.pth"], _run.Folder["two/iter_9.pth"]);

        Assert.Contains("/state_dict/encoder_q.0.conv1.weight", differences);
        Assert.Contains("/state_dict/encoder_k.1.mlp2.2.bias", differences);
        Assert.Contains("/state_dict/encoder_k.0.bn1.running_mean", differences);
        Assert.Contains("/state_dict/queue", differences);
        Assert.Contains("/state_dict/queue2_ptr", differences);
        Assert.Contains("/optimizer/state/0/momentum_buffer", differences);
        Assert.Contains("/meta/iter", differences);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void Training_EndsWithTheSameBitsForAnyNumberOfWorkers(int workers)
    {
        IReadOnlyList<string> keys = _run.Method("DenseCL");
        _run.Train("two_workers", keys);
        _run.Train("other", [.. keys, "DATA.WORKERS", $"{workers}"]);

        Assert.Empty(CheckpointContent.Differences(
            _run.Folder["two_workers/epoch_3.pth"], _run.Folder["other/epoch_3.pth"]));
    }

    [Fact]
    public void Training_DiffersWithAnotherSeed()
    {
        IReadOnlyList<string> keys = _run.Method("MoCo");
        _run.Train("seed_0", keys, stopAfter: 2);
        _run.Train("seed_1", [.. keys, "SEED", "1"], stopAfter: 2);

        Assert.Contains("/state_dict/encoder_q.0.conv1.weight",
            CheckpointContent.Differences(_run.Folder["seed_0/iter_2.pth"], _run.Folder["seed_1/iter_2.pth"]));
    }

    public void Dispose() => _run.Dispose();
}
