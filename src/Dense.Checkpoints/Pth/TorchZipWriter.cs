using Dense.Checkpoints.Zip;

namespace Dense.Checkpoints.Pth;

/// <summary>
/// Writes the ZIP container of PyTorch (E-73, P-150): stored records, aligned to 64 bytes so that they can be mapped.
/// </summary>
internal static class TorchZipWriter
{
    /// <summary>
    /// Writes a file. The tensors are written from where they are; only the small pickle is held in memory.
    /// </summary>
    public static void Write(Stream stream, object root, string topFolder)
    {
        using var pickle = new MemoryStream();
        List<ReadOnlyMemory<byte>> storages = TorchPickleWriter.Write(pickle, root).Storages;

        var zip = new ZipWriter(stream);
        zip.Add($"{topFolder}/data.pkl", pickle.GetBuffer().AsMemory(0, (int)pickle.Length));
        zip.Add($"{topFolder}/byteorder", "little"u8.ToArray());
        for (int key = 0; key < storages.Count; key++)
            zip.Add($"{topFolder}/data/{key}", storages[key]);

        zip.Add($"{topFolder}/version", "3\n"u8.ToArray());
        zip.Finish();
    }
}
