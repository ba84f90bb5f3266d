using CsCheck;
using Dense.Torch.Native;

namespace Dense.Torch.Tests.Native;

public sealed class ElfFileTests : IDisposable
{
    private readonly TempFolder _folder = new();

    private static string Shim => Path.Combine(NativeStartup.ShimFolder, NativeStartup.ShimName);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Shim_ExportsItsInterface_AndNeedsLibtorch()
    {
        ElfFile shim = ElfFile.Read(Shim);

        Assert.Contains("THSTensor_ones", shim.Exported);
        Assert.Contains("_ZN2at4_ops4neg_4callERNS_6TensorE", shim.Undefined);
        Assert.DoesNotContain("THSTensor_ones", shim.Undefined);
    }

    [Fact]
    public void HighestVersion_OfTheShim_IsThatOfGcc13() =>
        Assert.Equal(new Version(3, 4, 32), ElfFile.Read(Shim).HighestVersion("GLIBCXX_"));

    [Fact]
    public void MissingSymbols_AreNone_AgainstTheLibtorchThatIsShipped() =>
        Assert.Empty(ShimSymbols.MissingFrom(Shim, NativeStartup.TorchFolder));

    [Fact]
    public void MissingSymbols_AreMany_WhereThereIsOnlyPartOfLibtorch()
    {
        File.CreateSymbolicLink(_folder["libc10.so"], Path.Combine(NativeStartup.TorchFolder, "libc10.so"));

        IReadOnlyList<string> missing = ShimSymbols.MissingFrom(Shim, _folder.Path);

        Assert.True(missing.Count > 1000, $"{missing.Count} symbols are missing");
        Assert.DoesNotContain(missing, ElfFile.Read(_folder["libc10.so"]).Exported.Contains);
    }

    [Fact]
    public void DamagedFile_IsRefused_WhereverItIsCutOrChanged()
    {
        // The header, the section table and the symbol table of a small library, cut and with single bytes changed.
        byte[] whole = File.ReadAllBytes(Path.Combine(NativeStartup.ShimFolder, "libtorch.so"));
        string path = _folder["damaged.so"];

        Gen.Select(Gen.Int[0, whole.Length], Gen.Int[0, 63], Gen.Byte).Sample((length, at, value) =>
        {
            byte[] bytes = whole[..length];
            if (at < length)
                bytes[at] = value;

            File.WriteAllBytes(path, bytes);
            try
            {
                ElfFile.Read(path);
            }
            catch (NativeLibraryException e)
            {
                Assert.StartsWith(path, e.Message, StringComparison.Ordinal);
            }
        }, iter: 1000, threads: 1);
    }

    [Fact]
    public void CutFile_IsNamedIncomplete()
    {
        string path = _folder["cut.so"];
        File.WriteAllBytes(path, File.ReadAllBytes(Path.Combine(NativeStartup.ShimFolder, "libtorch.so"))[..1000]);

        var e = Assert.Throws<NativeLibraryException>(() => ElfFile.Read(path));

        Assert.Contains("damaged or incomplete", e.Message, StringComparison.Ordinal);
    }
}
