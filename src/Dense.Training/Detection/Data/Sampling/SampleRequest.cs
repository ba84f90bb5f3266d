namespace Dense.Training.Detection.Data.Sampling;

/// <summary>An image to load.</summary>
/// <param name="Position">Its position in the stream of all ranks, which keys its random draws.</param>
/// <param name="Index">Which image.</param>
internal readonly record struct SampleRequest(long Position, int Index);
