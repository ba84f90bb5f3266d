namespace Dense.Checkpoints.Tests;

/// <summary>Small weight files of every format, in memory.</summary>
internal static class Samples
{
    public static readonly string[] Formats = ["zip", "legacy", "pickle", "safetensors"];

    /// <summary>Tensors, texts, numbers and nested values, as a training checkpoint has them.</summary>
    public static CheckpointMap Training() => new()
    {
        ["meta"] = new CheckpointMap { ["epoch"] = 3L, ["note"] = "text ✓", ["nothing"] = null, ["flag"] = true },
        ["state_dict"] = new CheckpointMap
        {
            { "w", Floats([2, 2], 1, 2, 3, 4) },
            { "n", new TensorRecord(ElementType.Int64, [], BitConverter.GetBytes(7L)) },
            { "empty", new TensorRecord(ElementType.Float16, [0, 3], default) },
        },
        ["optimizer"] = new CheckpointMap
        {
            ["state"] = new CheckpointMap { [0] = new CheckpointMap { ["momentum_buffer"] = Floats([2], 0.5f, -1) } },
            ["param_groups"] = new List<object?>
            {
                new CheckpointMap { ["lr"] = 0.03, ["betas"] = new CheckpointTuple(0.9, 0.999),
                    ["params"] = new List<object?> { 0L, 1L } },
            },
        },
    };

    public static TensorRecord Floats(long[] shape, params float[] values)
    {
        byte[] bytes = new byte[4 * values.Length];
        Buffer.BlockCopy(values, 0, bytes, 0, bytes.Length);
        return new TensorRecord(ElementType.Float32, shape, bytes);
    }

    public static byte[] Zip(CheckpointMap? root = null)
    {
        using var stream = new MemoryStream();
        TorchFile.Write(stream, root ?? Training());
        return stream.ToArray();
    }

    public static byte[] Detectron2()
    {
        using var stream = new MemoryStream();
        Detectron2File.Write(stream, Training().GetMap("state_dict").Tensors, "OpenSelfSup");
        return stream.ToArray();
    }

    public static byte[] Safetensors()
    {
        using var stream = new MemoryStream();
        SafetensorsFile.Write(
            stream, Training().GetMap("state_dict").Tensors, new Dictionary<string, string> { ["format"] = "pt" });
        return stream.ToArray();
    }

    /// <summary>One tensor in the container of PyTorch before 1.6, which nothing here writes.</summary>
    public static byte[] Legacy()
    {
        PickleBytes file = new PickleBytes().Magic().Raw([0x80, 2, (byte)'M', 0xe9, 3, (byte)'.']);
        file.Raw([0x80, 2, (byte)'}']).Text("little_endian").Raw([0x88, (byte)'s', (byte)'.']);
        file.Raw([0x80, 2, (byte)'}']).Text("w").Tensor("k", count: 4, viewIsNone: true).Raw("s."u8);
        file.Raw([0x80, 2, (byte)']']).Text("k").Raw("a."u8);
        file.Raw(BitConverter.GetBytes(4L));
        return file.Raw(Floats([4], 1, 2, 3, 4).Bytes.Span).ToArray();
    }

    public static byte[] Of(string format) => format switch
    {
        "zip" => Zip(),
        "legacy" => Legacy(),
        "pickle" => Detectron2(),
        _ => Safetensors(),
    };
}
