namespace Dense.Training.Detection.Data.Sampling;

/// <summary>An endless sequence of image indices, the same on every rank.</summary>
internal interface IIndexStream
{
    /// <summary>The next index.</summary>
    int Next();
}
