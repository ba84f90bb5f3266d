using Dense.Torch.Operators;
using TorchSharp;
using static TorchSharp.torch;

namespace Dense.Torch.Tests.Tensors;

/// <summary>Every script is compiled here: one that does not compile would end the process of a user.</summary>
[LeakCheck]
public class OperatorTests
{
    [Fact]
    public void ChannelsLast_ChangesStridesAndNothingElse()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor images = randn([2L, 3, 4, 5]);

        Tensor last = MemoryLayout.ChannelsLast(images);

        Assert.Equal([60L, 1, 15, 3], last.stride());
        Assert.True(MemoryLayout.IsChannelsLast(last));
        Assert.False(MemoryLayout.IsChannelsLast(images));
        Assert.Equal(images.Doubles(), last.Doubles());
    }

    [Fact]
    public void Script_LeavesTheCallersScalarAlive()
    {
        using DisposeScope scope = NewDisposeScope();
        using Scalar half = 0.5;
        var script = new Script("""
            def scaled(x: Tensor, a: float, b: float, c: int) -> Tensor:
                return x * a * b * c

            """);

        for (int call = 0; call < 2; call++)
            Assert.Equal([3.0, 3.0], script.Run<Tensor>("scaled", ones(2), half, 2f, 3L).Doubles());
    }

    [Theory]
    [InlineData(ScalarType.Float32)]
    [InlineData(ScalarType.Float64)]
    public void Average_IsTwoRoundedProductsAndARoundedSum(ScalarType type)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor key = randn(200_001, type), query = randn(200_001, type);
        Tensor expected = (key * 0.999).add(query * (1 - 0.999));

        FusedUpdate.Average(key, query, 0.999);

        Assert.Equal(expected.Doubles(), key.Doubles());
    }

    [Theory]
    [InlineData(ScalarType.Float64, 1, 1e-14)]
    [InlineData(ScalarType.Float64, 4, 1e-14)]
    [InlineData(ScalarType.Float32, 1, 2e-6)] // Its exponential is good to 20 units in the last place.
    [InlineData(ScalarType.Float32, 4, 2e-6)]
    [InlineData(ScalarType.BFloat16, 1, 4e-3)] // The mean is stored with 8 bits.
    public void StreamedAttention_EqualsTheWholeSoftmax(ScalarType type, long parts, double limit)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor rows = nn.functional.normalize(randn(70, 20), dim: 1).to(type);
        Tensor keys = nn.functional.normalize(randn(512, 20), dim: 1).to(type);
        Tensor exactKeys = keys.to(ScalarType.Float64);
        Tensor scores = rows.to(ScalarType.Float64).matmul(exactKeys.t()) * 5;

        Assert.True(StreamedAttention.Supports(rows));
        var (logSum, mean) = StreamedAttention.LogSumExp(rows, keys, 5, parts);

        Assert.True(TensorValues.Distance(logSum, scores.logsumexp(1)) < limit);
        Assert.True(TensorValues.Distance(mean, scores.softmax(1).matmul(exactKeys)) < limit);
    }

    [Fact]
    public void StreamedAttention_DeclinesWhatNoKernelTakes()
    {
        using DisposeScope scope = NewDisposeScope();

        Assert.False(StreamedAttention.Supports(zeros([2L, 3], ScalarType.Int64)));
    }

    [Fact]
    public void Autocast_ComputesInBFloat16InsideAndRestoresWhatWas()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor a = randn(4, 4);

        using (new Autocast(DeviceType.CPU))
        {
            Assert.Equal(ScalarType.BFloat16, a.matmul(a).dtype);
            using (new Autocast(DeviceType.CPU, ScalarType.Float16))
                Assert.Equal(ScalarType.Float16, a.matmul(a).dtype);
            Assert.Equal(ScalarType.BFloat16, a.matmul(a).dtype);
        }

        Assert.Equal(ScalarType.Float32, a.matmul(a).dtype);
    }
}
