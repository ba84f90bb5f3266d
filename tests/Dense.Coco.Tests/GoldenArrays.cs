using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text.Json;

namespace Dense.Coco.Tests;

/// <summary>Reads the arrays of a golden safetensors file.</summary>
internal sealed class GoldenArrays
{
    private readonly byte[] _bytes;
    private readonly Dictionary<string, Range> _ranges = [];

    public GoldenArrays(string path)
    {
        _bytes = File.ReadAllBytes(path);
        int header = checked((int)BinaryPrimitives.ReadInt64LittleEndian(_bytes));
        using JsonDocument json = JsonDocument.Parse(_bytes.AsMemory(8, header));
        foreach (JsonProperty entry in json.RootElement.EnumerateObject())
        {
            JsonElement offsets = entry.Value.GetProperty("data_offsets");
            _ranges[entry.Name] = (8 + header + offsets[0].GetInt32())..(8 + header + offsets[1].GetInt32());
        }
    }

    public IEnumerable<string> Names => _ranges.Keys;

    public ReadOnlySpan<byte> Bytes(string name) => _bytes.AsSpan(_ranges[name]);

    public double[] Doubles(string name) => MemoryMarshal.Cast<byte, double>(Bytes(name)).ToArray();
}
