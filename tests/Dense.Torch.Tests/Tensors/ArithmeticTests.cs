using TorchSharp;
using static TorchSharp.torch;

namespace Dense.Torch.Tests.Tensors;

[LeakCheck]
public class ArithmeticTests
{
    // Each function against the operator of TorchSharp whose place it takes.
    private static readonly Dictionary<string, (Func<Tensor, Tensor> Own, Func<Tensor, Tensor> Theirs)> Functions =
        new()
        {
            ["Plus a tensor"] = (x => x.Plus(x.exp()), x => x + x.exp()),
            ["Plus"] = (x => x.Plus(0.1), x => x + 0.1),
            ["Minus"] = (x => x.Minus(0.1), x => x - 0.1),
            ["Times"] = (x => x.Times(0.1), x => x * 0.1),
            ["Over"] = (x => x.Over(0.1), x => x / 0.1),
            ["Squared"] = (x => x.Squared(), x => x.square()),
            ["AtLeast"] = (x => x.AtLeast(0.1), x => x.clamp_min(0.1)),
            ["AtMost"] = (x => x.AtMost(0.1), x => x.clamp_max(0.1)),
            ["Softplus"] = (x => x.Times(30).Softplus(), x => nn.functional.softplus(x * 30)),
            ["VectorNorm 2"] = (x => x.VectorNorm(2), x => linalg.vector_norm(x, 2)),
            ["VectorNorm ∞"] = (
                x => x.VectorNorm(double.PositiveInfinity), x => linalg.vector_norm(x, double.PositiveInfinity)),
            ["AddInPlace a tensor"] = (x => x.AddInPlace(x.exp()), x => x.add_(x.exp())),
            ["AddInPlace"] = (x => x.AddInPlace(3), x => x.add_(3)),
            ["MultiplyInPlace"] = (x => x.MultiplyInPlace(0.1), x => x.mul_(0.1)),
            ["DivideInPlace"] = (x => x.DivideInPlace(0.1), x => x.div_(0.1)),
            ["Fill"] = (x => x.Fill(0.1), x => x.fill_(0.1)),
        };

    public static TheoryData<string> Names { get; } = new(Functions.Keys);

    [Theory]
    [MemberData(nameof(Names))]
    public void Function_EqualsTheOperatorToTheLastBit(string name)
    {
        using DisposeScope scope = NewDisposeScope();
        var (own, theirs) = Functions[name];
        foreach (ScalarType type in new[] { ScalarType.Float32, ScalarType.Float64, ScalarType.BFloat16 })
        {
            Tensor x = linspace(-2, 2, 257).to(type);

            Assert.Equal(theirs(x.clone()).ToRecord().Bytes.ToArray(), own(x.clone()).ToRecord().Bytes.ToArray());
        }
    }

    // With x.add_(1) this ends the process within seconds.
    [Fact]
    public void Function_SurvivesCollectionsByOtherThreads()
    {
        const int Steps = 20_000;
        using DisposeScope scope = NewDisposeScope();
        Tensor x = zeros(4, ScalarType.Float64);
        using (new GarbageCollections())
        {
            for (int i = 0; i < Steps; i++)
                x.AddInPlace(1);
        }

        Assert.Equal([Steps, Steps, Steps, Steps], x.Doubles());
    }

    [Fact]
    public void AddInPlace_CountsIntegers()
    {
        using Tensor count = zeros(1, ScalarType.Int64);

        count.AddInPlace(3);

        Assert.Equal(3, count.item<long>());
    }
}
