namespace Dense.Training.Detection.Loop;

/// <summary>In which type a training step computes; parameters are always float32 (E-84).</summary>
public enum TrainingNumbers
{
    /// <summary>float32 throughout.</summary>
    Float32,

    /// <summary>Products and convolutions in float16, with a scaled loss; CUDA only.</summary>
    Float16,

    /// <summary>Products and convolutions in bfloat16, which needs no scale.</summary>
    BFloat16,
}
