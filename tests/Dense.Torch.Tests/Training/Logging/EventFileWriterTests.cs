using Dense.Training.Logging.TensorBoard;

namespace Dense.Torch.Tests.Training.Logging;

public class EventFileWriterTests
{
    // From the format's description (E-166).
    private const string FirstRecord =
        "18 00 00 00 00 00 00 00 a3 7f 4b 22 09 00 00 00 40 fc 54 d9 41 1a 0d 62 72 61 69 6e 2e 45 76 65 6e 74 3a " +
        "32 ec ed 8f 9d";

    private const string ScalarRecord =
        "20 00 00 00 00 00 00 00 29 ed a9 50 09 00 00 40 40 fc 54 d9 41 10 13 2a 13 0a 11 0a 0a 74 6f 74 61 6c " +
        "5f 6c 6f 73 73 15 00 00 c0 3f 3e 28 7b e4";

    private readonly ManualClock _clock = new(DateTimeOffset.FromUnixTimeSeconds(1_700_000_000));

    [Fact]
    public void Crc32C_HasItsCheckValue() =>
        Assert.Equal(0xE3069283u, MaskedCrc32C.Plain("123456789"u8));

    [Fact]
    public void Writer_WritesTheKnownBytes()
    {
        using var folder = new TempFolder();
        using var writer = new EventFileWriter(folder.Path, _clock);

        _clock.Now += TimeSpan.FromSeconds(1);
        writer.AddScalar("total_loss", 1.5, 19);

        string hex = Convert.ToHexStringLower(ReadShared(writer.FilePath));
        Assert.Equal((FirstRecord + ScalarRecord).Replace(" ", ""), hex);
    }

    [Fact]
    public void Writer_NamesItsFileAfterTheTime()
    {
        using var folder = new TempFolder();
        using var writer = new EventFileWriter(folder.Path, _clock);

        Assert.StartsWith("events.out.tfevents.1700000000.", Path.GetFileName(writer.FilePath));
    }

    [Fact]
    public void Writer_OpensAFileOfItsOwnWhenTheRunIsResumedInTheSameSecond()
    {
        using var folder = new TempFolder();
        using var first = new EventFileWriter(folder.Path, _clock);
        using var second = new EventFileWriter(folder.Path, _clock);

        Assert.NotEqual(first.FilePath, second.FilePath);
    }

    [Fact]
    public void Writer_WritesWhatAReaderFinds()
    {
        using var folder = new TempFolder();
        byte[] png = [1, 2, 3];
        string path;
        using (var writer = new EventFileWriter(folder.Path, _clock))
        {
            path = writer.FilePath;
            writer.AddScalar("lr", double.NaN, 0);
            writer.AddImage("matches", png, width: 7, height: 5, channels: 3, step: long.MaxValue);
        }

        List<Event> events = EventFile.Read(path);

        Assert.Equal(3, events.Count);
        Assert.Equal("brain.Event:2", events[0].FileVersion);
        Assert.True(float.IsNaN(events[1].Summary.Value[0].SimpleValue));
        Assert.Equal(long.MaxValue, events[2].Step);
        var image = events[2].Summary.Value[0].Image;
        Assert.Equal((7, 5, 3), (image.Width, image.Height, image.Colorspace));
        Assert.Equal(png, image.EncodedImageString.ToByteArray());
    }

    [Fact]
    [Trait("Category", "Peer")]
    public void Writer_IsReadByAnIndependentReader()
    {
        using var folder = new TempFolder();
        string path;
        using (var writer = new EventFileWriter(folder.Path, _clock))
        {
            path = writer.FilePath;
            for (int i = 0; i < 20; i++)
                writer.AddScalar("loss/train", i / 4.0, i * 1000);
        }

        string output = Python.Run(IndependentReader, path);

        string expected = string.Concat(Enumerable.Range(0, 20).Select(i => $"{i * 1000} loss/train {i / 4.0:F2}\n"));
        Assert.Equal(expected, output + "\n");
    }

    // Written from the format's description only: bitwise CRC, hand-made protobuf walk.
    private const string IndependentReader = """
        import struct, sys
        def crc(data):
            c = 0xffffffff
            for b in data:
                c ^= b
                for _ in range(8):
                    c = (c >> 1) ^ (0x82f63b78 if c & 1 else 0)
            c ^= 0xffffffff
            return (((c >> 15) | (c << 17)) + 0xa282ead8) & 0xffffffff
        def varint(b, i):
            n = s = 0
            while True:
                n |= (b[i] & 127) << s; s += 7; i += 1
                if not b[i - 1] & 128: return n, i
        def fields(b):
            i = 0
            while i < len(b):
                key, i = varint(b, i)
                kind = key & 7
                if kind == 0: v, i = varint(b, i)
                elif kind == 1: v = b[i:i + 8]; i += 8
                elif kind == 5: v = b[i:i + 4]; i += 4
                else:
                    n, i = varint(b, i); v = b[i:i + n]; i += n
                yield key >> 3, v
        data = open(sys.argv[1], 'rb').read()
        i = 0
        while i < len(data):
            n, = struct.unpack('<Q', data[i:i + 8])
            assert struct.unpack('<I', data[i + 8:i + 12])[0] == crc(data[i:i + 8])
            body = data[i + 12:i + 12 + n]
            assert struct.unpack('<I', data[i + 12 + n:i + 16 + n])[0] == crc(body)
            i += 16 + n
            event = dict(fields(body))
            if 5 not in event: continue
            value = dict(fields(dict(fields(event[5]))[1]))
            print(event.get(2, 0), value[1].decode(), '%.2f' % struct.unpack('<f', value[2])[0])
        """;

    private static byte[] ReadShared(string path)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        byte[] bytes = new byte[file.Length];
        file.ReadExactly(bytes);
        return bytes;
    }
}
