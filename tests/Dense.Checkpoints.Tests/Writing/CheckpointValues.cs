using System.Numerics;
using CsCheck;

namespace Dense.Checkpoints.Tests.Writing;

/// <summary>Generates checkpoint values and compares them.</summary>
internal static class CheckpointValues
{
    private static readonly Gen<ElementType> Types = Gen.Enum<ElementType>();

    public static readonly Gen<TensorRecord> Tensors = Gen.Select(Types, Gen.Long[0, 4].Array[0, 4], Gen.Int)
        .Select((type, shape, seed) =>
    {
        byte[] bytes = new byte[shape.Aggregate(1L, (a, b) => a * b) * type.SizeInBytes()];
        new Random(seed).NextBytes(bytes);
        return new TensorRecord(type, shape, bytes);
    });

    private static readonly Gen<object?> Leaves = Gen.OneOf(
        Gen.Const((object?)null),
        Gen.Bool.Select(b => (object?)b),
        Gen.Long.Select(l => (object?)l),
        Gen.Int[-300, 70_000].Select(l => (object?)(long)l),
        Gen.Double.Select(d => (object?)d),
        Gen.String[Gen.Char[' ', '\uD7FF'], 0, 40].Select(s => (object?)s),
        Gen.Byte.Array[0, 40].Select(b => (object?)b),
        Gen.Long.Select(
            l => (object?)(new BigInteger(l) * long.MaxValue * 4) is { } big && l is not (0 or 1 or -1) ? big : l),
        Tensors.Select(t => (object?)t));

    private static readonly Gen<object> Keys = Gen.OneOf(
        Gen.String[Gen.Char['a', 'z'], 0, 10].Select(s => (object)s), Gen.Long.Select(l => (object)l),
            Gen.Bool.Select(b => (object)b),
        Gen.Long.Array[0, 3].Select(a => (object)new CheckpointTuple([.. a.Cast<object>()])));

    public static readonly Gen<CheckpointMap> Maps = MapOf(Nested(3));

    /// <summary>Asserts that two values are equal, in structure, order and every bit.</summary>
    public static void AssertEqual(object? expected, object? actual)
    {
        switch (expected)
        {
            case TensorRecord tensor:
                TensorRecord other = Assert.IsType<TensorRecord>(actual);
                Assert.Equal(tensor.ElementType, other.ElementType);
                Assert.Equal(tensor.Shape, other.Shape);
                Assert.True(tensor.Bytes.Span.SequenceEqual(other.Bytes.Span));
                break;
            case double number:
                Assert.Equal(
                    BitConverter.DoubleToInt64Bits(number),
                    BitConverter.DoubleToInt64Bits(Assert.IsType<double>(actual)));
                break;
            case CheckpointMap map:
                CheckpointMap read = Assert.IsType<CheckpointMap>(actual);
                Assert.Equal(map.IsOrderedDict, read.IsOrderedDict);
                Assert.Equal(map.Keys, read.Keys);
                AssertItems(map.Values, read.Values);
                break;
            case byte[] bytes:
                Assert.Equal(bytes, Assert.IsType<byte[]>(actual));
                break;
            case IReadOnlyList<object?> list:
                Assert.IsType(expected.GetType(), actual);
                AssertItems(list, (IReadOnlyList<object?>)actual!);
                break;
            default:
                Assert.Equal(expected, actual);
                break;
        }
    }

    private static void AssertItems(IReadOnlyList<object?> expected, IReadOnlyList<object?> actual)
    {
        Assert.Equal(expected.Count, actual.Count);
        for (int i = 0; i < expected.Count; i++)
            AssertEqual(expected[i], actual[i]);
    }

    private static Gen<object?> Nested(int depth)
    {
        if (depth == 0)
            return Leaves;

        Gen<object?> inner = Nested(depth - 1);
        return Gen.OneOf(
            Leaves,
            inner.Array[0, 5].Select(a => (object?)new CheckpointTuple(a)),
            inner.List[0, 5].Select(l => (object?)l),
            MapOf(inner).Select(m => (object?)m));
    }

    private static Gen<CheckpointMap> MapOf(Gen<object?> values) =>
        Gen.Select(Gen.Bool, Gen.Select(Keys, values).Array[0, 6]).Select((ordered, entries) =>
        {
            var map = new CheckpointMap { IsOrderedDict = ordered };
            foreach (var (key, value) in entries)
                map[key] = value;

            return map;
        });
}
