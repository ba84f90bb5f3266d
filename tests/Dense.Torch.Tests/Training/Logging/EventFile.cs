using System.Buffers.Binary;
using Dense.Training.Logging.TensorBoard;

namespace Dense.Torch.Tests.Training.Logging;

/// <summary>Reads an event file back and checks every checksum.</summary>
internal static class EventFile
{
    public static List<Event> Read(string path)
    {
        byte[] file = File.ReadAllBytes(path);
        var events = new List<Event>();
        for (int at = 0; at < file.Length;)
        {
            int length = (int)BinaryPrimitives.ReadUInt64LittleEndian(file.AsSpan(at));
            Assert.Equal(MaskedCrc32C.Of(file.AsSpan(at, 8)), BinaryPrimitives.ReadUInt32LittleEndian(
                file.AsSpan(at + 8)));
            var payload = file.AsSpan(at + 12, length);
            Assert.Equal(MaskedCrc32C.Of(payload), BinaryPrimitives.ReadUInt32LittleEndian(
                file.AsSpan(at + 12 + length)));
            events.Add(Event.Parser.ParseFrom(payload));
            at += 16 + length;
        }

        return events;
    }
}
