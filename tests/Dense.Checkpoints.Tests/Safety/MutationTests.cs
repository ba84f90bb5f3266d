using System.Diagnostics;

namespace Dense.Checkpoints.Tests.Safety;

/// <summary>Any bytes: only the declared exception, no hang, bounded memory (reliability R5).</summary>
public class MutationTests
{
    private const int Quick = 10_000;
    private const int Long = 1_000_000;
    private const long AllocationAllowance = 192L << 20;
    private static readonly TimeSpan Hang = TimeSpan.FromSeconds(10);

    public static TheoryData<string> Formats() => new(Samples.Formats);

    [Theory]
    [MemberData(nameof(Formats))]
    public void MutatedFile_IsReadOrRefused(string format) => Mutate(format, Quick, seed: 1);

    /// <summary>
    /// The long run: <c>dotnet test tests/Dense.Checkpoints.Tests -c Release --filter "Category=Soak"</c>.
    /// </summary>
    [Theory]
    [Trait("Category", "Soak")]
    [MemberData(nameof(Formats))]
    public void MutatedFile_IsReadOrRefusedInTheLongRun(string format) => Mutate(format, Long, seed: 2);

    private static void Mutate(string format, int count, int seed)
    {
        byte[][] originals = [Samples.Of(format), .. format == "pickle" ? OtherProtocols() : []];
        Assert.All(originals, o => CheckpointFile.Read(o, "original"));
        var random = new Random(seed);
        int refused = 0;
        for (int i = 0; i < count; i++)
        {
            byte[] mutant = Mutant.Of(originals[i % originals.Length], random, longest: 16);
            if (format == "zip" && i % 2 == 0)
                mutant = ZipSeal.Apply(mutant);

            long before = GC.GetAllocatedBytesForCurrentThread();
            long start = Stopwatch.GetTimestamp();
            try
            {
                CheckpointFile read =
                    CheckpointFile.Read(
                    mutant, "mutant", new CheckpointReadOptions { AllowOpaqueObjects = i % 5 == 0 });
                _ = NamedTensor.AllOf(read);
                _ = Dense.Checkpoints.Conversion.WeightFile.Recognize(read).Description;
            }
            catch (CheckpointFormatException)
            {
                refused++;
            }
            catch (Exception e)
            {
                Assert.Fail($"{format} mutant {i} (seed {seed}): {e}\n{Convert.ToBase64String(mutant)}");
            }

            Assert.True(
                Stopwatch.GetElapsedTime(start) < Hang, $"{format} mutant {i} hangs: {Convert.ToBase64String(mutant)}");
            Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < AllocationAllowance, $"{format} mutant {i} " +
                "takes much memory.");
        }

        Assert.InRange(refused, count / 10, count);
    }

    private static byte[][] OtherProtocols() =>
    [
        new PickleBytes().Op("(dp0\nS'a'\np1\nI5\nsS'b'\np2\n(lp3\nF1.5\naL7L\nasV\\u00e9\ng3\ns.").ToArray(),
        new PickleBytes().Protocol(4).Raw([0x95, 11, 0, 0, 0, 0, 0, 0, 0]).Op("}")
            .Raw([0x94, 0x8c, 1, (byte)'a', 0x94, (byte)'K', 1, (byte)'s']).Op("N0.").ToArray(),
    ];
}
