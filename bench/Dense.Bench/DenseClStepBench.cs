using System.Diagnostics;
using System.Text.Json;
using Dense.Pretraining;
using Dense.Torch.Flat;
using TorchSharp;
using static TorchSharp.torch;

namespace Dense.Bench;

/// <summary>
/// One training step of DenseCL with ResNet-50 at 224 pixels, as a share of the rate of matrix products measured in the
/// same run, beside the same step in Python.
/// </summary>
internal static class DenseClStepBench
{
    private const int Batch = 4;
    private const int Size = 224;
    private const int Rounds = 3;
    private const long Keys = 65536;

    // Multiply-adds of one image: ResNet-50's convolutions; the dense and the global projection.
    private const double BackboneMultiplyAdds = 4.087e9;
    private const double NeckMultiplyAdds = (49 + 1) * (2048.0 * 2048 + 2048 * 128);

    // Forward and backward of the query (3 passes' worth), forward of the key; two products per logit.
    private const double StepGigaflops = 1e-9 * 2 * (Batch * 4 * (BackboneMultiplyAdds + NeckMultiplyAdds)
        + 2.0 * Batch * (49 + 1) * Keys * 128);

    private static readonly (string Name, PlacementSettings Placement)[] Forms = [
        ("float32, rows", new PlacementSettings { ChannelsLast = false }),
        ("float32, channels last", new PlacementSettings()),
        ("bfloat16, channels last", new PlacementSettings { BFloat16 = true })];

    /// <summary>Measures the three forms alternately.</summary>
    public static IEnumerable<BenchResult> Run()
    {
        set_num_threads(1);
        using DisposeScope scope = NewDisposeScope();
        Tensor images = randn([Batch, 2, 3, Size, Size]);
        Training[] runs = [.. Forms.Select(f => new Training(f.Placement, images))];
        List<double>[] times = [.. Forms.Select(_ => new List<double>())];
        List<double> wide = [], narrow = [];
        Dictionary<string, double>? peer = null;
        foreach (Training run in runs)
            run.Step();
        for (int round = 0; round < Rounds; round++)
        {
            wide.Add(MatrixProductRate.Gigaflops(ScalarType.Float32));
            narrow.Add(MatrixProductRate.Gigaflops(ScalarType.BFloat16));
            for (int i = 0; i < runs.Length; i++)
                times[i].Add(CpuClock.Seconds(runs[i].Step));
        }

        peer = MeasurePeer();
        for (int i = 0; i < Forms.Length; i++)
        {
            PlacementSettings placement = Forms[i].Placement;
            double time = CpuClock.Median(times[i]);
            double rate = CpuClock.Median(placement.BFloat16 ? narrow : wide);
            string form = (placement.BFloat16 ? "bfloat16" : "float32") + (placement.ChannelsLast ? "_last" : "_rows");
            bool known = peer is not null && peer.ContainsKey(form);
            yield return new BenchResult(
                $"DenseCL step, {Forms[i].Name}",
                $"{time:F2} s, {StepGigaflops / time / rate:P0} of the {rate:F0} GFLOP/s of products",
                known ? $"PyTorch 1.13: {peer![form]:F2} s" : peer is null ? "not installed" : "not measured",
                known ? $"{peer![form] / time:F1}" : "",
                $"ResNet-50, batch {Batch}, {Size} px, {StepGigaflops:F0} GFLOP, 1 thread, CPU time, "
                    + $"median of {Rounds}");
        }

        foreach (Training run in runs)
            run.Dispose();
    }

    private static Dictionary<string, double>? MeasurePeer()
    {
        string script = Path.Combine(AppContext.BaseDirectory, "peers", "densecl_step.py");
        const string Python = "/usr/bin/python3";
        if (!File.Exists(Python) || !File.Exists(script))
            return null;

        var start = new ProcessStartInfo(Python, [script, $"{Batch}", $"{Size}", $"{Rounds}"])
        {
            RedirectStandardOutput = true,
        };
        foreach (string setting in (string[])["OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE"])
            start.Environment.Remove(setting);
        using Process? child = Process.Start(start);
        string? answer = child?.StandardOutput.ReadToEnd();
        child?.WaitForExit();
        return child?.ExitCode == 0 ? JsonSerializer.Deserialize<Dictionary<string, double>>(answer!) : null;
    }

    private sealed class Training : IDisposable
    {
        private readonly DenseCl _method;
        private readonly FlatSgd _sgd;
        private readonly Tensor _images;
        private long _iteration;

        public Training(PlacementSettings placement, Tensor images)
        {
            _images = images;
            _method = new DenseCl(new DenseClSettings { QueueLength = Keys });
            _method.Place(placement);
            _sgd = new FlatSgd(_method.Parameters, [new SgdGroup
            {
                Names = [.. _method.Parameters.Slots.Select(s => s.Name)], LearningRate = 0.03,
            }]);
        }

        public void Step()
        {
            using DisposeScope scope = NewDisposeScope();
            _method.Step(new PretrainingBatch(_images), new StepContext(_iteration++)).Total.backward();
            _sgd.Step();
            _method.Parameters.ZeroGradients();
        }

        public void Dispose()
        {
            _sgd.Dispose();
            _method.Dispose();
        }
    }
}
