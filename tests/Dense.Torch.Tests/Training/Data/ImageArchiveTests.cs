using System.Formats.Tar;
using System.IO.Compression;
using System.Text;
using Dense.Training.Data;
using Dense.Training.Data.Archives;
using Dense.Training.Data.Sources;

namespace Dense.Torch.Tests.Training.Data;

public class ImageArchiveTests
{
    private const int TarBlock = 512;

    private static readonly string LongFolder = new('d', 150);

    private static readonly (string Name, byte[] Content)[] Files =
    [
        ("train/dog/2.png", TestImages.Png(2)),
        ("train/cat/1.png", TestImages.Png(1)),
        ("readme.txt", "hello"u8.ToArray()),
        ($"{LongFolder}/3.jpg", new byte[3000]),
    ];

    public static TheoryData<string> Kinds => ["tar-pax", "tar-gnu", "zip-stored", "zip-deflated"];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Archive_HoldsItsImagesInOrdinalOrder(string kind)
    {
        using var folder = new TempFolder();
        using IImageSource source = ImageArchive.Open(Write(folder, kind));

        Assert.Equal([$"{LongFolder}/3.jpg", "train/cat/1.png", "train/dog/2.png"], ImageSourceTests.NamesOf(source));
        Assert.Equal(Files[3].Content, ImageSourceTests.BytesOf(source, 0));
        Assert.Equal(Files[1].Content, ImageSourceTests.BytesOf(source, 1));
        Assert.Equal(Files[0].Content, ImageSourceTests.BytesOf(source, 2));
        Assert.Equal(0, source.ClassCount);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Archive_TakesLabelsFromFolders(string kind)
    {
        using var folder = new TempFolder();
        using IImageSource source = ImageArchive.Open(Write(folder, kind), labelled: true);

        Assert.Equal([1, 0, 2], ImageSourceTests.LabelsOf(source));
        Assert.Equal(3, source.ClassCount);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Archive_IsReadBySeveralThreadsAtOnce(string kind)
    {
        using var folder = new TempFolder();
        using IImageSource source = ImageArchive.Open(Write(folder, kind));
        byte[][] expected = [Files[3].Content, Files[1].Content, Files[0].Content];

        Parallel.For(0, 2, new ParallelOptions { MaxDegreeOfParallelism = 2 }, _ =>
        {
            for (int i = 0; i < 300; i++)
                Assert.Equal(expected[i % 3], ImageSourceTests.BytesOf(source, i % 3));
        });
    }

    [Fact]
    public void TarEntry_ThatOccursAgainReplacesTheEarlierOne()
    {
        using var folder = new TempFolder();
        string path = folder["a.tar"];
        using (var tar = new TarWriter(File.Create(path)))
        {
            foreach (byte version in new byte[] { 1, 2 })
            {
                tar.WriteEntry(
                    new PaxTarEntry(TarEntryType.RegularFile, "a.png") { DataStream = new MemoryStream([version]) });
            }
        }

        using IImageSource source = ImageArchive.Open(path);

        Assert.Equal(1, source.Count);
        Assert.Equal([2], ImageSourceTests.BytesOf(source, 0));
    }

    [Fact]
    public void MissingArchive_IsRefused() =>
        Assert.Contains("nowhere.tar", Assert.Throws<DatasetException>(() => ImageArchive.Open("nowhere.tar")).Message);

    [Fact]
    public void ArchiveWithoutImages_IsRefused()
    {
        using var folder = new TempFolder();
        string path = folder["a.zip"];
        using (var zip = new ZipArchive(File.Create(path), ZipArchiveMode.Create))
            zip.CreateEntry("readme.txt");

        Assert.Contains("no image", Assert.Throws<DatasetException>(() => ImageArchive.Open(path)).Message);
    }

    [Fact]
    public void CompressedTar_IsRefusedWithTheWayOut()
    {
        using var folder = new TempFolder();
        string plain = Write(folder, "tar-pax");
        string path = folder["z.tar"];
        using (var gzip = new GZipStream(File.Create(path), CompressionLevel.Fastest))
            gzip.Write(File.ReadAllBytes(plain));

        Assert.Contains("without compression", Assert.Throws<DatasetException>(() => ImageArchive.Open(path)).Message);
    }

    /// <summary>The second entry's header claims 2 GB; were they reserved, the allocation would show (R5).</summary>
    [Theory]
    [InlineData('x', "14000000000")]
    [InlineData('g', "14000000000")]
    [InlineData('L', "14000000000")]
    [InlineData('K', "14000000000")]
    [InlineData('x', "\u0080\0\0\0\0\0\0\0\u005f\0\0\0")]
    public void TarWithAForgedExtendedHeader_IsRefusedWithoutReservingIt(char type, string size)
    {
        using var folder = new TempFolder();
        using var archive = new MemoryStream();
        using (var tar = new TarWriter(archive, TarEntryFormat.Pax, leaveOpen: true))
            tar.WriteEntry(
                new UstarTarEntry(TarEntryType.RegularFile, "a.png") { DataStream = new MemoryStream(new byte[700]) });

        byte[] whole = [.. archive.ToArray()[..(3 * TarBlock)], .. ForgedHeader(type, size), .. new byte[2 * TarBlock]];
        string path = folder.Write("forged.tar", whole);
        long before = GC.GetAllocatedBytesForCurrentThread();
        string message = Assert.Throws<DatasetException>(() => ImageArchive.Open(path)).Message;

        Assert.Contains("extended header at byte 1536", message);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1 << 20);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void CutShortArchive_IsRefused(string kind)
    {
        using var folder = new TempFolder();
        byte[] whole = File.ReadAllBytes(Write(folder, kind));
        int lastContent = kind.StartsWith("tar", StringComparison.Ordinal) ? whole.Length - 2048 : whole.Length - 10;
        string path = folder.Write($"cut.{kind[..3]}", whole[..lastContent]);

        Assert.Throws<DatasetException>(() => ReadEverything(path));
    }

    [Theory]
    [InlineData("zip-stored")]
    [InlineData("zip-deflated")]
    public void FlippedBitInAZippedImage_IsNoticed(string kind)
    {
        using var folder = new TempFolder();
        byte[] bytes = File.ReadAllBytes(Write(folder, kind));
        bytes[500] ^= 4;
        string path = folder.Write("flipped.zip", bytes);

        Assert.Contains("2.png", Assert.Throws<DatasetException>(() => ReadEverything(path)).Message);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void DamagedArchive_ThrowsNothingButItsOwnException(string kind) => Mutate(kind, 2500);

    [Theory]
    [MemberData(nameof(Kinds))]
    [Trait("Category", "Soak")]
    public void DamagedArchive_ThrowsNothingButItsOwnExceptionInALongRun(string kind) => Mutate(kind, 100_000);

    private static void Mutate(string kind, int rounds)
    {
        using var folder = new TempFolder();
        byte[] whole = File.ReadAllBytes(Write(folder, kind));
        string path = folder[$"mutant.{kind[..3]}"];
        var random = new Random(1);
        int refused = 0;
        for (int round = 0; round < rounds; round++)
        {
            File.WriteAllBytes(path, Mutant.Of(whole, random, longest: 63));
            try
            {
                ReadEverything(path);
            }
            catch (DatasetException)
            {
                refused++;
            }
        }

        Assert.True(refused > rounds / 20);
    }

    private static void ReadEverything(string path)
    {
        using IImageSource source = ImageArchive.Open(path);
        var encoded = new EncodedImage();
        for (int i = 0; i < source.Count; i++)
            source.Read(i, encoded);
    }

    private static string Write(TempFolder folder, string kind)
    {
        string path = folder[$"{kind}.{kind[..3]}"];
        if (kind.StartsWith("tar", StringComparison.Ordinal))
            WriteTar(path, kind == "tar-gnu");
        else
            WriteZip(path, kind == "zip-stored" ? CompressionLevel.NoCompression : CompressionLevel.Optimal);

        return path;
    }

    private static void WriteTar(string path, bool gnu)
    {
        using var tar = new TarWriter(File.Create(path));
        foreach (var (name, content) in Files)
        {
            TarEntry entry = gnu
                ? new GnuTarEntry(TarEntryType.RegularFile, name)
                : new PaxTarEntry(TarEntryType.RegularFile, name);
            entry.DataStream = new MemoryStream(content);
            tar.WriteEntry(entry);
        }
    }

    private static byte[] ForgedHeader(char type, string size)
    {
        byte[] header = new byte[TarBlock];
        "forged"u8.CopyTo(header);
        Encoding.Latin1.GetBytes(size, header.AsSpan(124));
        header[156] = (byte)type;
        "ustar\000"u8.CopyTo(header.AsSpan(257));
        header.AsSpan(148, 8).Fill((byte)' ');
        Encoding.ASCII.GetBytes(Convert.ToString(header.Sum(b => b), 8).PadLeft(6, '0') + "\0", header.AsSpan(148));
        return header;
    }

    private static void WriteZip(string path, CompressionLevel level)
    {
        using var zip = new ZipArchive(File.Create(path), ZipArchiveMode.Create);
        foreach (var (name, content) in Files)
        {
            using Stream entry = zip.CreateEntry(name, level).Open();
            entry.Write(content);
        }
    }
}
