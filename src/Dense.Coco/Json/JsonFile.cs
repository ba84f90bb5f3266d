using System.IO.Compression;
using System.Text.Json;

namespace Dense.Coco.Json;

/// <summary>What a function that reads one JSON document looks like.</summary>
internal delegate T JsonParse<T>(ref JsonCursor json);

/// <summary>
/// Opens JSON files, packed with gzip or not, and turns every fault of theirs into the one declared exception.
/// </summary>
internal static class JsonFile
{
    /// <summary>Reads a file; gzip is recognised by content.</summary>
    /// <exception cref="CocoFormatException">The content is not what <paramref name="parse"/> expects.</exception>
    public static T Read<T>(string path, JsonParse<T> parse)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0);
        return Read(file, path, parse);
    }

    /// <summary>Reads a stream that can be read once.</summary>
    /// <param name="stream">The content.</param>
    /// <param name="name">Its name in error messages.</param>
    /// <param name="parse">Reads the document.</param>
    public static T Read<T>(Stream stream, string name, JsonParse<T> parse)
    {
        try
        {
            using Stream plain = Unpacked(stream);
            var json = new JsonCursor(plain, name);
            try
            {
                T result = parse(ref json);
                json.ReadEnd();
                return result;
            }
            catch (JsonException e)
            {
                throw json.Error(Describe(e), e);
            }
        }
        catch (JsonException e)
        {
            throw new CocoFormatException($"{name}: {Describe(e)}.", e);
        }
        catch (InvalidDataException e)
        {
            throw new CocoFormatException(
                $"{name}: the gzip data is damaged: {e.Message} Fetch or pack the file again.", e);
        }
    }

    private static Stream Unpacked(Stream stream)
    {
        byte[] start = new byte[2];
        int length = stream.ReadAtLeast(start, 2, throwOnEndOfStream: false);
        var whole = new PrefixedStream(start.AsMemory(0, length), stream);
        return start is [0x1F, 0x8B] ? new GZipStream(whole, CompressionMode.Decompress) : whole;
    }

    private static string Describe(JsonException e)
    {
        string reason = e.Message.Split(" LineNumber:")[0].TrimEnd('.');
        return $"not valid JSON at line {e.LineNumber + 1}, byte {e.BytePositionInLine}: {reason}. "
            + "NaN and Infinity are not JSON, and a file that was cut off must be written again";
    }
}
