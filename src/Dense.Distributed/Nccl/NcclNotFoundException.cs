namespace Dense.Distributed.Nccl;

/// <summary>NCCL or the CUDA driver is not there, or cannot be used. The message names the remedy.</summary>
public sealed class NcclNotFoundException : Exception
{
    /// <summary>Creates the exception.</summary>
    public NcclNotFoundException(string message)
        : base(message)
    {
    }
}
