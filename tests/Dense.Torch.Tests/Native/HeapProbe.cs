using System.Runtime.CompilerServices;
using Dense.Torch.Native;
using Dense.Training.Metrics;
using static TorchSharp.torch;

namespace Dense.Torch.Tests.Native;

/// <summary>
/// What <see cref="HeapPolicyTests"/> lets a process of its own do on its main thread, the one that the policy serves:
/// feature maps of many sizes come and go, three at a time, and the resident memory after each round is written.
/// </summary>
internal static class HeapProbe
{
    /// <summary>The environment variable that asks for it.</summary>
    public const string Variable = "DENSE_TEST_HEAP_PROBE";

    /// <summary>
    /// Bytes of the largest map: 16 channels of 800×1333 in float32, more than glibc keeps by itself.
    /// </summary>
    public const long LargestMap = 16L * 800 * 1333 * sizeof(float);

    private const int Rounds = 80;

    // Only the main thread's heap holds maps, and tests run on others: it is used before the tests begin.
    [ModuleInitializer]
    internal static void RunWhenAsked()
    {
        if (Environment.GetEnvironmentVariable(Variable) is null)
            return;

        NativeStartup.Prepare();
        set_num_threads(1);
        Run(Console.Out);
        Environment.Exit(0);
    }

    // One number of bytes per round.
    private static void Run(TextWriter output)
    {
        var random = new Random(1);
        for (int round = 0; round < Rounds; round++)
        {
            using (NewDisposeScope())
            {
                Tensor map = ones(16, random.Next(500, 801), random.Next(800, 1334));
                _ = (map + 1).relu();
            }

            output.WriteLine(ProcessMemory.Read().ResidentBytes);
        }
    }
}
