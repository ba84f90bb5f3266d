using System.Runtime.CompilerServices;
using Dense.Distributed.Nccl;
using Dense.Torch.Native;
using TorchSharp;
using static TorchSharp.torch;

namespace Dense.Distributed.Tests.Nccl;

/// <summary>What can be known of the binding without the library.</summary>
public class NcclBindingTests
{
    [Fact]
    public void UniqueId_HasTheSizeOfTheHeaderAndKeepsItsBytes()
    {
        byte[] bytes = [.. Enumerable.Range(1, 128).Select(i => (byte)i)];

        Assert.Equal(128, Unsafe.SizeOf<NcclUniqueId>());
        Assert.Equal(bytes, NcclUniqueId.Of(bytes).ToArray());
    }

    [Theory]
    [InlineData(ScalarType.Byte, 1)]
    [InlineData(ScalarType.Int32, 2)]
    [InlineData(ScalarType.Int64, 4)]
    [InlineData(ScalarType.Float16, 6)]
    [InlineData(ScalarType.Float32, 7)]
    [InlineData(ScalarType.Float64, 8)]
    [InlineData(ScalarType.BFloat16, 9)]
    public void ElementTypes_HaveTheNumbersOfTheHeader(ScalarType type, int number) =>
        Assert.Equal(number, NcclTypes.Of(type));

    [Theory]
    [InlineData(ScalarType.Bool)]
    [InlineData(ScalarType.Int8)]
    public void TypesThatMpiDoesNotAdd_AreRefusedWithARemedy(ScalarType type)
    {
        var e = Assert.Throws<NotSupportedException>(() => NcclTypes.Of(type));

        Assert.Contains($"tensors of {type}", e.Message);
        Assert.Contains("Convert it first", e.Message);
    }

    [Theory]
    [InlineData(ScalarType.Float16, ScalarType.Float32)]
    [InlineData(ScalarType.BFloat16, ScalarType.Float32)]
    [InlineData(ScalarType.Float64, ScalarType.Float64)]
    [InlineData(ScalarType.Int64, ScalarType.Int64)]
    public void Sums_OfHalfPrecisionAreMadeInFloat32(ScalarType type, ScalarType summed) =>
        Assert.Equal(summed, SumTypes.Summed(type));

    [Fact]
    public void Search_StartsBesideLibtorchAndInThePackagesOfItsPyTorch()
    {
        IReadOnlyList<string> places = NcclLibrary.Candidates("/env/site-packages/torch/lib");

        Assert.Equal(
            [
                "/env/site-packages/torch/lib/libnccl.so.2", "/env/site-packages/nvidia/nccl/lib/libnccl.so.2",
                "libnccl.so.2", "/env/site-packages/torch/lib/libtorch_cuda.so",
            ],
            places);
    }

    [Fact]
    public void MissingLibrary_IsExplainedWithPlacesAndRemedy()
    {
        using var folder = new TempFolder();
        string missing = Path.Combine(folder.Path, NcclLibrary.Name);
        string damaged = Path.Combine(folder.Path, "damaged.so");
        File.WriteAllText(damaged, "no library");

        var e = Assert.Throws<NcclNotFoundException>(() => NcclLibrary.Load([missing, damaged, "libc.so.6"]));

        Assert.Contains($"Looked at: {missing}, {damaged}, libc.so.6.", e.Message);
        Assert.Contains(NativeStartup.TorchFolderVariable, e.Message);
        Assert.Contains("LD_LIBRARY_PATH", e.Message);
    }

    [Theory]
    [InlineData(DeviceType.CPU, false)]
    [InlineData(DeviceType.CUDA, true)]
    [InlineData(DeviceType.MPS, false)]
    public void Device_DecidesWhichWayATensorTravels(DeviceType device, bool byNccl) =>
        Assert.Equal(byNccl, NcclCollectives.TravelsByNccl(device));
}
