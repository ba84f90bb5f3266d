using System.Runtime.InteropServices;

namespace Dense.Torch.Tests.Native;

public class HeapPolicyTests
{
    // Of malloc.c: the word before a block holds its size, and this bit where it has a mapping of its own.
    private const nint IsMapped = 2;

    private const long KeptFree = 1L << 30;

    private static readonly Lazy<long[]> Ours = new(() => Probe([]));

    private const string Threshold = "MALLOC_MMAP_THRESHOLD_", Trim = "MALLOC_TRIM_THRESHOLD_";

    [Theory]
    [InlineData(40, false)] // glibc by itself would map it: its threshold never exceeds 32 MB.
    [InlineData(600, true)]
    public void Blocks_ComeFromTheHeapUpToTheSizeOfThePolicy(int mebibytes, bool mapped)
    {
        Assert.SkipWhen(Environment.GetEnvironmentVariable(Threshold) is not null, $"{Threshold} is set.");
        Assert.SkipWhen(Environment.GetEnvironmentVariable(Trim) is not null, $"{Trim} is set.");

        nint block = Allocate((nuint)mebibytes << 20);

        Assert.NotEqual(0, block);
        Assert.Equal(mapped, (Marshal.ReadIntPtr(block, -nint.Size) & IsMapped) != 0);
        Free(block);
    }

    [Fact]
    public void MemoryOfImagesOfManySizes_DoesNotGrow()
    {
        long[] resident = Ours.Value;

        // Three maps live at a time. The policy keeps up to 1 GiB of freed memory, and while blocks of many sizes still
        // find their places the later half may need another gap or two.
        Assert.InRange(resident.Max(), 0, resident[0] + KeptFree + 3 * HeapProbe.LargestMap);
        Assert.InRange(resident[40..].Max(), 0, resident[..40].Max() + 2 * HeapProbe.LargestMap);
    }

    // The user's own setting wins: glibc then gives every map back at once.
    [Fact]
    public void SettingOfTheUser_IsLeftAlone()
    {
        long[] ours = Ours.Value, theirs = Probe(new() { [Threshold] = "1048576" });

        Assert.True(ours[^1] - theirs[^1] > HeapProbe.LargestMap / 2, $"{ours[^1]} and {theirs[^1]} bytes");
    }

    private static long[] Probe(Dictionary<string, string> environment)
    {
        environment[HeapProbe.Variable] = "1";
        string self = Path.Combine(AppContext.BaseDirectory, "Dense.Torch.Tests");
        ChildProcess run = ChildProcess.Run(self, [], environment);
        Assert.True(run.ExitCode == 0, run.Errors);
        return [.. run.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(long.Parse)];
    }

    [DllImport("libc", EntryPoint = "malloc")]
    private static extern nint Allocate(nuint bytes);

    [DllImport("libc", EntryPoint = "free")]
    private static extern void Free(nint block);
}
