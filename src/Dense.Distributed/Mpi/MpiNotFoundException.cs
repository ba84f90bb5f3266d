namespace Dense.Distributed.Mpi;

/// <summary>Open MPI is not there, or cannot be used. The message names the remedy.</summary>
public sealed class MpiNotFoundException : Exception
{
    /// <summary>Creates the exception.</summary>
    public MpiNotFoundException(string message)
        : base(message)
    {
    }
}
