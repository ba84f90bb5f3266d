namespace Dense.Training.Detection.Settings;

/// <summary>FLOAT32_PRECISION: how exact float32 products on CUDA are (E-24).</summary>
public enum MatmulPrecision
{
    /// <summary><c>""</c>: the library's defaults.</summary>
    LibraryDefault,

    /// <summary><c>highest</c>: no TF32.</summary>
    Highest,

    /// <summary><c>high</c>.</summary>
    High,

    /// <summary><c>medium</c>.</summary>
    Medium,
}
