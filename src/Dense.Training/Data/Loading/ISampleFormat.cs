namespace Dense.Training.Data.Loading;

/// <summary>What the loader makes of one image: how large a sample is, and who decodes it.</summary>
public interface ISampleFormat
{
    /// <summary>The shape of one sample, such as 2×3×224×224; a batch has one dimension more in front.</summary>
    IReadOnlyList<long> Shape { get; }

    /// <summary>Whether batches carry the labels of the source.</summary>
    bool HasLabels { get; }

    /// <summary>Creates a decoder for one worker thread.</summary>
    ISampleDecoder CreateDecoder();
}
