using Dense.Checkpoints.Files;
using Dense.Checkpoints.Pickle;
using Dense.Checkpoints.Pth;
using Dense.Checkpoints.Safetensors;
using Microsoft.Win32.SafeHandles;

namespace Dense.Checkpoints;

/// <summary>
/// A weight file that was read: <c>.pth</c> (both containers), <c>.pkl</c> or <c>.safetensors</c>, recognised by
/// content. The bytes of the tensors belong to the process; the file may be changed or deleted afterwards. Only a file
/// that was read with <see cref="CheckpointReadOptions.MapFile"/> stays in use, and is to be disposed.
/// </summary>
public sealed class CheckpointFile : IDisposable
{
    private IDisposable? _mapping;

    internal CheckpointFile(ByteSource source, CheckpointFormat format, object? root)
    {
        Name = source.Name;
        Length = source.Length;
        Format = format;
        Root = root;
    }

    /// <summary>The file as the caller named it.</summary>
    public string Name { get; }

    /// <summary>Size of the file in bytes.</summary>
    public long Length { get; }

    /// <summary>How it is stored.</summary>
    public CheckpointFormat Format { get; }

    /// <summary>What it holds: for the kinds of value see <see cref="CheckpointMap"/>.</summary>
    public object? Root { get; }

    /// <summary>The <c>__metadata__</c> texts of a safetensors file; empty for other formats.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; internal init; } = new Dictionary<string, string>();

    /// <summary>Which checksum was verified.</summary>
    public ChecksumState Checksum { get; internal init; }

    /// <summary>What it holds, which for every weight file is a map.</summary>
    /// <exception cref="CheckpointFormatException">The file holds something else.</exception>
    public CheckpointMap Map => Root as CheckpointMap ?? throw new CheckpointFormatException(
        Name, $"the file should hold a map of names, but holds {CheckpointValue.Describe(Root)}. It is not a weight " +
            "file.");

    /// <summary>Reads a file.</summary>
    /// <param name="path">The file; its extension does not matter.</param>
    /// <param name="options">Null for the defaults.</param>
    /// <exception cref="CheckpointFormatException">The content is damaged, forbidden, or no weight file.</exception>
    /// <exception cref="IOException">The file is missing or cannot be read.</exception>
    public static CheckpointFile Read(string path, CheckpointReadOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);

        options ??= new CheckpointReadOptions();
        bool sidecar = Sha256Sidecar.Verify(path);
        if (!options.MapFile || IsEmpty(path))
        {
            using var source = new FileByteSource(path);
            return Read(source, options, sidecar);
        }

        var mapped = new MappedByteSource(path);
        try
        {
            CheckpointFile file = Read(mapped, options, sidecar);
            file._mapping = mapped;
            return file;
        }
        catch
        {
            mapped.Dispose();
            throw;
        }
    }

    // What is empty cannot be mapped. Asked of the open file: FileInfo would give the length of a symbolic link.
    private static bool IsEmpty(string path)
    {
        using SafeFileHandle handle = File.OpenHandle(path);
        return RandomAccess.GetLength(handle) == 0;
    }

    /// <summary>Reads a file that is already in memory.</summary>
    /// <param name="bytes">The whole file. Tensors may share this memory.</param>
    /// <param name="name">How messages call it.</param>
    /// <param name="options">Null for the defaults.</param>
    /// <exception cref="CheckpointFormatException">The content is damaged, forbidden, or no weight file.</exception>
    public static CheckpointFile Read(ReadOnlyMemory<byte> bytes, string name, CheckpointReadOptions? options = null) =>
        Read(new MemoryByteSource(bytes, name), options ?? new CheckpointReadOptions(), sidecar: false);

    /// <summary>Ends the use of a mapped file, and with it of its tensors. Does nothing for other files.</summary>
    public void Dispose() => _mapping?.Dispose();

    private static CheckpointFile Read(ByteSource source, CheckpointReadOptions options, bool sidecar)
    {
        ChecksumState checksum = sidecar ? ChecksumState.Sha256Verified : ChecksumState.None;
        switch (FileSignature.Recognize(source))
        {
            case CheckpointFormat.TorchZip:
                return new(source, CheckpointFormat.TorchZip, TorchZipReader.Read(source, options))
                {
                    Checksum = sidecar ? checksum : ChecksumState.Crc32Verified,
                };

            case CheckpointFormat.TorchLegacy:
                return new(source, CheckpointFormat.TorchLegacy, TorchLegacyReader.Read(source, options))
                {
                    Checksum = checksum,
                };

            case CheckpointFormat.Safetensors:
                SafetensorsContent content = SafetensorsReader.Read(source);
                return new(source, CheckpointFormat.Safetensors, content.Tensors)
                {
                    Checksum = checksum,
                    Metadata = content.Metadata,
                };

            default:
                object? value = PickleFileReader.Read(source, options);
                return new(source, CheckpointFormat.Pickle, value) { Checksum = checksum };
        }
    }
}
