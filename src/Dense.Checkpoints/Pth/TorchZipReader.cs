using System.Globalization;
using System.Text;
using Dense.Checkpoints.Files;
using Dense.Checkpoints.Pickle;
using Dense.Checkpoints.Zip;

namespace Dense.Checkpoints.Pth;

/// <summary>Reads the ZIP container of PyTorch 1.6 and later (E-53).</summary>
internal sealed class TorchZipReader
{
    private const int NewestVersion = 10;

    // Threads that copy records out of the file system's cache; more than this does not read faster.
    private const int MostThreads = 4;

    private readonly ByteSource _source;
    private readonly PickleContext _context;
    private readonly Dictionary<string, ZipEntry> _entries;
    private readonly ZipEntryReader _reader;
    private readonly string _top;
    private readonly bool _isBigEndian;
    private readonly Dictionary<string, StorageRecord> _storages = new(StringComparer.Ordinal);

    private TorchZipReader(ByteSource source, PickleContext context)
    {
        _source = source;
        _context = context;
        _reader = new ZipEntryReader(source, context.Budget);
        _entries = ZipDirectory.Read(source).ToDictionary(e => e.Name, StringComparer.Ordinal);
        _top = TopFolder();
        CheckVersion();
        _isBigEndian = ReadSmall("byteorder") is { } order && order switch
        {
            "little" => false,
            "big" => true,
            _ => throw source.Refuse(null, $"the record 'byteorder' says '{order}' instead of little or big."),
        };
    }

    /// <summary>Reads the values of a file.</summary>
    public static object? Read(ByteSource source, CheckpointReadOptions options) =>
        PickleFinish.Read(source, options, ReadObject);

    /// <summary>Reads the object of a file and the storages it refers to, unfinished.</summary>
    public static object? ReadObject(ByteSource source, PickleContext context) =>
        new TorchZipReader(source, context).Run();

    private object? Run()
    {
        ZipEntry entry = _entries[_top + "data.pkl"];
        var pickle = new MemoryByteSource(_reader.Read(entry), $"{_source.Name} ({entry.Name})");
        var input = new PickleInput(pickle);
        object? value = PickleMachine.Run(input, _context with { PersistentLoad = LoadStorage });
        if (input.Position != pickle.Length)
            throw pickle.Refuse(input.Position, $"the pickle ends here, but {pickle.Length - input.Position} bytes " +
                "follow it.");

        ReadStorages();
        return value;
    }

    private string TopFolder()
    {
        if (_entries.Count == 0)
            throw _source.Refuse(null, "the ZIP archive is empty. It is not a PyTorch file.");

        string first = _entries.Keys.First();
        string top = first[..(first.IndexOf('/', StringComparison.Ordinal) + 1)];
        string? stray = _entries.Keys.FirstOrDefault(name => !name.StartsWith(top, StringComparison.Ordinal));
        if (_entries.Keys.Any(n => n.StartsWith(top + "code/", StringComparison.Ordinal)) ||
            _entries.ContainsKey(top + "constants.pkl"))
        {
            throw _source.Refuse(null, "this is a TorchScript program, not a weight file. Save its state_dict() with " +
                "torch.save instead.");
        }

        if (top.Length == 0 || stray is not null || !_entries.ContainsKey(top + "data.pkl"))
        {
            string names = string.Join(", ", _entries.Keys.Take(5).Select(n => $"'{CheckpointValue.Shorten(n)}'"));
            throw _source.Refuse(null, "the ZIP archive is not a PyTorch file: one folder with a record 'data.pkl' " +
                $"is expected, but it holds {names}{(_entries.Count > 5 ? ", …" : "")}.");
        }

        return top;
    }

    private void CheckVersion()
    {
        string? version = ReadSmall("version");
        if (version is null)
            throw _source.Refuse(null, "the PyTorch file lacks its record 'version'; it is incomplete.");

        if (!int.TryParse(version, NumberStyles.None, CultureInfo.InvariantCulture, out int number) ||
            number is < 1 or > NewestVersion)
        {
            throw _source.Refuse(
                null, $"the PyTorch file has format version '{version}'; versions 1 to {NewestVersion} are read.");
        }
    }

    private string? ReadSmall(string name)
    {
        if (!_entries.TryGetValue(_top + name, out ZipEntry? entry))
            return null;

        return entry.Size <= 64
            ? Encoding.Latin1.GetString(_reader.Read(entry).Span).Trim()
            : throw _source.Refuse(
                entry.DataOffset, $"the record '{name}' should be a short text, but has {entry.Size} bytes.");
    }

    // ("storage", class, key, location, element count)
    private StorageSlice LoadStorage(CheckpointTuple id, long offset)
    {
        StorageId storage = StorageId.Parse(id, _source, offset);
        if (!_entries.TryGetValue($"{_top}data/{storage.Key}", out ZipEntry? entry))
            throw _source.Refuse(
                offset, $"a tensor refers to the record 'data/{CheckpointValue.Shorten(storage.Key)}', which the " +
                "file lacks.");

        if (entry.Size != storage.Length)
        {
            throw _source.Refuse(entry.DataOffset, $"record '{entry.Name}' has {entry.Size} bytes, but its tensors " +
                $"were declared with {storage.Length}.");
        }

        if (!_storages.TryGetValue(storage.Key, out StorageRecord? record))
        {
            _context.Budget.Take(128, offset, "a storage");
            _storages.Add(storage.Key, record = new StorageRecord(storage.ElementType, entry.Size));
        }
        else if (_isBigEndian && record.ElementType != storage.ElementType)
        {
            throw _source.Refuse(offset, $"record '{entry.Name}' is big-endian and used with two element types.");
        }

        return new StorageSlice(record, storage.ElementType, 0, record.Length);
    }

    private void ReadStorages()
    {
        var wanted = _storages.Select(s => (Entry: _entries[$"{_top}data/{s.Key}"], Record: s.Value)).ToList();
        ReadAll(wanted, job => job.Record.Bytes = Order(job.Entry, job.Record, _reader.Read(job.Entry)));

        var used = wanted.Select(w => w.Entry.Name).Append(_top + "data.pkl").ToHashSet(StringComparer.Ordinal);
        foreach (ZipEntry entry in _entries.Values.Where(e => !used.Contains(e.Name)))
            _reader.Verify(entry);
    }

    private ReadOnlyMemory<byte> Order(ZipEntry entry, StorageRecord record, ReadOnlyMemory<byte> bytes)
    {
        if (!_isBigEndian)
            return bytes;

        ElementType type = record.ElementType
            ?? throw _source.Refuse(entry.DataOffset, $"record '{entry.Name}' is big-endian and untyped.");
        return Strided.SwapBytes(bytes.Span, type.SizeInBytes());
    }

    // Compressed records share the memory budget and are read one after another.
    private void ReadAll(
        List<(ZipEntry Entry, StorageRecord Record)> jobs, Action<(ZipEntry Entry, StorageRecord Record)> run)
    {
        const long WorthThreads = 1 << 22;
        int threads = Math.Min(MostThreads, Environment.ProcessorCount);
        if (threads == 1 || _source.IsInMemory || jobs.Sum(j => j.Entry.Size) < WorthThreads ||
            jobs.Any(j => j.Entry.IsDeflated))
        {
            jobs.ForEach(run);
            return;
        }

        try
        {
            Parallel.ForEach(jobs, new ParallelOptions { MaxDegreeOfParallelism = threads }, run);
        }
        catch (AggregateException e) when (
            e.InnerExceptions.OfType<CheckpointFormatException>().FirstOrDefault() is { } refusal)
        {
            throw new CheckpointFormatException(refusal);
        }
    }
}
