using CsCheck;
using Dense.Torch.Native;

namespace Dense.Torch.Tests.Native;

public class ElfVersionNeedsTests
{
    private static readonly byte[] Shim = File.ReadAllBytes(
        Path.Combine(NativeStartup.ShimFolder, NativeStartup.ShimName));

    [Fact]
    public void Relax_ChangesOneByte_TheFlagsOfTheRequirement()
    {
        byte[] image = [.. Shim];

        Assert.True(ElfVersionNeeds.Relax(image, "GLIBCXX_3.4.32"));

        int[] changed = [.. Enumerable.Range(0, image.Length).Where(i => image[i] != Shim[i])];
        Assert.Equal((0, 2), (Shim[Assert.Single(changed)], image[changed[0]]));
    }

    [Fact]
    public void Relax_ChangesNothing_WhenTheRequirementIsAbsent()
    {
        byte[] image = [.. Shim];

        Assert.False(ElfVersionNeeds.Relax(image, "GLIBCXX_9.9"));
        Assert.Equal(Shim, image);
    }

    [Fact]
    public void Relax_ReturnsForTruncatedImages() =>
        Gen.Int[0, Shim.Length - 1]
        .Sample(length => Assert.False(ElfVersionNeeds.Relax(Shim.AsSpan(0, length).ToArray(), "GLIBCXX_3.4.32")),
            iter: 50, threads: 1);
}
