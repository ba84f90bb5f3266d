using System.Text;
using Dense.Checkpoints;
using Dense.Distributed;
using static TorchSharp.torch;

namespace Dense.Training.Loop;

/// <summary>What the first rank decides for all before their first step; all ranks call the same.</summary>
internal static class RankAgreement
{
    /// <summary>
    /// The first rank's number for all (E-100): with seeds of their own, ranks would take their parts of different
    /// orders, and see some images twice and others never.
    /// </summary>
    public static long Share(long number, ICollectives collectives) =>
        BitConverter.ToInt64(Send(BitConverter.GetBytes(number), collectives));

    /// <summary>The first rank's text for all.</summary>
    public static string Share(string text, ICollectives collectives) =>
        Encoding.UTF8.GetString(Share(Encoding.UTF8.GetBytes(text), collectives));

    /// <summary>
    /// The checkpoint that the first rank finds, for all (E-42, E-72, E-179): it alone looks for one, and the others
    /// need no folder that holds it.
    /// </summary>
    /// <param name="find">Finds the checkpoint; null for none.</param>
    /// <param name="collectives">The other ranks.</param>
    public static CheckpointFile? Share(Func<CheckpointFile?> find, ICollectives collectives)
    {
        CheckpointFile? found = null;
        collectives.OnFirst(() => found = find());
        string path = Share(found?.Name ?? "", collectives);
        if (path.Length == 0 || collectives.WorldSize == 1)
            return found;

        byte[] content = Share(found is null ? [] : File.ReadAllBytes(path), collectives);

        // What the first rank has accepted, the others do too.
        return found ?? CheckpointFile.Read(content, path, new CheckpointReadOptions { AllowOpaqueObjects = true });
    }

    private static byte[] Share(byte[] bytes, ICollectives collectives)
    {
        long length = Share(bytes.LongLength, collectives);
        return Send(collectives.Rank == 0 ? bytes : new byte[length], collectives);
    }

    private static byte[] Send(byte[] bytes, ICollectives collectives)
    {
        if (collectives.WorldSize == 1)
            return bytes;

        using Tensor shared = tensor(bytes, ScalarType.Byte);
        collectives.BroadcastInPlace(shared);
        return shared.data<byte>().ToArray();
    }
}
