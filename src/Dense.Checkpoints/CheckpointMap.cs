using System.Collections;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Numerics;

namespace Dense.Checkpoints;

/// <summary>
/// A Python <c>dict</c> or <c>OrderedDict</c>: keys in the order in which they were added, each with a checkpoint
/// value.
/// </summary>
/// <remarks>
/// A checkpoint value is one of: null, <see cref="bool"/>, <see cref="long"/>, <see cref="BigInteger"/> (beyond 64
/// bits), <see cref="double"/>, <see cref="string"/>, a <see cref="byte"/> array, a list (<see cref="List{T}"/> of
/// values), <see cref="CheckpointTuple"/>, <see cref="CheckpointMap"/>, <see cref="TensorRecord"/> or
/// <see cref="OpaqueValue"/>. Keys are strings, integers (stored as <see cref="long"/>), booleans, null, or short
/// tuples of these.
/// </remarks>
[SuppressMessage("Naming", "CA1710", Justification = "A map is what it is.")]
public sealed class CheckpointMap : IReadOnlyCollection<KeyValuePair<object, object?>>
{
    // Python's None as a key: .NET dictionaries have no null key.
    internal static readonly OpaqueValue NullKey = new("None");

    private readonly OrderedDictionary<object, object?> _entries = new(CheckpointKeyComparer.Instance);

    /// <summary>
    /// Whether Python sees an <c>OrderedDict</c>, as PyTorch's state dictionaries are, or a plain <c>dict</c>.
    /// </summary>
    public bool IsOrderedDict { get; init; }

    /// <summary>
    /// The <c>_metadata</c> attribute that PyTorch hangs on a state dictionary (module versions), if any.
    /// </summary>
    public CheckpointMap? Metadata { get; set; }

    /// <summary>Number of entries.</summary>
    public int Count => _entries.Count;

    /// <summary>The keys, in order.</summary>
    public IReadOnlyList<object> Keys => _entries.Keys;

    /// <summary>The values, in order.</summary>
    public IReadOnlyList<object?> Values => _entries.Values;

    /// <summary>The entries whose value is a tensor and whose key is a string, in order.</summary>
    public IEnumerable<KeyValuePair<string, TensorRecord>> Tensors
    {
        get
        {
            foreach (var (key, value) in _entries)
            {
                if (key is string name && value is TensorRecord tensor)
                    yield return new(name, tensor);
            }
        }
    }

    /// <summary>Where the map stands: the file, then the path of keys. Error messages begin with it.</summary>
    internal string Location { get; set; } = "checkpoint";

    /// <summary>
    /// Gets a value, or adds or replaces one. Getting a key that is absent is an error that lists the keys.
    /// </summary>
    public object? this[object? key]
    {
        get => TryGetValue(key, out object? value) ? value : throw Missing(key);
        set => _entries[Normalize(key)] = value;
    }

    /// <summary>Adds an entry; for collection initialisers.</summary>
    /// <exception cref="ArgumentException">The key is present.</exception>
    public void Add(object? key, object? value) => _entries.Add(Normalize(key), value);

    /// <summary>Whether the key is present.</summary>
    public bool ContainsKey(object? key) => _entries.ContainsKey(Normalize(key));

    /// <summary>Gets a value if the key is present.</summary>
    public bool TryGetValue(object? key, out object? value) => _entries.TryGetValue(Normalize(key), out value);

    /// <summary>Gets a value if the key is present and of the type.</summary>
    public bool TryGet<T>(object? key, [NotNullWhen(true)] out T? value)
        where T : class
    {
        value = TryGetValue(key, out object? found) ? found as T : null;
        return value is not null;
    }

    /// <summary>The map under the key.</summary>
    /// <exception cref="CheckpointFormatException">Absent, or not a map.</exception>
    public CheckpointMap GetMap(object? key) => this[key] as CheckpointMap ?? throw Unexpected(key, "a map");

    /// <summary>The tensor under the key.</summary>
    /// <exception cref="CheckpointFormatException">Absent, or not a tensor.</exception>
    public TensorRecord GetTensor(object? key) => this[key] as TensorRecord ?? throw Unexpected(key, "a tensor");

    /// <summary>The list or tuple under the key.</summary>
    /// <exception cref="CheckpointFormatException">Absent, or neither list nor tuple.</exception>
    public IReadOnlyList<object?> GetList(object? key) =>
        this[key] as IReadOnlyList<object?> ?? throw Unexpected(key, "a list");

    /// <summary>The text under the key.</summary>
    /// <exception cref="CheckpointFormatException">Absent, or not text.</exception>
    public string GetString(object? key) => this[key] as string ?? throw Unexpected(key, "text");

    /// <summary>The whole number under the key.</summary>
    /// <exception cref="CheckpointFormatException">Absent, or not a whole number of 64 bits.</exception>
    public long GetInt64(object? key) => this[key] switch
    {
        long value => value,
        int value => value,
        _ => throw Unexpected(key, "a whole number"),
    };

    /// <summary>
    /// The number under the key; whole numbers count, because Python writes 0 for 0.0 where the user did.
    /// </summary>
    /// <exception cref="CheckpointFormatException">Absent, or not a number.</exception>
    public double GetDouble(object? key) => this[key] switch
    {
        double value => value,
        float value => value,
        long value => value,
        int value => value,
        _ => throw Unexpected(key, "a number"),
    };

    /// <summary>The truth value under the key.</summary>
    /// <exception cref="CheckpointFormatException">Absent, or not a boolean.</exception>
    public bool GetBool(object? key) => this[key] is bool value ? value : throw Unexpected(key, "true or false");

    /// <inheritdoc/>
    public IEnumerator<KeyValuePair<object, object?>> GetEnumerator() => _entries.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => _entries.GetEnumerator();

    internal void SetAt(int index, object? value) => _entries.SetAt(index, value);

    private static object Normalize(object? key) => key switch
    {
        int number => (long)number,
        null => NullKey,
        _ => key,
    };

    private CheckpointFormatException Missing(object? key)
    {
        string found = string.Join(", ", Keys.Take(10).Select(k => $"'{k}'"));
        string more = Count > 10 ? $" and {(Count - 10).ToString("N0", CultureInfo.InvariantCulture)} more" : "";
        return new(
            Location, Count == 0 ? $"no entry '{key}': it is empty." : $"no entry '{key}'; it holds {found}{more}.");
    }

    private CheckpointFormatException Unexpected(object? key, string expected) =>
        new(Location, $"'{key}' should be {expected}, but is {CheckpointValue.Describe(this[key])}.");
}
