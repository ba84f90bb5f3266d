using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text.Json;
using Xunit;

namespace Dense.Testing;

/// <summary>
/// Reads the safetensors files of the golden data, on its own: the product's reader is checked by something else.
/// </summary>
public sealed class GoldenArrays
{
    private readonly Dictionary<string, GoldenArray> _arrays = new(StringComparer.Ordinal);
    private readonly string _path;

    /// <summary>Reads a whole file.</summary>
    public GoldenArrays(string path)
    {
        _path = path;
        byte[] file = File.ReadAllBytes(path);
        int headerLength = checked((int)BinaryPrimitives.ReadInt64LittleEndian(file));
        ReadOnlyMemory<byte> data = file.AsMemory(8 + headerLength);
        using JsonDocument header = JsonDocument.Parse(file.AsMemory(8, headerLength));
        foreach (JsonProperty entry in header.RootElement.EnumerateObject().Where(p => p.Name != "__metadata__"))
        {
            JsonElement offsets = entry.Value.GetProperty("data_offsets");
            _arrays[entry.Name] = new GoldenArray(
                TypeOf(entry.Value.GetProperty("dtype").GetString()),
                [.. entry.Value.GetProperty("shape").EnumerateArray().Select(s => s.GetInt64())],
                data[offsets[0].GetInt32()..offsets[1].GetInt32()]);
        }
    }

    /// <summary>Names of the arrays.</summary>
    public IReadOnlyCollection<string> Names => _arrays.Keys;

    /// <summary>An array.</summary>
    public GoldenArray this[string name] => _arrays[name];

    /// <summary>Bytes of an array.</summary>
    public ReadOnlySpan<byte> Bytes(string name) => _arrays[name].Bytes.Span;

    /// <summary>Values of a float32 array.</summary>
    public float[] Floats(string name) => Values<float>(name, "Float32");

    /// <summary>Values of a float64 array.</summary>
    public double[] Doubles(string name) => Values<double>(name, "Float64");

    private T[] Values<T>(string name, string type)
        where T : unmanaged
    {
        Assert.Equal((name, type), (name, _arrays[name].ElementType));
        return MemoryMarshal.Cast<byte, T>(Bytes(name)).ToArray();
    }

    private string TypeOf(string? type) => type switch
    {
        "F64" => "Float64",
        "F32" => "Float32",
        "F16" => "Float16",
        "BF16" => "BFloat16",
        "I64" => "Int64",
        "I32" => "Int32",
        "I16" => "Int16",
        "I8" => "Int8",
        "U8" => "UInt8",
        "BOOL" => "Bool",
        _ => throw new InvalidDataException($"{_path}: element type {type}."),
    };
}
