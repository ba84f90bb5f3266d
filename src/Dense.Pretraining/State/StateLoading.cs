using Dense.Checkpoints;
using Dense.Checkpoints.Conversion;

namespace Dense.Pretraining.State;

/// <summary>Matches a file's names against a model's, by name.</summary>
internal static class StateLoading
{
    private const string Wrapper = "module.";

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
        StateEntry[] all = [.. entries];
        LoadReport names = LoadReport.Compare(
            all.Select(e => new TensorLayout(e.Name, e.Shape)),
            state.Select(e => TensorLayout.Of(e.Key, e.Value)),
            ResNetLayout.IsCounter);

        var matched = names.Matched.ToHashSet(StringComparer.Ordinal);
        foreach (StateEntry entry in all.Where(e => matched.Contains(e.Name)))
            entry.Write(state[entry.Name]);

        return new StateLoadReport(names, warnings);
    }
}
