using Dense.Checkpoints;

namespace Dense.Pretraining.State;

/// <summary>Matches a file's names against a model's, by name.</summary>
internal static class StateLoading
{
    private const string Wrapper = "module.";
    private const string Counter = ".num_batches_tracked";

    /// <summary>Drops the <c>module.</c> that a distributed wrapper puts before every name.</summary>
    public static Dictionary<string, TensorRecord> Unwrapped(IReadOnlyDictionary<string, TensorRecord> state)
    {
        bool wrapped = state.Count > 0 && state.Keys.All(k => k.StartsWith(Wrapper, StringComparison.Ordinal));
        return state.ToDictionary(e => wrapped ? e.Key[Wrapper.Length..] : e.Key, e => e.Value, StringComparer.Ordinal);
    }

    /// <summary>Writes what matches. Counters that old files lack do not count as missing (P-69).</summary>
    public static StateLoadReport Load(
        IEnumerable<StateEntry> entries,
        IReadOnlyDictionary<string, TensorRecord> state,
        IReadOnlyList<string> warnings)
    {
        List<string> loaded = [], missing = [], mismatched = [];
        var left = state.Keys.ToHashSet(StringComparer.Ordinal);
        foreach (StateEntry entry in entries)
        {
            left.Remove(entry.Name);
            if (!state.TryGetValue(entry.Name, out TensorRecord? record))
            {
                if (!entry.Name.EndsWith(Counter, StringComparison.Ordinal))
                    missing.Add(entry.Name);
            }
            else if (!record.Shape.SequenceEqual(entry.Shape))
            {
                mismatched.Add($"{entry.Name}: [{string.Join(", ", record.Shape)}] in the file, "
                    + $"[{string.Join(", ", entry.Shape)}] in the model");
            }
            else
            {
                entry.Write(record);
                loaded.Add(entry.Name);
            }
        }

        return new StateLoadReport(loaded, missing, [.. state.Keys.Where(left.Contains)], mismatched, warnings);
    }
}
