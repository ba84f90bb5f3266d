using Dense.Checkpoints;
using TorchSharp;
using static TorchSharp.torch;

namespace Dense.Torch.Tests.Tensors;

[LeakCheck]
public class TensorRecordTests
{
    [Theory]
    [InlineData(ElementType.Float64)]
    [InlineData(ElementType.Float32)]
    [InlineData(ElementType.Float16)]
    [InlineData(ElementType.BFloat16)]
    [InlineData(ElementType.Int64)]
    [InlineData(ElementType.Int32)]
    [InlineData(ElementType.Int16)]
    [InlineData(ElementType.Int8)]
    [InlineData(ElementType.UInt8)]
    [InlineData(ElementType.Bool)]
    public void Record_SurvivesTheWayThroughLibtorchForEveryType(ElementType type)
    {
        byte[] bytes = [.. Enumerable.Range(0, 6 * type.SizeInBytes()).Select(i => (byte)(i % 2))];
        var record = new TensorRecord(type, [2, 3], bytes);

        using Tensor tensor = record.ToTensor();
        TensorRecord back = tensor.ToRecord();

        Assert.Equal(type, back.ElementType);
        Assert.Equal([2L, 3], back.Shape);
        Assert.Equal(bytes, back.Bytes.ToArray());
    }

    [Fact]
    public void ToRecord_IsRowMajorWhateverTheStridesAre()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor transposed = arange(6, ScalarType.Float32).view(2, 3).t();

        Assert.Equal([0.0, 3, 1, 4, 2, 5], transposed.ToRecord().Doubles());
    }

    [Fact]
    public void ToRecord_KeepsScalarsAndEmptyTensors()
    {
        using DisposeScope scope = NewDisposeScope();

        TensorRecord scalar = tensor(7L).ToRecord(), nothing = zeros(0, 3).ToRecord();

        Assert.Empty(scalar.Shape);
        Assert.Equal([7.0], scalar.Doubles());
        Assert.Equal([0L, 3], nothing.Shape);
        Assert.Equal([0L, 3], nothing.ToTensor().shape);
    }

    [Fact]
    public void CopyTo_WritesThroughViewsAndConvertsTypes()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor memory = zeros([3, 2], ScalarType.Float64);

        arange(6, ScalarType.Float32).view(2, 3).ToRecord().CopyTo(memory.t());

        Assert.Equal([0.0, 3, 1, 4, 2, 5], memory.Doubles());
    }

    [Fact]
    public void CopyTo_RefusesAnotherShape()
    {
        using DisposeScope scope = NewDisposeScope();
        TensorRecord record = zeros(2, 3).ToRecord();

        var error = Assert.Throws<ArgumentException>(() => record.CopyTo(zeros(3, 2)));
        Assert.Contains("[2, 3]", error.Message);
        Assert.Contains("[3, 2]", error.Message);
    }

    [Fact]
    public void TorchRandom_RepeatsDrawsFromASavedState()
    {
        using DisposeScope scope = NewDisposeScope();
        byte[] state = TorchRandom.GetState();
        double[] first = randn(5).Doubles();

        TorchRandom.SetState(state);

        Assert.Equal(first, randn(5).Doubles());
        Assert.Throws<ArgumentException>(() => TorchRandom.SetState(new byte[3]));
    }
}
