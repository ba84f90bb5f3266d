using System.Diagnostics;

namespace Dense.Bench;

/// <summary>
/// <c>densecl train</c> of FCOS with ResNet-50 on the COCO sample, from the start of the process until it announces the
/// first iteration: settings, data set, network, optimiser and loader are ready then. Build src/Dense.Cli first.
/// </summary>
internal static class TrainStartBench
{
    private const int Rounds = 5;
    private const string Announcement = "Starting training";

    public static IEnumerable<BenchResult> Run()
    {
        if (RepositoryFolder.SharedData() is not { } data || !File.Exists(RepositoryFolder.Program))
            yield break;

        DirectoryInfo folder = Directory.CreateTempSubdirectory("densecl-bench-");
        try
        {
            List<double> wall = [], processor = [];
            for (int round = 0; round < Rounds; round++)
            {
                (double seconds, double used) = Start(data, Path.Combine(folder.FullName, $"{round}"));
                wall.Add(seconds);
                processor.Add(used);
            }

            yield return new BenchResult(
                "densecl train until the first iteration",
                $"{CpuClock.Median(wall):F2} s wall, {CpuClock.Median(processor):F2} s CPU",
                "",
                "",
                $"FCOS, ResNet-50, random weights, 13 images of COCO, median of {Rounds} starts");
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static (double Wall, double Processor) Start(string data, string output)
    {
        string config = Path.Combine(RepositoryFolder.Root!, "configs/DenseCL/FCOS_R50_1x_DenseCL.yaml");
        var start = new ProcessStartInfo(RepositoryFolder.Program,
            ["train", "--config-file", config, "--num-gpus", "0", "MODEL.WEIGHTS", "", "SOLVER.IMS_PER_BATCH", "1",
                "OUTPUT_DIR", output])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["DETECTRON2_DATASETS"] = data;
        long begin = Stopwatch.GetTimestamp();
        using Process process = Process.Start(start)!;
        Task<string> rest = process.StandardOutput.ReadToEndAsync();
        var lines = new List<string>();
        while (process.StandardError.ReadLine() is { } line)
        {
            lines.Add(line);
            if (!line.Contains(Announcement, StringComparison.Ordinal))
                continue;

            double wall = Stopwatch.GetElapsedTime(begin).TotalSeconds, used = process.TotalProcessorTime.TotalSeconds;
            process.Kill();
            process.WaitForExit();
            return (wall, used);
        }

        throw new InvalidOperationException($"densecl train ended early: {string.Join('\n', lines)}\n{rest.Result}");
    }
}
