using System.Buffers;
using System.IO.Compression;
using System.IO.Hashing;
using Dense.Training.Data.Sources;
using Microsoft.Win32.SafeHandles;

namespace Dense.Training.Data.Archives;

/// <summary>Images inside one archive, read by position; no thread waits for another.</summary>
internal sealed class ArchiveImageSource : IImageSource
{
    private readonly SafeFileHandle _file;
    private readonly bool _isZip;
    private readonly ArchiveEntry[] _entries;
    private readonly ImageIndex _index;

    /// <summary>Takes over the open archive.</summary>
    public ArchiveImageSource(
        SafeFileHandle file, string path, bool isZip, ArchiveEntry[] entries, ImageIndex index)
    {
        _file = file;
        _isZip = isZip;
        _entries = entries;
        _index = index;
        Location = path;
    }

    public string Location { get; }

    public int Count => _entries.Length;

    public int ClassCount => _index.ClassCount;

    public string NameOf(int index) => _index.Names[index];

    public int LabelOf(int index) => _index.LabelOf(index);

    public void Read(int index, EncodedImage into)
    {
        ArchiveEntry entry = _entries[index];
        EncodedSize.Check(Math.Max(entry.Length, entry.StoredLength), $"{Location}, '{entry.Name}'");
        if (!entry.IsDeflated && entry.Length != entry.StoredLength)
            throw Damaged(entry, $"it has {entry.StoredLength} stored bytes, expected {entry.Length}");

        long offset = _isZip ? ZipIndex.ContentOffset(_file, entry, Location) : entry.Offset;
        Span<byte> content = into.Resize((int)entry.Length);
        if (entry.IsDeflated)
            Inflate(entry, offset, content);
        else
            ArchiveBytes.Read(_file, offset, content, Location);

        if (entry.Crc32 is { } expected && Crc32.HashToUInt32(content) is var found && found != expected)
            throw Damaged(entry, $"its checksum is {found:x8}, expected {expected:x8}");
    }

    public void Dispose() => _file.Dispose();

    private void Inflate(in ArchiveEntry entry, long offset, Span<byte> content)
    {
        byte[] stored = ArrayPool<byte>.Shared.Rent((int)entry.StoredLength);
        try
        {
            ArchiveBytes.Read(_file, offset, stored.AsSpan(0, (int)entry.StoredLength), Location);
            using var inflate = new DeflateStream(
                new MemoryStream(stored, 0, (int)entry.StoredLength), CompressionMode.Decompress);
            inflate.ReadExactly(content);
        }
        catch (Exception e) when (e is InvalidDataException or EndOfStreamException)
        {
            throw Damaged(entry, "its compressed bytes are damaged", e);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(stored);
        }
    }

    private DatasetException Damaged(in ArchiveEntry entry, string what, Exception? inner = null) =>
        new($"{Location}: '{entry.Name}' cannot be read: {what}. Copy or make the archive again.", inner);
}
