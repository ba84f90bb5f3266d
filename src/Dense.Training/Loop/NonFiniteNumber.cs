namespace Dense.Training.Loop;

/// <summary>A number of a training step that is not finite (R11).</summary>
/// <param name="Name">A loss, or <see cref="StepNumbers.GradientNorm"/>.</param>
/// <param name="Value">It: NaN or an infinity.</param>
/// <param name="Rank">The rank that has it.</param>
public sealed record NonFiniteNumber(string Name, double Value, int Rank);
