using Dense.Bench;
using Spectre.Console;

// Usage: dotnet run -c Release --project bench/Dense.Bench [-- NAME …]
if (CheckpointReadBench.RunAsReader(args) || DistributedBench.RunAsRank(args))
    return;

(string Name, Func<IEnumerable<BenchResult>> Run)[] benches =
[
    ("augmentation", AugmentationBench.Run),
    ("loader", LoaderBench.Run),
    ("infonce", InfoNceBench.Run),
    ("flat-update", FlatUpdateBench.Run),
    ("densecl-step", DenseClStepBench.Run),
    ("checkpoint-read", CheckpointReadBench.Run),
    ("conversion", ConversionBench.Run),
    ("cocoeval", CocoEvaluationBench.Run),
    ("rle", RleBench.Run),
    ("cocoreader", CocoReaderBench.Run),
    ("solo-loss", SoloLossBench.Run),
    ("detection-mapper", DetectionMapperBench.Run),
    ("fcos", FcosBench.Run),
    ("solov2", SoloBench.Run),
    ("solov2-targets", SoloTargetBench.Run),
    ("train-start", TrainStartBench.Run),
    ("distributed", DistributedBench.Run),
];

var table = new Table().AddColumns("what", "ours", "peer", "ratio", "conditions");
foreach (var (name, run) in benches.Where(b => args.Length == 0 || args.Contains(b.Name)))
{
    Console.Error.WriteLine($"{name} …");
    foreach (BenchResult r in run())
        table.AddRow(r.What, r.Ours, r.Peer, r.Ratio, r.Conditions);
}

// Wide enough for a line per result, also when the output goes to a file.
AnsiConsole.Profile.Width = Math.Max(AnsiConsole.Profile.Width, 200);
AnsiConsole.Write(table);
