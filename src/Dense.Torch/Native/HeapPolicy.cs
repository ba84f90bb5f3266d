using System.Runtime.InteropServices;

namespace Dense.Torch.Native;

/// <summary>
/// Lets the C heap, from which libtorch takes the memory of tensors on the CPU, keep what it has. By default glibc
/// gives a block of more than 32 MB back to the system at once and fetches a new one page by page; the feature maps
/// of detectors are larger than that, and layers that do little arithmetic then spend most of their time on page
/// faults.
/// </summary>
/// <remarks>
/// Measured in docs/performance.md. Whoever sets <c>MALLOC_MMAP_THRESHOLD_</c> or <c>MALLOC_TRIM_THRESHOLD_</c>
/// decides alone. It serves the main thread, where commands compute: heaps of other threads hold no block of 64 MB.
/// glibc before 2.35 refuses the size and stays as it is.
/// </remarks>
internal static class HeapPolicy
{
    // Blocks up to this size come from the heap; larger ones still go back when they are freed.
    private const int LargestHeapBlock = 512 << 20;

    // Free memory at the end of the heap beyond this goes back.
    private const int KeptFree = 1 << 30;

    // Of malloc.h.
    private const int TrimThreshold = -1, MapThreshold = -3;

    /// <summary>Applies the policy to this process.</summary>
    public static void Apply()
    {
        string[] variables = ["MALLOC_MMAP_THRESHOLD_", "MALLOC_TRIM_THRESHOLD_"];
        if (variables.Any(v => Environment.GetEnvironmentVariable(v) is not null))
            return;

        try
        {
            if (SetOption(MapThreshold, LargestHeapBlock) != 0)
                _ = SetOption(TrimThreshold, KeptFree);
        }
        catch (EntryPointNotFoundException)
        {
            // The policy is glibc's; another C library does as it likes.
        }
    }

    [DllImport("libc", EntryPoint = "mallopt")]
    private static extern int SetOption(int option, int value);
}
