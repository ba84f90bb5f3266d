namespace Dense.Checkpoints.Pickle;

/// <summary>Writes detectron2's weight format: a pickled map of NumPy arrays (P-144, P-149, E-74).</summary>
internal static class NumpyPickleWriter
{
    // The oldest protocol with byte strings; protocol 2 would write every array as escaped text.
    private const byte Protocol = 3;

    /// <summary>Writes {"model": {name: array}, "__author__": author, "matching_heuristics": True}.</summary>
    public static void Write(Stream stream, IEnumerable<KeyValuePair<string, TensorRecord>> model, string author)
    {
        var pickle = new PickleWriter(stream);
        pickle.Begin(Protocol);
        pickle.Byte('}');
        pickle.Byte('(');
        pickle.Text("model");
        pickle.Byte('}');
        pickle.Fill(model, entry => Entry(pickle, entry), 'u');
        pickle.Text("__author__");
        pickle.Text(author);
        pickle.Text("matching_heuristics");
        pickle.Bool(true);
        pickle.Byte('u');
        pickle.End();
    }

    private static void Entry(PickleWriter pickle, KeyValuePair<string, TensorRecord> entry)
    {
        pickle.Text(entry.Key);
        Array(pickle, entry.Value);
    }

    // _reconstruct(ndarray, (0,), b"b"), then its state (1, shape, dtype, is Fortran order, bytes).
    private static void Array(PickleWriter pickle, TensorRecord tensor)
    {
        pickle.Global("numpy.core.multiarray", "_reconstruct");
        pickle.Global("numpy", "ndarray");
        pickle.Integers([0]);
        pickle.Bytes([(byte)'C', 1, (byte)'b', 0x87, (byte)'R', (byte)'(']);
        pickle.Integer(1);
        pickle.Integers(tensor.Shape);
        Dtype(pickle, tensor.ElementType);
        pickle.Bool(false);
        pickle.Length('B', tensor.Bytes.Length);
        pickle.Bytes(tensor.Bytes.Span);
        pickle.Bytes("tb"u8);
    }

    // dtype(code, False, True), then its state (3, order, None, None, None, -1, -1, 0).
    private static void Dtype(PickleWriter pickle, ElementType type)
    {
        pickle.Global("numpy", "dtype");
        pickle.Text(Code(type));
        pickle.Bool(false);
        pickle.Bool(true);
        pickle.Bytes([0x87, (byte)'R', (byte)'(']);
        pickle.Integer(3);
        pickle.Text(type.SizeInBytes() == 1 ? "|" : "<");
        pickle.None();
        pickle.None();
        pickle.None();
        pickle.Integer(-1);
        pickle.Integer(-1);
        pickle.Integer(0);
        pickle.Bytes("tb"u8);
    }

    private static string Code(ElementType type) => type switch
    {
        ElementType.Float64 => "f8",
        ElementType.Float32 => "f4",
        ElementType.Float16 => "f2",
        ElementType.Int64 => "i8",
        ElementType.Int32 => "i4",
        ElementType.Int16 => "i2",
        ElementType.Int8 => "i1",
        ElementType.UInt8 => "u1",
        ElementType.Bool => "b1",
        _ => throw new ArgumentException($"NumPy has no {type}; convert the tensor to Float32 first, or write a .pth " +
            "or .safetensors file.", nameof(type)),
    };
}
