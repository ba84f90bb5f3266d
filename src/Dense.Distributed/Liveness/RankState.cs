namespace Dense.Distributed.Liveness;

/// <summary>What a <see cref="RankBoard"/> knows of a rank.</summary>
/// <param name="Process">Its process number; 0 before it signed on.</param>
/// <param name="Finished">Whether it has done its work.</param>
/// <param name="Silence">Time since its last sign of life.</param>
/// <param name="Operation">The number of the operation that it came to last; 0 for none.</param>
/// <param name="OperationText">That operation in words.</param>
public readonly record struct RankState(
    int Process, bool Finished, TimeSpan Silence, long Operation, string OperationText)
{
    /// <summary>Such as <c>process 4711, last in operation 57, sum of Float32 [1024]</c>.</summary>
    public override string ToString() =>
        $"process {Process}, {(Operation == 0 ? "before its first operation" : $"last in {OperationText}")}";
}
