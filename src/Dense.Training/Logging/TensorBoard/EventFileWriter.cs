using System.Buffers;
using System.Buffers.Binary;
using Google.Protobuf;

namespace Dense.Training.Logging.TensorBoard;

/// <summary>
/// Writes one TensorBoard event file (E-165, E-166): scalars and pictures by step. Each record goes to the operating
/// system in a single write, so that a viewer can follow a running training and a crash costs at most the last record.
/// </summary>
/// <remarks>
/// A resumed run opens a file of its own in the same folder; viewers merge the files of a folder by wall time. Not safe
/// for use by several threads at once.
/// </remarks>
public sealed class EventFileWriter : IDisposable
{
    private const string FileVersion = "brain.Event:2";
    private const int LengthBytes = sizeof(ulong);
    private const int ChecksumBytes = sizeof(uint);

    private readonly FileStream _file;
    private readonly TimeProvider _clock;
    private readonly ArrayBufferWriter<byte> _record = new(512);

    /// <summary>Creates the folder if needed and a new event file in it.</summary>
    /// <param name="folder">Where TensorBoard looks.</param>
    /// <param name="clock">Gives the wall time of the records.</param>
    /// <exception cref="IOException">The folder or file cannot be created.</exception>
    public EventFileWriter(string folder, TimeProvider clock)
    {
        _clock = clock;
        Directory.CreateDirectory(folder);
        _file = CreateUnused(folder, clock.GetUtcNow().ToUnixTimeSeconds());
        Write(new Event { FileVersion = FileVersion });
    }

    /// <summary>The file's path.</summary>
    public string FilePath => _file.Name;

    /// <summary>Records one number.</summary>
    /// <param name="tag">The curve's name; a slash groups curves.</param>
    /// <param name="value">Stored as a 32-bit number.</param>
    /// <param name="step">Position on the horizontal axis.</param>
    public void AddScalar(string tag, double value, long step) =>
        Write(step, new Summary.Types.Value { Tag = tag, SimpleValue = (float)value });

    /// <summary>Records one picture.</summary>
    /// <param name="tag">The picture's name.</param>
    /// <param name="png">The PNG file.</param>
    /// <param name="width">Pixels.</param>
    /// <param name="height">Pixels.</param>
    /// <param name="channels">1 grey, 3 RGB, 4 RGB with alpha.</param>
    /// <param name="step">Position on the slider.</param>
    public void AddImage(string tag, ReadOnlySpan<byte> png, int width, int height, int channels, long step)
    {
        var image = new Summary.Types.Image
        {
            Width = width,
            Height = height,
            Colorspace = channels,
            EncodedImageString = ByteString.CopyFrom(png),
        };
        Write(step, new Summary.Types.Value { Tag = tag, Image = image });
    }

    /// <summary>Makes everything written so far survive a power failure.</summary>
    public void Flush() => _file.Flush(flushToDisk: true);

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_file.CanWrite)
            Flush();

        _file.Dispose();
    }

    // Two writers of one process, or a restart within a second, must not share a file: the counter tells them apart.
    private static FileStream CreateUnused(string folder, long unixSeconds)
    {
        for (int counter = 0; ; counter++)
        {
            string name =
                $"events.out.tfevents.{unixSeconds:D10}.{Environment.MachineName}.{Environment.ProcessId}.{counter}";
            string path = Path.Combine(folder, name);
            if (!File.Exists(path))
                return new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.Read, bufferSize: 0);
        }
    }

    private void Write(long step, Summary.Types.Value value) =>
        Write(new Event { Step = step, Summary = new Summary { Value = { value } } });

    private void Write(Event e)
    {
        e.WallTime = (_clock.GetUtcNow() - DateTimeOffset.UnixEpoch).TotalSeconds;
        int length = e.CalculateSize();

        _record.ResetWrittenCount();
        Span<byte> head = _record.GetSpan(LengthBytes + ChecksumBytes);
        BinaryPrimitives.WriteUInt64LittleEndian(head, (ulong)length);
        BinaryPrimitives.WriteUInt32LittleEndian(head[LengthBytes..], MaskedCrc32C.Of(head[..LengthBytes]));
        _record.Advance(LengthBytes + ChecksumBytes);

        e.WriteTo(_record);
        uint checksum = MaskedCrc32C.Of(_record.WrittenSpan[(LengthBytes + ChecksumBytes)..]);
        BinaryPrimitives.WriteUInt32LittleEndian(_record.GetSpan(ChecksumBytes), checksum);
        _record.Advance(ChecksumBytes);

        _file.Write(_record.WrittenSpan);
    }
}
