using CsCheck;
using Dense.Pretraining.Contrast;
using Dense.Torch.Operators;
using Dense.Torch.Tests.Tensors;
using TorchSharp;
using static TorchSharp.torch;

namespace Dense.Torch.Tests.Pretraining;

[LeakCheck]
public class InfoNceTests
{
    private const double Float64Limit = 1e-12;
    private const double Float32Limit = 5e-6;

    [Fact]
    public void Loss_AndGradientsEqualThePlainFormForAnySizes() =>
        Gen.Select(Gen.Int[1, 40], Gen.Int[1, 33], Gen.Int[1, 600], Gen.Double[0.05, 2], Gen.Bool, Gen.ULong)
            .Sample(
                (m, c, k, temperature, wide, seed) =>
                {
                    using DisposeScope scope = NewDisposeScope();
                    manual_seed((long)(seed >> 1));
                    ScalarType type = wide ? ScalarType.Float64 : ScalarType.Float32;
                    double limit = wide ? Float64Limit : Float32Limit;
                    Case ours = new(m, c, k, type), plain = ours.Copy();

                    Tensor loss = InfoNce.Loss(ours.Rows, ours.Positives, ours.Negatives, temperature);
                    Tensor expected = PlainInfoNce.Loss(plain.Rows, plain.Positives, plain.Negatives, temperature);
                    loss.backward();
                    expected.backward();

                    Assert.Equal(type, loss.dtype);
                    Assert.Equal(expected.Doubles()[0], loss.Doubles()[0], limit * Math.Max(1, expected.Doubles()[0]));
                    Assert.True(TensorValues.Distance(plain.Rows.grad!, ours.Rows.grad!) < limit / temperature);
                    Assert.True(TensorValues.Distance(plain.Key.grad!, ours.Key.grad!) < limit / temperature);
                },
                iter: 60, threads: 1);

    [Theory]
    [InlineData(ScalarType.Float64, 100, 1e-13)]
    [InlineData(ScalarType.Float32, 64, 1e-6)]
    [InlineData(ScalarType.BFloat16, 64, 2e-2)] // Scores are rounded to 8 bits before the exponential.
    public void Blocks_EqualTheWholeSoftmax(ScalarType type, long blockLength, double limit)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor rows = nn.functional.normalize(randn(9, 16), dim: 1).to(type);
        Tensor keys = nn.functional.normalize(randn(333, 16), dim: 1).to(type);
        Tensor scores = rows.to(ScalarType.Float64).matmul(keys.to(ScalarType.Float64).t()) * 5;

        var (logSum, mean) = BlockedLogSumExp.Compute(rows, keys, 5, blockLength);

        Assert.True(TensorValues.Distance(logSum, scores.logsumexp(1)) < limit);
        Assert.True(TensorValues.Distance(mean, scores.softmax(1).matmul(keys.to(ScalarType.Float64))) < limit);
    }

    [Fact]
    public void Half_TakesTheBlocksBecauseNoKernelDoes()
    {
        using DisposeScope scope = NewDisposeScope();
        Case ours = new(5, 8, 40, ScalarType.Float32);
        Tensor rows = ours.Rows.to(ScalarType.Float16);

        Assert.False(StreamedAttention.Supports(rows));
        Tensor loss = InfoNce.Loss(rows, ours.Positives, ours.Negatives, 0.2);
        loss.backward();

        Tensor expected = PlainInfoNce.Loss(ours.Rows, ours.Positives, ours.Negatives, 0.2);
        Assert.Equal(expected.item<float>(), loss.item<float>(), 0.02);
        Assert.True(ours.Rows.grad!.isfinite().all().item<bool>());
    }

    [Fact]
    public void Loss_StaysFiniteWhereExponentialsOverflow()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor rows = full([2L, 4], 30f, ScalarType.Float32), keys = full([10L, 4], 30f, ScalarType.Float32);

        Tensor loss = InfoNce.Loss(rows, (rows * rows).sum(dim: 1), keys, 0.01);

        Assert.Equal(Math.Log(11), loss.item<float>(), 1e-2);
    }

    [Fact]
    public void Loss_RefusesATemperatureThatIsNotPositive()
    {
        using DisposeScope scope = NewDisposeScope();
        Case ours = new(2, 4, 8, ScalarType.Float32);

        Assert.Throws<ArgumentOutOfRangeException>(() => InfoNce.Loss(ours.Rows, ours.Positives, ours.Negatives, 0));
    }

    [Theory]
    [InlineData(DeviceType.CPU, 32, 65536, 1)]
    [InlineData(DeviceType.CUDA, 32, 65536, 64)] // One block of rows: as many parts as keep 1024 keys.
    [InlineData(DeviceType.CUDA, 1568, 65536, 8)]
    [InlineData(DeviceType.CUDA, 100_000, 65536, 1)]
    [InlineData(DeviceType.CUDA, 32, 65535, 1)] // Odd: no equal parts.
    public void Parts_KeepALargeDeviceBusy(DeviceType device, long rows, long keys, long expected) =>
        Assert.Equal(expected, InfoNce.Parts(device, rows, keys));

    [Fact]
    public void Accuracy_CountsTheNegativesThatBeatThePositive()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor negatives = arange(6000, ScalarType.Float32).view(-1, 1);
        Tensor rows = ones(4, 1), positives = tensor(new[] { 6000f, 5998.5f, 5994.5f, 0 });

        var (top1, top5) = ContrastFigures.Accuracy(rows, positives, negatives);

        Assert.Equal(25, top1.item<float>());
        Assert.Equal(50, top5.item<float>()); // Beaten by 0, 1, 5 and 5999.
    }

    [Fact]
    public void Spread_IsZeroForACollapsedNetwork()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor apart = nn.functional.normalize(randn(4000, 32), dim: 1);

        Assert.Equal(0, ContrastFigures.Spread(apart[0].expand(10, 32)).item<float>(), 1e-3);
        Assert.Equal(1, ContrastFigures.Spread(apart).item<float>(), 1e-2);
    }

    [Fact]
    public void Queue_IsARingOfUnitVectors()
    {
        using DisposeScope scope = NewDisposeScope();
        using var queue = new NegativeKeys(6, 3);
        Assert.All(queue.Rows.norm(1).Doubles(), n => Assert.Equal(1, n, 1e-6));

        queue.Enqueue(zeros(2, 3));
        queue.Enqueue(ones(2, 3));
        queue.Enqueue(ones(2, 3) * 2);
        queue.Enqueue(ones(2, 3) * 3);

        Assert.Equal(2, queue.Pointer);
        Assert.Equal([3.0, 3, 1, 1, 2, 2], queue.Columns[0].Doubles());
        Assert.Throws<ArgumentException>(() => queue.Enqueue(ones(4, 3)));
    }

    [Fact]
    public void Permutation_DependsOnSeedAndIterationOnly()
    {
        long[] first = Permutation.Draw(1, 5, 64);

        Assert.Equal(Enumerable.Range(0, 64).Select(i => (long)i), first.Order());
        Assert.Equal(first, Permutation.Draw(1, 5, 64));
        Assert.NotEqual(first, Permutation.Draw(1, 6, 64));
        Assert.NotEqual(first, Permutation.Draw(2, 5, 64));
    }

    [Fact]
    public void Permutation_SendsEveryPositionEverywhereEquallyOften()
    {
        const int Draws = 20_000;
        int[] landed = new int[8];
        for (int i = 0; i < Draws; i++)
            landed[Permutation.Draw(3, i, 8).IndexOf(0L)]++;

        // Each count is binomial with deviation 47; six deviations either way.
        Assert.All(landed, n => Assert.InRange(n, (Draws / 8) - 280, (Draws / 8) + 280));
    }

    private sealed class Case
    {
        public Case(long m, long c, long k, ScalarType type)
        {
            Rows = nn.functional.normalize(randn(m, c, dtype: type), dim: 1).detach().requires_grad_();
            Key = nn.functional.normalize(randn(m, c, dtype: type), dim: 1).detach().requires_grad_();
            Negatives = nn.functional.normalize(randn(k, c, dtype: type), dim: 1);
        }

        private Case(Case other)
        {
            Rows = other.Rows.detach().clone().requires_grad_();
            Key = other.Key.detach().clone().requires_grad_();
            Negatives = other.Negatives.clone();
        }

        public Tensor Rows { get; }

        public Tensor Key { get; }

        public Tensor Negatives { get; }

        public Tensor Positives => (Rows * Key).sum(dim: 1);

        public Case Copy() => new(this);
    }
}
