using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text.Json;

namespace Dense.Imaging.Tests;

/// <summary>Just enough of the format for golden float32 tensors.</summary>
internal static class SafetensorsFile
{
    public static float[] ReadFloats(string path, string name)
    {
        byte[] file = File.ReadAllBytes(path);
        int headerLength = (int)BinaryPrimitives.ReadInt64LittleEndian(file);
        using JsonDocument header = JsonDocument.Parse(file.AsMemory(8, headerLength));
        JsonElement entry = header.RootElement.GetProperty(name);
        Assert.Equal("F32", entry.GetProperty("dtype").GetString());

        JsonElement offsets = entry.GetProperty("data_offsets");
        int from = offsets[0].GetInt32(), to = offsets[1].GetInt32();
        return MemoryMarshal.Cast<byte, float>(file.AsSpan(8 + headerLength + from, to - from)).ToArray();
    }
}
