using Dense.Pretraining.Contrast;
using TorchSharp;
using static TorchSharp.torch;

namespace Dense.Bench;

/// <summary>
/// DenseCL's dense loss, forward and backward, against the form that holds all logits, in the same libtorch (P-218).
/// </summary>
internal static class InfoNceBench
{
    private const long Rows = 32 * 49;
    private const long Keys = 65536;
    private const long Channels = 128;
    private const double Temperature = 0.2;
    private const int Rounds = 5;

    /// <summary>Measures time and peak memory, alternately.</summary>
    public static IEnumerable<BenchResult> Run()
    {
        set_num_threads(1);
        using DisposeScope scope = NewDisposeScope();
        Tensor rows = nn.functional.normalize(randn(Rows, Channels), dim: 1);
        Tensor keys = nn.functional.normalize(randn(Rows, Channels), dim: 1);
        Tensor negatives = nn.functional.normalize(randn(Keys, Channels), dim: 1);
        Tensor shortRows = rows.to(ScalarType.BFloat16), shortNegatives = negatives.to(ScalarType.BFloat16);

        Action plain = () => Step(rows, keys, negatives, PlainInfoNce.Loss);
        (string Name, Action Run)[] forms = [
            ("float32", () => Step(rows, keys, negatives, InfoNce.Loss)),
            ("bfloat16", () => Step(shortRows, keys.to(ScalarType.BFloat16), shortNegatives, InfoNce.Loss))];
        foreach (Action form in forms.Select(f => f.Run).Append(plain))
            form(); // Compiles, and touches the memory once.

        List<double> plainTimes = [];
        List<double>[] times = [.. forms.Select(_ => new List<double>())];
        for (int round = 0; round < Rounds; round++)
        {
            plainTimes.Add(CpuClock.Seconds(plain));
            for (int i = 0; i < forms.Length; i++)
                times[i].Add(CpuClock.Seconds(forms[i].Run));
        }

        double plainTime = CpuClock.Median(plainTimes), plainPeak = CpuClock.PeakMebibytes(plain);
        string conditions = $"{Rows} rows, {Keys} keys, {Channels} channels, 1 thread, CPU time, median of {Rounds} "
            + "alternating rounds";
        for (int i = 0; i < forms.Length; i++)
        {
            double time = CpuClock.Median(times[i]), peak = CpuClock.PeakMebibytes(forms[i].Run);
            yield return new BenchResult(
                $"InfoNCE {forms[i].Name}, time", $"{time:F2} s", $"all logits, float32: {plainTime:F2} s",
                $"{plainTime / time:F1}", conditions);
            yield return new BenchResult(
                $"InfoNCE {forms[i].Name}, memory", $"{peak:F0} MiB", $"all logits, float32: {plainPeak:F0} MiB",
                $"{plainPeak / peak:F0}", "peak resident memory above the inputs");
        }
    }

    private static void Step(
        Tensor rows, Tensor keys, Tensor negatives, Func<Tensor, Tensor, Tensor, double, Tensor> loss)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor learned = rows.detach().requires_grad_();
        loss(learned, (learned * keys).sum(dim: 1), negatives, Temperature).backward();
    }
}
