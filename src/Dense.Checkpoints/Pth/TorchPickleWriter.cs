using System.Numerics;
using System.Text;
using Dense.Checkpoints.Pickle;

namespace Dense.Checkpoints.Pth;

/// <summary>
/// Writes the record <c>data.pkl</c> of a <c>.pth</c> file and collects the storages that it refers to (E-73).
/// </summary>
internal sealed class TorchPickleWriter
{
    private const int Deepest = 500;

    private readonly PickleWriter _pickle;
    private readonly Dictionary<(ReadOnlyMemory<byte> Bytes, ElementType Type), int> _keys = [];
    private int _depth;

    private TorchPickleWriter(Stream stream)
    {
        _pickle = new PickleWriter(stream);
    }

    /// <summary>Storages in the order of their keys 0, 1, …</summary>
    public List<ReadOnlyMemory<byte>> Storages { get; } = [];

    /// <summary>Writes the pickle.</summary>
    /// <exception cref="ArgumentException">A value that such files cannot hold.</exception>
    public static TorchPickleWriter Write(Stream stream, object root)
    {
        var writer = new TorchPickleWriter(stream);
        writer._pickle.Begin(protocol: 2);
        writer.Value(root);
        writer._pickle.End();
        return writer;
    }

    private void Value(object? value)
    {
        switch (value)
        {
            case null:
                _pickle.None();
                break;
            case bool flag:
                _pickle.Bool(flag);
                break;
            case long or int:
                _pickle.Integer(Convert.ToInt64(value));
                break;
            case BigInteger integer:
                _pickle.Integer(integer);
                break;
            case double or float:
                _pickle.Double(Convert.ToDouble(value));
                break;
            case string text:
                _pickle.Text(text);
                break;
            case byte[] bytes:
                ByteString(bytes);
                break;
            case TensorRecord tensor:
                Tensor(tensor);
                break;
            default:
                Container(value);
                break;
        }
    }

    private void Container(object value)
    {
        if (++_depth > Deepest)
            throw new ArgumentException($"Checkpoint values are nested more than {Deepest} deep.", nameof(value));

        switch (value)
        {
            case CheckpointMap map:
                Map(map);
                break;
            case CheckpointTuple tuple:
                _pickle.Tuple(tuple, Value);
                break;
            case IEnumerable<object?> list:
                _pickle.Byte(']');
                _pickle.Fill(list, Value, 'e');
                break;
            case IEnumerable<long> numbers:
                _pickle.Byte(']');
                _pickle.Fill(numbers, n => _pickle.Integer(n), 'e');
                break;
            default:
                throw new ArgumentException(
                    $"A checkpoint cannot hold {CheckpointValue.Describe(value)}.", nameof(value));
        }

        _depth--;
    }

    private void Map(CheckpointMap map)
    {
        if (map.IsOrderedDict)
            _pickle.EmptyCall("collections", "OrderedDict");
        else
            _pickle.Byte('}');

        _pickle.Fill(map, Entry, 'u');
        if (map is { IsOrderedDict: true, Metadata: not null })
        {
            // The attribute that PyTorch hangs on state dictionaries.
            Value(new CheckpointMap { ["_metadata"] = map.Metadata });
            _pickle.Byte('b');
        }
    }

    private void Entry(KeyValuePair<object, object?> entry)
    {
        Value(ReferenceEquals(entry.Key, CheckpointMap.NullKey) ? null : entry.Key);
        Value(entry.Value);
    }

    // Bytes at protocol 2: both readers of PyTorch know this call.
    private void ByteString(byte[] bytes)
    {
        _pickle.Global("_codecs", "encode");
        _pickle.Text(Encoding.Latin1.GetString(bytes));
        _pickle.Text("latin1");
        _pickle.Byte((byte)0x86);
        _pickle.Byte('R');
    }

    // _rebuild_tensor_v2(storage, offset, size, stride, requires_grad, hooks)
    private void Tensor(TensorRecord tensor)
    {
        _pickle.Global("torch._utils", "_rebuild_tensor_v2");
        _pickle.Byte('(');
        StorageReference(tensor);
        _pickle.Integer(0);
        _pickle.Integers(tensor.Shape);
        _pickle.Integers(Strided.RowMajor(tensor.Shape));
        _pickle.Bool(false);
        _pickle.EmptyCall("collections", "OrderedDict");
        _pickle.Bytes("tR"u8);
    }

    // ("storage", class, key, location, element count)
    private void StorageReference(TensorRecord tensor)
    {
        _pickle.Byte('(');
        _pickle.Text("storage");
        _pickle.Global("torch", TorchTypes.StorageOf(tensor.ElementType));
        _pickle.Text(Key(tensor).ToString(System.Globalization.CultureInfo.InvariantCulture));
        _pickle.Text("cpu");
        _pickle.Integer(tensor.Count);
        _pickle.Bytes("tQ"u8);
    }

    private int Key(TensorRecord tensor)
    {
        // The same memory is stored once; empty tensors have no memory that could tell them apart, and need none.
        var identity = (tensor.Bytes, tensor.ElementType);
        if (_keys.TryGetValue(identity, out int key))
            return key;

        key = Storages.Count;
        Storages.Add(tensor.Bytes);
        _keys.Add(identity, key);
        return key;
    }
}
