using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;
using Dense.Distributed.Launch;
using Dense.Distributed.Mpi;
using Dense.Pretraining;
using Dense.Torch;
using Dense.Torch.Flat;
using TorchSharp;
using static TorchSharp.torch;

namespace Dense.Bench;

/// <summary>
/// Several processes on one machine: the sum over ranks against the same MPI library called in a bare loop, and a
/// DenseCL step of the same global batch by one and by two processes, exchanging gradients after or during the backward
/// pass.
/// </summary>
internal static unsafe class DistributedBench
{
    private const string RankArgument = "--distributed-rank";
    private const int Ranks = 2, SumRounds = 31, StepRounds = 7;
    private const int GlobalBatch = 4, Size = 224, Keys = 4096;

    // A small layer, a stage, and the gradients of ResNet-50 with DenseCL's neck.
    private static readonly int[] Counts = [16 << 10, 1 << 20, 32_425_280];

    /// <summary>Measures; needs mpirun.</summary>
    public static IEnumerable<BenchResult> Run()
    {
        string load = File.ReadAllText("/proc/loadavg").Split(' ')[0];
        string conditions = $"{Ranks} processes, {Environment.ProcessorCount} cores, wall, load {load}";
        Dictionary<string, double>? sums = Measure(Ranks, 1, "sums");
        if (sums is null)
        {
            yield return new BenchResult("several processes", "mpirun is not installed", "", "", "");
            yield break;
        }

        Dictionary<string, double>? python = MeasurePython();
        foreach (int count in Counts)
        {
            string other = python is null ? "not installed" : Rate(count, python, "mpi4py");
            yield return new BenchResult(
                $"sum of {count * 4.0 / (1 << 20):0.##} MiB", Rate(count, sums, "own"),
                $"MPI_Allreduce in a bare loop {Rate(count, sums, "bare")}; mpi4py {other}",
                $"{sums[$"bare {count}"] / sums[$"own {count}"]:F2}",
                $"{conditions}, median (best) of {SumRounds}, alternating (mpi4py afterwards)");
        }

        foreach (BenchResult step in Steps(conditions))
            yield return step;
    }

    /// <summary>What the child processes do.</summary>
    /// <returns>False when this process is none.</returns>
    public static bool RunAsRank(string[] args)
    {
        if (args is not [RankArgument, var what, var threads])
            return false;

        set_num_threads(int.Parse(threads));
        using MpiCollectives ranks = RankEnvironment.Join(board: null);
        Dictionary<string, double> figures = what == "sums" ? Sums(ranks) : StepTimes(ranks);
        if (ranks.Rank == 0)
            Console.WriteLine(JsonSerializer.Serialize(figures));

        return true;
    }

    private static IEnumerable<BenchResult> Steps(string conditions)
    {
        Dictionary<string, double>? one = Measure(1, Ranks, "steps"), two = Measure(Ranks, 1, "steps");
        if (one is null || two is null)
            yield break;

        string what = $"DenseCL ResNet-50, {Size} px, global batch {GlobalBatch}";
        string rounds = $"median (best) of {StepRounds}, processor time of all processes, {conditions}";
        double after = two["after exposed"], during = two["during exposed"];
        yield return new BenchResult(
            $"step of {Ranks} processes, 1 thread each", Seconds(two, "after"),
            $"1 process, {Ranks} threads: {Seconds(one, "after")}",
            $"{one["after"] / two["after"]:F2}", $"{what}, {rounds}");
        yield return new BenchResult(
            "step, exchange during backward", Seconds(two, "during"), $"after backward: {Seconds(two, "after")}",
            $"{two["after"] / two["during"]:F2}", $"{what}, alternating, {rounds}");
        yield return new BenchResult(
            "waiting for gradients in a step",
            $"during backward {during * 1e3:F0} ms", $"after backward {after * 1e3:F0} ms",
            $"{1 - during / after:P0} hidden", $"{what}, first rank, waiting for the other rank included");
    }

    private static string Rate(int count, Dictionary<string, double> figures, string who)
    {
        double median = figures[$"{who} {count}"], best = figures[$"{who} {count} best"];
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{median * 1e3:0.##} ({best * 1e3:0.##}) ms, "
            + $"{count * 4 / median / 1e9:0.##} ({count * 4 / best / 1e9:0.##}) GB/s");
    }

    private static string Seconds(Dictionary<string, double> figures, string form) =>
        $"{figures[form]:F2} ({figures[form + " best"]:F2}) s, {figures[form + " processor"]:F2} s of processor";

    private static Dictionary<string, double>? Measure(int processes, int threads, string what) =>
        Launch(processes, [Environment.ProcessPath!, RankArgument, what, $"{threads}"]);

    private static Dictionary<string, double>? MeasurePython() =>
        Launch(Ranks, [Peer.Python, Peer.Script("allreduce.py"), $"{SumRounds}", .. Counts.Select(c => $"{c}")]);

    private static Dictionary<string, double>? Launch(int processes, string[] program)
    {
        string[] arguments =
            ["--oversubscribe", "--allow-run-as-root", "--bind-to", "none", "-np", $"{processes}", .. program];
        if (Peer.Start("mpirun", arguments) is not { } printed)
            return null;

        // mpirun gives its processes a terminal, and the runtime greets it.
        string json = printed[printed.IndexOf('{')..(printed.LastIndexOf('}') + 1)];
        return JsonSerializer.Deserialize<Dictionary<string, double>>(json);
    }

    private static Dictionary<string, double> Sums(MpiCollectives ranks)
    {
        var figures = new Dictionary<string, double>();
        foreach (int count in Counts)
        {
            using Tensor own = zeros(count);
            void* bare = NativeMemory.AllocZeroed((nuint)count, sizeof(float));
            List<double> ownTimes = [], bareTimes = [];
            for (int round = -1; round < SumRounds; round++)
            {
                double ownTime = Time(ranks, () => ranks.SumInPlace(own));
                double bareTime = Time(ranks, () => BareMpi.Sum(bare, count));
                if (round < 0)
                    continue; // The first pages are touched.

                ownTimes.Add(ownTime);
                bareTimes.Add(bareTime);
            }

            NativeMemory.Free(bare);
            Add(figures, $"own {count}", ownTimes);
            Add(figures, $"bare {count}", bareTimes);
        }

        return figures;
    }

    private static void Add(Dictionary<string, double> figures, string name, List<double> times)
    {
        figures[name] = CpuClock.Median(times);
        figures[name + " best"] = times.Min();
    }

    private static double Time(MpiCollectives ranks, Action action)
    {
        ranks.Barrier();
        long start = Stopwatch.GetTimestamp();
        action();
        return Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    private static Dictionary<string, double> StepTimes(MpiCollectives ranks)
    {
        var clocked = new ClockedSums(ranks);
        using DisposeScope scope = NewDisposeScope();
        using var method = new DenseCl(new DenseClSettings { QueueLength = Keys }, clocked);
        method.Place(new PlacementSettings());
        method.CopyFromFirstRank();
        using var sgd = new FlatSgd(method.Parameters, [new SgdGroup
        {
            Names = [.. method.Parameters.Slots.Select(s => s.Name)], LearningRate = 0.03,
        }]);
        Tensor images = randn([GlobalBatch / ranks.WorldSize, 2, 3, Size, Size]);
        var times = new Dictionary<string, List<double>>();
        for (int round = -1; round < StepRounds; round++)
        {
            foreach (string form in (string[])["after", "during"])
            {
                clocked.Waited = TimeSpan.Zero;
                double seconds = 0;
                double processor = CpuClock.Seconds(() =>
                    seconds = Time(ranks, () => Step(method, sgd, images, overlaps: form == "during")));
                if (round < 0)
                    continue;

                Keep(form, seconds);
                Keep(form + " processor", processor * ranks.WorldSize);
                Keep(form + " exposed", clocked.Waited.TotalSeconds);
            }
        }

        var figures = new Dictionary<string, double>();
        foreach (var (name, values) in times)
            Add(figures, name, values);

        return figures;

        void Keep(string name, double value)
        {
            times.TryAdd(name, []);
            times[name].Add(value);
        }
    }

    private static void Step(DenseCl method, FlatSgd sgd, Tensor images, bool overlaps)
    {
        using DisposeScope scope = NewDisposeScope();
        SegmentedBackward? segments = overlaps ? new SegmentedBackward() : null;
        StepResult result = method.Step(new PretrainingBatch(images), new StepContext(0) { Segments = segments });
        method.Gradients.Backward(result.Total, segments);
        sgd.Step();
        method.Parameters.ZeroGradients();
    }
}
