using Microsoft.Win32.SafeHandles;

namespace Dense.Training.Data.Sources;

/// <summary>Images that are files below one folder.</summary>
internal sealed class FileImageSource : IImageSource
{
    private readonly string _root;
    private readonly ImageIndex _index;

    /// <summary>Creates the source; the files are not touched.</summary>
    /// <param name="root">The folder that the names are relative to.</param>
    /// <param name="location">What the user named: the folder or a list file.</param>
    /// <param name="index">The images.</param>
    public FileImageSource(string root, string location, ImageIndex index)
    {
        _root = root;
        _index = index;
        Location = location;
    }

    public string Location { get; }

    public int Count => _index.Names.Length;

    public int ClassCount => _index.ClassCount;

    public string NameOf(int index) => _index.Names[index];

    public int LabelOf(int index) => _index.LabelOf(index);

    public void Read(int index, EncodedImage into)
    {
        string path = Path.Combine(_root, _index.Names[index]);
        try
        {
            using var file = File.OpenHandle(path, options: FileOptions.SequentialScan);
            ReadAll(file, path, into);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new DatasetException(
                $"{path}: this image does not exist. It is number {index + 1} of {Location}: correct the list or the " +
                "root folder.", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException
            or NotSupportedException)
        {
            throw new DatasetException(
                $"{path}: the image cannot be read: {e.Message} Check the disk and permissions.", e);
        }
    }

    public void Dispose()
    {
    }

    private static void ReadAll(SafeFileHandle file, string path, EncodedImage into)
    {
        long length = RandomAccess.GetLength(file);
        EncodedSize.Check(length, path);

        Span<byte> rest = into.Resize((int)length);
        for (long at = 0; rest.Length > 0;)
        {
            int read = RandomAccess.Read(file, rest, at);
            if (read == 0)
                throw new EndOfStreamException($"the file ended at byte {at} of {length}.");

            at += read;
            rest = rest[read..];
        }
    }
}
