using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;
using Dense.Distributed;
using Dense.Distributed.Launch;
using Dense.Distributed.Mpi;
using Dense.Pretraining;
using Dense.Torch;
using Dense.Torch.Flat;
using TorchSharp;
using static TorchSharp.torch;

namespace Dense.Bench;

/// <summary>
/// Several processes on one machine: the sum over ranks against the same MPI library called in a bare loop, and a DenseCL
/// step of the same global batch by one and by two processes, exchanging gradients after or during the backward pass.
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
            $"1 process, {Ranks} threads: {Seconds(one, "after")}", $"{one["after"] / two["after"]:F2}", $"{what}, {rounds}");
        yield return new BenchResult(
            "step, exchange during backward", Seconds(two, "during"), $"after backward: {Seconds(two, "after")}",
            $"{two["after"] / two["during"]:F2}", $"{what}, alternating, {rounds}");
        yield return new BenchResult(
            "waiting for gradients in a step", $"during backward {during * 1e3:F0} ms", $"after backward {after * 1e3:F0} ms",
            $"{1 - during / after:P0} hidden", $"{what}, first rank, waiting for the other rank included");
    }

    private static string Rate(int count, Dictionary<string, double> figures, string who)
    {
        double median = figures[$"{who} {count}"], best = figures[$"{who} {count} best"];
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{median * 1e3:0.##} ({best * 1e3:0.##}) ms, {count * 4 / median / 1e9:0.##} ({count * 4 / best / 1e9:0.##}) GB/s");
    }

    private static string Seconds(Dictionary<string, double> figures, string form) =>
        $"{figures[form]:F2} ({figures[form + " best"]:F2}) s, {figures[form + " processor"]:F2} s of processor";

    private static Dictionary<string, double>? Measure(int processes, int threads, string what) =>
        Launch(processes, [Environment.ProcessPath!, RankArgument, what, $"{threads}"]);

    private static Dictionary<string, double>? MeasurePython() =>
        Launch(Ranks, ["/usr/bin/python3", Peer.Script("allreduce.py"), $"{SumRounds}", .. Counts.Select(c => $"{c}")]);

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
            foreach (var (who, times) in (ReadOnlySpan<(string, List<double>)>)[("own", ownTimes), ("bare", bareTimes)])
            {
                figures[$"{who} {count}"] = CpuClock.Median(times);
                figures[$"{who} {count} best"] = times.Min();
            }
        }

        return figures;
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
        var figures = new Dictionary<string, List<double>>();
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

                Add(form, seconds);
                Add(form + " processor", processor * ranks.WorldSize);
                Add(form + " exposed", clocked.Waited.TotalSeconds);
            }
        }

        return figures.SelectMany(f => (KeyValuePair<string, double>[])
            [new(f.Key, CpuClock.Median(f.Value)), new(f.Key + " best", f.Value.Min())]).ToDictionary();

        void Add(string name, double value)
        {
            figures.TryAdd(name, []);
            figures[name].Add(value);
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

    /// <summary>MPI without anything of ours.</summary>
    private static class BareMpi
    {
        private const string Library = OpenMpiLibrary.Name;
        private static readonly nint Handle = NativeLibrary.Load(Library);
        private static readonly nint World = NativeLibrary.GetExport(Handle, "ompi_mpi_comm_world");
        private static readonly nint Float = NativeLibrary.GetExport(Handle, "ompi_mpi_float");
        private static readonly nint Addition = NativeLibrary.GetExport(Handle, "ompi_mpi_op_sum");

        public static void Sum(void* buffer, int count)
        {
            if (AllReduce((void*)1, buffer, count, Float, Addition, World) != 0)
                throw new InvalidOperationException("MPI_Allreduce failed.");
        }

        [DllImport(Library, EntryPoint = "MPI_Allreduce")]
        private static extern int AllReduce(void* send, void* receive, int count, nint type, nint operation, nint world);
    }

    /// <summary>Measures how long a step waits for sums.</summary>
    private sealed class ClockedSums(ICollectives ranks) : ICollectives
    {
        public TimeSpan Waited { get; set; }

        public int Rank => ranks.Rank;

        public int WorldSize => ranks.WorldSize;

        public void SumInPlace(Tensor tensor) => Clock(() => ranks.SumInPlace(tensor));

        public IPendingSum StartSum(Tensor tensor)
        {
            IPendingSum? sum = null;
            Clock(() => sum = ranks.StartSum(tensor));
            return new Clocked(this, sum!);
        }

        public Tensor Gather(Tensor tensor) => ranks.Gather(tensor);

        public void BroadcastInPlace(Tensor tensor) => ranks.BroadcastInPlace(tensor);

        public void Barrier() => ranks.Barrier();

        private void Clock(Action action)
        {
            long start = Stopwatch.GetTimestamp();
            action();
            Waited += Stopwatch.GetElapsedTime(start);
        }

        private sealed class Clocked(ClockedSums sums, IPendingSum sum) : IPendingSum
        {
            public void Wait() => sums.Clock(sum.Wait);
        }
    }
}
