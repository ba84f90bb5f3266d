using Dense.Checkpoints;

namespace Dense.Training.Detection.Checkpointing;

/// <summary>
/// Where a learning-rate schedule stands (E-67, E-68). Its shape is not part of it: that comes from the configuration.
/// </summary>
/// <param name="BaseRates">The rate of each optimizer group that the schedule multiplies.</param>
/// <param name="Advances">Completed advances: one more than the index of the last step (<c>last_epoch</c>).</param>
public sealed record ScheduleRecord(IReadOnlyList<double> BaseRates, long Advances)
{
    private const string RatesKey = "base_lrs";
    private const string AdvancesKey = "last_epoch";

    /// <summary>Reads a state of PyTorch's schedulers; other fields of it do not matter.</summary>
    /// <exception cref="CheckpointFormatException">A field is missing or of another type.</exception>
    internal static ScheduleRecord? Of(CheckpointMap? map) => map is null
        ? null
        : new ScheduleRecord([.. map.GetList(RatesKey).Select((_, i) => Rate(map, i))], map.GetInt64(AdvancesKey));

    /// <summary>The state as PyTorch's schedulers have it.</summary>
    internal CheckpointMap ToMap() => new()
    {
        { RatesKey, BaseRates.Select(rate => (object?)rate).ToList() },
        { AdvancesKey, Advances },
    };

    // A whole number may have been written as an int; the map's own accessor accepts both and words the error.
    private static double Rate(CheckpointMap map, int index)
    {
        var one = new CheckpointMap { { RatesKey, map.GetList(RatesKey)[index] } };
        return one.GetDouble(RatesKey);
    }
}
