using System.Buffers.Binary;
using System.Text.Json;
using Dense.Checkpoints;

namespace Dense.Torch.Tests.Tensors;

/// <summary>Reads the safetensors files of the golden data.</summary>
internal static class GoldenTensors
{
    /// <summary>All tensors of a file by name.</summary>
    public static Dictionary<string, TensorRecord> Read(string path)
    {
        byte[] file = File.ReadAllBytes(path);
        int headerLength = (int)BinaryPrimitives.ReadUInt64LittleEndian(file);
        using JsonDocument header = JsonDocument.Parse(file.AsMemory(8, headerLength));
        ReadOnlyMemory<byte> data = file.AsMemory(8 + headerLength);

        var tensors = new Dictionary<string, TensorRecord>(StringComparer.Ordinal);
        foreach (JsonProperty entry in header.RootElement.EnumerateObject().Where(p => p.Name != "__metadata__"))
        {
            int[] offsets = [.. entry.Value.GetProperty("data_offsets").EnumerateArray().Select(o => o.GetInt32())];
            long[] shape = [.. entry.Value.GetProperty("shape").EnumerateArray().Select(s => s.GetInt64())];
            ElementType type = entry.Value.GetProperty("dtype").GetString() switch
            {
                "F64" => ElementType.Float64,
                "F32" => ElementType.Float32,
                "I64" => ElementType.Int64,
                "U8" => ElementType.UInt8,
                string other => throw new InvalidDataException($"{path}: element type {other}."),
                null => throw new InvalidDataException(path),
            };
            tensors[entry.Name] = new TensorRecord(type, shape, data[offsets[0]..offsets[1]]);
        }

        return tensors;
    }

    /// <summary>All values, widened to double.</summary>
    public static double[] Doubles(this TensorRecord record)
    {
        using var tensor = record.ToTensor();
        return tensor.Doubles();
    }
}
