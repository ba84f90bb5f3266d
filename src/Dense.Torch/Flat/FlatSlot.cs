namespace Dense.Torch.Flat;

/// <summary>Where one parameter lies in a flat buffer.</summary>
/// <param name="Name">Its checkpoint name.</param>
/// <param name="Trainable">Whether it learns.</param>
/// <param name="Offset">Index of its first value.</param>
/// <param name="Length">Number of its values.</param>
/// <param name="Shape">Its shape.</param>
public sealed record FlatSlot(string Name, bool Trainable, long Offset, long Length, IReadOnlyList<long> Shape);
