namespace Dense.Training.Data.Loading;

/// <summary>An image that could not be used.</summary>
/// <param name="Index">Its index in the source.</param>
/// <param name="Name">Its name.</param>
/// <param name="Reason">What is wrong with it; names the file.</param>
public sealed record DamagedImage(int Index, string Name, string Reason);
