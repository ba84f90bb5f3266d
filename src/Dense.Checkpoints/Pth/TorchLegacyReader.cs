using System.Buffers.Binary;
using System.Numerics;
using Dense.Checkpoints.Files;
using Dense.Checkpoints.Pickle;

namespace Dense.Checkpoints.Pth;

/// <summary>
/// Reads the container of PyTorch before 1.6 (E-54): pickles of a magic number, a protocol number, the machine's sizes,
/// the object and the list of storage keys; then each storage as a count and raw elements.
/// </summary>
internal sealed class TorchLegacyReader
{
    /// <summary>The first value of every such file.</summary>
    public static readonly BigInteger Magic =
        BigInteger.Parse("119547037146038801333356", System.Globalization.CultureInfo.InvariantCulture);

    private const long Protocol = 1001;

    private readonly ByteSource _source;
    private readonly PickleContext _context;
    private readonly PickleInput _input;
    private readonly Dictionary<string, StorageRecord> _storages = new(StringComparer.Ordinal);

    private TorchLegacyReader(ByteSource source, PickleContext context)
    {
        (_source, _context, _input) = (source, context, new PickleInput(source));
    }

    /// <summary>Reads the values of a file.</summary>
    public static object? Read(ByteSource source, CheckpointReadOptions options) =>
        PickleFinish.Read(source, options, ReadObject);

    /// <summary>Reads the object of a file and its storages, unfinished.</summary>
    public static object? ReadObject(ByteSource source, PickleContext context) =>
        new TorchLegacyReader(source, context).Run();

    private object? Run()
    {
        if (PickleMachine.Run(_input, _context) is not BigInteger magic || magic != Magic)
            throw _source.Refuse(0, "the magic number of an old PyTorch file is missing.");

        long protocolAt = _input.Position;
        if (PickleMachine.Run(_input, _context) is not Protocol)
            throw _source.Refuse(protocolAt, $"the old PyTorch file should have protocol {Protocol}.");

        long systemAt = _input.Position;
        if (PickleMachine.Run(_input, _context) is not CheckpointMap system ||
            (system.TryGetValue("little_endian", out object? little) && little is not true))
        {
            throw _source.Refuse(systemAt, "the file was written on a big-endian machine, or its description of the " +
                "machine is damaged.");
        }

        object? value = PickleMachine.Run(_input, _context with { PersistentLoad = LoadStorage });
        long keysAt = _input.Position;
        if (PickleMachine.Run(_input, _context) is not IReadOnlyList<object?> keys)
            throw _source.Refuse(keysAt, "the list of storages is missing.");

        ReadStorages(keys, keysAt);
        return value;
    }

    private StorageSlice LoadStorage(CheckpointTuple id, long offset)
    {
        StorageId storage = StorageId.Parse(id, _source, offset);
        if (!_storages.TryGetValue(storage.Key, out StorageRecord? record))
        {
            _context.Budget.Take(128, offset, "a storage");
            _storages.Add(storage.Key, record = new StorageRecord(storage.ElementType, storage.Length));
        }

        if (record.Length != storage.Length || record.ElementType != storage.ElementType)
            throw _source.Refuse(offset, $"the storage '{storage.Key}' is declared twice, with different sizes.");

        long start = 0;
        long length = record.Length;
        if (id.Count > 5 && id[5] is not null)
            (start, length) = ParseView(id[5], storage, offset);

        return new StorageSlice(record, storage.ElementType, start, length);
    }

    // (key, offset, count), in elements: files of PyTorch 0.x share storages this way.
    private (long Start, long Length) ParseView(object? view, StorageId storage, long offset)
    {
        if (view is not CheckpointTuple { Count: 3 } tuple || tuple[1] is not long first ||
            tuple[2] is not long count ||
            first < 0 || count < 0 || ((Int128)first + count) * storage.ElementSize > storage.Length)
        {
            throw _source.Refuse(offset, $"a view lies outside the storage '{storage.Key}'.");
        }

        return (first * storage.ElementSize, count * storage.ElementSize);
    }

    private void ReadStorages(IReadOnlyList<object?> keys, long keysAt)
    {
        long position = _input.Position;
        var read = new HashSet<string>(StringComparer.Ordinal);
        Span<byte> countBytes = stackalloc byte[8];
        foreach (object? key in keys)
        {
            if (PickleText.Short(key) is not { } name || !_storages.TryGetValue(name, out StorageRecord? record) ||
                !read.Add(name))
            {
                throw _source.Refuse(keysAt, $"the list of storages names {CheckpointValue.Describe(key)}, which no " +
                    "tensor uses, or twice.");
            }

            _source.Require(position, 8, $"the size of storage '{name}'");
            _source.Read(position, countBytes);
            long count = BinaryPrimitives.ReadInt64LittleEndian(countBytes);
            int size = record.ElementType?.SizeInBytes() ?? 1;
            if (count != record.Length / size)
                throw _source.Refuse(position, $"the storage '{name}' should have {record.Length / size} elements, " +
                    $"but announces {count}.");

            record.Bytes = _source.Slice(position + 8, record.Length, $"storage '{name}'");
            position += 8 + record.Length;
        }

        if (_storages.Keys.FirstOrDefault(k => !read.Contains(k)) is { } missing)
            throw _source.Refuse(keysAt, $"the storage '{missing}' is used by a tensor but is not in the file.");

        if (position != _source.Length)
            throw _source.Refuse(position, $"the last storage ends here, but {_source.Length - position} bytes " +
                "follow it.");
    }
}
