using CsCheck;

namespace Dense.Imaging.Tests.Randomness;

public sealed class SampleRandomTests
{
    // Known answers of Philox4x32-10, published with the Random123 library.
    [Theory]
    [InlineData(0u, 0u, 0u, 0u, 0u, 0u, 0x6627e8d5u, 0xe169c58du, 0xbc57ac4cu, 0x9b00dbd8u)]
    [InlineData(
        ~0u, ~0u, ~0u, ~0u, ~0u, ~0u, 0x408f276du, 0x41c83b0eu, 0xa20bc7c6u, 0x6d5451fdu)]
    [InlineData(
        0x243f6a88u, 0x85a308d3u, 0x13198a2eu, 0x03707344u, 0xa4093822u, 0x299f31d0u,
        0xd16cfe09u, 0x94fdccebu, 0x5001e420u, 0x24126ea1u)]
    public void Philox_GivesTheKnownAnswers(
        uint c0, uint c1, uint c2, uint c3, uint k0, uint k1, uint r0, uint r1, uint r2, uint r3)
    {
        Philox.Scramble(ref c0, ref c1, ref c2, ref c3, k0, k1);

        Assert.Equal((r0, r1, r2, r3), (c0, c1, c2, c3));
    }

    [Fact]
    public void Streams_DifferInEveryPartOfTheirAddress()
    {
        SampleRandom[] streams =
        [
            new(1, 2, 3, 4), new(2, 2, 3, 4), new(1UL << 32 | 1, 2, 3, 4), new(1, 3, 3, 4), new(1, 2, 4, 4),
            new(1, 2, (1L << 32) + 3, 4), new(1, 2, 3, 5), new(4, 3, 2, 1),
        ];

        Assert.Equal(streams.Length, streams.Select(s => (s.NextUInt32(), s.NextUInt32())).Distinct().Count());
    }

    [Fact]
    public void Stream_IsTheSameEveryTime()
    {
        SampleRandom a = new(42, 7, 123456, 1), b = new(42, 7, 123456, 1);
        for (int i = 0; i < 100; i++)
            Assert.Equal(a.NextUInt32(), b.NextUInt32());
    }

    [Fact]
    public void Integers_AreUniform()
    {
        const int Sides = 6, PerSide = 20_000;
        int[] counts = new int[Sides];
        SampleRandom random = new(1, 0, 0, 0);
        for (int i = 0; i < Sides * PerSide; i++)
            counts[random.NextInteger(Sides)]++;

        // χ² with 5 degrees of freedom exceeds 20.5 once in a thousand streams; the stream is fixed.
        Assert.InRange(counts.Sum(c => Math.Pow(c - PerSide, 2) / PerSide), 0, 20.5);
    }

    [Fact]
    public void FirstUnitsOfNeighbouringSamples_AreUniformAndUncorrelated()
    {
        const int Samples = 20_000;
        double sum = 0, product = 0, last = 0;
        for (int i = 0; i < Samples; i++)
        {
            double unit = new SampleRandom(3, 0, i, 0).NextUnit() - 0.5;
            sum += unit;
            product += unit * last;
            last = unit;
        }

        // Four standard deviations of a mean of uniforms (1/√12) and of products (1/12).
        Assert.InRange(sum / Samples, -4 / Math.Sqrt(12.0 * Samples), 4 / Math.Sqrt(12.0 * Samples));
        Assert.InRange(product / Samples, -4 / (12 * Math.Sqrt(Samples)), 4 / (12 * Math.Sqrt(Samples)));
    }

    [Fact]
    public void Draws_StayInRange() => Gen
        .Select(Gen.ULong, Gen.Int[0, 1000], Gen.Long[0, (1L << 48) - 1], Gen.Int[1, int.MaxValue])
        .Sample((seed, epoch, sample, count) =>
        {
            SampleRandom random = new(seed, epoch, sample, 1);
            return random.NextUnit() is >= 0 and < 1
                && random.NextBlurUnit() is >= 0 and < 1
                && random.NextInteger(count) is var n && n >= 0 && n < count;
        });
}
