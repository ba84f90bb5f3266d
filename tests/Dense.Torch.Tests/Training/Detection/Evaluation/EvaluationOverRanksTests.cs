using Dense.Detection;
using Dense.Distributed;
using Dense.Imaging.Scenes;
using Dense.Torch.Tests.Pretraining.Trajectories;
using Dense.Torch.Tests.Training.Detection.Loop;
using Dense.Training.Detection.Data;
using Dense.Training.Detection.Evaluation;
using Dense.Training.Detection.Logging;
using Dense.Training.Detection.Settings;
using TorchSharp;
using static TorchSharp.torch;

namespace Dense.Torch.Tests.Training.Detection.Evaluation;

/// <summary>
/// E-124, R12: metrics are the first rank's work, and may take longer than an operation between ranks.
/// </summary>
public sealed class EvaluationOverRanksTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public EvaluationOverRanksTests()
    {
        SceneDataset.Write(_folder["scenes"],
            new SceneOptions { Images = 3, Unlabelled = 0, Probe = 0, Size = 48, Seed = 1, Workers = 1 });
        _folder.Write("sets.yaml", """
            one: {json_file: scenes/annotations/instances.json, image_root: scenes/images}
            two: {json_file: scenes/annotations/instances.json, image_root: scenes/images}
            """);
    }

    [Fact]
    public void OtherRanks_WaitWithoutALimitAfterEverySet()
    {
        var runs = ThreadedCollectives.Run(2, Evaluate);

        string[] ofOneSet = ["gather", "gather", "gather", "gather", "wait for the first"];
        Assert.All(runs, run => Assert.Equal([.. ofOneSet, .. ofOneSet], run.Calls));
        Assert.Contains("two/bbox/AP", runs[0].Results.Keys);
        Assert.Empty(runs[1].Results);
    }

    public void Dispose() => _folder.Dispose();

    private (IReadOnlyList<string> Calls, IReadOnlyDictionary<string, double> Results) Evaluate(ICollectives ranks)
    {
        using DisposeScope scope = NewDisposeScope();
        using var detector = new ToyDetector();
        using var log = new DetectionLog(_folder["run"], ranks.Rank, null, TimeProvider.System);
        var settings = new DetectionRunSettings
        {
            TestSets = ["one", "two"],
            Data = new DetectionDataSettings { Rank = ranks.Rank, WorldSize = ranks.WorldSize, NumWorkers = 1 },
            OutputDirectory = _folder["run"],
        };
        var recorded = new RecordedCollectives(ranks);
        DatasetCatalog catalog = DatasetCatalog.Open(_folder.Path, _folder["sets.yaml"]);
        var evaluator = new DetectionEvaluator(settings, catalog, Blank, log, recorded, TimeProvider.System);
        return (recorded.Calls, evaluator.Run(detector));
    }

    private static ImageBatch Blank(IReadOnlyList<InputImage> images) =>
        new(zeros([images.Count, 3, 8, 8]), [.. images.Select(_ => (8, 8))]);

    private sealed class RecordedCollectives(ICollectives ranks) : ICollectives
    {
        private readonly List<string> _calls = [];

        public IReadOnlyList<string> Calls => _calls;

        public int Rank => ranks.Rank;

        public int WorldSize => ranks.WorldSize;

        public void SumInPlace(Tensor tensor) => Record("sum", () => ranks.SumInPlace(tensor));

        public void BroadcastInPlace(Tensor tensor) => Record("broadcast", () => ranks.BroadcastInPlace(tensor));

        public void Barrier() => Record("barrier", ranks.Barrier);

        public void WaitForFirst() => Record("wait for the first", ranks.WaitForFirst);

        public Tensor Gather(Tensor tensor)
        {
            _calls.Add("gather");
            return ranks.Gather(tensor);
        }

        private void Record(string name, Action call)
        {
            _calls.Add(name);
            call();
        }
    }
}
